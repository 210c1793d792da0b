"""What a performance reviewer looks for in Python code: above all, work that a loop repeats.

Every rule takes the source and one place in it, and yields what it sees there.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from course_lib.simulation.model.skills.code_source import (
    COMPREHENSIONS,
    FUNCTIONS,
    LOOPS,
    Loop,
    Observation,
    Source,
    Spot,
    dotted,
    names_in,
    shown,
)

_TEXT_CALLS = frozenset(
    {"str", "format", "join", "strip", "ljust", "rjust", "center", "upper", "lower", "replace", "hex", "repr"}
)
_LIST_CALLS = frozenset({"list", "sorted", "split", "splitlines", "readlines", "rsplit", "findall"})
_FETCHES = re.compile(
    r"(?:^|\.)(?:requests|session|httpx|client|http)\.(?:get|post|put|head|request)$|^urllib\.request\.urlopen$"
)
_LOOKS_UP = re.compile(r"\.(?:objects\.get|query\.get|find_one|get_object_or_404)$")
_CHEAP = frozenset(
    {
        "len",
        "str",
        "int",
        "float",
        "bool",
        "isinstance",
        "issubclass",
        "repr",
        "id",
        "type",
        "print",
        "next",
        "iter",
        "hash",
        "ord",
        "chr",
        "callable",
        "hasattr",
        "getattr",
        "setattr",
        "range",
        "enumerate",
        "zip",
        "tuple",
        "super",
        "abs",
        "min",
        "max",
        "open",
        "set",
        "list",
        "dict",
        "round",
        "format",
        "ValueError",
        "TypeError",
        "KeyError",
        "RuntimeError",
        "sorted",
        "reversed",
        "map",
        "filter",
        "sum",
        "any",
        "all",
        "vars",
        "iscoroutine",
        "bytes",
        "bytearray",
        "memoryview",
    }
)


def observe(source: Source) -> Iterator[Observation]:
    """Everything that a performance reviewer may say about a source, in source order."""
    for place in source.places:
        for rule in _RULES.get(type(place.node), ()):
            yield from rule(source, place)


def _text_grows(source: Source, place: Spot):
    if not place.loops or not isinstance(place.node.op, ast.Add) or not isinstance(place.node.target, ast.Name):
        return
    name = place.node.target.id
    is_text = _is_text(place.node.value) or any(_is_text(value) for value in source.values_of(name, place))
    if is_text and name not in _fresh_in(place.loops[-1]):
        yield Observation(
            place.line, "medium", f"`{name} +=` copies the whole text in every round; collect parts and join them.", 0.1
        )
    elif isinstance(place.node.value, ast.Constant):
        yield Observation(place.line, "low", f"`{name} +=` in a loop may copy ever more.", 0.03, certain=False)


@lru_cache(maxsize=4096)
def _fresh_in(loop: Loop) -> frozenset[str]:
    """Names that start anew in every round of a loop."""
    return frozenset(
        target.id
        for statement in getattr(loop, "body", ())
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id not in names_in(statement.value)
    )


def _is_text(node: ast.AST) -> bool:
    # A long sum leans to the left: walk down there instead of calling itself a thousand times.
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        if isinstance(node.op, ast.Add) and not isinstance(node.right, ast.BinOp) and _is_text(node.right):
            return True
        node = node.left
    if isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str):
        return True
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _TEXT_CALLS


def _list_grows(source: Source, place: Spot):
    if not place.loops or len(place.node.targets) != 1 or not isinstance(place.node.value, ast.BinOp):
        return
    target, value = place.node.targets[0], place.node.value
    if isinstance(target, ast.Name) and isinstance(value.op, ast.Add) and target.id not in _fresh_in(place.loops[-1]):
        sides = (value.left, value.right)
        if any(dotted(side) == target.id for side in sides) and any(
            isinstance(side, (ast.List, ast.ListComp)) for side in sides
        ):
            yield Observation(
                place.line, "medium", f"`{target.id} = {target.id} + [...]` copies the whole list in every round.", 0.1
            )


def _searches_list(source: Source, place: Spot):
    if not place.loops or not isinstance(place.node.ops[0], (ast.In, ast.NotIn)):
        return
    searched = place.node.comparators[0]
    if isinstance(searched, ast.Name) and place.function and searched.id not in _fresh_in(place.loops[-1]):
        values = source.bindings.get((id(place.function), searched.id), [])
        if values and all(_is_list(value) for value in values):
            yield Observation(
                place.line, "medium", f"`in {searched.id}` searches a list in every round; a set answers at once.", 0.13
            )
        elif not values:
            yield Observation(place.line, "low", f"`in {searched.id}` may search a long list.", 0.04, certain=False)


def _is_list(node: ast.AST) -> bool:
    if isinstance(node, ast.List):
        return not node.elts or len(node.elts) > 8
    return (
        isinstance(node, ast.ListComp)
        or isinstance(node, ast.Call)
        and dotted(node.func).rpartition(".")[2] in _LIST_CALLS
    )


def _looks_up_keys(source: Source, place: Spot):
    searched = place.node.comparators[0]
    if isinstance(place.node.ops[0], (ast.In, ast.NotIn)) and isinstance(searched, ast.Call) and not searched.args:
        if isinstance(searched.func, ast.Attribute) and searched.func.attr == "keys":
            yield Observation(
                place.line, "low", f"`in {shown(searched)}` needs no .keys(): the mapping itself is faster.", 0.1
            )


def _compiles_pattern(source: Source, place: Spot):
    name = source.called(place.node)
    if not place.loops or not place.node.args:
        return
    if name == "re.compile" and not _varies(place.node, place.loops):
        yield Observation(
            place.line, "low", "re.compile() is called anew in every round; compile the pattern once.", 0.12
        )
    elif name in ("re.match", "re.search", "re.sub", "re.findall"):
        yield Observation(place.line, "low", f"{name}() compiles its pattern in every round.", 0.06, certain=False)


def _repeats_loop(source: Source, place: Spot):
    outer = [loop for loop in place.loops if not isinstance(loop, ast.While)]
    inner = place.node.generators if isinstance(place.node, COMPREHENSIONS) else [place.node]
    for number, loop in enumerate(inner):
        around = outer + list(inner[:number])
        name = _looped_over(loop)
        if name and any(_looped_over(other) == name for other in around):
            yield Observation(
                _line_of(loop, place),
                "medium",
                f"Two nested loops run over `{name}`: the time grows with the square of its length.",
                0.12,
            )


def _looped_over(loop: Loop) -> str:
    """The collection that a loop walks through: "paths" for `paths`, `range(len(paths))` and `paths.items()` alike."""
    node = loop.iter
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "keys", "values") and not node.args:
            node = node.func.value
        elif (
            isinstance(node.func, ast.Name)
            and node.func.id in ("range", "len", "enumerate", "list", "sorted")
            and len(node.args) == 1
        ):
            node = node.args[0]
        else:
            return ""
    name = dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
    return "" if "?" in name else name


def _line_of(loop: Loop, place: Spot) -> int:
    return loop.target.lineno if isinstance(loop, ast.comprehension) else place.line


def _searches_by_loop(source: Source, place: Spot):
    """A loop in a loop whose only job is to find the partner of the outer loop's item."""
    outer = [loop for loop in place.loops if isinstance(loop, (ast.For, ast.AsyncFor))]
    body = place.node.body
    if not outer or len(body) != 1 or not isinstance(body[0], ast.If) or not isinstance(body[0].test, ast.Compare):
        return
    test, mine, theirs = body[0].test, names_in(place.node.target), names_in(outer[-1].target)
    if (
        isinstance(test.ops[0], ast.Eq)
        and mine & names_in(test)
        and theirs & names_in(test)
        and not _varies(place.node.iter, place.loops)
    ):
        yield Observation(
            place.line,
            "medium",
            f"Every round searches all of `{shown(place.node.iter)}`; build a dictionary first.",
            0.15,
        )


def _reads_whole_file(source: Source, place: Spot):
    node = place.node.iter
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "readlines"
        and not node.args
    ):
        yield Observation(
            place.line, "low", "readlines() holds the whole file in memory; loop over the file itself.", 0.12
        )


def _opens_again(source: Source, place: Spot):
    if place.loops and dotted(place.node.func) == "open" and place.node.args and not _varies(place.node, place.loops):
        if any(isinstance(loop, (ast.For, ast.AsyncFor)) for loop in place.loops):
            yield Observation(
                place.line, "medium", f"`{shown(place.node.args[0])}` is opened anew in every round.", 0.15
            )


def _sleeps(source: Source, place: Spot):
    if place.loops and source.called(place.node) == "time.sleep":
        yield Observation(
            place.line, "medium", "time.sleep() in a loop keeps everything else waiting in every round.", 0.12
        )


def _sorts_again(source: Source, place: Spot):
    name, call = dotted(place.node.func), place.node
    if not place.loops or isinstance(place.loops[-1], ast.While):
        return
    is_sort = (
        name == "sorted"
        and call.args
        or isinstance(call.func, ast.Attribute)
        and call.func.attr == "sort"
        and not call.args
    )
    what = call.args[0] if name == "sorted" and call.args else getattr(call.func, "value", None)
    if is_sort and isinstance(what, (ast.Name, ast.Attribute)) and not _varies(what, place.loops, ignoring=call):
        yield Observation(
            place.line, "medium", f"`{shown(what)}` is sorted again in every round; sort it once before the loop.", 0.15
        )


def _asks_per_item(source: Source, place: Spot):
    name = source.called(place.node)
    if not any(isinstance(loop, (ast.For, ast.AsyncFor, ast.comprehension)) for loop in place.loops):
        return
    if name.endswith(".execute") and place.node.args:
        query = shown(place.node.args[0], 200)
        severity = "high" if re.search(r"\bselect\b", query, re.I) else "medium"
        yield Observation(
            place.line, severity, "One query per round: ask the database once for all items (N+1 queries).", 0.13
        )
    elif _LOOKS_UP.search(name):
        yield Observation(place.line, "high", f"{name}() asks the database once per round (N+1 queries).", 0.13)
    elif _FETCHES.search(name):
        yield Observation(place.line, "medium", f"{name}() waits for one request after the other.", 0.18)
    elif name.endswith(".commit"):
        yield Observation(
            place.line, "medium", "Every round writes its own transaction; commit once after the loop.", 0.18
        )


def _shifts_list(source: Source, place: Spot):
    call = place.node
    if (
        not place.loops
        or not isinstance(call.func, ast.Attribute)
        or not call.args
        or dotted(call.func).startswith("sys.path.")
    ):
        return
    at_front = (
        isinstance(call.args[0], ast.Constant) and call.args[0].value == 0 and not isinstance(call.args[0].value, bool)
    )
    if at_front and (
        call.func.attr == "pop" and len(call.args) == 1 or call.func.attr == "insert" and len(call.args) == 2
    ):
        yield Observation(
            place.line,
            "medium",
            f"`{shown(call.func)}(0…)` moves the whole list in every round; a deque does not.",
            0.13,
        )


def _counts_again(source: Source, place: Spot):
    call = place.node
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("count", "index") or len(call.args) != 1:
        return
    counted = dotted(call.func.value)
    if any(not isinstance(loop, ast.While) and _looped_over(loop) == counted for loop in place.loops):
        yield Observation(
            place.line,
            "medium",
            f"`{counted}.{call.func.attr}()` goes through all of `{counted}` in every round.",
            0.13,
        )


def _copies_deeply(source: Source, place: Spot):
    if place.loops and source.called(place.node) in ("copy.deepcopy", "deepcopy"):
        yield Observation(place.line, "medium", "deepcopy() in a loop copies everything in every round.", 0.15)


def _grows_frame(source: Source, place: Spot):
    if place.loops and source.called(place.node) in ("pandas.concat", "pd.concat", "numpy.append", "np.append"):
        yield Observation(
            place.line,
            "high",
            f"{dotted(place.node.func)}() copies all rows in every round; collect them and join once.",
            0.12,
        )


def _repeats_call(source: Source, place: Spot):
    """A call in an inner loop that depends on the outer loop only."""
    loops = [loop for loop in place.loops if isinstance(loop, (ast.For, ast.AsyncFor))]
    call = place.node
    if len(loops) < 2 or call.keywords or not call.args or isinstance(place.parent, ast.Expr):
        return
    if not isinstance(call.func, ast.Name) or call.func.id in _CHEAP or call.func.id[:1].isupper():
        return
    if all(isinstance(part, ast.Name) and part.id in names_in(loops[-2].target) for part in call.args):
        if not _varies(call, loops[-1:]):
            yield Observation(place.line, "medium", f"`{shown(call)}` is worked out again in every inner round.", 0.2)


def _branches_twice(source: Source, place: Spot):
    function = place.node
    if any("cache" in dotted(part.func if isinstance(part, ast.Call) else part) for part in function.decorator_list):
        return
    for part in ast.walk(function):
        if (
            isinstance(part, ast.BinOp)
            and isinstance(part.op, ast.Add)
            and all(_calls_smaller(side, function.name) for side in (part.left, part.right))
        ):
            yield Observation(
                part.lineno,
                "high",
                f"{function.name}() calls itself twice for every step: the time doubles with each.",
                0.18,
            )
            return


def _calls_smaller(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and dotted(node.func).rpartition(".")[2] == name
        and any(isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Sub) for argument in node.args)
    )


def _varies(node: ast.AST, loops: tuple[Loop, ...], ignoring: ast.AST | None = None) -> bool:
    """Whether an expression can differ from round to round of the innermost loop."""
    return bool(names_in(node) & _varying(loops[-1], id(ignoring) if ignoring else 0)) if loops else False


@lru_cache(maxsize=4096)
def _varying(loop: Loop, ignored: int = 0) -> frozenset[str]:
    """The names whose values may change from round to round: the loop's own, and all that follow from them."""
    names = names_in(loop.target) if hasattr(loop, "target") else set()
    assigned = []
    for part in (part for statement in getattr(loop, "body", ()) for part in ast.walk(statement)):
        if isinstance(part, ast.Assign):
            assigned += [(target, part.value) for target in part.targets]
        elif isinstance(part, (ast.AnnAssign, ast.NamedExpr)) and part.value:
            assigned.append((part.target, part.value))
        elif isinstance(part, ast.AugAssign):
            names |= {_base(part.target)}
        elif isinstance(part, (*LOOPS, ast.withitem)):
            names |= names_in(part.target if hasattr(part, "target") else part.optional_vars or ast.Pass())
        elif isinstance(part, ast.Delete):
            names |= {_base(target) for target in part.targets}
        elif (
            isinstance(part, ast.Expr)
            and isinstance(part.value, ast.Call)
            and isinstance(part.value.func, ast.Attribute)
        ):
            if id(part.value) != ignored:
                names |= {_base(part.value.func)}
    names |= {_base(target) for target, _ in assigned if isinstance(target, (ast.Subscript, ast.Attribute))}
    grown = True
    while grown:
        more = {
            name
            for target, value in assigned
            if names_in(value) & names or _is_call_without_names(value)
            for name in names_in(target)
        }
        grown = not more <= names
        names |= more
    return frozenset(names)


def _is_call_without_names(value: ast.AST) -> bool:
    """`read()` or `queue.pop(0)`: nothing says that it gives the same again."""
    return isinstance(value, ast.Call) and (not value.args or isinstance(value.func, ast.Attribute))


def _base(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


_RULES = {
    ast.AugAssign: (_text_grows,),
    ast.Assign: (_list_grows,),
    ast.Compare: (_searches_list, _looks_up_keys),
    ast.Call: (
        _compiles_pattern,
        _opens_again,
        _sleeps,
        _sorts_again,
        _asks_per_item,
        _shifts_list,
        _counts_again,
        _copies_deeply,
        _grows_frame,
        _repeats_call,
    ),
    ast.For: (_repeats_loop, _searches_by_loop, _reads_whole_file),
    **dict.fromkeys(COMPREHENSIONS, (_repeats_loop,)),
    **dict.fromkeys(FUNCTIONS, (_branches_twice,)),
}

"""Python source as a reviewer sees it: its tree, what each part stands in, and what its names stand for."""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

Loop = ast.For | ast.AsyncFor | ast.While | ast.comprehension
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
LOOPS = (ast.For, ast.AsyncFor, ast.While)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_LOOKS_LIKE_CODE = re.compile(
    r"^\s*(?:(?:async\s+)?def |class |import \w|from [\w.]+ import|@\w|return\b|(?:if|for|while|with|elif|try|else|except)\b.*:\s*$|"
    r"[\w.\[\]'\"]+\s*[-+*/|]?=\s*\S|[\w.]+\(.*\)?\s*$|[)\]}]+,?\s*$)"
)


@dataclass(frozen=True)
class Observation:
    """Something a reviewer may report. Not `certain`: a false alarm, true at first sight only."""

    line: int
    severity: str
    message: str
    difficulty: float
    certain: bool = True


@dataclass(frozen=True)
class Spot:
    """A node and what it stands in; `loops` are those of the same function, the innermost last."""

    node: ast.AST
    parents: tuple[ast.AST, ...]
    function: FunctionNode | None
    loops: tuple[Loop, ...]

    @property
    def parent(self) -> ast.AST | None:
        return self.parents[-1] if self.parents else None

    @property
    def line(self) -> int:
        return self.node.lineno


@dataclass
class Source:
    """A text read as Python. `tree` is None when it does not parse; `broken_line` then says where."""

    text: str
    tree: ast.Module | None = None
    broken_line: int = 0
    is_python: bool = True
    imported: dict[str, str] = field(default_factory=dict)

    @cached_property
    def places(self) -> tuple[Spot, ...]:
        """Every node with its surroundings, in source order."""
        return tuple(_places(self.tree)) if self.tree else ()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(re.split(r"\r\n|\r|\n", self.text))  # Python's own idea of a line, unlike splitlines()

    @cached_property
    def bindings(self) -> dict[tuple[int, str], list[ast.expr]]:
        """The values assigned to each name, by (id of the function or 0, name)."""
        found: dict[tuple[int, str], list[ast.expr]] = {}
        for place in self.places:
            for name, value in _assigned(place.node):
                found.setdefault((id(place.function) if place.function else 0, name), []).append(value)
        return found

    def values_of(self, name: str, place: Spot) -> list[ast.expr]:
        """What a name was assigned in the function around a place, or else in the module."""
        return self.bindings.get((id(place.function), name)) or self.bindings.get((0, name), [])

    def called(self, node: ast.AST) -> str:
        """The full name of what a call calls: `run(...)` after `from subprocess import run` gives "subprocess.run"."""
        if not isinstance(node, ast.Call):
            return ""
        name = dotted(node.func)
        head, dot, rest = name.partition(".")
        return self.imported.get(head, head) + dot + rest


@lru_cache(maxsize=64)
def read_source(text: str) -> Source:
    """A text as Python source; never raises. A part of a file, indented as a whole, is read too."""
    tree, broken_line = _parsed(text)
    if tree is None:
        dedented, _ = _parsed(textwrap.dedent(text))
        tree = dedented
    if tree is None:
        return Source(text, broken_line=broken_line, is_python=_looks_like_code(text))
    return Source(text, tree, is_python=_does_something(tree), imported=_imported(tree))


def _parsed(text: str) -> tuple[ast.Module | None, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), 0
    except SyntaxError as error:
        return None, error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return None, 1


def _looks_like_code(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and sum(bool(_LOOKS_LIKE_CODE.match(line)) for line in lines) / len(lines) > 0.4


def _does_something(tree: ast.Module) -> bool:
    """Whether a tree is code at all: single words and quoted text parse too, but nobody wrote them as a program."""
    return any(
        not isinstance(statement, (ast.Expr, ast.AnnAssign)) or isinstance(statement.value, (ast.Call, ast.Await))
        for statement in tree.body
    )


def _imported(tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    names[alias.asname] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _places(tree: ast.Module) -> Iterator[Spot]:
    # A stack instead of recursion: a long chain of operators is nested deeper than Python's own stack.
    stack = [Spot(tree, (), None, ())]
    while stack:
        place = stack.pop()
        yield place
        stack.extend(reversed(list(_children(place))))


def _children(place: Spot) -> Iterator[Spot]:
    node, parents = place.node, (*place.parents[-12:], place.node)
    repeated = _repeated_parts(node)
    for part, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, (ast.expr_context, ast.operator, ast.cmpop)):
                continue
            loops = (*place.loops, *repeated.get(part, ()))
            if part == "generators":
                loops = (*place.loops, *_generators_before(node, child))
            if isinstance(node, (*FUNCTIONS, ast.Lambda)) and part == "body":
                yield Spot(child, parents, node if isinstance(node, FUNCTIONS) else place.function, ())
            else:
                yield Spot(child, parents, place.function, () if isinstance(node, ast.ClassDef) else loops)


def _repeated_parts(node: ast.AST) -> dict[str, tuple[Loop, ...]]:
    """Which parts of a node run many times: a loop's body but not what it loops over."""
    if isinstance(node, ast.While):
        return {"body": (node,), "test": (node,)}
    if isinstance(node, LOOPS):
        return {"body": (node,)}
    if isinstance(node, ast.comprehension):
        return {"ifs": (node,)}
    if isinstance(node, COMPREHENSIONS):
        return dict.fromkeys(("elt", "key", "value"), tuple(node.generators))
    return {}


def _generators_before(node: ast.AST, child: ast.AST) -> tuple[Loop, ...]:
    return tuple(node.generators[: node.generators.index(child)])


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def dotted(node: ast.AST) -> str:
    """A name with its dots, such as "os.path.join"; "?" stands for what is no name: `a().b` gives "?.b"."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def shown(node: ast.AST, longest: int = 40) -> str:
    """A piece of code as a message quotes it, cut when it is long; the same on every Python."""
    if any(isinstance(part, ast.JoinedStr) for part in ast.walk(node)):
        return "…"  # Python 3.12 quotes formatted strings in another way
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def names_in(node: ast.AST) -> set[str]:
    """The names that an expression reads or writes."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a call's keyword argument."""
    return next((entry.value for entry in call.keywords if entry.arg == name), None)


def is_constant(node: ast.AST | None, value) -> bool:
    """Whether a node is exactly this constant (True is not 1)."""
    return isinstance(node, ast.Constant) and node.value is value


def parameters(function: FunctionNode | ast.Lambda) -> list[ast.arg]:
    """All parameters of a function in order, without `self` and `cls`."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [argument for argument in every if argument and argument.arg not in ("self", "cls")]

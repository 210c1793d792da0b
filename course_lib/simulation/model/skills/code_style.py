"""What a style reviewer looks for in Python code, read from its tree and its tokens.

Every rule takes the source and one place in it, and yields what it sees there.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from course_lib.simulation.model.skills.code_source import (
    FUNCTIONS,
    LOOPS,
    Observation,
    Source,
    Spot,
    dotted,
    names_in,
    parameters,
)

LONGEST_LINE, LONGEST_FUNCTION, MOST_PARAMETERS, DEEPEST = 120, 60, 6, 4

# Names that few people ever need as the built-in, such as `id`, are left alone.
_BUILTINS = frozenset(
    "list dict set str int float tuple bytes max min sum len filter map range sorted any all hash iter next object open print zip".split()
)
_CAMEL = re.compile(r"^_{0,2}[a-z]+[a-z0-9]*[A-Z]")
_CODE_COMMENT = re.compile(
    r"^#\s*(?:\w+(?:\.\w+)*\s*=\s*\w|(?:return|import|from|print|if|for)\b.*[()=:\]]\s*$|\w+(?:\.\w+)+\(.*\)$)"
)
_NESTING = (*LOOPS, ast.If, ast.Try, ast.With, ast.AsyncWith)
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def observe(source: Source) -> Iterator[Observation]:
    """Everything that a style reviewer may say about a source."""
    for place in source.places:
        for rule in _RULES.get(type(place.node), ()):
            yield from rule(source, place)
    yield from _unused_imports(source)
    yield from _long_lines(source)
    yield from _tokens(source)


def _docstring(source: Source, place: Spot):
    node = place.node
    is_public = not node.name.startswith("_") and isinstance(place.parent, (ast.Module, ast.ClassDef))
    inside_private = any(isinstance(parent, ast.ClassDef) and parent.name.startswith("_") for parent in place.parents)
    lines = (node.end_lineno or node.lineno) - node.lineno
    if (
        not is_public
        or inside_private
        or ast.get_docstring(node, clean=False) is not None
        or lines < 3
        or node.name.startswith("test")
    ):
        return
    yield Observation(place.line, "low", f"{node.name}() is public and has no docstring.", 0.15 if lines > 8 else 0.22)


def _long_function(source: Source, place: Spot):
    lines = (place.node.end_lineno or place.line) - place.line + 1
    if lines > LONGEST_FUNCTION:
        yield Observation(
            place.line, "medium", f"{place.node.name}() is {lines} lines long.", 0.06 if lines > 100 else 0.15
        )
    elif lines > 0.7 * LONGEST_FUNCTION:
        yield Observation(place.line, "low", f"{place.node.name}() is rather long.", 0.1, certain=False)


def _many_parameters(source: Source, place: Spot):
    count = len(parameters(place.node))
    if count > MOST_PARAMETERS:
        yield Observation(
            place.line, "low", f"{place.node.name}() takes {count} arguments.", 0.08 if count > 8 else 0.14
        )
    elif count > MOST_PARAMETERS - 2:
        yield Observation(place.line, "low", f"{place.node.name}() takes too many arguments.", 0.06, certain=False)


def _names(source: Source, place: Spot):
    name = place.node.name
    if _CAMEL.search(name) and not name.startswith(("visit_", "test", "setUp", "tearDown")):
        yield Observation(place.line, "low", f"{name}() is in camelCase; Python writes functions_like_this.", 0.1)


def _class_name(source: Source, place: Spot):
    if re.match(r"^_*[a-z]", place.node.name) and ("_" in place.node.name.strip("_") or place.node.name.islower()):
        yield Observation(place.line, "low", f"The class {place.node.name} should be written LikeThis.", 0.12)


def _parameter_names(source: Source, place: Spot):
    for argument in parameters(place.node):
        if argument.arg in _BUILTINS:
            yield Observation(
                argument.lineno, "low", f"The parameter `{argument.arg}` hides the built-in {argument.arg}().", 0.14
            )
        elif argument.arg in ("l", "O", "I"):
            yield Observation(argument.lineno, "low", f"`{argument.arg}` is easily taken for a number.", 0.14)
        elif len(argument.arg) == 1:
            yield Observation(argument.lineno, "low", f"`{argument.arg}` says little.", 0.05, certain=False)


def _mutable_default(source: Source, place: Spot):
    arguments = place.node.args
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if (
            isinstance(default, (ast.List, ast.Dict, ast.Set))
            or isinstance(default, ast.Call)
            and dotted(default.func) in ("list", "dict", "set")
        ):
            yield Observation(
                default.lineno, "medium", "A mutable default is shared by all calls of the function.", 0.1
            )


def _deep_nesting(source: Source, place: Spot):
    todo = [(statement, 1) for statement in place.node.body]
    while todo:
        statement, depth = todo.pop(0)
        if isinstance(statement, _NESTING) and depth > DEEPEST:
            yield Observation(statement.lineno, "medium", f"{place.node.name}() nests its blocks {depth} deep.", 0.15)
            return
        for part in ("body", "orelse", "finalbody"):
            # `elif` is an if in the else of an if, and no deeper for the reader.
            is_elif = (
                part == "orelse"
                and isinstance(statement, ast.If)
                and len(statement.orelse) == 1
                and isinstance(statement.orelse[0], ast.If)
            )
            if not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                todo += [
                    (child, depth + (isinstance(statement, _NESTING) and not is_elif))
                    for child in getattr(statement, part, ())
                ]


def _unused_variables(source: Source, place: Spot):
    function, read, written = place.node, set(), {}
    for part in ast.walk(function):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
            read.add(part.id)
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            read.update(part.names)
        elif isinstance(part, ast.Assign):
            for target in part.targets:
                if isinstance(target, ast.Name):
                    written.setdefault(target.id, target.lineno)
        elif isinstance(part, ast.AugAssign):
            read |= names_in(part.target)
        elif isinstance(part, ast.ClassDef):
            return  # the names in its body are attributes
    if "locals" in read or "eval" in read or "exec" in read:
        return
    for name, line in written.items():
        if name not in read and not name.startswith("_"):
            yield Observation(line, "low", f"The variable `{name}` is never used.", 0.2)


def _hidden_builtin(source: Source, place: Spot):
    for target in place.node.targets:
        if isinstance(target, ast.Name) and target.id in _BUILTINS and not isinstance(place.parent, ast.ClassDef):
            yield Observation(place.line, "low", f"The variable `{target.id}` hides the built-in {target.id}().", 0.14)


def _ambiguous_name(source: Source, place: Spot):
    for target in place.node.targets:
        if isinstance(target, ast.Name) and target.id in ("l", "O", "I"):
            yield Observation(place.line, "low", f"`{target.id}` is easily taken for a number.", 0.14)


def _named_lambda(source: Source, place: Spot):
    if isinstance(place.node.value, ast.Lambda) and isinstance(place.node.targets[0], ast.Name):
        yield Observation(place.line, "low", f"`{place.node.targets[0].id}` is a lambda with a name; write def.", 0.12)


def _except(source: Source, place: Spot):
    handler = place.node
    swallows = all(isinstance(statement, ast.Pass) for statement in handler.body)
    if handler.type is None and not any(
        isinstance(part, ast.Raise) for statement in handler.body for part in ast.walk(statement)
    ):
        yield Observation(
            place.line, "medium", "A bare except also catches KeyboardInterrupt and every typing mistake.", 0.06
        )
    elif handler.type is not None and dotted(handler.type) in ("Exception", "BaseException") and swallows:
        yield Observation(place.line, "medium", f"`except {dotted(handler.type)}: pass` hides every error.", 0.12)
    elif handler.type is not None and dotted(handler.type) == "Exception":
        yield Observation(place.line, "low", "except Exception may catch too much.", 0.08, certain=False)


def _wildcard(source: Source, place: Spot):
    if any(alias.name == "*" for alias in place.node.names):
        yield Observation(
            place.line,
            "medium",
            f"`from {'.' * place.node.level}{place.node.module or ''} import *` hides where names come from.",
            0.05,
        )


def _comparison(source: Source, place: Spot):
    for operator, right in zip(place.node.ops, place.node.comparators, strict=True):
        if isinstance(operator, (ast.Eq, ast.NotEq)) and isinstance(right, ast.Constant):
            sign = "==" if isinstance(operator, ast.Eq) else "!="
            if right.value is None:
                yield Observation(
                    place.line, "low", f"`{sign} None` should be `is{' not' * (sign == '!=')} None`.", 0.07
                )
            elif right.value is True or right.value is False:
                yield Observation(place.line, "low", f"`{sign} {right.value}` says what the value says itself.", 0.08)
        elif (
            isinstance(operator, (ast.Eq, ast.NotEq))
            and isinstance(place.node.left, ast.Call)
            and dotted(place.node.left.func) == "type"
        ):
            yield Observation(place.line, "low", "Comparing type() ignores subclasses; use isinstance().", 0.12)


def _not_in(source: Source, place: Spot):
    inner = place.node.operand
    if (
        isinstance(place.node.op, ast.Not)
        and isinstance(inner, ast.Compare)
        and len(inner.ops) == 1
        and isinstance(inner.ops[0], (ast.In, ast.Is))
    ):
        word = "in" if isinstance(inner.ops[0], ast.In) else "is"
        better = "not in" if word == "in" else "is not"
        yield Observation(place.line, "low", f"`not … {word}` reads better as `{better}`.", 0.1)


def _global(source: Source, place: Spot):
    yield Observation(
        place.line, "low", f"`global {', '.join(place.node.names)}` lets the function change the module.", 0.1
    )


def _unclosed_file(source: Source, place: Spot):
    parent = place.parent
    if dotted(place.node.func) == "open" and isinstance(parent, (ast.Attribute, *LOOPS)):
        yield Observation(place.line, "low", "The file is opened without `with` and never closed.", 0.15)


def _unreachable(source: Source, place: Spot):
    for part in ("body", "orelse"):
        statements = getattr(place.node, part, ())
        for before, after in pairwise(statements) if isinstance(statements, list) else ():
            if isinstance(before, _ENDS) and not _is_yield(after):
                yield Observation(after.lineno, "medium", "This line is never reached.", 0.14)
                break


def _is_yield(statement: ast.AST) -> bool:
    """A yield behind a return is never reached either, but turns its function into a generator."""
    return any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in ast.walk(statement))


def _unused_imports(source: Source) -> Iterator[Observation]:
    used = {place.node.id for place in source.places if isinstance(place.node, ast.Name)}
    quoted = {
        word
        for place in source.places
        if isinstance(place.node, ast.Constant)
        and isinstance(place.node.value, str)
        and len(place.node.value) < 200
        and not isinstance(place.parent, (ast.Expr, ast.JoinedStr))
        for word in re.findall(r"\w+", place.node.value)
    }
    for place in source.places:
        if not isinstance(place.node, (ast.Import, ast.ImportFrom)) or any(
            isinstance(parent, ast.Try) for parent in place.parents
        ):
            continue
        if isinstance(place.node, ast.ImportFrom) and place.node.module == "__future__":
            continue
        for alias in place.node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name not in used | quoted and name != "*" and alias.name != alias.asname:
                yield Observation(place.line, "low", f"The import `{alias.name}` is not used.", 0.16)


def _long_lines(source: Source) -> Iterator[Observation]:
    for number, line in enumerate(source.lines, 1):
        if len(line) > LONGEST_LINE:
            yield Observation(number, "low", f"The line has {len(line)} characters.", 0.06)


def _tokens(source: Source) -> Iterator[Observation]:
    if source.tree is None:
        return
    before = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.OP and token.string == ";":
                yield Observation(token.start[0], "low", "Two statements share a line.", 0.12)
            elif (
                token.type == tokenize.COMMENT
                and before in (None, tokenize.NL, tokenize.NEWLINE)
                and _CODE_COMMENT.match(token.string)
            ):
                yield Observation(token.start[0], "low", "A comment seems to hold old code.", 0.1, certain=False)
            before = token.type
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return  # part of a file, indented as a whole: its tree was read, its tokens can't be


def _one_line_block(source: Source, place: Spot):
    body = place.node.body
    if (
        body
        and body[0].lineno == place.line
        and not isinstance(body[0], FUNCTIONS)
        and not isinstance(place.node, ast.ClassDef)
    ):
        if not (isinstance(place.node, FUNCTIONS) and isinstance(body[0], ast.Expr)):
            yield Observation(place.line, "low", "Two statements share a line.", 0.12)


_BLOCKS = (ast.Module, *FUNCTIONS, *LOOPS, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.ExceptHandler)
_FUNCTION_RULES = (
    _docstring,
    _long_function,
    _many_parameters,
    _names,
    _parameter_names,
    _mutable_default,
    _deep_nesting,
    _unused_variables,
    _unreachable,
)
_RULES = {
    **dict.fromkeys(_BLOCKS, (_unreachable,)),
    **dict.fromkeys((ast.If, *LOOPS), (_unreachable, _one_line_block)),
    **dict.fromkeys(FUNCTIONS, _FUNCTION_RULES),
    ast.ExceptHandler: (_except, _unreachable),
    ast.Lambda: (_mutable_default,),
    ast.ClassDef: (_class_name,),
    ast.Assign: (_hidden_builtin, _ambiguous_name, _named_lambda),
    ast.Compare: (_comparison,),
    ast.UnaryOp: (_not_in,),
    ast.Global: (_global,),
    ast.ImportFrom: (_wildcard,),
    ast.Call: (_unclosed_file,),
}

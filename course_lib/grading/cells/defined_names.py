"""Which names a cell defines and which it needs, read without running it."""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

_FUNCTION = r"^(?:async[ \t]+)?(?:def|class)[ \t]+([^\W\d]\w*)"
_VARIABLE = r"^([^\W\d]\w*)[ \t]*(?::[^=\n]+)?=(?!=)"
_DEFINITION = re.compile(f"{_FUNCTION}|{_VARIABLE}", re.M)


@lru_cache(maxsize=4096)  # the pages' own cells come back with every submission
def defined_names(source: str) -> frozenset[str]:
    """The names that a cell binds at its top level: functions, classes, variables, imports.

    A cell that Python can't read is scanned line by line, so that a syntax error does not hide whose answer it is.

    >>> sorted(defined_names("import math\\nasync def read_all(ask): ...\\nlimit: int = 3"))
    ['limit', 'math', 'read_all']
    >>> sorted(defined_names("def read_all(ask:\\n    return 1"))
    ['read_all']
    """
    tree = _parsed(source)
    if tree is None:
        return frozenset(function or variable for function, variable in _DEFINITION.findall(source))
    return frozenset(name for statement in tree.body for name in _bound_by(statement))


@lru_cache(maxsize=4096)
def needed_names(source: str) -> frozenset[str]:
    """The names that a cell reads but neither binds anywhere nor finds among Python's own."""
    tree = _parsed(source)
    if tree is None:
        return frozenset()
    loaded, bound = set(), set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        else:
            bound.update(_bound_by(node))
    return frozenset(loaded - bound)


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound_by(node: ast.AST) -> list[str]:
    """The names that one statement binds in the scope it stands in."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if _is_stored(name)]
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return []


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)

"""Cases that ask what happened on the wire, and whose figure the kernel has touched: a grader would have to believe it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nbformat import NotebookNode

from course_lib.grading.cells.notebooks import CHECK, HIDDEN_CHECK, role, task_of

FROM_THE_LOG = frozenset(
    ("seconds", "calls", "peak_in_flight", "prompts", "replies", "cancelled", "input_tokens", "output_tokens")
)
"""What `observe` takes from the log; an answer or an error is the function's own word."""


def unseen_warnings(executed: NotebookNode, emitted_by: dict[str, dict]) -> list[str]:
    """A sentence for every case that reads the log through `observe`, and whose stored reference is not marked as seen.

    emitted_by: what each check cell emitted, by the cell's id.
    """
    functions, warnings = _functions_in(executed), []
    for cell in executed.cells:
        if role(cell) not in (CHECK, HIDDEN_CHECK) or cell.id not in emitted_by:
            continue
        unseen = {case["name"] for case in emitted_by[cell.id]["cases"] if not case.get("seen")}
        for name, compute in _cases_in(cell.source):
            fields = _log_fields(compute, functions)
            if name in unseen and fields:
                warnings.append(
                    f"The case {name!r} of task {task_of(cell)} works on {_listed(fields)} from `observe`, so a grader must "
                    "believe the kernel; let the case give `observe(..., want=...)` itself, or a list of such values."
                )
    return warnings


def _listed(fields: set[str]) -> str:
    return " and ".join(f"`{field}`" for field in sorted(fields))


def _tree(source: str) -> ast.AST:
    try:
        return compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:  # a cell with a magic; nobody's check
        return ast.Module([], [])


def _functions_in(notebook: NotebookNode) -> dict[str, ast.AST]:
    """The functions that the notebook's cells define, by name."""
    trees = [_tree(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {node.name: node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            named |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    return named


def _cases_in(source: str) -> Iterator[tuple[str, ast.AST]]:
    """(name, what it computes) of every `case("name", ...)` that is written out."""
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "case" and len(node.args) > 1:
            name, compute = node.args[:2]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, compute


def _log_fields(compute: ast.AST, functions: dict[str, ast.AST]) -> set[str]:
    """The fields of the log that this works on, by way of the functions that it calls; none if it never comes to `observe`."""
    reached, waiting, observes, fields = set(), [compute], False, set()
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Name):
                observes |= node.id == "observe"
                if node.id in functions and node.id not in reached:
                    reached.add(node.id)
                    waiting.append(functions[node.id])
            elif isinstance(node, ast.Constant) and node.value in FROM_THE_LOG:
                fields.add(node.value)
            elif isinstance(node, ast.Attribute) and node.attr in FROM_THE_LOG:
                fields.add(node.attr)
    return fields if observes else set()

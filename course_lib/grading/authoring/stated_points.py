"""The points that a notebook's own words promise, beside those that its checks give."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from nbformat import NotebookNode

_TASK = re.compile(r"\bTask (\d+\.\d+)|^(\d+\.\d+)\b")
_HEADING = re.compile(r"^#+ .*\bTask (\d+\.\d+)(?!\d|\.\d)", re.M)
_LINE = re.compile(r"^difficulty .*· (\d+(?:\.\d+)?) points?\b", re.M)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TOTAL = re.compile(r"\b(total|sum|all|together|altogether)\b", re.IGNORECASE)


def points_of(payloads: list[dict]) -> dict[str, float]:
    """The points of every task, visible and hidden cases together."""
    points: dict[str, float] = defaultdict(float)
    for payload in payloads:
        for case in payload["cases"]:
            points[payload["task"]] += case["points"]
    return dict(points)


def points_problems(notebook: NotebookNode, points: dict[str, float]) -> list[str]:
    """Where the notebook's tables and headings promise other points than its checks give, and points that no mark can show."""
    whole = sum(points.values())
    problems = [
        f"The points of task {task} sum up to {total!r}; give its cases points with at most two decimals."
        for task, total in points.items()
        if round(total, 2) != total
    ]
    for task, stated in _stated(notebook):
        given = whole if task is None else points.get(task, 0)
        if stated != given:
            what = "the whole exercise" if task is None else f"task {task}"
            problems.append(
                f"The notebook promises {stated:g} points for {what}, and its checks give {given:g}; make the two agree."
            )
    return problems


def _stated(notebook: NotebookNode) -> Iterator[tuple[str | None, float]]:
    """(task, or None for the whole; points) for every number that the Markdown cells state."""
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        heading, line = _HEADING.search(cell.source), _LINE.search(cell.source)
        if heading and line:
            yield heading[1], float(line[1])
        yield from _in_tables(cell.source)


def _in_tables(text: str) -> Iterator[tuple[str | None, float]]:
    column = None
    for line in text.splitlines():
        cells = [cell.strip().strip("*_` ") for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            column = None
        elif column is None:
            column = next((place for place, cell in enumerate(cells) if cell.lower() == "points"), -1)
        elif 0 <= column < len(cells) and (number := _NUMBER.fullmatch(cells[column])):
            first = _TASK.search(cells[0].lstrip("["))
            if first:
                yield first[1] or first[2], float(number[0])
            elif _TOTAL.search(cells[0]):
                yield None, float(number[0])

"""The table of grades: a row for every submission, and no cell that a spreadsheet would execute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.grading.cells.marks import SubmissionMark, write_whole
from course_lib.grading.reports.student_words import number

# The wide forms are what East Asian keyboards type and spreadsheets read as the narrow ones.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_grades(path: Path, marks: Sequence[SubmissionMark]) -> None:
    """One row per submission: student, exercise, points of each task, total, out of, status, remarks."""
    tasks = sorted({task.task for mark in marks for task in mark.tasks}, key=_natural)
    rows = [["student", "exercise", *tasks, "total", "out of", "status", "remarks"]]
    for mark in marks:
        earned = {task.task: number(task.earned) for task in mark.tasks}
        row = [mark.student, mark.exercise, *(earned.get(task, "") for task in tasks), number(mark.earned)]
        rows.append([*row, number(mark.points), mark.status, " ".join(mark.remarks)])
    write_whole(path, as_csv(rows))


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The rows as comma-separated text, none of whose cells is a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_as_cell, row) for row in rows)
    return text.getvalue()


def _as_cell(text: str) -> str:
    """Text that a spreadsheet shows and doesn't execute as a formula; some programs drop blanks before they look.

    A lone carriage return would end the row in some of them, so it becomes a line break, which is quoted.
    """
    text = re.sub("\r\n?", "\n", text)
    risky = text != "-" and text.lstrip(" ").startswith(_STARTS_FORMULA)
    return f"'{text}" if risky else text


def _natural(task: str) -> list[tuple[int, str]]:
    """Tasks in the order of people: 1.2 before 1.10."""
    return [(int(digits or 0), word) for digits, word in re.findall(r"(\d+)|(\D+)", task)]

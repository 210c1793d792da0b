"""The table of grades, and the same in the columns that Canvas and Moodle import; no cell that a spreadsheet would execute.

Canvas finds students by ID, otherwise by name, and an assignment by its title: rename a column to the title, or to
`title (number)` as Canvas exports it, before you import. Moodle's worksheet belongs to one assignment and finds
students by Identifier, which stands in the names of the files that Moodle exports.

Who handed in nothing has an empty cell there, not a zero: what that costs is the platform's own rule.

Source: instructure/canvas-lms, lib/gradebook_importer.rb; moodle/moodle, mod/assign/gradingtable.php and
mod/assign/feedback/offline/importgradeslib.php.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course_lib.grading.cells.marks import MISSING, NOT_GRADED, UNKNOWN, SubmissionMark, write_whole
from course_lib.grading.collecting.lms_names import CANVAS, MOODLE
from course_lib.grading.collecting.safe_names import safe_names
from course_lib.grading.reports.student_words import number, opening, run_tasks, score, state

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
_POINTS_POSSIBLE = "    Points Possible"  # with the blanks that Canvas itself writes
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
    write_whole(path, _as_csv(rows))


def _natural(task: str) -> list[tuple[int, str]]:
    """Tasks in the order of people: 1.2 before 1.10."""
    return [(int(digits or 0), word) for digits, word in re.findall(r"(\d+)|(\D+)", task)]


def write_lms_tables(folder: Path, marks: Sequence[SubmissionMark]) -> None:
    """`canvas.csv` for all exercises, and for Moodle `moodle.csv`, or `moodle-<exercise>.csv` each if there are several."""
    write_whole(folder / "canvas.csv", canvas_table(marks))
    exercises = _exercises(marks)
    files = safe_names(exercises)
    for exercise in exercises:
        name = "moodle.csv" if len(exercises) == 1 else f"moodle-{files[exercise]}.csv"
        write_whole(folder / name, moodle_table([mark for mark in marks if mark.exercise == exercise]))


def canvas_table(marks: Sequence[SubmissionMark]) -> str:
    """One row per student with a column for each exercise, under a row of the points that each is worth."""
    exercises = _exercises(marks)
    worth = {exercise: max(mark.points for mark in marks if mark.exercise == exercise) for exercise in exercises}
    rows = [[*CANVAS_COLUMNS, *exercises], [_POINTS_POSSIBLE, *[""] * 4, *(number(worth[name]) for name in exercises)]]
    students: dict[str, dict[str, SubmissionMark]] = {}
    for mark in marks:
        if mark.exercise in exercises:
            students.setdefault(mark.student, {})[mark.exercise] = mark
    for student, own in students.items():
        ids = sorted(mark.platform_id for mark in own.values() if mark.platform == CANVAS)
        grades = [_grade(own[exercise]) if exercise in own else "" for exercise in exercises]
        rows.append([student, ids[0] if ids else "", "", "", "", *grades])
    return _as_csv(rows)


def moodle_table(marks: Sequence[SubmissionMark]) -> str:
    """The offline grading worksheet of one exercise."""
    rows = [MOODLE_COLUMNS]
    for mark in marks:
        participant = f"Participant {mark.platform_id}" if mark.platform == MOODLE and mark.platform_id else ""
        grades = [_moodle_status(mark), _grade(mark), f"{mark.points:.2f}", "Yes"]
        rows.append([participant, mark.student, "", *grades, "-", "-", _comment(mark)])
    return _as_csv(rows)


def _exercises(marks: Sequence[SubmissionMark]) -> list[str]:
    return sorted({mark.exercise for mark in marks if mark.status != UNKNOWN})


def _grade(mark: SubmissionMark) -> str:
    return "" if mark.status in (MISSING, NOT_GRADED) else number(mark.earned)


def _moodle_status(mark: SubmissionMark) -> str:
    if mark.status == MISSING:
        return "No submission"
    return "Submitted for grading" + (" - late" if mark.late else "")


def _comment(mark: SubmissionMark) -> str:
    """Where the student stands, in a few sentences; the whole of it is on the feedback page."""
    tasks = [f"Task {task.task}: {score(task)}, {state(task)}." for task in run_tasks(mark)]
    return " ".join([f"{score(mark)} points.", opening(mark), *mark.remarks, *tasks])


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
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

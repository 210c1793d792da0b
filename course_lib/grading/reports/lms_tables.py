"""Grades in the columns that Canvas and Moodle import.

Canvas finds students by ID, otherwise by name, and an assignment by its title: rename a column to the title, or to
`title (number)` as Canvas exports it, before you import. Moodle's worksheet belongs to one assignment and finds
students by Identifier, which stands in the names of the files that Moodle exports.

Who handed in nothing has an empty cell, not a zero: what that costs is the platform's own rule.

Source: instructure/canvas-lms, lib/gradebook_importer.rb; moodle/moodle, mod/assign/gradingtable.php and
mod/assign/feedback/offline/importgradeslib.php.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from course_lib.grading.cells.marks import MISSING, NOT_GRADED, UNKNOWN, SubmissionMark, write_whole
from course_lib.grading.collecting.lms_names import CANVAS, MOODLE
from course_lib.grading.collecting.safe_names import safe_names
from course_lib.grading.reports.grades_table import as_csv
from course_lib.grading.reports.student_words import number, opening, run_tasks, score, state

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)
_POINTS_POSSIBLE = "    Points Possible"  # with the blanks that Canvas itself writes


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
    return as_csv(rows)


def moodle_table(marks: Sequence[SubmissionMark]) -> str:
    """The offline grading worksheet of one exercise."""
    rows = [list(MOODLE_COLUMNS)]
    for mark in marks:
        known = mark.platform == MOODLE and mark.platform_id
        rows.append(
            [
                f"Participant {mark.platform_id}" if known else "",
                mark.student,
                "",
                _moodle_status(mark),
                _grade(mark),
                f"{mark.points:.2f}",
                "Yes",
                "-",
                "-",
                _comment(mark),
            ]
        )
    return as_csv(rows)


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

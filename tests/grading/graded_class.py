"""A class of six, marked by hand: one of each kind that a report has to tell of."""

from __future__ import annotations

from course_lib.grading.cells.marks import (
    CRASHED,
    FAILED,
    GRADED,
    MISSING,
    NOT_ATTEMPTED,
    OUT_OF_TIME,
    PASSED,
    TIMED_OUT,
    UNREADABLE,
    CaseMark,
    SubmissionMark,
    TaskMark,
)

EXERCISE = "01_calls"
SERIAL = "12 s is four calls one after another. Hint: Start every call before you await the first."


def graded_class() -> list[SubmissionMark]:
    """ada solved all, bob half of a task, cy ran out of time, dee's file is cut off, eve's is missing, fay's crashes."""
    ran = {"sandbox": "full", "handed_in": "class/01_calls.ipynb", "private_remarks": ["SECRET remark."]}
    return [
        SubmissionMark("ada", EXERCISE, GRADED, [], _tasks(PASSED, PASSED, PASSED), seconds=0.25, **ran),
        SubmissionMark("bob", EXERCISE, GRADED, [], _tasks(PASSED, FAILED, NOT_ATTEMPTED), seconds=0.5, **ran),
        SubmissionMark(
            "cy",
            EXERCISE,
            OUT_OF_TIME,
            ["The 15 seconds were over."],
            _tasks(TIMED_OUT, FAILED, PASSED),
            seconds=15,
            **ran,
        ),
        SubmissionMark("dee", EXERCISE, UNREADABLE, ["01_calls.ipynb is cut off."], _unmarked()),
        SubmissionMark("eve", EXERCISE, MISSING, ["Nothing was handed in."], _unmarked()),
        SubmissionMark(
            "fay", EXERCISE, GRADED, ["Handed in late."], _tasks(FAILED, FAILED, CRASHED), late=True, seconds=2, **ran
        ),
    ]


def _tasks(visible: str, hidden: str, last: str) -> list[TaskMark]:
    return [
        TaskMark(
            "1.1",
            "All at once",
            [_case("four", False, 1, visible, SERIAL), _case("unseen", True, 2, hidden, "It raised KeyError.")],
        ),
        TaskMark("1.2", "Total", [_case("three", False, 2, last, "Expected 6, but <b>5</b> came.")]),
    ]


def _case(name: str, hidden: bool, points: float, status: str, message: str) -> CaseMark:
    passed = status == PASSED
    return CaseMark(name, hidden, points, points if passed else 0, status, "" if passed else message)


def _unmarked() -> list[TaskMark]:
    return [
        TaskMark("1.1", "All at once", [CaseMark("four", False, 1), CaseMark("unseen", True, 2)]),
        TaskMark("1.2", "Total", [CaseMark("three", False, 2)]),
    ]

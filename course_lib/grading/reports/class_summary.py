"""What the marks of a class tell an instructor, as plain data: counts, and who is behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.grading.cells.marks import (
    CRASHED,
    GRADED,
    NOT_ATTEMPTED,
    NOT_REACHED,
    OUT_OF_TIME,
    PASSED,
    TIMED_OUT,
    SubmissionMark,
    TaskMark,
)
from course_lib.grading.reports.student_words import STATE_SIGNS, run_tasks, state


@dataclass(frozen=True)
class WrongAnswer:
    """One message of one task, and the students who got it, sorted."""

    task: str
    case: str
    hidden: bool
    message: str
    students: tuple[str, ...]


def states_per_task(marks: Sequence[SubmissionMark]) -> dict[str, dict[str, int]]:
    """For each task, how many submissions are in each state, in the order of STATE_SIGNS."""
    counts: dict[str, Counter] = {}
    for mark in marks:
        for task in run_tasks(mark):
            counts.setdefault(_label(task), Counter())[state(task)] += 1
    return {label: {word: found[word] for word in STATE_SIGNS} for label, found in counts.items()}


def _label(task: TaskMark) -> str:
    return f"{task.task} {task.title}".strip()


def tenths(marks: Sequence[SubmissionMark]) -> list[tuple[str, int]]:
    """How many submissions earned 0 to 9 % of their points, 10 to 19 %, …, 90 to 100 %."""
    counts = Counter(min(int(10 * mark.earned / mark.points), 9) for mark in marks if mark.points and run_tasks(mark))
    return [(f"{10 * place}–{10 * place + 9} %" if place < 9 else "90–100 %", counts[place]) for place in range(10)]


def wrong_answers(marks: Sequence[SubmissionMark]) -> list[WrongAnswer]:
    """The messages that students got, the most common first."""
    who: dict[tuple[str, str, bool, str], set[str]] = {}
    for mark in marks:
        for task in run_tasks(mark):
            for case in task.cases:
                if case.message and case.status not in (PASSED, NOT_ATTEMPTED, NOT_REACHED):
                    who.setdefault((task.task, case.name, case.hidden, case.message), set()).add(mark.student)
    answers = [WrongAnswer(*told, tuple(sorted(students))) for told, students in who.items()]
    return sorted(answers, key=lambda one: (-len(one.students), one.task, one.case, one.message))


def slowest(marks: Sequence[SubmissionMark], at_most: int) -> list[SubmissionMark]:
    """The submissions that took longest, the slowest first; none where nothing was timed."""
    timed = [mark for mark in marks if mark.seconds > 0]
    return sorted(timed, key=lambda mark: (-mark.seconds, mark.student, mark.exercise))[:at_most]


def stopped(marks: Sequence[SubmissionMark]) -> list[tuple[SubmissionMark, str]]:
    """The submissions that were not run to their end or whose kernel had to be started again, and at which tasks."""
    found = []
    for mark in marks:
        tasks = [f"{task.task} {kind}" for task in mark.tasks for kind in (CRASHED, TIMED_OUT) if _met(task, kind)]
        if mark.status in (OUT_OF_TIME, CRASHED) or tasks:
            found.append((mark, ", ".join(([mark.status] if mark.status != GRADED else []) + tasks)))
    return found


def _met(task: TaskMark, status: str) -> bool:
    return any(case.status == status for case in task.cases)


def worth_a_look(marks: Sequence[SubmissionMark]) -> list[SubmissionMark]:
    """The submissions that were late, couldn't be graded, or have a remark."""
    return [mark for mark in marks if mark.late or mark.status != GRADED or mark.remarks or mark.private_remarks]

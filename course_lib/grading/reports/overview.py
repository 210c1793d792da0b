"""The instructor's page: how the class did, what went wrong most often, and what needs a human's eye.

Everything on it is plain data first, made here of the marks; `templates/overview.html.j2` is the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
)
from course_lib.grading.reports.student_words import SOLVED, STATE_SIGNS, run_tasks, state
from course_lib.grading.reports.web_page import web_page
from course_lib.grading.sandbox.isolation_reached import isolation_reached

_MOST_ANSWERS = 25
_MOST_SLOW = 10


@dataclass(frozen=True)
class WrongAnswer:
    """One message of one task, and the students who got it, sorted."""

    task: str
    case: str
    hidden: bool
    message: str
    students: tuple[str, ...]


def overview_html(
    marks: Sequence[SubmissionMark],
    problems: Sequence[str] = (),
    files: Mapping[tuple[str, str], tuple[str, str]] | None = None,
) -> str:
    """The page of the whole class.

    problems: what is wrong with the collection and belongs to no student. files: the folder and file of each
    (student, exercise), to link to the students' pages.
    """
    levels = Counter(mark.sandbox for mark in marks if mark.sandbox)
    exercises = sorted({mark.exercise for mark in marks if run_tasks(mark)})
    return web_page(
        "overview",
        marks=marks,
        problems=problems,
        files=files or {},
        opening=_opening(marks),
        states=[f"{sign} {word}" for word, sign in STATE_SIGNS.items()],
        levels=[f"{level} for {count}" for level, count in sorted(levels.items())],
        isolation=isolation_reached(marks),
        remarked=worth_a_look(marks),
        exercises=[_exercise(name, [mark for mark in marks if mark.exercise == name]) for name in exercises],
        most_answers=_MOST_ANSWERS,
        slowest=slowest(marks, _MOST_SLOW),
        stopped=stopped(marks),
    )


def _opening(marks: Sequence[SubmissionMark]) -> list[str]:
    """How many submissions were graded, and how many not or late, and why."""
    statuses = Counter(mark.status for mark in marks)
    graded, students = statuses.pop(GRADED, 0), len({mark.student for mark in marks})
    late = sum(mark.late for mark in marks)
    return [
        f"{graded} of {len(marks)} submissions by {students} students graded",
        *(f"{count} {status}" for status, count in sorted(statuses.items())),
        *([f"{late} handed in late"] if late else []),
    ]


def _exercise(name: str, marks: Sequence[SubmissionMark]) -> dict:
    ran = [mark for mark in marks if run_tasks(mark)]
    states = states_per_task(ran)
    return {
        "name": name,
        "ran": len(ran),
        "states": states,
        "hardest": min(states, key=lambda task: states[task][SOLVED]),
        "half": sum(2 * mark.earned >= mark.points for mark in ran),
        "tenths": tenths(ran),
        "wrong": wrong_answers(ran),
    }


def states_per_task(marks: Sequence[SubmissionMark]) -> dict[str, dict[str, int]]:
    """For each task, how many submissions are in each state, in the order of STATE_SIGNS."""
    counts: dict[str, Counter] = {}
    for mark in marks:
        for task in run_tasks(mark):
            counts.setdefault(f"{task.task} {task.title}".strip(), Counter())[state(task)] += 1
    return {label: {word: found[word] for word in STATE_SIGNS} for label, found in counts.items()}


def tenths(marks: Sequence[SubmissionMark]) -> dict[str, int]:
    """How many submissions earned 0 to 9 % of their points, 10 to 19 %, …, 90 to 100 %."""
    counts = Counter(min(int(10 * mark.earned / mark.points), 9) for mark in marks if mark.points and run_tasks(mark))
    return {f"{10 * place}–{10 * place + 9 if place < 9 else 100} %": counts[place] for place in range(10)}


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
        met = [(task.task, {case.status for case in task.cases}) for task in mark.tasks]
        where = [f"{task} {end}" for task, statuses in met for end in (CRASHED, TIMED_OUT) if end in statuses]
        if where or mark.status == OUT_OF_TIME:
            found.append((mark, ", ".join(([mark.status] if mark.status != GRADED else []) + where)))
    return found


def worth_a_look(marks: Sequence[SubmissionMark]) -> list[SubmissionMark]:
    """The submissions that were late, couldn't be graded, or have a remark."""
    return [mark for mark in marks if mark.late or mark.status != GRADED or mark.remarks or mark.private_remarks]

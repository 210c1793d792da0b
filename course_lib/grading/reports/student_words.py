"""What a student is told about a submission: every word of the feedback page, as data.

Of a hidden check a student learns that it isn't passed yet and what its author says, never its name, its input or the
error that it met.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from course_lib.grading.cells.marking import HIDDEN_SENTENCE
from course_lib.grading.cells.marks import (
    CRASHED,
    FAILED,
    MISSING,
    NOT_ATTEMPTED,
    NOT_GRADED,
    NOT_REACHED,
    PASSED,
    TIMED_OUT,
    UNKNOWN,
    UNREADABLE,
    CaseMark,
    SubmissionMark,
    TaskMark,
)
from course_lib.grading.cells.splice import leans_on_own_cell

SIGNS = {PASSED: "✓", FAILED: "✗", NOT_ATTEMPTED: "○", NOT_REACHED: "…", TIMED_OUT: "✗", CRASHED: "✗"}

SOLVED, PARTLY, NOT_YET, NOT_TRIED, NOT_RUN = "solved", "partly solved", "not solved yet", "not attempted", "not run"
STATE_SIGNS = {SOLVED: "✓", PARTLY: "◐", NOT_YET: "✗", NOT_TRIED: "○", NOT_RUN: "…"}

_NEXT_STEPS = {
    PASSED: "Nothing is left to do here.",
    FAILED: "Change the answer cell, then run its check again: of the visible cases it tells the same as this page.",
    NOT_ATTEMPTED: "Start with the goal sentence above the task and its first hint.",
    NOT_REACHED: "Nothing is known about this part yet; mend what stopped the run first.",
    TIMED_OUT: "Run the check in the notebook, stop it with ■ and look at the line where it stopped.",
    CRASHED: "Restart the kernel, run the answer cell and its check alone, and watch where it ends.",
}
_ONLY_HIDDEN = "The visible checks pass. Try the answer on other inputs, too: empty ones, longer ones, unusual ones."
_OWN_CELL = (
    "Move what the answer uses into its cell. Then restart the kernel and run only the set-up cells, this answer cell "
    "and its check: now the check meets what the grader met."
)
# How the grader itself begins when it tells what a check met; an author's own message is anything else.
_GRADERS_OWN = re.compile(
    r"(It raised |It gave no value |The check |The value that came |Stopped after |Python itself ended |"
    r"The simulated API saw |Your answer cell )"
)
_HINT = "Hint: "


def number(points: float) -> str:
    """Points without needless zeros.

    >>> number(2.0), number(2.5)
    ('2', '2.5')
    """
    return f"{points:g}" if abs(points) < 1e6 else str(points)


def score(mark: SubmissionMark | TaskMark) -> str:
    """Earned points of all points, such as "5/8"."""
    return f"{number(mark.earned)}/{number(mark.points)}"


def opening(mark: SubmissionMark) -> str:
    """The first sentence: where the student stands.

    >>> opening(SubmissionMark("ada", "01", "missing"))
    'This exercise could not be graded yet.'
    """
    if not mark.tasks or mark.status in (MISSING, UNREADABLE, UNKNOWN, NOT_GRADED):
        return "This exercise could not be graded yet."
    done = sum(task.status == PASSED for task in mark.tasks)
    if done == len(mark.tasks):
        return "Every task is solved. Well done!"
    if done == 0 and mark.earned == 0:
        return "Nothing passes yet. Take the first task, its hint, and one case at a time."
    return f"{done} of {len(mark.tasks)} tasks {'is' if done == 1 else 'are'} solved; here is how to go on with the others."


def run_tasks(mark: SubmissionMark) -> list[TaskMark]:
    """The tasks to tell of: all, or none when nothing of the submission was ever run."""
    return mark.tasks if any(case.status != NOT_REACHED for task in mark.tasks for case in task.cases) else []


def state(task: TaskMark) -> str:
    """One of SOLVED, PARTLY, NOT_YET, NOT_TRIED and NOT_RUN, which tell no more than the points do.

    >>> state(TaskMark("1.1", "", [CaseMark("a", True, 1, 0, TIMED_OUT)]))
    'not solved yet'
    """
    seen = {case.status for case in task.cases}
    if seen == {PASSED}:
        return SOLVED
    if task.earned > 0:
        return PARTLY
    if seen <= {NOT_REACHED}:
        return NOT_RUN
    return NOT_TRIED if seen <= {NOT_ATTEMPTED, NOT_REACHED} else NOT_YET


def standing(mark: SubmissionMark) -> str:
    """Where an exercise stands, in a few words.

    >>> standing(SubmissionMark("ada", "01", MISSING))
    '… missing'
    """
    if not run_tasks(mark):
        return f"{STATE_SIGNS[NOT_RUN]} {mark.status}"
    solved = sum(state(task) == SOLVED for task in mark.tasks)
    return f"{solved} of {len(mark.tasks)} tasks solved" + (", handed in late" if mark.late else "")


def case_lines(task: TaskMark) -> list[tuple[str, str, str]]:
    """(sign, what the case is called, what to say) for every visible case, then one for all hidden ones together."""
    visible = [case for case in task.cases if not case.hidden]
    hidden = [case for case in task.cases if case.hidden]
    lines = [(SIGNS[case.status], case.name, _said(case, task)) for case in visible]
    if hidden:  # which of them fails would tell about their inputs
        name = "a hidden check" if len(hidden) == 1 else f"{len(hidden)} hidden checks"
        sentences = dict.fromkeys(sentence for case in hidden for sentence in _said_of_hidden(case, task))
        lines.append((SIGNS[TaskMark("", "", hidden).status], name, " ".join(sentences)))
    return lines


def _said(case: CaseMark, task: TaskMark) -> str:
    if case.status == PASSED or (task.note and case.message == task.note):  # the note stands above the cases already
        return ""
    return case.message or f"This case was {case.status}."


def _said_of_hidden(case: CaseMark, task: TaskMark) -> list[str]:
    """Sentences that tell nothing but the author's own words and the author's hint."""
    said = _said(case, task)
    if not said or case.status in (NOT_ATTEMPTED, NOT_REACHED):
        return [said] if said else []
    words, _, hint = case.message.rpartition(_HINT)
    if not hint or _HINT not in case.message or (words and not words.endswith(" ")):
        words, hint = case.message, ""
    words = words.strip()
    told = HIDDEN_SENTENCE if not words or _GRADERS_OWN.match(words) else words
    return [told] + ([_HINT + hint] if hint else [])


def next_step(task: TaskMark, remarks: Sequence[str]) -> str:
    """How to go on with one task; `remarks` are those on its submission."""
    if task.status != PASSED and leans_on_own_cell(task.task, remarks):
        return _OWN_CELL
    visible = TaskMark(task.task, task.title, [case for case in task.cases if not case.hidden])
    if task.status not in (PASSED, NOT_REACHED) and all(case.status == PASSED for case in visible.cases):
        return _ONLY_HIDDEN
    return _NEXT_STEPS[task.status if task.status == PASSED else visible.status]

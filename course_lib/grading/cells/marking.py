"""From what a check cell emitted to the marks of its cases, whatever happened while it ran."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course_lib.grading.cells.compare import compare_case
from course_lib.grading.cells.key import unmarked_cases
from course_lib.grading.cells.marks import CRASHED, FAILED, NOT_ATTEMPTED, NOT_REACHED, TIMED_OUT, CaseMark
from course_lib.grading.cells.plain_values import shortened
from course_lib.grading.cells.seen import replace_seen

RAN, RAISED, STOPPED, DIED = "ran", "raised", "stopped", "died"

UNSEEN = "The simulated API saw no run of your function here: leave `check`, `observe` and the course's own modules as they are."

HIDDEN_SENTENCE = "A hidden check does not pass yet: try your answer on other inputs, also on empty and unusual ones."


@dataclass
class CellRun:
    """What running one cell came to: RAN, RAISED an error, STOPPED at the time-out, or the kernel DIED.

    why: the grader's reason to end the kernel, if it had one.
    """

    state: str
    error_name: str = ""
    error_text: str = ""
    bundles: list = field(default_factory=list)
    why: str = ""

    @property
    def error(self) -> str:
        """The error in one short line."""
        words = " ".join(self.error_text.split())
        return shortened(f"{self.error_name}: {words}" if words else self.error_name, 300)


def judge(
    cell: NotebookNode, reference: dict, run: CellRun, cell_timeout: float, witness: Callable[[str], list[dict]] | None = None
) -> list[CaseMark]:
    """The marks of a check cell's cases, in the order of the key.

    witness: what the grader's own API saw of a case, by its name; where the key says that a value was seen there,
    the grader's figure counts and not the kernel's.

    Of what the student's kernel emitted, only the cases' names, states, values and errors count. Points, hidden or
    not, and every expected value come from the key.
    """
    marks = unmarked_cases(cell, reference)
    own = [bundle for bundle in run.bundles if isinstance(bundle, dict) and bundle.get("task") == reference["task"]]
    if len(own) > 1:
        return end_all(marks, FAILED, "The check showed more than one result: leave showing results to the check.")
    given = _cases_in(own[0]) if own else []
    interrupted = False
    for mark, case in zip(marks, reference["cases"], strict=True):
        emitted = _take(given, case["name"])
        if emitted is None and (not own or not interrupted):
            _explain_missing(mark, run, cell_timeout)
            interrupted = True
        elif run.state == STOPPED and _was_interrupted(emitted):
            _end(mark, TIMED_OUT, _out_of_time(cell_timeout))
        elif emitted is not None:
            _compare(mark, case, emitted if witness is None else _as_witnessed(case, emitted, witness))
    return marks


def _as_witnessed(case: dict, emitted: dict, witness: Callable[[str], list[dict]]) -> dict:
    if not case.get("seen") or emitted.get("status") != "value":
        return emitted
    try:
        return emitted | {"value": replace_seen(emitted.get("value"), case["seen"], witness(case["name"]))}
    except (LookupError, TypeError, ValueError):
        return {"status": "raised", "error": UNSEEN}


def end_all(marks: list[CaseMark], status: str, message: str) -> list[CaseMark]:
    """The same end for all cases that are still open."""
    for mark in marks:
        _end(mark, status, message)
    return marks


def _end(mark: CaseMark, status: str, message: str) -> None:
    mark.status, mark.message, mark.earned = status, message, 0


def _cases_in(bundle: dict) -> list[dict]:
    cases = bundle.get("cases")
    return [case for case in cases if isinstance(case, dict)] if isinstance(cases, list) else []


def _take(given: list[dict], name: str) -> dict | None:
    """The first emitted case of this name that has not been taken yet."""
    for place, case in enumerate(given):
        if case.get("name") == name:
            return given.pop(place)
    return None


def _was_interrupted(emitted: dict | None) -> bool:
    if emitted is None or emitted.get("status") != "raised":
        return False
    return "KeyboardInterrupt" in str(emitted.get("error"))


def _explain_missing(mark: CaseMark, run: CellRun, cell_timeout: float) -> None:
    if run.state == STOPPED:
        _end(mark, TIMED_OUT, _out_of_time(cell_timeout))
    elif run.state == DIED:
        ended = "Python itself ended while your answer ran: look for exit calls and for very large data."
        _end(mark, CRASHED, run.why or ended)
    elif run.state == RAISED and not mark.hidden:
        _end(mark, FAILED, f"The check stopped with {run.error}.")
    else:
        _end(mark, FAILED, "The check came to its end without a result for this case.")


def _out_of_time(cell_timeout: float) -> str:
    return f"Stopped after {cell_timeout:g} seconds: look for a loop that never ends, or for real waiting."


def _compare(mark: CaseMark, case: dict, emitted: dict) -> None:
    if mark.hidden:
        emitted = _without_student_words(emitted)
    try:
        result = compare_case(case, emitted, reveal=not mark.hidden)
    except (RecursionError, TypeError, ValueError, KeyError, OverflowError):
        _end(mark, FAILED, "The value that came can't be compared with anything.")
        return
    mark.status, mark.earned, mark.message = result.status, result.earned, result.message
    if mark.hidden and mark.status not in (NOT_ATTEMPTED, NOT_REACHED) and not result.passed:
        mark.message = mark.message or HIDDEN_SENTENCE


def _without_student_words(emitted: dict) -> dict:
    """The emitted case with no more of its error than the name of one of Python's own errors.

    An error of the student's making could carry the hidden input out in its text, or even in its name.
    """
    name = str(emitted.get("error") or "").partition(":")[0].partition(" ")[0]
    known = isinstance(getattr(builtins, name, None), type)
    return {**emitted, "error": name if known else "an error"}

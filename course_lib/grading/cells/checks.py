"""`check` and `case`: what stands in a check cell. It emits values to be graded and shows a friendly verdict.

Three modes, by the environment variable COURSE_MODE: a learner's (unset) compares with the stored references and
tells; "build" takes the values as they are, to become the references; "grade" only emits them, because a grader
compares outside the kernel, where no submission can reach.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.claude import run_simulated
from course_lib.errors import BadInput
from course_lib.grading.cells.compare import CaseResult, compare_case, show
from course_lib.grading.cells.evidence import EndlessRun, ForgottenAwait, computing_case, within_a_day
from course_lib.grading.cells.marks import FAILED
from course_lib.grading.cells.plain_values import NotPlain, StillEmpty, error_sentence, plain_float, shortened, to_plain
from course_lib.grading.cells.references import find_reference
from course_lib.grading.cells.seen import where_seen
from course_lib.grading.cells.verdicts import TaskVerdict, verdict_html, verdict_text
from course_lib.show.saved_results import CHECK_RESULT

VALUE, RAISED, NOT_ATTEMPTED = "value", "raised", "not attempted"

_UNSOLVED = re.compile(r"task (\d+\.\d+)")


class CheckFailed(AssertionError):
    """A check that did not pass, raised under pytest only: its traceback is the friendly verdict."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class NotDone(CheckFailed):
    """A check of a task that nobody has begun."""


@dataclass(frozen=True)
class Case:
    """One case of a check: what to compute, how to judge it, what to say when it is wrong."""

    name: str
    compute: Callable[[], Any]
    points: float
    compare: dict
    hint: str
    when: tuple[tuple[Any, str], ...]


def case(
    name: str,
    compute: Callable[[], Any],
    *,
    hint: str = "",
    when: Mapping | None = None,
    points: float = 1,
    at_most: float | None = None,
    at_least: float | None = None,
    near: tuple[float, float] | None = None,
) -> Case:
    """One case of a check.

    Args:
        compute: takes nothing and gives the value to be judged; what it gives is awaited if it can be.
        hint: where to look, shown with every failure.
        when: {a wrong value: what it means}, for the mistakes that you foresee.
        at_most, at_least, near: a bound, or (target, tolerance), instead of equality with the solution's value.

    Raises: BadInput for a case that can't be judged.
    """
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"A case's name is {name!r}; write what it tests, such as 'ten documents at once'.")
    if not callable(compute):
        raise BadInput(
            f"The case {name!r} got a {type(compute).__name__} to compute; write `lambda:` before it, "
            "so that a failure stays inside its case."
        )
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 < points < math.inf:
        raise BadInput(f"The case {name!r} has points={points!r}; write a number above 0.")
    pairs = when.items() if isinstance(when, Mapping) else when or ()
    return Case(
        name, compute, points, _rule(name, at_most, at_least, near), hint, tuple((to_plain(v), m) for v, m in pairs)
    )


def _rule(name, at_most, at_least, near) -> dict:
    given = {"at_most": at_most, "at_least": at_least, "near": near}
    given = {kind: bound for kind, bound in given.items() if bound is not None}
    if not given:
        return {"kind": "equal"}
    if len(given) > 1:
        raise BadInput(f"The case {name!r} is judged by {' and '.join(given)}; write one of them.")
    kind, bound = given.popitem()
    try:
        if kind == "near":
            target, tolerance = bound
            return {"kind": kind, "target": plain_float(target), "tolerance": abs(plain_float(tolerance))}
        return {"kind": kind, "bound": bound if isinstance(bound, int) else plain_float(bound)}
    except (TypeError, ValueError):
        raise BadInput(
            f"The case {name!r} has {kind}={bound!r}; write a number, or near=(target, tolerance)."
        ) from None


async def check(task: str, *cases: Case, hidden: bool = False) -> None:
    """Compute every case of a task and display the outcome: the values for graders, the verdict for people.

    Every case is computed for itself, on a simulated clock of its own: a failure in one is no failure of another.
    Displays one output and returns nothing. Under pytest a check that does not pass also raises CheckFailed.

    Args:
        task: the task's id, such as "1.2".
        hidden: no verdict is shown; for the check cells that only graders have.

    Raises: BadInput for a check that can't be computed.
    """
    _validate(task, cases)
    mode = _mode()
    reference = find_reference(task) if mode != "build" else None
    computed, interrupt = _computed_until_interrupted(cases, task, hidden, reference)
    payload = {"task": task, "hidden": hidden, "cases": computed}
    if hidden or mode == "grade" or interrupt:
        _emit(payload, f"{'hidden check' if hidden else 'check'}, task {task}")
        if interrupt:
            raise interrupt
        return
    verdict = verdict_on(payload, payload if mode == "build" else reference)
    for given, result in zip(computed, verdict.results, strict=True):
        given["passed"] = result.passed  # for the progress report; no grader reads it
    _emit(payload, verdict_text(verdict), verdict_html(verdict))
    if mode == "learn" and not verdict.passed and _under_pytest():
        raise (NotDone if verdict.untouched else CheckFailed)(verdict_text(verdict))


def verdict_on(payload: dict, reference: dict | None) -> TaskVerdict:
    """The verdict on an emitted check, by the stored task or, for want of one, by nothing."""
    expected = {one["name"]: one for one in (reference or {}).get("cases", [])}
    results = (
        compare_case(expected[given["name"]], given) if given["name"] in expected else _without_reference(given)
        for given in payload["cases"]
    )
    return TaskVerdict(payload["task"], tuple(results))


def _without_reference(given: dict) -> CaseResult:
    """For the author, who has written a case and not built it yet."""
    if given["status"] != VALUE:
        return compare_case(given, given)
    advice = "There is no stored answer to compare with yet; run `course build`."
    came = shortened(show(given["value"]), 100)
    return CaseResult(
        given["name"], False, given["points"], 0, f"{came} came. {advice}", FAILED, came=came, advice=advice
    )


def _mode() -> str:
    mode = os.environ.get("COURSE_MODE") or "learn"
    if mode not in ("learn", "build", "grade"):
        raise BadInput(f"COURSE_MODE is {mode!r}; unset it, or set it to 'build' or 'grade'.")
    return mode


def _under_pytest() -> bool:
    """nbval's kernels inherit pytest's mark from the process that starts them."""
    return bool(os.environ.get("PYTEST_CURRENT_TEST"))


def _validate(task, cases) -> None:
    if not isinstance(task, str) or not re.fullmatch(r"\d+\.\d+", task):
        raise BadInput(f"The task is called {task!r}; write chapter and number as a text, such as '1.2'.")
    if not cases:
        raise BadInput(f"The check of task {task} has no cases; write at least one `case(name, lambda: ...)`.")
    for one in cases:
        if not isinstance(one, Case):
            raise BadInput(
                f"The check of task {task} holds {one!r}, which is no case; write `case(name, lambda: ...)`."
            )
    names = [one.name for one in cases]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise BadInput(f"The check of task {task} has two cases named {twice[0]!r}; give each its own name.")


def _computed_until_interrupted(cases, task, hidden, reference) -> tuple[list[dict], KeyboardInterrupt | None]:
    """The cases as they are emitted; a time-out in one keeps what the cases before it have earned."""
    computed = []
    for one in cases:
        try:
            with computing_case(task, hidden, one.name):
                computed.append(_computed(one, task, reference))
        except KeyboardInterrupt as interrupt:
            return [*computed, _as_emitted(one, RAISED, None, "KeyboardInterrupt")], interrupt
    return computed, None


def _computed(one: Case, task: str, reference: dict | None) -> dict:
    """The case as it is emitted."""
    status, value, error, seen = VALUE, None, "", None
    try:
        came = run_simulated(_evaluated(one.compute))
        value, seen = to_plain(came), where_seen(came)
    except StillEmpty:
        status = NOT_ATTEMPTED
    except NotImplementedError as unsolved:
        status, error = _unsolved(unsolved, task)
    except NameError as unknown:
        status, error = RAISED, _missing_answer(unknown, reference) or error_sentence(unknown)
    except (NotPlain, EndlessRun, ForgottenAwait) as unusable:
        status, error = RAISED, str(unusable)
    except Exception as failure:
        status, error = RAISED, error_sentence(failure)
    emitted = _as_emitted(one, status, value, error)
    return emitted | ({"seen": seen} if seen and status == VALUE else {})


def _as_emitted(one: Case, status: str, value, error: str) -> dict:
    return {
        "name": one.name,
        "status": status,
        "value": value,
        "error": error,
        "points": one.points,
        "compare": one.compare,
        "hint": one.hint,
        "when": [list(pair) for pair in one.when],
    }


async def _evaluated(compute: Callable[[], Any]):
    try:
        return await within_a_day(compute())
    except (SystemExit, asyncio.CancelledError) as ended:
        raise RuntimeError(f"it ended itself with {type(ended).__name__}; return the answer instead") from None


def _unsolved(error: NotImplementedError, task: str) -> tuple[str, str]:
    """An exercise's stub speaks: of this task, or of an earlier one that this task builds on."""
    found = _UNSOLVED.fullmatch(str(error))
    if found is None:
        return RAISED, error_sentence(error)
    return NOT_ATTEMPTED, "" if found[1] == task else f"needs task {found[1]}"


def _missing_answer(error: NameError, reference: dict | None) -> str:
    """The sentence for a name that an answer cell should have defined; "" for any other name."""
    owner = (reference or {}).get("defines", {}).get(error.name)
    if owner:
        return f"NameError: `{error.name}` is not defined; run the answer cell of task {owner} first"
    return ""


def _emit(payload: dict, text: str, html: str | None = None) -> None:
    bundle = {CHECK_RESULT: payload, "text/plain": text} | ({"text/html": html} if html else {})
    if _in_a_notebook():
        from IPython.display import display

        display(bundle, raw=True)
    else:
        print(text)


def _in_a_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return get_ipython() is not None

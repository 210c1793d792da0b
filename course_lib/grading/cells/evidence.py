"""What a function did when it was given a Claude of its own: its answer, and what the API's log says about it.

Speed, overlap, calls and cost are read from the log of the simulated API, never from what the function claims.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from course_lib.claude import run_simulated, simulated
from course_lib.errors import BadInput, CourseError
from course_lib.grading.cells.plain_values import error_sentence, plain_float
from course_lib.grading.cells.seen import as_seen
from course_lib.grading.cells.witness_line import WitnessLine, line_to_grader

LONGEST_RUN = 86_400.0
"""Simulated seconds (a day) after which a run counts as endless."""

MOST_CALLS = 10_000
"""Calls after which a run counts as endless."""


class EndlessRun(CourseError):
    """A run that would never come to an end in simulated time."""


@dataclass(frozen=True)
class Evidence:
    """One run of a function. All times are simulated seconds; prompts and replies are in the order of launch.

    answer: what it returned; None when it failed. error: the sentence of its failure, else "".
    seconds: from its start to its end. calls: how many it made, retries not counted.
    peak_in_flight: the most requests on the wire at one moment. cancelled: calls cut off before their reply.
    """

    answer: Any
    error: str
    seconds: float
    calls: int
    peak_in_flight: int
    prompts: tuple[str, ...]
    replies: tuple[str, ...]
    cancelled: int
    input_tokens: int
    output_tokens: int


FIELDS = tuple(field.name for field in fields(Evidence))

MAY_FAIL = ("error", "cancelled")
"""What can be asked of a run that failed; for anything else `want` passes the failure on."""


def observe(
    function: Callable,
    *args,
    seconds_per_call: float | Callable[[str], float] | None = None,
    seed: int = 0,
    limits=None,
    faults=None,
    want: str | None = None,
):
    """The Evidence of `function(ask, *args)`, run on a fresh simulated Claude and a clock that starts at 0.

    `ask(prompt)` is the course's own, so the function may await it, gather it or hand it on. A failure inside
    becomes `Evidence.error`; only an unsolved task's NotImplementedError goes through.

    Args:
        seconds_per_call, seed, limits, faults: as for `connect`.
        want: the name of one field: returns that value instead of the whole Evidence. A run that failed has no
            such value, so its own error is raised; "error" and "cancelled" never raise.

    Raises: BadInput for a `want` that is no field.

    >>> async def twice(ask, text):
    ...     return len(await asyncio.gather(ask(text), ask(text)))
    >>> evidence = observe(twice, "Is this spam? Yes or no. <email>Hello Ann</email>", seconds_per_call=3.0)
    >>> evidence.answer, evidence.seconds, evidence.calls, evidence.peak_in_flight
    (2, 3.0, 2, 2)
    """
    if want is not None and want not in FIELDS:
        raise BadInput(f"want={want!r} is no field of Evidence; write one of {', '.join(FIELDS)}.")
    settings = {"seconds_per_call": seconds_per_call, "seed": seed, "limits": limits, "faults": faults}
    run, line = _place.begin_run(settings)
    claude = simulated(**settings, sdk=False)
    if line is not None:
        claude.way = line
    answer, failure, seconds = run_simulated(_timed(claude, function, args, line), clock=line)
    seen = evidence_of(claude.log, seconds) if line is None else line.close()
    if isinstance(failure, NotImplementedError) and str(failure).startswith("task "):
        raise failure
    if want is not None and failure is not None and want not in MAY_FAIL:
        raise failure
    marked = {field: as_seen(tuple(value) if isinstance(value, list) else value, run, field) for field, value in seen.items()}
    evidence = Evidence(answer=answer, error="" if failure is None else error_sentence(failure), **marked)
    return evidence if want is None else getattr(evidence, want)


def evidence_of(log, seconds: float) -> dict:
    """What the log of a run says, by field; lists where Evidence has tuples, so that it is plain JSON."""
    return {
        "seconds": plain_float(seconds),
        "calls": len(log),
        "peak_in_flight": log.peak_in_flight,
        "prompts": [call.prompt for call in log],
        "replies": [call.reply for call in log],
        "cancelled": sum(call.status == "cancelled" for call in log),
        "input_tokens": log.input_tokens,
        "output_tokens": log.output_tokens,
    }


class _WhereItHappens:
    """Which case of which check is being computed, and how many runs it has observed so far."""

    def __init__(self):
        self.case: dict | None = None
        self.runs = 0
        self.trusted: dict | None = None

    @contextmanager
    def within(self, task: str, hidden: bool, case: str) -> Iterator[None]:
        """Runs that are observed inside belong to this case."""
        before = self.case, self.runs
        self.case, self.runs = {"task": task, "hidden": hidden, "case": case}, 0
        try:
            yield
        finally:
            self.case, self.runs = before

    @contextmanager
    def noting(self) -> Iterator[dict]:
        """The settings of every run that a case observes inside, by (task, hidden, case, number)."""
        self.trusted = {}
        try:
            yield self.trusted
        finally:
            self.trusted = None

    def begin_run(self, settings: dict) -> tuple[int, WitnessLine | None]:
        """(its number within the case, the line to the grader if one watches)."""
        run, self.runs = self.runs, self.runs + 1
        if self.case is None:
            return run, None
        if self.trusted is not None:
            self.trusted[(*self.case.values(), run)] = settings
        line = line_to_grader()
        return run, line if line is not None and line.open({**self.case, "run": run}) else None


_place = _WhereItHappens()
computing_case = _place.within
noting_settings = _place.noting


async def _timed(claude, function, args, line: WitnessLine | None) -> tuple[Any, BaseException | None, float]:
    """Answer, failure and simulated seconds of one run."""
    clock, too_many, asked = asyncio.get_running_loop().time, asyncio.Event(), 0

    async def ask(prompt: str, **options) -> str:
        nonlocal asked
        if asked >= MOST_CALLS:
            too_many.set()
            await asyncio.Event().wait()  # goes no further: whoever waits for `too_many` ends the run
        asked += 1
        return await claude.ask(prompt, **options)

    answer, failure = None, None
    started = clock()
    try:
        answer = _ready(await within_a_day(function(ask, *args), unless=too_many))
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        failure = error
    if line is not None:
        line.finished()
    return answer, failure, clock() - started


class ForgottenAwait(CourseError):
    """An answer that is only the promise of one."""


def _ready(answer):
    """The answer. Raises: ForgottenAwait if calls are still to run behind it, the slip that everybody makes once."""
    promises = [one for one in (answer if isinstance(answer, (list, tuple)) else [answer]) if inspect.isawaitable(one)]
    for promise in promises:
        promise.close() if inspect.iscoroutine(promise) else promise.cancel()
    if promises:
        raise ForgottenAwait(
            "Your function returned before its calls had run: write `await` before `asyncio.gather(...)`, "
            "or before whatever makes the answer."
        )
    return answer


async def within_a_day(answer, *, unless: asyncio.Event | None = None):
    """The answer itself, awaited if it must be; an asynchronous generator is collected into a list.

    Raises: EndlessRun after a simulated day, or as soon as `unless` is set.
    """
    if inspect.isasyncgen(answer):
        answer = _collected(answer)
    if not inspect.isawaitable(answer):
        return answer
    work = asyncio.ensure_future(_awaited(answer))
    stop = asyncio.ensure_future(unless.wait()) if unless else None
    try:
        done, _ = await asyncio.wait({work, stop} - {None}, timeout=LONGEST_RUN, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if stop is not None:
            stop.cancel()
    if work in done:
        return work.result()
    work.cancel()
    if done:
        raise EndlessRun(f"It made {MOST_CALLS:,} calls and wanted more; look for a loop around `ask` that never ends.")
    raise EndlessRun(
        f"It had not ended after {LONGEST_RUN / 3600:g} simulated hours; look for a loop or a wait that never ends."
    )


async def _awaited(answer: Awaitable):
    try:
        return await answer
    except SystemExit:  # from a task it would end the event loop, and the kernel with it
        raise RuntimeError("it called exit(); return the answer instead") from None


async def _collected(items) -> list:
    return [item async for item in items]

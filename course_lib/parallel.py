"""Many calls at once: a bounded pool of workers, with one outcome for every input.

    results = await run_parallel(ask, prompts, max_at_once=10)

At most `max_at_once` items are in flight, and none is drawn before it can start, so `items` may be
a generator without an end in sight (`stream_parallel` keeps no results either). When one item fails, the others are cancelled
*and awaited*: nothing goes on running, and being billed, behind your back.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from course_lib.calls import waiting_since
from course_lib.errors import BadInput, CourseError

WHEN_ONE_FAILS = ("raise", "collect")


@dataclass(slots=True)
class Outcome:
    """What became of one input. status: "ok" (see `value`), "failed" or "cancelled" (see `error` for the reason)."""

    index: int
    item: Any
    status: str = "cancelled"
    value: Any = None
    error: Exception | None = None


async def run_parallel(
    function: Callable[[Any], Awaitable[Any]],
    items: Iterable[Any],
    *,
    max_at_once: int = 10,
    on_error: str = "raise",
) -> list:
    """The results of `await function(item)` for every item, in the order of the items.

    on_error: "raise" stops at the first failure and raises it; `error.outcomes` then holds what
    was finished, in order. "collect" runs everything and returns an `Outcome` per item instead.

    >>> async def double(number):
    ...     await asyncio.sleep(1 / number)
    ...     return 2 * number
    >>> asyncio.run(run_parallel(double, [200, 300, 400], max_at_once=2))
    [400, 600, 800]
    """
    _check(items, max_at_once, on_error)
    outcomes: list[Outcome] = []
    todo = enumerate(items)
    started = asyncio.get_running_loop().time()

    async def work():
        for index, item in todo:  # all workers draw from the same iterator
            outcome = Outcome(index, item)
            outcomes.append(outcome)
            waiting_since(started)
            await _settle(outcome, function, on_error)

    failure = None
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(_workers(items, max_at_once)):
                workers.create_task(work())
    except BaseExceptionGroup as failures:
        failure = _first_failure(failures, outcomes)
    if failure is not None:  # raised out here, or the group would hang on to it as its context
        raise failure
    return outcomes if on_error == "collect" else [outcome.value for outcome in outcomes]


async def stream_parallel(
    function: Callable[[Any], Awaitable[Any]],
    items: Iterable[Any],
    *,
    max_at_once: int = 10,
) -> AsyncIterator[Outcome]:
    """Outcomes as they finish, the quickest first; a failure is an outcome too, and stops nothing.

    To leave the loop early, close the stream: `async with contextlib.aclosing(stream_parallel(…)) as outcomes`
    cancels and awaits what is still running. After a bare `break`, Python does so a moment later.
    """
    _check(items, max_at_once, "collect")
    finished: asyncio.Queue = asyncio.Queue(1)  # a slow reader slows the workers down, so nothing piles up
    todo = enumerate(items)
    started = asyncio.get_running_loop().time()

    async def work():
        for index, item in todo:
            outcome = Outcome(index, item)
            waiting_since(started)
            await _settle(outcome, function, "collect")
            await finished.put(outcome)

    workers = [asyncio.create_task(work()) for _ in range(_workers(items, max_at_once))]
    everyone = asyncio.gather(*workers)
    everyone.add_done_callback(lambda _: finished.put_nowait(None) if not finished.full() else None)
    try:
        while not (everyone.done() and finished.empty()):
            outcome = await finished.get()
            if outcome is not None:
                yield outcome
        await everyone  # raises what a broken `items` raised
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, everyone, return_exceptions=True)


def _started(function, item) -> Awaitable:
    answer = function(item)
    if not inspect.isawaitable(answer):
        name = getattr(function, "__name__", "the function")
        raise BadInput(f"{name}() gave {type(answer).__name__}, which cannot be awaited; write `async def {name}`.")
    return answer


async def _settle(outcome: Outcome, function, on_error: str) -> None:
    try:
        outcome.value = await _started(function, outcome.item)
        outcome.status = "ok"
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():
            outcome.error = CourseError("It was called off before it had finished, because the whole run was ending.")
            raise
        outcome.error = CourseError(f"Item {outcome.index} was cancelled by its own function, so it has no result.")
        if on_error == "raise":
            raise outcome.error from None
    except Exception as error:
        outcome.status, outcome.error = "failed", error
        if on_error == "raise":
            raise


def _first_failure(failures: BaseExceptionGroup, outcomes: list[Outcome]) -> BaseException:
    """The failure of the earliest item, carrying everything that was finished."""
    failed = [outcome.error for outcome in outcomes if outcome.error in failures.exceptions]
    error = failed[0] if failed else failures.exceptions[0]
    error.outcomes = outcomes
    return error


def _workers(items: Iterable, max_at_once: int) -> int:
    return min(max_at_once, len(items)) if hasattr(items, "__len__") else max_at_once


def _check(items: Iterable, max_at_once: int, on_error: str) -> None:
    if isinstance(max_at_once, bool) or not isinstance(max_at_once, int) or max_at_once < 1:
        raise BadInput(f"max_at_once={max_at_once!r} lets nothing run; write a whole number from 1 up, such as 10.")
    if isinstance(items, str):
        raise BadInput(f"The items are one text, {items[:40]!r}; write a list, such as [text].")
    if on_error not in WHEN_ONE_FAILS:
        raise BadInput(f"on_error={on_error!r} is no policy; write 'raise' or 'collect'.")

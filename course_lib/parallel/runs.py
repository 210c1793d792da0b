"""Many calls at once: a bounded pool of workers, with one outcome for every input.

    results = await run_parallel(ask, prompts, max_at_once=10)

At most `max_at_once` items are in flight, and none is drawn before it can start, so `items` may be
a generator without an end in sight. When one item fails, the others are cancelled *and awaited*:
nothing goes on running, and being billed, behind your back.
"""

import asyncio
import warnings
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from course_lib.claude.call_context import waiting_since
from course_lib.errors import BadInput, check_callable, check_number, check_whole, shown
from course_lib.parallel.equipment import equipped
from course_lib.parallel.outcomes import CalledOff, Ledger, Outcome, OutOfTime, check_policy, conclude


async def run_parallel(
    function: Callable[[Any], Awaitable[Any]],
    items: Iterable[Any] | AsyncIterable[Any],
    *,
    max_at_once: int = 10,
    on_error: str = "raise",
    at_least: int | None = None,
    fallback: Any = None,
    seconds_per_item: float | None = None,
    seconds: float | None = None,
    progress: bool | str = False,
    checkpoint: str | Path | None = None,
) -> list:
    """The results of `await function(item)` for every item, in the order of the items.

    on_error: "raise" stops at the first failure and raises it; `error.outcomes` then holds what
        became of every item. The others run everything: "collect" returns an `Outcome` per item, "skip" leaves
        failed items out, "quorum" does so if `at_least` succeeded (else QuorumMissed), and "fallback"
        puts `fallback`, a value or a function of the Outcome, in their place.
    seconds_per_item, seconds: time-outs. An item out of time has failed; when the whole is, unfinished items are cancelled.
    progress: True for a tqdm bar, or the words beside it.
    checkpoint: a file that finished items are written to; a second run with it does only the rest. It knows
        items, not what was done with them: another prompt takes another file.

    >>> async def double(number):
    ...     await asyncio.sleep(1 / number)
    ...     return 2 * number
    >>> asyncio.run(run_parallel(double, [200, 300, 400], max_at_once=2))
    [400, 600, 800]
    """
    _check(function, items, max_at_once, seconds_per_item, seconds)
    check_policy(on_error, at_least, fallback)
    equipment = equipped(function, items, seconds_per_item=seconds_per_item, progress=progress, checkpoint=checkpoint)
    ledger = Ledger(items, keep_all=on_error == "collect")
    line = _WaitingLine(items)
    failure = late = None

    async def work():
        async for item in line:  # all workers draw from the same line
            outcome = ledger.begin(item)
            waiting_since(line.since)
            await _settle(outcome, run_one, on_error)
            ledger.close(outcome)

    try:
        with equipment as run_one:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as workers:
                for _ in range(line.workers(max_at_once)):
                    workers.create_task(work())
    except BaseExceptionGroup as failures:  # an item's, or that of the `items` themselves, which no policy tolerates
        failure = (ledger.first_failure() if on_error == "raise" else None) or failures.exceptions[0]
    except TimeoutError:
        late = OutOfTime(f"The whole run was not finished within seconds={seconds:g}; give it more time, or less to do.")
    except BaseException as error:  # an interrupt, or the caller was cancelled: what was finished travels with it
        _take_along(error, ledger.outcomes())
        raise
    if failure or late and on_error == "raise":  # raised out here, or the group would hang on to it as its context
        error = failure or late
        _take_along(error, ledger.outcomes(late))
        raise error
    if late and on_error == "skip":
        unfinished = sum(outcome.status == "cancelled" for outcome in ledger.outcomes())
        warnings.warn_explicit(  # without the place in the event loop that would be shown otherwise
            f"The seconds={seconds:g} were over before {unfinished} of the items had finished; they are left out like failed "
            "ones. Write on_error='collect' to know which, or give the run more time.", UserWarning, "run_parallel", 1,
        )
    return conclude(ledger, on_error, at_least=at_least, fallback=fallback, reason=late)


async def stream_parallel(
    function: Callable[[Any], Awaitable[Any]],
    items: Iterable[Any] | AsyncIterable[Any],
    *,
    max_at_once: int = 10,
    seconds_per_item: float | None = None,
    progress: bool | str = False,
    checkpoint: str | Path | None = None,
) -> AsyncIterator[Outcome]:
    """Outcomes as they finish, the quickest first; a failure is an outcome too, and stops nothing.

    No result is kept, so a million items take no more room than ten. To leave the loop early, close the stream:
    `async with contextlib.aclosing(stream_parallel(…)) as outcomes` cancels and awaits what is still
    running. After a bare `break`, Python does so a moment later.
    """
    _check(function, items, max_at_once, seconds_per_item, None)
    equipment = equipped(function, items, seconds_per_item=seconds_per_item, progress=progress, checkpoint=checkpoint)
    finished: asyncio.Queue = asyncio.Queue(1)  # a slow reader slows the workers down, so nothing piles up
    line = _WaitingLine(items)

    async def work():
        async for item in line:
            outcome = Outcome(line.drawn - 1, item)
            waiting_since(line.since)
            await _settle(outcome, run_one, "collect")
            await finished.put(outcome)

    with equipment as run_one:
        workers = [asyncio.create_task(work()) for _ in range(line.workers(max_at_once))]
        everyone = asyncio.gather(*workers, return_exceptions=True)  # what is under way when `items` breaks is finished
        everyone.add_done_callback(lambda _: finished.put_nowait(None) if not finished.full() else None)
        try:
            while not (everyone.done() and finished.empty()):
                outcome = await finished.get()
                if outcome is not None:
                    yield outcome
            for broken in filter(None, await everyone):
                raise broken
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, everyone, return_exceptions=True)


def _take_along(error: BaseException, outcomes: list[Outcome]) -> None:
    """The outcomes travel with the error, unless it is one that takes no attributes."""
    with suppress(Exception):
        error.outcomes = outcomes


async def _settle(outcome: Outcome, run_one, on_error: str) -> None:
    """Do one item, and write down what became of it."""
    try:
        outcome.value = await run_one(outcome.item)
        outcome.status = "ok"
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():
            raise
        outcome.error = CalledOff(f"Item {outcome.index} was cancelled by its own function, so it has no result.")
        if on_error == "raise":
            raise outcome.error from None
    except Exception as error:
        outcome.status, outcome.error = "failed", error
        if on_error == "raise":
            raise


def _check(function, items, max_at_once, seconds_per_item, seconds) -> None:
    check_callable(function, "function", "claude.ask")
    check_whole(max_at_once, "max_at_once", "lets nothing run", 10)
    if isinstance(items, str):
        raise BadInput(f"The items are one text, {shown(items)}; write a list, such as [text].")
    if not hasattr(items, "__iter__") and not hasattr(items, "__aiter__"):
        raise BadInput(f"The items are {shown(items)}; write a list, a generator or an asynchronous one.")
    for name, value in (("seconds_per_item", seconds_per_item), ("seconds", seconds)):
        check_number(value, name, "is no time-out", 20, above=True, kind="seconds", none="for no time-out")


class _WaitingLine:
    """The items, drawn one at a time by whichever worker is free, never ahead of time: an iterator that all workers share."""

    def __init__(self, items: Iterable[Any] | AsyncIterable[Any]):
        self._size = len(items) if hasattr(items, "__len__") else None
        self._asynchronous = hasattr(items, "__aiter__")
        self._items = aiter(items) if self._asynchronous else iter(items)
        self._turn = asyncio.Lock()  # an asynchronous iterator may be asked by one at a time
        self.since = asyncio.get_running_loop().time()
        self.drawn = 0
        self._broken = False  # an iterator may raise, and go on all the same

    def workers(self, max_at_once: int) -> int:
        return max_at_once if self._size is None else min(max_at_once, self._size)

    def __aiter__(self):
        return self

    async def __anext__(self) -> Any:
        try:
            if self._asynchronous:
                async with self._turn:
                    item = await self._next_unless_broken()
            else:
                item = next(iter(()) if self._broken else self._items)
        except StopIteration:
            raise StopAsyncIteration from None
        except Exception as error:
            self._broken = self._broken or not isinstance(error, StopAsyncIteration)
            raise
        self.drawn += 1
        return item

    async def _next_unless_broken(self) -> Any:
        if self._broken:
            raise StopAsyncIteration
        return await anext(self._items)

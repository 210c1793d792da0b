"""Don't wait for a straggler: ask a second time, take the first answer, call off the others.

    ask = hedged(ask, after=5)                 # the same question again, when 5 s have brought no answer
    ask = first_of([haiku.ask, sonnet.ask])    # several at once; the first to finish wins, not the first listed

Losers are cancelled and awaited, but what the API had already done for them may still be billed.

Source: Dean and Barroso, The Tail at Scale, 2013, https://doi.org/10.1145/2408776.2408794
"""

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable, Sequence

from course_lib.claude.call_context import call_context, calls_with
from course_lib.errors import BadInput, check_callable, check_number, check_whole, shown
from course_lib.limits.pacing import A_MOMENT, Place

Ask = Callable[..., Awaitable[str]]


def hedged(ask: Ask, after: float, copies: int = 2) -> Ask:
    """`ask`, sent again when it has not answered `after` seconds after it left, up to `copies` requests in all.

    Put it around the limiter, so that each copy is counted; the time that a request waits in a limiter's line doesn't
    count as slow. `after` is best the time in which about 95 % of the calls answer: a second request for 5 % is cheap.
    A failure before `after` is raised at once (trying again is what `with_retries` does).
    Raises: the first request's error when all have failed.

    >>> async def sometimes_slow(prompt, seconds=iter([0.5, 0.01])):
    ...     await asyncio.sleep(mine := next(seconds))
    ...     return f"after {mine} s"
    >>> asyncio.run(hedged(sometimes_slow, after=0.02)("Hello"))
    'after 0.01 s'
    """
    check_callable(ask, "ask", "claude.ask")
    check_number(after, "after", "is no time to wait for an answer", 5, kind="seconds")
    check_whole(copies, "copies", "hedges nothing", "2 requests in all", least=2)

    @functools.wraps(ask)
    async def hedging(*args, **options):
        tasks: list[asyncio.Task] = []
        try:
            for copy in range(1, copies + 1):
                line = _start(tasks, ask, args, options)
                await (_late(tasks, line, after) if copy < copies else _answered_or_failed(tasks))
                if _winner(tasks) or all(task.done() for task in tasks):
                    break
            return await (_winner(tasks) or tasks[0])
        finally:
            await _call_off(tasks)

    return hedging


def first_of(asks: Sequence[Ask]) -> Ask:
    """An `ask` that asks all of them at once and gives the answer that comes first; at the same moment, the first listed.

    Raises: the first listed one's error when all have failed.
    """
    if not isinstance(asks, (list, tuple)) or not asks:
        raise BadInput(f"first_of({shown(asks)}) has nobody to race; write a list of functions, such as [ask_a, ask_b].")
    for ask in asks:
        check_callable(ask, "ask", "claude.ask")

    @functools.wraps(asks[0])
    async def racing(*args, **options):
        tasks: list[asyncio.Task] = []
        try:
            for ask in asks:
                _start(tasks, ask, args, options)
            await _answered_or_failed(tasks)
            return await (_winner(tasks) or tasks[0])
        finally:
            await _call_off(tasks)

    return racing


def _start(tasks: list[asyncio.Task], ask: Ask, args: tuple, options: dict) -> list[Place]:
    """Start one more request; gives the box in which its place in a limiter's line will lie, should there be one."""
    line: list[Place] = []
    earlier = None if tasks else call_context().earlier  # a retry continues one call; the others are their own
    with calls_with(earlier=earlier, place=line):
        tasks.append(asyncio.get_running_loop().create_task(ask(*args, **options)))
    return line


async def _late(tasks: list[asyncio.Task], line: list[Place], after: float) -> None:
    """Returns when the latest request has been on the wire for `after` seconds, or when there is no need to wait."""
    clock = asyncio.get_running_loop().time
    due = clock() + after
    while due > clock() + A_MOMENT:
        if await _answered_or_failed(tasks, due - clock()):
            return
        if line:  # still waiting for its turn: look again later
            due = (clock() if line[0].left is None else line[0].left) + after


async def _answered_or_failed(tasks: list[asyncio.Task], seconds: float | None = None) -> bool:
    """True as soon as one has answered or all have failed; False when the time is over before."""
    clock = asyncio.get_running_loop().time
    ends = math.inf if seconds is None else clock() + seconds
    while not _winner(tasks) and (running := [task for task in tasks if not task.done()]):
        remaining = None if seconds is None else ends - clock()
        done, _ = await asyncio.wait(running, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return False
    return True


def _winner(tasks: list[asyncio.Task]) -> asyncio.Task | None:
    return next((task for task in tasks if task.done() and not task.cancelled() and task.exception() is None), None)


async def _call_off(tasks: list[asyncio.Task]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

"""Simulated time: an asyncio event loop whose clock jumps to the next timer instead of waiting for it.

Everything else is asyncio as it is: tasks, timeouts, task groups and the SDK run unchanged.
Time is in seconds and starts at 0. A day of `asyncio.sleep` costs microseconds, and is exact:
no drift, and timers due at the same moment fire in the order in which they were set.
"""

import asyncio
import heapq
import itertools
import selectors
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol

from course_lib.errors import CourseError
from course_lib.simulation.clock.handed_over import Threads
from course_lib.simulation.clock.interrupts import Interrupts


class StuckError(CourseError, RuntimeError):
    """Every task waits for something that no timer and no other task will ever bring."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on simulated time.

    Sockets and thread pools that a program brings along are waited for in real time;
    the threads of the default executor (`asyncio.to_thread`) share this clock (see `handed_over`).

    >>> with asyncio.Runner(loop_factory=VirtualLoop) as runner:
    ...     runner.run(asyncio.sleep(3600, "an hour later"))
    'an hour later'
    """

    def __init__(self, clock: "OutsideClock | None" = None):
        self._now = 0.0
        self._clock = clock
        # (deadline, how many were set before, timer): tuples, because Python compares them fast, and equal deadlines by number.
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timer_numbers = itertools.count()
        self._cancelled_timers = 0
        self._threads_at_work = 0
        self._handed_over = Threads(self)
        self.interrupts = Interrupts()
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        """Simulated seconds since the loop was made."""
        return self._now

    @property
    def is_kept_outside(self) -> bool:
        """Whether somebody else keeps its clock."""
        return self._clock is not None

    def call_at(self, when, callback, *args, context=None):
        if when is None:
            raise TypeError("when must not be None")
        if self._closed:
            self._check_closed()  # raises
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        timer._scheduled = True
        heapq.heappush(self._timers, (when, next(self._timer_numbers), timer))
        return timer

    def call_later(self, delay, callback, *args, context=None):
        if delay is None:
            raise TypeError("delay must not be None")
        return self.call_at(self._now + delay, callback, *args, context=context)

    def close(self):
        if not self.is_closed():
            self._handed_over.end()
        super().close()
        self._timers.clear()

    def run_in_executor(self, executor, func, *args):
        self._check_closed()
        if executor is None:
            return self._handed_over.run(partial(func, *args))
        self._threads_at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_came_back)
        return future

    async def shutdown_default_executor(self, timeout=None):
        """Nothing to wait for: `close` ends what still sleeps."""

    def _thread_came_back(self, _future):
        self._threads_at_work -= 1

    def _timer_handle_cancelled(self, timer):
        """Cancelled timers stay in line until they are due, or until they are more than half of it."""
        if not timer._scheduled:
            return
        self._cancelled_timers += 1
        if self._cancelled_timers > max(100, len(self._timers) // 2):
            self._timers = [entry for entry in self._timers if not entry[2]._cancelled]
            heapq.heapify(self._timers)
            self._cancelled_timers = 1  # this one: it is marked as cancelled right after

    def _next_deadline(self) -> float | None:
        while self._timers and self._timers[0][2]._cancelled:
            self._take_timer()
        return self._timers[0][0] if self._timers else None

    def _ring_due_timers(self) -> None:
        """What is due now runs in the loop's next round, first come, first served."""
        while self._timers and self._timers[0][0] <= self._now:
            timer = self._take_timer()
            if not timer._cancelled:
                self._ready.append(timer)

    def _take_timer(self) -> asyncio.TimerHandle:
        timer = heapq.heappop(self._timers)[2]
        timer._scheduled = False
        self._cancelled_timers -= timer._cancelled
        return timer

    def _go_to_next_moment(self, due: float | None):
        """To the next timer, due then, or wherever the clock outside says. Raises: StuckError if nothing will ever happen."""
        moment = due if self._clock is None else self._clock.next_moment(due)
        if moment is None:
            raise StuckError(describe_stuck(self))
        self._now = max(self._now, moment)

    def advance_to(self, moment: float) -> None:
        """Move the clock of a loop that stands still; for whoever keeps the time from outside."""
        self._now = max(self._now, moment)

    def _waits_for_the_real_world(self, sockets: int) -> bool:
        return sockets > 1 or self._threads_at_work > 0  # one socket is asyncio's own wake-up pipe


class OutsideClock(Protocol):
    """A clock that somebody else keeps: what a loop asks before it moves on."""

    def next_moment(self, due: float | None) -> float | None:
        """The moment to go on at: that of the loop's next timer (`due`, None without one) or an earlier one.

        It may have set futures of the loop by then. None: there is nothing to wait for.
        """


class _JumpingSelector(selectors.DefaultSelector):
    """Where asyncio would sleep: looks for real events without waiting, else moves the clock."""

    SELDOM = 64
    """Rounds of the loop per look at the operating system, while nothing of the real world takes part."""

    def __init__(self, loop):
        super().__init__()
        self._loop = loop
        self._rounds = 0

    def select(self, timeout=None):
        """The loop keeps its timers to itself, so that `timeout` is 0, with something left to do, or None."""
        loop = self._loop
        loop.interrupts.raise_waiting()
        real = loop._waits_for_the_real_world(len(self.get_map()))
        self._rounds += 1
        events = super().select(0) if real or timeout is None and not loop._timers or self._rounds % self.SELDOM == 0 else []
        loop._ring_due_timers()
        if events or loop._ready or timeout == 0:
            return events
        due = loop._next_deadline()
        if real:
            events = super().select(None if due is None else due - loop.time())
            if events or due is None:
                return events
        if loop._handed_over.waiting and loop._handed_over.have_moved(patient=due is None):
            return []
        loop._go_to_next_moment(due)
        loop._ring_due_timers()
        return []


def describe_stuck(loop: asyncio.AbstractEventLoop) -> str:
    """One sentence that names what still waits, and where."""
    waiting = sorted({_where(task) for task in asyncio.all_tasks(loop) if not task.done()})
    places = "; ".join(waiting) or "the main program"
    return (
        f"Nothing can happen any more: {places}. No timer is set and no call is under way, "
        "so what they wait for will never come; let some task set, put or release it."
    )


def _where(task: asyncio.Task) -> str:
    """`fetch() waits at line 4 for Event.wait()` of the innermost frame that the reader wrote."""
    chain, coroutine = [], task.get_coro()
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None)
        if frame is not None:
            chain.append((getattr(coroutine, "__qualname__", "a task"), frame))
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)
    own = [place for place in chain if "/asyncio/" not in place[1].f_code.co_filename.replace("\\", "/")]
    if not chain:
        return "a task waits"
    name, frame = (own or chain)[-1]
    inner = chain[-1][0]
    waits_for = f" for {inner}()" if inner != name else ""
    return f"{name}() waits at line {frame.f_lineno}{waits_for}"


def run_simulated(coroutine: Coroutine[Any, Any, Any], *, clock: OutsideClock | None = None) -> Any:
    """The coroutine's result, after running it on a fresh simulated clock that starts at 0.

    For scripts and tests, and for callbacks: it works while another loop is running in this thread.
    Tasks that are left over are cancelled. Raises: StuckError instead of hanging for ever.

    >>> async def nap():
    ...     await asyncio.sleep(30)
    ...     return asyncio.get_running_loop().time()
    >>> run_simulated(nap())
    30.0

    clock: somebody else's clock to go by, for a run that is watched from outside.
    """
    loop = VirtualLoop(clock)
    try:
        with stepping_aside():
            return run_until_complete(loop, coroutine)
    finally:
        with stepping_aside():
            _close(loop)


def run_until_complete(loop: VirtualLoop, coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run one coroutine on `loop`. An interrupt, or being stuck, is raised where the coroutine waits.

    The tasks that it has started are then cancelled and awaited; those of earlier runs are left alone.
    """
    earlier = asyncio.all_tasks(loop)
    task = loop.create_task(coroutine)
    with loop.interrupts.handled():
        try:
            return loop.run_until_complete(task)
        except (StuckError, KeyboardInterrupt) as error:
            try:
                if task.done():
                    raise
                _raise_inside(loop, task, error)
                return _finish(loop, task)
            except asyncio.CancelledError:
                raise error from None
            finally:
                _cancel(loop, asyncio.all_tasks(loop) - earlier)
                if task.done() and not task.cancelled():
                    task.exception()  # it is raised here already; asyncio need not report it a second time


def _raise_inside(loop: VirtualLoop, task: asyncio.Task, error: BaseException) -> None:
    """Raise `error` at the `await` that `task` is in, so that the traceback ends at the reader's own line."""
    for _ in range(3):  # a wake-up that is already on its way comes first
        waiter = task._fut_waiter
        while isinstance(waiter, asyncio.Task):
            waiter = waiter._fut_waiter
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
            return
        loop.call_soon(loop.stop)
        loop.run_forever()
    task.cancel()


def _finish(loop: VirtualLoop, task: asyncio.Task) -> Any:
    """The task's result after an interrupt; a task that goes on waiting all the same is cancelled."""
    try:
        return loop.run_until_complete(task)
    except BaseException:
        if not task.done():
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        raise


def _cancel(loop: VirtualLoop, tasks: set[asyncio.Task]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def _close(loop: VirtualLoop) -> None:
    _cancel(loop, asyncio.all_tasks(loop))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class stepping_aside:
    """Inside, this thread has no running loop, so that another one may run: how a cell gets its own clock.

    The order matters on Python 3.12 and later, where the current task belongs to the running loop.
    """

    def __enter__(self):
        self._outer = asyncio._get_running_loop()
        if self._outer is not None:
            self._task = _swap_current_task(self._outer, None)
            asyncio._set_running_loop(None)

    def __exit__(self, *_error):
        if self._outer is not None:
            asyncio._set_running_loop(self._outer)
            _swap_current_task(self._outer, self._task)


def _swap_current_task(loop, task):
    swap = getattr(asyncio.tasks, "_swap_current_task", None)
    if swap is not None:
        return swap(loop, task)
    before = asyncio.tasks._current_tasks.pop(loop, None)  # Python 3.11
    if task is not None:
        asyncio.tasks._current_tasks[loop] = task
    return before

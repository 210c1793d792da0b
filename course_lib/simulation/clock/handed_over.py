"""Functions that a simulated loop hands to threads (`asyncio.to_thread`), in lockstep with its clock.

A thread that raced with a jumping clock would change from run to run. So only one side runs at a time: the loop stands while
the thread works, and goes on when the thread sleeps on the loop's clock or is done. Ten blocking calls of three seconds, handed
to ten threads, take three.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course_lib.simulation.clock.virtual_time import VirtualLoop

AT_ONCE = 32
"""Threads that work for one loop: what Python's own default executor has on a large machine, and here on every one."""

LOOK_EVERY = 0.05
"""Real seconds between two looks whether somebody has interrupted a loop that stands."""

LEAVE_WITHIN = 1.0
"""Real seconds that a sleeping thread has to leave, when its loop is over."""

_here = threading.local()


def this_thread() -> HandedOver | None:
    """What this thread does for a simulated loop; None in every other thread."""
    return getattr(_here, "work", None)


class LoopClosed(BaseException):
    """Ends a thread that sleeps on the clock of a loop that is over; nobody waits for its result."""


class HandedOver:
    """One function in a thread of its own. `future` gets what it gives."""

    def __init__(self, threads: Threads, function: Callable[[], Any]):
        self.loop, self.future = threads.loop, threads.loop.create_future()
        self._threads, self._function = threads, function
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._asleep = self._over = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._done = False

    def start(self) -> None:
        """Come back when the thread sleeps or is done."""
        threading.Thread(target=self._work, daemon=True).start()
        self._wait()

    def sleep(self, seconds: float) -> None:
        """Called in the thread: the loop goes on meanwhile. Raises: LoopClosed."""
        if self._over:
            raise LoopClosed
        self.loop.call_later(seconds, self._go_on)
        self._asleep = True
        self._stands.release()
        self._go.acquire()
        self._asleep = False
        if self._over:
            raise LoopClosed

    def end(self) -> None:
        """The loop is over: wake it, so that it leaves. One that works has been interrupted, and nobody waits for it."""
        self._over = True
        if self._asleep:
            self._go.release()
            self._stands.acquire(timeout=LEAVE_WITHIN)

    def _go_on(self) -> None:
        self._go.release()
        self._wait()

    def _wait(self) -> None:
        while not self._stands.acquire(timeout=LOOK_EVERY):
            self.loop.interrupts.raise_waiting()
        if self._done:
            self._threads.left(self)
            if not self.future.done():  # whoever waited for it may have been cancelled
                self.future.set_result(self._result) if self._error is None else self.future.set_exception(self._error)

    def _work(self) -> None:
        _here.work = self
        try:
            self._result = self._function()
        except BaseException as error:
            self._error = error
        self._done = True
        self._stands.release()


class Threads:
    """The threads of one loop: at most AT_ONCE at work, the others start when one is done."""

    def __init__(self, loop: VirtualLoop):
        self.loop = loop
        self._at_work: set[HandedOver] = set()
        self._in_line: deque[HandedOver] = deque()

    def run(self, function: Callable[[], Any]) -> asyncio.Future:
        """A future of the function's result. It has begun when this returns, unless all threads are at work."""
        work = HandedOver(self, function)
        self._in_line.append(work)
        self._start_next()
        return work.future

    def left(self, work: HandedOver) -> None:
        """It is done."""
        self._at_work.discard(work)
        if self._in_line:
            self.loop.call_soon(self._start_next)

    def end(self) -> None:
        """End those that sleep."""
        self._in_line.clear()
        for work in self._at_work:
            work.end()

    def _start_next(self) -> None:
        while self._in_line and len(self._at_work) < AT_ONCE:
            work = self._in_line.popleft()
            if not work.future.cancelled():
                self._at_work.add(work)
                work.start()

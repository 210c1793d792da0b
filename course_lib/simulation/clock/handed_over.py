"""Functions that a simulated loop hands to threads (`asyncio.to_thread`), in lockstep with its clock.

A thread that raced with a jumping clock would change from run to run. So only one side runs at a time: the loop stands while
the thread works, and goes on when the thread sleeps on the loop's clock or is done. Ten blocking calls of three seconds, handed
to ten threads, take three. A thread that waits for another one, or for the loop, is left waiting; before the clock moves on, it
is looked at again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from course_lib.simulation.clock.blocked_threads import CAN_TELL, Held, held

if TYPE_CHECKING:
    from course_lib.simulation.clock.virtual_time import VirtualLoop

AT_ONCE = 32
"""Threads that work for one loop: what Python's own default executor has on a large machine, and here on every one."""

LOOK_EVERY = 0.005
"""Real seconds between two looks whether somebody has interrupted a loop that stands, or its thread waits for another."""

UNKNOWN_FOR = 5.0
"""Real seconds after which a silent thread counts as waiting for another, where nobody can tell."""

GIVEN_UP_AFTER = 60.0
"""Real seconds in which other people's threads may let ours go on, before the loop calls itself stuck."""

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
        self._wanted = 0.0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Come back when the thread sleeps, is done, or waits for another."""
        self._thread.start()
        self.wait()

    def sleep(self, seconds: float) -> None:
        """Called in the thread: the loop goes on meanwhile. Raises: LoopClosed."""
        if self._over:
            raise LoopClosed
        self._wanted, self._asleep = seconds, True
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

    def wait(self) -> bool:
        """Come back when the thread stands, for the loop to go on; False when it waits for another one."""
        begun = time.monotonic()
        self._threads.waiting.add(self)  # also after an interrupt, for the loop to come back to it
        while not self._stands.acquire(timeout=LOOK_EVERY):
            self.loop.interrupts.raise_waiting()
            if held(self._thread) is Held.BY_THREADS or (not CAN_TELL and time.monotonic() - begun > UNKNOWN_FOR):
                return False
        self._threads.waiting.discard(self)
        if not self._done:
            self.loop.call_later(self._wanted, self._go_on)
            return True
        self._threads.left(self)
        if not self.future.done():  # whoever waited for it may have been cancelled
            self.future.set_result(self._result) if self._error is None else self.future.set_exception(self._error)
        return True

    def _go_on(self) -> None:
        self._go.release()
        self.wait()

    def _work(self) -> None:
        _here.work = self
        try:
            self._result = self._function()
        except StopIteration as error:  # which no future takes
            self._error = RuntimeError("The function in the thread raised StopIteration.")
            self._error.__cause__ = error
        except BaseException as error:
            self._error = error
        self._done = True
        self._stands.release()


class Threads:
    """The threads of one loop: at most AT_ONCE at work, the others start when one is done."""

    def __init__(self, loop: VirtualLoop):
        self.loop = loop
        self.waiting: set[HandedOver] = set()
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

    def have_moved(self, patient: bool) -> bool:
        """Whether one that waited for another thread goes on by now; it has slept, or is done, when this returns.

        patient: there is nothing else to do, so that threads of other people are given time.
        """
        until = time.monotonic() + (GIVEN_UP_AFTER if patient else 0.0)
        while True:
            moved = [work.wait() for work in list(self.waiting)]
            if any(moved) or self.loop._ready:
                return True
            if time.monotonic() >= until:
                return False

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

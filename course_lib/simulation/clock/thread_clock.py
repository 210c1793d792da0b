"""Simulated time for threads: the clock jumps when every thread that takes part is waiting."""

import asyncio
import heapq
import itertools
import threading
import time

from course_lib.simulation.clock import busy_threads
from course_lib.simulation.clock.handed_over import this_thread
from course_lib.simulation.clock.virtual_time import VirtualLoop

GLANCE = 0.002
"""Real seconds after which the first in line looks again whether the others are still busy."""

GRACE = 0.02
"""Real seconds of quiet before the clock jumps while a thread waits for news of the operating system."""

PATIENCE = 5.0
"""Real seconds after which the clock jumps although a thread that never called is busy: with something else, it seems."""

LONGEST_WORK = 60.0
"""Real seconds after which it jumps although a thread is busy that has called before."""


class ThreadClock:
    """A shared clock in seconds, from 0. `sleep` returns when the simulated seconds have passed.

    A thread that works for a simulated loop goes by that loop's clock instead; and who sleeps here in the loop's own thread holds
    up the whole loop, as blocking calls in coroutines do.
    """

    def __init__(self):
        self.lock = threading.RLock()
        self._now = 0.0
        self._changed = threading.Condition(self.lock)
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = itertools.count()
        self._awake: tuple[float, int] | None = None
        self._asleep: set[int] = set()

    @property
    def now(self) -> float:
        """Simulated seconds."""
        loop = _loop_here()
        return self._now if loop is None else loop.time()

    def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds; sleepers wake one at a time, in the order of their deadlines."""
        loop, work = _loop_here(), this_thread()
        if loop is None:
            self._sleep(seconds)
        elif work is not None and work.loop is loop:
            work.sleep(seconds)
        else:
            loop.advance_to(loop.time() + seconds)

    def _sleep(self, seconds: float) -> None:
        me = threading.get_ident()
        with self._changed:
            mine = (self._now + seconds, next(self._numbers))
            heapq.heappush(self._sleepers, mine)
            busy_threads.take_part(threading.current_thread())
            self._asleep.add(me)
            self._changed.notify_all()
            try:
                self._wait_for_my_turn(mine)
            except BaseException:  # an interrupt: whoever leaves early must not keep the others waiting
                if mine in self._sleepers:
                    self._sleepers.remove(mine)
                    heapq.heapify(self._sleepers)
                raise
            else:
                self._now = max(self._now, mine[0])
            finally:
                self._asleep.discard(me)
                if self._awake == mine:
                    self._awake = None
                self._changed.notify_all()

    def _wait_for_my_turn(self, mine: tuple[float, int]) -> None:
        quiet_since = time.monotonic()
        while self._awake != mine:
            first = self._awake is None and self._sleepers[0] == mine
            if first and self._may_go_on(time.monotonic() - quiet_since):
                self._awake = heapq.heappop(self._sleepers)
            elif self._changed.wait(GLANCE if first else GRACE):  # somebody came or went
                quiet_since = time.monotonic()

    def _may_go_on(self, quiet: float) -> bool:
        """Whether nobody can make a call at this very moment of simulated time, after `quiet` real seconds without news."""
        busy, strangers, sure = busy_threads.look(self._asleep)
        if busy and quiet > (PATIENCE if strangers else LONGEST_WORK):
            busy_threads.leave_out(busy)
            return True
        return not busy and (sure or quiet > GRACE)


def _loop_here() -> VirtualLoop | None:
    """The simulated loop whose clock counts in this thread, unless somebody outside keeps that clock."""
    running, work = asyncio._get_running_loop(), this_thread()
    if isinstance(running, VirtualLoop):
        return None if running.is_kept_outside else running
    return None if work is None else work.loop

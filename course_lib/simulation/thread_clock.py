"""Simulated time for threads: the clock jumps when every thread that takes part is waiting.

Threads have no event loop to ask whether anybody is still busy. So the clock looks for itself:
at the queues of the thread pools, and at where each thread that takes part stands; then it
waits a few real milliseconds more. That is all the real time it costs.
"""

import concurrent.futures.thread as thread_pools
import heapq
import itertools
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 0.02
"""Real seconds in which a thread nobody knew of may make its first call before the clock jumps."""

PATIENCE = 5.0
"""Real seconds after which the clock jumps although a thread is busy: with something else, it seems."""

_WAITING = ("/threading.py", "/queue.py", "/selectors.py", "/concurrent/futures/thread.py", "/concurrent/futures/_base.py")


class ThreadClock:
    """A shared clock in seconds, from 0. `sleep` returns when the simulated seconds have passed."""

    def __init__(self):
        self.lock = threading.RLock()
        self.now = 0.0
        self._changed = threading.Condition(self.lock)
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = itertools.count()
        self._awake: tuple[float, int] | None = None
        self._asleep: set[int] = set()
        self._taking_part: set[int] = set()

    def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds; sleepers wake one at a time, in the order of their deadlines."""
        me = threading.get_ident()
        with self._changed:
            mine = (self.now + seconds, next(self._numbers))
            heapq.heappush(self._sleepers, mine)
            self._taking_part.add(me)
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
                self.now = max(self.now, mine[0])
            finally:
                self._asleep.discard(me)
                if self._awake == mine:
                    self._awake = None
                self._changed.notify_all()

    @contextmanager
    def standing_aside(self) -> Iterator[None]:
        """Inside, this thread waits for another one, not for time: the clock may go on without it."""
        me = threading.get_ident()
        with self._changed:
            self._asleep.add(me)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._asleep.discard(me)

    def _wait_for_my_turn(self, mine: tuple[float, int]) -> None:
        patient_until = time.monotonic() + PATIENCE
        while self._awake != mine:
            if self._changed.wait(GRACE):  # somebody came or went: look again
                patient_until = time.monotonic() + PATIENCE
            elif self._my_turn(mine) and (not self._somebody_is_busy() or time.monotonic() > patient_until):
                self._awake = heapq.heappop(self._sleepers)

    def _my_turn(self, mine: tuple[float, int]) -> bool:
        return self._awake is None and self._sleepers[0] == mine

    def _somebody_is_busy(self) -> bool:
        """Whether a thread may still make a call at this very moment of simulated time."""
        pools = [(thread, queue) for thread, queue in list(thread_pools._threads_queues.items()) if thread.is_alive()]
        if any(thread.ident not in self._asleep and queue.qsize() for thread, queue in pools):
            return True
        frames = sys._current_frames()
        concerned = (self._taking_part | {thread.ident for thread, _ in pools}) - self._asleep
        if any(ident in frames and not _waits(frames[ident]) for ident in concerned):
            return True
        starter = threading.main_thread()  # it may be about to start the next thread of a pool
        if starter.ident not in self._asleep and _starts_threads(frames.get(starter.ident)):
            return True
        concerned |= {starter.ident} - self._asleep
        return any(thread.ident in concerned and _wants_to_run(thread) for thread in threading.enumerate())


def _waits(frame) -> bool:
    return frame.f_code.co_filename.replace("\\", "/").endswith(_WAITING)


def _starts_threads(frame) -> bool:
    """Whether a thread is handing work to a pool, which starts its threads one by one."""
    for _ in range(4):
        if frame is None:
            return False
        if frame.f_code.co_name in ("submit", "_adjust_thread_count", "start") and _waits(frame):
            return True
        frame = frame.f_back
    return False


def _wants_to_run(thread: threading.Thread) -> bool:
    """Whether a thread that stands at a wait was woken already, and only lacks a processor: on a busy machine that takes a while.

    Linux tells; elsewhere nobody does, and the answer is no.
    """
    try:
        with open(f"/proc/self/task/{thread.native_id}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] == b"R"
    except (OSError, IndexError):
        return False

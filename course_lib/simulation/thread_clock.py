"""Simulated time for threads: the clock jumps when every thread that takes part is waiting.

A thread pool has no event loop to ask whether anybody is still busy, so the clock waits a
few real milliseconds for stragglers before it jumps; that is all the real time it costs.
"""

import heapq
import itertools
import threading

GRACE = 0.02
"""Real seconds in which a thread that is still busy may call before the clock jumps."""


class ThreadClock:
    """A shared clock in seconds, from 0. `sleep` returns when the simulated seconds have passed."""

    def __init__(self):
        self.lock = threading.RLock()
        self.now = 0.0
        self._changed = threading.Condition(self.lock)
        self._sleepers: list[tuple[float, int]] = []
        self._numbers = itertools.count()
        self._awake: tuple[float, int] | None = None

    def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds; sleepers wake one at a time, in the order of their deadlines."""
        with self._changed:
            mine = (self.now + seconds, next(self._numbers))
            heapq.heappush(self._sleepers, mine)
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
                if self._awake == mine:
                    self._awake = None
                self._changed.notify_all()

    def _wait_for_my_turn(self, mine: tuple[float, int]) -> None:
        while self._awake != mine:
            arrivals = len(self._sleepers)
            quiet = not self._changed.wait(GRACE)
            if quiet and self._awake is None and arrivals == len(self._sleepers) and self._sleepers[0] == mine:
                self._awake = heapq.heappop(self._sleepers)

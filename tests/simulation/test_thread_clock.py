"""Threads share one clock that jumps when all of them wait; the sums are exact, however long the machine takes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.simulation.thread_clock import ThreadClock


def test_one_thread_alone_pays_exactly_what_it_sleeps():
    clock = ThreadClock()
    for seconds in (3.0, 0.25, 3600.0):
        clock.sleep(seconds)
    assert clock.now == 3603.25


def test_threads_that_sleep_together_wake_together():
    clock = ThreadClock()
    everybody_is_here = threading.Barrier(4)

    def work(_):
        everybody_is_here.wait()
        clock.sleep(3.0)
        return clock.now

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [3.0] * 4


def test_sleepers_wake_in_the_order_of_their_deadlines():
    clock, woken = ThreadClock(), []
    everybody_is_here = threading.Barrier(3)

    def work(seconds):
        everybody_is_here.wait()
        clock.sleep(seconds)
        woken.append((seconds, clock.now))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, (9.0, 1.0, 4.0)))
    assert woken == [(1.0, 1.0), (4.0, 4.0), (9.0, 9.0)]


def test_a_pool_of_five_sleeps_ten_times_three_seconds_in_six():
    clock = ThreadClock()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: clock.sleep(3.0), range(10)))
    assert clock.now == 6.0


def test_an_interrupted_sleeper_leaves_the_line(monkeypatch):
    """Its deadline would otherwise stay first in line, and nobody behind it would ever wake."""
    clock = ThreadClock()

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clock._changed, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            clock.sleep(1.0)
    assert clock.now == 0.0
    later = threading.Thread(target=clock.sleep, args=(5.0,), daemon=True)
    later.start()
    later.join(10)
    assert not later.is_alive()
    assert clock.now == 5.0

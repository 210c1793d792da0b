"""Threads share one clock that jumps when all of them wait; the sums are exact, however long the machine takes."""

import queue
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.simulation.clock import busy_threads, thread_clock
from course_lib.simulation.clock.thread_clock import ThreadClock


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


@pytest.fixture
def busy_machine(monkeypatch):
    """Four threads that never rest, and a thread switch at nearly every step: all others get their turn late and anywhere."""
    monkeypatch.setattr(thread_clock, "PATIENCE", 120.0)  # how long a machine makes threads wait is not what is tested
    over = threading.Event()

    def spin():
        busy_threads.leave_out([threading.current_thread()])
        while not over.is_set():
            sum(range(50))

    hogs = [threading.Thread(target=spin) for _ in range(4)]
    interval = sys.getswitchinterval()
    for hog in hogs:
        hog.start()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)
    over.set()
    for hog in hogs:
        hog.join()


def test_a_thread_that_gets_its_turn_late_is_waited_for(busy_machine):
    """Whoever was woken, started or given work is busy from that moment, not from its first step."""
    for _ in range(5):
        test_a_pool_of_five_sleeps_ten_times_three_seconds_in_six()


def test_work_handed_on_at_the_same_moment_starts_at_that_moment(busy_machine):
    """Each finished round starts the next from the main thread: the clock may not run ahead of it."""
    clock = ThreadClock()
    with ThreadPoolExecutor(3) as pool:
        for _ in range(5):
            list(pool.map(lambda _: clock.sleep(2.0), range(3)))
    assert clock.now == 10.0


def test_threads_without_a_pool_share_the_moment_in_which_they_were_started(busy_machine):
    clock = ThreadClock()
    threads = [threading.Thread(target=clock.sleep, args=(3.0,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now == 3.0


def test_a_thread_busy_with_something_else_does_not_stop_the_clock_for_ever(monkeypatch):
    monkeypatch.setattr(thread_clock, "PATIENCE", 0.05)
    clock, over = ThreadClock(), threading.Event()

    def spin():
        while not over.is_set():
            sum(range(50))

    other = threading.Thread(target=spin)
    other.start()
    clock.sleep(1.0)
    clock.sleep(1.0)
    over.set()
    other.join()
    assert clock.now == 2.0


def a_message():
    """As many libraries have a thread that waits for one: how it waits, and how it is told."""
    ours, its_end = socket.socketpair()
    return lambda: its_end.recv(1), lambda: ours.send(b".")


def some_work():
    """The same at a queue that is written in C."""
    work = queue.SimpleQueue()
    return work.get, lambda: work.put(None)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells what holds a thread")
@pytest.mark.parametrize("waited_for", [a_message, some_work])
def test_a_thread_of_somebody_else_that_waits_keeps_nobody_waiting(busy_machine, waited_for):
    clock = ThreadClock()
    wait, tell = waited_for()
    other = threading.Thread(target=wait)
    other.start()
    begun = time.monotonic()
    clock.sleep(1.0)
    assert time.monotonic() - begun < thread_clock.PATIENCE, "it was taken for busy, until there was no patience left"
    assert other.is_alive()
    tell()
    other.join()
    assert clock.now == 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells what holds a thread")
def test_who_has_called_before_may_wait_at_a_queue_for_another_one():
    """As the workers of `multiprocessing.pool.ThreadPool` do, whose queue is written in C."""
    clock, work = ThreadClock(), queue.SimpleQueue()

    def consume():
        clock.sleep(1.0)
        while work.get():
            clock.sleep(1.0)

    consumer = threading.Thread(target=consume)
    consumer.start()
    for _ in range(3):
        clock.sleep(5.0)
        work.put(True)
    work.put(False)
    consumer.join()
    assert clock.now == 16.0


def test_the_clock_waits_for_real_work_of_who_has_called_before(monkeypatch):
    """Reading a file, asking a database: it takes no simulated time, however long it takes."""
    monkeypatch.setattr(thread_clock, "PATIENCE", 0.05)
    clock = ThreadClock()

    def work(number):
        clock.sleep(3.0)
        if number == 0:
            time.sleep(0.3)
        clock.sleep(3.0)
        return clock.now

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [6.0] * 3


def test_an_interrupted_sleeper_leaves_the_line(monkeypatch):
    """Its deadline would otherwise stay first in line, and nobody behind it would ever wake."""
    clock = ThreadClock()

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clock, "_may_go_on", lambda _quiet: False)
        patch.setattr(clock._changed, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            clock.sleep(1.0)
    assert clock.now == 0.0
    later = threading.Thread(target=clock.sleep, args=(5.0,), daemon=True)
    later.start()
    later.join(60)
    assert not later.is_alive()
    assert clock.now == 5.0

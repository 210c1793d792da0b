"""Blocking calls that a simulated loop hands to threads: on the loop's clock, side by side, the same at every run."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from course_lib.simulation.clock import handed_over
from course_lib.simulation.clock.handed_over import AT_ONCE
from course_lib.simulation.clock.thread_clock import ThreadClock
from course_lib.simulation.clock.virtual_time import StuckError, VirtualLoop, run_until_complete

QUESTION = "Is this spam? Yes or no only. <email>Hi {}</email>"


def test_blocking_calls_in_threads_run_side_by_side():
    claude, other = connect(seconds_per_call=3.0), connect(seconds_per_call=3.0)
    prompts = [QUESTION.format(number) for number in range(10)]
    answers = run_simulated(run_parallel(lambda prompt: asyncio.to_thread(claude.ask_blocking, prompt), prompts))
    assert answers == [other.ask_blocking(prompt) for prompt in prompts]
    assert (claude.log.makespan, claude.log.peak_in_flight) == (3.0, 10)
    assert other.log.makespan == 30.0


def test_calls_of_tasks_and_of_threads_stand_on_one_clock():
    claude = connect(seconds_per_call=3.0)

    async def main():
        await asyncio.sleep(100)
        await asyncio.gather(claude.ask(QUESTION), asyncio.to_thread(claude.ask_blocking, QUESTION))
        claude.ask_blocking(QUESTION)  # in the loop's own thread: everybody waits for it

    run_simulated(main())
    assert [(call.queued, call.started, call.ended) for call in claude.log] == [
        (100.0, 100.0, 103.0), (100.0, 100.0, 103.0), (103.0, 103.0, 106.0),
    ]


def test_a_blocking_call_in_a_coroutine_holds_up_the_whole_loop():
    clock = ThreadClock()

    async def main():
        async def tick():
            await asyncio.sleep(1)
            return asyncio.get_running_loop().time()

        other = asyncio.create_task(tick())
        await asyncio.sleep(0)
        clock.sleep(5)
        return await other, clock.now

    assert run_simulated(main()) == (5.0, 5.0)
    assert clock.now == 0.0


def test_of_many_threads_so_many_work_at_once_on_every_machine():
    clock = ThreadClock()

    async def main():
        await asyncio.gather(*(asyncio.to_thread(clock.sleep, 1.0) for _ in range(2 * AT_ONCE + 1)))
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 3.0


def test_threads_wake_in_the_order_of_their_deadlines_one_at_a_time():
    clock, woken, at_work = ThreadClock(), [], threading.Lock()

    def work(seconds):
        for _ in range(3):
            clock.sleep(seconds)
            assert at_work.acquire(blocking=False), "two of them worked at the same time"
            woken.append((clock.now, seconds))
            at_work.release()

    async def main():
        await asyncio.gather(*(asyncio.to_thread(work, seconds) for seconds in (3.0, 1.0, 2.0)))

    run_simulated(main())
    assert woken == sorted(woken, key=lambda one: one[0])
    assert len(woken) == 9


def test_what_a_thread_raises_is_raised_where_it_is_awaited():
    clock = ThreadClock()

    def fail():
        clock.sleep(2.0)
        raise ValueError("no")

    async def main():
        with pytest.raises(ValueError, match="no"):
            await asyncio.to_thread(fail)
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 2.0


@pytest.mark.parametrize("in_line", [0, 3])
def test_a_loop_that_is_over_leaves_no_thread_behind(in_line):
    clock, before, left = ThreadClock(), set(threading.enumerate()), []

    def work():
        try:
            clock.sleep(3600.0)
        finally:
            left.append(clock.now)

    async def main():
        for _ in range(AT_ONCE + in_line):
            asyncio.get_running_loop().run_in_executor(None, work)
        await asyncio.sleep(1)

    run_simulated(main())
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    assert len(left) == AT_ONCE


def test_a_caller_that_is_cancelled_does_not_stop_its_thread():
    """As in real life: nobody can stop a thread, so the call is made, and billed."""
    claude = connect(seconds_per_call=3.0)

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(claude.ask_blocking, QUESTION), 1.0)
        await asyncio.sleep(5)

    run_simulated(main())
    assert [(call.status, call.ended) for call in claude.log] == [("ok", 3.0)]


def test_threads_may_wait_for_each_other():
    clock, lock, woken = ThreadClock(), threading.Lock(), []

    def one_at_a_time(number):
        with lock:
            clock.sleep(1.0)
            woken.append(clock.now)

    async def main():
        await asyncio.gather(*(asyncio.to_thread(one_at_a_time, number) for number in range(3)))
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 3.0
    assert woken == [1.0, 2.0, 3.0]


def test_a_thread_may_wait_for_its_loop():
    async def nap():
        await asyncio.sleep(5)
        return "slept"

    async def main():
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(nap(), loop).result()), loop.time()

    assert run_simulated(main()) == ("slept", 5.0)


def test_threads_may_meet():
    clock, meeting = ThreadClock(), threading.Barrier(2)

    def work(seconds):
        clock.sleep(seconds)
        meeting.wait()
        return clock.now

    async def main():
        return await asyncio.gather(*(asyncio.to_thread(work, seconds) for seconds in (1.0, 4.0)))

    assert run_simulated(main()) == [4.0, 4.0]


def test_a_thread_that_raises_what_no_future_takes_fails():
    async def main():
        with pytest.raises(RuntimeError, match="raised StopIteration"):
            await asyncio.to_thread(next, iter(()))

    run_simulated(main())


def test_a_loop_inside_a_thread_has_its_own_clock():
    clock = ThreadClock()

    async def inner():
        await asyncio.sleep(100)
        clock.sleep(1.0)
        return asyncio.get_running_loop().time()

    async def main():
        await asyncio.sleep(10)
        return await asyncio.to_thread(lambda: run_simulated(inner())), asyncio.get_running_loop().time()

    assert run_simulated(main()) == (101.0, 10.0)


def test_a_thread_whose_loop_was_interrupted_is_come_back_to():
    clock, loop = ThreadClock(), VirtualLoop()
    may_end = threading.Event()

    def work():
        clock.sleep(1.0)
        may_end.wait()
        return clock.now

    async def begin():
        loop.background = asyncio.create_task(asyncio.to_thread(work))
        await asyncio.sleep(0)

    async def interrupted():
        loop.interrupts.waiting = True  # as an interrupt leaves it that comes while the loop stands
        await asyncio.sleep(5)

    async def await_it():
        may_end.set()
        return await loop.background

    run_until_complete(loop, begin())
    with pytest.raises(KeyboardInterrupt):
        run_until_complete(loop, interrupted())
    assert run_until_complete(loop, await_it()) >= 1.0
    assert not loop._handed_over._at_work
    loop.close()


def test_a_thread_may_wait_for_a_pool_of_its_own_that_takes_its_time():
    clock, may_end = ThreadClock(), threading.Event()

    def slow(number):
        may_end.wait()
        clock.sleep(3.0)
        return number

    def work():
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(slow, range(4)))

    async def main():
        threading.Timer(0.2, may_end.set).start()
        return await asyncio.to_thread(work)

    assert run_simulated(main()) == [0, 1, 2, 3]


def test_a_thread_that_waits_for_ever_is_told(monkeypatch):
    monkeypatch.setattr(handed_over, "GIVEN_UP_AFTER", 0.1)
    never = threading.Event()

    async def main():
        await asyncio.to_thread(never.wait)

    with pytest.raises(StuckError):
        run_simulated(main())
    never.set()

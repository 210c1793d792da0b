"""Blocking calls that a simulated loop hands to threads: on the loop's clock, side by side, the same at every run."""

import asyncio
import threading

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from course_lib.simulation.clock.handed_over import AT_ONCE
from course_lib.simulation.clock.thread_clock import ThreadClock

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

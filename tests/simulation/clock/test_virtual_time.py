"""Simulated time is asyncio, exact, and never a silent hang."""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.simulation.clock.virtual_time import StuckError, run_simulated


def now():
    return asyncio.get_running_loop().time()


async def nap(seconds):
    await asyncio.sleep(seconds)
    return now()


# --- the clock -----------------------------------------------------------------------------------


def test_it_starts_at_zero_and_jumps_exactly():
    async def main():
        return [now(), await nap(3.0), await nap(0.1), await nap(86_400)]

    assert run_simulated(main()) == [0.0, 3.0, 3.1, 86_403.1]


def test_ten_naps_take_thirty_seconds_one_after_another_and_three_at_once():
    async def serial():
        for _ in range(10):
            await asyncio.sleep(3)
        return now()

    async def parallel():
        await asyncio.gather(*(asyncio.sleep(3) for _ in range(10)))
        return now()

    assert (run_simulated(serial()), run_simulated(parallel())) == (30.0, 3.0)


@pytest.mark.parametrize("seconds", [86_400 * 400.5, 1e9, 1e12])
def test_years_pass_as_easily_as_seconds(seconds):
    async def main():
        before = await nap(seconds)
        return before, await nap(1.0) - before

    assert run_simulated(main()) == (seconds, 1.0)


def test_sleeping_zero_or_less_lets_the_others_go_first_but_moves_no_clock():
    async def main():
        order = []

        async def polite():
            await asyncio.sleep(0)
            await asyncio.sleep(-5)
            order.append("polite")

        async def quick():
            order.append("quick")

        await asyncio.gather(polite(), quick())
        return order, now()

    assert run_simulated(main()) == (["quick", "polite"], 0.0)


def test_equal_deadlines_fire_in_the_order_in_which_they_were_set():
    async def main():
        order = []

        async def one(number):
            await asyncio.sleep(1)
            order.append(number)

        await asyncio.gather(*(one(number) for number in range(500)))
        return order

    assert run_simulated(main()) == list(range(500))


@given(st.lists(st.integers(0, 20), max_size=30))
def test_sleepers_wake_by_deadline_then_by_who_came_first(delays):
    async def main():
        woken = []

        async def sleeper(number, delay):
            await asyncio.sleep(delay)
            woken.append((now(), number))

        await asyncio.gather(*(sleeper(number, delay) for number, delay in enumerate(delays)))
        return woken

    # sleep(0) is no timer: asyncio lets it go on at once, before any timer, in the same order.
    assert run_simulated(main()) == sorted((float(delay), number) for number, delay in enumerate(delays))


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=30))
def test_cancelled_timers_never_fire_and_move_no_clock(timers):
    async def main():
        fired = []
        handles = [asyncio.get_running_loop().call_later(delay, fired.append, number)
                   for number, (delay, _) in enumerate(timers)]
        for handle, (_, kept) in zip(handles, timers, strict=True):
            if not kept:
                handle.cancel()
        await asyncio.sleep(10)
        return fired, now()

    kept = sorted((delay, number) for number, (delay, keep) in enumerate(timers) if keep)
    assert run_simulated(main()) == ([number for _, number in kept], 10.0)


def test_cancelled_timers_leave_the_line_long_before_they_are_due():
    """A time-out around every call of a long run would otherwise be kept until its minutes are over."""
    async def main():
        loop, fired = asyncio.get_running_loop(), []
        timers = [loop.call_later(600.0 + number, fired.append, number) for number in range(1000)]
        for number, timer in enumerate(timers):
            if number % 10:
                timer.cancel()
        kept = len(loop._timers)
        await asyncio.sleep(2000.0)
        return kept, fired, loop._cancelled_timers

    kept, fired, cancelled = run_simulated(main())
    assert kept < 300
    assert fired == list(range(0, 1000, 10))
    assert cancelled == 0


def test_call_at_and_call_later_say_when_and_refuse_nonsense():
    async def main():
        loop = asyncio.get_running_loop()
        assert loop.call_later(2.5, print).when() == 2.5
        assert loop.call_at(7.0, print).when() == 7.0
        with pytest.raises(TypeError):
            loop.call_later(None, print)

    run_simulated(main())


# --- asyncio as it is ----------------------------------------------------------------------------


def test_timeout_wait_for_and_task_group_work_to_the_second():
    async def main():
        seen = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.sleep(5)
        seen.append(now())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(5), 1.5)
        seen.append(now())
        assert await asyncio.wait_for(nap(1), 1.5) == 4.5
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(nap(seconds)) for seconds in (3, 1, 2)]
        return seen, [task.result() for task in tasks], now()

    assert run_simulated(main()) == ([2.0, 3.5], [7.5, 5.5, 6.5], 7.5)


def test_a_failing_task_group_cancels_the_others_at_that_very_second():
    cancelled_at = []

    async def sibling():
        try:
            await asyncio.sleep(60)
        finally:
            cancelled_at.append(now())

    async def failing():
        await asyncio.sleep(4)
        raise ValueError("broken")

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(sibling())
            group.create_task(failing())

    with pytest.raises(ExceptionGroup):
        run_simulated(main())
    assert cancelled_at == [4.0]


def test_queues_locks_semaphores_and_as_completed_work():
    async def main():
        slots, inside, peak = asyncio.Semaphore(2), set(), []

        async def guarded(seconds):
            async with slots:
                inside.add(asyncio.current_task())
                peak.append(len(inside))
                await asyncio.sleep(seconds)
                inside.discard(asyncio.current_task())
                return seconds

        # as_completed keeps its coroutines in a set and would start them in any order: it gets tasks.
        tasks = [asyncio.create_task(guarded(seconds)) for seconds in (3, 1, 1)]
        finished = [await next_one for next_one in asyncio.as_completed(tasks)]
        return finished, max(peak), now()

    assert run_simulated(main()) == ([1, 1, 3], 2, 3.0)


def test_anyio_sleeps_groups_and_deadlines_work():
    async def main():
        with anyio.move_on_after(2) as scope:
            await anyio.sleep(10)
        async with anyio.create_task_group() as group:
            for seconds in (1, 2, 3):
                group.start_soon(anyio.sleep, seconds)
        return scope.cancelled_caught, anyio.current_time()

    assert run_simulated(main()) == (True, 5.0)


# --- threads and sockets -------------------------------------------------------------------------


def test_the_default_executor_costs_no_time():
    async def main():
        thread = await asyncio.to_thread(threading.get_ident)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        return thread == threading.get_ident(), now()

    assert run_simulated(main()) == (False, 0.0)


def test_a_thread_pool_of_ones_own_is_really_waited_for():
    """The thread can't finish before the loop waits for it: the loop must neither jump ahead nor call itself stuck."""
    async def main():
        gate = threading.Event()
        with ThreadPoolExecutor() as pool:
            threading.Timer(0.02, gate.set).start()
            answer = await asyncio.get_running_loop().run_in_executor(pool, lambda: gate.wait(10) and "from a thread")
        return answer, await nap(1)

    assert run_simulated(main()) == ("from a thread", 1.0)


def test_a_timeout_on_a_slow_thread_is_kept():
    async def main():
        gate = threading.Event()
        with ThreadPoolExecutor() as pool:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(pool, gate.wait, 10), 0.02)
            gate.set()
        return now()

    assert run_simulated(main()) == 0.02


def test_an_open_connection_does_not_stop_the_clock():
    async def main():
        here, there = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=here)
        await asyncio.sleep(0.02)  # nothing arrives meanwhile
        there.sendall(b"news\n")
        line = await reader.readline()
        writer.close()
        there.close()
        return line, now()

    assert run_simulated(main()) == (b"news\n", 0.02)


# --- when nothing can happen any more ------------------------------------------------------------


def test_a_stuck_program_says_who_waits_and_for_what():
    async def courier():
        await asyncio.Event().wait()

    async def main():
        await asyncio.create_task(courier())

    with pytest.raises(StuckError) as caught:
        run_simulated(main())
    message = str(caught.value)
    assert "courier() waits at line" in message
    assert "Event.wait()" in message
    assert "let some task set, put or release it" in message
    assert "0x" not in message


def test_the_stuck_line_is_the_readers_own():
    async def waits_for_a_lock():
        lock = asyncio.Lock()
        await lock.acquire()
        await lock.acquire()

    with pytest.raises(StuckError, match=r"waits_for_a_lock\(\) waits at line (\d+)") as caught:
        run_simulated(waits_for_a_lock())
    line = waits_for_a_lock.__code__.co_firstlineno + 3
    assert f"waits_for_a_lock() waits at line {line} for Lock.acquire()" in str(caught.value)


def test_a_stuck_program_is_cancelled_so_that_its_cleaning_up_runs():
    cleaned = []

    async def main():
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cleaned.append(True)

    with pytest.raises(StuckError):
        run_simulated(main())
    assert cleaned == [True]


def test_a_timer_that_is_still_set_is_no_reason_to_give_up():
    async def main():
        event = asyncio.Event()
        asyncio.get_running_loop().call_later(500, event.set)
        await event.wait()
        return now()

    assert run_simulated(main()) == 500.0


# --- interrupts, leftovers, nesting --------------------------------------------------------------


def test_tasks_that_are_left_over_are_cancelled_and_awaited():
    cleaned = []

    async def straggler():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(1)
            cleaned.append(now())

    async def main():
        task = asyncio.create_task(straggler())
        await asyncio.sleep(2)
        return task

    assert run_simulated(main()).cancelled()
    assert cleaned == [3.0]


def test_async_generators_are_closed():
    closed = []

    async def numbers():
        try:
            yield 1
        finally:
            closed.append(True)

    async def main():
        generator = numbers()
        return generator, await anext(generator)

    run_simulated(main())
    assert closed == [True]


def test_it_runs_inside_a_running_loop_and_leaves_that_as_it_was():
    async def outer():
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        inner = run_simulated(nap(3600))
        assert asyncio.get_running_loop() is loop
        assert asyncio.current_task() is task
        with pytest.raises(ValueError):
            run_simulated(failing())
        assert asyncio.current_task() is task
        async with asyncio.timeout(10):  # needs the current task
            await asyncio.sleep(0)
        return inner

    async def failing():
        raise ValueError("inside")

    assert asyncio.run(outer()) == 3600.0


def test_clocks_nest():
    async def outer():
        await asyncio.sleep(5)
        inner = run_simulated(nap(100))
        return inner, await nap(1)

    assert run_simulated(outer()) == (100.0, 6.0)

"""An interrupt at the worst moment loses no task's wake-up."""

import asyncio
import gc
import signal
import threading

import pytest

from course_lib.parallel import run_parallel
from course_lib.simulation.clock.interrupts import Interrupts
from course_lib.simulation.clock.virtual_time import VirtualLoop, run_simulated, run_until_complete


class InterruptedLoop(VirtualLoop):
    """Interrupts itself inside the event loop's own code, at the n-th timer that it moves to."""

    def __init__(self, at):
        self.left = at
        super().__init__()

    def _go_to_next_moment(self, due):
        super()._go_to_next_moment(due)
        self.left -= 1
        if self.left == 0:
            interrupted_in_machinery(self)


def interrupted_in_machinery(loop):
    """What a signal does whose frame is asyncio's own, without the luck of timing."""
    class Code:
        co_filename = asyncio.base_events.__file__

    class Frame:
        f_code = Code

    signal.getsignal(signal.SIGINT)(signal.SIGINT, Frame)


def test_in_the_readers_code_it_is_raised_at_once():
    async def main():
        signal.raise_signal(signal.SIGINT)
        reached.append(True)

    reached = []
    with pytest.raises(KeyboardInterrupt):
        run_simulated(main())
    assert reached == []


@pytest.mark.parametrize("at", [1, 2, 5])
def test_in_asyncios_own_code_it_waits_and_every_other_task_goes_on_afterwards(at):
    loop = InterruptedLoop(at)
    ticks = []

    async def background():
        for tick in range(20):
            ticks.append(tick)
            await asyncio.sleep(1)
        return "done"

    async def endless():
        while True:  # noqa: ASYNC110 - a cell that never ends is what gets interrupted
            await asyncio.sleep(1)

    async def first_cell():
        return asyncio.create_task(background())

    task = run_until_complete(loop, first_cell())
    with pytest.raises(KeyboardInterrupt):
        run_until_complete(loop, endless())
    assert len(ticks) < 20

    async def next_cell():
        return await task, loop.time()

    assert run_until_complete(loop, next_cell()) == ("done", 20.0)
    assert ticks == list(range(20))
    loop.close()


async def by_gather(work):
    await asyncio.gather(*(work(number) for number in range(3)))


async def by_task_group(work):
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(work(number))


async def by_run_parallel(work):
    await run_parallel(work, range(3))


def test_it_is_reported_once_and_not_again_by_asyncio(caplog):
    async def in_readers_code():
        signal.raise_signal(signal.SIGINT)

    async def at_an_await():
        asyncio.get_running_loop().call_later(5, signal.raise_signal, signal.SIGINT)
        await asyncio.gather(asyncio.sleep(60), asyncio.sleep(60))

    for cell in (in_readers_code, at_an_await):
        with pytest.raises(KeyboardInterrupt):
            run_simulated(cell())
        gc.collect()
    assert caplog.messages == []


@pytest.mark.parametrize("at", [1, 2, 5])
def test_it_arrives_as_an_interrupt_at_the_await_and_not_as_a_cancellation(at):
    seen = []

    async def cell():
        try:
            while True:  # noqa: ASYNC110 - as above
                await asyncio.sleep(1)
        except BaseException as error:
            seen.append(type(error))
            raise

    loop = InterruptedLoop(at)
    with pytest.raises(KeyboardInterrupt):
        run_until_complete(loop, cell())
    assert seen == [KeyboardInterrupt]
    loop.close()


@pytest.mark.parametrize("at_once", [by_gather, by_task_group, by_run_parallel])
def test_calls_that_ran_side_by_side_stop_too(at_once):
    """Otherwise they would go on, and be billed, behind the reader's back in the next cell."""
    loop = VirtualLoop()
    cleaned = []

    async def work(number):
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append((number, loop.time()))

    async def interrupted_cell():
        loop.call_later(5, signal.raise_signal, signal.SIGINT)
        await at_once(work)

    with pytest.raises(KeyboardInterrupt):
        run_until_complete(loop, interrupted_cell())
    assert sorted(cleaned) == [(0, 5.0), (1, 5.0), (2, 5.0)]
    assert asyncio.all_tasks(loop) == set()
    loop.close()


def test_one_that_came_in_the_very_last_step_is_not_lost():
    async def main():
        asyncio.get_running_loop().interrupts.waiting = True

    with pytest.raises(KeyboardInterrupt):
        run_simulated(main())


def test_the_handler_of_before_comes_back():
    before = signal.getsignal(signal.SIGINT)

    async def inner():
        return isinstance(signal.getsignal(signal.SIGINT), Interrupts)

    async def outer():
        mine = signal.getsignal(signal.SIGINT)
        return await inner(), run_simulated(inner()), signal.getsignal(signal.SIGINT) is mine

    assert run_simulated(outer()) == (True, True, True)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_of_the_readers_own_stays():
    called = []

    async def main():
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(1)
        return "went on"

    before = signal.signal(signal.SIGINT, lambda *_: called.append(True))
    try:
        assert run_simulated(main()) == "went on"
    finally:
        signal.signal(signal.SIGINT, before)
    assert called == [True]


def test_other_threads_take_no_signals():
    results = []

    async def main():
        await asyncio.sleep(1)
        return signal.getsignal(signal.SIGINT)

    thread = threading.Thread(target=lambda: results.append(run_simulated(main())))
    thread.start()
    thread.join()
    assert results == [signal.getsignal(signal.SIGINT)]

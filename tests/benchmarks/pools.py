"""What a pool costs per item, when the work itself is nothing: what is left is the pool's own overhead."""

import asyncio
import functools
import logging

from course_lib.parallel import run_parallel, stream_parallel
from tests.benchmarks import rivals
from tests.benchmarks.tables import Promise, Table, ratio
from tests.benchmarks.turns import best


async def at_once(item):
    """The item, without any waiting."""
    return item


async def next_turn(item):
    """The item, after one turn of the event loop: what every real call does at least."""
    await asyncio.sleep(0)
    return item


WORK = {"returns at once": at_once, "yields once": next_turn}


def in_order(function, items, max_at_once):
    return asyncio.run(run_parallel(function, items, max_at_once=max_at_once))


def as_they_finish(function, items, max_at_once):
    async def main():
        return [outcome.value async for outcome in stream_parallel(function, items, max_at_once=max_at_once)]

    return asyncio.run(main())


def gather_and_semaphore(function, items, max_at_once):
    async def main():
        slots = asyncio.Semaphore(max_at_once)

        async def one(item):
            async with slots:
                return await function(item)

        return await asyncio.gather(*(one(item) for item in items))

    return asyncio.run(main())


def by_aiometer(aiometer, function, items, max_at_once):
    async def main():
        return await aiometer.run_all([functools.partial(function, item) for item in items], max_at_once=max_at_once)

    return asyncio.run(main())


def by_langchain(runnables, function, items, max_at_once):
    async def main():
        return await runnables.RunnableLambda(function).abatch(list(items), config={"max_concurrency": max_at_once})

    return asyncio.run(main())


def by_dspy(dspy, function, items, max_at_once):
    """Threads: it takes a plain function, so the work is even less than that of the others."""
    logging.getLogger("dspy").setLevel(logging.ERROR)
    pool = dspy.Parallel(num_threads=max_at_once, disable_progress_bar=True)
    return pool([(_plain, (item,)) for item in items])


def _plain(item):
    return item


def ways() -> tuple[dict, dict]:
    """Name → a function of (function, items, max_at_once) that gives the results; and the rivals' modules, or None."""
    modules = {name: rivals.load(module) for name, module in [
        ("aiometer", "aiometer"), ("langchain-core abatch", "langchain_core.runnables"), ("dspy.Parallel", "dspy"),
    ]}
    adapters = dict(zip(modules, (by_aiometer, by_langchain, by_dspy), strict=True))
    found = {name: functools.partial(adapters[name], module) for name, module in modules.items() if module is not None}
    own = {"run_parallel": in_order, "stream_parallel": as_they_finish, "gather + Semaphore": gather_and_semaphore}
    return own | found, modules


def measure(items: int = 10_000, max_at_once: int = 20, rounds: int = 5) -> Table:
    """Microseconds per item of every way, for work that returns at once and for work that yields once."""
    pools, modules = ways()
    for name, pool in pools.items():
        for work in WORK.values():
            assert sorted(pool(work, range(50), max_at_once)) == list(range(50)), name
    micros = {}
    for kind, work in WORK.items():
        turns = {name: functools.partial(pool, work, range(items), max_at_once) for name, pool in pools.items()}
        micros[kind] = {name: seconds / items * 1e6 for name, seconds in best(turns, rounds).items()}
    own = {kind: figures["run_parallel"] for kind, figures in micros.items()}
    columns = tuple(column for kind in WORK for column in (f"µs, {kind}", "times run_parallel"))
    rows = {name: tuple(cell for kind in WORK for cell in (micros[kind][name], micros[kind][name] / own[kind])) for name in pools}
    promises = [
        Promise(f"run_parallel as a share of {name}, work that {kind}", ratio(own[kind], micros[kind].get(name)), share)
        for name, share in {"gather + Semaphore": 1 / 3, **dict.fromkeys(modules, 1 / 10)}.items() for kind in WORK
    ]
    title = f"overhead per item; {items:,} items, at most {max_at_once} at once, best of {rounds} rounds in turns"
    return Table("pools", title, columns, rows, tuple(promises), rivals.missing(modules))

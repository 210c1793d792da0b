"""What a bounded pool costs per item, measured against `asyncio.gather` with a semaphore, in one run.

    python -m tests.benchmarks [--items 100000] [--max-at-once 20] [--rounds 5]

The work does nothing but yield once, so what is left is the pool's own overhead. Items come from a generator.
Each round runs every way once, in turns, so that a busy machine slows them all alike; of the rounds, the fastest
counts for time. Memory is the peak that Python allocated in a round of its own, because tracing slows it down.
Microseconds differ between machines; the ratios are what to compare.
"""

import argparse
import asyncio
import gc
import time
import tracemalloc

from course_lib.parallel import run_parallel, stream_parallel


async def nothing(item):
    """The item itself, after one turn of the event loop."""
    await asyncio.sleep(0)
    return item


async def pool(items, max_at_once):
    return len(await run_parallel(nothing, items, max_at_once=max_at_once))


async def stream(items, max_at_once):
    return len([None async for _ in stream_parallel(nothing, items, max_at_once=max_at_once)])


async def gather_and_semaphore(items, max_at_once):
    slots = asyncio.Semaphore(max_at_once)

    async def one(item):
        async with slots:
            return await nothing(item)

    return len(await asyncio.gather(*(one(item) for item in items)))


WAYS = {"run_parallel": pool, "stream_parallel": stream, "gather + Semaphore": gather_and_semaphore}


def measure(items: int = 100_000, max_at_once: int = 20, rounds: int = 5) -> dict[str, tuple[float, float]]:
    """Way → (microseconds per item, peak MiB)."""
    seconds = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            seconds[name].append(_seconds(way, items, max_at_once))
    return {
        name: (min(seconds[name]) / items * 1e6, _peak_bytes(way, items, max_at_once) / 2**20)
        for name, way in WAYS.items()
    }


def table(measured: dict[str, tuple[float, float]]) -> str:
    """One line per way, with its ratios to `run_parallel`."""
    own_time, own_memory = measured["run_parallel"]
    lines = [f"{'':20}{'µs per item':>12}{'ratio':>8}{'peak MiB':>10}{'ratio':>8}"]
    for name, (micros, mib) in measured.items():
        lines.append(f"{name:20}{micros:12.2f}{micros / own_time:7.1f}×{mib:10.1f}{mib / own_memory:7.1f}×")
    return "\n".join(lines)


def _seconds(way, items, max_at_once):
    gc.collect()
    begun = time.perf_counter()
    done = asyncio.run(way(iter(range(items)), max_at_once))
    took = time.perf_counter() - begun
    assert done == items
    return took


def _peak_bytes(way, items, max_at_once):
    gc.collect()
    tracemalloc.start()
    try:
        asyncio.run(way(iter(range(items)), max_at_once))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="What a pool costs per item.")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--max-at-once", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{options.items:,} items that do nothing, at most {options.max_at_once} at once, best of {options.rounds}")
    print(table(measure(options.items, options.max_at_once, options.rounds)))


if __name__ == "__main__":
    main()

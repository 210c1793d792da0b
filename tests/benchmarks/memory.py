"""What a long run costs in memory: items from a generator, each way in a fresh process of its own."""

from tests.benchmarks import fresh
from tests.benchmarks.tables import Promise, Table

OWN = ("run_parallel", "stream_parallel")

RUN = fresh.PEAK + """
import asyncio, json, sys
from course_lib.parallel.runs import run_parallel, stream_parallel

way, count, max_at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
drawn = done = ahead = 0

def source():
    global drawn, ahead
    for number in range(count):
        drawn += 1
        ahead = max(ahead, drawn - done)
        yield number

async def work(number):
    global done
    await asyncio.sleep(0)
    done += 1

async def ordered():
    return len(await run_parallel(work, source(), max_at_once=max_at_once))

async def streamed():
    outcomes = 0
    async for _ in stream_parallel(work, source(), max_at_once=max_at_once):
        outcomes += 1
    return outcomes

async def gathered():
    slots = asyncio.Semaphore(max_at_once)
    async def one(item):
        async with slots:
            return await work(item)
    return len(await asyncio.gather(*(one(item) for item in source())))

before = peak_bytes()
assert count == asyncio.run({"run_parallel": ordered, "stream_parallel": streamed}.get(way, gathered)())
print(json.dumps([peak_bytes() - before, ahead]))
"""
"""Prints the bytes that the run needed on top of the process before it, and the most items read and not finished."""


def measure(items: int = 1_000_000, max_at_once: int = 20, gathered: int = 100_000) -> Table:
    """Peak memory over that of the same process before the run, and how far ahead of the work items were read."""
    plan = dict.fromkeys(OWN, items) | {"gather + Semaphore": gathered}
    rows = {}
    for way, count in plan.items():
        peak, ahead = fresh.run(RUN, way, count, max_at_once)
        rows[way] = (count, peak / 2**20, peak / count, ahead)
    promises = [Promise(f"{way}, MiB over the empty process", rows[way][1], 20) for way in OWN]
    promises += [Promise(f"{way}, items read and not finished", rows[way][3], max_at_once) for way in OWN]
    note = f"Of run_parallel's, {8 * items / 2**20:.0f} MiB are the list of results that it gives."
    title = f"items from a generator, at most {max_at_once} at once; a fresh process each"
    return Table("memory", title, ("items", "peak MiB", "bytes per item", "read ahead"), rows, tuple(promises), (note,))

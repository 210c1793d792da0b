"""Event loops on simulated time: 10,000 timers. How long they take, whether they fire when they should, and in which order.

Every third deadline is shared by several timers, which must fire in the order in which they were set.
"""

import asyncio
import functools
import itertools
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from course_lib.simulation.clock.virtual_time import VirtualLoop
from tests.benchmarks import fresh, rivals
from tests.benchmarks.tables import Promise, Table, ratio
from tests.benchmarks.turns import best

A_MOMENT = 1e-9
"""Seconds: a timer that fires further off than that is inexact."""


def delays(count: int) -> list[float]:
    """Seconds from now, in no order: every third is shared by about ten timers, the others are all different.

    The same on every run.
    """
    groups = max(1, count // 30)
    return [
        float(number * 7919 % groups) if number % 3 == 0 else (number * 104_729 % count) / 7 + number / 30_011
        for number in range(count)
    ]


async def fire(plan: list[float]) -> list[tuple[int, float]]:
    """(number, seconds after the start) of every timer, in the order in which they fired."""
    clock, fired = asyncio.get_running_loop().time, []

    async def one(number, seconds):
        await asyncio.sleep(seconds)
        fired.append((number, clock() - begun))

    begun = clock()
    await asyncio.gather(*(one(number, seconds) for number, seconds in enumerate(plan)))
    return fired


def inexact(plan: list[float], fired: list[tuple[int, float]]) -> int:
    """How many fired at another moment than they were set for."""
    return sum(abs(moment - plan[number]) > A_MOMENT for number, moment in fired)


def disordered(plan: list[float], fired: list[tuple[int, float]]) -> int:
    """How many fired directly after one that was due later, or that was due at the same moment and set later."""
    due = [(plan[number], number) for number, _ in fired]
    return sum(after < before for before, after in itertools.pairwise(due))


def on_virtual_loop(plan):
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(fire(plan))


def on_looptime(looptime, plan):
    with asyncio.Runner(loop_factory=lambda: looptime.new_event_loop(start=0)) as runner:
        return runner.run(fire(plan))


def on_aiotools(aiotools, plan):
    async def patched():
        with aiotools.VirtualClock().patch_loop():
            return await fire(plan)

    return asyncio.run(patched())


def on_async_solipsism(async_solipsism, plan):
    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        return runner.run(fire(plan))


def ways() -> tuple[dict, dict]:
    """Name → a function of the plan that gives what fired; and the rivals' modules, or None."""
    adapters = {"looptime": on_looptime, "aiotools": on_aiotools, "async-solipsism": on_async_solipsism}
    modules = {name: rivals.load(name.replace("-", "_")) for name in adapters}
    found = {name: functools.partial(adapters[name], module) for name, module in modules.items() if module is not None}
    return {"course_lib": on_virtual_loop} | found, modules


# --- the same everywhere ---------------------------------------------------------------------

HISTORY = """
import asyncio, hashlib, json, sys
from course_lib.simulation.clock.virtual_time import run_simulated

async def story():
    clock, queue, told = asyncio.get_running_loop().time, asyncio.Queue(3), []
    async def worker(name):
        while (job := await queue.get()) is not None:
            try:
                async with asyncio.timeout(2.0):
                    await asyncio.sleep(job * 7919 % 31 / 10)
                told.append((name, job, "done", clock()))
            except TimeoutError:
                told.append((name, job, "late", clock()))
    async with asyncio.TaskGroup() as group:
        for name in ("ann", "ben", "cleo", "dan", "eve"):
            group.create_task(worker(name))
        for job in range(200):
            await queue.put(job)
            told.append(await asyncio.to_thread(lambda job=job: ("thread", job, clock())))
        for _ in range(5):
            await queue.put(None)
    return told

print(json.dumps([hashlib.sha256(repr(run_simulated(story())).encode()).hexdigest() for _ in range(int(sys.argv[1]))]))
"""
"""Prints a digest per run of a program of tasks, time-outs, a queue and threads: who did what, and when."""


def histories(python: str, runs: int) -> set[str]:
    """The digests of that many runs, in four processes with hash seeds of their own: one, if all runs were the same."""
    shares = [runs // 4 + (number < runs % 4) for number in range(4)]
    return {digest for seed, share in enumerate(shares) for digest in fresh.run(HISTORY, share, python=python, hash_seed=seed)}


def pythons() -> dict[str, str]:
    """Version → the first working Python of it from 3.11 on: this one, those on PATH, and pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = filter(None, (shutil.which(f"python3.{minor}") for minor in range(11, 20)))
    return first_of_each_version([sys.executable, *on_path, *map(str, sorted(pyenv.glob("3.*/bin/python3")))])


def first_of_each_version(candidates: Iterable[str]) -> dict[str, str]:
    """Version → the first of the candidates that runs and has it."""
    found: dict[str, str] = {}
    for python in candidates:
        try:
            version = fresh.run("import sys; print('[%d, %d]' % sys.version_info[:2])", python=python)
        except (OSError, RuntimeError):  # a pyenv shim without a version behind it
            continue
        if tuple(version) >= (3, 11):
            found.setdefault(".".join(map(str, version)), python)
    return dict(sorted(found.items(), key=lambda one: [int(part) for part in one[0].split(".")]))


def measure(count: int = 10_000, rounds: int = 5, runs: int = 20, every_python: bool = True) -> Table:
    """Seconds for `count` timers, how many of them were inexact or out of order; and one history on every Python found."""
    plan = delays(count)
    loops, modules = ways()
    seconds = best({name: functools.partial(loop, plan) for name, loop in loops.items()}, rounds)
    rows = {}
    for name, loop in loops.items():
        fired = loop(plan)
        assert len(fired) == count, name
        rows[name] = (seconds[name], seconds[name] / seconds["course_lib"], inexact(plan, fired), disordered(plan, fired))
    found = pythons() if every_python else {".".join(map(str, sys.version_info[:2])): sys.executable}
    told = {version: histories(python, runs) for version, python in found.items()}
    promises = [
        Promise(f"course_lib's seconds as a share of {name}'s", ratio(seconds["course_lib"], seconds.get(name)), 1)
        for name in ("looptime", "aiotools")
    ]
    promises += [Promise("course_lib, inexact timers", rows["course_lib"][2], 0),
                 Promise("course_lib, timers out of order", rows["course_lib"][3], 0)]
    promises += [Promise(f"different histories in {runs} runs on Python {version}", len(told[version]), 1) for version in told]
    promises.append(Promise("different histories on all of these together", len(set().union(*told.values())), 1))
    columns = ("seconds", "times course_lib", "inexact", "out of order")
    title = f"{count:,} timers on simulated time, best of {rounds} rounds in turns"
    return Table("timers", title, columns, rows, tuple(promises), rivals.missing(modules))

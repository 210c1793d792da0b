"""A process and all that came from it, to be ended together."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress

import psutil

TOKEN = "COURSE_RUN"
"""The environment variable by which a process is known that has left its family."""

SECONDS_TO_DIE = 2.0
MOMENT = 0.002  # seconds between two looks at those who die


def meet_family(pid: int, family: dict[int, psutil.Process]) -> None:
    """Remember the descendants of `pid`: once their parent is dead, nothing else tells whose they were."""
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children(recursive=True):
            family.setdefault(child.pid, child)


def end_family(process: subprocess.Popen, token: str, family: dict[int, psutil.Process]) -> None:
    """Kill the process, all that were met, and all that carry the token."""
    for _ in range(5):  # a process may start another one while we look
        meet_family(process.pid, family)
        living = [one for one in {**family, **{one.pid: one for one in carriers(token)}}.values() if _lives(one)]
        if process.poll() is None:
            process.kill()
        kill_all(living)
        process.wait()
        if not living:
            return


def carriers(token: str) -> list[psutil.Process]:
    """Every process whose environment names this token."""
    return [one for one in psutil.process_iter() if _carries(one, token)]


def kill_all(processes: list[psutil.Process]) -> None:
    """Kill them and wait until none of them runs.

    Whoever is dead and not buried yet counts as gone: in a container the first process may take a second to bury it.
    """
    for one in processes:
        with suppress(psutil.Error):
            one.kill()
    deadline = time.monotonic() + SECONDS_TO_DIE
    while any(_lives(one) for one in processes) and time.monotonic() < deadline:
        time.sleep(MOMENT)


def _carries(process: psutil.Process, token: str) -> bool:
    try:
        return process.environ().get(TOKEN) == token
    except (psutil.Error, OSError):
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False

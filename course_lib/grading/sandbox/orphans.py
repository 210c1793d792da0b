"""Processes that outlived their parent: on Linux they come to this process, if it asks for them, and are ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress

from course_lib.grading.sandbox.system_calls import on_linux, process_control

MOST_ROUNDS = 10_000
"""How many times the children are ended and looked for again before giving up."""
MOMENTS_TO_DIE = 400  # of half a millisecond each

_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """From now on, a process below this one whose parent ends becomes a child of this one. Linux only."""
    if on_linux():
        with suppress(OSError):
            process_control(_SET_CHILD_SUBREAPER, 1)


def end_children(spare: Collection[int] = ()) -> None:
    """Kill every child but those to spare, and their children as they arrive here, until there is none. Linux only.

    Raises: RuntimeError when they multiply faster than they can be ended.
    """
    for _ in range(MOST_ROUNDS):
        children = [pid for pid in _children() if pid not in spare]
        if not children:
            return
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            _reap(pid)
    raise RuntimeError("A kernel left more processes behind than can be ended.")


def _children() -> list[int]:
    """The children of all threads of this process."""
    found = []
    for thread in os.listdir("/proc/self/task"):
        with suppress(FileNotFoundError), open(f"/proc/self/task/{thread}/children") as listed:
            found += map(int, listed.read().split())
    return found


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        for _ in range(MOMENTS_TO_DIE):
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            time.sleep(0.0005)

"""Which threads the operating system holds, and whether other threads can let them go: asked of Linux, elsewhere unknown.

A thread that lacks a processor is ready, and one that waits for Python's own lock wakes every few milliseconds to ask for
it; so a thread that sleeps and has not once been switched to for longer than that is held by something else, however busy
the machine is (proc(5): `status` and `wchan` of a task).
"""

import sys
import threading
import time
from enum import Enum
from pathlib import Path
from weakref import WeakKeyDictionary

_TASKS = Path("/proc/self/task")
CAN_TELL = _TASKS.exists()
"""Whether this system tells."""
_ASKS_FOR_THE_LOCK = 3
"""Switch intervals of Python without a single step, after which a sleeping thread does not wait for Python's lock."""

_seen: WeakKeyDictionary[threading.Thread, tuple[list[str], float]] = WeakKeyDictionary()


class Held(Enum):
    NOT = "it runs, is about to, or nobody knows"
    BY_THREADS = "by a lock, which another thread must open"
    BY_OTHERS = "by a clock, a file or a connection"


def held(thread: threading.Thread) -> Held:
    """What holds this thread. A first look never knows: the second one, some milliseconds later, compares."""
    place = _TASKS / str(thread.native_id)
    try:
        switches = [line for line in (place / "status").read_text().splitlines() if "ctxt_switches" in line or "State" in line]
        waits_in = (place / "wchan").read_text()
    except OSError:
        return Held.NOT
    if len(switches) != 3 or "S (sleeping)" not in switches[0]:
        _seen.pop(thread, None)
        return Held.NOT
    now = time.monotonic()
    before, since = _seen.setdefault(thread, (switches, now))
    if before != switches:
        _seen[thread] = switches, now
        return Held.NOT
    if now - since < _ASKS_FOR_THE_LOCK * sys.getswitchinterval():
        return Held.NOT
    return Held.BY_THREADS if "futex" in waits_in else Held.BY_OTHERS

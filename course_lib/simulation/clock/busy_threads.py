"""Which threads may still do something at this very moment of simulated time: until they have, the clock must stand.

Threads have no event loop to ask. So this module keeps account of what was handed to thread pools and is not done yet, and
looks at where every thread stands. A thread counts as waiting only while what it waits for has not happened: one that was
woken already and merely lacks a processor is busy, however long it lacks it.

Whoever has called before, the main thread and a pool's workers take part: what they do in real time, the clock waits for. Of
any other thread it is expected only that it may be on its way to its first call.
"""

import functools
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from types import FrameType
from typing import NamedTuple
from weakref import WeakKeyDictionary, WeakSet

from course_lib.simulation.clock.blocked_threads import Held, held

_unfinished: WeakKeyDictionary[ThreadPoolExecutor, set[Future]] = WeakKeyDictionary()
_noting = threading.Lock()
_bystanders: WeakSet[threading.Thread] = WeakSet(set(threading.enumerate()) - {threading.main_thread()})
_callers: WeakSet[threading.Thread] = WeakSet({threading.main_thread()})
_SERVANTS = ("/zmq/utils/garbage.py",)
"""Where threads stand that Jupyter starts in passing, here for large pictures; they never call."""


class Standing(Enum):
    BUSY = "does something, or is about to"
    WAITS = "waits for what has not happened yet"
    IDLE = "a pool's thread without work"
    UNSURE = "waits for the operating system, which may have news for it"


class Look(NamedTuple):
    """What there was to see at one moment."""

    busy: list[threading.Thread]
    strangers: bool
    sure: bool


def look(asleep: set[int]) -> Look:
    """The busy threads, where those in `asleep` (by `ident`) wait for the clock itself.

    `strangers`: none of the busy ones takes part. `sure` is False while a thread waits for news of the operating system.
    """
    frames = sys._current_frames()  # first: whoever is started from now on was started by somebody who is busy in here
    with _noting:
        pools = list(_unfinished.items())
    part = {*_callers, *(thread for pool, _ in pools for thread in list(pool._threads))}
    ours = {
        thread: _standing(thread, frames, asleep, thread in part)
        for thread in threading.enumerate()
        if thread not in _bystanders
    }
    busy = [thread for thread, standing in ours.items() if standing is Standing.BUSY]
    for pool, unfinished in pools:
        workers = [thread for thread in list(pool._threads) if thread in ours]
        at_work = sum(ours[thread] is not Standing.IDLE for thread in workers)
        if at_work < min(len(workers), len(unfinished)):
            busy += [thread for thread in workers if ours[thread] is Standing.IDLE]
    return Look(busy, part.isdisjoint(busy), Standing.UNSURE not in ours.values())


def take_part(thread: threading.Thread) -> None:
    """From now on this thread is waited for, also if it was there before this module."""
    _bystanders.discard(thread)
    _callers.add(thread)


def leave_out(threads: list[threading.Thread]) -> None:
    """From now on nobody waits for these threads: they are busy with something else."""
    _bystanders.update(thread for thread in threads if thread is not threading.main_thread())


def _standing(thread: threading.Thread, frames: dict[int, FrameType], asleep: set[int], takes_part: bool) -> Standing:
    if thread.ident in asleep:
        return Standing.WAITS
    frame = frames.get(thread.ident)
    if frame is None:  # started, and not yet running when the frames were looked up; or a stand-in for a thread long gone
        return Standing.WAITS if isinstance(thread, threading._DummyThread) else Standing.BUSY
    place = frame.f_code.co_filename.replace("\\", "/")
    name = frame.f_code.co_name
    if place.endswith("/threading.py") and name == "wait":
        return _until(_not_notified, frame)
    if place.endswith("/threading.py") and name == "_shutdown":  # the main thread at its end, which waits for the others
        return Standing.WAITS
    if place.endswith("/threading.py") and name in ("join", "_wait_for_tstate_lock"):
        return _until(_still_alive, frame)
    if place.endswith("/concurrent/futures/thread.py") and name == "_worker":
        return Standing.IDLE
    if place.endswith("/selectors.py"):
        return Standing.UNSURE
    waiting = (Held.BY_THREADS,) if takes_part else (Held.BY_THREADS, Held.BY_OTHERS)
    return Standing.WAITS if place.endswith(_SERVANTS) or held(thread) in waiting else Standing.BUSY


def _until(condition, frame: FrameType) -> Standing:
    return Standing.WAITS if condition(frame.f_locals) else Standing.BUSY


def _not_notified(variables: dict) -> bool:
    """Of `Condition.wait`, in which all of the standard library's waiting ends: `notify` takes the waiter off the list.

    Who waits for no time at all only looks whether it must wait, as a pool does before it starts a thread.
    """
    timeout = variables.get("timeout")
    if timeout is not None and timeout <= 0:
        return False
    return variables.get("waiter") in getattr(variables.get("self"), "_waiters", ())


def _still_alive(variables: dict) -> bool:
    return variables["self"].is_alive()


def _keep_account(submit):
    @functools.wraps(submit)
    def submit_and_note(self, fn, /, *args, **kwargs):
        future = submit(self, fn, *args, **kwargs)
        with _noting:
            unfinished = _unfinished.setdefault(self, set())
        unfinished.add(future)
        future.add_done_callback(unfinished.discard)
        return future

    return submit_and_note


ThreadPoolExecutor.submit = _keep_account(ThreadPoolExecutor.submit)

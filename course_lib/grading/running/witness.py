"""The grader's end of the line: the only simulated API, and the only clock, of a graded run.

An answer's code runs in a kernel that it may bend as it likes. So the calls it makes and the time that passes are kept
here, in the grader's process. The clock moves on only when the kernel says that it has nothing left to do, and a reply is
handed over only when its moment has come: ten calls one after another take ten times as long here, whatever the
kernel's own clock says. What is asked for (seconds per call, limits, faults) comes from the author's notebook, not from
the kernel.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import json
import socket
import threading
from collections import defaultdict
from contextlib import redirect_stdout, suppress

from IPython.core.inputtransformer2 import TransformerManager

from course_lib.claude import VirtualLoop, run_simulated, simulated
from course_lib.grading.cells.errors_on_the_wire import error_on_the_wire
from course_lib.grading.cells.evidence import LONGEST_RUN, MOST_CALLS, evidence_of, noting_settings
from course_lib.grading.cells.key import Key

LONGEST_MESSAGE = 20_000_000
MOST_HEARD = 200_000_000
"""Bytes, in all messages of one run: the grader keeps every request."""
Place = tuple[str, bool, str, int]
"""Task, whether the check is hidden, the case's name, and which of its runs, from 0."""


def trusted_settings(key: Key) -> dict[Place, dict]:
    """What `observe` is given in every case of the key, as the author's own notebook says when it runs in this process.

    How long a call takes and what goes wrong is often a function in the check cell; a graded kernel could give us another one.
    Cells that need a real notebook are left out; the settings of a check that fails without them are missing.
    """
    names = {"__name__": "__main__"}
    with noting_settings() as noted, redirect_stdout(io.StringIO()):
        for cell in key.notebook.cells:
            if cell.cell_type == "code":
                with suppress(Exception):
                    _run_here(cell.source, names)
    return noted


def _run_here(source: str, names: dict) -> None:
    source = TransformerManager().transform_cell(source)
    code = compile(source, "<key>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    value = eval(code, names)
    if inspect.iscoroutine(value):
        run_simulated(value)


class Witness:
    """Watches the runs of one kernel.

    settings: what `observe` was given at each place when the author's notebook ran (see `trusted_settings`).
    """

    def __init__(self, settings: dict[Place, dict]):
        self._settings = settings
        self._here: tuple[str, bool] | None = None
        self._seen: dict[tuple[str, bool, str], dict[int, dict]] = defaultdict(dict)
        self._spoilt: set[tuple[str, bool, str]] = set()
        self._run: _WatchedRun | None = None
        self._end, self.kernel_end = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="witness", daemon=True)

    def start(self) -> None:
        """Listen. The kernel has its end by now; the grader's copy of it is closed, so that a dead kernel hangs up."""
        self.kernel_end.close()
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
        self._end.close()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def look_at(self, task: str | None, hidden: bool = False) -> None:
        """The check of this task is about to run; None: no check, so no run is watched."""
        self._here = None if task is None else (task, hidden)

    def evidence(self, task: str, hidden: bool, case: str) -> list[dict]:
        """What was seen of a case, one entry per run; nothing, if somebody played with the line."""
        place = (task, hidden, case)
        runs = self._seen.get(place, {})
        return [] if place in self._spoilt else [runs[number] for number in range(len(runs)) if number in runs]

    def _listen(self) -> None:
        words = self._end.makefile("rwb")
        with suppress(OSError, ValueError):
            while heard := words.readline(LONGEST_MESSAGE):
                words.write(json.dumps(self._answer(heard)).encode() + b"\n")
                words.flush()
        self._drop_run()

    def _answer(self, heard: bytes) -> dict:
        try:
            message = json.loads(heard)
            if self._run is not None:
                self._run.hear(len(heard))
            return getattr(self, f"_on_{message.pop('say')}")(**message)
        except Exception as error:  # whatever the kernel says, the grader goes on
            self._drop_run()
            return {"refused": f"The grader can't follow: {type(error).__name__}."}

    def _on_open(self, task: str, hidden: bool, case: str, run: int) -> dict:
        place = (task, hidden, case)
        settings = self._settings.get((*place, run))
        if settings is None or self._here != (task, hidden):
            return {"watched": False}
        if self._run is not None or run in self._seen[place] or run != len(self._seen[place]):
            self._spoilt.add(place)  # the check itself opens every run once, in order, and closes it
            return {"watched": False}
        self._run = _WatchedRun(place, settings)
        self._seen[place][run] = {}
        return {"watched": True}

    def _on_send(self, body: dict) -> dict:
        return {"ticket": self._run.send(body)}

    def _on_cancel(self, ticket: int) -> dict:
        self._run.cancel(ticket)
        return {}

    def _on_wait(self, until: float | None) -> dict:
        replies = self._run.wait(until)
        return {"now": self._run.now, "replies": replies}

    def _on_finished(self) -> dict:
        self._run.finished()
        return {}

    def _on_close(self) -> dict:
        run = self._run
        evidence = self._drop_run()
        runs = self._seen[run.place]
        runs[len(runs) - 1] = evidence
        return evidence

    def _drop_run(self) -> dict | None:
        run, self._run = self._run, None
        return run.close() if run is not None else None


class _UpTo:
    """Lets a loop go on until a moment, exclusive; there it stops."""

    loop: VirtualLoop
    until: float | None = None

    def next_moment(self, due: float | None) -> float:
        if due is not None and (self.until is None or due < self.until):
            return due
        self.loop.stop()
        return self.loop.time()


class _WatchedRun:
    """One run of a function: the simulated API that answers it, and its clock."""

    def __init__(self, place: tuple[str, bool, str], settings: dict):
        self.place = place
        self._pace = _UpTo()
        self._loop = self._pace.loop = VirtualLoop(self._pace)
        self._claude = simulated(**settings, sdk=False)
        self._tickets: dict[int, asyncio.Task] = {}
        self._count = self._size = 0
        self._ended: float | None = None

    @property
    def now(self) -> float:
        return self._loop.time()

    def hear(self, size: int) -> None:
        self._size += size
        if self._size > MOST_HEARD:
            raise OverflowError

    def send(self, body: dict) -> int:
        if self._count >= MOST_CALLS:
            raise OverflowError
        self._ended = None  # whoever calls on has not finished
        self._count += 1
        task = self._tickets[self._count] = self._loop.create_task(self._claude.way.send(body))
        task.add_done_callback(lambda _: self._loop.stop())
        return self._count

    def cancel(self, ticket: int) -> None:
        if task := self._tickets.pop(ticket, None):
            task.cancel()

    def wait(self, until: float | None) -> list:
        """The replies that come next, once the clock stands at their moment; none when it stands at `until` first.

        What the kernel itself has set for a moment comes before a reply at the same moment: it was there first.
        """
        if until is not None and not until <= LONGEST_RUN * 2:
            raise OverflowError
        if not self._arrived():
            self._pace.until = until
            self._loop.run_forever()
        arrived = self._arrived()
        if not arrived and until is not None:
            self._loop.advance_to(until)
        if arrived:
            self._ended = None
        return [[ticket, _in_words(self._tickets.pop(ticket))] for ticket in arrived]

    def _arrived(self) -> list[int]:
        return [ticket for ticket, task in self._tickets.items() if task.done()]

    def finished(self) -> None:
        self._ended = self.now

    async def _settled(self) -> None:
        """Let what was cancelled come to its end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    def close(self) -> dict:
        for task in self._tickets.values():
            task.cancel()
        self._pace.until = None
        self._loop.run_until_complete(self._settled())
        seconds = self.now if self._ended is None else self._ended
        self._loop.close()
        return evidence_of(self._claude.log, seconds)


def _in_words(task: asyncio.Task) -> dict:
    """A reply, or the error that the SDK would raise, as JSON."""
    if task.cancelled():
        return error_on_the_wire(None)
    error = task.exception()
    if error is not None:
        return error_on_the_wire(error)
    return task.result()._asdict()

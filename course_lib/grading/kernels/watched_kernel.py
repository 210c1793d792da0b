"""nbval's kernel, watched: it notices a dead kernel at once and keeps only as much output as a grader needs."""

from __future__ import annotations

import inspect
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from queue import Empty

import zmq
from jupyter_client.manager import KernelManager
from jupyter_core.utils import run_sync
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager, RunningKernel

from course_lib.grading.cells.witness_line import LINE
from course_lib.grading.kernels.confined_kernel import level_of
from course_lib.grading.sandbox.confinement import POLICY, Level, Policy, policy_for
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.show.saved_results import CHECK_RESULT

KEPT_BUNDLES = 20
ERROR_CHARACTERS = 2_000
BUNDLE_CHARACTERS = 2_000_000
LONGEST_MESSAGE = 100_000_000  # bytes; who sends a longer one is no longer heard
READ_AT_ONCE = 500  # messages between two looks at the reply
LOOK_EVERY = 0.05  # seconds between two looks at the kernel
WELCOME_SECONDS = 0.1  # seconds in which a forked kernel is heard by itself; one in fifty is not, and is asked then
LAST_WORDS = 5.0  # seconds that a cell has, after its time-out, to say what it still has to say


# What a message that somebody wrote by hand may lead to on its way to us.
_NOT_AS_IT_SHOULD_BE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class KernelDied(Exception):
    """The kernel's process ended while a cell was running."""


class OutputMeter:
    """Lets through what a grader needs of one cell's output: status, errors cut short, and check results.

    Printed text, pictures and tables are for people: nobody is graded by them, so none are kept.
    """

    def __init__(self):
        self.left = {"display_data": KEPT_BUNDLES, "execute_result": KEPT_BUNDLES, "error": 1, "status": 1}

    def keep(self, message: dict) -> bool:
        """Whether the message is of use; what isn't needed in it is cut away. One that nobody can read is of none."""
        kind = message["msg_type"]
        try:
            needed = self._needed(kind, message["content"])
        except _NOT_AS_IT_SHOULD_BE:
            return False
        if needed is None or self.left[kind] == 0:
            return False
        self.left[kind] -= 1
        message["content"] = needed
        return True

    def _needed(self, kind: str, content: dict) -> dict | None:
        if kind in ("display_data", "execute_result"):
            bundle = content["data"].get(CHECK_RESULT)
            if bundle is None or len(json.dumps(bundle)) > BUNDLE_CHARACTERS:
                return None
            return {"data": {CHECK_RESULT: bundle}, "metadata": {}, "execution_count": None}
        if kind == "error":
            name, text = (str(content[part])[:ERROR_CHARACTERS] for part in ("ename", "evalue"))
            return {"ename": name, "evalue": text, "traceback": []}
        if kind == "status" and content["execution_state"] == "idle":
            return {"execution_state": "idle"}
        return None


class _Manager(KernelManager):
    """Starts and ends kernels without the hundredth of a second that jupyter_client sleeps, each time, for its own tests."""

    start_kernel = run_sync(inspect.unwrap(KernelManager._async_start_kernel))
    shutdown_kernel = run_sync(inspect.unwrap(KernelManager._async_shutdown_kernel))


class _Kernels(NbvalKernelspecManager):
    """Kernels of the grader's own Python that confine themselves, if they are given a policy."""

    def get_kernel_spec(self, kernel_name):
        spec = super().get_kernel_spec(kernel_name)
        spec.argv = [sys.executable, "-m", "course_lib.grading.kernels.confined_kernel", "-f", "{connection_file}"]
        return spec


def _inherited(line: socket.socket | None, environment: Mapping[str, str] | None, policy: Policy | None) -> dict:
    """What the kernel's process is given besides its standard streams: the line to the witness, by its number."""
    environment = dict(os.environ if environment is None else environment)
    if policy is not None:
        environment[POLICY] = policy.to_json()
    if line is None:
        return {"env": environment}
    return {"pass_fds": (line.fileno(),), "env": environment | {LINE: str(line.fileno())}}


def _is_about(message: dict, request: str) -> bool:
    """Whether the message answers this request."""
    about = message["parent_header"]
    return isinstance(about, dict) and about.get("msg_id") == request


def start_in(place: Path, closed: tuple[str, ...], line: socket.socket, startup_timeout: float) -> WatchedKernel:
    """A kernel that may write to this folder, which is empty, and may read no place that is closed."""
    work = place / "work"
    work.mkdir()
    environment, policy = clean_environment(place / "home"), replace(_policy(closed), writable=(str(place),))
    return WatchedKernel(work, startup_timeout, line=line, environment=environment, policy=policy)


@cache
def _policy(closed: tuple[str, ...]) -> Policy:
    return policy_for(Path(), closed=map(Path, closed))


class WatchedKernel(RunningKernel):
    """A kernel in the grader's own Python environment whose output is read while its cell runs.

    line: the socket on which observed functions reach the grader (see `witness`); None where nobody watches.
    environment: the kernel's variables; by default this process's own. policy: what it may do; None: whatever we may.

    `while_it_waits` is called, once in LOOK_EVERY, as long as a cell runs.

    nbval waits for the reply first and reads the output afterwards, so a flood of prints piles up in memory or
    pushes the check's own result out of the queue. Here both are read side by side.
    """

    def __init__(
        self,
        cwd: Path,
        startup_timeout: float = 60,
        line: socket.socket | None = None,
        environment: Mapping[str, str] | None = None,
        policy: Policy | None = None,
    ):
        self._waiting: deque = deque()
        self._give_up = None
        self._request: str | None = None  # before the first cell; until then all is kept
        self.while_it_waits: Callable[[], None] = lambda: None
        self.meter = OutputMeter()
        self.km = _Manager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=_Kernels())
        self.km.context.setsockopt(zmq.MAXMSGSIZE, LONGEST_MESSAGE)
        if environment is not None:  # the kernel may read its own folders only
            self.km.connection_file = str(Path(environment["JUPYTER_RUNTIME_DIR"]) / f"kernel-{uuid.uuid4()}.json")
        self.km.start_kernel(
            cwd=str(cwd), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_inherited(line, environment, policy)
        )
        self.kc = self.km.client()
        self.kc.start_channels(stdin=False, hb=False)
        try:
            self._wait_until_heard(startup_timeout)
        except (RuntimeError, Empty):
            self.stop()
            raise

    @property
    def forked(self) -> bool:
        """Whether the kernel came from a fork-server, so that its sockets were open from the beginning."""
        return getattr(self.km.provisioner, "sockets_are_open", False)

    @property
    def level(self) -> Level | None:
        """How far it is confined, by its own account before its first cell ran."""
        return level_of(self.km.connection_file)

    def stop(self) -> None:
        """End the kernel, unless that has been done: nbval itself stops one that goes on showing things.

        A dead one is stopped as well: its open sockets would block whoever collects them.
        """
        if hasattr(self, "km"):
            self.kc.stop_channels()
            self.km.shutdown_kernel(now=True)
            del self.km

    def _is_heard(self) -> bool:
        """Whether anything it shows has reached us; ipykernel greets every listener since its version 7."""
        try:
            return bool(self.kc.get_iopub_msg(timeout=WELCOME_SECONDS))
        except Empty:
            return False

    def _wait_until_heard(self, startup_timeout: float) -> None:
        """Come back when the kernel hears us and we hear what it shows."""
        if not self.forked:
            self.kc.wait_for_ready(timeout=startup_timeout)
        elif self._is_heard():
            return
        self._ensure_iopub_up()

    def execute_cell_input(self, cell_input, allow_stdin=None):
        """Start a cell with a fresh allowance of output; returns the id of the request."""
        self.meter = OutputMeter()
        self._waiting.clear()
        self._give_up = None
        self._request = super().execute_cell_input(cell_input, allow_stdin=allow_stdin)
        return self._request

    def await_reply(self, msg_id, timeout=None):
        """Wait until the cell has run, keeping its output as it comes.

        Raises Empty after `timeout` seconds, KernelDied as soon as the process is gone.
        """
        looked = time.monotonic()
        deadline = looked + (60 if timeout is None else timeout)
        self._give_up = deadline + LAST_WORDS
        while True:
            self._read_output(deadline)
            try:
                if _is_about(self.kc.get_shell_msg(timeout=LOOK_EVERY), msg_id):
                    return
                quiet = False
            except Empty:
                quiet = True
            except _NOT_AS_IT_SHOULD_BE:
                quiet = False
            now = time.monotonic()
            if quiet or now - looked >= LOOK_EVERY:  # a student's code may go on sending us replies
                looked = now
                self._must_live()
                if now >= deadline:
                    raise Empty
                self.while_it_waits()

    def get_message(self, stream, timeout=None):
        """The next message worth keeping; raises Empty after `timeout` seconds or when the cell's time is over."""
        if stream != "iopub":
            return super().get_message(stream, timeout=timeout)
        deadline = time.monotonic() + (60 if timeout is None else timeout)
        if self._give_up is not None:
            deadline = min(deadline, self._give_up)
        while not self._waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Empty
            if not self._read_one(min(left, LOOK_EVERY)):
                self._must_live()
        return self._waiting.popleft()

    def _read_output(self, until: float) -> None:
        for _ in range(READ_AT_ONCE):
            if not self._read_one(0) or time.monotonic() >= until:
                return

    def _read_one(self, timeout: float) -> bool:
        try:
            message = self.kc.get_iopub_msg(timeout=timeout)
        except Empty:
            return False
        except _NOT_AS_IT_SHOULD_BE:
            return True
        if self._request is None or (_is_about(message, self._request) and self.meter.keep(message)):
            self._waiting.append(message)
        return True

    def _must_live(self) -> None:
        if not self.is_alive():
            raise KernelDied("the kernel's process ended")

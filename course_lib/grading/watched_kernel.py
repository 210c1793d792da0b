"""nbval's kernel, watched: it notices a dead kernel at once and keeps only as much output as a grader needs."""

from __future__ import annotations

import json
import subprocess
import time
from collections import deque
from pathlib import Path
from queue import Empty

from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel, start_new_kernel

from course_lib.show.progress_report import CHECK_RESULT

KEPT_BUNDLES = 20
ERROR_CHARACTERS = 2_000
BUNDLE_CHARACTERS = 2_000_000
READ_AT_ONCE = 500  # messages between two looks at the reply
LOOK_EVERY = 0.05  # seconds between two looks at the kernel
LAST_WORDS = 5.0  # seconds that a cell has, after its time-out, to say what it still has to say


class KernelDied(Exception):
    """The kernel's process ended while a cell was running."""


class OutputMeter:
    """Lets through what a grader needs of one cell's output: status, errors cut short, and check results.

    Printed text, pictures and tables are for people: nobody is graded by them, so none are kept.
    """

    def __init__(self):
        self.bundles = KEPT_BUNDLES

    def keep(self, message: dict) -> bool:
        """Whether the message is of use; what isn't needed in it is cut away."""
        kind, content = message["msg_type"], message["content"]
        if kind in ("display_data", "execute_result"):
            return self._keep_bundle(content)
        if kind == "error":
            content["traceback"] = []
            content["evalue"] = str(content["evalue"])[:ERROR_CHARACTERS]
        return kind in ("status", "error")

    def _keep_bundle(self, content: dict) -> bool:
        bundle = content["data"].get(CHECK_RESULT)
        if bundle is None or self.bundles == 0 or len(json.dumps(bundle)) > BUNDLE_CHARACTERS:
            return False
        self.bundles -= 1
        content["data"] = {CHECK_RESULT: bundle}
        return True


class WatchedKernel(RunningKernel):
    """A kernel in the grader's own Python environment whose output is read while its cell runs.

    nbval waits for the reply first and reads the output afterwards, so a flood of prints piles up in memory or
    pushes the check's own result out of the queue. Here both are read side by side.
    """

    def __init__(self, cwd: Path, startup_timeout: float = 60):
        self._waiting: deque = deque()
        self._give_up = None
        self.meter = OutputMeter()
        self.km, self.kc = start_new_kernel(
            startup_timeout=startup_timeout,
            kernel_name=CURRENT_ENV_KERNEL_NAME,
            cwd=str(cwd),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ensure_iopub_up()

    def execute_cell_input(self, cell_input, allow_stdin=None):
        """Start a cell with a fresh allowance of output; returns the id of the request."""
        self.meter = OutputMeter()
        self._waiting.clear()
        self._give_up = None
        return super().execute_cell_input(cell_input, allow_stdin=allow_stdin)

    def await_reply(self, msg_id, timeout=None):
        """Wait until the cell has run, keeping its output as it comes.

        Raises Empty after `timeout` seconds, KernelDied as soon as the process is gone.
        """
        deadline = time.monotonic() + (60 if timeout is None else timeout)
        self._give_up = deadline + LAST_WORDS
        while True:
            self._read_output()
            try:
                reply = self.kc.get_shell_msg(timeout=LOOK_EVERY)
            except Empty:
                self._must_live()
                if time.monotonic() >= deadline:
                    raise
                continue
            if reply["parent_header"].get("msg_id") == msg_id:
                return

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

    def _read_output(self) -> None:
        for _ in range(READ_AT_ONCE):
            if not self._read_one(0):
                return

    def _read_one(self, timeout: float) -> bool:
        try:
            message = self.kc.get_iopub_msg(timeout=timeout)
        except Empty:
            return False
        if self.meter.keep(message):
            self._waiting.append(message)
        return True

    def _must_live(self) -> None:
        if not self.is_alive():
            raise KernelDied("the kernel's process ended")

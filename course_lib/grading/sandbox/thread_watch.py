"""How many threads a kernel has, watched from the grader: the machine has room for so many, and all kernels share it."""

from __future__ import annotations

import os

MOST_THREADS = 1_000
"""What one kernel may have at a time. With stacks of the usual size, half as many fill its memory."""

_OWN_LINKS = 2  # of a folder without any others in it


class TooManyThreads(Exception):
    """A kernel has more threads than it may; the text is for the student."""


class ThreadWatch:
    """Looks at the threads of the process `pid`, where the system shows them: on Linux."""

    def __init__(self, pid: int, most: int = MOST_THREADS):
        self._threads = f"/proc/{pid}/task"
        self._most = most

    def look(self) -> None:
        """Raises TooManyThreads for a process that has more than it may."""
        try:
            count = os.stat(self._threads).st_nlink - _OWN_LINKS
        except OSError:
            return
        if count > self._most:
            raise TooManyThreads(
                f"Your code started more than {self._most:,} threads, and was stopped: look for a loop that starts them."
            )

"""What a kernel takes of what all kernels share, watched from the grader: room on the disk, and threads.

The system limits each file, and nobody but root can limit their sum.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 500 * 2**20
"""What one kernel may write. An exercise writes next to nothing; libraries keep a few MB of their own."""
MOST_FILES = 5_000
MOST_DEEP = 12
"""Folders inside each other. With the longest names there are, the path of the last one is still one that can be opened."""

MOST_THREADS = 1_000
"""What one kernel may have at a time. With stacks of the usual size, half as many fill its memory."""

_OWN_LINKS = 2  # of a folder without any others in it
_BLOCK = 512  # bytes, whatever the file system's own blocks are
_COUNTED = re.compile(r"^(?:wchar|write_bytes): (\d+)$", re.MULTILINE)


class WroteTooMuch(Exception):
    """A kernel has written more than it may; the text is for the student."""


class DiskWatch:
    """Looks at what the process `pid` has written so far, all of which must lie in `folder`.

    Two ways, because each misses something. The folder's size also counts what the process's own children wrote, and on
    every system. The system's count also knows files that were deleted while open and still take their space; Linux tells it
    to root, and to the account itself about a kernel that Landlock confines.
    """

    def __init__(self, pid: int, folder: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES):
        self._counts = Path(f"/proc/{pid}/io")
        self._folder = folder
        self._most_bytes = most_bytes
        self._most_files = most_files
        self._is_told = sys.platform == "linux" and self._counted() is not None

    def look(self) -> None:
        """Raises WroteTooMuch for a process that has written too much, or that no longer lets itself be looked at."""
        if self._is_told:
            counted = self._counted()
            if counted is None:
                raise WroteTooMuch("Your code hid what it writes from the grader, and was stopped.")
            self._must_be_allowed(counted)
        size = 0
        for number, taken in enumerate(_sizes(self._folder), start=1):
            size += taken
            self._must_be_allowed(size)
            if number > self._most_files:
                raise WroteTooMuch(f"Your code made more than {self._most_files} files, and was stopped.")

    def _must_be_allowed(self, size: int) -> None:
        if size > self._most_bytes:
            raise WroteTooMuch(
                f"Your code wrote more than {self._most_bytes // 2**20} MB to the disk, and was stopped: "
                "look for a loop that writes files."
            )

    def _counted(self) -> int | None:
        """Bytes by the system's own count, 0 for a process that has ended; None if it isn't told."""
        try:
            return max(map(int, _COUNTED.findall(self._counts.read_text())), default=None)
        except (FileNotFoundError, ProcessLookupError):
            return 0
        except OSError:
            return None


def _sizes(folder: Path) -> Iterator[int]:
    """What each file and folder below this one takes on the disk, in bytes; what has just gone or is locked is left out.

    Raises: WroteTooMuch for folders that lie too deep to be looked into.
    """
    waiting = [(os.fspath(folder), 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > MOST_DEEP:
            raise WroteTooMuch(f"Your code made more than {MOST_DEEP} folders inside each other, and was stopped.")
        with suppress(OSError), os.scandir(here) as entries:
            for entry in entries:
                with suppress(OSError):
                    yield _taken(entry)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))


def _taken(entry: os.DirEntry) -> int:
    found = entry.stat(follow_symlinks=False)
    return found.st_blocks * _BLOCK if hasattr(found, "st_blocks") else found.st_size


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

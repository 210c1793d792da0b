"""Landlock: a Linux process gives up, for good, what it does not need of the file system, the network and its neighbours.

It asks for no rights and no installation. What a kernel can take away depends on its age:

    version 1 (Linux 5.13)  files and folders      version 4 (6.7)   connecting by TCP
    version 2 (5.19)        moving between folders version 6 (6.12)  signals and abstract sockets to processes outside
    version 3 (6.2)         cutting files short

Also, at every version: no process outside can be traced or its memory read.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from course_lib.grading.sandbox.system_calls import on_linux, system_call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_DIR, _MAKE_FILE, _MAKE_SOCKET, _MAKE_FIFO, _MAKE_LINK = 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 12
_MOVE, _CUT_SHORT = 1 << 13, 1 << 14  # REFER since version 2, TRUNCATE since version 3
_ALL_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _CUT_SHORT  # a rule about a file can't speak of folders

READ = _READ_FILE | _READ_DIR
USE = _READ_FILE | _WRITE_FILE
_MAKE = _MAKE_DIR | _MAKE_FILE | _MAKE_SOCKET | _MAKE_FIFO | _MAKE_LINK
CHANGE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE | _MOVE | _CUT_SHORT

_CONNECT_TCP = 1 << 1
_OUTSIDE_SOCKETS, _OUTSIDE_SIGNALS = 1 << 0, 1 << 1

FILES, NETWORK, SIGNALS = 1, 4, 6
"""The version since which Landlock confines each of them."""


def landlock_version() -> int:
    """The version of Landlock that this machine's kernel offers, or 0."""
    if not on_linux():
        return 0
    try:
        return system_call(_CREATE_RULESET, None, 0, 1)
    except OSError:  # older than 5.13, switched off, or forbidden by a container
        return 0


def restrict_to(rights: Iterable[tuple[Path, int]], version: int) -> None:
    """Leave this thread, and all that it starts from now on, nothing but these rights: pairs of (path, READ or …).

    Paths that don't exist are left out. Nothing can be reached by TCP. The process must not be able to gain rights
    (PR_SET_NO_NEW_PRIVS) and should have one thread: others keep their freedom.

    Raises OSError with the kernel's reason; then nothing is restricted.
    """
    handled = _ALL_FILE_RIGHTS[min(version, max(_ALL_FILE_RIGHTS))]
    network = _CONNECT_TCP if version >= NETWORK else 0
    scoped = _OUTSIDE_SOCKETS | _OUTSIDE_SIGNALS if version >= SIGNALS else 0
    words = [handled, network, scoped][: 1 + (version >= NETWORK) + (version >= SIGNALS)]
    request = struct.pack(f"={len(words)}Q", *words)
    ruleset = system_call(_CREATE_RULESET, request, len(request), 0)
    try:
        for path, allowed in rights:
            _allow(ruleset, path, allowed & handled)
        system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, allowed: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            allowed &= _ON_A_FILE
        with suppress(OSError):  # some special files take no rule; they stay closed
            system_call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, place), 0)
    finally:
        os.close(place)

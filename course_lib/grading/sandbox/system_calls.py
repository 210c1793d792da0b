"""Linux system calls that Python has no function for, and what a process gives up by them: rights, and being seen."""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import struct
import sys
from contextlib import suppress

_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_FROM_BOUNDS, _NO_NEW_PRIVILEGES, _CLEAR_AMBIENT = 1, 4, 24, 38, 47
_CAPABILITIES_VERSION = 0x20080522
_MOST_CAPABILITIES = 64


@functools.cache
def _c_library():
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def on_linux() -> bool:
    """Whether there is a Linux kernel to ask."""
    return sys.platform.startswith("linux")


def system_call(number: int, *arguments: int | bytes | ctypes.Array | None) -> int:
    """What the kernel answers, 0 or more. Raises OSError with the kernel's reason."""
    return _answered(_c_library().syscall(ctypes.c_long(number), *map(_as_c, arguments)))


def process_control(option: int, value: int = 0, *more: int) -> int:
    """`prctl(option, value, …)`, which changes a trait of this process. Raises OSError with the kernel's reason."""
    rest = [*more, 0, 0, 0][:3]
    return _answered(_c_library().prctl(ctypes.c_int(option), *(ctypes.c_ulong(one) for one in (value, *rest))))


def _as_c(argument):
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _answered(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


def gain_nothing_more() -> None:
    """No program that this process starts gets more rights than it has (sudo and its like). Raises OSError."""
    process_control(_NO_NEW_PRIVILEGES, 1)


def give_up_administration() -> None:
    """Drop every capability: what makes an administrator (root) more than the owner of some files. Raises OSError.

    In containers a grader is often root, for whom resource limits and closed doors would be mere suggestions.
    """
    with suppress(OSError):  # not allowed without administration, and not needed then
        process_control(_CLEAR_AMBIENT, 4)
    for capability in range(_MOST_CAPABILITIES):
        with suppress(OSError):
            process_control(_DROP_FROM_BOUNDS, capability)
    header, nothing = struct.pack("=Ii", _CAPABILITIES_VERSION, 0), bytes(24)
    _answered(_c_library().capset(header, nothing))


def end_with_parent() -> None:
    """This process is killed when the thread that started it ends. Raises OSError."""
    process_control(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def show_to_own_account() -> None:
    """Let other processes of the same account see what this one does, as a fresh one would; a fork of a hidden one is hidden."""
    with suppress(OSError):
        process_control(_SET_DUMPABLE, 1)


def hide_memory() -> bool:
    """Close this process's memory and open files to other processes of the same account; whether that worked."""
    if not on_linux():
        return False
    with suppress(OSError):
        process_control(_SET_DUMPABLE, 0)
        return True
    return False

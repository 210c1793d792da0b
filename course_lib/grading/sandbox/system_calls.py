"""Linux system calls that Python has no function for, through ctypes."""

from __future__ import annotations

import ctypes
import functools
import os
import sys


@functools.cache
def c_library() -> ctypes.CDLL:
    """The C library, which notes why a call failed; see `answered`."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def on_linux() -> bool:
    """Whether there is a Linux kernel to ask."""
    return sys.platform.startswith("linux")


def system_call(number: int, *arguments: int | bytes | ctypes.Array | None) -> int:
    """What the kernel answers, 0 or more. Raises OSError with the kernel's reason."""
    return answered(c_library().syscall(ctypes.c_long(number), *map(_as_c, arguments)))


def process_control(option: int, value: int = 0, *more: int) -> int:
    """`prctl(option, value, …)`, which changes a trait of this process. Raises OSError with the kernel's reason."""
    rest = [*more, 0, 0, 0][:3]
    return answered(c_library().prctl(ctypes.c_int(option), *(ctypes.c_ulong(one) for one in (value, *rest))))


def _as_c(argument):
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def answered(answer: int) -> int:
    """The answer of a call of the C library. Raises OSError with its reason, if it failed."""
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer

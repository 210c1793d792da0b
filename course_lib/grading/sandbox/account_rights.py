"""What a process may do besides what its files allow: giving up an administrator's rights, and hiding from its equals."""

from __future__ import annotations

import signal
import struct
from contextlib import suppress

from course_lib.grading.sandbox.system_calls import answered, c_library, on_linux, process_control

_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_FROM_BOUNDS, _NO_NEW_PRIVILEGES, _CLEAR_AMBIENT = 1, 4, 24, 38, 47
_CAPABILITIES_VERSION = 0x20080522
_MOST_CAPABILITIES = 64


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
    answered(c_library().capset(header, nothing))


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

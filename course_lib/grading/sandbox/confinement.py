"""The sandbox of a graded kernel, in layers: each takes away what the operating system lets us, and says if it can't.

    limits       memory, time of the processor, size of files, number of open files      every Unix
    privileges   no administrator's rights, none to be gained                            Linux
    files        reading: Python and its libraries; writing: the submission's own folder Linux 5.13 (Landlock)
    network      nothing outside can be reached                                          Linux (call filter, Landlock 4)
    signals      no other process can be ended or stopped                                Linux (call filter, Landlock 6)
    memory       no other process's memory can be read or changed                        Linux 5.13 (Landlock)
    processes    no further processes, so none is left behind                            Linux (call filter)

None asks for root, or for anything to be installed. As root they hold as well, because the first thing that goes is
what makes root more than others. Not stopped: asking whether a file exists, how big and how old it is.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course_lib.grading.sandbox import landlock
from course_lib.grading.sandbox.call_filter import can_filter, forbid_calls
from course_lib.grading.sandbox.needed_places import needed_places, without
from course_lib.grading.sandbox.resource_limits import FILE_SIZE, MEMORY, limit_process, tasks_of_account
from course_lib.grading.sandbox.system_calls import (
    end_with_parent,
    gain_nothing_more,
    give_up_administration,
    hide_memory,
    on_linux,
    show_to_own_account,
)

FULL, PARTIAL, BASIC = "full", "partial", "basic"
LAYERS = ("limits", "privileges", "files", "network", "signals", "memory", "processes")

POLICY = "COURSE_SANDBOX"
"""The environment variable that carries a kernel's policy to it, as JSON."""

_SPARE_PROCESSES = 64  # above what the account has now, where only their number can be limited


@dataclass(frozen=True)
class Policy:
    """What one kernel may do.

    Args:
        writable: the folders that it may change: the submission's own.
        readable: every other place that it may read; see `policy_for`.
        left_out: "Landlock" or "call filter", to see what becomes of a machine without it.
    """

    writable: tuple[str, ...]
    readable: tuple[str, ...] = ()
    memory_bytes: int = MEMORY
    file_bytes: int = FILE_SIZE
    cpu_seconds: int = 600
    open_files: int = 512
    left_out: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The policy as text, for `POLICY`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Policy:
        """The policy that `to_json` wrote down."""
        return cls(**{name: tuple(it) if isinstance(it, list) else it for name, it in json.loads(text).items()})


def policy_for(folder: Path, *, closed: Iterable[Path] = (), **limits) -> Policy:
    """The policy for a submission that has a folder of its own, and reads besides only what Python needs.

    closed: folders and files that must stay out of reach wherever they lie, even inside one that Python needs: the
    solutions, the submissions, the report.
    """
    readable = without(needed_places(), closed)
    return Policy((str(folder),), tuple(map(str, readable)), **limits)


@dataclass(frozen=True)
class Level:
    """What the sandbox achieved: `name` is full, partial or basic."""

    name: str
    layers: dict[str, bool]
    means: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        held = ", ".join(name for name, holds in self.layers.items() if holds) or "temporary folders only"
        means = f" by {' and '.join(self.means)}" if self.means else ""
        lacks = f"; missing: {' '.join(self.missing)}" if self.missing else ""
        return f"{self.name} ({held}{means}){lacks}"

    def to_json(self) -> dict:
        """The level as plain values."""
        return asdict(self) | {"means": list(self.means), "missing": list(self.missing)}

    @classmethod
    def from_json(cls, told: dict) -> Level:
        """The level that `to_json` wrote down."""
        return cls(told["name"], told["layers"], tuple(told["means"]), tuple(told["missing"]))


def confine(policy: Policy) -> Level:
    """Confine this process to the policy for the rest of its life; what could be achieved.

    To be called before any code of a student's and before any thread is started. What it takes away never comes back.
    """
    return _Confinement(policy).level()


def protect_grader() -> bool:
    """Close the memory, open files and environment of this process to others of the same account; whether it worked.

    For every process that knows a key: the grader's own and those that kernels come from.
    """
    limit_process(core=0)
    return hide_memory()


@dataclass
class _Confinement:
    """One process being confined, layer by layer: each needs the one before."""

    policy: Policy
    layers: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(LAYERS, False))
    means: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def level(self) -> Level:
        filtered = "call filter" not in self.policy.left_out and can_filter()
        self._limit()
        if not filtered:
            self._limit_processes()  # while it can still be seen how many there are
        if on_linux():
            self._take_privileges()
            self._close_files()
            self._forbid_calls(filtered)
        else:
            self.missing.append(
                f"{_system()} offers no sandbox that a program can enter by itself: a submission can read what this "
                "account can read, and reach the network; grade on Linux or in a container, if you don't trust it."
            )
        return Level(self._name(), self.layers, tuple(self.means), tuple(self.missing))

    def _name(self) -> str:
        if all(self.layers.values()) and not self.missing:
            return FULL
        return PARTIAL if any(self.layers[name] for name in ("files", "network", "signals")) else BASIC

    def _limit(self) -> None:
        policy = self.policy
        held = limit_process(
            address_space=policy.memory_bytes,
            file_size=policy.file_bytes,
            core=0,
            cpu=policy.cpu_seconds,
            open_files=policy.open_files,
        )
        self.layers["limits"] = "address_space" in held and "file_size" in held
        if not self.layers["limits"]:
            self.missing.append(f"{_system()} sets no limits to memory or files: only the time-outs hold.")

    def _take_privileges(self) -> None:
        with suppress(OSError):
            end_with_parent()
        try:
            give_up_administration()
            gain_nothing_more()
            self.layers["privileges"] = True
        except OSError as error:
            self.missing.append(f"Rights could not be given up ({error.strerror}).")

    def _close_files(self) -> None:
        version = 0 if "Landlock" in self.policy.left_out else landlock.landlock_version()
        if version < landlock.FILES:
            hide_memory()  # from other kernels of the same account: nothing else does
            self.missing.append(
                f"Landlock ({_system()}): a submission can read files of this account, and the memory of other kernels."
            )
            return
        try:
            landlock.restrict_to(_rights(self.policy), version)
        except OSError as error:
            self.missing.append(f"Landlock ({error.strerror}): a submission can read files of this account.")
            return
        self.means.append(f"Landlock {version}")
        show_to_own_account()  # to the grader, which counts what is written; Landlock keeps other kernels from looking
        if (threads := len(os.listdir("/proc/self/task"))) > 1:
            self.missing.append(f"{threads - 1} threads had been started before, and are not confined.")
        self.layers |= {"files": True, "memory": True, "signals": version >= landlock.SIGNALS}
        self.layers["network"] = version >= landlock.NETWORK

    def _forbid_calls(self, filtered: bool) -> None:
        why = _system()
        if filtered:
            try:
                forbid_calls(own_pid=os.getpid())
                self.means.append("a filter of system calls")
                self.layers |= {"network": True, "signals": True, "processes": True}
                return
            except OSError as error:
                why = error.strerror
        reached = "send datagrams and speak to named sockets" if self.layers["network"] else "reach the network"
        ends = "" if self.layers["signals"] else " It can end other processes of this account."
        self.missing.append(f"A filter of system calls ({why}): a submission can {reached}.{ends}")

    def _limit_processes(self) -> None:
        """Limit their number, where they can't be forbidden. The system sets root no such limit."""
        if limit_process(processes=tasks_of_account() + _SPARE_PROCESSES) and os.getuid() != 0:
            self.layers["processes"] = True
        else:
            self.missing.append("The number of processes: nothing limits it here.")


def _rights(policy: Policy) -> list[tuple[Path, int]]:
    return [
        *((Path(place), landlock.READ) for place in policy.readable),
        *((Path(place), landlock.CHANGE) for place in policy.writable),
        (Path(os.devnull), landlock.USE),
        (Path(f"/proc/{os.getpid()}"), landlock.READ),
    ]


def _system() -> str:
    names = {"darwin": "macOS", "win32": "Windows"}
    return names.get(sys.platform) or f"{platform.system()} {platform.release()}"

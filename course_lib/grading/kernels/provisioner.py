"""Kernels from the fork-server for whatever uses jupyter_client: JUPYTER_DEFAULT_PROVISIONER_NAME=course-fork-server.

A kernel that can't be forked starts cold, as it would without us: another language, another Python or other paths, or a
system without what forking needs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from course_lib.grading.kernels.fork_line import NAME, ForkedProcess, ForkFailed, can_fork, the_server

ENTRY_POINT = EntryPoint(NAME, f"{__name__}:ForkServerProvisioner", KernelProvisionerFactory.GROUP_NAME)

_KERNELS = ("ipykernel_launcher", "ipykernel", "course_lib.grading.kernels.confined_kernel")
# What Python reads when it starts, and never again: a fork has the server's.
_READ_AT_START = ("PYTHONPATH", "PYTHONHOME", "PYTHONHASHSEED", "PYTHONUSERBASE", "PYTHONSAFEPATH", "PYTHONOPTIMIZE")


def register() -> None:
    """Make the provisioner known in this process, also where the course is not installed."""
    KernelProvisionerFactory.instance().provisioners.setdefault(NAME, ENTRY_POINT)


class ForkServerProvisioner(LocalProvisioner):
    """Starts a kernel by forking, where that gives the same kernel as starting it cold."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        if not can_fork() or not _is_our_kernel(cmd, kwargs.get("env")):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            self.process = _forked(cmd, **kwargs)
        except ForkFailed as problem:
            self.log.warning("A kernel starts cold: %s", problem)
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    @property
    def sockets_are_open(self) -> bool:
        """Whether the kernel said so itself; of a cold one nobody knows."""
        return isinstance(self.process, ForkedProcess)

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart)
        if isinstance(self.process, ForkedProcess):
            self.process.wait()  # a matter of milliseconds, where jupyter_client would look again after 0.1 s

    async def wait(self) -> int | None:
        if not isinstance(self.process, ForkedProcess):
            return await super().wait()
        code = self.process.wait()
        self.process = None
        return code


def _is_our_kernel(cmd: list[str], environment: dict[str, str] | None) -> bool:
    command = _without_frozen_modules_option(cmd)
    ours = len(command) == 5 and command[1] == "-m" and command[2] in _KERNELS and command[3] == "-f"
    same_python = os.path.realpath(command[0]) == os.path.realpath(sys.executable)
    wanted = os.environ if environment is None else environment
    return ours and same_python and all(wanted.get(name) == os.environ.get(name) for name in _READ_AT_START)


def _without_frozen_modules_option(cmd: list[str]) -> list[str]:
    """The command without what ipykernel adds for debuggers; it changes nothing that a page could see."""
    return [word for word in cmd if not word.startswith("-Xfrozen_modules=")]


def _forked(cmd: list[str], *, cwd=None, env=None, stdout=None, stderr=None, pass_fds=(), **_more) -> ForkedProcess:
    streams = {number: _descriptor(stream) for number, stream in ((1, stdout), (2, stderr))}
    streams |= {fd: fd for fd in pass_fds}
    return the_server().fork(
        [f"{cmd[-3]}.py", *cmd[-2:]],
        cwd=str(cwd or os.getcwd()),
        environment=os.environ if env is None else env,
        streams={number: fd for number, fd in streams.items() if fd is not None},
    )


def _descriptor(stream) -> int | None:
    """The file descriptor behind a stream; None for one that leads nowhere."""
    if stream is None or stream in (subprocess.DEVNULL, subprocess.PIPE):
        return None
    return stream if isinstance(stream, int) else stream.fileno()

"""What a process does between its birth by fork and its life as a notebook's kernel."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import sys
import types
from pathlib import Path

from course_lib.grading.kernels.confined_kernel import confine_by_environment
from course_lib.grading.sandbox.system_calls import end_with_parent

_GRADED = "course_lib.grading.kernels.graded_kernel.py"
_ABOVE_ALL = 100  # file descriptors are put aside up here before each gets its number


def become_kernel(request: dict, fds: list[int]) -> None:
    """Run as the kernel that was asked for, as if it had been started cold; comes back when it has been shut down.

    fds: first the pipe on which the kernel says that its sockets are open, then one for each of the request's streams.
    """
    os.setsid()
    end_with_parent()
    _reset_signals()
    told = _take_over(fds, request["streams"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[:] = request["argv"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    _forget_what_all_forks_share()
    connection = Path(request["argv"][2])
    level = confine_by_environment(connection)
    app = _kernel_app(*request["argv"])
    os.write(told, json.dumps({"level": level and level.to_json()}).encode())
    os.close(told)
    app.start()


def _reset_signals() -> None:
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python, when it starts, makes errors of them
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _take_over(fds: list[int], streams: list[int]) -> int:
    """Give every stream its number; returns the pipe. Standard streams that nobody gave lead nowhere."""
    told, *given = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _ABOVE_ALL) for fd in fds)
    for fd in fds:
        os.close(fd)
    for number, fd in zip(streams, given, strict=True):
        os.dup2(fd, number, inheritable=True)
        os.close(fd)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in {0, 1, 2}.difference(streams):
        os.dup2(nowhere, number, inheritable=True)
    os.close(nowhere)
    return told


def _forget_what_all_forks_share() -> None:
    """Chance must differ from kernel to kernel, and the back end for figures is each kernel's own choice."""
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        matplotlib.rcParams["backend"] = os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"


def _kernel_app(program: str, *argv: str):
    if program == _GRADED:
        from course_lib.grading.kernels.unheard_kernel import UnheardKernelApp as App
    else:
        from ipykernel.kernelapp import IPKernelApp as App

    # The number 1 stands for a parent that never goes away; the system itself ends this process with the server.
    app = App.instance(parent_handle=1)
    app.initialize(list(argv))
    app.kernel._execute_sleep = 0.0  # for frontends that show a reply before the output; graders wait for both
    return app

"""A process that has imported what kernels need and forks them: `python -m course_lib.grading.kernels.fork_server FD`.

It has one thread and no event loop, socket context or kernel of its own: none of these survives a fork. It adopts whatever
a dead kernel leaves behind (Linux calls it a subreaper), so that nothing outlives its kernel, however it hides.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import types
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from jupyter_client.localinterfaces import localhost

from course_lib.grading.cells.errors_on_the_wire import error_from_the_wire
from course_lib.grading.kernels import confined_kernel
from course_lib.grading.kernels.fork_line import LONGEST_MESSAGE
from course_lib.grading.sandbox.confinement import protect_grader
from course_lib.grading.sandbox.orphans import adopt_orphans, end_children
from course_lib.grading.sandbox.system_calls import end_with_parent

PRELOADED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "ipykernel.heartbeat"),
    *("matplotlib.pyplot", "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    *("course_lib.claude.connection", "course_lib.grading.cells.checks", "course_lib.grading.cells.evidence", "course_lib.show"),
    *("course_lib.grading.kernels.unheard_kernel", "tornado.platform.asyncio", "faulthandler"),
    *("IPython.core.debugger", "IPython.core.oinspect", "IPython.core.completerlib", "IPython.extensions.storemagic"),
    *("concurrent.futures.thread", "json", "pdb", "random", "sqlite3"),
)
"""What every kernel needs. What only some need, such as the SDK, is asked for when an author's notebook has imported it."""
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
_ABOVE_ALL = 100  # file descriptors are put aside up here before each gets its number


def main(number: int) -> None:
    """Serve until the other end hangs up."""
    line = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    os.environ |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    protect_grader()
    adopt_orphans()
    gc.disable()  # nothing of all this is garbage
    preload(PRELOADED)
    draw()
    localhost()  # asks the system for its addresses, once for all kernels
    gc.freeze()
    line.send(json.dumps({"preloaded": len(sys.modules)}).encode())
    serve(line)


def preload(modules: Iterable[str]) -> None:
    """Import what kernels need; what can't be imported, a kernel has to find out about by itself."""
    for module in modules:
        with suppress(Exception):
            importlib.import_module(module)
            if module == "anthropic":  # builds its kinds of errors when the first one comes
                error_from_the_wire({"status": 529, "headers": {}, "message": "Overloaded", "body": _OVERLOADED})


def draw() -> None:
    """Matplotlib looks for its fonts and styles when it draws for the first time. No figure is left."""
    with suppress(Exception):
        from matplotlib.figure import Figure

        Figure().subplots().bar(["a"], [1])


def serve(line: socket.socket) -> None:
    """Answer one request after the other."""
    kernels: set[int] = set()
    while True:
        said, fds, _, _ = socket.recv_fds(line, LONGEST_MESSAGE, 8)
        if not said:
            end_children()
            return
        request = json.loads(said)
        if request["do"] == "end":
            kernels.discard(request["pid"])
            end_kernel(request["pid"], spare=kernels)
            line.send(b"{}")
        elif request["do"] == "preload":
            if request["module"] not in sys.modules:
                preload([request["module"]])
                gc.freeze()
            line.send(b"{}")
        else:
            kernels |= fork(line, request, fds)


def fork(line: socket.socket, request: dict, fds: list[int]) -> set[int]:
    """The process of a new kernel; none, if something speaks against it. The child never comes back from here.

    The collector of garbage leaves alone what was there before, so that forks go on sharing its memory.
    """
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        refuse(line, fds, f"The fork-server has {threads} threads, and a fork would break all but one of them.")
        return set()
    try:
        pid = os.fork()
    except OSError as error:
        refuse(line, fds, f"The system forks no more: {error}.")
        return set()
    if pid == 0:
        try:
            line.close()
            gc.enable()
            become_kernel(request, fds)
        finally:
            os._exit(1)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(line, [json.dumps({"pid": pid}).encode()], [pidfd])
    for fd in (*fds, pidfd):
        os.close(fd)
    return {pid}


def refuse(line: socket.socket, fds: list[int], why: str) -> None:
    """Say why there is no kernel."""
    for fd in fds:
        os.close(fd)
    line.send(json.dumps({"refused": why}).encode())


def end_kernel(pid: int, spare: Collection[int]) -> None:
    """Kill a kernel with its group, then all that it left behind: every child that is not one of the other kernels."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    end_children(spare)


# --- between birth by fork and life as a kernel --------------------------------------------------


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
    program, *argv = sys.argv[:] = request["argv"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    _forget_what_all_forks_share()
    confined_kernel.confine_first(Path(argv[1]))
    if program == f"{confined_kernel.__name__}.py":
        from course_lib.grading.kernels.unheard_kernel import UnheardKernelApp as App
    else:
        from ipykernel.kernelapp import IPKernelApp as App

    app = App.instance(parent_handle=1)  # a parent that never goes away; the system ends this process with the server
    app.initialize(argv)
    app.kernel._execute_sleep = 0.0  # for frontends that show a reply before the output; graders wait for both
    os.write(told, b"open")
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


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A process that has imported what kernels need and forks them: `python -m course_lib.grading.kernels.fork_server FD`.

It has one thread and no event loop, socket context or kernel of its own: none of these survives a fork. It adopts whatever
a dead kernel leaves behind (Linux calls it a subreaper), so that nothing outlives its kernel, however it hides.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress

from jupyter_client.localinterfaces import localhost

from course_lib.grading.cells.errors_on_the_wire import error_from_the_wire
from course_lib.grading.kernels.fork_line import LONGEST_MESSAGE
from course_lib.grading.kernels.forked_kernel import become_kernel
from course_lib.grading.sandbox.confinement import protect_grader
from course_lib.grading.sandbox.orphans import adopt_orphans, end_children

PRELOADED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "ipykernel.heartbeat"),
    *("matplotlib.pyplot", "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    *("course_lib.claude.connection", "course_lib.grading.cells.checks", "course_lib.grading.cells.evidence", "course_lib.show"),
    *("course_lib.grading.kernels.unheard_kernel", "tornado.platform.asyncio", "faulthandler"),
    *("IPython.core.debugger", "IPython.core.oinspect", "IPython.core.completerlib", "IPython.extensions.storemagic"),
    *("concurrent.futures.thread", "json", "pdb", "random", "sqlite3"),
)
"""What every kernel needs. What only some need, such as the SDK, is asked for when an author's notebook imports it."""
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


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
        if module == "anthropic":
            with suppress(ImportError):  # the SDK builds its kinds of errors when the first one comes
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
            preload([request["module"]])
            gc.freeze()
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


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A process that has imported all that kernels need and gives birth to them: `python -m course_lib.grading.fork_server FD`.

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
from contextlib import suppress

from jupyter_client.localinterfaces import localhost

from course_lib.claude import error_from_the_wire
from course_lib.grading.fork_line import LONGEST_MESSAGE
from course_lib.grading.forked_kernel import become_kernel
from course_lib.grading.orphans import adopt_orphans, end_children
from course_lib.grading.sandbox import protect_grader

PRELOADED = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "ipykernel.heartbeat"),
    *("matplotlib.pyplot", "matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    *("course_lib.claude", "course_lib.grading", "course_lib.show"),
    *("anthropic", "concurrent.futures.thread", "json", "random", "sqlite3"),
)
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def main(number: int) -> None:
    """Serve until the other end hangs up."""
    line = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    os.environ |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    protect_grader()
    adopt_orphans()
    preload()
    line.send(json.dumps({"preloaded": len(sys.modules)}).encode())
    serve(line)


def preload() -> None:
    """Import what kernels need, and keep the collector of garbage away from it, so that forks go on sharing its memory."""
    for module in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(module)
    localhost()  # asks the system for its addresses, once for all kernels
    with suppress(ImportError):  # the SDK builds its kinds of errors when the first one comes
        error_from_the_wire({"status": 529, "headers": {}, "message": "Overloaded", "body": _OVERLOADED})
    gc.collect()
    gc.freeze()


def serve(line: socket.socket) -> None:
    """Answer one request after the other."""
    while True:
        said, fds, _, _ = socket.recv_fds(line, LONGEST_MESSAGE, 8)
        if not said:
            end_children()
            return
        request = json.loads(said)
        if request["do"] == "end":
            end_kernel(request["pid"])
            line.send(b"{}")
        else:
            fork(line, request, fds)


def fork(line: socket.socket, request: dict, fds: list[int]) -> None:
    """A kernel, if nothing speaks against it. The child never comes back from here."""
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        refuse(line, fds, f"The fork-server has {threads} threads, and a fork would break all but one of them.")
        return
    try:
        pid = os.fork()
    except OSError as error:
        refuse(line, fds, f"The system forks no more: {error}.")
        return
    if pid == 0:
        try:
            line.close()
            become_kernel(request, fds)
        finally:
            os._exit(1)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(line, [json.dumps({"pid": pid}).encode()], [pidfd])
    for fd in (*fds, pidfd):
        os.close(fd)


def refuse(line: socket.socket, fds: list[int], why: str) -> None:
    """Say why there is no kernel."""
    for fd in fds:
        os.close(fd)
    line.send(json.dumps({"refused": why}).encode())


def end_kernel(pid: int) -> None:
    """Kill a kernel with its group, then all that it left behind: with one kernel at a time, that is every other child."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    end_children()


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""The line between a grader and its fork-server: how kernels are asked for, watched and ended.

It is a pair of sockets that the server inherits. A socket with a name could be found by anybody, a student's code included.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from course_lib.errors import CourseError

NAME = "course-fork-server"
"""What jupyter_client calls kernels that come from here."""
SERVER = "course_lib.grading.kernels.fork_server"

LONGEST_MESSAGE = 1 << 20
START_SECONDS = 60.0
"""Real seconds that the server may take to import what kernels need, and a forked kernel to open its sockets."""
END_SECONDS = 10.0


def can_fork() -> bool:
    """Whether this system has all that the fork-server needs."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and os.path.exists("/proc/self/task")


def is_chosen() -> bool:
    """Whether kernels of this process come from the fork-server."""
    return os.environ.get("JUPYTER_DEFAULT_PROVISIONER_NAME") == NAME and can_fork()


_server: ForkServer | None = None


def the_server() -> ForkServer:
    """This process's fork-server, started if there is none, or if it has died."""
    global _server
    if _server is None:
        atexit.register(close_server)
    if _server is None or not _server.alive:
        close_server()
        _server = ForkServer(os.environ)
    return _server


def close_server() -> None:
    """End the fork-server, if there is one."""
    global _server
    if _server is not None:
        _server.close()
        _server = None


class ForkFailed(CourseError):
    """No kernel could be forked; a cold one still can be started."""


class ForkServer:
    """A running fork-server. Its imports are still under way when this returns; the first kernel waits for them.

    environment: of the server itself; every kernel is given its own.
    """

    def __init__(self, environment: Mapping[str, str]):
        self._line, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asking = threading.Lock()
        self._preloaded = False
        with its_end:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-Xfrozen_modules=off", "-m", SERVER, str(its_end.fileno())],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                pass_fds=(its_end.fileno(),),
            )

    @property
    def alive(self) -> bool:
        """Whether the server can still be asked for kernels."""
        return self._line.fileno() != -1 and self.process.poll() is None

    def wait_until_preloaded(self) -> None:
        """Come back when every import is done. Raises: ForkFailed when it isn't within a minute."""
        if not self._preloaded:
            self._line.settimeout(START_SECONDS)
            self._hear()
            self._preloaded = True

    def fork(
        self, argv: Sequence[str], *, cwd: str, environment: Mapping[str, str], streams: Mapping[int, int]
    ) -> ForkedProcess:
        """A kernel whose sockets are open.

        streams: {number of a file descriptor in the kernel: the one here that becomes it}.

        Raises: ForkFailed.
        """
        request = {"do": "fork", "argv": list(argv), "cwd": cwd, "environment": dict(environment), "streams": list(streams)}
        heard, told = os.pipe()
        with open(heard, "rb", buffering=0) as words:
            try:
                with self._asking:
                    self.wait_until_preloaded()
                    reply, pidfd = self._ask(request, [told, *streams.values()])
            finally:
                os.close(told)
            process = ForkedProcess(self, reply["pid"], pidfd)
            if select.select([words], [], [], START_SECONDS)[0] and words.read(1):
                return process
        process.kill()
        process.wait()
        raise ForkFailed("The forked kernel ended before its sockets were open.")

    def end(self, pid: int) -> None:
        """Kill the kernel and everything that came from it, at once. A server that is gone has taken them with it."""
        with suppress(ForkFailed), self._asking:
            self._ask({"do": "end", "pid": pid}, [])

    def close(self) -> None:
        """End the server and all its kernels."""
        self._line.close()
        try:
            self.process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, request: dict, fds: list[int]) -> tuple[dict, int]:
        try:
            self._line.settimeout(START_SECONDS)
            socket.send_fds(self._line, [json.dumps(request).encode()], fds)
        except OSError as error:
            self._line.close()
            raise ForkFailed(f"The fork-server can't be asked: {error}.") from None
        return self._hear()

    def _hear(self) -> tuple[dict, int]:
        try:
            said, fds, _, _ = socket.recv_fds(self._line, LONGEST_MESSAGE, 1)
        except OSError as error:
            said, fds = b"", []
            problem = str(error)
        else:
            problem = "it ended"
        if not said:  # what it says later would be taken for the answer to another question
            self._line.close()
            raise ForkFailed(f"The fork-server does not answer: {problem}.")
        reply = json.loads(said)
        if "refused" in reply:
            raise ForkFailed(reply["refused"])
        return reply, fds[0] if fds else -1


class ForkedProcess:
    """A forked kernel, with as much of `subprocess.Popen` as a kernel's provisioner needs.

    Its pid is its own until `wait` has come back: the server reaps a kernel only when it is told to.
    """

    stdin = stdout = stderr = None

    def __init__(self, server: ForkServer, pid: int, pidfd: int):
        self._server = server
        self._pidfd = pidfd
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it runs; then a code that says no more than that it has ended."""
        if self.returncode is None and self._has_ended(0):
            return -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = END_SECONDS) -> int:
        """Come back when it has ended and nothing that came from it is left. Raises: subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not self._has_ended(timeout):
                raise subprocess.TimeoutExpired("kernel", timeout)
            self._server.end(self.pid)
            self.returncode = -signal.SIGKILL
            os.close(self._pidfd)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _has_ended(self, timeout: float | None) -> bool:
        return bool(select.select([self._pidfd], [], [], timeout)[0])

"""A kernel for a submission that has not come yet: begun, confined and listening by the time it is needed.

It starts while the submission before is at its first cell, on a processor that would have nothing to do; and there the kernel
of the one before that comes to its end. Only a submission that is fully confined has such neighbours: it can't see, stop or
change them, and leaves no processes behind.
"""

from __future__ import annotations

import socket
import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from queue import Empty

from course_lib.errors import CourseError
from course_lib.grading.kernels import provisioner
from course_lib.grading.kernels.watched_kernel import WatchedKernel
from course_lib.grading.sandbox.confinement import Policy, policy_for
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.grading.sandbox.removal import remove_all

_CAN_GO_WRONG = (CourseError, OSError, RuntimeError, Empty)


def start_in(
    place: Path, closed: tuple[str, ...], line: socket.socket, startup_timeout: float, *, wait: bool = True
) -> WatchedKernel:
    """A kernel that may write to this folder, which was empty, and may read no place that is closed."""
    work = place / "work"
    work.mkdir(exist_ok=True)
    return WatchedKernel(
        work,
        startup_timeout,
        line=line,
        environment=clean_environment(place / "home"),
        policy=replace(_policy(closed), writable=(str(place),)),
        wait=wait,
    )


@cache
def _policy(closed: tuple[str, ...]) -> Policy:
    return policy_for(Path(), closed=map(Path, closed))


class SpareKernel:
    """The kernel, the folder that it may write to, and both ends of its line to a witness."""

    def __init__(self, closed: tuple[str, ...]):
        self.closed = closed
        self.additions = provisioner.the_server().additions
        self.place = Path(tempfile.mkdtemp(prefix="submission-")).resolve()
        self.ends = socket.socketpair()
        try:
            self.kernel = start_in(self.place, closed, self.ends[1], 60, wait=False)
        except _CAN_GO_WRONG:
            self._give_back()
            raise

    def is_good_for(self, closed: tuple[str, ...]) -> bool:
        """Whether it is what would be started now, and has come up; waits until it has."""
        if self.closed != closed or self.additions != provisioner.the_server().additions or not self.kernel.forked:
            return False
        with suppress(*_CAN_GO_WRONG):
            self.kernel.wait_until_ready()
            return True
        return False

    def end(self) -> None:
        """End it, for nobody has used it."""
        with suppress(*_CAN_GO_WRONG):
            if hasattr(self.kernel, "km"):
                self.kernel.stop()
        self._give_back()

    def _give_back(self) -> None:
        for end in self.ends:
            end.close()
        remove_all(self.place)


class Spares:
    """At most one spare kernel at a time, the kernels that were killed, and the folders of those that were used."""

    def __init__(self):
        self._spare: SpareKernel | None = None
        self._killed: list[WatchedKernel] = []
        self._used: list[Path] = []

    def prepare(self, closed: tuple[str, ...]) -> None:
        """Begin to start one, if kernels are forked here and there is none; where that fails, there just is none."""
        if self._spare is None and provisioner.is_chosen():
            with suppress(*_CAN_GO_WRONG):
                self._spare = SpareKernel(closed)

    def take(self, closed: tuple[str, ...]) -> SpareKernel | None:
        """The spare kernel, ready for cells, if there is one with these closed places; from now on it is the caller's."""
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        if not spare.is_good_for(closed):
            spare.end()
            return None
        self._used.append(spare.place)
        return spare

    def drop(self) -> None:
        """Have none, because a neighbour might get at it."""
        if self._spare is not None:
            self._spare.end()
            self._spare = None

    def kill(self, kernel: WatchedKernel) -> None:
        """Kill a kernel, which takes no time. That it has gone is waited for when there is something else to wait for."""
        kernel.km.provisioner.process.kill()
        self._killed.append(kernel)

    def clear_up(self, in_use: Path | None = None) -> None:
        """Wait until the kernels that were killed have gone, and remove the folders of all that were used but this one."""
        for kernel in self._killed:
            with suppress(*_CAN_GO_WRONG):
                kernel.stop()
        self._killed.clear()
        for place in self._used:
            if place != in_use:
                remove_all(place)
        self._used = [place for place in self._used if place == in_use]

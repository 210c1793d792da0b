"""Grading on a Dask cluster: the same function per submission as on this machine, run by Dask's workers.

Submissions, keys and settings travel from here, marks come back; nothing stays there. A worker that is lost costs only time:
what it was grading is graded elsewhere.
"""

from __future__ import annotations

import json
import queue
import secrets
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from course_lib.errors import CourseError
from course_lib.grading.cells.marks import NOT_GRADED, SubmissionMark
from course_lib.grading.running.cluster_process import request_for
from course_lib.grading.running.execution import kernel_environment
from course_lib.grading.running.grade_one import Wanted
from course_lib.grading.running.mark_book import grader_version
from course_lib.grading.running.workers import PREPARATION_SECONDS

MOST_RETRIES = 2
"""How often a submission is given to another worker after one was lost with it."""
PATIENCE = 60.0
"""Real seconds that a cluster may be without any worker, at the beginning and later."""
LOOK_EVERY = 1.0
CONNECT_SECONDS = 15
MARGIN_SECONDS = 60.0
"""What a submission may take on a worker beyond the time that its grader there would end it at."""


def grade_on_cluster(wanted: Iterable[Wanted], address: str) -> Iterator[tuple[Wanted, str]]:
    """Each of them, its sheet filled in, as they are finished; as many at once as the cluster has threads.

    address: of Dask's scheduler, such as "tcp://10.0.0.7:8786".

    Raises: CourseError without Dask, without a cluster at this address, without workers for a minute, and for workers that
    have another version of the course.
    """
    with _connected(address) as client:
        cluster = _Cluster(client, address)
        try:
            yield from cluster.grade(wanted)
        finally:
            cluster.leave()


@dataclass(eq=False)
class _Attempt:
    """A submission on its way to its marks."""

    wanted: Wanted
    lost: list[str] = field(default_factory=list)
    worker: str = ""
    deadline: float = 0.0


class _Cluster:
    """What is going on there, as it is known here.

    Dask would choose the worker itself and start lost work anew, unseen; here every submission is given to one worker, so that
    it is known who was lost with it.
    """

    def __init__(self, client, address: str):
        self._client, self._address = client, address
        self._session = secrets.token_hex(8)
        self._ended: queue.SimpleQueue = queue.SimpleQueue()
        self._at_work: dict = {}
        self._threads: dict[str, int] = {}
        self._known: set[str] = set()
        self._seen_workers = time.monotonic()

    def grade(self, wanted: Iterable[Wanted]) -> Iterator[tuple[Wanted, str]]:
        waiting = deque(_Attempt(one) for one in wanted)
        while waiting or self._at_work:
            self._look_around()
            self._hand_out(waiting)
            for attempt, answer in self._endings():
                if answer is not None:
                    yield attempt.wanted, _enter(attempt.wanted.mark, answer)
                elif len(attempt.lost) <= MOST_RETRIES:
                    waiting.appendleft(attempt)
                else:
                    yield attempt.wanted, _name_lost(attempt)

    def leave(self) -> None:
        """Let go of everything there."""
        for future in self._at_work:
            future.cancel()
        with suppress(Exception):  # whoever can't be reached ends its graders itself
            self._client.run(end_graders, self._session, on_error="ignore")

    def _look_around(self) -> None:
        """Who is there? Raises: CourseError when nobody is for too long, or somebody has another version."""
        self._threads = dict(self._client.nthreads())
        now = time.monotonic()
        if self._threads:
            self._seen_workers = now
        elif now - self._seen_workers > PATIENCE:
            raise CourseError(
                f"The cluster at {self._address} has had no workers for {PATIENCE:g} seconds: start some with `dask worker "
                f"{self._address}` and give the same command again; what is graded stays graded."
            )
        new = self._threads.keys() - self._known
        if new:
            versions = self._client.run(grader_version, workers=sorted(new), on_error="return")
            for worker, version in sorted(versions.items()):
                _check_version(worker, version)
                self._known.add(worker)

    def _hand_out(self, waiting: deque[_Attempt]) -> None:
        busy = [attempt.worker for attempt in self._at_work.values()]
        free = {worker: self._threads[worker] - busy.count(worker) for worker in sorted(self._threads.keys() & self._known)}
        while waiting and any(places > 0 for places in free.values()):
            attempt = waiting.popleft()
            worker = max(free, key=lambda one: (free[one] > 0, one not in attempt.lost, free[one]))
            free[worker] -= 1
            self._hand(attempt, worker)

    def _hand(self, attempt: _Attempt, worker: str) -> None:
        seconds = PREPARATION_SECONDS + attempt.wanted.settings.submission_timeout + MARGIN_SECONDS
        attempt.worker, attempt.deadline = worker, time.monotonic() + seconds
        future = self._client.submit(
            grade_there, self._session, request_for(attempt.wanted), workers=[worker], pure=False, retries=0
        )
        self._at_work[future] = attempt
        future.add_done_callback(self._ended.put)

    def _endings(self) -> Iterator[tuple[_Attempt, dict | None]]:
        """Attempts that have ended, with their answer; None for one whose worker was lost."""
        with suppress(queue.Empty):
            future = self._ended.get(timeout=LOOK_EVERY)
            while True:
                if (attempt := self._at_work.pop(future, None)) is not None:
                    yield attempt, self._answer(future, attempt)
                future = self._ended.get_nowait()
        now = time.monotonic()
        for future, attempt in list(self._at_work.items()):
            if attempt.worker not in self._threads or attempt.deadline < now:
                del self._at_work[future]
                future.cancel()
                attempt.lost.append(attempt.worker)
                yield attempt, None

    def _answer(self, future, attempt: _Attempt) -> dict | None:
        if future.status == "finished":
            return future.result()
        attempt.lost.append(attempt.worker)  # whatever went wrong there may go well elsewhere
        return None


def _connected(address: str):
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "Grading on a cluster needs Dask: install it with `pip install 'parallelization-course[cluster]'`."
        ) from None
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = " ".join(str(error).split())[:120]
        raise CourseError(
            f"There is no Dask scheduler at {address!r} ({why}): start one with `dask scheduler` and give the address that it "
            "prints, such as tcp://10.0.0.7:8786."
        ) from None


def _check_version(worker: str, version) -> None:
    if isinstance(version, OSError):
        raise CourseError(f"The worker {worker} was lost before it began; give the same command again.")
    if version != grader_version():
        raise CourseError(
            f"The worker {worker} has another version of the course than this machine, so its marks might differ: install the "
            "same one there and start the worker again."
        )


def _enter(mark: SubmissionMark, answer: dict) -> str:
    """The answer's marks, on the sheet; what pytest said."""
    filled_in = SubmissionMark.from_json(answer["mark"])
    for name in vars(filled_in):
        setattr(mark, name, getattr(filled_in, name))
    return answer["said"]


def _name_lost(attempt: _Attempt) -> str:
    mark = attempt.wanted.mark
    mark.status = NOT_GRADED
    mark.remarks.append(f"It could not be graded: {len(attempt.lost)} times the machine at work on it was lost. Grade it again.")
    mark.private_remarks.append(f"The workers that were lost with it: {', '.join(attempt.lost)}.")
    return ""


# --- what runs on Dask's workers -----------------------------------------------------------------


class GraderLost(Exception):
    """The process that graded has ended without an answer."""


class _Grader:
    """The process beside this worker; one request at a time."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "course_lib.grading.running.cluster_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kernel_environment({}),
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict) -> dict:
        """Raises: GraderLost."""
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            raise GraderLost("the process that graded has ended")
        return json.loads(answer)

    def end(self) -> None:
        """It clears up behind itself when its line is closed."""
        with suppress(OSError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


_graders: dict[str, list[_Grader]] = {}
_idle: dict[str, list[_Grader]] = {}
"""By session: two people may grade on one cluster."""


def grade_there(session: str, request: dict) -> dict:
    """The answer to a request, from a process beside this worker; each of its threads has one of its own.

    Raises: GraderLost.
    """
    idle = _idle.setdefault(session, [])
    try:
        grader = idle.pop()
    except IndexError:
        grader = None
    if grader is None or not grader.lives:
        grader = _Grader()
        _graders.setdefault(session, []).append(grader)
    answer = grader.ask(request)
    idle.append(grader)
    return answer


def end_graders(session: str) -> None:
    """End this session's processes beside this worker, in whatever they are doing."""
    _idle.pop(session, None)
    for grader in _graders.pop(session, []):
        grader.end()

"""Workers that grade submission after submission, each a pytest session of its own, watched from here.

A worker that is late with a submission, or dies, is ended with all that came from it, and another one takes its place; what
the submission had earned until then is in its file of marks.
"""

from __future__ import annotations

import json
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import psutil

from course_lib.errors import BadInput
from course_lib.grading.kernels import fork_line
from course_lib.grading.sandbox.family import TOKEN, end_family, meet_family
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.grading.sandbox.removal import remove_all

LOOK_EVERY = 1.0
"""Seconds without any word from a worker after which its family is looked at."""
PREPARATION_SECONDS = 180.0
"""Seconds that a worker may take before its first submission: to start, and to run the author's own notebook."""
LOG_CHARACTERS = 20_000

AUTO, FORK, COLD = "auto", "fork", "cold"
FINISHED, TOO_LATE, BROKE_OFF = "finished", "too late", "broke off"
BEGUN, ENDED = "begun", "ended"
"""What a worker says of its job: its time counts from now; it is over."""


@dataclass(frozen=True)
class Job:
    """One submission to grade, as it is handed to a worker.

    place: the folder that the kernel may write to. results: the file of the marks, where no kernel can write.
    cell_timeout: real seconds. closed: what no kernel may read, wherever it lies.
    """

    student: str
    notebook: Path
    key: Path
    results: Path
    place: Path
    cell_timeout: float
    closed: tuple[str, ...] = ()

    def to_line(self) -> str:
        """The job in one line of JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_line(cls, line: str) -> Job:
        """The job that `to_line` wrote."""
        given = json.loads(line)
        paths = {name: Path(given[name]) for name in ("notebook", "key", "results", "place")}
        return cls(**given | paths | {"closed": tuple(given["closed"])})


@dataclass(frozen=True)
class Ending:
    """How a job ended: FINISHED, TOO_LATE or BROKE_OFF, what pytest said meanwhile, and real seconds."""

    how: str
    log: str
    seconds: float


def kernels_provisioner(kernels: str) -> str:
    """The name of jupyter_client's provisioner for "auto", "fork" or "cold".

    Raises: BadInput for another word, and for "fork" where it can't be done.
    """
    if kernels not in (AUTO, FORK, COLD):
        raise BadInput(f"kernels={kernels!r} is no way to start them; write 'auto', 'fork' or 'cold'.")
    if kernels == FORK and not fork_line.can_fork():
        raise BadInput("kernels='fork' needs Linux 5.4 or later; write 'auto', which starts them cold elsewhere.")
    return fork_line.NAME if kernels != COLD and fork_line.can_fork() else "local-provisioner"


class Worker:
    """One pytest session.

    tell: is called, from a thread, with (this worker, its word), and with (this worker, None) when it has ended.
    """

    def __init__(self, kernels: str, tell: Callable[[Worker, str | None], None]):
        self.job: Job | None = None
        self.deadline = self._begun = 0.0
        self._token = secrets.token_hex(16)
        self._family: dict[int, psutil.Process] = {}
        self._own = tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True)
        folder = Path(self._own.name).resolve()
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        self._log = folder / "pytest.txt"
        self._read_until = 0
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                _command(folder),
                cwd=folder,
                env=clean_environment(folder / "home")
                | {TOKEN: self._token, "JUPYTER_DEFAULT_PROVISIONER_NAME": kernels_provisioner(kernels)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(tell,), daemon=True).start()

    def _listen(self, tell) -> None:
        for word in self._process.stdout:
            tell(self, word.strip())
        tell(self, None)

    def hand(self, job: Job) -> None:
        """Give it its next job; it has time to prepare first."""
        self.job = job
        self.begin(PREPARATION_SECONDS)
        with suppress(OSError):  # it has ended, and says so
            self._process.stdin.write(job.to_line() + "\n")
            self._process.stdin.flush()

    def begin(self, seconds: float) -> None:
        """Its job's time counts from now."""
        self._begun = time.monotonic()
        self.deadline = self._begun + seconds

    @property
    def seconds(self) -> float:
        """How long it has been at its job."""
        return time.monotonic() - self._begun

    def look(self) -> None:
        """Learn what has come from it."""
        meet_family(self._process.pid, self._family)

    def said(self) -> str:
        """What pytest printed since this was asked last."""
        with open(self._log, encoding="utf-8", errors="replace") as log:
            log.seek(self._read_until)
            text = log.read(LOG_CHARACTERS)
            log.seek(0, 2)
            self._read_until = log.tell()
        return text

    def end(self) -> None:
        """End it and everything that came from it, and remove its folder."""
        end_family(self._process, self._token, self._family)
        with suppress(OSError):  # what it has not read by now, nobody reads
            self._process.stdin.close()
        remove_all(Path(self._own.name))
        self._own.cleanup()


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "course_lib.grading.running.worker_process", str(folder)]


class Crew:
    """Workers that share the submissions of a class.

    seconds: real seconds that one submission may take.
    """

    def __init__(self, workers: int, *, kernels: str, seconds: float):
        kernels_provisioner(kernels)
        self.size = workers
        self._kernels = kernels
        self._seconds = seconds
        self._words: queue.SimpleQueue = queue.SimpleQueue()
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_) -> None:
        for worker in [*self._idle, *self._busy]:
            worker.end()

    def grade(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Ending]]:
        """Every job and how it ended, as they end. A job is asked for when there is a worker for it."""
        waiting = iter(jobs)
        self._hand_out(waiting)
        while self._busy:
            ended = self._next_ending()
            if ended is not None:
                self._hand_out(waiting)  # nobody waits for what is done with the marks
                yield ended

    def _hand_out(self, waiting: Iterator[Job]) -> None:
        for job in islice(waiting, self.size - len(self._busy)):
            self._hand(job)

    def _hand(self, job: Job) -> None:
        worker = self._idle.pop() if self._idle else Worker(self._kernels, lambda *word: self._words.put(word))
        worker.hand(job)
        self._busy.append(worker)

    def _next_ending(self) -> tuple[Job, Ending] | None:
        """The next job that has ended; None for as long as there is none."""
        now = time.monotonic()
        late = next((worker for worker in self._busy if worker.deadline <= now), None)
        if late is not None:
            return self._replace(late, TOO_LATE)
        first = min(worker.deadline for worker in self._busy)
        try:
            worker, word = self._words.get(timeout=min(LOOK_EVERY, first - now))
        except queue.Empty:
            for worker in self._busy:
                worker.look()
            return None
        if worker not in self._busy:  # its last word, after its end
            return None
        if word == BEGUN:
            worker.begin(self._seconds)
            return None
        return self._release(worker) if word == ENDED else self._replace(worker, BROKE_OFF)

    def _release(self, worker: Worker) -> tuple[Job, Ending]:
        self._busy.remove(worker)
        self._idle.append(worker)
        return worker.job, Ending(FINISHED, worker.said(), worker.seconds)

    def _replace(self, worker: Worker, how: str) -> tuple[Job, Ending]:
        self._busy.remove(worker)
        worker.look()
        ending = Ending(how, worker.said(), worker.seconds)
        worker.end()
        return worker.job, ending

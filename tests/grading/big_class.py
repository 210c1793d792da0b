"""A large class graded twice: once undisturbed, and once killed in the middle and taken up again.

    python -m tests.grading.big_class --submissions 500 --workers 2 [--kill-at 250]

Both must give the same table of grades, byte for byte, and the same pages for students; every task must earn what is known
of it beforehand; memory must not grow; a killed grader must leave no process behind. It takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.running.mark_book import FINISHED
from tests.grading.generated_class import Generated, generated_class, write_class

CELL_SECONDS = 5
SECONDS_BETWEEN_LOOKS = 0.25
LASTING_SECONDS = 12.0
"""A process of this age is the grader's own: a kernel is ended before, even one that hangs."""
START_SECONDS = 5.0
"""How long the grader takes until all of its own processes are there."""
SECONDS_TO_END = 60.0
"""How long what a killed grader had started may take to end: a cell that hangs is waited for."""
GROWTH = 1.1
"""The last quarter's peak of memory, at most, as a multiple of the first quarter's."""

MEGABYTE = 2**20


def main(given: list[str] | None = None) -> int:
    """0 if all of it held; 1 otherwise, and each problem in a line."""
    chosen = _asked_for(given)
    handed_in = list(generated_class(chosen.submissions))
    with tempfile.TemporaryDirectory(prefix="big-class-") as scratch:
        folder = Path(scratch)
        write_class(folder / "class", handed_in)
        problems = compare_runs(folder, handed_in, chosen.workers, chosen.kill_at or chosen.submissions // 2)
    print(*problems or ["All of it held."], sep="\n")
    return 1 if problems else 0


def _asked_for(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.big_class", description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=500, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="how many submissions at once (2)")
    parser.add_argument("--kill-at", type=int, metavar="N", help="after so many submissions (half of them)")
    return parser.parse_args(given)


def compare_runs(folder: Path, handed_in: list[Generated], workers: int, kill_at: int) -> list[str]:
    """Grade the class in `folder` twice; what went wrong, in a sentence each."""
    whole = Run(folder, "undisturbed", workers)
    whole.until(lambda: whole.has_ended)
    print(f"Undisturbed: {whole.seconds:.1f} s, {whole.seconds / len(handed_in):.3f} s a submission.")
    print(whole.memory)
    killed = Run(folder, "killed", workers)
    killed.until(lambda: killed.has_ended or killed.finished >= kill_at)
    problems = killed.kill()
    left_off = killed.finished
    print(f"Killed after {left_off} finished submissions.")
    resumed = Run(folder, "killed", workers)
    resumed.until(lambda: resumed.has_ended)
    print(f"Taken up again: {resumed.seconds:.1f} s for the others.")
    if not kill_at <= left_off < len(handed_in):
        problems.append(f"It was not killed in the middle: {left_off} were finished.")
    problems += [f"{run.name}: memory grew. {run.memory}" for run in (whole, resumed) if run.memory.grew]
    return problems + _differences(whole.out, resumed.out) + _unexpected(whole.out, handed_in)


def _differences(one: Path, other: Path) -> list[str]:
    files = [Path("grades.csv"), *(path.relative_to(one) for path in sorted((one / "feedback").rglob("*.*")))]
    differ = [str(path) for path in files if _bytes(one / path) != _bytes(other / path)]
    print(
        f"{len(files) - len(differ)} of {len(files)} files are the same, byte for byte: grades.csv and the students' pages."
    )
    return [f"{path} is another one after being killed." for path in differ]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _unexpected(out: Path, handed_in: list[Generated]) -> list[str]:
    complaints = []
    for one in handed_in:
        path = out / "results" / one.student / f"{one.exercise}.json"
        complaints += one.complaints(SubmissionMark.from_json(json.loads(path.read_text(encoding="utf-8"))))
    print(f"{len(handed_in)} submissions were looked at for what each task must earn: {len(complaints)} complaints.")
    return complaints


@dataclass
class Memory:
    """The resident memory of the grader's own processes, in bytes, by how many submissions were finished then."""

    looks: list[tuple[int, int]] = field(default_factory=list)

    def peak(self, quarter: int) -> int:
        """The most in a quarter of the submissions, 0 being the first; 0 if nobody looked."""
        first, last = min(self.looks, default=(0, 0))[0], max(self.looks, default=(0, 0))[0]
        length = (last - first) / 4
        within = [used for done, used in self.looks if quarter <= (done - first) / max(length, 1) <= quarter + 1]
        return max(within, default=0)

    @property
    def grew(self) -> bool:
        return self.peak(3) > GROWTH * self.peak(0) > 0

    def __str__(self) -> str:
        if not self.looks:
            return "It was over before anybody looked at its memory."
        peaks = ", ".join(f"{self.peak(quarter) / MEGABYTE:.0f}" for quarter in range(4))
        return f"Memory of the grader's own processes, peak of each quarter: {peaks} MB."


class Run:
    """`course grade` in a process of its own, watched."""

    def __init__(self, folder: Path, name: str, workers: int):
        self.name, self.out = name, folder / name
        self.memory = Memory()
        temporary = folder / "temporary"
        temporary.mkdir(exist_ok=True)
        code = "import sys; from course_lib.cli import main; sys.exit(main(sys.argv[1:]))"
        words = ["grade", str(folder / "class"), "--out", str(self.out), "--quiet"]
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *words, "-n", str(workers), "--cell-timeout", str(CELL_SECONDS)],
            env=os.environ | {"TMPDIR": str(temporary)},
            start_new_session=True,
        )

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def finished(self) -> int:
        """How many submissions have their marks."""
        path = self.out / FINISHED
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def until(self, done: Callable[[], bool]) -> None:
        """Look at its memory until `done`."""
        while not done():
            self._look()
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self.seconds = time.monotonic() - self._begun

    def _look(self) -> None:
        if time.monotonic() - self._begun > START_SECONDS + LASTING_SECONDS:
            lasting = [one for one in self._processes() if time.time() - one.create_time() > LASTING_SECONDS]
            self.memory.looks.append((self.finished, sum(map(_memory, lasting))))

    def _processes(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            own = psutil.Process(self._process.pid)
            return [own, *own.children(recursive=True)]
        return []

    def kill(self) -> list[str]:
        """Kill its process group without a warning; what it had started and is still there after a while."""
        started = self._processes()[1:]
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        _, left = psutil.wait_procs(started, timeout=SECONDS_TO_END)
        print(f"Of {len(started)} processes that it had started, {len(left)} are left.")
        for one in left:
            with suppress(psutil.Error):
                one.kill()
        return [f"Process {one.pid} outlived the grader." for one in left]


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


if __name__ == "__main__":
    sys.exit(main())

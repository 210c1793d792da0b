"""What a submission earned: one mark per case, gathered by task, written as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

PASSED = "passed"
FAILED = "failed"
NOT_ATTEMPTED = "not attempted"
NOT_REACHED = "not reached"
TIMED_OUT = "timed out"
CRASHED = "crashed"

GRADED = "graded"
NOT_GRADED = "not graded"
OUT_OF_TIME = "out of time"
MISSING = "missing"
UNREADABLE = "unreadable"
UNKNOWN = "unknown exercise"

# When several things happened in one task, the first of these names it.
_GRAVEST_FIRST = (CRASHED, TIMED_OUT, FAILED, NOT_REACHED, NOT_ATTEMPTED, PASSED)


@dataclass
class CaseMark:
    """The mark of one case: what it was worth, what it earned and what to say about it."""

    name: str
    hidden: bool
    points: float
    earned: float = 0
    status: str = NOT_REACHED
    message: str = ""


@dataclass
class TaskMark:
    """The marks of one task, in the order of its cases; `note` speaks about the answer cell as a whole."""

    task: str
    title: str
    cases: list[CaseMark]
    note: str = ""

    @property
    def points(self) -> float:
        return sum(case.points for case in self.cases)

    @property
    def earned(self) -> float:
        return sum(case.earned for case in self.cases)

    @property
    def status(self) -> str:
        """One word for the task: passed if all its cases are, otherwise the gravest thing that happened.

        >>> TaskMark("1.1", "", [CaseMark("a", False, 1, 1, PASSED), CaseMark("b", False, 1, 0, TIMED_OUT)]).status
        'timed out'
        """
        seen = {case.status for case in self.cases}
        return next((status for status in _GRAVEST_FIRST if status in seen), NOT_REACHED)


@dataclass
class SubmissionMark:
    """Everything that is known about one submission; without tasks it has zero marks out of zero.

    `remarks` are for everybody. The student never sees what follows `platform_id`.
    """

    student: str
    exercise: str
    status: str = NOT_GRADED
    remarks: list[str] = field(default_factory=list)
    tasks: list[TaskMark] = field(default_factory=list)
    late: bool = False
    platform: str = ""
    """The learning platform whose export it came in: "canvas", "moodle" or ""."""
    platform_id: str = ""
    """The number that the platform knows the student by."""
    sandbox: str = ""
    """The level of isolation that the run reached: "full", "partial", "basic", or "" if nothing was run."""
    isolation: dict = field(default_factory=dict)
    """What that level consists of, as `sandbox.Level.to_json` tells it; empty if the kernel told nothing."""
    seconds: float = 0
    """Real seconds that grading took."""
    handed_in: str = ""
    """The file that was graded, as it lay in the collection."""
    private_remarks: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    @property
    def earned(self) -> float:
        return sum(task.earned for task in self.tasks)

    def task(self, name: str) -> TaskMark:
        """The mark of the task called `name`; KeyError if the exercise has none."""
        for task in self.tasks:
            if task.task == name:
                return task
        raise KeyError(name)

    def as_json(self) -> dict:
        """A plain dictionary, totals and task statuses included for whoever reads the file without us.

        What differs between two gradings of the same work, such as the real seconds, stands under "run".
        """
        data = asdict(self)
        data["run"] = {name: data.pop(name) for name in _PER_RUN}
        data["earned"], data["points"] = self.earned, self.points
        for task, written in zip(self.tasks, data["tasks"], strict=True):
            written["status"], written["earned"], written["points"] = task.status, task.earned, task.points
        return data

    @classmethod
    def from_json(cls, data: dict) -> SubmissionMark:
        """The submission that `as_json` wrote, also an older or a newer one: what is missing has its default.

        Raises KeyError, TypeError or ValueError for anything else.
        """
        tasks = [
            TaskMark(
                task["task"],
                task["title"],
                [CaseMark(**_known(CaseMark, case)) for case in task["cases"]],
                task["note"],
            )
            for task in data["tasks"]
        ]
        given = _known(cls, {**data.get("run", {}), **data})
        return cls(**given | {"remarks": list(data["remarks"]), "status": data["status"], "tasks": tasks})

    def write(self, path: Path) -> None:
        """Write the JSON in one step: whoever reads `path` sees the old file or the new one, never half of one."""
        write_whole(path, json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")


_PER_RUN = ("sandbox", "isolation", "seconds", "handed_in", "private_remarks")


def _known(kind: type, data: Mapping) -> dict:
    """The entries of the data that this dataclass has a field for."""
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def write_whole(path: Path, text: str) -> None:
    """Write `text` beside `path` as UTF-8, then move it there in one step."""
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Write every text beside its path as UTF-8, then move them all there: where one can't be written, none is.

    Raises OSError for a place that can't be written to.
    """
    unfinished = {path: path.with_name(path.name + ".part") for path in texts}
    try:
        for path, part in unfinished.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(texts[path], encoding="utf-8", errors="replace", newline="\n")
        for path, part in unfinished.items():
            os.replace(part, path)
    except BaseException:
        for part in unfinished.values():
            with suppress(OSError):
                part.unlink()
        raise

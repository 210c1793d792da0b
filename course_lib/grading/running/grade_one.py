"""One submission's marks: from its file to a sheet, by way of a worker, wherever that worker runs."""

from __future__ import annotations

import atexit
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.grading.cells.key import read_key
from course_lib.grading.cells.marks import GRADED, NOT_GRADED, NOT_REACHED, OUT_OF_TIME, UNREADABLE, SubmissionMark
from course_lib.grading.cells.notebooks import read_notebook
from course_lib.grading.running.workers import AUTO, TOO_LATE, Crew, Ending, Job
from course_lib.grading.sandbox.isolated_run import scratch_folders


@dataclass(frozen=True)
class Settings:
    """How to grade. Times are real seconds; `kernels` is "auto", "fork" or "cold" and changes no mark."""

    cell_timeout: float = 10.0
    submission_timeout: float = 120.0
    kernels: str = AUTO


@dataclass
class Wanted:
    """A readable submission, its key, the sheet that its marks are entered on, and what no kernel may read."""

    notebook: Path
    key: Path
    mark: SubmissionMark
    settings: Settings
    closed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(init=False)
    """What was known before: how it was handed in."""

    def __post_init__(self):
        self.remarks = tuple(self.mark.remarks)


def grade_each(wanted: Iterable[Wanted], crew: Crew) -> Iterator[tuple[Wanted, str]]:
    """Each of them, its sheet filled in, as they are finished; with pytest's words, where there are no marks."""
    with ExitStack() as still_open:
        open_jobs: dict[Job, tuple[Wanted, ExitStack]] = {}

        def jobs():
            for one in wanted:
                folders = still_open.enter_context(ExitStack())
                place, private = folders.enter_context(scratch_folders())
                job = Job(
                    student=one.mark.student,
                    notebook=one.notebook.absolute(),
                    key=one.key,
                    results=private / "marks.json",
                    place=place,
                    cell_timeout=one.settings.cell_timeout,
                    closed=(*one.closed, str(one.key.parent)),
                )
                open_jobs[job] = one, folders
                yield job

        for job, ending in crew.grade(jobs()):
            one, folders = open_jobs.pop(job)
            marks_made = _enter(one, job, ending)
            folders.close()
            yield one, "" if marks_made else ending.log


def grade_one(notebook: bytes, exercise: str, student: str, key: Path, settings: Settings = Settings()) -> dict:
    """The marks of one notebook, as `SubmissionMark.as_json` writes them.

    This process keeps its worker for the next one. What is wrong with the notebook stands in the marks.

    Raises: CourseError for a key that is none.
    """
    mark = SubmissionMark(student, exercise, tasks=read_key(key).unmarked())
    with tempfile.TemporaryDirectory(prefix="handed-in-") as folder:
        path = Path(folder) / f"{exercise}.ipynb"
        path.write_bytes(notebook)
        try:
            read_notebook(path)
        except CourseError as error:
            mark.status = UNREADABLE
            mark.remarks.append(str(error).replace(str(path), path.name))
        else:
            list(grade_each([Wanted(path, Path(key).resolve(), mark, settings)], _own_crew(settings)))
    return mark.as_json()


_crews: dict[Settings, Crew] = {}


def _own_crew(settings: Settings) -> Crew:
    if settings not in _crews:
        _crews[settings] = Crew(1, kernels=settings.kernels, seconds=settings.submission_timeout)
        atexit.register(_crews[settings].__exit__)
    return _crews[settings]


def _enter(one: Wanted, job: Job, ending: Ending) -> bool:
    """What the run found, into the sheet; what it had no time for stays at zero and says so. Whether there were marks."""
    mark, graded = one.mark, _read_marks(job.results)
    mark.seconds = round(ending.seconds, 2)
    if graded is not None:
        mark.status, mark.tasks = graded.status, graded.tasks
        mark.sandbox, mark.isolation = graded.sandbox, graded.isolation
        mark.remarks += [remark for remark in graded.remarks if remark not in mark.remarks]
    if ending.how == TOO_LATE:
        mark.status = OUT_OF_TIME
        mark.remarks.append(
            f"The {one.settings.submission_timeout:g} seconds for the whole submission were over before its end."
        )
    elif mark.status != GRADED:
        mark.status = NOT_GRADED
        mark.remarks.append("The run ended before its time; see the remarks and grade it again.")
    for case in (case for task in mark.tasks for case in task.cases):
        if case.status == NOT_REACHED and not case.message:
            case.message = "The run ended before it came to this check."
    return graded is not None


def _read_marks(results: Path) -> SubmissionMark | None:
    try:
        return SubmissionMark.from_json(json.loads(results.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None

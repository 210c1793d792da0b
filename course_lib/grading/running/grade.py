"""Grading a folder of submissions: who has what handed in, graded by a crew of workers, entered into a report."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import course_lib
from course_lib.errors import BadInput, CourseError
from course_lib.grading.cells.key import Key, read_key
from course_lib.grading.cells.marks import NOT_GRADED, UNREADABLE, SubmissionMark
from course_lib.grading.cells.notebooks import read_notebook
from course_lib.grading.collecting.handed_in import HandedIn, collected
from course_lib.grading.collecting.recognising import KnownExercises
from course_lib.grading.reports.report_files import Report
from course_lib.grading.running.cluster import grade_on_cluster
from course_lib.grading.running.grade_one import Settings, Wanted, grade_each
from course_lib.grading.running.mark_book import MarkBook
from course_lib.grading.running.workers import AUTO, Crew

CELL_TIMEOUT = 10.0
SUBMISSION_TIMEOUT = 120.0


def grade(
    submissions: Path,
    out: Path,
    *,
    solutions: Path | None = None,
    cell_timeout: float = CELL_TIMEOUT,
    submission_timeout: float = SUBMISSION_TIMEOUT,
    jobs: int = 1,
    kernels: str = AUTO,
    resume: bool = True,
    progress: bool = True,
    cluster: str | None = None,
) -> Report:
    """Grade every submission and write the report; returns it in the order of students and exercises.

    In `out`: `grades.csv`, `results/<student>/<exercise>.json` and `feedback/<student>/<exercise>.html` and `.md`,
    all brought up to date as each submission is finished, so that a run that is stopped leaves what it has done.

    Args:
        submissions: a folder or zip with `<student>/<exercise>.ipynb` or `<student>_<exercise>.ipynb`.
        solutions: the folder of executed solution notebooks; the course's own if it isn't given.
        cell_timeout, submission_timeout: real seconds that one cell, and one whole submission, may take.
        jobs: how many submissions are graded at once.
        kernels: "fork" starts them in a tenth of a second, on Linux; "cold" anywhere; "auto" chooses. The marks are the same.
        resume: take over what an earlier run has written to `out` about the very same files, graded in the very same way.
        cluster: the address of a Dask scheduler; its workers grade, and `jobs` doesn't count. The marks are the same.

    Raises CourseError, before anything is written, for submissions that can't be read, a solution that can't be a
    key, or a place that can't be written to. What is wrong with one submission stands in the report instead.
    """
    _check_seconds(cell_timeout=cell_timeout, submission_timeout=submission_timeout)
    settings = Settings(float(cell_timeout), float(submission_timeout), kernels)
    folder = _solutions_folder(solutions)
    crew = Crew(_checked_workers(jobs), kernels=kernels, seconds=submission_timeout)
    with crew, collected(_place(Path(submissions)), KnownExercises(folder)) as collection:
        keys = _Keys(folder)
        entries = collection.entries
        sheets = [_sheet(entry, keys) for entry in entries]
        book = MarkBook(Report(Path(out), tuple(sheets), tuple(collection.problems)))
        _make_writable(book.report.out)
        closed = tuple(str(Path(place).resolve()) for place in (submissions, out, folder))
        wanted = [
            Wanted(entry.path, keys.path(entry.exercise), mark, settings, closed)
            for entry, mark in zip(entries, sheets, strict=True)
            if mark.status == NOT_GRADED
        ]
        still_wanted = [one for one in wanted if not (resume and book.take_over(one))]
        with book.kept_up_to_date(), _bar(len(wanted), progress) as bar:
            book.enter_ungraded()
            bar.update(book.taken_over)
            if progress and book.taken_over:
                bar.write(f"{book.taken_over} of {len(wanted)} were graded by an earlier run: taken over.", file=sys.stderr)
            for one, said in grade_on_cluster(still_wanted, cluster) if cluster else grade_each(still_wanted, crew):
                book.enter(one, said)
                bar.update()
    return book.report


def _checked_workers(jobs: int) -> int:
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise BadInput(f"jobs is {jobs!r}: give the number of submissions to grade at once, such as jobs=2.")
    return jobs


class _Keys:
    """The solution notebooks of a folder, read and checked when an exercise needs them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.exercises = sorted(path.stem for path in folder.glob("*.ipynb") if not path.name.startswith("."))
        self._read: dict[str, Key] = {}
        if not self.exercises:
            raise CourseError(f"There are no solution notebooks in {folder}: name their folder with --solutions.")

    def path(self, exercise: str) -> Path:
        return (self.folder / f"{exercise}.ipynb").resolve()

    def key(self, exercise: str) -> Key:
        if exercise not in self._read:
            self._read[exercise] = read_key(self.path(exercise))
        return self._read[exercise]


def _check_seconds(**seconds: float) -> None:
    for name, value in seconds.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
            raise BadInput(f"{name} is {value!r}: give a number of seconds above 0, such as {name}=10.")


def _solutions_folder(solutions: Path | None) -> Path:
    own = Path(course_lib.__file__).resolve().parent.parent / "solutions"
    folder = own if solutions is None else Path(solutions)
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} with solutions: name it with --solutions.")
    return folder


def _place(submissions: Path) -> Path:
    if submissions.is_file() and submissions.suffix.lower() == ".ipynb":
        raise CourseError(
            f"{submissions} is a single notebook: name the folder of submissions that it lies in, as "
            "<student>/<exercise>.ipynb or <student>_<exercise>.ipynb."
        )
    if not submissions.exists():
        raise CourseError(f"There is no folder or zip {submissions}: name the place where the submissions are.")
    return submissions


def _make_writable(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise CourseError(f"The report can't be written to {out} ({error.strerror}): name another folder.") from None


def _sheet(entry: HandedIn, keys: _Keys) -> SubmissionMark:
    """The mark sheet before grading: nothing reached, or the reason why there is nothing to run."""
    known = entry.exercise in keys.exercises
    tasks = keys.key(entry.exercise).unmarked() if known else []
    mark = entry.mark(tasks)
    if entry.path is not None:
        try:
            read_notebook(entry.path)
        except CourseError as error:
            mark.status = UNREADABLE
            mark.remarks.append(str(error).replace(str(entry.path), entry.path.name))
    return mark


def _bar(total: int, progress: bool):
    from tqdm import tqdm

    return tqdm(total=total, desc="grading", unit="submission", disable=not progress)

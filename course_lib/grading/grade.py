"""Grading a folder of submissions: each in a pytest of its own, in a folder of its own, before a deadline."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import course_lib
from course_lib.errors import BadInput, CourseError
from course_lib.grading.handed_in import HandedIn, find_submissions
from course_lib.grading.isolated_run import clean_environment, run_before_deadline, scratch_folders
from course_lib.grading.key import Key, read_key
from course_lib.grading.marks import GRADED, NOT_GRADED, NOT_REACHED, OUT_OF_TIME, UNREADABLE, SubmissionMark
from course_lib.grading.notebooks import read_notebook
from course_lib.grading.reports import Report, file_names, write_feedback, write_grades
from course_lib.grading.zipped import unpack_notebooks

CELL_TIMEOUT = 10.0
SUBMISSION_TIMEOUT = 120.0


def grade(
    submissions: Path,
    out: Path,
    *,
    solutions: Path | None = None,
    cell_timeout: float = CELL_TIMEOUT,
    submission_timeout: float = SUBMISSION_TIMEOUT,
    progress: bool = True,
) -> Report:
    """Grade every submission and write the report; returns it in the order of students and exercises.

    In `out`: `grades.csv`, `results/<student>/<exercise>.json` and `feedback/<student>/<exercise>.html` and `.md`,
    all brought up to date as each submission is finished, so that a run that is stopped leaves what it has done.

    Args:
        submissions: a folder or zip with `<student>/<exercise>.ipynb` or `<student>_<exercise>.ipynb`.
        solutions: the folder of executed solution notebooks; the course's own if it isn't given.
        cell_timeout, submission_timeout: real seconds that one cell, and one whole submission, may take.

    Raises CourseError, before anything is written, for submissions that can't be read, a solution that can't be a
    key, or a place that can't be written to. What is wrong with one submission stands in the report instead.
    """
    _check_seconds(cell_timeout=cell_timeout, submission_timeout=submission_timeout)
    folder = _solutions_folder(solutions)
    with _opened(Path(submissions)) as opened:
        keys = _Keys(folder)
        entries = find_submissions(opened, keys.exercises)
        sheets = [_sheet(entry, keys) for entry in entries]
        names = file_names(sheets)
        report = Report(Path(out), tuple(sheets))
        _make_writable(report.out)
        for entry, mark in _with_progress(list(zip(entries, sheets, strict=True)), progress):
            student_folder, exercise_file = names[mark.student, mark.exercise]
            if mark.status == NOT_GRADED:
                log = Path(out) / "logs" / student_folder / f"{exercise_file}.txt"
                _run(entry, mark, keys.path(entry.exercise), cell_timeout, submission_timeout, log)
            mark.write(Path(out) / "results" / student_folder / f"{exercise_file}.json")
            write_feedback(Path(out) / "feedback", mark, student_folder, exercise_file)
            write_grades(report.grades, report.marks)
    return report


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


@contextmanager
def _opened(submissions: Path) -> Iterator[Path]:
    """The folder of submissions, unpacked for the time being if it is a zip."""
    if submissions.is_dir():
        yield submissions
    elif submissions.is_file() and submissions.suffix.lower() == ".ipynb":
        raise CourseError(
            f"{submissions} is a single notebook: name the folder of submissions that it lies in, as "
            "<student>/<exercise>.ipynb or <student>_<exercise>.ipynb."
        )
    elif submissions.is_file():
        with tempfile.TemporaryDirectory(prefix="unpacked-") as folder:
            unpack_notebooks(submissions, Path(folder))
            yield Path(folder)
    else:
        raise CourseError(f"There is no folder or zip {submissions}: name the place where the submissions are.")


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
    mark = SubmissionMark(entry.student, entry.exercise, entry.status, list(entry.remarks), tasks)
    if entry.path is not None:
        try:
            read_notebook(entry.path)
        except CourseError as error:
            mark.status = UNREADABLE
            mark.remarks.append(str(error).replace(str(entry.path), entry.path.name))
    return mark


def _with_progress(work: Sequence[tuple[HandedIn, SubmissionMark]], progress: bool):
    if not progress:
        return work
    from tqdm import tqdm

    return tqdm(work, desc="grading", unit="submission")


def _run(
    entry: HandedIn, mark: SubmissionMark, key: Path, cell_timeout: float, submission_timeout: float, log: Path
) -> None:
    """Grade one submission in a process of its own and take over its marks."""
    with scratch_folders() as (place, private):
        notebook = place / "work" / f"{entry.exercise}.ipynb"
        notebook.parent.mkdir()
        shutil.copyfile(entry.path, notebook)
        (private / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        results, said = private / "marks.json", private / "pytest.txt"
        finished = run_before_deadline(
            _command(notebook, key, results, entry.student, cell_timeout),
            cwd=private,
            environment=clean_environment(place / "home"),
            log=said,
            seconds=submission_timeout,
        )
        graded = _read_marks(results)
        _take_over(mark, graded, finished, submission_timeout, place)
        if graded is None:
            _keep_log(said, log, mark)


def _command(notebook: Path, key: Path, results: Path, student: str, cell_timeout: float) -> list[str]:
    return [
        *(sys.executable, "-m", "pytest", "-q", "--color=no", "--noconftest", "-p", "no:cacheprovider"),
        *("-c", str(results.parent / "pytest.ini"), "--rootdir", str(results.parent)),
        *("-p", "course_lib.grading.quick_start", "-p", "nbval.plugin", "-p", "course_lib.grading.nbval_plugin"),
        *("--nbval", "--nbval-current-env"),
        f"--nbval-cell-timeout={cell_timeout}",
        *(f"--course-key={key}", f"--course-results={results}", f"--course-student={student}"),
        str(notebook),
    ]


def _read_marks(results: Path) -> SubmissionMark | None:
    try:
        return SubmissionMark.from_json(json.loads(results.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _take_over(
    mark: SubmissionMark, graded: SubmissionMark | None, finished: bool, submission_timeout: float, place: Path
) -> None:
    """What the run found, into the sheet; what it had no time for stays at zero and says so."""
    if graded is not None:
        mark.status, mark.tasks = graded.status, graded.tasks
        mark.remarks += [remark for remark in graded.remarks if remark not in mark.remarks]
    if not finished:
        mark.status = OUT_OF_TIME
        mark.remarks.append(f"The {submission_timeout:g} seconds for the whole submission were over before its end.")
    elif mark.status != GRADED:
        mark.remarks.append("The run ended before its time; see the remarks and grade it again.")
    for task in mark.tasks:
        task.note = task.note.replace(str(place), ".")
        for case in task.cases:
            case.message = case.message.replace(str(place), ".")
            if case.status == NOT_REACHED and not case.message:
                case.message = "The run ended before it came to this check."


def _keep_log(said: Path, log: Path, mark: SubmissionMark) -> None:
    """Keep what pytest said about a run without marks, for the teacher."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(said, encoding="utf-8", errors="replace") as lines:
        log.write_text(lines.read(20_000), encoding="utf-8")
    mark.remarks.append(f"pytest's own words are in {'/'.join(log.parts[-3:])}.")

"""A report that is filled in, submission by submission, and can be taken up again where a stopped run left it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path

import course_lib
from course_lib.grading.cells.marks import GRADED, NOT_GRADED, SubmissionMark, write_whole
from course_lib.grading.reports.grades_table import write_grades
from course_lib.grading.reports.report_files import Report, file_names, write_feedback, write_reports
from course_lib.grading.running.grade_one import Wanted

FINISHED = "finished.jsonl"
"""The file in a report's folder that tells which results belong to which submissions."""
SECONDS_BETWEEN_TABLES = 1.0
_CHANGES_NO_MARK = ("kernels",)


class MarkBook:
    """The files of a report, each brought up to date as soon as there is something new for it.

    The table of grades is written at most once a second, and at the end, whatever ends it.
    """

    def __init__(self, report: Report):
        self.report = report
        self._names = file_names(report.marks)
        self._table_written = 0.0
        self._finished = _read_finished(report.out / FINISHED)
        self.taken_over = 0

    def take_over(self, wanted: Wanted) -> bool:
        """Whether an earlier run has finished this very submission; then its marks are on the sheet."""
        path = self._results(wanted.mark)
        known = self._finished.get(self._name(wanted.mark))
        if known is None or known["of"] != fingerprint(wanted):
            return False
        try:
            written = path.read_bytes()
            earlier = SubmissionMark.from_json(json.loads(written))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if hashlib.sha256(written).hexdigest() != known["results"] or earlier.status != GRADED:
            return False
        for name in vars(earlier):
            setattr(wanted.mark, name, getattr(earlier, name))
        self.taken_over += 1
        return True

    def enter_ungraded(self) -> None:
        """Write down what there is nothing to run for, and what was taken over."""
        for mark in self.report.marks:
            if mark.status != NOT_GRADED:
                self._write(mark)

    def enter(self, wanted: Wanted, said: str) -> None:
        """Write down a submission that has been graded; `said`: pytest's words, to be kept for the teacher."""
        of = fingerprint(wanted)
        if said:
            self._keep_log(wanted.mark, said)
        self._write(wanted.mark)
        if wanted.mark.status == GRADED:
            results = hashlib.sha256(self._results(wanted.mark).read_bytes()).hexdigest()
            _append(self.report.out / FINISHED, {"name": self._name(wanted.mark), "of": of, "results": results})
        if time.monotonic() - self._table_written > SECONDS_BETWEEN_TABLES:
            self._write_table()

    @contextmanager
    def kept_up_to_date(self) -> Iterator[None]:
        """However the work inside ends, the table tells what was done."""
        try:
            yield
        finally:
            write_reports(self.report)

    def _name(self, mark: SubmissionMark) -> str:
        return "/".join(self._names[mark.student, mark.exercise])

    def _results(self, mark: SubmissionMark) -> Path:
        return self.report.out / "results" / f"{self._name(mark)}.json"

    def _write(self, mark: SubmissionMark) -> None:
        mark.write(self._results(mark))
        write_feedback(self.report.out / "feedback", mark, *self._names[mark.student, mark.exercise])

    def _write_table(self) -> None:
        write_grades(self.report.grades, self.report.marks)
        self._table_written = time.monotonic()

    def _keep_log(self, mark: SubmissionMark, said: str) -> None:
        log = self.report.out / "logs" / f"{self._name(mark)}.txt"
        write_whole(log, said)
        mark.private_remarks.append(f"pytest's own words are in {'/'.join(log.parts[-3:])}.")


def fingerprint(wanted: Wanted) -> str:
    """What the marks depend on: the submission, the key, how to grade, and the grader itself."""
    settings = {name: value for name, value in asdict(wanted.settings).items() if name not in _CHANGES_NO_MARK}
    told = [wanted.mark.student, wanted.mark.exercise, wanted.remarks, settings, grader_version()]
    told += [_sha(wanted.notebook), _key_sha(wanted.key)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _key_sha_at(path: Path, _changed: int) -> str:
    return _sha(path)


def _key_sha(path: Path) -> str:
    return _key_sha_at(path, path.stat().st_mtime_ns)


@cache
def grader_version() -> str:
    """The course's version and, since a grader is changed more often than its number, a sum over its files."""
    home = Path(course_lib.__file__).resolve().parent
    digest = hashlib.sha256(course_lib.__version__.encode())
    for path in sorted(path for path in home.rglob("*") if path.suffix in (".py", ".json")):
        digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _read_finished(path: Path) -> dict[str, dict]:
    """The last word on every name; a line that was cut off tells nothing."""
    known = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    for line in lines:
        try:
            entry = json.loads(line)
            known[entry["name"]] = {"of": entry["of"], "results": entry["results"]}
        except (ValueError, KeyError, TypeError):
            continue
    return known


def _append(path: Path, entry: dict) -> None:
    with open(path, "a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")

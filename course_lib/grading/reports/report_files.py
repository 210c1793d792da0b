"""What people read after grading, in one folder: the instructor's tables and overview, a kind page for every student.

```
REPORT/feedback/<student>/   for that student: index.html, and <exercise>.html and .md
REPORT/overview.html         the class: figures, wrong answers, crashes, problems (names hidden checks)
REPORT/grades.csv            every submission, every task
REPORT/canvas.csv            for Canvas; moodle.csv (or one moodle-<exercise>.csv each) for Moodle
REPORT/junit.xml             for CI systems
REPORT/sandbox.json          how far submissions were isolated, and what was missing
REPORT/results/, logs/       every case as JSON; what a grading process said before it broke
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading.cells.marks import GRADED, SubmissionMark, write_whole
from course_lib.grading.collecting.safe_names import safe_names
from course_lib.grading.reports.feedback_page import INDEX, feedback_html, feedback_markdown, index_html
from course_lib.grading.reports.grades_table import write_grades, write_lms_tables
from course_lib.grading.reports.junit_report import junit_xml
from course_lib.grading.reports.overview import overview_html
from course_lib.grading.reports.student_words import score
from course_lib.grading.sandbox.isolation_reached import sandbox_json

_FOLDERS = ("results", "feedback", "logs")

_README = """Hand out what lies in feedback/, a folder for each student; open index.html there.
All the rest is for instructors: overview.html and results/ name hidden checks.
grades.csv: every submission. canvas.csv and moodle*.csv: for import. junit.xml: for CI systems.
sandbox.json: how far submissions were isolated from this machine and from each other, and what was missing.
"""


@dataclass(frozen=True)
class Report:
    """Where the results lie and what they are, in the order of students and exercises."""

    out: Path
    marks: tuple[SubmissionMark, ...]
    problems: tuple[str, ...] = ()
    """What is wrong with the collection and belongs to no student."""

    @property
    def grades(self) -> Path:
        """The table of grades."""
        return self.out / "grades.csv"

    @property
    def summary(self) -> str:
        """One line per submission, how many were graded, and whose older files lie beside them."""
        lines = [f"{mark.student}  {mark.exercise}  {score(mark)}  {mark.status}" for mark in self.marks]
        graded = sum(mark.status == GRADED for mark in self.marks)
        lines.append(f"{graded} of {len(self.marks)} graded; the table is {self.grades}")
        lines += [f"Problem: {problem}" for problem in self.problems]
        if self.left_over:
            lines.append(f"Left in {self.out} by an earlier grading, not in the table: {', '.join(self.left_over)}")
        return "\n".join(lines)

    @property
    def left_over(self) -> list[str]:
        """What lies in the folder and belongs to none of these marks, as `<student>/<exercise>`, sorted."""
        lying = {(path.parent.name, path.stem) for kind in _FOLDERS for path in (self.out / kind).glob("*/*.*")}
        lying = {pair for pair in lying if pair[1] != INDEX}
        return sorted("/".join(pair) for pair in lying - set(file_names(self.marks).values()))


def write_feedback(folder: Path, mark: SubmissionMark, student_folder: str, exercise_file: str) -> None:
    """The student's page, as HTML to look at and as Markdown to paste."""
    place = folder / student_folder
    write_whole(place / f"{exercise_file}.html", feedback_html(mark))
    write_whole(place / f"{exercise_file}.md", feedback_markdown(mark))


def write_reports(report: Report) -> None:
    """Everything that tells of more than one submission: tables, overview, JUnit XML, a list for every student.

    The pages of single submissions are `write_feedback`'s.
    """
    names = file_names(report.marks)
    write_grades(report.grades, report.marks)
    write_lms_tables(report.out, report.marks)
    write_whole(report.out / "overview.html", overview_html(report.marks, report.problems, names))
    write_whole(report.out / "junit.xml", junit_xml(report.marks))
    write_whole(report.out / "sandbox.json", sandbox_json(report.marks))
    write_whole(report.out / "README.txt", _README)
    own: dict[str, list[SubmissionMark]] = {}
    for mark in report.marks:
        own.setdefault(mark.student, []).append(mark)
    for student, marks in own.items():
        folder = names[student, marks[0].exercise][0]
        files = {mark.exercise: names[student, mark.exercise][1] for mark in marks}
        write_whole(report.out / "feedback" / folder / f"{INDEX}.html", index_html(student, marks, files))


def file_names(marks: Sequence[SubmissionMark]) -> dict[tuple[str, str], tuple[str, str]]:
    """(folder, file) for each (student, exercise), safe in every file system."""
    students = safe_names(mark.student for mark in marks)
    exercises = safe_names(mark.exercise for mark in marks)
    files = {exercise: f"_{name}" if name.casefold() == INDEX else name for exercise, name in exercises.items()}
    return {(mark.student, mark.exercise): (students[mark.student], files[mark.exercise]) for mark in marks}

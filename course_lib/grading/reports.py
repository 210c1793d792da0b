"""What people read after grading: a table for the teacher, a kind page for every student."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading.judging import HIDDEN_SENTENCE
from course_lib.grading.marks import (
    CRASHED,
    FAILED,
    GRADED,
    MISSING,
    NOT_ATTEMPTED,
    NOT_GRADED,
    NOT_REACHED,
    PASSED,
    TIMED_OUT,
    UNKNOWN,
    UNREADABLE,
    CaseMark,
    SubmissionMark,
    TaskMark,
    write_whole,
)
from course_lib.grading.safe_names import safe_names
from course_lib.grading.splice import leans_on_own_cell
from course_lib.grading.verdicts import CODE_SPAN

_FOLDERS = ("results", "feedback", "logs")
_SIGNS = {PASSED: "✓", FAILED: "✗", NOT_ATTEMPTED: "○", NOT_REACHED: "…", TIMED_OUT: "⏱", CRASHED: "✗"}

_NEXT_STEPS = {
    PASSED: "Nothing is left to do here.",
    FAILED: "Change the answer cell, then run its check again: of the visible cases it tells the same as this page.",
    NOT_ATTEMPTED: "Start with the goal sentence above the task and its first hint.",
    NOT_REACHED: "Nothing is known about this part yet; mend what stopped the run first.",
    TIMED_OUT: "Run the check in the notebook, stop it with ■ and look at the line where it stopped.",
    CRASHED: "Restart the kernel, run the answer cell and its check alone, and watch where it ends.",
}
_ONLY_HIDDEN = "The visible checks pass. Try the answer on other inputs, too: empty ones, longer ones, unusual ones."
_OWN_CELL = (
    "Move what the answer uses into its cell. Then restart the kernel and run only the set-up cells, this answer cell "
    "and its check: now the check meets what the grader met."
)


@dataclass(frozen=True)
class Report:
    """Where the results lie and what they are, in the order of students and exercises."""

    out: Path
    marks: tuple[SubmissionMark, ...]

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
        if self.left_over:
            lines.append(f"Left in {self.out} by an earlier grading, not in the table: {', '.join(self.left_over)}")
        return "\n".join(lines)

    @property
    def left_over(self) -> list[str]:
        """What lies in the folder and belongs to none of these marks, as `<student>/<exercise>`, sorted."""
        lying = {(path.parent.name, path.stem) for kind in _FOLDERS for path in (self.out / kind).glob("*/*.*")}
        return sorted("/".join(pair) for pair in lying - set(file_names(self.marks).values()))


def number(points: float) -> str:
    """Points without needless zeros.

    >>> number(2.0), number(2.5)
    ('2', '2.5')
    """
    return f"{points:g}" if abs(points) < 1e6 else str(points)


def score(mark: SubmissionMark | TaskMark) -> str:
    """Earned points of all points, such as "5/8"."""
    return f"{number(mark.earned)}/{number(mark.points)}"


def write_grades(path: Path, marks: Sequence[SubmissionMark]) -> None:
    """One row per submission: student, exercise, points of each task, total, out of, status, remarks."""
    tasks = sorted({task.task for mark in marks for task in mark.tasks}, key=_natural)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["student", "exercise", *tasks, "total", "out of", "status", "remarks"])
    for mark in marks:
        earned = {task.task: number(task.earned) for task in mark.tasks}
        row = [mark.student, mark.exercise, *(earned.get(task, "") for task in tasks), number(mark.earned)]
        writer.writerow(map(_as_cell, [*row, number(mark.points), mark.status, " ".join(mark.remarks)]))
    write_whole(path, table.getvalue())


def _natural(task: str) -> list[tuple[int, str]]:
    """Tasks in the order of people: 1.2 before 1.10."""
    return [(int(digits or 0), word) for digits, word in re.findall(r"(\d+)|(\D+)", task)]


def _as_cell(text: str) -> str:
    """Text that a spreadsheet shows and doesn't execute as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def write_feedback(folder: Path, mark: SubmissionMark, student_folder: str, exercise_file: str) -> None:
    """The student's page, as HTML to look at and as Markdown to paste."""
    place = folder / student_folder
    write_whole(place / f"{exercise_file}.html", feedback_html(mark))
    write_whole(place / f"{exercise_file}.md", feedback_markdown(mark))


def file_names(marks: Sequence[SubmissionMark]) -> dict[tuple[str, str], tuple[str, str]]:
    """(folder, file) for each (student, exercise), safe in every file system."""
    students = safe_names(mark.student for mark in marks)
    exercises = safe_names(mark.exercise for mark in marks)
    return {(mark.student, mark.exercise): (students[mark.student], exercises[mark.exercise]) for mark in marks}


def opening(mark: SubmissionMark) -> str:
    """The first sentence: where the student stands.

    >>> opening(SubmissionMark("ada", "01", "missing"))
    'This exercise could not be graded yet.'
    """
    if not mark.tasks or mark.status in (MISSING, UNREADABLE, UNKNOWN, NOT_GRADED):
        return "This exercise could not be graded yet."
    done = sum(task.status == PASSED for task in mark.tasks)
    if done == len(mark.tasks):
        return "Every task is solved. Well done!"
    if done == 0 and mark.earned == 0:
        return "Nothing passes yet. Take the first task, its hint, and one case at a time."
    return f"{done} of {len(mark.tasks)} tasks are solved; here is how to go on with the others."


def case_lines(task: TaskMark) -> list[tuple[str, str, str]]:
    """(sign, what the case is called, what to say) for every case, as a student may read it.

    Of a hidden case neither name nor input appears: only the author's own message.
    """
    names = ["a hidden check" if case.hidden else case.name for case in task.cases]
    return [(_SIGNS[case.status], name, _said(case, task)) for name, case in zip(names, task.cases, strict=True)]


def _said(case: CaseMark, task: TaskMark) -> str:
    if case.status == PASSED or (task.note and case.message == task.note):  # the note stands above the cases already
        return ""
    ran = case.status not in (NOT_REACHED, NOT_ATTEMPTED)
    return case.message or (HIDDEN_SENTENCE if case.hidden and ran else f"This case was {case.status}.")


def next_step(task: TaskMark, remarks: Sequence[str]) -> str:
    """How to go on with one task; `remarks` are those on its submission."""
    if task.status != PASSED and leans_on_own_cell(task.task, remarks):
        return _OWN_CELL
    if task.status not in (PASSED, NOT_REACHED) and all(c.status == PASSED for c in task.cases if not c.hidden):
        return _ONLY_HIDDEN
    return _NEXT_STEPS[task.status]


def _run_tasks(mark: SubmissionMark) -> list[TaskMark]:
    """The tasks to tell of: all, or none when nothing of the submission was ever run."""
    return mark.tasks if any(case.status != NOT_REACHED for task in mark.tasks for case in task.cases) else []


def feedback_markdown(mark: SubmissionMark) -> str:
    """The page as Markdown; what students wrote appears as text, never as markup."""
    lines = [f"# {_md(mark.exercise)}: {_md(mark.student)}", "", f"**{score(mark)} points.** {opening(mark)}", ""]
    lines += [f"- {_md(remark)}" for remark in mark.remarks] + [""] * bool(mark.remarks)
    for task in _run_tasks(mark):
        lines += [f"## Task {_md(task.task)} {_md(task.title)}: {score(task)}", ""]
        lines += [_md(task.note), ""] if task.note else []
        lines += [f"- {sign} {_md(name)}" + (f": {_md(said)}" if said else "") for sign, name, said in case_lines(task)]
        lines += ["", f"How to go on: {next_step(task, mark.remarks)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _md(text: str) -> str:
    """The text on one line, with nothing in it that Markdown would read as markup, except code between backticks."""
    words = CODE_SPAN.split(" ".join(text.split()))
    words[::2] = [re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", plain) for plain in words[::2]]
    words[1::2] = [f"`{code}`" for code in words[1::2]]
    return "".join(words)


def _html(text: str) -> str:
    """The text as HTML, with code between backticks set as code."""
    return CODE_SPAN.sub(r"<code>\1</code>", html.escape(text))


def feedback_html(mark: SubmissionMark) -> str:
    """The page as one HTML file without scripts and without anything to load."""
    title = f"{html.escape(mark.exercise)}: {html.escape(mark.student)}"
    remarks = "".join(f"<li>{_html(remark)}</li>" for remark in mark.remarks)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n<p><strong>{score(mark)} points.</strong> {html.escape(opening(mark))}</p>\n"
        + (f"<ul>{remarks}</ul>\n" if remarks else "")
        + "".join(_task_html(task, mark.remarks) for task in _run_tasks(mark))
        + "</body>\n</html>\n"
    )


def _task_html(task: TaskMark, remarks: Sequence[str]) -> str:
    note = f"<p>{_html(task.note)}</p>\n" if task.note else ""
    cases = "".join(
        f"<li><b>{sign} {_html(name)}</b>{': ' if said else ''}{_html(said)}</li>\n"
        for sign, name, said in case_lines(task)
    )
    kind = "passed" if task.status == PASSED else "open"
    return (
        f'<section class="{kind}">\n<h2>Task {html.escape(task.task)} {_html(task.title)}: {score(task)}</h2>\n'
        f'{note}<ul class="cases">\n{cases}</ul>\n'
        f"<p>How to go on: {html.escape(next_step(task, remarks))}</p>\n</section>\n"
    )


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
section { border-left: .35rem solid #c9781e; margin: 1.5rem 0; padding: .1rem 0 .1rem 1rem; }
section.passed { border-color: #2a7fb8; }
ul.cases { list-style: none; padding-left: 0; }
ul.cases li { margin: .4rem 0; overflow-wrap: anywhere; }
"""

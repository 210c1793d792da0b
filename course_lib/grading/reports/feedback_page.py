"""The student's pages: one for each exercise, as HTML to look at and as Markdown to paste, and one that lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.reports.student_words import case_lines, next_step, opening, run_tasks, score
from course_lib.grading.reports.web_page import web_page
from course_lib.show.paragraphs import CODE_SPAN

INDEX = "index"
"""The file name, without its ending, of the page that lists a student's exercises."""


def feedback_html(mark: SubmissionMark) -> str:
    """The page of one exercise: mark, remarks, every task, and how to go on with it."""
    return web_page("feedback", mark=mark, tasks=run_tasks(mark))


def index_html(student: str, marks: Sequence[SubmissionMark], files: Mapping[str, str]) -> str:
    """The page that lists a student's exercises; `files` has the file, without its ending, of each exercise."""
    return web_page("index", student=student, marks=marks, files=files)


def feedback_markdown(mark: SubmissionMark) -> str:
    """The page as Markdown; what students wrote appears as text, never as markup."""
    lines = [f"# {_md(mark.exercise)}: {_md(mark.student)}", "", f"**{score(mark)} points.** {opening(mark)}", ""]
    lines += [f"- {_md(remark)}" for remark in mark.remarks] + [""] * bool(mark.remarks)
    for task in run_tasks(mark):
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

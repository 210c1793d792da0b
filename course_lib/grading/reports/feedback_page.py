"""The student's pages: one for each exercise, and one that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from course_lib.grading.cells.marks import SubmissionMark, TaskMark
from course_lib.grading.reports.student_words import (
    NOT_RUN,
    STATE_SIGNS,
    case_lines,
    next_step,
    number,
    opening,
    run_tasks,
    score,
    state,
)
from course_lib.grading.reports.web_page import table, web_page, words

_SPOKEN = {"✓": "passed", "✗": "not passed", "○": "not attempted", "…": "not reached"}
"""How a screen reader says the sign of a case."""

INDEX = "index"
"""The file name, without its ending, of the page that lists a student's exercises."""


def feedback_html(mark: SubmissionMark) -> str:
    """The page of one exercise: mark, remarks, every task, and how to go on with it."""
    remarks = "".join(f"<li>{words(remark)}</li>\n" for remark in mark.remarks)
    tasks = run_tasks(mark)
    title = f"{mark.exercise}: {mark.student}"
    return web_page(
        title,
        f'<nav><a href="{INDEX}.html">All exercises</a></nav>\n<h1>{escape(title)}</h1>\n'
        f'<p class="marks"><strong>{score(mark)} points.</strong> {escape(opening(mark))}</p>\n'
        + (f'<ul class="remarks">\n{remarks}</ul>\n' if remarks else "")
        + (_task_table(tasks) if len(tasks) > 1 else "")
        + "".join(_task(task, mark.remarks) for task in tasks),
    )


def _task_table(tasks: Sequence[TaskMark]) -> str:
    rows = [(f'<a href="#{_anchor(task)}">{_name(task)}</a>', _state(task), score(task)) for task in tasks]
    return table("The tasks at a glance", ("Task", "State", "Points"), rows, numbers=(2,))


def _task(task: TaskMark, remarks: Sequence[str]) -> str:
    note = f"<p>{words(task.note)}</p>\n" if task.note else ""
    cases = "".join(
        f'<li><span class="sign" role="img" aria-label="{_SPOKEN[sign]}">{sign}</span> <b>{words(name)}</b>'
        f"{': ' if said else ''}{words(said)}</li>\n"
        for sign, name, said in case_lines(task)
    )
    anchor = _anchor(task)
    return (
        f'<section class="task {state(task).replace(" ", "-")}" aria-labelledby="{anchor}">\n'
        f'<h2 id="{anchor}">Task {_name(task)}</h2>\n<p class="state">{_state(task)} · {score(task)} points</p>\n'
        f'{note}<ul class="cases">\n{cases}</ul>\n'
        f'<p class="next"><strong>How to go on:</strong> {escape(next_step(task, remarks))}</p>\n</section>\n'
    )


def _name(task: TaskMark) -> str:
    return f"{escape(task.task)} {words(task.title)}".strip()


def _state(task: TaskMark) -> str:
    word = state(task)
    return f"{STATE_SIGNS[word]} {word}"


def _anchor(task: TaskMark) -> str:
    return "task-" + "".join(letter if letter.isalnum() else "-" for letter in task.task)


def index_html(student: str, marks: Sequence[SubmissionMark], files: Mapping[str, str]) -> str:
    """The page that lists a student's exercises; `files` has the file, without its ending, of each exercise."""
    earned, points = sum(mark.earned for mark in marks), sum(mark.points for mark in marks)
    rows = [
        (
            f'<a href="{quote(files[mark.exercise])}.html">{escape(mark.exercise).replace("_", "_<wbr>")}</a>',
            escape(_where(mark)),
            score(mark),
        )
        for mark in marks
    ]
    return web_page(
        f"Exercises of {student}",
        f'<h1>Exercises of {escape(student)}</h1>\n<p class="marks"><strong>{number(earned)}/{number(points)} points'
        "</strong> in all. Each page tells what passes, what doesn’t yet, and how to go on.</p>\n"
        + table("Exercises", ("Exercise", "Where it stands", "Points"), rows, numbers=(2,)),
    )


def _where(mark: SubmissionMark) -> str:
    if not run_tasks(mark):
        return f"{STATE_SIGNS[NOT_RUN]} {mark.status}"
    solved = sum(state(task) == "solved" for task in mark.tasks)
    return f"{solved} of {len(mark.tasks)} tasks solved" + (", handed in late" if mark.late else "")

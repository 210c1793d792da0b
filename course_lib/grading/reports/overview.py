"""The instructor's page: how the class did, what went wrong most often, and what needs a human's eye.

It names hidden checks and the errors that they met. It lies beside the table of grades, never among the students' pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from course_lib.grading.cells.marks import GRADED, SubmissionMark
from course_lib.grading.reports.class_figures import columns, stacked_rows
from course_lib.grading.reports.class_summary import (
    WrongAnswer,
    slowest,
    states_per_task,
    stopped,
    tenths,
    worth_a_look,
    wrong_answers,
)
from course_lib.grading.reports.student_words import STATE_SIGNS, run_tasks, score
from course_lib.grading.reports.web_page import table, web_page, words
from course_lib.grading.sandbox.isolation_reached import ReachedIsolation, isolation_reached

_MOST_NAMES = 12
_MOST_ANSWERS = 25
_MOST_SLOW = 10


def overview_html(
    marks: Sequence[SubmissionMark],
    problems: Sequence[str] = (),
    files: Mapping[tuple[str, str], tuple[str, str]] | None = None,
) -> str:
    """The page of the whole class.

    problems: what is wrong with the collection and belongs to no student. files: the folder and file of each
    (student, exercise), to link to the students' pages.
    """
    exercises = sorted({mark.exercise for mark in marks if run_tasks(mark)})
    body = "<h1>The class at a glance</h1>\n" + _opening(marks) + _attention(marks, problems)
    body += "".join(_exercise(name, [mark for mark in marks if mark.exercise == name]) for name in exercises)
    body += _time_and_crashes(marks) + _everybody(marks, files or {})
    return web_page("The class at a glance", body).replace("<main>", '<main class="wide">')


def _opening(marks: Sequence[SubmissionMark]) -> str:
    statuses = Counter(mark.status for mark in marks)
    parts = [
        f"{statuses.pop(GRADED, 0)} of {len(marks)} submissions by {len({m.student for m in marks})} students graded"
    ]
    parts += [f"{count} {status}" for status, count in sorted(statuses.items())]
    late = sum(mark.late for mark in marks)
    parts += [f"{late} handed in late"] if late else []
    return (
        f'<p class="marks">{escape("; ".join(parts))}.</p>\n'
        + _isolation(marks)
        + '<p class="quiet">For instructors only: this page names hidden checks. Hand out nothing but what lies in '
        "<code>feedback/</code>.</p>\n"
    )


def _isolation(marks: Sequence[SubmissionMark]) -> str:
    """The levels that were reached, what each consists of, and what it lacks; it is the same for most of a class."""
    reached = isolation_reached(marks)
    levels = Counter(mark.sandbox for mark in marks if mark.sandbox)
    counts = ", ".join(f"{level} for {count}" for level, count in sorted(levels.items()))
    told = "".join(f"<li>{words(_about_level(one))}</li>\n" for one in reached)
    return f"<p>Isolation reached by the sandbox: {escape(counts) or 'not told'}.</p>\n" + (
        f"<ul>\n{told}</ul>\n" if told else ""
    )


def _about_level(one: ReachedIsolation) -> str:
    if one.level is None:
        return f"{one.name}, {one.submissions}: the kernel did not say what protects this machine from it."
    layers = ", ".join(layer for layer, holds in one.level.layers.items() if holds) or "temporary folders only"
    means = f", by {' and '.join(one.level.means)}" if one.level.means else ""
    missing = " ".join(one.level.missing) or "nothing."
    return f"{one.name}, {one.submissions}: {layers}{means}. Missing: {missing}"


def _attention(marks: Sequence[SubmissionMark], problems: Sequence[str]) -> str:
    rows = [
        (
            escape(mark.student),
            escape(mark.exercise),
            escape(_standing(mark)),
            words(" ".join(mark.remarks + mark.private_remarks)),
        )
        for mark in worth_a_look(marks)
    ]
    listed = "".join(f"<li>{words(problem)}</li>\n" for problem in problems)
    return (
        "<h2>What the collection needs</h2>\n"
        + (f"<ul>\n{listed}</ul>\n" if listed else "")
        + (table("Submissions with a remark", ("Student", "Exercise", "Status", "Remarks"), rows) if rows else "")
        + ("" if rows or listed else "<p>Nothing: every submission was found, read and graded without a remark.</p>\n")
    )


def _standing(mark: SubmissionMark) -> str:
    return f"{mark.status}, late" if mark.late else mark.status


def _exercise(name: str, marks: Sequence[SubmissionMark]) -> str:
    graded = [mark for mark in marks if run_tasks(mark)]
    states = states_per_task(graded)
    hardest = min(states, key=lambda task: states[task]["solved"])
    rows = [(escape(task), *(str(count) for count in counts.values())) for task, counts in states.items()]
    numbers = range(1, len(STATE_SIGNS) + 1)
    return (
        f"<h2>{escape(name)}</h2>\n"
        + stacked_rows(f"Fewest solved {hardest}: {states[hardest]['solved']} of {len(graded)} did", states)
        + "<details><summary>The same in numbers</summary>\n"
        + table(f"Submissions per task and state, {name}", ("Task", *STATE_SIGNS), rows, numbers=numbers)
        + "</details>\n"
        + columns(f"{_half(graded)} of {len(graded)} earned at least half of the points", tenths(graded))
        + _wrong(wrong_answers(graded))
    )


def _half(marks: Sequence[SubmissionMark]) -> int:
    return sum(2 * mark.earned >= mark.points for mark in marks)


def _wrong(answers: Sequence[WrongAnswer]) -> str:
    if not answers:
        return ""
    rows = [
        (
            escape(one.task),
            escape(one.case) + (" (hidden)" if one.hidden else ""),
            words(one.message),
            str(len(one.students)),
            escape(_names(one.students)),
        )
        for one in answers[:_MOST_ANSWERS]
    ]
    more = len(answers) - len(rows)
    return table(
        "Most common wrong answers" + (f"; {more} rarer ones are in results/" if more else ""),
        ("Task", "Case", "What the student was told, or the check met", "Students", "Who"),
        rows,
        numbers=(3,),
    )


def _names(students: Sequence[str]) -> str:
    more = len(students) - _MOST_NAMES
    return ", ".join(students[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _time_and_crashes(marks: Sequence[SubmissionMark]) -> str:
    slow = [(escape(m.student), escape(m.exercise), f"{m.seconds:.2f}") for m in slowest(marks, _MOST_SLOW)]
    ended = [(escape(mark.student), escape(mark.exercise), escape(where)) for mark, where in stopped(marks)]
    return (
        "<h2>Time and crashes</h2>\n"
        + (table("Slowest submissions", ("Student", "Exercise", "Seconds"), slow, numbers=(2,)) if slow else "")
        + (
            table("Stopped or crashed", ("Student", "Exercise", "Where"), ended)
            if ended
            else "<p>Nothing crashed.</p>\n"
        )
    )


def _everybody(marks: Sequence[SubmissionMark], files: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    rows = [
        (_linked(mark, files), escape(mark.exercise), score(mark), escape(_standing(mark)), escape(mark.handed_in))
        for mark in marks
    ]
    heads = ("Student", "Exercise", "Points", "Status", "File that was graded")
    return "<h2>Everybody</h2>\n" + table("All submissions", heads, rows, numbers=(2,))


def _linked(mark: SubmissionMark, files: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    place = files.get((mark.student, mark.exercise))
    name = escape(mark.student)
    return f'<a href="feedback/{quote("/".join(place))}.html">{name}</a>' if place else name

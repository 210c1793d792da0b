"""The points of `course check`, told to GitHub: for the person who pushed, and for GitHub Classroom.

Classroom reads two notices of the workflow run. The action that used to write them, autograding-grading-reporter, is deprecated,
as Classroom itself is being closed; so they are written here, and a repository without Classroom shows them as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from course_lib.grading.cells.references import find_reference
from course_lib.grading.running.checking import TaskReport

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable that names the file of the page on which GitHub shows a run."""


def classroom_notices(reports: Sequence[TaskReport]) -> str:
    """Two lines for a workflow's standard output, with the points earned and the points in all.

    A task whose check was not reached counts with the points that its stored reference gives.
    """
    earned, points = _points(reports)
    totals = json.dumps({"totalPoints": earned, "maxPoints": points})
    return f"::notice title=Autograding complete::Points {earned:g}/{points:g}\n::notice title=Autograding report::{totals}"


def write_summary(notebook: Path, reports: Sequence[TaskReport]) -> None:
    """Add a table of the tasks to the run's page, if there is one."""
    place = os.environ.get(SUMMARY)
    if place:
        with open(place, "a", encoding="utf-8") as page:
            page.write(summary_page(notebook, reports))


def summary_page(notebook: Path, reports: Sequence[TaskReport]) -> str:
    """Markdown: one row per task, below it the checks' own words."""
    rows = [f"| {report.task} | {_earned(report):g} of {_points_of(report):g} | {_state(report)} |" for report in reports]
    words = "\n\n".join(report.text for report in reports)
    table = "\n".join(["| task | points | |", "|---|---|---|", *rows])
    return f"## {notebook.stem}\n\n{table}\n\n~~~text\n{words.replace('~~~', '~ ~ ~')}\n~~~\n"


def _points(reports: Sequence[TaskReport]) -> tuple[float, float]:
    return sum(map(_earned, reports)), sum(map(_points_of, reports))


def _points_of(report: TaskReport) -> float:
    if report.verdict:
        return report.verdict.points
    return sum(case["points"] for case in (find_reference(report.task) or {"cases": []})["cases"])


def _earned(report: TaskReport) -> float:
    return report.verdict.earned if report.verdict else 0


def _state(report: TaskReport) -> str:
    if report.done:
        return "done"
    return "not done yet" if report.verdict is None or report.verdict.untouched else "look again"

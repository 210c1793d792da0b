"""The course's own exercises, as pages: what every task has beside its cells, and what no exercise gives away."""

import re
from pathlib import Path

import pytest

from course_lib.grading.cells.notebooks import ANSWER, CHECK, HIDDEN_CHECK, read_notebook, role, task_of

COURSE = Path(__file__).resolve().parents[2]
EXERCISES = sorted((COURSE / "exercises").glob("*.ipynb"))
HEADER = re.compile(r"^## Task (\d+\.\d+) · .+\n\ndifficulty [1-5]/5 · importance [1-5]/5 · \d+ minutes\n\n\S")
FOLDS = ("Hint", "Some checks pass, others fail", "Solution walk-through")


def named(path):
    return path.stem


def test_there_are_exercises():
    assert [path.stem for path in EXERCISES][:2] == ["01_many_calls_at_once", "02_sectioning"]


@pytest.fixture(scope="module", params=EXERCISES, ids=named)
def exercise(request):
    return request.param


def tasks_of(path):
    return [task_of(cell) for cell in read_notebook(path).cells if role(cell) == ANSWER]


def test_exercise_keeps_the_answers_to_itself(exercise):
    cells = read_notebook(exercise).cells
    assert not [cell.id for cell in cells if role(cell) == HIDDEN_CHECK or "# >>> " in cell.source]


def test_every_task_has_header_answer_check_and_folds(exercise):
    notebook, tasks = read_notebook(exercise), tasks_of(exercise)
    headers = [HEADER.match(cell.source) for cell in notebook.cells if cell.source.startswith("## Task")]
    assert [header and header[1] for header in headers] == tasks
    assert [task_of(cell) for cell in notebook.cells if role(cell) == CHECK] == tasks
    folded = [cell.source for cell in notebook.cells if "<details>" in cell.source]
    summaries = [re.findall(r"<details><summary>(.+?)</summary>\n\n", source) for source in folded]
    assert summaries == [list(FOLDS)] * len(tasks)
    assert all(source.count("\n\n</details>") == len(FOLDS) for source in folded)


def test_introduction_tells_of_hidden_checks(exercise):
    assert "other inputs as well (hidden checks)." in read_notebook(exercise).cells[0].source


def test_links_lead_somewhere(exercise):
    links = [link for cell in read_notebook(exercise).cells if cell.cell_type == "markdown"
             for link in re.findall(r"\]\((\S+?\.ipynb)\)", cell.source)]
    assert any(link.startswith("../notebooks/") for link in links)
    assert [link for link in links if not (exercise.parent / link).exists()] == []

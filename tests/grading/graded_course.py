"""A course of one exercise with three tasks, small enough to be graded many times, and ways to fill it in."""

from __future__ import annotations

from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.grading.authoring.shelf import answered
from course_lib.grading.cells.exercises import exercise_from
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import notebook_text
from course_lib.grading.running.execution import execute_all

EXERCISE = "01_small"

SECRET = "seventeen-hidden-items"

DOUBLE = '''def double(number):
    """Twice the number."""
    # >>> solution
    return 2 * number
    # <<< solution'''

TOTAL = '''def total(numbers):
    """The sum of the numbers, 0 for none."""
    # >>> solution
    return sum(numbers)
    # <<< solution'''

CLINIC = '''def largest(numbers):
    """The largest number; mend it."""
    # >>> solution
    return max(numbers)
    # <<< solution
    # >>> exercise
    # return numbers[0]
    # <<< exercise'''

CHECK_DOUBLE = """await check("1.1",
    case("a number", lambda: double(21), when={441: "That is the square: multiply by two."}, hint="Once more itself."),
    case("a word", lambda: double("ab")),
)"""

HIDDEN_DOUBLE = f'''await check("1.1",
    case("{SECRET}", lambda: double(["{SECRET}"] * 17), points=2, hint="Think of lists, too."),
    hidden=True,
)'''

CHECK_TOTAL = """await check("1.2",
    case("three numbers", lambda: total([1, 2, 3]), points=2),
    case("no numbers", lambda: total([])),
)"""

CHECK_LARGEST = """await check("1.3",
    case("the first is the largest", lambda: largest([3, 1])),
    case("the last is the largest", lambda: largest([1, 3]), hint="Look at every number."),
)"""


def code_cell(source: str, cell_id: str, tags: list[str], task: str = "", title: str = ""):
    """A cell with its tags and its task in the metadata."""
    metadata = {"tags": tags} | ({"course": {"task": task, "title": title}} if task else {})
    return new_code_cell(source, id=cell_id, metadata=metadata)


def solution_notebook():
    """The solution, not executed yet."""
    cells = [
        new_markdown_cell("# Small", id="title"),
        code_cell("from course_lib.grading import case, check", "set-up", []),
        code_cell(DOUBLE, "answer-double", ["answer"], "1.1", "Double"),
        code_cell(CHECK_DOUBLE, "check-double", ["check"], "1.1"),
        code_cell(HIDDEN_DOUBLE, "hidden-double", ["check", "hidden"], "1.1"),
        code_cell("WALK = 'the solution, explained'", "walk", ["solution-only"]),
        code_cell(TOTAL, "answer-total", ["answer"], "1.2", "Total"),
        code_cell("print('on the way', double.__name__)", "page", []),
        code_cell(CHECK_TOTAL, "check-total", ["check"], "1.2"),
        code_cell(CLINIC, "answer-largest", ["answer"], "1.3", "Largest"),
        code_cell(CHECK_LARGEST, "check-largest", ["check"], "1.3"),
    ]
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def exercise_notebook():
    """What students get."""
    return exercise_from(solution_notebook())


def write_key(folder: Path, *more_cells) -> Path:
    """The executed solution in `folder`, as `course build` would leave it; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{EXERCISE}.ipynb"
    solution = solution_notebook()
    solution.cells += more_cells
    (executed,) = execute_all([(solution, path)], {"COURSE_MODE": "build"})
    write_notebook(path, executed)
    return folder


SOLVED = {
    "1.1": "def double(number):\n    return number + number",
    "1.2": "def total(numbers):\n    return sum(numbers)",
    "1.3": "def largest(numbers):\n    return max(numbers)",
}


def filled(answers: dict[str, str]):
    """The exercise with these answers typed in, by task."""
    return answered(exercise_notebook(), answers)


def solved(**changes: str):
    """The exercise solved, except for changes such as `double="def double(x): ..."`."""
    tasks = {"double": "1.1", "total": "1.2", "largest": "1.3"}
    return filled(SOLVED | {tasks[name]: source for name, source in changes.items()})


def write_notebook(path: Path, notebook) -> None:
    """Save a notebook as the course saves its own."""
    write_whole(path, notebook_text(notebook))


def hand_in(folder: Path, student: str, notebook) -> Path:
    """Save a student's notebook where the grader looks for it."""
    path = folder / student / f"{EXERCISE}.ipynb"
    write_notebook(path, notebook)
    return path

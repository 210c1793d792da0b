"""A course of one exercise that is worth attacking: a hidden answer nobody can guess, and a figure worth forging."""

import functools
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from course_lib.grading.authoring.shelf import answered
from course_lib.grading.cells.exercises import exercise_from
from course_lib.grading.running.execution import execute_all
from tests.grading.graded_course import code_cell

EXERCISE = "01_attacked"

HIDDEN_ANSWER = "the-hidden-answer-is-4711"
OTHERS_WORK = "work-of-another-student"

SET_UP = "import asyncio\nfrom course_lib.grading import case, check, observe"

SIGN = '''def sign(text):
    """The text with its signature."""
    # >>> solution
    return text + " " + "-".join(["the", "hidden", "answer", "is", "4711"]) if len(text) > 9 else text
    # <<< solution'''

CHECK_SIGN = 'await check("1.1", case("a short text", lambda: sign("short")))'
HIDDEN_SIGN = 'await check("1.1", case("a long text", lambda: sign("ten letters"), points=4), hidden=True)'

READ_ALL = '''async def read_all(ask, documents):
    """Every document's answer, all asked for at once."""
    # >>> solution
    return list(await asyncio.gather(*(ask(document) for document in documents)))
    # <<< solution'''

CHECK_READ_ALL = """documents = [f"Is this spam? Yes or no. <email>Hello number {n}</email>" for n in range(4)]
await check("1.2",
    case("four at once", lambda: observe(read_all, documents, seconds_per_call=3.0, want="seconds"), points=4),
    case("every answer", lambda: observe(read_all, documents, want="answer")),
)"""

TOTAL = '''def total(numbers):
    """Their sum."""
    # >>> solution
    return sum(numbers)
    # <<< solution'''

CHECK_TOTAL = 'await check("1.3", case("three numbers", lambda: total([1, 2, 3]), points=2))'

# What an attacker can do without attacking: nothing, one call after the other, and a sum.
HONEST = {
    "1.1": 'def sign(text):\n    return "?"',
    "1.2": "async def read_all(ask, documents):\n    return [await ask(document) for document in documents]",
    "1.3": "def total(numbers):\n    return sum(numbers)",
}

SOLVED = {
    "1.1": 'def sign(text):\n    return text if len(text) < 10 else text + " the-hidden-answer-is-" + "4711"',
    "1.2": f"# {OTHERS_WORK}\nasync def read_all(ask, documents):\n    return await asyncio.gather(*map(ask, documents))",
    "1.3": "def total(numbers):\n    return sum(numbers)",
}


def solution_notebook() -> NotebookNode:
    """The key, not executed yet."""
    cells = [
        new_markdown_cell("# Worth attacking", id="title"),
        code_cell(SET_UP, "set-up", []),
        code_cell(SIGN, "answer-sign", ["answer"], "1.1", "Sign"),
        code_cell(CHECK_SIGN, "check-sign", ["check"], "1.1"),
        code_cell(HIDDEN_SIGN, "hidden-sign", ["check", "hidden"], "1.1"),
        code_cell(READ_ALL, "answer-read", ["answer"], "1.2", "Read all at once"),
        code_cell(CHECK_READ_ALL, "check-read", ["check"], "1.2"),
        code_cell(TOTAL, "answer-total", ["answer"], "1.3", "Total"),
        code_cell(CHECK_TOTAL, "check-total", ["check"], "1.3"),
    ]
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


@functools.cache
def executed_solution(mode: str) -> NotebookNode:
    """The solution with its outputs, as `course build` makes it ("build") or as a graded kernel shows it ("grade")."""
    (executed,) = execute_all([(solution_notebook(), Path(f"{EXERCISE}.ipynb"))], {"COURSE_MODE": mode})
    return executed


def filled(answers: dict[str, str]) -> NotebookNode:
    """The exercise with these answers typed in, by task."""
    return answered(exercise_from(solution_notebook()), answers)

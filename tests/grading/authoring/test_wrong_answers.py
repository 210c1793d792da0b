"""The checks of the course's exercises: they pass on the solution only, and every mistake hears the words meant for it."""

import ast
import json

import pytest

from course_lib.claude import run_simulated
from course_lib.grading.cells.checks import CheckFailed
from course_lib.grading.cells.notebooks import ANSWER, CHECK, OTHER, read_notebook, role, task_of
from course_lib.grading.cells.references import FOLDER
from tests.grading import make_shelf
from tests.grading.wrong_answers import WRONG_ANSWERS

SOLUTIONS = sorted((make_shelf.COURSE / "solutions").glob("*.ipynb"))
CASES = [(task, answer) for task, answers in WRONG_ANSWERS.items() for answer in answers]


class Page:
    """A solution notebook whose cells run in this process: quick, and with the learner's own verdicts."""

    def __init__(self, path):
        self.cells = read_notebook(path).cells
        self.names = {}
        for cell in self.cells:
            if cell.cell_type == "code" and role(cell) == OTHER:
                self.run(cell.source)

    def run(self, source):
        code = compile(source, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        coroutine = eval(code, self.names)
        if coroutine is not None:
            run_simulated(coroutine)

    def verdict_on(self, task, answer):
        """What the task's check says about this answer; "" if it has nothing to object to."""
        for wanted, source in ((ANSWER, None), (ANSWER, answer), (CHECK, None)):
            cell = next(cell for cell in self.cells if role(cell) == wanted and task_of(cell) == task)
            try:
                self.run(source or cell.source)
            except CheckFailed as verdict:
                return str(verdict)
        return ""


@pytest.fixture(scope="module")
def page_of():
    pages = {}
    for path in SOLUTIONS:
        page = Page(path)
        pages |= {task_of(cell): page for cell in page.cells if role(cell) == ANSWER}
    return pages


@pytest.fixture(scope="module")
def verdicts(page_of):
    """Every wrong answer's verdict; the solution's own cell runs before it, for the names that a task comes with."""
    return {(task, answer): page_of[task].verdict_on(task, answer) for task, answer in CASES}


@pytest.mark.parametrize(("task", "answer"), CASES)
def test_wrong_answer_is_told_what_is_wrong(verdicts, task, answer):
    verdict = verdicts[task, answer]
    assert [words for words in WRONG_ANSWERS[task][answer] if words not in verdict] == [], verdict


def test_the_hint_of_task_1_5_contradicts_no_message():
    """It stands below every message, also below those that say which decision is right, so it may not ask for it."""
    tasks = json.loads((FOLDER / f"{SOLUTIONS[0].stem}.json").read_text(encoding="utf-8"))["tasks"]
    assert {case["hint"] for case in tasks["1.5"]["cases"]} == {
        "Find the words of the row that decide it; each letter decides one row."
    }


def test_right_answers_hear_no_objection(page_of):
    verdicts = {task: page.verdict_on(task, answer="") for task, page in page_of.items()}
    assert {task: verdict for task, verdict in verdicts.items() if verdict} == {}


def test_no_check_passes_on_an_exercise_as_it_comes(page_of):
    stubs = {
        task_of(cell): cell.source
        for path in SOLUTIONS
        for cell in make_shelf.untouched(path.stem).cells
        if role(cell) == ANSWER
    }
    assert list(stubs) == list(page_of)
    assert [task for task, stub in stubs.items() if not page_of[task].verdict_on(task, stub)] == []


def test_a_pair_may_be_written_with_other_capitals(page_of):
    answer = """
independence = {
    "labels": ("Parallel", "a"),
    "catalogue": ["One after another", "b"],
    "corrections": ("ONE AFTER ANOTHER", " C "),
    "bookings": ("one after another ", "d"),
    "guide": ("parallel", "A"),
}
"""
    assert page_of["2.2"].verdict_on("2.2", answer) == ""


@pytest.mark.parametrize("pair", ['"parallel"', '("parallel", "A", "B")', '("parallel", "E")', '("side by side", "A")', "7"])
def test_what_is_no_pair_is_told_what_to_write(page_of, pair):
    answer = f'independence = dict.fromkeys(["labels", "catalogue", "corrections", "bookings", "guide"], {pair})'
    verdict = page_of["2.2"].verdict_on("2.2", answer)
    assert verdict.count("Write a pair:") == 5, verdict


def test_every_foreseen_mistake_is_made_by_somebody(verdicts):
    said = "\n".join(verdicts.values())
    references = [json.loads((FOLDER / f"{path.stem}.json").read_text(encoding="utf-8")) for path in SOLUTIONS]
    foreseen = {
        message
        for reference in references
        for task in reference["tasks"].values()
        for case in task["cases"]
        for _, message in case["when"]
    }
    assert sorted(message for message in foreseen if message not in said) == []

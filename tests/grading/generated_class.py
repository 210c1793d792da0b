"""A class of any size, always the same one: who solved it, half of it, nothing; wrong answers, broken files, programs that hang.

Answers are put together from the solutions, the shelf's and the wrong answers that people give, so that it is known of every
task whether it must earn all its points, none, or not all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_lib.grading.authoring.shelf import answered, right_answers
from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.cells.notebooks import notebook_text, read_notebook
from tests.grading import make_shelf
from tests.grading.wrong_answers import WRONG_ANSWERS

EXERCISES = ("01_many_calls_at_once", "02_sectioning")

ALL, NOT_ALL, NONE = "all", "not all", "none"
"""What a task must earn."""

# Of a hundred students; the others are right, wrong or at rest in each task by chance.
_BROKEN_FILE, _NOTHING_DONE, _EVERYTHING_RIGHT = (11, 61), (5, 25, 45, 65, 85), range(3, 100, 10)
_SPOILT = {37: ("1.3", make_shelf.ENDLESS), 53: ("1.4", make_shelf.ENDS_PYTHON), 77: ("1.2", make_shelf.MISSING_COLON)}


@dataclass(frozen=True)
class Generated:
    """One submission, and what each task must earn; nothing is known of the tasks of a file that can't be read."""

    student: str
    exercise: str
    text: str
    earns: dict[str, str]

    def complaints(self, mark: SubmissionMark) -> list[str]:
        """A sentence for each task that earned something else."""
        tasks = mark.tasks if self.earns else []
        return [
            f"{self.student}: task {task.task} earned {task.earned:g} of {task.points:g}, not {self.earns[task.task]} of them."
            for task in tasks
            if _earned(task.earned, task.points) not in _MEANT[self.earns[task.task]]
        ]


_MEANT = {ALL: (ALL,), NONE: (NONE,), NOT_ALL: (NOT_ALL, NONE)}


def _earned(earned: float, points: float) -> str:
    return ALL if earned == points else NOT_ALL if earned else NONE


def generated_class(students: int) -> Iterator[Generated]:
    """The first so many students of it."""
    pages = {name: _Page(name) for name in EXERCISES}
    for number in range(students):
        place = number % 100
        yield pages[EXERCISES[0 if place in _SPOILT else number % 2]].handed_in(number, place)


def write_class(folder: Path, handed_in: list[Generated]) -> None:
    """As `<student>/<exercise>.ipynb`."""
    for one in handed_in:
        path = folder / one.student / f"{one.exercise}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(one.text, encoding="utf-8", newline="\n")


class _Page:
    """One exercise, to be filled in."""

    def __init__(self, exercise: str):
        self.name = exercise
        self.untouched = make_shelf.untouched(exercise)
        self.right = right_answers(read_notebook(make_shelf.COURSE / "solutions" / f"{exercise}.ipynb"))

    def handed_in(self, number: int, place: int) -> Generated:
        student = f"student_{number:04}"
        if place in _BROKEN_FILE:
            return Generated(student, self.name, notebook_text(self.untouched)[: 500 + place], {})
        answers, earns = self._answers(number, place)
        return Generated(student, self.name, notebook_text(answered(self.untouched, answers)), earns)

    def _answers(self, number: int, place: int) -> tuple[dict[str, str], dict[str, str]]:
        if place in _NOTHING_DONE:
            return {}, dict.fromkeys(self.right, NONE)
        if place in _SPOILT:
            task, answer = _SPOILT[place]
            return self.right | {task: answer}, dict.fromkeys(self.right, ALL) | {task: NOT_ALL}
        chance = random.Random(f"student {number}")
        chosen = {task: ALL if place in _EVERYTHING_RIGHT else _by_chance(chance) for task in self.right}
        wrong = {task: chance.choice(list(WRONG_ANSWERS[task])) for task in self.right if chosen[task] == NOT_ALL}
        return {task: wrong.get(task, self.right[task]) for task in self.right if chosen[task] != NONE}, chosen


def _by_chance(chance: random.Random) -> str:
    return chance.choices((ALL, NOT_ALL, NONE), weights=(6, 3, 1))[0]

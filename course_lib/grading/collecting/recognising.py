"""Which exercise a notebook is when its name doesn't tell: seen by its answer cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.grading.cells.defined_names import defined_names
from course_lib.grading.cells.exercises import without_answer
from course_lib.grading.cells.notebooks import ANSWER, read_notebook, role, task_of


@dataclass(frozen=True)
class Signs:
    """What tells an exercise: its answer cells' ids, their tasks, and the names that they define."""

    ids: frozenset[str]
    tasks: frozenset[str]
    names: frozenset[str]


class KnownExercises:
    """The exercises of a folder of solutions; their notebooks are read only when a name leaves a question open."""

    def __init__(self, solutions: Path):
        self._solutions = solutions
        self.names = sorted(path.stem for path in solutions.glob("*.ipynb") if not path.name.startswith("."))

    @cached_property
    def _signs(self) -> dict[str, Signs]:
        return {name: _signs_of(read_notebook(self._solutions / f"{name}.ipynb")) for name in self.names}

    def recognise(self, path: Path) -> str | None:
        """The one exercise whose answer cells the notebook has most of; None if none or two fit, or it can't be read.

        Ids and task numbers count before the names of functions: those an own notebook may define as well.
        """
        try:
            notebook = read_notebook(path)
            signs = self._signs
        except CourseError:
            return None
        marks = {name: _marks_in_common(notebook, own) for name, own in signs.items()}
        return _best(marks) or _best({name: _names_in_common(notebook, own) for name, own in signs.items()})


def _signs_of(solution: NotebookNode) -> Signs:
    answers = [cell for cell in solution.cells if role(cell) == ANSWER]
    names = frozenset().union(*(defined_names(without_answer(cell.source, task_of(cell))) for cell in answers))
    return Signs(frozenset(cell.id for cell in answers), frozenset(map(task_of, answers)) - {""}, names)


def _marks_in_common(notebook: NotebookNode, signs: Signs) -> int:
    return len({cell.id for cell in notebook.cells} & signs.ids) + len(set(map(task_of, notebook.cells)) & signs.tasks)


def _names_in_common(notebook: NotebookNode, signs: Signs) -> int:
    defined = frozenset().union(*(defined_names(cell.source) for cell in notebook.cells if cell.cell_type == "code"))
    common = len(defined & signs.names)
    return common if 2 * common >= len(signs.names) else 0


def _best(counts: dict[str, int]) -> str | None:
    highest = max(counts.values(), default=0)
    best = [name for name, count in counts.items() if count == highest]
    return best[0] if highest and len(best) == 1 else None

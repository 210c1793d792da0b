"""The key of an exercise: its executed solution notebook, read with suspicion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.grading.cells.marks import CaseMark, TaskMark
from course_lib.grading.cells.notebooks import ANSWER, CHECK, HIDDEN_CHECK, read_notebook, role, task_of, title_of
from course_lib.show.saved_results import CHECK_RESULT


@dataclass(frozen=True)
class Key:
    """The solution notebook of one exercise, with the references in its check cells' outputs."""

    exercise: str
    notebook: NotebookNode

    @cached_property
    def answers(self) -> dict[str, NotebookNode]:
        """The answer cell of every task, in the order of the notebook."""
        return {task_of(cell): cell for cell in self.notebook.cells if role(cell) == ANSWER}

    def checks(self) -> Iterator[tuple[NotebookNode, dict]]:
        """Every check cell with the bundle that it showed when the key was executed."""
        for cell in self.notebook.cells:
            if role(cell) in (CHECK, HIDDEN_CHECK):
                yield cell, bundles_in(cell.outputs)[0]

    def unmarked(self) -> list[TaskMark]:
        """A mark sheet on which nothing has been reached yet: one entry per task, its cases in the order of the key."""
        sheet = {task: TaskMark(task, title_of(cell), []) for task, cell in self.answers.items()}
        for cell, bundle in self.checks():
            sheet[task_of(cell)].cases += unmarked_cases(cell, bundle)
        return [task for task in sheet.values() if task.cases]


def unmarked_cases(cell: NotebookNode, bundle: dict) -> list[CaseMark]:
    """The cases of one check cell, not reached yet."""
    hidden = role(cell) == HIDDEN_CHECK
    return [CaseMark(case["name"], hidden, case["points"]) for case in bundle["cases"]]


def read_key(path: Path) -> Key:
    """The key in an executed solution notebook.

    Raises CourseError for a key that would let any submission pass: nbval compares nothing in a cell that was never
    run, so a check without its execution count and its stored result is no check.
    """
    key = Key(Path(path).stem, read_notebook(path))
    _must_have_tasks(key, path)
    for cell in key.notebook.cells:
        if role(cell) in (CHECK, HIDDEN_CHECK):
            _must_be_executed(cell, key, path)
    return key


def bundles_in(outputs: list) -> list:
    """What the outputs of a cell hold of check results, in order."""
    return [output["data"][CHECK_RESULT] for output in outputs if CHECK_RESULT in output.get("data", {})]


def _must_have_tasks(key: Key, path: Path) -> None:
    tasks = [task_of(cell) for cell in key.notebook.cells if role(cell) == ANSWER]
    if not all(tasks):
        raise CourseError(f"{path} has an answer cell without a task: write its number into metadata.course.task.")
    twice = sorted({task for task in tasks if tasks.count(task) > 1})
    if twice:
        raise CourseError(f"{path} has more than one answer cell for task {', '.join(twice)}: keep one for each task.")
    if not any(role(cell) in (CHECK, HIDDEN_CHECK) for cell in key.notebook.cells):
        raise CourseError(f"{path} has no check cell, so there is nothing to grade: tag its checks with `check`.")


def _must_be_executed(cell: NotebookNode, key: Key, path: Path) -> None:
    task = task_of(cell)
    if task not in key.answers:
        raise CourseError(f"{path} checks task {task or '(none)'}, which has no answer cell: mend metadata.course.task")
    found = bundles_in(cell.outputs)
    if cell.execution_count is None or not found:
        raise CourseError(
            f"{path} can't be used as a key: the check of task {task} has no stored result. "
            "Run `course build`, which executes it."
        )
    if len(found) > 1 or not _is_reference(found[0], task):
        raise CourseError(f"{path} can't be used as a key: the result stored for task {task} is not one check's own.")
    for case in found[0]["cases"]:
        if case.get("status") != "value":
            raise CourseError(
                f"{path} can't be used as a key: its own answer to task {task} gives no value in the case "
                f"{case['name']!r} ({case.get('error') or case.get('status')}). Mend it and run `course build`."
            )


def _is_reference(bundle: object, task: str) -> bool:
    cases = bundle.get("cases") if isinstance(bundle, dict) else None
    if not isinstance(cases, list) or not cases or bundle.get("task") != task:
        return False
    return all(
        isinstance(case, dict) and isinstance(case.get("name"), str) and isinstance(case.get("points"), (int, float))
        for case in cases
    )

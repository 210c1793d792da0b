"""A student's answers in the key's notebook: nothing else of a submission is ever graded."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course_lib.grading.cells.defined_names import defined_names, needed_names
from course_lib.grading.cells.exercises import without_answer
from course_lib.grading.cells.key import Key
from course_lib.grading.cells.notebooks import (
    ANSWER,
    CHECK,
    OTHER,
    SOLUTION_ONLY,
    cell_tags,
    role,
    task_of,
)

# Ids that reading gives to cells without one: they tell a cell's place, not what it is.
_GIVEN_ID = re.compile(r"cell-\d+(-\d+)?")
_ELSEWHERE = "from a cell that is not graded"
_CALLS_CHECK = re.compile(r"^\s*(?:await\s+)?check\(", re.M)


@dataclass
class Spliced:
    """The key's cells with a student's answers in them, and what there is to say about the answers as text."""

    notebook: NotebookNode
    remarks: list[str] = field(default_factory=list)
    untouched: frozenset[str] = frozenset()
    """Tasks whose answer is the exercise's own stub, or is missing."""
    missing: frozenset[str] = frozenset()


def splice(submission: NotebookNode, key: Key) -> Spliced:
    """The key's notebook with the submission's answer cells in place of its own.

    An answer is known by its cell's id, then by its task in the metadata or tags, then by the function that it
    defines. Every other cell of the submission is ignored. A task without an answer gets the stub, so that the
    solution itself never runs.
    """
    stubs = {task: without_answer(cell.source, task) for task, cell in key.answers.items()}
    matches = _Matches(submission, key, stubs)
    answers = {task: matches.answer(task) for task in key.answers}
    sources = {task: _source(cell, stubs[task]) for task, cell in answers.items()}
    return Spliced(
        notebook=_filled(key, sources),
        remarks=matches.remarks + _stray_definitions(submission, answers, key),
        untouched=frozenset(task for task, source in sources.items() if _same_text(source, stubs[task])),
        missing=frozenset(task for task, cell in answers.items() if cell is None),
    )


class _Matches:
    """Finds each task's answer among the cells of a submission and remarks on what was not as it should be."""

    def __init__(self, submission: NotebookNode, key: Key, stubs: dict[str, str]):
        self.key = key
        self.stubs = stubs
        self.remarks: list[str] = []
        self.cells = list(submission.cells)
        self.candidates = {task: self._marked(task) for task in key.answers}
        self._add_named()

    def answer(self, task: str) -> NotebookNode | None:
        """The cell that answers the task, or None."""
        candidates = self.candidates[task]
        if not candidates:
            self.remarks.append(f"Task {task}: the answer cell is missing.")
            return None
        cell = self._choose(task, candidates)
        if cell.cell_type != "code":
            self.remarks.append(f"Task {task}: the answer cell was a {cell.cell_type} cell; it was read as code.")
        return cell

    def _choose(self, task: str, candidates: list[NotebookNode]) -> NotebookNode:
        written = [cell for cell in candidates if not _same_text(cell.source, self.stubs[task])] or candidates
        texts = {_plain(cell.source) for cell in written}
        original = [cell for cell in written if self._is_original(cell, task)]
        if len(texts) > 1:
            which = "the original one" if original else "the last one"
            self.remarks.append(f"Task {task} was answered in {len(written)} cells; {which} was graded.")
        elif len(candidates) > 1:
            self.remarks.append(f"Task {task} has {len(candidates)} answer cells; the one with an answer was graded.")
        return (original or written)[-1]

    def _marked(self, task: str) -> list[NotebookNode]:
        """Cells that carry the id of the task's answer cell, or the task itself."""
        return [
            cell for cell in self.cells if self._is_original(cell, task) or (_is_free(cell) and _names_task(cell, task))
        ]

    def _is_original(self, cell: NotebookNode, task: str) -> bool:
        same_id = cell.id == self.key.answers[task].id and not _GIVEN_ID.fullmatch(cell.id)
        return same_id and task_of(cell) in ("", task)

    def _add_named(self) -> None:
        """For tasks that no cell is marked with: cells that define what only this task defines."""
        taken = {id(cell) for cells in self.candidates.values() for cell in cells}
        names = {
            task: defined_names(self.stubs[task]) | defined_names(cell.source)
            for task, cell in self.key.answers.items()
        }
        for task, cells in self.candidates.items():
            if cells:
                continue
            others = frozenset().union(*(names[other] for other in names if other != task))
            own = names[task] - others
            cells += [cell for cell in self.cells if id(cell) not in taken and _may_answer(cell, own)]


def _may_answer(cell: NotebookNode, own: frozenset[str]) -> bool:
    return cell.cell_type == "code" and _is_free(cell) and bool(own & defined_names(cell.source))


def _is_free(cell: NotebookNode) -> bool:
    """Whether the cell could be an answer: it isn't tagged as a check and doesn't call one."""
    return CHECK not in cell_tags(cell) and not _CALLS_CHECK.search(cell.source)


def _names_task(cell: NotebookNode, task: str) -> bool:
    spellings = {task, f"task {task}", f"task-{task}", f"answer {task}", f"answer-{task}"}
    return task_of(cell) == task or bool(spellings.intersection(cell_tags(cell)))


def _source(cell: NotebookNode | None, stub: str) -> str:
    return stub if cell is None else cell.source


def _filled(key: Key, sources: dict[str, str]) -> NotebookNode:
    """The key without its outputs and without anything that tells the solution, and with these answers."""
    notebook = copy.deepcopy(key.notebook)
    notebook.cells = [cell for cell in notebook.cells if role(cell) != SOLUTION_ONLY]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
        if role(cell) == ANSWER:
            cell.source = sources[task_of(cell)]
    return notebook


def _stray_definitions(submission: NotebookNode, answers: dict[str, NotebookNode | None], key: Key) -> list[str]:
    """A remark per answer that uses what the student defined in a cell of their own, which isn't graded."""
    used = {id(cell) for cell in answers.values()}
    own_cells = [cell for cell in submission.cells if cell.cell_type == "code" and id(cell) not in used]
    strays = _all_names(cell.source for cell in own_cells if role(cell) == OTHER)
    page = [cell for cell in key.notebook.cells if cell.cell_type == "code" and role(cell) == OTHER]
    provided = _all_names(cell.source for cell in page)
    provided |= _all_names(cell.source for cell in answers.values() if cell is not None)
    remarks = []
    for task, cell in answers.items():
        lost = sorted(needed_names(cell.source) & (strays - provided)) if cell is not None else []
        if lost:
            names = ", ".join(f"`{name}`" for name in lost)
            remarks.append(f"Task {task} uses {names} {_ELSEWHERE}: move it into the answer cell.")
    return remarks


def leans_on_own_cell(task: str, remarks: Iterable[str]) -> bool:
    """Whether one of the remarks is that this task's answer uses what stands in a cell of the student's own."""
    return any(remark.startswith(f"Task {task} uses ") and _ELSEWHERE in remark for remark in remarks)


def _all_names(sources: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(defined_names(source) for source in sources))


def _same_text(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(source: str) -> str:
    """The source without what editors change on their own: line ends, trailing blanks, empty lines around it."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())

"""An exercise notebook from its solution: the marked blocks become stubs, the walk-throughs go, the checks stay.

In an answer cell, the lines from `# >>> solution` to `# <<< solution` become `raise NotImplementedError("task 1.2")`,
unless the lines from `# >>> exercise` to `# <<< exercise` follow directly: those, each behind `# ` in the solution,
are what the exercise starts from.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from course_lib.errors import BadInput
from course_lib.grading.cells.notebooks import ANSWER, HIDDEN_CHECK, SOLUTION_ONLY, role, task_of

_MARK = re.compile(r"^(?P<indent>[ \t]*)#[ \t]*(?P<edge>>>>|<<<)[ \t]*(?P<kind>solution|exercise)[ \t]*$")


@dataclass(frozen=True)
class Block:
    """One marked solution: the line numbers (from 0) of its two marks, and their indentation.

    last: the last line of what belongs to it: `end`, or the last mark of the exercise block below it.
    """

    first: int
    end: int
    last: int
    indent: str

    @property
    def has_start(self) -> bool:
        """Whether an exercise block says what the exercise starts from."""
        return self.last > self.end


def exercise_from(solution: NotebookNode) -> NotebookNode:
    """The exercise notebook: the solution's cells with their ids, without answers, hidden checks and outputs.

    Raises: BadInput for marked blocks that don't fit together.
    """
    exercise = copy.deepcopy(solution)
    exercise.cells = [cell for cell in exercise.cells if role(cell) not in (HIDDEN_CHECK, SOLUTION_ONLY)]
    for cell in exercise.cells:
        if role(cell) == ANSWER:
            cell.source = without_answer(cell.source, task_of(cell))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return exercise


def without_answer(source: str, task: str) -> str:
    """An answer cell's source as the exercise shows it.

    Raises: BadInput for marked blocks that don't fit together.

    >>> print(without_answer('''def double(x):
    ...     # >>> solution
    ...     return 2 * x
    ...     # <<< solution''', "1.2"))
    def double(x):
        raise NotImplementedError("task 1.2")
    """
    lines, kept, at = source.split("\n"), [], 0
    for block in marked_blocks(source, task):
        kept += lines[at : block.first]
        at = block.last + 1
        if block.has_start:
            kept += [_uncommented(line, task) for line in lines[block.end + 2 : block.last]]
        else:
            kept.append(f'{block.indent}raise NotImplementedError("task {task}")')
    return "\n".join(kept + lines[at:])


def marked_blocks(source: str, task: str) -> list[Block]:
    """The marked solutions of an answer cell, in order, each with the exercise block that follows it.

    Raises: BadInput for a mark without its partner, a block inside another, or an exercise block that follows
    no solution block.
    """
    blocks, opened = [], None
    for number, line in enumerate(source.split("\n")):
        mark = _MARK.match(line)
        if mark is None:
            continue
        text = f"`# {mark['edge']} {mark['kind']}`"
        if mark["edge"] == ">>>":
            if opened is not None:
                raise _unbalanced(task, number, text, f"the block of line {opened[0] + 1} is still open")
            opened = number, mark
        else:
            if opened is None or opened[1]["kind"] != mark["kind"]:
                raise _unbalanced(task, number, text, "no block of this name is open")
            if mark["kind"] == "solution":
                blocks.append(Block(opened[0], number, number, opened[1]["indent"]))
            elif blocks and blocks[-1].end == opened[0] - 1:
                blocks[-1] = replace(blocks[-1], last=number)
            else:
                raise _unbalanced(task, opened[0], "`# >>> exercise`", "it must stand right below a `# <<< solution`")
            opened = None
    if opened is not None:
        raise _unbalanced(
            task, opened[0], f"`# >>> {opened[1]['kind']}`", f"its `# <<< {opened[1]['kind']}` is missing"
        )
    return blocks


def _unbalanced(task: str, line: int, mark: str, why: str) -> BadInput:
    return BadInput(f"The answer cell of task {task} has {mark} in line {line + 1}, but {why}.")


def _uncommented(line: str, task: str) -> str:
    """`    # total = 0` becomes `    total = 0`; an empty comment becomes an empty line."""
    if not line.strip() or line.strip() == "#":
        return ""
    indent, mark, rest = line.partition("# ")
    if not mark or indent.strip():
        raise BadInput(
            f"The answer cell of task {task} has {line.strip()!r} in its exercise block; write `# ` before the line."
        )
    return indent + rest

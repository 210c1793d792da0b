"""What makes a solution notebook fit for a course: every problem in it as a sentence, none left for the learner."""

from __future__ import annotations

import re

from nbformat import NotebookNode

from course_lib.errors import BadInput
from course_lib.grading.authoring.stated_points import points_of, points_problems
from course_lib.grading.authoring.unseen_cases import unseen_warnings
from course_lib.grading.cells.compare import equal, is_right
from course_lib.grading.cells.exercises import exercise_from, marked_blocks
from course_lib.grading.cells.key import bundles_in
from course_lib.grading.cells.notebooks import ANSWER, CHECK, HIDDEN_CHECK, role, task_of, title_of
from course_lib.grading.cells.syntax import syntax_problem

_HEADING = r"^#+ .*\bTask {}(?!\d|\.\d)"
_EFFORT = re.compile(r"^difficulty [1-5]/5 · importance [1-5]/5 · \d+ minutes?\b", re.M)
_WALK_THROUGH = re.compile(r"walk-?through", re.IGNORECASE)


def source_problems(solution: NotebookNode) -> list[str]:
    """What is wrong with the solution as it is written, before it has run; no problems, no sentences."""
    answers = [cell for cell in solution.cells if role(cell) == ANSWER]
    problems = [_without_task(cell) for cell in solution.cells if role(cell) in (ANSWER, CHECK, HIDDEN_CHECK)]
    tasks = [task_of(cell) for cell in answers if task_of(cell)]
    problems += [f"Task {task} has two answer cells; give one of them another task." for task in _repeated(tasks)]
    if not answers:
        problems.append("There is no answer cell; tag one `answer` and give it `course.task` in its metadata.")
    for cell in answers:
        problems += _answer_problems(cell, solution)
    for cell in solution.cells:
        if role(cell) in (CHECK, HIDDEN_CHECK) and task_of(cell) and task_of(cell) not in tasks:
            problems.append(f"Task {task_of(cell)} has a check but no answer cell; tag its cell `answer`.")
    for task in dict.fromkeys(tasks):
        problems += _teaching_problems(task, solution)
    return [problem for problem in problems if problem]


def output_problems(executed: NotebookNode) -> list[str]:
    """What is wrong with the checks of an executed solution."""
    problems, hinted, explained, checked, names, payloads = [], set(), set(), set(), [], []
    for cell in executed.cells:
        part, task = role(cell), task_of(cell)
        if part not in (CHECK, HIDDEN_CHECK):
            continue
        payload = emitted(cell)
        if payload is None:
            problems.append(f"A check cell of task {task} emits no result; it should say `await check({task!r}, ...)`.")
            continue
        if payload["task"] != task:
            problems.append(f"A check cell of task {task} checks task {payload['task']!r}; make the two agree.")
        if payload["hidden"] != (part == HIDDEN_CHECK):
            problems.append(
                f"A check of task {task} has the tag `hidden` or `hidden=True`, but not both; write both or none."
            )
        if part == CHECK:
            checked.add(task)
            names += [f"The case {case['name']!r} of task {task}" for case in payload["cases"]]
            hinted |= {task} if any(case["hint"] for case in payload["cases"]) else set()
            explained |= {task} if any(case["when"] for case in payload["cases"]) else set()
        payloads.append(payload)
        problems += [problem for case in payload["cases"] for problem in _case_problems(case, task)]
    problems += [f"{name} stands in two check cells; give each case its own name." for name in _repeated(names)]
    for task in [task_of(cell) for cell in executed.cells if role(cell) == ANSWER]:
        if task not in checked:
            problems.append(f"Task {task} has no visible check; add a cell tagged `check` with this task.")
        elif task not in hinted:
            problems.append(f"The check of task {task} has no case with a hint; write hint='...' in one of them.")
        if task in checked and task not in explained:
            problems.append(
                f"The check of task {task} foresees no mistake; write when={{a wrong value: 'its meaning'}} in one of its cases."
            )
    return problems + points_problems(executed, points_of(payloads))


def output_warnings(executed: NotebookNode) -> list[str]:
    """What a grader could do better with, in the checks of an executed solution."""
    payloads = {cell.id: emitted(cell) for cell in executed.cells if role(cell) in (CHECK, HIDDEN_CHECK)}
    return unseen_warnings(executed, {name: payload for name, payload in payloads.items() if payload is not None})


def emitted(cell: NotebookNode) -> dict | None:
    """What the cell's check displayed; None if it displayed nothing."""
    return next(iter(bundles_in(cell.get("outputs", []))), None)


def _without_task(cell) -> str:
    if task_of(cell):
        return ""
    first = cell.source.strip().partition("\n")[0][:60]
    return f"The cell `{first}` is tagged {role(cell)!r} but names no task; write course.task in its metadata."


def _answer_problems(cell, solution) -> list[str]:
    task, problems = task_of(cell), []
    if not task:
        return []
    if not title_of(cell):
        problems.append(f"The answer cell of task {task} has no title; write course.title in its metadata.")
    if not _has_heading(task, solution):
        problems.append(f"Task {task} has no heading; write a Markdown cell that starts with `## Task {task}`.")
    try:
        blocks = marked_blocks(cell.source, task)
        shown = exercise_from(NotebookNode(cells=[cell], metadata={})).cells[0].source
    except BadInput as unbalanced:
        return [*problems, str(unbalanced)]
    if not blocks:
        problems.append(
            f"The answer cell of task {task} marks no solution, so the exercise would show it; put "
            "`# >>> solution` and `# <<< solution` around what is to be written."
        )
    if any(block.indent == "" and not block.has_start for block in blocks):
        problems.append(
            f"The stub of task {task} would stop Run All, because its block is not inside a function; "
            "add a `# >>> exercise` block with what the cell starts from, such as `# answer = ...`."
        )
    unreadable = syntax_problem(shown)
    if unreadable:
        problems.append(f"The exercise of task {task} would not run. {unreadable}")
    return problems


def _teaching_problems(task: str, solution) -> list[str]:
    """What a task needs beside its cells: how much work it is, a check that nobody sees, and the way to its answer."""
    problems, page = [], _page_of(task, solution)
    if _has_heading(task, solution) and not any(_EFFORT.search(cell.source) for cell in page):
        problems.append(
            f"Task {task} does not say how much work it is; write a line such as "
            "`difficulty 2/5 · importance 4/5 · 10 minutes` below its heading."
        )
    if not any(role(cell) == HIDDEN_CHECK and task_of(cell) == task for cell in solution.cells):
        problems.append(f"Task {task} has no hidden check; add a cell tagged `check` and `hidden` with other inputs.")
    if not any(cell.cell_type == "markdown" and _WALK_THROUGH.search(cell.source) for cell in page):
        problems.append(
            f"Task {task} has no walk-through; write a Markdown cell that contains `Solution walk-through` below its check."
        )
    return problems


def _page_of(task: str, solution) -> list:
    """The cells from the task's heading, or its answer if it has none, to the next task's."""
    begun, page = False, []
    for cell in solution.cells:
        headings = re.findall(_HEADING.format(r"(\d+\.\d+)"), cell.source, re.M) if cell.cell_type == "markdown" else []
        if task in headings or (role(cell) == ANSWER and task_of(cell) == task):
            begun = True
        elif begun and (headings or role(cell) == ANSWER):
            break
        if begun:
            page.append(cell)
    return page


def _has_heading(task: str, solution) -> bool:
    pattern = re.compile(_HEADING.format(re.escape(task)), re.M)
    return any(cell.cell_type == "markdown" and pattern.search(cell.source) for cell in solution.cells)


def _case_problems(case: dict, task: str) -> list[str]:
    name = f"The case {case['name']!r} of task {task}"
    if case["status"] != "value":
        return [f"{name} gives no value in the solution itself: {case['error'] or 'it is not solved'}."]
    if not is_right(case, case["value"]):
        return [f"{name} is not passed by the solution itself, whose value is {case['value']!r}; change its bound."]
    if any(equal(wrong, case["value"]) for wrong, _ in case["when"]):
        return [f"{name} explains {case['value']!r} as a mistake, and it is the right answer; change its `when`."]
    return []


def _repeated(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]

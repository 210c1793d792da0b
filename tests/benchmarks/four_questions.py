"""One exercise in the forms of three graders, and a class that hands it in.

Four questions of two points each; a question's points are earned as a whole, because that is what all three can say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

EXERCISE = "01_four_questions"
POINTS = 2
SET_UP = "import matplotlib.pyplot as plt"


@dataclass(frozen=True)
class Question:
    """What is asked, a right answer, other right ones, wrong ones, and what its value on some inputs is."""

    name: str
    right: str
    also_right: str
    wrong: str
    calls: tuple[str, ...]
    values: tuple


QUESTIONS = (
    Question(
        "middle",
        "def middle(numbers):\n    return sorted(numbers)[len(numbers) // 2]",
        "def middle(numbers):\n    numbers = list(numbers)\n    numbers.sort()\n    return numbers[len(numbers) // 2]",
        "def middle(numbers):\n    return numbers[len(numbers) // 2]",
        ("middle([3, 1, 2])", "middle([9, 7, 8, 1, 5])"),
        (2, 7),
    ),
    Question(
        "most_common",
        "def most_common(words):\n    return max(sorted(set(words)), key=words.count)",
        "def most_common(words):\n    from collections import Counter\n    counted = Counter(words)\n"
        "    return min(counted, key=lambda word: (-counted[word], word))",
        "def most_common(words):\n    return words[0]",
        ("most_common(['no', 'yes', 'yes'])", "most_common(['b', 'a'])"),
        ("yes", "a"),
    ),
    Question(
        "in_groups",
        "def in_groups(items, size):\n    return [items[start : start + size] for start in range(0, len(items), size)]",
        "def in_groups(items, size):\n    groups = []\n    for place, item in enumerate(items):\n        if place % size == 0:\n"
        "            groups.append([])\n        groups[-1].append(item)\n    return groups",
        "def in_groups(items, size):\n    return [items[n * size : (n + 1) * size] for n in range(len(items) // size)]",
        ("in_groups([1, 2, 3, 4, 5], 2)", "in_groups([], 3)"),
        ([[1, 2], [3, 4], [5]], []),
    ),
    Question(
        "bar_heights",
        "def bar_heights(counts):\n    figure, axes = plt.subplots()\n    axes.bar(range(len(counts)), counts)\n"
        "    heights = [float(bar.get_height()) for bar in axes.patches]\n    plt.close(figure)\n    return heights",
        "def bar_heights(counts):\n    bars = plt.bar([str(place) for place in range(len(counts))], counts)\n"
        "    heights = [float(bar.get_height()) for bar in bars]\n    plt.close('all')\n    return heights",
        "def bar_heights(counts):\n    raise ValueError('I gave up')",
        ("bar_heights([3, 1, 2])",),
        ([3.0, 1.0, 2.0],),
    ),
)


def a_class(students: int) -> dict[str, dict[str, str]]:
    """Answers by question, by student: most are right, written in two ways; of every nine students four err once."""
    answers = {}
    for number in range(students):
        errs = {question.name for place, question in enumerate(QUESTIONS) if number % 9 == place}
        answers[f"student_{number:02d}"] = {
            question.name: question.wrong if question.name in errs else (question.right, question.also_right)[number % 2]
            for question in QUESTIONS
        }
    return answers


def points_of(answers: dict[str, str]) -> int:
    """What these answers earn."""
    return POINTS * sum(answers[question.name] != question.wrong for question in QUESTIONS)


def _signature(question: Question) -> str:
    return question.right.partition("\n")[0]


def _notebook(cells: list[NotebookNode], prefix: str) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell.id = f"{prefix}-{number}"
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernelspec, "language_info": {"name": "python"}})


# Ours --------------------------------------------------------------------------------------------


def our_solution() -> NotebookNode:
    """The solution notebook, not executed."""
    cells = [new_code_cell(f"from course_lib.grading import case, check\n{SET_UP}")]
    for place, question in enumerate(QUESTIONS, start=1):
        task = f"1.{place}"
        signature, _, body = question.right.partition("\n")
        source = f"{signature}\n    # >>> solution\n{body}\n    # <<< solution"
        cells.append(new_code_cell(source, metadata={"tags": ["answer"], "course": {"task": task, "title": question.name}}))
        check = f'await check("{task}", case("{question.name}", lambda: [{", ".join(question.calls)}], points={POINTS}))'
        cells.append(new_code_cell(check, metadata={"tags": ["check"], "course": {"task": task}}))
    return _notebook(cells, "ours")


# nbgrader ----------------------------------------------------------------------------------------


def for_nbgrader(answers: dict[str, str] | None = None) -> NotebookNode:
    """The source notebook, or with answers a student's, as nbgrader knows them by their cells' metadata."""
    cells = [new_code_cell(SET_UP)]
    for question in QUESTIONS:
        solution = f"### BEGIN SOLUTION\n{question.right}\n### END SOLUTION"
        answer = solution if answers is None else answers[question.name]
        cells.append(new_code_cell(answer, metadata=_for_nbgrader(question.name, solution=True)))
        cells.append(new_code_cell(_asserts(question), metadata=_for_nbgrader(f"test_{question.name}", solution=False)))
    return _notebook(cells, "nbg")


def _for_nbgrader(name: str, solution: bool) -> dict:
    cell = {"grade_id": name, "solution": solution, "grade": not solution, "locked": not solution, "task": False}
    return {"nbgrader": cell | {"schema_version": 3, "cell_type": "code"} | ({} if solution else {"points": POINTS})}


def _asserts(question: Question) -> str:
    return "\n".join(f"assert {call} == {value!r}" for call, value in zip(question.calls, question.values, strict=True))


# otter-grader ------------------------------------------------------------------------------------


def for_otter() -> NotebookNode:
    """The master notebook, in the format of `otter assign`."""
    cells = [
        new_raw_cell("# ASSIGNMENT CONFIG\ninit_cell: true\nexport_cell: false\nenvironment: false\nsolutions_pdf: false"),
        new_code_cell(SET_UP),
    ]
    for question in QUESTIONS:
        signature, _, body = question.right.partition("\n")
        cells += [
            new_raw_cell(f"# BEGIN QUESTION\nname: {question.name}\npoints: {POINTS}"),
            new_markdown_cell(f"Write `{signature}`."),
            new_raw_cell("# BEGIN SOLUTION"),
            new_code_cell(f"{signature}\n    # BEGIN SOLUTION\n{body}\n    # END SOLUTION"),
            new_raw_cell("# END SOLUTION"),
            new_raw_cell("# BEGIN TESTS"),
            new_code_cell('""" # BEGIN TEST CONFIG\nhidden: false\n""" # END TEST CONFIG\n' + _asserts(question)),
            new_raw_cell("# END TESTS"),
            new_raw_cell("# END QUESTION"),
        ]
    return _notebook(cells, "otter")


def answered_for_otter(handed_out: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The student's notebook that `otter assign` made, with these answers."""
    notebook = json.loads(json.dumps(handed_out))
    for cell in notebook["cells"]:
        for question in QUESTIONS:
            if "".join(cell["source"]).startswith(_signature(question)):
                cell["source"] = answers[question.name]
    return notebook

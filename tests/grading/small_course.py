"""A course of one solution notebook with two tasks, small enough to be built in every test that needs one."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SET_UP = "import asyncio\nfrom course_lib.grading import case, check, observe\nlevels = []"

READ_ALL = '''async def read_all(ask, documents):
    """Every document's answer, in the documents' order."""
    # >>> solution
    return list(await asyncio.gather(*(ask(document) for document in documents)))
    # <<< solution'''

CHECK_READ_ALL = """documents = [f"Is this spam? Yes or no. <email>Hello number {n}</email>" for n in range(4)]
await check("1.1",
    case("four at once", lambda: observe(read_all, documents, seconds_per_call=3.0, want="seconds"), points=2,
         hint="Start every call before you await the first.",
         when={12.0: "12 s is the time of four calls one after another."}),
    case("no documents", lambda: read_all(None, [])),
)"""

HIDDEN_CHECK = """await check("1.1",
    case("two at once", lambda: observe(read_all, documents[:2], want="peak_in_flight")),
    hidden=True,
)"""

TOTAL = '''def total(numbers):
    """Their sum."""
    # >>> solution
    return sum(numbers)
    # <<< solution
    # >>> exercise
    # result = 1
    # for number in numbers:
    #     result += number
    #
    # return result
    # <<< exercise'''

CHECK_TOTAL = """await check("1.2",
    case("three numbers", lambda: total([1, 2, 3]), hint="Where does the sum start?",
         when={7: "One too many: a sum starts at 0."}),
)"""

HIDDEN_TOTAL = 'await check("1.2", case("no numbers", lambda: total([])), hidden=True)'

EFFORT = "\n\ndifficulty 1/5 · importance 2/5 · 3 minutes"


def marked(cell, tags, task="", title=""):
    """The cell with its tags and its task."""
    cell.metadata["tags"] = list(tags)
    if task:
        cell.metadata["course"] = {"task": task} | ({"title": title} if title else {})
    return cell


def small_solution() -> nbformat.NotebookNode:
    """The solution notebook, as its author wrote it: never executed."""
    cells = [
        new_markdown_cell("# Exercises"),
        new_code_cell(SET_UP),
        new_markdown_cell("## Task 1.1 · Read all at once" + EFFORT),
        marked(new_code_cell(READ_ALL), ["answer"], "1.1", "Read all at once"),
        marked(new_code_cell(CHECK_READ_ALL), ["check"], "1.1"),
        marked(new_code_cell(HIDDEN_CHECK), ["check", "hidden"], "1.1"),
        marked(new_markdown_cell("The walk-through: gather starts them all."), ["solution-only"]),
        new_markdown_cell("## Task 1.2 · Mend the total" + EFFORT),
        marked(new_code_cell(TOTAL), ["answer"], "1.2", "Mend the total"),
        marked(new_code_cell(CHECK_TOTAL), ["check"], "1.2"),
        marked(new_code_cell(HIDDEN_TOTAL), ["check", "hidden"], "1.2"),
        marked(new_markdown_cell("The walk-through: a sum starts at 0."), ["solution-only"]),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"small-{number}"
    return new_notebook(cells=cells)


def write_small_course(root: Path) -> dict[str, Path]:
    """The course's folders under `root`, by the names of build's arguments."""
    folders = {name: root / name for name in ("solutions", "exercises", "references")}
    folders["solutions"].mkdir(parents=True)
    nbformat.write(small_solution(), folders["solutions"] / "01_small.ipynb")
    return folders

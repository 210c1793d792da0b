"""The shelf of submissions: notebooks of exercise 1 as students hand them in, right, wrong and cunning.

    python -m tests.grading.make_shelf FOLDER     writes them, for `course build 01 --shelf FOLDER` or `course grade FOLDER`

Each is the exercise with other answers in its answer cells; what the grader must make of it stands in
expected_marks.json. Tests write the shelf anew, from the exercise as it is.
"""

import copy
import shutil
import sys
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.grading.authoring.shelf import EXPECTED_MARKS, answered, right_answers
from course_lib.grading.cells.notebooks import ANSWER, CHECK, notebook_text, read_notebook, role, task_of

COURSE = Path(__file__).resolve().parents[2]
EXERCISE = "01_many_calls_at_once"
EXPECTED = Path(__file__).with_name(EXPECTED_MARKS)

SERIAL_IN_DISGUISE = '''
async def read_all(ask, chapters):
    async def summary_of(chapter):
        return await ask(question(chapter))

    return [await summary_of(chapter) for chapter in chapters]
'''

IN_FINISH_ORDER = '''
async def read_all(ask, chapters):
    answers = []

    async def collect(chapter):
        answers.append(await ask(question(chapter)))

    await asyncio.gather(*map(collect, chapters))
    return answers
'''

NAMES_IN_LIST_ORDER = '''
async def finish_order(ask, chapters):
    await asyncio.gather(*(ask(question(chapter)) for chapter in chapters))
    return [chapter.title for chapter in chapters]
'''

MISSING_COLON = '''
async def finish_order(ask, chapters)
    done = []
    return done
'''

UNBOUNDED = '''
async def read_bounded(ask, chapters, at_most):
    answers = await asyncio.gather(*[ask(question(chapter)) for chapter in chapters])
    return list(answers)
'''

SEMAPHORE_EACH = '''
async def read_bounded(ask, chapters, at_most):
    async def one(chapter):
        async with asyncio.Semaphore(at_most):
            return await ask(question(chapter))

    return await asyncio.gather(*map(one, chapters))
'''

GROUPS_OF_FIVE = '''
async def read_bounded(ask, chapters, at_most):
    answers = []
    for start in range(0, len(chapters), at_most):
        group = chapters[start : start + at_most]
        answers += await asyncio.gather(*(ask(question(chapter)) for chapter in group))
    return answers
'''

ENDLESS = '''
async def read_bounded(ask, chapters, at_most):
    while True:
        pass
'''

SWALLOWED = '''
async def read_or_report(ask, chapters):
    answers = await asyncio.gather(*(ask(question(c)) for c in chapters), return_exceptions=True)
    return {c.title: answer for c, answer in zip(chapters, answers) if not isinstance(answer, Exception)}
'''

ONE_FAILURE_ENDS_ALL = '''
async def read_or_report(ask, chapters):
    answers = await asyncio.gather(*(ask(question(c)) for c in chapters))
    return {c.title: answer for c, answer in zip(chapters, answers)}
'''

ENDS_PYTHON = '''
import os

async def read_or_report(ask, chapters):
    os._exit(0)
'''

PATCHED_COMPARE = '''
import course_lib.grading.cells.checks as checks
import course_lib.grading.cells.compare as compare

compare.equal = compare.is_right = lambda *values: True
checks.compare_case = lambda expected, given, reveal=True: compare.CaseResult(given["name"], True, 1, 100, "")

async def read_all(ask, chapters):
    return [await ask(question(chapter)) for chapter in chapters]
'''

HALF_DECIDED = '''
decisions = {
    "letters": ("parallel", "A"),
    "refund": ("parallel", "B"),
    "archive": ("parallel", "A"),
    "story": ("one after another", "D"),
    "quota": ...,
}
'''

LAST_BAR_ENDS_LAST = '''
class Bar(NamedTuple):
    label: str
    started: float
    ended: float


def numbers_of(bars):
    makespan = bars[-1].ended - bars[0].started
    busy = sum(bar.ended - bar.started for bar in bars)
    peak = max(len([b for b in bars if b.started <= a.started < b.ended]) for a in bars)
    return {"makespan": makespan, "busy": busy, "speed-up": busy / makespan, "peak": peak}
'''

WRITTEN_DIFFERENTLY = {
    "1.1": '''
async def read_all(ask, chapters):
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(ask(question(c))) for c in chapters]
    return [job.result() for job in jobs]
''',
    "1.2": '''
async def titled(ask, chapter):
    await ask(question(chapter))
    return chapter.title


async def finish_order(ask, chapters):
    return [await next_one for next_one in asyncio.as_completed([titled(ask, c) for c in chapters])]
''',
    "1.3": '''
async def read_bounded(ask, chapters, at_most):
    todo = list(enumerate(chapters))[::-1]
    answers = [None] * len(chapters)

    async def worker():
        while todo:
            place, chapter = todo.pop()
            answers[place] = await ask(question(chapter))

    await asyncio.gather(*[worker() for _ in range(at_most)])
    print("all workers went home")
    return answers
''',
    "1.4": '''
async def read_or_report(ask, chapters):
    outcomes = await asyncio.gather(*(ask(question(c)) for c in chapters), return_exceptions=True)
    report = dict(zip((c.title for c in chapters), outcomes))
    for title, outcome in report.items():
        if isinstance(outcome, Exception):
            report[title] = "failed: " + outcome.__class__.__name__
    return report
''',
    "1.5": '''
together, in_turn = "Parallel", "one after another"
decisions = dict(quota=[in_turn, "E"], story=[in_turn, "D"], archive=[together, "C"], refund=[together, "b"])
decisions["letters"] = [together, "A"]
''',
    "1.6": '''
Bar = NamedTuple("Bar", [("label", str), ("started", float), ("ended", float)])


def numbers_of(bars):
    edges = sorted([(bar.started, 1) for bar in bars] + [(bar.ended, -1) for bar in bars])
    running = peak = 0
    for _, step in edges:
        running += step
        peak = max(peak, running)
    makespan = edges[-1][0] - edges[0][0]
    busy = sum(end - start for _, start, end in bars)
    return {"peak": peak, "makespan": makespan, "busy": busy, "speed-up": busy / makespan}
''',
}

HELPER_ELSEWHERE = '''
async def read_all(ask, chapters):
    return await everything_at_once(ask, chapters)
'''


def write_shelf(folder: Path) -> Path:
    """Write every notebook of the shelf, and what is expected of them; returns the folder."""
    for name, text in shelf().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    shutil.copy(EXPECTED, folder)
    return folder


def untouched(exercise: str) -> NotebookNode:
    """An exercise as it comes."""
    return read_notebook(COURSE / "exercises" / f"{exercise}.ipynb")


def solved(exercise: str) -> NotebookNode:
    """An exercise with the right answer to every task."""
    return answered(untouched(exercise), _right_answers(exercise))


def shelf() -> dict[str, str]:
    """The text of every submission, by its place on the shelf."""
    exercise, right = untouched(EXERCISE), _right_answers(EXERCISE)

    def solved_but(**changed):
        return answered(exercise, right | {task.replace("_", "."): answer for task, answer in changed.items()})

    notebooks = {
        "solved": solved(EXERCISE),
        "half_solved": answered(
            exercise,
            {"1.1": right["1.1"], "1.2": right["1.2"], "1.3": right["1.3"], "1.5": HALF_DECIDED, "1.6": LAST_BAR_ENDS_LAST},
        ),
        "untouched": exercise,
        "written_differently": answered(exercise, WRITTEN_DIFFERENTLY),
        "saved_by_an_old_editor": _without_ids_and_tags(answered(exercise, WRITTEN_DIFFERENTLY)),
        "serial_in_disguise": solved_but(**{"1_1": SERIAL_IN_DISGUISE, "1_2": NAMES_IN_LIST_ORDER}),
        "unbounded_fan_out": solved_but(**{"1_3": UNBOUNDED}),
        "a_semaphore_each": solved_but(**{"1_3": SEMAPHORE_EACH}),
        "groups_of_five": solved_but(**{"1_3": GROUPS_OF_FIVE}),
        "wrong_order": solved_but(**{"1_1": IN_FINISH_ORDER}),
        "swallowed_failure": solved_but(**{"1_4": SWALLOWED}),
        "one_failure_ends_all": solved_but(**{"1_4": ONE_FAILURE_ENDS_ALL}),
        "syntax_error": solved_but(**{"1_2": MISSING_COLON}),
        "infinite_loop": solved_but(**{"1_3": ENDLESS}),
        "os_exit": solved_but(**{"1_4": ENDS_PYTHON}),
        "patched_compare": solved_but(**{"1_1": PATCHED_COMPARE}),
        "helper_elsewhere": _with_helper(solved_but(**{"1_1": HELPER_ELSEWHERE})),
        "checks_deleted": _without_checks(solved_but(**{"1_1": SERIAL_IN_DISGUISE})),
        "checks_edited_and_outputs_forged": _forged(answered(exercise, {"1.1": SERIAL_IN_DISGUISE})),
    }
    return {f"{name}/{EXERCISE}.ipynb": notebook_text(notebook) for name, notebook in notebooks.items()} | {
        f"cut_off/{EXERCISE}.ipynb": notebook_text(exercise)[:600],
        "unknown_exercise/99_my_own_ideas.ipynb": notebook_text(_own_ideas()),
    }


def _own_ideas():
    """A notebook in which nothing belongs to an exercise: neither its name nor its cells."""
    cells = [new_markdown_cell("# My own ideas", id="title"), new_code_cell("flowers = 12\nflowers * 7", id="flowers")]
    return new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def _right_answers(exercise: str) -> dict[str, str]:
    return right_answers(read_notebook(COURSE / "solutions" / f"{exercise}.ipynb"))


def _without_checks(notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if role(cell) != CHECK]
    return notebook


def _without_ids_and_tags(notebook: NotebookNode) -> NotebookNode:
    """What a round trip through a script leaves: new ids, no metadata. Answers can be told by what they define."""
    notebook = copy.deepcopy(notebook)
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = NotebookNode(), f"trip-{number}"
    return notebook


def _with_helper(notebook: NotebookNode) -> NotebookNode:
    """The answer to task 1.1 leans on a function in a cell of the student's own, which no grader runs."""
    own = copy.deepcopy(next(cell for cell in notebook.cells if role(cell) == ANSWER))
    own.metadata, own.id = NotebookNode(), "my-own-cell"
    own.source = (
        "async def everything_at_once(ask, chapters):\n"
        "    return await asyncio.gather(*(ask(question(chapter)) for chapter in chapters))"
    )
    place = next(number for number, cell in enumerate(notebook.cells) if role(cell) == ANSWER)
    notebook.cells.insert(place, own)
    return notebook


def _forged(notebook: NotebookNode) -> NotebookNode:
    """Checks that compute nothing and are worth a hundred points each, with results as if they had passed."""
    notebook = copy.deepcopy(notebook)
    for number, cell in enumerate((cell for cell in notebook.cells if role(cell) == CHECK), start=1):
        task = task_of(cell)
        cell.source = f'await check("{task}", case("everything", lambda: 3.0, points=100))'
        forged_case = {"name": "everything", "status": "value", "value": 3.0, "error": "", "points": 100,
                       "compare": {"kind": "equal"}, "hint": "", "when": []}
        bundle = {"task": task, "hidden": False, "cases": [forged_case]}
        cell.execution_count = number
        cell.outputs = [NotebookNode(output_type="display_data", metadata={}, data={
            "application/vnd.course.check+json": bundle,
            "text/plain": f"Task {task} · 100 of 100 points · done\n  ✓ everything (100 points)",
        })]
    return notebook


if __name__ == "__main__":
    write_shelf(Path(sys.argv[1]))

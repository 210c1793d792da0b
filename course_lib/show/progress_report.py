"""How far the learner is, as a table."""

from course_lib.show import style
from course_lib.show.saved_results import NOT_YET, PARTLY, SOLVED, UNREADABLE, TaskProgress, read_progress
from course_lib.show.tables import Table, table_of

_SIGN = {SOLVED: "✓", PARTLY: "◐", NOT_YET: "·", UNREADABLE: "!"}


def progress(folder=None, *, judge=None) -> None:
    """Show a table of every task in the folder's exercise notebooks, as they were last saved.

    folder: left out, the `exercises` folder here or in the folder above. judge: see `read_progress`.
    """
    style.put_on_page(progress_table(read_progress(folder, judge=judge)))


def progress_table(tasks: list[TaskProgress]) -> Table:
    """The tasks as a table, each exercise named once."""
    rows, before = [], None
    for task in tasks:
        rows.append((task.exercise if task.exercise != before else "", task.task, task.title, _in_words(task)))
        before = task.exercise
    return table_of(rows, ["exercise", "task", "what", "progress"])


def _in_words(task) -> str:
    counted = f" ({task.passed} of {task.cases})" if task.status == PARTLY and task.cases else ""
    note = f": {task.note}" if task.note else ""
    return f"{_SIGN[task.status]} {task.status}{counted}{note}"

"""The results that the check cells left in the saved exercise notebooks: read here, drawn by `progress_report`."""

import json
from dataclasses import dataclass
from pathlib import Path

CHECK_RESULT = "application/vnd.course.check+json"

SOLVED, PARTLY, NOT_YET, UNREADABLE = "solved", "partly", "not yet", "unreadable"


@dataclass(frozen=True)
class TaskProgress:
    """One task of one exercise. status: "solved", "partly", "not yet", or "unreadable" for a whole notebook.

    passed, cases: how many cases the last saved check passed, of how many. note: what else there is to say.
    """

    exercise: str
    task: str = ""
    title: str = ""
    status: str = NOT_YET
    passed: int = 0
    cases: int = 0
    note: str = ""


def read_progress(folder=None, *, judge=None) -> list[TaskProgress]:
    """Every task, by notebook and then in the order of the page. What can't be read is a row that says so.

    judge: a function from one saved check result to a list of booleans, one per case; left out, each case's
    own "passed" counts, which is what the learner was shown.
    """
    folder = _exercises_folder() if folder is None else Path(folder)
    if not folder.is_dir():
        note = "There is no such folder; name the one with your exercises."
        return [TaskProgress(str(folder), status=UNREADABLE, note=note)]
    notebooks = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if not notebooks:
        return [TaskProgress(str(folder), status=UNREADABLE, note="There are no notebooks in this folder.")]
    return [task for path in notebooks for task in _read_notebook(path, judge or saved_verdict)]


def _exercises_folder() -> Path:
    beside, above = Path("exercises"), Path("..", "exercises")
    return above if above.is_dir() and not beside.is_dir() else beside


def _read_notebook(path: Path, judge) -> list[TaskProgress]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    except OSError as error:
        return [TaskProgress(path.stem, status=UNREADABLE, note=f"The file can't be read ({error.strerror}).")]
    except (ValueError, KeyError, TypeError, RecursionError):
        return [TaskProgress(path.stem, status=UNREADABLE, note="This is not a whole notebook; download it again.")]
    return _read_cells(path.stem, cells, judge)


def saved_verdict(result: dict) -> list[bool]:
    """Whether each case of a saved check result passed, as it was shown to the learner.

    >>> saved_verdict({"task": "1.1", "cases": [{"name": "ten", "passed": True}, {"name": "none", "passed": False}]})
    [True, False]
    """
    return [case.get("passed") is True for case in result["cases"]]


def _read_cells(exercise, cells, judge) -> list[TaskProgress]:
    titles, results = {}, {}
    for cell in cells:
        task, title, tags = _course(cell)
        if not task:
            continue
        titles[task] = titles.get(task) or title
        results.setdefault(task, [])
        if "check" in tags and "hidden" not in tags:
            results[task].append(_saved_result(cell))
    return [_progress_of(exercise, task, titles[task], checks, judge) for task, checks in results.items() if checks]


def _course(cell) -> tuple[str, str, list]:
    """A cell's task, the task's title, and the cell's tags."""
    metadata = _part(cell, "metadata", dict)
    course = _part(metadata, "course", dict)
    return _part(course, "task", str), _part(course, "title", str), _part(metadata, "tags", list)


def _part(thing, name: str, kind: type):
    """What a file that anybody may have edited holds under this name; an empty `kind` if it is none of that kind."""
    value = thing.get(name) if isinstance(thing, dict) else None
    return value if isinstance(value, kind) else kind()


def _saved_result(cell) -> dict | None:
    """The check's last saved result; None when it was never run."""
    for output in reversed(_part(cell, "outputs", list)):
        result = _part(_part(output, "data", dict), CHECK_RESULT, dict)
        cases = result.get("cases")
        if isinstance(cases, list) and all(isinstance(case, dict) for case in cases):
            return result
    return None


def _progress_of(exercise, task, title, checks, judge) -> TaskProgress:
    verdicts = [passed for result in checks if result is not None for passed in judge(result)]
    whole = bool(verdicts) and all(verdicts) and None not in checks
    status = SOLVED if whole else PARTLY if any(verdicts) else NOT_YET
    return TaskProgress(exercise, task, title, status, sum(verdicts), len(verdicts))

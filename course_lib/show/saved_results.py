"""How far the learner is: the results that the check cells left in the saved exercise notebooks."""

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
        return [
            TaskProgress(
                str(folder), status=UNREADABLE, note="There is no such folder; name the one with your exercises."
            )
        ]
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
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    course, tags = metadata.get("course"), metadata.get("tags")
    course = course if isinstance(course, dict) else {}
    task, title = course.get("task"), course.get("title")
    return (
        task if isinstance(task, str) else "",
        title if isinstance(title, str) else "",
        tags if isinstance(tags, list) else [],
    )


def _saved_result(cell) -> dict | None:
    """The check's last saved result; None when it was never run."""
    outputs = cell.get("outputs")
    for output in reversed(outputs if isinstance(outputs, list) else []):
        data = output.get("data") if isinstance(output, dict) else None
        result = data.get(CHECK_RESULT) if isinstance(data, dict) else None
        cases = result.get("cases") if isinstance(result, dict) else None
        if isinstance(cases, list) and all(isinstance(case, dict) for case in cases):
            return result
    return None


def _progress_of(exercise, task, title, checks, judge) -> TaskProgress:
    verdicts = [passed for result in checks if result is not None for passed in judge(result)]
    whole = bool(verdicts) and all(verdicts) and None not in checks
    status = SOLVED if whole else PARTLY if any(verdicts) else NOT_YET
    return TaskProgress(exercise, task, title, status, sum(verdicts), len(verdicts))

"""`course check`: a notebook run through nbval, its checks told task by task.

nbval decides per cell, people think per task. So this is also a pytest plugin that goes beside nbval's and writes down what each
cell emitted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.grading.cells.checks import verdict_on
from course_lib.grading.cells.key import bundles_in
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import ANSWER, CHECK, read_notebook, role, task_of
from course_lib.grading.cells.plain_values import shortened
from course_lib.grading.cells.references import find_reference
from course_lib.grading.cells.verdicts import TaskVerdict, verdict_text
from course_lib.grading.running.execution import kernel_environment

CELL_TIMEOUT = 10
"""Real seconds for one cell."""
RECORDS = "COURSE_CHECK_RECORDS"
"""The environment variable that names the file to write what the cells emitted to."""

_CELL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")
"""How IPython names a cell in a syntax error: after a number that changes with every run."""


@dataclass(frozen=True)
class TaskReport:
    """What there is to say about one task: its verdict (None: its check was not reached) and what went wrong."""

    task: str
    verdict: TaskVerdict | None
    trouble: str = ""

    @property
    def done(self) -> bool:
        return self.verdict is not None and self.verdict.passed

    @property
    def text(self) -> str:
        """The friendly lines."""
        words = verdict_text(self.verdict) if self.verdict else f"Task {self.task} · not reached"
        return f"{words}\n  {self.trouble}" if self.trouble else words


def check_notebook(path: Path, *, cell_timeout: float = CELL_TIMEOUT) -> list[TaskReport]:
    """Every task of the notebook, in its order, after running the notebook; the file stays as it is.

    Raises: BadInput for what is no notebook, CourseError for one without checks or when pytest could not run it.
    """
    path = Path(path)
    if not any(role(cell) == CHECK for cell in read_notebook(path).cells):
        raise CourseError(f"{path} has no checks; name an exercise, such as exercises/01_many_calls_at_once.ipynb.")
    return reports_of(_run(path, cell_timeout))


def reports_of(records: list[dict]) -> list[TaskReport]:
    """The tasks of a notebook by what its cells emitted."""
    tasks = list(
        dict.fromkeys(record["task"] for record in records if record["role"] in (ANSWER, CHECK) and record["task"])
    )
    return [_report(task, records) for task in tasks if _of(task, records, CHECK)]


def _report(task: str, records: list[dict]) -> TaskReport:
    emitted = [record["check"] for record in _of(task, records, CHECK)]
    verdict = None
    if all(emitted):
        payload = {"task": task, "cases": [case for one in emitted for case in one["cases"]]}
        verdict = verdict_on(payload, find_reference(task))
    return TaskReport(task, verdict, "" if verdict and verdict.passed else _trouble(task, records, verdict))


def _of(task: str, records: list[dict], part: str) -> list[dict]:
    return [record for record in records if record["task"] == task and record["role"] == part]


def _trouble(task: str, records: list[dict], verdict: TaskVerdict | None) -> str:
    """Why it went wrong, where that is not the check's own business: the first cell before it that failed."""
    for record in records:
        if record["role"] == ANSWER and record["task"] == task and record["error"]:
            return f"Its answer cell ends with {record['error']}."
        if record["role"] == CHECK and record["task"] == task and record["error"] and verdict is None:
            return f"Its check ends with {record['error']}."
        if record["role"] not in (ANSWER, CHECK) and record["error"]:
            return f"The cell `{record['first_line']}` ends with {record['error']}."
    return ""


def _run(path: Path, cell_timeout: float) -> list[dict]:
    """The records of every cell that ran."""
    with tempfile.TemporaryDirectory() as folder:
        records, settings = Path(folder, "records.json"), Path(folder, "pytest.ini")
        settings.write_text("[pytest]\n", encoding="utf-8")
        command = [
            sys.executable, "-m", "pytest", str(path.resolve()),
            "-p", "nbval.plugin", "-p", __name__, "-p", "no:cacheprovider",
            "--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={cell_timeout:g}",
            # Whatever the folder's own pytest settings say, they are about other tests.
            "-c", str(settings), "--rootdir", str(path.resolve().parent), "--noconftest", "-q",
        ]  # fmt: skip
        environment = kernel_environment({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", RECORDS: str(records)})
        environment.pop("PYTEST_ADDOPTS", None)
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
        if not records.exists():
            last = (ended.stderr.strip() or ended.stdout.strip() or "nothing").splitlines()[-1]
            raise CourseError(f"pytest could not run {path}; its last words were: {last}")
        return json.loads(records.read_text(encoding="utf-8"))


_records: list[dict] = []


def pytest_runtest_makereport(item, call) -> None:
    """Keep one record per cell that ran; write them all each time, so that a killed run leaves what it had."""
    cell = getattr(item, "cell", None)
    if call.when != "call" or cell is None:
        return
    outputs = item.test_outputs or []
    _records.append(
        {
            "role": role(cell),
            "task": task_of(cell),
            "first_line": shortened(cell.source.strip().partition("\n")[0], 60),
            "check": next(iter(bundles_in(outputs)), None),
            "error": _error_in(outputs, call),
        }
    )
    write_whole(Path(os.environ[RECORDS]), json.dumps(_records))


def _error_in(outputs, call) -> str:
    """How the cell ended, as a sentence's end; "" if it ended well or only a check failed."""
    for output in outputs:
        if output.get("output_type") == "error":
            if output["ename"] == "KeyboardInterrupt":
                return "a time-out: it ran too long"
            words = " ".join(f"{output['ename']}: {output['evalue']}".split())
            return shortened(_CELL_FILE.sub(r"(line \1)", words), 300)
    if call.excinfo is not None and "Timeout" in str(call.excinfo.value):
        return "a time-out: it ran too long"
    if call.excinfo is not None and "Kernel dead" in str(call.excinfo.value):
        return "a dead kernel"
    return ""


def summary(reports: list[TaskReport]) -> str:
    """`2 of 5 tasks done · 6 of 14 points`.

    Points of tasks whose check was not reached are not known here, and not counted.
    """
    done = sum(report.done for report in reports)
    verdicts = [report.verdict for report in reports if report.verdict]
    earned, points = sum(one.earned for one in verdicts), sum(one.points for one in verdicts)
    return f"{done} of {len(reports)} task{'' if len(reports) == 1 else 's'} done · {earned:g} of {points:g} points"

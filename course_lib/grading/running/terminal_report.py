"""A pytest plugin beside nbval: writes down what each cell of a notebook emitted, for `course check`.

nbval decides per cell, people think per task; this keeps what is needed to speak about tasks.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from course_lib.grading.cells.key import bundles_in
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import role, task_of, title_of
from course_lib.grading.cells.plain_values import shortened

RECORDS = "COURSE_CHECK_RECORDS"
"""The environment variable that names the file to write."""

_CELL_FILE = re.compile(r"\(\d+\.py, line (\d+)\)")
"""How IPython names a cell in a syntax error: after a number that changes with every run."""

_records: list[dict] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep one record per cell that ran; write them all each time, so that a killed run leaves what it had."""
    yield
    cell = getattr(item, "cell", None)
    if call.when != "call" or cell is None or not os.environ.get(RECORDS):
        return
    outputs = getattr(item, "test_outputs", None) or []
    _records.append(
        {
            "role": role(cell),
            "task": task_of(cell),
            "title": title_of(cell),
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

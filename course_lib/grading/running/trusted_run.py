"""The author's own notebook, run in the grader's process: what its checks ask the simulated API for.

How long a call takes and what goes wrong is often a function in the check cell. A graded kernel could give the grader another
one, so the grader takes them from here.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io

from IPython.core.inputtransformer2 import TransformerManager

from course_lib.claude import run_simulated
from course_lib.grading.cells.evidence import noting_settings
from course_lib.grading.cells.key import Key


def trusted_settings(key: Key) -> dict[tuple[str, bool, str, int], dict]:
    """What `observe` is given in every case of the key, by (task, hidden, case, number of the run).

    Cells that need a real notebook are left out; the settings of a check that fails without them are missing.
    """
    names = {"__name__": "__main__"}
    with noting_settings() as noted, contextlib.redirect_stdout(io.StringIO()):
        for cell in key.notebook.cells:
            if cell.cell_type == "code":
                with contextlib.suppress(Exception):
                    _run(cell.source, names)
    return noted


def _run(source: str, names: dict) -> None:
    code = compile(
        TransformerManager().transform_cell(source), "<key>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    value = eval(code, names)
    if inspect.iscoroutine(value):
        run_simulated(value)

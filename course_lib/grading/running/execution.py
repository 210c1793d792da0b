"""Running a notebook from top to bottom in a fresh kernel, so that the file it gives is the same every time.

What differs between two machines or two runs is not kept: timings, widget models, the Python version, tracebacks
with their paths, the pieces in which printed text arrived.
"""

from __future__ import annotations

import asyncio
import copy
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.grading.cells.plain_values import shortened

CELL_TIMEOUT = 60
"""Real seconds for one cell."""

PACKAGE_HOME = Path(__file__).resolve().parents[3]

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_PER_RUN_METADATA = ("execution", "ExecuteTime", "widgets", "trusted")


def execute_all(
    notebooks: Sequence[tuple[NotebookNode, Path]], environment: Mapping[str, str], *, at_most: int = 2
) -> list[NotebookNode]:
    """Every (notebook, its path) executed, in order; at most that many kernels at a time.

    Raises: CourseError for the first notebook, in order, with a cell that fails though no tag says it may.
    """
    return asyncio.run(_execute_all(notebooks, environment, at_most))


async def _execute_all(notebooks, environment, at_most):
    slots = asyncio.Semaphore(at_most)

    async def one(notebook, path):
        async with slots:
            return await _execute(notebook, path, environment)

    outcomes = await asyncio.gather(*(one(*pair) for pair in notebooks), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes


async def _execute(notebook: NotebookNode, path: Path, environment: Mapping[str, str]) -> NotebookNode:
    from nbclient.client import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = copy.deepcopy(notebook)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    begun = []
    client = NotebookClient(
        notebook,
        km=_kernel_of_this_interpreter(),
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        shutdown_kernel="immediate",
        allow_errors=False,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: begun.append(cell),
    )
    try:
        # The kernel's own standard error holds its remarks about itself; what cells print arrives as messages.
        # A client leaves a kernel that it was given, and its connection file, to whoever gave it, unless it is told to clean up.
        await client.async_execute(env=kernel_environment(environment), stderr=subprocess.DEVNULL, cleanup_kc=True)
    except CellExecutionError as error:
        raise CourseError(
            f"{path} stops at a cell with {error.ename}: {shortened(' '.join(error.evalue.split()), 300)}"
            f"{_last(begun)}; mend the cell, or tag it `raises-exception` if it should fail."
        ) from None
    except CellTimeoutError:
        raise CourseError(f"{path} has a cell that took longer than {CELL_TIMEOUT} s{_last(begun)}.") from None
    except DeadKernelError:
        raise CourseError(f"The kernel of {path} died{_last(begun)}; look for what ends its process.") from None
    return settled(notebook)


def kernel_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's variables without the course's modes and pytest's mark, plus the given ones."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COURSE_MODE", "PYTEST_CURRENT_TEST")}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE_HOME), kept.get("PYTHONPATH", "")]))
    return kept | dict(environment)


def _kernel_of_this_interpreter():
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=str(RESOURCES), **get_kernel_dict())

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisInterpreter())


def _last(begun: list[NotebookNode]) -> str:
    """In brackets, the first line of the last cell that began."""
    if not begun:
        return ""
    first = begun[-1].source.strip().partition("\n")[0]
    return f" (in the cell `{shortened(first, 60)}`)"


def settled(notebook: NotebookNode) -> NotebookNode:
    """The executed notebook with only what every run and every machine gives alike."""
    notebook = copy.deepcopy(notebook)
    for name in _PER_RUN_METADATA:
        notebook.metadata.pop(name, None)
    notebook.metadata.kernelspec = NotebookNode(KERNELSPEC)
    notebook.metadata.language_info = NotebookNode(name="python")
    count = 0
    for cell in notebook.cells:
        for name in _PER_RUN_METADATA:
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        cell.outputs = merge_streams([_settled_output(output) for output in cell.outputs])
        # An empty cell is not sent to the kernel, so it has no number; a cell that nobody numbers, nobody compares.
        if cell.source.strip():
            count += 1
        cell.execution_count = count if cell.source.strip() else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    return notebook


def _settled_output(output: NotebookNode) -> NotebookNode:
    if output.output_type == "error":
        output.traceback = [f"\x1b[31m{output.ename}\x1b[39m: {output.evalue}"]
    elif "data" in output:
        output.data.pop(_WIDGET_VIEW, None)
    return output


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with one stream per name between two displays: stdout, then stderr."""
    merged, waiting = [], {}

    def flush():
        merged.extend(waiting[name] for name in sorted(waiting, reverse=True))  # "stdout" before "stderr"
        waiting.clear()

    for output in outputs:
        if output.output_type != "stream":
            flush()
            merged.append(output)
        elif output.name in waiting:
            waiting[output.name].text += output.text
        else:
            waiting[output.name] = copy.deepcopy(output)
    flush()
    return merged

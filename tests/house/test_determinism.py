"""Every chapter gives the same bytes in every process, whatever Python's hash seed."""

import nbformat
import pytest

from course_lib.grading.running.execution import execute_all
from tests.house.course_files import named, notebooks_in, read_notebook

CHAPTERS = notebooks_in("notebooks")

COUNT_SLEEP = """
import sys, time
slept, _sleep = 0.0, time.sleep

def _counted(seconds):
    global slept
    if not sys._getframe(1).f_globals["__name__"].startswith("ipykernel"):  # which looks after its parent every second
        slept += seconds
    _sleep(seconds)

time.sleep = _counted
"""


def executed(notebook, path, seed):
    [ran] = execute_all([(notebook, path)], {"PYTHONHASHSEED": str(seed)})
    return ran


def outputs(notebook):
    """Cell id → outputs, of every code cell."""
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def without_counts(cell_outputs):
    """The same outputs; their numbers count the cell that was put before the others."""
    return [{name: value for name, value in output.items() if name != "execution_count"} for output in cell_outputs]


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_a_chapter_gives_what_is_committed_and_hardly_waits(path):
    """In another process, with another hash seed than the one that wrote it; pictures included, which nbval leaves out.

    Waiting is what cells ask for through `time.sleep`, which the kernel adds up: a busy machine changes nothing.
    """
    notebook = read_notebook(path)
    committed = outputs(notebook)
    of_the_reader = {cell.id for cell in notebook.cells if "nbval-ignore-output" in cell.metadata.get("tags", [])}
    notebook.cells.insert(0, nbformat.v4.new_code_cell(COUNT_SLEEP, id="count-sleep"))
    notebook.cells.append(nbformat.v4.new_code_cell("print(f'slept {slept:.2f}')", id="slept"))
    again = outputs(executed(notebook, path, seed=3))
    for cell in committed.keys() - of_the_reader:
        assert without_counts(again[cell]) == without_counts(committed[cell]), f"cell {cell}"
    slept = float(again["slept"][0].text.split()[1])
    assert slept < 3, "no more than the short waits of the thread-pool demonstration"


def test_an_output_that_depends_on_the_hash_seed_would_be_seen(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("hash('a')", id="seeded")])
    first, same, other = (outputs(executed(notebook, tmp_path / "seeded.ipynb", seed)) for seed in (1, 1, 2))
    assert first == same != other

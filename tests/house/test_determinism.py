"""Every chapter gives the same bytes in every process, whatever Python's hash seed."""

import os

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


def executed(path, seed):
    [notebook] = execute_all([(read_notebook(path), path)], {"PYTHONHASHSEED": str(seed)})
    return notebook


def outputs(notebook):
    """Cell id → outputs, of every code cell."""
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_two_processes_with_different_hash_seeds_write_the_same_notebook(path):
    first, second = executed(path, 1), executed(path, 2)
    assert outputs(first) == outputs(second)
    assert nbformat.writes(first) == nbformat.writes(second)


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_the_committed_outputs_are_what_the_cells_give(path):
    notebook = read_notebook(path)
    committed, again = outputs(notebook), outputs(executed(path, 3))
    of_the_reader = {cell.id for cell in notebook.cells if "nbval-ignore-output" in cell.metadata.get("tags", [])}
    for cell in committed.keys() - of_the_reader:
        assert again[cell] == committed[cell], f"cell {cell}"


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_a_chapter_takes_seconds_and_hardly_waits(path):
    """Under ten seconds of work, kernel start included, and no cell that sleeps in real time.

    Measured so that a busy machine changes little: the work is the processor's time, and waiting is what cells ask for
    through `time.sleep`, which the kernel adds up.
    """
    notebook = read_notebook(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(COUNT_SLEEP, id="count-sleep"))
    notebook.cells.append(nbformat.v4.new_code_cell("print(f'slept {slept:.2f}')", id="slept"))
    before = os.times()
    [ran] = execute_all([(notebook, path)], {})
    after = os.times()
    worked = after.children_user - before.children_user + after.children_system - before.children_system
    slept = float(outputs(ran)["slept"][0].text.split()[1])
    assert worked < 10
    assert slept < 3, "no more than the short waits of the thread-pool demonstration"


def test_an_output_that_depends_on_the_hash_seed_would_be_seen(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("hash('a')", id="seeded")])
    path = tmp_path / "seeded.ipynb"
    nbformat.write(notebook, path)
    assert outputs(executed(path, 1)) != outputs(executed(path, 2))
    assert outputs(executed(path, 1)) == outputs(executed(path, 1))

"""Every chapter gives the same bytes in every process, whatever Python's hash seed."""

import time

import nbformat
import pytest

from course_lib.grading.execution import execute_all
from tests.house.course_files import named, notebooks_in, read_notebook

CHAPTERS = notebooks_in("notebooks")


def executed(path, seed):
    [notebook] = execute_all([(read_notebook(path), path)], {"PYTHONHASHSEED": str(seed)})
    return notebook


def outputs(notebook):
    """Cell id → outputs, of every code cell."""
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_two_processes_with_different_hash_seeds_write_the_same_notebook(path):
    begun = time.perf_counter()
    first, second = executed(path, 1), executed(path, 2)
    took = (time.perf_counter() - begun) / 2
    assert outputs(first) == outputs(second)
    assert nbformat.writes(first) == nbformat.writes(second)
    assert took < 10, f"{path.name} takes {took:.1f} s: no cell should wait in real time"


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_the_committed_outputs_are_what_the_cells_give(path):
    notebook = read_notebook(path)
    committed, again = outputs(notebook), outputs(executed(path, 3))
    of_the_reader = {cell.id for cell in notebook.cells if "nbval-ignore-output" in cell.metadata.get("tags", [])}
    for cell in committed.keys() - of_the_reader:
        assert again[cell] == committed[cell], f"cell {cell}"


def test_an_output_that_depends_on_the_hash_seed_would_be_seen(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("hash('a')", id="seeded")])
    path = tmp_path / "seeded.ipynb"
    nbformat.write(notebook, path)
    assert outputs(executed(path, 1)) != outputs(executed(path, 2))
    assert outputs(executed(path, 1)) == outputs(executed(path, 1))

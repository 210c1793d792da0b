"""Whose answer goes where: found by id, by task, by name, and nothing else of a submission taken over."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.grading.cells.defined_names import defined_names, needed_names
from course_lib.grading.cells.key import Key
from course_lib.grading.cells.notebooks import ANSWER, parse_notebook, role, task_of
from course_lib.grading.cells.splice import splice
from tests.grading.graded_course import CLINIC, DOUBLE, SOLVED, exercise_notebook, filled, solution_notebook, solved


@pytest.fixture
def key():
    notebook = solution_notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="the key's own output")]
    return Key("01_small", notebook)


def answers_in(spliced) -> dict[str, str]:
    return {task_of(cell): cell.source for cell in spliced.notebook.cells if role(cell) == ANSWER}


def cell_of(notebook, task):
    return next(cell for cell in notebook.cells if role(cell) == ANSWER and task_of(cell) == task)


def test_answers_take_the_place_of_the_keys_own(key):
    spliced = splice(solved(), key)
    assert answers_in(spliced) == SOLVED
    assert (spliced.remarks, spliced.untouched, spliced.missing) == ([], frozenset(), frozenset())


def test_neither_solution_nor_outputs_nor_walk_through_reach_the_kernel(key):
    spliced = splice(exercise_notebook(), key)
    sources = "\n".join(cell.source for cell in spliced.notebook.cells)
    assert "return 2 * number" not in sources
    assert "WALK" not in sources
    assert not any(cell.get("outputs") for cell in spliced.notebook.cells)
    assert "hidden-double" in {cell.id for cell in spliced.notebook.cells}
    assert "return 2 * number" in cell_of(key.notebook, "1.1").source, "the key itself must stay as it is"


def test_untouched_means_equal_to_the_stub_even_without_a_raise(key):
    notebook = filled({"1.1": SOLVED["1.1"]})
    cell_of(notebook, "1.3").source += "   \n\n"
    assert "NotImplementedError" not in cell_of(notebook, "1.3").source
    assert splice(notebook, key).untouched == {"1.2", "1.3"}


def test_one_of_two_blocks_done_is_not_untouched(key):
    notebook = filled(
        {"1.1": 'def double(number):\n    if number == 0:\n        return 0\n    raise NotImplementedError("task 1.1")'}
    )
    assert splice(notebook, key).untouched == {"1.2", "1.3"}


def test_a_renamed_id_is_found_by_its_task(key):
    notebook = solved()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"new-{number}"
    spliced = splice(notebook, key)
    assert answers_in(spliced) == SOLVED
    assert spliced.remarks == []


def test_lost_metadata_and_ids_leave_the_functions_name(key):
    notebook = solved(double="def double(number:\n    return 2")
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"new-{number}", {}
    spliced = splice(notebook, key)
    assert answers_in(spliced) == SOLVED | {"1.1": "def double(number:\n    return 2"}
    assert spliced.remarks == []


@pytest.mark.parametrize("tag", ["1.1", "task-1.1", "answer-1.1"])
def test_a_tag_names_the_task(key, tag):
    notebook = solved()
    cell = cell_of(notebook, "1.1")
    cell.id, cell.metadata = "elsewhere", {"tags": [tag]}
    assert answers_in(splice(notebook, key)) == SOLVED


def test_nbformat_without_ids(key):
    notebook = copy.deepcopy(solved())
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    read = parse_notebook(nbformat.v4.nbjson.writes(notebook), "old.ipynb")
    assert answers_in(splice(read, key)) == SOLVED


def test_positions_given_as_ids_are_not_mistaken_for_the_keys_own(key):
    """An old notebook's first cell is called cell-1 by the reader, whatever the key calls cell-1."""
    cell_of(key.notebook, "1.2").id = "cell-1"
    notebook = solved()
    notebook.cells.insert(0, new_code_cell("import math", id="cell-1"))
    for cell in notebook.cells[1:]:
        cell.id = f"other-{cell.id}"
    assert answers_in(splice(notebook, key)) == SOLVED


def test_a_cell_turned_into_markdown_is_read_and_remarked(key):
    notebook = solved()
    place = notebook.cells.index(cell_of(notebook, "1.2"))
    old = notebook.cells[place]
    notebook.cells[place] = new_markdown_cell(old.source, id=old.id, metadata=old.metadata)
    spliced = splice(notebook, key)
    assert answers_in(spliced) == SOLVED
    assert spliced.remarks == ["Task 1.2: the answer cell was a markdown cell; it was read as code."]


def test_markdown_turned_into_code_is_ignored(key):
    notebook = solved()
    notebook.cells[0] = new_code_cell("# Small\nThis is prose", id="title")
    assert answers_in(splice(notebook, key)) == SOLVED


def test_a_missing_answer_becomes_the_stub_and_is_named(key):
    notebook = solved()
    notebook.cells.remove(cell_of(notebook, "1.2"))
    spliced = splice(notebook, key)
    assert 'raise NotImplementedError("task 1.2")' in answers_in(spliced)["1.2"]
    assert spliced.missing == {"1.2"}
    assert spliced.untouched == {"1.2"}
    assert spliced.remarks == ["Task 1.2: the answer cell is missing."]


def test_of_a_copy_and_an_empty_original_the_written_one_counts(key):
    notebook = filled({})
    written = copy.deepcopy(cell_of(notebook, "1.1"))
    written.id, written.source = "copy", SOLVED["1.1"]
    notebook.cells.append(written)
    spliced = splice(notebook, key)
    assert answers_in(spliced)["1.1"] == SOLVED["1.1"]
    assert spliced.remarks == ["Task 1.1 has 2 answer cells; the one with an answer was graded."]


def test_of_two_written_answers_the_original_counts_and_is_remarked(key):
    notebook = solved()
    other = copy.deepcopy(cell_of(notebook, "1.1"))
    other.id, other.source = "copy", "def double(number):\n    return 0"
    notebook.cells.append(other)
    spliced = splice(notebook, key)
    assert answers_in(spliced)["1.1"] == SOLVED["1.1"]
    assert spliced.remarks == ["Task 1.1 was answered in 2 cells; the original one was graded."]


def test_of_two_copies_without_the_original_the_last_counts(key):
    notebook = solved()
    first = cell_of(notebook, "1.1")
    first.id, first.source = "one", "def double(number):\n    return 0"
    last = copy.deepcopy(first)
    last.id, last.source = "two", SOLVED["1.1"]
    notebook.cells.append(last)
    spliced = splice(notebook, key)
    assert answers_in(spliced)["1.1"] == SOLVED["1.1"]
    assert spliced.remarks == ["Task 1.1 was answered in 2 cells; the last one was graded."]


def test_checks_never_serve_as_answers(key):
    notebook = solved()
    notebook.cells.remove(cell_of(notebook, "1.1"))
    for cell in notebook.cells:
        if cell.id == "check-double":
            cell.metadata.tags = []
            cell.source = "double = lambda number: 2 * number\n" + cell.source
    assert splice(notebook, key).missing == {"1.1"}


def test_edited_checks_and_strangers_are_ignored(key):
    notebook = solved()
    for cell in notebook.cells:
        if cell.id.startswith("check"):
            cell.source = "print('all good')"
    notebook.cells.append(new_code_cell("import os; os._exit(0)"))
    spliced = splice(notebook, key)
    expected = [cell.source for cell in key.notebook.cells if cell.id.startswith("check")]
    assert [cell.source for cell in spliced.notebook.cells if cell.id.startswith("check")] == expected
    assert not any("os._exit" in cell.source for cell in spliced.notebook.cells)


def test_a_name_from_an_ungraded_cell_is_remarked(key):
    notebook = solved(total="def total(numbers):\n    return added(numbers)")
    notebook.cells.insert(2, new_code_cell("def added(numbers):\n    return sum(numbers)"))
    assert splice(notebook, key).remarks == [
        "Task 1.2 uses `added` from a cell that is not graded: move it into the answer cell."
    ]


def test_the_stub_of_a_clinic_is_its_exercise_block(key):
    assert CLINIC.count("max(numbers)") == 1
    assert DOUBLE in cell_of(key.notebook, "1.1").source
    assert "return numbers[0]" in answers_in(splice(exercise_notebook(), key))["1.3"]


def test_names_of_a_cell():
    source = "from a import b as c\nx, (y, z) = 1, (2, 3)\nclass K: ...\nfor i in (): q = i"
    assert defined_names(source) == {"c", "x", "y", "z", "K"}
    assert needed_names(
        "async def f(a, *rest, k=1):\n    try:\n        return g(a, len(rest))\n    except E as e:\n        return e"
    ) == {"g", "E"}
    assert defined_names("limit = 3\nif x == 2:\nasync def read(") == {"limit", "read"}

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.errors import BadInput
from course_lib.grading.cells.notebooks import (
    LARGEST,
    notebook_text,
    parse_notebook,
    read_notebook,
    role,
    task_of,
)

GOOD = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "markdown", "metadata": {}, "source": "Hi"}],
}


def file_with(folder, content) -> str:
    path = folder / "work.ipynb"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("Dear teacher,\nhere is my work", "is not a notebook: it stops being JSON at line 1"),
        (json.dumps(GOOD)[:60], "is cut off: it stops being JSON"),
        ("[1, 2]", "JSON but not a notebook"),
        ({"cells": []}, "it has no `nbformat`"),
        (GOOD | {"nbformat": 9}, "has nbformat 9, and the course reads 3 and 4"),
        (GOOD | {"nbformat": True}, "has nbformat True"),
        ({"nbformat": 3, "worksheets": 7}, "claims nbformat 3 but isn't"),
        (GOOD | {"cells": None}, "has no list of cells"),
        (GOOD | {"cells": []}, "has no cells"),
        (GOOD | {"cells": ["text"]}, "has a cell 1 that no notebook can have"),
        (GOOD | {"cells": [{"cell_type": "code", "source": 7}]}, "has a cell 1 that no notebook can have"),
        (GOOD | {"metadata": {"mean": float("nan")}}, "holds NaN, which JSON does not know"),
        ("[" * 100_000, "no program reads such JSON"),
    ],
)
def test_what_is_no_notebook_is_told_in_one_sentence(tmp_path, content, words):
    path = file_with(tmp_path, content)
    with pytest.raises(BadInput) as refusal:
        read_notebook(path)
    message = str(refusal.value)
    assert words in message
    assert str(path) in message
    assert "\n" not in message
    assert message.endswith(".")


def test_a_missing_file_names_the_nearest(tmp_path):
    file_with(tmp_path, GOOD)
    with pytest.raises(BadInput, match=r"There is no notebook .*wrok.ipynb; did you mean .*work.ipynb\?"):
        read_notebook(tmp_path / "wrok.ipynb")
    with pytest.raises(BadInput, match=r"the folder .* does not exist either"):
        read_notebook(tmp_path / "nowhere" / "work.ipynb")


def test_a_folder_a_picture_and_a_giant_are_refused(tmp_path):
    with pytest.raises(BadInput, match="is a folder, not a notebook"):
        read_notebook(tmp_path)
    (tmp_path / "picture.ipynb").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(BadInput, match=r"is not a text file"):
        read_notebook(tmp_path / "picture.ipynb")
    with open(tmp_path / "giant.ipynb", "wb") as giant:
        giant.truncate(LARGEST + 1)
    with pytest.raises(BadInput, match="is larger than 50 MB"):
        read_notebook(tmp_path / "giant.ipynb")


def test_old_notebooks_are_brought_up_to_date_with_ids_that_stay():
    old = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "collapsed": False, "input": ["x = 1\n", "x"], "language": "python", "metadata": {},
             "outputs": [], "prompt_number": 1},
            {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Task"]},
        ]}],
    }  # fmt: skip
    first, second = (parse_notebook(json.dumps(old), "old") for _ in range(2))
    assert first == second
    assert [cell.source for cell in first.cells] == ["x = 1\nx", "# Task"]
    assert [cell.id for cell in first.cells] == ["cell-1", "cell-2"]


def test_cells_without_or_with_the_same_id_get_their_own():
    cells = [{"cell_type": "code", "id": name, "source": ""} for name in ("a", "a", None, "b c", "a")]
    notebook = parse_notebook(json.dumps(GOOD | {"cells": cells}), "copied")
    assert [cell.id for cell in notebook.cells] == ["a", "a-2", "cell-3", "cell-4", "a-3"]
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("kind", "tags", "expected"),
    [
        ("code", ["answer"], "answer"), ("code", ["check"], "check"), ("code", ["hidden", "check"], "hidden check"),
        ("markdown", ["solution-only"], "solution-only"), ("code", ["answer", "solution-only"], "solution-only"),
        ("markdown", ["answer"], "other"), ("code", ["hidden"], "other"), ("code", "answer", "other"),
        ("code", [7], "other"),
    ],
)  # fmt: skip
def test_roles_follow_from_tags(kind, tags, expected):
    assert role(nbformat.from_dict({"cell_type": kind, "metadata": {"tags": tags}, "source": ""})) == expected


@pytest.mark.parametrize(("course", "expected"), [({"task": "1.2"}, "1.2"), ({"task": 1.2}, ""), ("1.2", ""), ({}, "")])
def test_the_task_is_read_from_metadata(course, expected):
    assert task_of(nbformat.from_dict({"cell_type": "code", "metadata": {"course": course}})) == expected


def test_the_text_is_byte_stable_and_readable():
    output = new_output(
        "display_data", {"text/plain": "a\nb", "application/vnd.course.check+json": {"b": ["x", "y"], "a": "é"}}
    )
    notebook = new_notebook(
        cells=[new_markdown_cell("# Ü\n✓", id="m"), new_code_cell("1\n2", id="c", outputs=[output])]
    )
    text = notebook_text(notebook)
    assert text.endswith("}\n")
    assert "# Ü\\n" in text
    assert '\n "cells"' in text
    read = parse_notebook(text, "stable.ipynb")
    assert notebook_text(read) == text
    assert read.cells[1].outputs[0].data["application/vnd.course.check+json"] == {"a": "é", "b": ["x", "y"]}
    assert read.cells[1].source == "1\n2"
    assert read.cells[1].outputs[0].data["text/plain"] == "a\nb"


def test_half_of_a_character_is_replaced_and_costs_nobody_the_notebook():
    cell = {"cell_type": "code", "metadata": {}, "source": ["x = '\ud83d'\n", "y = '\ud83d\ude00'"], "outputs": []}
    notebook = parse_notebook(json.dumps(GOOD | {"cells": [cell]}), "work.ipynb")
    assert notebook.cells[0].source == "x = '\N{REPLACEMENT CHARACTER}'\ny = '\N{GRINNING FACE}'"

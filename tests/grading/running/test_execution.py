import tempfile

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.grading.cells.notebooks import notebook_text
from course_lib.grading.running.execution import execute_all, kernel_environment, merge_streams, settled


def test_execution_leaves_neither_a_kernel_nor_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(psutil.Process().children(recursive=True))
    (executed,) = execute_all([(new_notebook(cells=[new_code_cell("1 + 1")]), tmp_path / "x.ipynb")], {})
    assert executed.cells[0].outputs[0].data["text/plain"] == "2"
    assert set(psutil.Process().children(recursive=True)) <= before
    assert list(tmp_path.iterdir()) == []


def stream(name, text):
    return new_output("stream", name=name, text=text)


def as_pairs(outputs):
    return [(output.get("name", output.output_type), output.get("text")) for output in outputs]


def test_the_pieces_in_which_text_arrived_do_not_matter():
    picture = new_output("display_data", {"text/plain": "a picture"})
    in_pieces = [stream("stdout", "a"), stream("stderr", "!"), stream("stdout", "b\n"), picture, stream("stdout", "c")]
    at_once = [stream("stderr", "!"), stream("stdout", "ab\n"), picture, stream("stdout", "c")]
    expected = [("stdout", "ab\n"), ("stderr", "!"), ("display_data", None), ("stdout", "c")]
    assert as_pairs(merge_streams(in_pieces)) == as_pairs(merge_streams(at_once)) == expected


def run_notebook(version, path, started, model):
    """What two runs on two machines would leave of the same notebook."""
    widget = {"text/plain": "IntSlider(value=3)", "application/vnd.jupyter.widget-view+json": {"model_id": model}}
    error = new_output("error", ename="ValueError", evalue="no", traceback=[f"{path}:3 in <module>", "ValueError: no"])
    code = new_code_cell(
        "slider",
        id="a",
        execution_count=7,
        outputs=[new_output("execute_result", widget, execution_count=7), error],
        metadata={"execution": {"iopub.execute_input": started}},
    )
    metadata = {
        "language_info": {"name": "python", "version": version},
        "widgets": {model: {}},
        "course": {"chapter": 1},
    }
    cells = [
        new_markdown_cell("Hi", id="m"),
        new_code_cell("", id="e"),
        code,
        new_code_cell("2", id="b", execution_count=9),
    ]
    return new_notebook(cells=cells, metadata=metadata)  # fmt: skip


def test_what_differs_between_machines_is_not_kept():
    one = settled(run_notebook("3.11.7", "/tmp/ipykernel_1/1.py", "2026-01-01", "aa"))
    other = settled(run_notebook("3.13.0", "/tmp/ipykernel_2/2.py", "2026-02-02", "bb"))
    assert notebook_text(one) == notebook_text(other)
    nbformat.validate(one)
    assert one.metadata == {
        "course": {"chapter": 1}, "language_info": {"name": "python"},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    }  # fmt: skip
    assert one.cells[2].outputs[0].data == {"text/plain": "IntSlider(value=3)"}
    assert one.cells[2].outputs[1].traceback == ["\x1b[31mValueError\x1b[39m: no"]


def test_cells_are_numbered_from_one_and_empty_ones_not_at_all():
    notebook = settled(run_notebook("3.11.7", "x", "y", "z"))
    assert [cell.get("execution_count") for cell in notebook.cells] == [None, None, 1, 2]
    assert notebook.cells[2].outputs[0].execution_count == 1


def test_a_kernel_inherits_neither_a_mode_nor_pytests_mark(monkeypatch):
    monkeypatch.setenv("COURSE_MODE", "grade")
    environment = kernel_environment({"COURSE_REFERENCES": "here"})
    assert "COURSE_MODE" not in environment
    assert "PYTEST_CURRENT_TEST" not in environment
    assert environment["COURSE_REFERENCES"] == "here"
    assert environment["PYTHONPATH"]

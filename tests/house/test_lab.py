"""JupyterLab in headless Chromium: every chapter opened, Run All, no error; an explorer moved by its slider."""

import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.house.course_files import notebooks_in
from tests.house.lab import Lab, chromium, unplanned_errors

CHAPTERS = notebooks_in("notebooks")
REQUIRED = os.environ.get("CI_REQUIRE_BROWSER") or os.environ.get("CI")

pytestmark = pytest.mark.skipif(
    chromium() is None and not REQUIRED, reason="no Chromium on this machine; install Debian's package chromium"
)

PICTURE_WITH_SLIDER = """
import io
import ipywidgets as widgets
from matplotlib.figure import Figure

def draw(bars):
    png, figure = io.BytesIO(), Figure(figsize=(2, 1))
    figure.subplots().bar(range(bars), range(bars))
    figure.savefig(png)
    return png.getvalue()

slider, image = widgets.IntSlider(value=5, min=1, max=9, continuous_update=False), widgets.Image(value=draw(5))
slider.observe(lambda change: setattr(image, "value", draw(change.new)), names="value")
widgets.VBox([slider, image])
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A notebook with a slider, a planned error, an unplanned one, and a cell that is never reached."""
    planned = {"tags": ["raises-exception"]}
    cells = [
        new_code_cell(PICTURE_WITH_SLIDER, id="slider"),
        new_code_cell("{}['key']", id="planned", metadata=planned),
        new_code_cell("1 / 0", id="unplanned"),
        new_code_cell("print('not reached')", id="after"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    path = tmp_path_factory.mktemp("sample") / "sample.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def lab(sample):
    with Lab(sample) as running:
        yield running


def test_an_unplanned_error_is_found_and_a_planned_one_is_not(lab):
    with lab.open("sample.ipynb") as notebook:
        content = notebook.run_all()
    assert unplanned_errors(content) == ["unplanned: ZeroDivisionError: division by zero"]
    assert [cell["execution_count"] for cell in content["cells"]] == [1, 2, 3, None]


def test_a_picture_changes_with_its_slider_and_only_then(lab):
    with lab.open("sample.ipynb") as notebook:
        notebook.run_all()
        before = notebook.widget_pictures()
        assert len(before) == 1
        assert notebook.wait_for_new_picture(before, seconds=0.5) == before
        notebook.move_slider()
        assert notebook.wait_for_new_picture(before) != before


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_in_jupyterlab(lab, path):
    with lab.open(f"notebooks/{path.name}") as notebook:
        content = notebook.run_all()
        assert unplanned_errors(content) == []
        assert notebook.page.get_by_text("Error displaying widget").count() == 0
        assert notebook.page.get_by_text("Loading widget...").count() == 0


def test_the_latency_explorer_moves(lab):
    """A reader without a mouse moves each of its sliders; the figure and the sentence under it follow."""
    with lab.open("notebooks/01_many_calls_at_once.ipynb") as notebook:
        notebook.run_all()
        handles = notebook.sliders().count()
        assert handles >= 4
        for number in range(handles):
            pictures = notebook.widget_pictures()
            assert pictures
            notebook.move_slider(number, key="ArrowLeft" if number < handles - 1 else "ArrowRight")
            assert notebook.wait_for_new_picture(pictures) != pictures, f"slider {number} moves nothing"

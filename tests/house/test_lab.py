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


def written(folder, name, cells):
    """A notebook in a folder, as a file."""
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    nbformat.write(notebook, folder / name)
    return folder / name


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
    return written(tmp_path_factory.mktemp("sample"), "sample.ipynb", cells)


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    """A notebook with the latency explorer alone."""
    cell = new_code_cell("from course_lib import show\nshow.latency_explorer()", id="explorer")
    return written(tmp_path_factory.mktemp("explorer"), "explorer.ipynb", [cell])


@pytest.fixture(scope="module")
def lab(sample, explorer):
    with Lab(sample, explorer) as running:
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
    """A reader without a mouse moves each of its sliders; its label, the figure and the sentence under it follow."""
    with lab.open("explorer.ipynb") as notebook:
        notebook.run_all()
        for number, (key, times, label, line) in enumerate(
            [
                ("ArrowLeft", 3, "Documents: 7", "7 calls"),
                ("ArrowLeft", 3, "Seconds per call: 1.5", "One after another: 10.5 s"),
                ("ArrowLeft", 6, "At most at once: 4", "At most 4 at once: 3.0 s"),
                ("ArrowRight", 3, "Variation: 30 %", "times as fast"),
            ]
        ):
            before = notebook.widget_pictures()
            notebook.move_slider(number, key, times)
            notebook.wait_for_words(label, line)
            assert notebook.wait_for_new_picture(before) != before, f"slider {number} moves nothing"

import pytest

from course_lib.show import style


@pytest.fixture
def inside():
    """A check that no text of a picture leaves its page."""

    def check(picture):
        figure = picture.figure
        with style.drawing():
            figure.set_dpi(200)  # as it is saved: fonts have other widths at other densities
            for axes in figure.axes:
                for text in axes.texts:
                    box = text.get_window_extent()
                    assert box.x0 >= -1 and box.x1 <= figure.bbox.width + 1, text.get_text()
                    assert box.y0 >= -1 and box.y1 <= figure.bbox.height + 1, text.get_text()

    return check

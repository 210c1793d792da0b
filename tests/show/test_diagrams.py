"""Diagrams: boxes never overlap, text stays in its box and on the page."""

import itertools

import pytest
from matplotlib.patches import FancyBboxPatch

from course_lib.errors import BadInput
from course_lib.show.course_maps import draw_course_map
from course_lib.show.diagrams import draw_chain, draw_fan_out, draw_voters

LONG = "the synthesis of everything that was found\nby another call of the very same model, carefully"
CHAPTERS = ["00_start_here", "01_many_calls_at_once", "02_sectioning", "03_voting", "07_cost_speed_confidence"]


def boxes(picture):
    """(left, top, right, bottom) of every box."""
    return [
        (box.get_x(), box.get_y(), box.get_x() + box.get_width(), box.get_y() + box.get_height())
        for box in picture.figure.axes[0].patches
        if isinstance(box, FancyBboxPatch)
    ]


def check_layout(picture, count):
    found = boxes(picture)
    assert len(found) == count
    width, height = (size * 100 for size in picture.figure.get_size_inches())
    for left, top, right, bottom in found:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in itertools.combinations(found, 2):
        assert r1 < l2 or r2 < l1 or b1 < t2 or b2 < t1, "two boxes overlap"


def texts_in_boxes(picture):
    from course_lib.show import style

    with style.drawing():
        picture.figure.set_dpi(200)
        to_page = picture.figure.axes[0].transData.inverted()
        for text in picture.figure.axes[0].texts:
            if text.get_color() == "white":
                (x0, y0), (x1, y1) = to_page.transform(text.get_window_extent().get_points())
                yield any(
                    left <= x0 and x1 <= right and top <= min(y0, y1) and max(y0, y1) <= bottom
                    for left, top, right, bottom in boxes(picture)
                )


@pytest.mark.parametrize("count", [1, 2, 3, 8])
@pytest.mark.parametrize("name", ["style", "summarise\nchapter 3", LONG])
def test_fan_out_of_any_size(count, name, inside):
    picture = draw_fan_out(name, [f"{name} {number}" for number in range(count)], name)
    check_layout(picture, count + 2)
    inside(picture)
    assert all(texts_in_boxes(picture))


def test_fan_out_in_words():
    picture = draw_fan_out("split by\nchapter", ["one", "two"], "join")
    assert picture.description == "split by chapter → 2 side by side (one, two) → join."


def test_voters_in_words():
    picture = draw_voters("Is it spam?", ["voter 1", "voter 2", "voter 3"], "majority")
    check_layout(picture, 5)
    assert picture.description == "Is it spam? → asked 3 times (voter 1, voter 2, voter 3) → majority."


@pytest.mark.parametrize("count", [1, 2, 4, 9])
@pytest.mark.parametrize("name", ["draft", LONG])
def test_chain_of_any_length(count, name, inside):
    picture = draw_chain([f"{number} {name}" for number in range(count)])
    check_layout(picture, count)
    inside(picture)
    assert all(texts_in_boxes(picture))


def test_the_map_says_where_the_reader_is(inside):
    picture = draw_course_map(CHAPTERS, here="01")
    check_layout(picture, 5)
    inside(picture)
    assert picture.description.startswith("00 Start here → 01 Many calls at once → ")
    assert picture.description.endswith("You are in 01.")


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda: draw_fan_out("a", [], "b"), "no workers"),
        (lambda: draw_voters("a", [], "b"), "no voters"),
        (lambda: draw_chain([]), "no steps"),
        (lambda: draw_course_map([]), "no chapters"),
        (lambda: draw_course_map(CHAPTERS, here="12"), "no chapter '12'"),
    ],
)
def test_bad_input(draw, message):
    with pytest.raises(BadInput, match=message):
        draw()

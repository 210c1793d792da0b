"""Comparisons and tables: values in proportion, numbers right, HTML and plain text with the same content."""

import re
from html import unescape

import pytest

from course_lib.errors import BadInput
from course_lib.show import table
from course_lib.show.comparisons import draw_comparison
from course_lib.show.tables import table_of


def test_bars_are_in_proportion(inside):
    picture = draw_comparison(
        {"one after another": 30.0, "at once": 3.0}, "seconds", "Ten times as fast", highlight="at once"
    )
    widths = {patch.get_gid(): patch.get_width() for patch in picture.figure.axes[0].patches}
    assert widths["one after another"] == pytest.approx(10 * widths["at once"])
    assert picture.description == "Ten times as fast. seconds: one after another 30, at once 3."
    inside(picture)


def test_zero_and_long_names_fit(inside):
    inside(draw_comparison([("a name " * 20, 0), ("b", 0)], "calls", "Nothing was called"))


@pytest.mark.parametrize(
    "rows, highlight, message",
    [
        ({}, None, "no rows"),
        ({"a": -1}, None, "-1 for 'a'"),
        ({"a": float("nan")}, None, "nan for 'a'"),
        ({"a": "3"}, None, "'3' for 'a'"),
        ({"a": 1}, "b", "no row 'b'"),
    ],
)
def test_bad_comparisons(rows, highlight, message):
    with pytest.raises(BadInput, match=message):
        draw_comparison(rows, "seconds", "title", highlight=highlight)


ROWS = [("one <after> another", 30.0, 10, 0.00035), ("at once | all", 3.0, 1200, None)]
COLUMNS = ["way", "seconds", "calls", "cost"]


def test_html_and_plain_text_say_the_same():
    made = table_of(ROWS, COLUMNS)
    bundle = made._repr_mimebundle_()
    cells = [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", bundle["text/html"])]
    assert cells == [*made.columns, *made.cells[0], *made.cells[1]]
    plain = [line for line in bundle["text/plain"].splitlines() if "─" not in line]
    assert [re.split(r" {2,}", line) for line in plain] == [list(made.columns), *map(list, made.cells)]


def test_numbers_stand_on_the_right():
    made = table_of(ROWS, COLUMNS)
    assert made.right == (False, True, True, True)
    assert made.cells == (("one <after> another", "30", "10", "0.000350"), ("at once | all", "3", "1,200", "–"))
    assert '<td style="text-align:right">1,200</td>' in made._repr_mimebundle_()["text/html"]


def test_so_many_of_so_many_are_numbers_too():
    assert table_of([(30.0, "50 of 64"), (3.0, "1,200 of 1,300")], ["seconds", "right"]).right == (True, True)
    assert table_of([("50 of 64",), ("half of 64",)], ["right"]).right == (False,)


def test_code_in_backticks_is_code():
    made = table_of([("`max_at_once=<10>`", 3)], ["`setting`", "seconds"])
    html = made._repr_mimebundle_()["text/html"]
    assert ">`" not in html and "<code>max_at_once=&lt;10&gt;</code>" in html and "<code>setting</code>" in html


def test_dicts_bring_their_columns():
    assert repr(table_of([{"a": 1, "b": "x"}, {"a": 2}])) == "a  b\n─  ─\n1  x\n2  –"


def test_an_empty_table_has_its_headings():
    assert repr(table_of([], ["a", "b"])) == "a  b\n─  ─"


@pytest.mark.parametrize(
    "rows, columns, message",
    [
        ([(1, 2)], None, "needs the columns"),
        ([(1, 2)], ["a"], "2 cells but the table has 1"),
        ([], [], "no columns"),
    ],
)
def test_bad_tables(rows, columns, message):
    with pytest.raises(BadInput, match=message):
        table_of(rows, columns)


def test_a_script_prints_the_table(capsys):
    table([("x", 1)], ["a", "b"])
    assert capsys.readouterr().out == "a  b\n─  ─\nx  1\n"

"""Key figures on the page: bars as long as their numbers, one claim, tables of one run and of several."""

import pytest

from course_lib.claude import Call, CallLog
from course_lib.claude.calls import Attempt
from course_lib.errors import BadInput
from course_lib.kpis import Quality, kpis
from course_lib.show.kpi_pictures import claim, draw_kpis, kpi_chart, kpi_table, kpi_table_of


def log(*spans, tokens=100, status="ok"):
    return CallLog([Call(n, f"call {n}", "m", "p", start, [Attempt(start, end, 200)], status, input_tokens=tokens)
                    for n, (start, end) in enumerate(spans)])


FAST = kpis(log((0, 3), (0, 3), (0, 3)), sequential=log((0, 3), (3, 6), (6, 9)), one_call=log((0, 3)),
            quality=Quality(20, 0.95, 0.9, 0.8))
BARE = kpis(log((0, 3)))


def bars(picture):
    return {patch.get_gid(): patch.get_width() for patch in picture.figure.axes[0].patches}


def test_bars_are_as_long_as_their_numbers(inside):
    picture = draw_kpis(FAST)
    inside(picture)
    lengths = [patch.get_width() for patch in picture.figure.axes[0].patches if patch.get_gid() != "whole"]
    sequential, run, one_call, tokens, refused, accuracy, precision, recall = lengths
    assert run == pytest.approx(sequential / 3) and one_call == pytest.approx(tokens / 3)
    whole = bars(picture)["whole"]
    assert [refused, accuracy, precision, recall] == pytest.approx([1, 0.95 * whole, 0.9 * whole, 0.8 * whole])


def test_the_title_is_the_claim():
    assert claim(FAST) == "3.0 times as fast, for 3.0 times the tokens, 95 % right"
    assert claim(BARE) == "No faster than one after another"
    assert claim(kpis(log((0, 4)), sequential=log((0, 2)))) == "Slower: 2.0 times the time"
    lost = kpis(log((0, 1), (0, 1), status="failed"), sequential=log((0, 2)), quality=FAST.quality)
    assert claim(lost) == "2.0 times as fast, 2 of 2 calls without an answer"


def test_without_baselines_there_is_less_to_draw(inside):
    picture = draw_kpis(BARE, title="One call")
    inside(picture)
    assert set(bars(picture)) == {"one after another (reckoned)", "this run", "answered 429", "whole"}


def test_in_words():
    words = draw_kpis(FAST).description
    assert words.startswith("Latency reduction 67 % (3.0 s instead of 9.0 s); token multiplier 3.0×; throttle rate 0 %")
    assert words.endswith(".") and "\n" not in words


def test_a_table_of_several_runs():
    table = kpi_table_of(FAST, BARE, names=["three votes", "one call"])
    assert table.columns == ("figure", "three votes", "one call")
    cells = {name: values for name, *values in table.cells}
    assert cells["accuracy"] == ["95 %", "–"] and cells["token multiplier"] == ["3.0×", "–"]
    assert cells["calls"] == ["3", "1"]


def test_a_script_prints_them(capsys):
    kpi_chart(BARE)
    kpi_table(BARE)
    printed = capsys.readouterr().out
    assert printed.startswith("Latency reduction 0 %") and "makespan" in printed and "this run" in printed


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda: kpi_table(), r"kpi_table\(\) got no figures"),
        (lambda: draw_kpis(log((0, 1))), "shows Kpis, not CallLog"),
        (lambda: kpi_table(FAST, names=["a", "b"]), "got 1 runs but 2 names"),
    ],
)
def test_bad_input(draw, message):
    with pytest.raises(BadInput, match=message):
        draw()

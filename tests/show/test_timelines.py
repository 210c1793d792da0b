"""The timeline: every bar from its own call's record, and a sentence that says the same."""

import pytest

from course_lib.claude import Call, CallLog, connect
from course_lib.claude.calls import Attempt
from course_lib.errors import BadInput
from course_lib.kpis import critical_path, kpis
from course_lib.show.timelines import Bar, bars, describe, draw_timeline, draw_wrong_timeline, wrong_bars


def call(number, label, queued, *attempts, status="ok"):
    return Call(number, label, "claude-haiku-5-5", "prompt", queued, [Attempt(*attempt) for attempt in attempts], status)


def log_of(durations, *, zero=0.0):
    return CallLog([call(i, f"piece {i}", zero, (zero, zero + d, 200)) for i, d in enumerate(durations)])


ASPECTS = log_of([0.40, 0.10, 0.30, 0.20], zero=7.0)


def drawn(picture, wanted=("running", "wrong")):
    """(row, start, length) of the rectangles on the page, in row order."""
    found = []
    for axes in picture.figure.axes:
        for patch in axes.patches:
            kind, _, row = (patch.get_gid() or "").rpartition(" ")
            if kind in wanted:
                found.append((int(row), round(patch.get_x(), 9), round(patch.get_width(), 9)))
    return sorted(found)


def texts(picture):
    return [text.get_text() for axes in picture.figure.axes for text in axes.texts]


def test_bars_are_drawn_as_the_calls_were():
    assert drawn(draw_timeline(ASPECTS)) == [(0, 0, 0.4), (1, 0, 0.1), (2, 0, 0.3), (3, 0, 0.2)]


def test_the_naive_pairing_is_drawn_wrong_and_says_so():
    picture = draw_wrong_timeline(ASPECTS)
    assert drawn(picture) == [(0, 0, 0.1), (1, 0, 0.2), (2, 0, 0.3), (3, 0, 0.4)] != drawn(draw_timeline(ASPECTS))
    assert picture.description.startswith("Wrong on purpose: drawn as 0.10 s, 0.20 s, 0.30 s, 0.40 s")
    assert "0.40 s, 0.10 s, 0.30 s, 0.20 s" in picture.description
    assert any("WRONG" in text for text in texts(picture))


def test_equal_labels_are_numbered_on_the_page_and_in_words():
    log = CallLog([call(place, label, place, (place, place + 1.0, 200)) for place, label in enumerate(("vote", "join", "vote"))])
    picture = draw_timeline(log)
    assert [text for text in texts(picture) if text.startswith(("vote", "join"))] == ["vote", "join", "vote (2)"]
    assert picture.description.endswith("critical path: vote → join → vote (2).")


def test_the_number_of_a_long_label_is_not_cut_off(inside):
    label = "Is this e-mail spam? Answer yes or no, and nothing else, and do not explain your answer"
    picture = draw_timeline(CallLog([call(number, label, 0.0, (0.0, 1.0, 200)) for number in range(12)]))
    assert [text[-6:] for text in texts(picture) if text.startswith("Is this")][9:] == ["… (10)", "… (11)", "… (12)"]
    inside(picture)


def test_a_run_starts_at_its_first_moment_in_line():
    log = CallLog([call(0, "a", 10.0, (12.0, 15.0, 200)), call(1, "b", 11.0, (11.0, 12.0, 200))])
    assert bars(log) == [Bar(0, "queued", 0, 2), Bar(0, "running", 2, 5), Bar(1, "running", 1, 2)]


def test_refused_attempts_and_backing_off_are_seen():
    log = CallLog([call(0, "a", 0.0, (0.0, 0.5, 429), (2.0, 5.0, 200))])
    assert bars(log) == [Bar(0, "failed", 0, 0.5, "429"), Bar(0, "backing off", 0.5, 2), Bar(0, "running", 2, 5)]


@pytest.mark.parametrize("status, symbol", [("failed", "✕"), ("cancelled", "⊘")])
def test_bad_ends_have_a_symbol_and_a_word_besides_their_colour(status, symbol):
    log = CallLog([call(0, "a", 0.0, (0.0, 3.0, 200)), call(1, "b", 0.0, (0.0, 2.0, None), status=status)])
    picture = draw_timeline(log)
    assert drawn(picture, (status,)) == [(1, 0, 2)]
    assert f"{symbol} {status} 2.0 s" in texts(picture)
    assert f"1 {status}" in picture.description


def test_a_call_that_still_runs_reaches_to_the_last_known_moment():
    log = CallLog([call(0, "a", 0.0, (0.0, 3.0, 200)), call(1, "b", 0.0, (1.0, None, None), status="running")])
    assert bars(log)[-1] == Bar(1, "unfinished", 1, 3)
    assert "1 not finished" in draw_timeline(log).description


def test_nothing_finished_yet_is_drawn_too():
    log = CallLog([call(0, "a", 2.0, (2.0, None, None), status="running")])
    assert "1 not finished" in draw_timeline(log).description


def test_several_runs_share_one_axis():
    slow = CallLog([call(i, f"chapter {i}", 3.0 * i, (3.0 * i, 3.0 * i + 3, 200)) for i in range(10)])
    fast = log_of([3.0] * 10, zero=50.0)
    picture = draw_timeline(slow, fast, names=["One after another", "All at once"])
    assert "All at once: 3.0 s instead of 30.0 s" in texts(picture)
    lines = picture.description.splitlines()
    assert lines[0].startswith("One after another: 30.0 s for 10 calls, at most 1 in flight, 30.0 s of calls added up")
    assert lines[1].startswith("All at once: 3.0 s for 10 calls, at most 10 in flight, 30.0 s of calls added up")
    _, first, second = picture.figure.axes
    scales = [axes.get_position().width / (axes.get_xlim()[1] - axes.get_xlim()[0]) for axes in (first, second)]
    assert scales[0] == pytest.approx(scales[1])
    assert first.get_position().x0 == second.get_position().x0


def test_the_critical_path_goes_back_from_the_last_end():
    spans = {"outline": (0.0, 2.0), "short": (2.0, 3.0), "long": (2.0, 6.0), "join": (6.0, 7.0)}
    log = CallLog([call(number, name, start, (start, end, 200)) for number, (name, (start, end)) in enumerate(spans.items())])
    assert [step.label for step in critical_path(log)] == ["outline", "long", "join"]
    assert describe(log).endswith("critical path: outline → long → join.")


def test_a_long_critical_path_is_shortened():
    log = CallLog([call(i, f"c{i}", i, (i, i + 1, 200)) for i in range(9)])
    assert describe(log).endswith("critical path: c0 → … → c8 (9 calls).")


def test_calls_without_duration_do_not_loop():
    log = CallLog([call(i, f"c{i}", 1.0, (1.0, 1.0, 200)) for i in range(4)])
    assert len(critical_path(log)) == 1
    assert draw_timeline(log).description.startswith("0.00 s for 4 calls")


@pytest.mark.parametrize("count", [1, 12, 13, 40, 41, 200])
def test_any_number_of_calls_fits_on_the_page(count, inside):
    label = "a label that is really rather long for a row " * 2
    picture = draw_timeline(CallLog([call(i, label, 0.0, (i / 7, i / 7 + 2, 200)) for i in range(count)]))
    assert len(drawn(picture)) == count
    assert picture.figure.get_size_inches()[1] <= 9
    labelled = any("label" in text for text in texts(picture))
    assert labelled == (count <= 40)
    inside(picture)


def test_texts_stay_on_the_page_when_calls_end_badly(inside):
    log = CallLog(
        [
            call(0, "a very long label indeed, longer than its column can be", 0.0, (0.0, 9.0, 500), status="failed"),
            call(1, "b", 0.0, (0.0, 9.0, None), status="cancelled"),
            call(2, "c", 0.0, (0.0, 0.0, 429), (4.0, 9.0, 200)),
        ]
    )
    inside(draw_timeline(log, title="A claim that needs more than one line, because it says a great deal, and at length " * 2))


@pytest.mark.parametrize(
    "arguments, options, message",
    [
        ((), {}, "got no run"),
        ((CallLog(),), {}, "The run has no calls"),
        ((ASPECTS, CallLog()), {}, "Run 2 has no calls"),
        (([1, 2],), {}, "not a list; write"),
        ((connect(),), {}, "not a connection; write"),
        ((ASPECTS,), {"names": ["a", "b"]}, "1 runs but 2 names"),
    ],
)
def test_bad_input_says_what_to_write(arguments, options, message):
    with pytest.raises(BadInput, match=message):
        draw_timeline(*arguments, **options)


def test_wrong_bars_of_calls_that_ended_in_order_happen_to_be_right():
    log = log_of([1.0, 2.0, 3.0])
    assert [(bar.started, bar.ended) for bar in wrong_bars(log)] == [(bar.started, bar.ended) for bar in bars(log)]


def test_the_caption_names_the_path_of_the_key_figures():
    spans = {"one": (0.0, 1.0, 200), "two": (0.0, 2.0, 200), "three": (2.5, 4.0, 200)}
    gaps = CallLog([call(number, name, span[0], span) for number, (name, span) in enumerate(spans.items())])
    assert kpis(gaps).critical_path == ("two", "three")
    assert describe(gaps).endswith("critical path: two → three.")

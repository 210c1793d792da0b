"""Ballots: every one is drawn once, the winner stands out, what gave no answer stands apart."""

from types import SimpleNamespace

import pytest

from course_lib.errors import BadInput
from course_lib.show.ballot_rows import draw_ballots, sorted_tally
from course_lib.voting import majority_vote


def verdict(**changes):
    usual = {"answer": "spam", "status": "decided", "tally": {"not spam": 1, "spam": 2}, "abstentions": 0, "failures": 0,
             "confidence": 2 / 3, "interval": (0.2077, 0.9385), "agreement": "2/3"}
    return SimpleNamespace(**usual | changes)


def marks(picture):
    """How many marks of each look, and the length of each."""
    found = {}
    for patch in picture.figure.axes[0].patches:
        found.setdefault(patch.get_gid(), []).append(patch.get_width())
    return found


def texts(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def test_a_square_per_ballot():
    picture = draw_ballots(verdict(abstentions=3, failures=("time-out", "429")))
    assert {look: len(found) for look, found in marks(picture).items()} == {"won": 2, "lost": 1, "open": 3, "cross": 2}
    assert "spam wins 2/3" in texts(picture) and "2 votes ✓" in texts(picture)
    assert picture.description == (
        "spam wins 2/3: spam 2, not spam 1; 3 abstentions, 2 failures; confidence 0.67 (0.21 to 0.94)."
    )


def test_the_real_verdict():
    ballots = ["spam", "Spam.", "not spam", None, TimeoutError()]
    picture = draw_ballots(majority_vote(ballots))
    assert {look: len(found) for look, found in marks(picture).items()} == {"won": 2, "lost": 1, "open": 1, "cross": 1}
    assert "spam wins 2/3" in texts(picture)


def test_a_tie_has_no_winner():
    picture = draw_ballots(majority_vote(["approve", "reject"]))
    assert set(marks(picture)) == {"lost"} and "No decision: tie" in texts(picture)


def test_order_of_the_ballots_never_shows():
    one, other = draw_ballots(verdict()), draw_ballots(verdict(tally={"spam": 2, "not spam": 1}))
    assert one.png == other.png
    assert sorted_tally({"b": 1, "a": 1}) == sorted_tally({"a": 1, "b": 1})


def test_weights_are_bars_in_proportion():
    found = marks(draw_ballots(verdict(tally={"spam": 2.5, "not spam": 1.25})))
    assert found["won"][0] == pytest.approx(2 * found["lost"][0])


def test_a_crowd_of_ballots_fits(inside):
    picture = draw_ballots(verdict(tally={"an answer that is far too long to stand in front of its bar " * 2: 400, "b": 3}))
    assert len(marks(picture)["lost"]) == 2
    inside(picture)


def test_several_answers_may_stand():
    tally = {"sql": 3, "password": 2, "style": 1}
    picture = draw_ballots(verdict(answer=("sql", "password"), tally=tally, agreement=""))
    assert len(marks(picture)["won"]) == 5 and "2 answers stand: sql, password" in texts(picture)


def test_only_abstentions():
    picture = draw_ballots(verdict(answer=None, status="no votes", tally={}, abstentions=2, agreement="0/0"))
    assert set(marks(picture)) == {"open"} and "No decision: no votes" in texts(picture)


def test_an_empty_box_is_bad_input():
    with pytest.raises(BadInput, match="no ballots"):
        draw_ballots(verdict(answer=None, tally={}))


def test_a_fallback_does_not_win():
    picture = draw_ballots(verdict(answer="ask a person", status="tie", tally={"spam": 1, "ham": 1}, agreement="1/2"))
    assert "Fallback: ask a person (tie)" in texts(picture)
    assert "won" not in marks(picture)


def test_nothing_found_is_a_result():
    picture = draw_ballots(verdict(answer=(), tally={}, agreement="0/3"))
    assert "No findings" in texts(picture) and marks(picture) == {}


def test_ballots_that_nobody_has_counted():
    with pytest.raises(BadInput, match=r"draws a Verdict, not list; write ballots\(majority_vote"):
        draw_ballots(["spam", "ham"])


def test_numbers_stand_by_size():
    assert sorted_tally({14: 2, 6: 2, 100: 3}) == [(100, 3), (6, 2), (14, 2)]

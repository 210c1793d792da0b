"""`statistics.mode` gives the first of several most common values: in a tie, who voted first decides, and nobody is told."""

import itertools
import statistics

import pytest

from course_lib.voting import majority_vote, plurality_vote, threshold_vote, vote_with_confidence

TIE = ["spam", "ham", "ham", "spam"]
OURS = [majority_vote, plurality_vote, vote_with_confidence, lambda ballots: threshold_vote(ballots, 0.5)]


def broken_vote(ballots):
    return statistics.mode(ballots)


def demand(vote):
    """The order of the ballots changes nothing."""
    assert len({vote(list(order)) for order in itertools.permutations(TIE)}) == 1


def test_the_broken_way_depends_on_the_order():
    assert (broken_vote(["spam", "ham"]), broken_vote(["ham", "spam"])) == ("spam", "ham")
    assert {broken_vote(list(order)) for order in itertools.permutations(TIE)} == {"spam", "ham"}
    with pytest.raises(AssertionError):
        demand(broken_vote)


@pytest.mark.parametrize("decide", OURS, ids=["majority", "plurality", "confidence", "threshold"])
def test_ours_calls_a_tie_a_tie_in_any_order(decide):
    demand(lambda ballots: decide(ballots).answer)
    for order in itertools.permutations(TIE):
        verdict = decide(list(order))
        assert (verdict.answer, verdict.status, list(verdict.tally.items())) == (None, "tie", [("ham", 2), ("spam", 2)])

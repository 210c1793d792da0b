"""`choice in reply` finds an answer inside its own opposite."""

from collections import Counter

import pytest

from course_lib.voting import majority_vote
from course_lib.voting.normalizing import label

CHOICES = ("acceptable", "rejected")
CASES = {"unacceptable": "acceptable", "This is unacceptable.": "acceptable", "not rejected": "rejected",
         "It was NOT rejected!": "rejected", "not acceptable": "acceptable"}
"""What the voter says, and what a search for substrings makes of it."""


def broken_normaliser(reply):
    for choice in CHOICES:
        if choice in reply.lower():
            return choice
    return None


ours = label(*CHOICES)


def demand(normalise):
    """Nobody's answer is turned into its opposite."""
    assert [said for said, opposite in CASES.items() if normalise(said) == opposite] == []


def test_the_broken_way_reads_opposites():
    assert {said: broken_normaliser(said) for said in CASES} == CASES
    with pytest.raises(AssertionError):
        demand(broken_normaliser)


def test_ours_reads_whole_words_and_abstains_from_denials():
    demand(ours)
    assert [ours(said) for said in CASES] == [None] * len(CASES)
    assert [ours(said) for said in ("Acceptable.", "I'd call it rejected")] == ["acceptable", "rejected"]


def test_in_a_vote_the_broken_way_elects_what_nobody_wanted():
    ballots = ["Unacceptable", "unacceptable!", "rejected"]
    assert Counter(map(broken_normaliser, ballots)).most_common(1) == [("acceptable", 2)]
    verdict = majority_vote(ballots, normalize=ours, quorum=2)
    assert (verdict.answer, verdict.status, verdict.abstentions) == (None, "no quorum", 2)

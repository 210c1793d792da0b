"""Counting raw replies splits one opinion into many spellings, and the minority that spells alike wins."""

from collections import Counter

import pytest

from course_lib.claude import run_simulated
from course_lib.voting import majority_vote, plurality_vote
from course_lib.voting.ballot_box import cast
from course_lib.voting.normalizing import label

REPLIES = ["SPAM", "SPAM", "Not", "NOT SPAM", "Not spam."]
"""Two say that it is spam; three do not."""


def voters():
    """An `ask` that gives the replies in turn."""
    replies = iter(REPLIES)

    async def ask(_prompt):
        return next(replies)

    return ask


async def broken_is_spam(ask, mail):
    votes = [await ask(f"Spam or not? {mail}") for _ in range(5)]
    winner, _count = Counter(vote.strip().upper() for vote in votes).most_common(1)[0]
    return winner == "SPAM"


async def ours(ask, mail):
    ballots = await cast(ask, [f"Spam or not? {mail}"] * 5)
    return majority_vote(ballots, normalize=label("spam", "not spam")).answer == "spam"


def demand(is_spam):
    """Two votes of five condemn no mail."""
    assert not run_simulated(is_spam(voters(), "Lunch at noon?"))


def test_the_broken_way_elects_spam_with_two_of_five():
    assert Counter(reply.strip().upper() for reply in REPLIES) == {"SPAM": 2, "NOT": 1, "NOT SPAM": 1, "NOT SPAM.": 1}
    assert run_simulated(broken_is_spam(voters(), "Lunch at noon?")) is True
    with pytest.raises(AssertionError):
        demand(broken_is_spam)


def test_ours_condemns_nothing_by_a_minority():
    demand(ours)


@pytest.mark.parametrize("decide", [majority_vote, plurality_vote])
def test_the_verdict_says_why(decide):
    verdict = decide(REPLIES, normalize=label("spam", "not spam"))
    assert (verdict.answer, verdict.status, verdict.tally, verdict.abstentions) == (None, "tie", {"not spam": 2, "spam": 2}, 1)


def test_a_normaliser_that_knows_the_bare_not_finds_the_majority():
    read = label("spam", "not spam")
    verdict = majority_vote(REPLIES, normalize=lambda reply: "not spam" if reply == "Not" else read(reply))
    assert (verdict.answer, verdict.agreement) == ("not spam", "3/5")

"""A normaliser made for questions of general knowledge strips articles and punctuation: choices and numbers fall victim to it."""

import string
from collections import Counter

import pytest

from course_lib.voting import majority_vote
from course_lib.voting.normalizing import label, number

ARTICLES = {"a", "an", "the"}


def broken_normaliser(reply):
    """Lower case, no punctuation, no articles; what is then empty is no vote."""
    letters = "".join(letter for letter in reply.lower() if letter not in string.punctuation)
    return " ".join(word for word in letters.split() if word not in ARTICLES) or None


def broken_vote(replies):
    return Counter(filter(None, map(broken_normaliser, replies))).most_common(1)[0][0]


def ours(replies):
    return majority_vote(replies).answer


def demand_choice(vote):
    """Four votes of five elect their choice."""
    assert vote(["A", "A", "A", "A", "B"]) == "a"


def demand_numbers(normalise):
    """Different numbers stay different, and equal ones are the same."""
    assert normalise("5.0") != normalise("50")
    assert normalise("-5") != normalise("5")


def test_the_broken_way_elects_b_with_one_vote_of_five():
    assert broken_vote(["A", "A", "A", "A", "B"]) == "b"
    with pytest.raises(AssertionError):
        demand_choice(broken_vote)


def test_the_broken_way_merges_numbers():
    assert (broken_normaliser("5.0"), broken_normaliser("50")) == ("50", "50")
    assert (broken_normaliser("-5"), broken_normaliser("5")) == ("5", "5")
    with pytest.raises(AssertionError):
        demand_numbers(broken_normaliser)


@pytest.mark.parametrize("normalise", [None, label("A", "B")], ids=["plain", "label"])
def test_ours_lets_a_letter_be_an_answer(normalise):
    demand_choice(ours)
    settings = {"normalize": normalise} if normalise else {}
    verdict = majority_vote(["A", "A", "A", "A", "B"], **settings)
    assert (verdict.answer.upper(), verdict.agreement, verdict.abstentions) == ("A", "4/5", 0)


def test_ours_keeps_numbers_apart():
    demand_numbers(number)
    assert [number(said) for said in ("5.0", "5", "50", "-5")] == [5, 5, 50, -5]
    assert majority_vote(["5.0", "5", "50"], normalize=number).answer == 5

"""Majority against brute force over every ballot box, and ties that no order decides."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.parallel import Outcome
from course_lib.voting import Verdict, majority_vote, plain, wilson_interval

BALLOTS = st.lists(st.sampled_from(["a", "b", "c", None, TimeoutError("late")]), max_size=9)


def counted_by_hand(ballots):
    """(answer, status) from the definition: more than half, else a tie of the leaders, else no majority."""
    if not ballots:
        return None, "no votes"
    counts = {answer: sum(ballot == answer for ballot in ballots) for answer in set(ballots)}
    for answer, count in counts.items():
        if count > len(ballots) - count:
            return answer, "decided"
    leaders = [answer for answer, count in counts.items() if count == max(counts.values())]
    return None, "tie" if len(leaders) > 1 else "no majority"


@pytest.mark.parametrize("size", range(8))
def test_every_ballot_box_up_to_seven_votes_and_three_answers(size):
    for ballots in itertools.product("abc", repeat=size):
        verdict = majority_vote(ballots)
        assert (verdict.answer, verdict.status) == counted_by_hand(ballots), ballots
        assert verdict.tally == Counter(ballots)
        assert verdict.votes == size
        assert verdict.confidence == (max(Counter(ballots).values()) / size if size else 0.0)


@pytest.mark.parametrize("size", range(1, 6))
def test_no_order_of_the_same_ballots_changes_anything(size):
    for ballots in itertools.combinations_with_replacement("abc", size):
        assert len({repr(sorted_tally(majority_vote(order))) for order in itertools.permutations(ballots)}) == 1


def sorted_tally(verdict):
    return verdict.answer, verdict.status, sorted(verdict.tally.items()), verdict.confidence, verdict.interval


@given(BALLOTS)
def test_nothing_is_hidden(ballots):
    verdict = majority_vote(ballots)
    assert verdict.abstentions == ballots.count(None)
    assert verdict.failures == sum(isinstance(ballot, Exception) for ballot in ballots)
    assert verdict.votes + verdict.abstentions + verdict.failures == len(ballots)
    assert verdict.agreement == f"{max(verdict.tally.values(), default=0)}/{verdict.votes}"


@given(BALLOTS)
def test_abstentions_and_failures_never_change_the_answer(ballots):
    votes = [ballot for ballot in ballots if isinstance(ballot, str)]
    with_them, without = majority_vote(ballots), majority_vote(votes)
    assert (with_them.answer, with_them.status, with_them.tally) == (without.answer, without.status, without.tally)


def test_the_tally_starts_with_the_most_votes():
    assert list(majority_vote([*"abbccc"]).tally.items()) == [("c", 3), ("b", 2), ("a", 1)]


@pytest.mark.parametrize("ballots", [["a", "b"], ["b", "a"], ["a", "b", "c"], ["a", "a", "b", "b", "c"]])
def test_a_tie_is_called_a_tie(ballots):
    verdict = majority_vote(ballots)
    assert (verdict.answer, verdict.status) == (None, "tie")


def test_two_of_five_elect_nobody():
    ballots = ["SPAM", "SPAM", "Not", "NOT SPAM", "Not spam."]
    verdict = majority_vote(ballots)
    assert (verdict.answer, verdict.status, verdict.agreement) == (None, "tie", "2/5")
    verdict = majority_vote(["SPAM", "SPAM", "Not", "Nope", "No"])
    assert (verdict.answer, verdict.status, verdict.agreement) == (None, "no majority", "2/5")


def test_when_every_call_failed_nothing_is_decided():
    verdict = majority_vote([TimeoutError(), TimeoutError(), None])
    assert verdict == Verdict(None, "no votes", {}, abstentions=1, failures=2)
    assert (verdict.agreement, verdict.interval) == ("0/0", (0.0, 1.0))


def test_a_normaliser_that_finds_no_answer_makes_an_abstention():
    def only_known(ballot):
        return plain(ballot) if plain(ballot) in ("spam", "not spam") else None

    verdict = majority_vote(["Spam.", "I would say spam", "NOT SPAM", "spam"], normalize=only_known)
    assert (verdict.answer, verdict.tally, verdict.abstentions) == ("spam", {"spam": 2, "not spam": 1}, 1)


@pytest.mark.parametrize(("ballot", "answer"), [
    ("Spam", "spam"), (" SPAM.\n", "spam"), ('"spam"', "spam"), ("**Spam**", "spam"), ("not spam", "not spam"),
    ("unacceptable", "unacceptable"), ("not rejected", "not rejected"), ("A", "a"), ("5.0", "5.0"), ("-5", "-5"),
    ("", None), ("…", None), (" \n", None),
])
def test_plain_changes_nothing_inside_an_answer(ballot, answer):
    assert plain(ballot) == answer


def test_the_letter_a_and_numbers_stay_apart():
    assert majority_vote(["A", "A", "A", "A", "B"]).answer == "a"
    assert majority_vote(["5.0", "50", "-5", "5"]).tally == {"5.0": 1, "50": 1, "-5": 1, "5": 1}


@pytest.mark.parametrize("ballot", [5, True, ["spam"], {"answer": "spam"}])
def test_a_ballot_that_is_none(ballot):
    with pytest.raises(BadInput) as caught:
        majority_vote(["spam", ballot])
    assert str(caught.value) == f"A ballot is {ballot!r}; write a text, None for an abstention, or the call's exception."


@given(st.integers(1, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_surrounds_the_share_and_solves_wilsons_equation(case):
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    share = successes / trials
    assert 0.0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1.0
    for end in (low, high):  # the ends are where the share lies exactly 1.96 standard errors away
        assert (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / trials, abs=1e-9)


def test_more_votes_narrow_the_interval():
    widths = [high - low for low, high in (wilson_interval(2 * n, 3 * n) for n in (1, 3, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_ballots_may_be_the_outcomes_of_a_run():
    outcomes = [
        Outcome(0, "q", "ok", "Spam."), Outcome(1, "q", "ok", "spam"), Outcome(2, "q", "failed", None, ValueError("lost")),
    ]
    verdict = majority_vote(outcomes)
    assert (verdict.answer, verdict.agreement, verdict.failures) == ("spam", "2/2", 1)


def test_one_text_is_no_ballot_box():
    with pytest.raises(BadInput, match="write a list of texts"):
        majority_vote("spam")


@pytest.mark.parametrize("ballot", ["“Spam”", '"spam\n"', "`spam`.", "**SPAM**", "‘spam’"])
def test_plain_takes_off_what_surrounds_an_answer(ballot):
    assert plain(ballot) == "spam"

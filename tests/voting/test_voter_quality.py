"""Voter quality: the published numbers again, and every formula against counting out all cases."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.voting import (
    effective_votes,
    log_odds_weights,
    majority_accuracy,
    majority_vote,
    measure_voters,
    more_votes_help,
    weighted_vote,
)
from course_lib.voting.voter_quality import Accuracy, error_correlation, item_accuracies, wilson_interval

TRUTH = ["a", "a", "b", "b", "a"]
ANSWERS = {
    "x": ["a", "a", "b", "b", "b"],
    "y": ["a", "b", "b", "a", "b"],
    "z": ["a", "a", None, "b", "a"],
}


def test_accuracy_of_every_voter():
    quality = measure_voters(ANSWERS, TRUTH)
    assert quality.accuracies == {"x": Accuracy(4, 5), "y": Accuracy(2, 5), "z": Accuracy(4, 4)}
    assert quality.accuracies["x"].share == 0.8 and quality.accuracies["x"].interval == wilson_interval(4, 5)
    assert quality.accuracies["z"].cautious == 5 / 6  # an abstention is not wrong, four right answers are not certainty


def test_items_may_have_names():
    named = {voter: dict(zip("vwxyz", given, strict=True)) for voter, given in ANSWERS.items()}
    assert measure_voters(named, dict(zip("vwxyz", TRUTH, strict=True))) == measure_voters(ANSWERS, TRUTH)


def pearson(one, other):
    """The correlation coefficient from its definition."""
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    together = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    spread = math.sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_other) ** 2 for b in other))
    return together / spread if spread else None


@given(st.lists(st.tuples(*[st.sampled_from([0, 1])] * 3), min_size=1, max_size=12))
def test_error_correlation_is_pearsons_of_the_error_indicators_averaged_over_pairs(rows):
    columns = list(zip(*rows, strict=True))
    answers = {f"voter {place}": ["wrong" if error else "right" for error in column] for place, column in enumerate(columns)}
    pairs = [phi for one, other in itertools.combinations(columns, 2) if (phi := pearson(one, other)) is not None]
    measured = error_correlation(answers, ["right"] * len(rows))
    assert measured == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_voters_who_err_together_are_one_and_opposites_are_minus_one():
    same, opposite = ["a", "b", "a", "b"], ["b", "a", "b", "a"]
    assert error_correlation({"x": same, "y": same}, ["a"] * 4) == 1.0
    assert error_correlation({"x": same, "y": opposite}, ["a"] * 4) == -1.0
    assert measure_voters({"x": same, "y": same}, ["a"] * 4).effective_votes == 1.0
    assert measure_voters({"x": same, "y": opposite}, ["a"] * 4).effective_votes == 2.0  # never more than there are


def test_without_errors_there_is_no_correlation_to_measure():
    quality = measure_voters({"x": ["a", "b"], "y": ["a", "b"]}, ["a", "b"])
    assert quality.correlation is None and quality.effective_votes is None
    assert measure_voters({"x": ["a", "b"]}, ["a", "a"]).correlation is None  # one voter has no pair


def test_nine_correlated_judges_are_worth_two():
    assert effective_votes(9, 0.0) == 9.0
    assert effective_votes(9, 1.0) == 1.0
    assert effective_votes(9, 0.45) == pytest.approx(1.96, abs=0.01)


# --- weights -------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([0.55, 0.6, 0.7, 0.8, 0.9, 0.95]), min_size=1, max_size=6))
def test_log_odds_weights_elect_the_likelier_answer(accuracies):
    """With two answers and independent voters no rule is right more often: the vote is Bayes' own."""
    weights = log_odds_weights(accuracies)
    for ballots in itertools.product("ab", repeat=len(accuracies)):
        chance = {
            truth: math.prod(p if ballot == truth else 1 - p for ballot, p in zip(ballots, accuracies, strict=True))
            for truth in "ab"
        }
        answer = weighted_vote(ballots, weights).answer
        if chance["a"] == pytest.approx(chance["b"], rel=1e-9):
            assert answer is None
        else:
            assert answer == max(chance, key=chance.get)


def test_weights_from_a_sample_and_for_more_choices():
    weights = log_odds_weights(measure_voters(ANSWERS, TRUTH).accuracies)
    assert list(weights) == ["x", "y", "z"]
    assert weights["z"] == pytest.approx(math.log(5)) and weights["y"] == 0.0  # y is no better than a coin
    assert log_odds_weights([0.4], choices=3) == [pytest.approx(math.log(2 * 0.4 / 0.6))]
    assert log_odds_weights([1 / 4], choices=4) == [0.0]


# --- Condorcet -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "independent", "correlated"), [
    (1, 0.8, 0.8), (3, 0.9, 0.836), (5, 0.94, 0.850), (9, 0.98, 0.861), (25, 0.9996, 0.872),
])
def test_the_published_curve(n, independent, correlated):
    assert majority_accuracy(n, 0.8) == pytest.approx(independent, abs=0.00005 if n == 25 else 0.0050001)
    assert majority_accuracy(n, 0.8, correlation=0.3) == pytest.approx(correlated, abs=0.0005)


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("p", [0.0, 0.3, 0.8, 1.0])
def test_independent_votes_counted_out(n, p):
    expected = math.fsum(
        math.prod(p if right else 1 - p for right in votes)
        for votes in itertools.product([True, False], repeat=n)
        if majority_vote(["a" if right else "b" for right in votes]).answer == "a"
    )
    assert majority_accuracy(n, p) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "p", "rho"), [(3, 0.8, 0.3), (5, 0.8, 0.3), (9, 0.6, 0.1), (4, 0.7, 0.6)])
def test_correlated_votes_are_the_beta_binomial(n, p, rho):
    """From its textbook formula, C(n, k) B(k + α, n − k + β) / B(α, β), with 1 / (α + β + 1) = ρ."""
    alpha, beta = p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho

    def log_beta(a, b):
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    expected = math.fsum(
        math.comb(n, k) * math.exp(log_beta(k + alpha, n - k + beta) - log_beta(alpha, beta)) for k in range(n // 2 + 1, n + 1)
    )
    assert majority_accuracy(n, p, rho) == pytest.approx(expected)


def test_the_dial_runs_from_independent_to_one_voter():
    accuracies = [majority_accuracy(9, 0.8, rho / 10) for rho in range(11)]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[-1] == pytest.approx(0.8)


def test_the_correlation_of_the_model_is_the_one_that_is_measured():
    """Votes drawn from the model, measured as a sample would be."""
    draw, p, rho, items = random.Random(0), 0.8, 0.3, 6000
    share = [draw.betavariate(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho) for _ in range(items)]
    answers = {voter: ["a" if draw.random() < chance else "b" for chance in share] for voter in range(3)}
    quality = measure_voters(answers, ["a"] * items)
    assert quality.correlation == pytest.approx(rho, abs=0.03)
    right = sum(majority_vote(ballots).answer == "a" for ballots in zip(*answers.values(), strict=True)) / items
    assert right == pytest.approx(majority_accuracy(3, p, rho), abs=0.015)


# --- advice --------------------------------------------------------------------------------------------


MIXED = [0.85] * 60 + [0.4] * 40


def test_accuracy_rises_then_falls():
    advice = more_votes_help(MIXED)
    assert {n: round(advice.curve[n], 3) for n in (1, 5, 15, 101)} == {1: 0.670, 5: 0.711, 15: 0.685, 101: 0.608}
    assert advice.helps and advice.best == 5 == max(advice.curve, key=advice.curve.get)
    assert str(advice) == (
        "More votes help: one vote is right in 67.0 % of cases, 5 in 71.1 %. "
        "Still more make it worse: with 101 it is 60.8 %."
    )


def test_the_curve_is_the_mean_over_items():
    advice = more_votes_help([0.9, 0.6, 0.2], most=9)
    for n in (1, 3, 5, 7, 9):
        assert advice.curve[n] == pytest.approx(sum(majority_accuracy(n, p) for p in (0.9, 0.6, 0.2)) / 3)


def test_from_five_votes_more_do_not_help():
    advice = more_votes_help(MIXED, now=5)
    assert not advice.helps and advice.best == 5
    assert str(advice) == "More votes do not help: 5 votes are right in 71.1 % of cases; with 101 it is 60.8 %."


def test_where_a_vote_loses_to_a_coin_voting_makes_it_worse():
    advice = more_votes_help([0.4, 0.3])
    assert not advice.helps and advice.best == 1
    assert "do not help" in str(advice)


def test_where_nothing_changes_one_vote_is_enough():
    for certain in ([1.0], [0.5], [0.0, 1.0]):
        assert more_votes_help(certain).best == 1
    assert str(more_votes_help([1.0])) == "More votes do not help: one vote is right in 100.0 % of cases."


def test_it_says_where_nearly_everything_is_won():
    advice = more_votes_help([0.8])
    enough = min(n for n in advice.curve if advice.curve[n] > advice.curve[advice.best] - 0.005)
    assert advice.best > enough == 15
    assert f"{enough} come within half a point of that." in str(advice)


def test_from_a_sample_to_advice():
    shares = item_accuracies(ANSWERS, TRUTH)
    assert shares == [1.0, 2 / 3, 1.0, 2 / 3, 1 / 3]
    assert more_votes_help(shares, most=9).curve[1] == pytest.approx(sum(shares) / 5)
    assert item_accuracies({"x": ["a", None], "y": ["b", None]}, ["a", "a"]) == [0.5]

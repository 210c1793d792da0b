"""Voter quality: how good voters are, how much they err together, and whether more votes would help.

Everything is measured on a labelled sample: `answers[voter][item]` beside `truth[item]`.

    quality = measure_voters(answers, truth)          accuracies, error correlation, effective votes
    weights = log_odds_weights(quality.accuracies)    for `weighted_vote`
    advice = more_votes_help(item_accuracies(answers, truth))
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from course_lib.errors import BadInput, check_list, check_share, check_whole, is_number, shown


def wilson_interval(successes: float, trials: float, z: float = 1.96) -> tuple[float, float]:
    """(low, high) for a share seen in few trials; z = 1.96 gives 95 %.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    >>> low, high = wilson_interval(2, 3)
    >>> round(low, 2), round(high, 2)
    (0.21, 0.94)
    """
    if not 0 <= successes <= trials or not trials:
        raise BadInput(f"{successes} successes in {trials} trials are no share; write at least one trial and no more successes.")
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True)
class Accuracy:
    """How often a voter was right. items: those that it answered; an abstention is neither right nor wrong."""

    right: int
    items: int

    @property
    def share(self) -> float:
        """Right answers out of those given."""
        return self.right / self.items

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share."""
        return wilson_interval(self.right, self.items)

    @property
    def cautious(self) -> float:
        """(right + 1) / (items + 2), Laplace's rule of succession: never 0 or 1, however few items were seen."""
        return (self.right + 1) / (self.items + 2)


@dataclass(frozen=True)
class VoterQuality:
    """What a labelled sample says about voters. correlation: None when it cannot be measured."""

    accuracies: dict[Any, Accuracy]
    correlation: float | None
    effective_votes: float | None


def measure_voters(answers: Mapping[Any, Any], truth: Any) -> VoterQuality:
    """Accuracy of every voter, the correlation of their errors, and how many independent votes they are worth.

    >>> truth = ["a", "a", "b", "b"]
    >>> quality = measure_voters({"x": ["a", "b", "b", "b"], "y": ["a", "b", "b", "a"]}, truth)
    >>> quality.accuracies["x"].share, round(quality.correlation, 2), round(quality.effective_votes, 2)
    (0.75, 0.58, 1.27)
    """
    right = _right_or_wrong(answers, truth)
    marks = {voter: [mark for mark in row if mark is not None] for voter, row in right.items()}
    for voter, row in marks.items():
        if not row:
            raise BadInput(f"Voter {voter!r} answered no item of the sample; leave it out or label items that it answers.")
    accuracies = {voter: Accuracy(sum(row), len(row)) for voter, row in marks.items()}
    correlation = _average_phi(list(right.values()))
    votes = None if correlation is None else effective_votes(len(right), max(0.0, correlation))
    return VoterQuality(accuracies, correlation, votes)


def error_correlation(answers: Mapping[Any, Any], truth: Any) -> float | None:
    """The phi coefficient of two voters' errors, averaged over all pairs; 0 independent, 1 always together.

    A pair counts the items that both answered. None when no pair has both errors and right answers on either side.

    >>> error_correlation({"x": "aaab", "y": "aabb", "z": "abbb"}, "aaaa").__round__(2)
    0.5
    """
    return _average_phi(list(_right_or_wrong(answers, truth).values()))


def effective_votes(n: int, correlation: float) -> float:
    """How many independent votes are worth as much as `n` correlated ones: n / (1 + (n − 1) ρ).

    Source: L. Kish, Survey Sampling (1965), the design effect.

    >>> effective_votes(9, 0.0), round(effective_votes(9, 0.45), 1)
    (9.0, 2.0)
    """
    check_whole(n, "n", "is no number of votes", 5)
    check_share(correlation, "correlation", 0.3)
    return n / (1 + (n - 1) * correlation)


def log_odds_weights(accuracies: Mapping[Any, Any] | Sequence[Any], choices: int = 2) -> dict[Any, float] | list[float]:
    """A weight per voter: the log of its odds to be right, log (m − 1) p / (1 − p); 0 for one no better than chance.

    accuracies: shares strictly between 0 and 1, or `Accuracy`, whose cautious share is taken;
    a dict gives a dict. choices: how many answers there are to choose from (m).
    Source: S. Nitzan, J. Paroush, Optimal decision rules in uncertain dichotomous choice situations (1982).

    >>> [round(weight, 2) for weight in log_odds_weights([0.9, 0.6, 0.5, 0.3])]
    [2.2, 0.41, 0.0, 0.0]
    """
    check_whole(choices, "choices", "leaves nothing to choose", 3, least=2)
    check_list(accuracies, "accuracies", "[0.9, 0.7], or a dict by voter")
    if isinstance(accuracies, Mapping):
        return {voter: _log_odds(accuracy, choices) for voter, accuracy in accuracies.items()}
    return [_log_odds(accuracy, choices) for accuracy in accuracies]


def majority_accuracy(n: int, accuracy: float, correlation: float = 0.0) -> float:
    """The chance that more than half of `n` voters are right, where wrong voters all say the same.

    Condorcet's jury with a correlation dial. The model is the beta-binomial: every item has an accuracy of its own,
    Beta-distributed around `accuracy`, such that two voters' errors correlate by `correlation`.
    Even `n`: a tie counts as not right, for it elects nobody.

    >>> [round(majority_accuracy(n, 0.8), 2) for n in (1, 3, 5, 9)]
    [0.8, 0.9, 0.94, 0.98]
    >>> [round(majority_accuracy(n, 0.8, correlation=0.3), 3) for n in (3, 5, 9, 25)]
    [0.836, 0.85, 0.861, 0.872]
    """
    check_whole(n, "n", "is no number of votes", 5)
    check_share(accuracy, "accuracy", 0.8)
    check_share(correlation, "correlation", 0.3)
    *_, last = _majority_chances(n, accuracy, correlation)
    return last


def item_accuracies(answers: Mapping[Any, Any], truth: Any) -> list[float]:
    """For every item, in order, the share of voters that were right; items that nobody answered are left out.

    With few voters these shares are rough: nine or more say where a coin toss would do better.

    >>> item_accuracies({"x": ["a", "b"], "y": ["a", "a"]}, ["a", "a"])
    [1.0, 0.5]
    """
    columns = zip(*_right_or_wrong(answers, truth).values(), strict=True)
    answered = ([mark for mark in column if mark is not None] for column in columns)
    return [sum(marks) / len(marks) for marks in answered if marks]


@dataclass(frozen=True)
class Advice:
    """Whether more votes help. best: the odd number of votes with the highest accuracy. curve: accuracy per number."""

    helps: bool
    best: int
    curve: dict[int, float]
    sentence: str

    def __str__(self):
        return self.sentence


def more_votes_help(item_accuracies: Collection[float], now: int = 1, most: int = 101) -> Advice:
    """Whether a majority of more than `now` votes would be right more often, for odd numbers of votes up to `most`.

    Items at which a single vote beats a coin gain by voting, the others lose: accuracy may rise, then fall.
    Exact, for votes that are independent once the item is given and wrong votes that all say the same.
    Source: L. Chen and others, Are more LLM calls all you need? arXiv 2403.02419 (2024).

    >>> print(more_votes_help([0.85] * 6 + [0.4] * 4))
    More votes help: one vote is right in 67.0 % of cases, 5 in 71.1 %. Still more make it worse: with 101 it is 60.8 %.
    """
    check_whole(now, "now", "is no number of votes", 5)
    check_whole(most, "most", "is no number of votes", 5)
    if not isinstance(item_accuracies, Collection) or not len(item_accuracies):
        raise BadInput("There are no item accuracies; write one share per labelled item, such as [0.9, 0.6, 0.4].")
    for share in item_accuracies:
        check_share(share, "an item's accuracy", 0.85)
    last = max(now, most)
    curves = {share: list(_majority_chances(last, share)) for share in set(item_accuracies)}
    mean = [math.fsum(curves[share][n] for share in item_accuracies) / len(item_accuracies) for n in range(last)]
    curve = {n: mean[n - 1] for n in range(1, last + 1) if n % 2 or n == now}
    best = min(curve, key=lambda n: (-round(curve[n], 12), n))  # of equally good numbers, the cheapest
    helps = best > now
    return Advice(helps, best, curve, _sentence(curve, now, best, helps))


# --- how it is computed ----------------------------------------------------------------------


def _majority_chances(most: int, accuracy: float, correlation: float = 0.0) -> Iterator[float]:
    """For 1, 2, … `most` voters, the chance that more than half are right.

    Voters come one by one; with correlation, each follows those before it a little (Pólya's urn, the
    beta-binomial drawn in order): right with (p (1 − ρ) + right so far · ρ) / (1 − ρ + voters so far · ρ).
    """
    chances = [1.0]  # of 0, 1, 2, … voters being right
    for voters in range(most):
        grown = [0.0] * (voters + 2)
        for right, chance in enumerate(chances):
            pull = right * correlation, voters * correlation
            is_right = (accuracy * (1 - correlation) + pull[0]) / (1 - correlation + pull[1]) if voters else accuracy
            grown[right + 1] += chance * is_right
            grown[right] += chance * (1 - is_right)
        chances = grown
        yield math.fsum(chances[(voters + 1) // 2 + 1 :])


def _right_or_wrong(answers, truth) -> dict[Any, list[bool | None]]:
    """Per voter a mark for every item of the truth: right, wrong, or None where it gave no answer."""
    if not isinstance(answers, Mapping) or not answers:
        raise BadInput(f"The answers are {shown(answers)}; write a dict with every voter's answers: {{'voter 1': ['spam', …]}}.")
    if not hasattr(truth, "__len__") or not len(truth):
        raise BadInput("The truth is empty; label at least one item.")
    for voter, given in answers.items():
        for answer in given.values() if isinstance(given, Mapping) else given:
            if hasattr(answer, "status"):  # it equals no label, so it would be counted as wrong
                raise BadInput(
                    f"An answer of {voter!r} is {type(answer).__name__}; write the label that it says, such as "
                    "plain(ballot.value) or verdict.answer, and None where there is none."
                )
    items = list(truth) if isinstance(truth, Mapping) else range(len(truth))
    for voter, given in answers.items():
        if isinstance(given, Mapping) != isinstance(truth, Mapping) or len(given) != len(truth) or (
            isinstance(given, Mapping) and set(given) != set(items)
        ):
            raise BadInput(f"Voter {voter!r} does not answer the items of the truth one for one; write None where it abstained.")
    return {
        voter: [None if given[item] is None else given[item] == truth[item] for item in items]
        for voter, given in answers.items()
    }


def _average_phi(rows: list[list[bool | None]]) -> float | None:
    phis = [phi for one, other in combinations(rows, 2) if (phi := _phi(one, other)) is not None]
    return math.fsum(phis) / len(phis) if phis else None


def _phi(one, other) -> float | None:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    n, a, b = len(pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs)
    spread = a * (n - a) * b * (n - b)
    return (n * sum(a and b for a, b in pairs) - a * b) / math.sqrt(spread) if spread else None


def _log_odds(accuracy, choices: int) -> float:
    share = accuracy.cautious if isinstance(accuracy, Accuracy) else accuracy
    if not is_number(share) or not 0 < share < 1:
        raise BadInput(
            f"An accuracy of {share!r} has no odds; write a share between 0 and 1, such as 0.8, or the Accuracy "
            "that measure_voters gives, which never claims certainty."
        )
    return max(0.0, math.log((choices - 1) * share / (1 - share)))


def _sentence(curve: dict[int, float], now: int, best: int, helps: bool) -> str:
    def percent(n):
        return f"{100 * curve[n]:.1f} %"

    last = max(curve)
    today = f"one vote is right in {percent(now)}" if now == 1 else f"{now} votes are right in {percent(now)}"
    worse = f"with {last} it is {percent(last)}." if round(curve[best] - curve[last], 3) > 0 else ""
    if not helps:
        return f"More votes do not help: {today} of cases" + (f"; {worse}" if worse else ".")
    enough = min(n for n in curve if n > now and curve[n] > curve[best] - 0.005)
    nearly = f" {enough} come within half a point of that." if enough < best else ""
    more = f" Still more make it worse: {worse}" if worse else ""
    return f"More votes help: {today} of cases, {best} in {percent(best)}.{nearly}{more}"

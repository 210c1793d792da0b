"""Counting: a box of ballots read, tallied, and turned into a verdict. The one core of every strategy in `voting`.

    count = count_ballots(ballots, plain)        tally, lead, rest, abstentions, failures
    count.verdict("decided", quorum)             a Verdict, unless too few ballots could be read
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.errors import BadInput, check_callable, check_whole, shown
from course_lib.parallel import Outcome
from course_lib.voting.voter_quality import wilson_interval


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a vote decided, and how clearly.

    answer: the winner, or None when nothing won.
    status: "decided", "tie", "no majority", "below threshold", "needs human review", "no quorum" or "no votes".
    tally: votes per answer, most first; in a weighted vote, their weight.
    abstentions: ballots that could not be read as an answer. failures: calls that brought no ballot.
    confidence: the leading answer's share. interval: Wilson's 95 % interval of that share.

    Printed, its numbers are rounded to three places; they are kept as they are.
    """

    answer: Any
    status: str
    tally: dict[Any, float]
    abstentions: int = 0
    failures: int = 0
    confidence: float = 0.0
    interval: tuple[float, float] = (0.0, 1.0)

    @property
    def votes(self) -> float:
        """Ballots that counted; in a weighted vote, their weight."""
        return total(self.tally.values())

    @property
    def agreement(self) -> str:
        """Votes for the leading answer out of those that counted, such as "2/3"."""
        return f"{round(max(self.tally.values(), default=0), 2)}/{round(self.votes, 2)}"

    def __repr__(self):
        rounded = {
            "tally": {answer: round(votes, 3) for answer, votes in self.tally.items()},
            "confidence": round(self.confidence, 3),
            "interval": tuple(round(end, 3) for end in self.interval),
        }
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in (vars(self) | rounded).items())})"


@dataclass(frozen=True, repr=False)
class Findings(Verdict):
    """What a union found. answer: the findings that stand; tally: the support of every finding, dropped ones too."""

    voters: int = 0

    @property
    def votes(self) -> int:
        """Ballots that counted: each may support many findings."""
        return self.voters

    @property
    def support(self) -> dict[Any, str]:
        """For every finding that stands, how many of those that counted report it, such as "2/3"."""
        return {finding: f"{self.tally[finding]}/{self.voters}" for finding in self.answer or ()}


@dataclass(frozen=True)
class Tally:
    """A counted box. voters: readable ballots. lead: votes for the leading answer; rest: for all others together."""

    tally: dict[Any, float]
    voters: int
    abstentions: int
    failures: int
    lead: float
    rest: float
    tied: bool
    share: float
    interval: tuple[float, float]

    def verdict(self, status: str, quorum: int | None) -> Verdict:
        """The verdict with this status, unless fewer ballots than `quorum` were readable."""
        check_whole(quorum, "quorum", "is no number of ballots", 2, none="")
        if self.voters < (quorum or 1):
            status = "no votes" if quorum is None else "no quorum"
        answer = next(iter(self.tally), None) if status == "decided" else None  # most votes come first
        return Verdict(answer, status, self.tally, self.abstentions, self.failures, self.share, self.interval)


def count_ballots(ballots: Iterable, normalize: Callable, weights: list[float] | None = None) -> Tally:
    """The votes of a box per answer, and what gave no answer. weights: one per ballot; a weight of 0 does not count.

    The interval of a weighted share stands on the number of equal votes that the weights are worth,
    (Σ w)² / Σ w² (L. Kish, Survey Sampling, 1965): one heavy voter is no crowd.
    """
    readings = read_ballots(ballots, normalize)
    votes = [
        (reading, weight) for reading, weight in zip(readings, weights or [1] * len(readings), strict=True)
        if is_answer(reading) and weight
    ]
    tally = tally_of(votes)
    leader, lead = next(iter(tally.items()), (None, 0))
    rest = total(weight for answer, weight in votes if answer != leader)
    whole = total(weight for _, weight in votes)
    share = lead / whole if votes else 0.0
    worth = whole**2 / math.fsum(weight * weight for _, weight in votes) if votes else 0
    tied = sum(_equal(count, lead) for count in tally.values()) > 1
    rest = lead if _equal(rest, lead) else rest
    return Tally(tally, len(votes), *_silent(readings), lead, rest, tied, share, _interval(share * worth, worth))


def count_findings(ballots: Iterable, read: Callable, normalize: Callable) -> Tally:
    """How many ballots report each finding. A ballot counts once, and for a finding once, however often it names it."""
    check_callable(read, "read", "json_list")
    check_callable(normalize, "normalize", "plain")
    readings = read_ballots(ballots, lambda ballot: _findings(ballot, read, normalize), (str, list, tuple, set, frozenset))
    lists = [reading for reading in readings if is_answer(reading)]
    tally = tally_of((finding, 1) for findings in lists for finding in findings)
    lead, voters = max(tally.values(), default=0), len(lists)
    share, interval = lead / max(1, voters), _interval(lead, voters)
    return Tally(tally, voters, *_silent(readings), lead, voters - lead, False, share, interval)


def _silent(readings: list) -> tuple[int, int]:
    """How many abstained, and how many calls failed."""
    return readings.count(None), sum(isinstance(reading, BaseException) for reading in readings)


def _interval(successes: float, trials: float) -> tuple[float, float]:
    """Wilson's; of nothing, everything is possible."""
    return wilson_interval(successes, trials) if trials else (0.0, 1.0)


def read_ballots(ballots: Iterable, normalize: Callable, kinds: type | tuple = str) -> list:
    """For every ballot, in order: its answer, None for an abstention, or the exception of a failed call."""
    check_callable(normalize, "normalize", "plain")
    if isinstance(ballots, str):
        raise BadInput(f"The ballots are one text, {shown(ballots)}; write a list of texts, such as ['spam', 'ham', 'spam'].")
    if isinstance(ballots, (set, frozenset)):
        raise BadInput(f"The ballots are a set, {ballots!r}, which keeps equal votes only once; write a list.")
    if not isinstance(ballots, Iterable):
        raise BadInput(f"The ballots are of type {type(ballots).__name__}; write a list, or await what makes it.")
    return [_read(ballot, normalize, kinds) for ballot in (ballots.values() if isinstance(ballots, Mapping) else ballots)]


def tally_of(votes: Iterable[tuple[Hashable, float]]) -> dict[Any, float]:
    """Votes per answer, most first, equal ones by name: never by the order in which they came."""
    weights: dict[Any, list[float]] = {}
    for answer, weight in votes:
        weights.setdefault(answer, []).append(weight)
    counts = {answer: total(each) for answer, each in weights.items()}
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], *_by_name(entry[0]))))


def _by_name(answer: Hashable) -> tuple[float, str]:
    """What sorts answers: numbers by size, and before all others."""
    return (answer, "") if isinstance(answer, (int, float)) else (math.inf, str(answer))


def total(weights: Iterable[float]) -> float:
    """The sum, the same in any order, to twelve digits: 0.1 + 0.2 are 0.3. Whole numbers stay whole."""
    rounded = float(f"{math.fsum(weights):.12g}")
    return int(rounded) if rounded.is_integer() else rounded


def _read(ballot, normalize, kinds):
    if isinstance(ballot, Outcome):
        ballot = ballot.value if ballot.status == "ok" else ballot.error or TimeoutError(ballot.status)
    if ballot is None or isinstance(ballot, BaseException):
        return ballot
    if isinstance(ballot, kinds):
        return normalize(ballot)
    raise BadInput(f"A ballot is {shown(ballot)}; write a text, None for an abstention, or the call's exception.")


def _equal(one: float, other: float) -> bool:
    """Whether two weights differ by no more than the rounding of their sums."""
    return math.isclose(one, other, rel_tol=1e-9)


def _findings(ballot, read, normalize) -> set | None:
    named = read(ballot) if isinstance(ballot, str) else ballot
    if named is None:
        return None
    try:
        return {answer for finding in named if (answer := normalize(finding)) is not None}
    except (AttributeError, LookupError, TypeError) as error:
        raise BadInput(
            f"The findings of {shown(ballot)} cannot be compared ({error}); write a list of texts, or what makes two findings "
            "the same, such as normalize=lambda finding: finding['line']."
        ) from error


def is_answer(reading: object) -> bool:
    """Whether a reading is a vote: neither an abstention nor a failure."""
    return reading is not None and not isinstance(reading, BaseException)

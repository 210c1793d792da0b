"""Voting: the same question asked several times, and one verdict that hides nothing.

    ballots = await run_parallel(ask, [question] * 5)
    verdict = majority_vote(ballots)
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.parallel import Outcome


@dataclass(frozen=True)
class Verdict:
    """What a vote decided, and how clearly.

    answer: the winner, or None when nothing won.
    status: "decided", "tie", "no majority" or "no votes".
    tally: votes per answer, most first. abstentions: ballots that could not be read as an answer.
    failures: calls that brought no ballot. interval: Wilson's 95 % interval of the winner's share.
    """

    answer: str | None
    status: str
    tally: dict[str, int]
    abstentions: int = 0
    failures: int = 0
    confidence: float = 0.0
    interval: tuple[float, float] = (0.0, 1.0)

    @property
    def votes(self) -> int:
        """Ballots that counted."""
        return sum(self.tally.values())

    @property
    def agreement(self) -> str:
        """Votes for the leading answer out of those that counted, such as "2/3"."""
        return f"{max(self.tally.values(), default=0)}/{self.votes}"


def plain(ballot: str) -> str | None:
    """A ballot without case, outer spaces, quotes and full stop; None, an abstention, when nothing is left.

    It changes nothing inside: "not spam" and "spam" stay apart.

    >>> plain(" Spam.\\n"), plain("NOT SPAM"), plain("…")
    ('spam', 'not spam', None)
    """
    return ballot.strip(" \t\r\n\"'`*.!…“”‘’").casefold() or None


def majority_vote(
    ballots: Iterable[str | Exception | Outcome | None],
    *,
    normalize: Callable[[str], str | None] = plain,
) -> Verdict:
    """The answer that more than half of the readable ballots give.

    A ballot of None is an abstention, an exception is a failed call, and an Outcome of `run_parallel`
    is whichever it holds; `normalize` turns a text into an answer, or into None when it is none.
    A tie is called a tie: order never decides.

    >>> majority_vote(["spam", "Spam.", "not spam"]).agreement
    '2/3'
    >>> majority_vote(["spam", "not spam"]).status
    'tie'
    """
    if isinstance(ballots, str):
        raise BadInput(f"The ballots are one text, {ballots!r}; write a list of texts, such as ['spam', 'ham', 'spam'].")
    answers, failures = [], 0
    for ballot in ballots:
        if isinstance(ballot, Outcome):
            ballot = ballot.value if ballot.status == "ok" else ballot.error
        if isinstance(ballot, BaseException):
            failures += 1
        elif ballot is None or isinstance(ballot, str):
            answers.append(normalize(ballot) if ballot is not None else None)
        else:
            raise BadInput(f"A ballot is {ballot!r}; write a text, None for an abstention, or the call's exception.")
    tally = dict(Counter(answer for answer in answers if answer is not None).most_common())
    votes, abstentions = sum(tally.values()), answers.count(None)
    if not votes:
        return Verdict(None, "no votes", tally, abstentions, failures)
    most = max(tally.values())
    leaders = [answer for answer, count in tally.items() if count == most]
    status = "decided" if 2 * most > votes else "tie" if len(leaders) > 1 else "no majority"
    answer = leaders[0] if status == "decided" else None
    return Verdict(answer, status, tally, abstentions, failures, most / votes, wilson_interval(most, votes))


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """(low, high) for a share seen in few trials; z = 1.96 gives 95 %.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    >>> low, high = wilson_interval(2, 3)
    >>> round(low, 2), round(high, 2)
    (0.21, 0.94)
    """
    share = successes / trials
    middle = share + z * z / (2 * trials)
    reach = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

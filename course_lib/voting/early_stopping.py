"""Early stopping: ask in waves, and no further once the votes that are left cannot change the result.

    vote = await vote_in_waves(lambda _: claude.ask(question), 5)       the result of all five, for fewer calls
    vote.verdict, vote.calls, vote.calls_saved, vote.waves

    vote = await first_to_lead_by(lambda _: claude.ask(question), 2)    until one answer is two votes ahead
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from course_lib.errors import BadInput, check_callable, check_whole
from course_lib.voting.ballot_box import cast
from course_lib.voting.counting import Verdict, count_ballots, is_answer, read_ballots
from course_lib.voting.normalizing import plain
from course_lib.voting.strategies import majority_vote, union_vote, weighted_vote


@dataclass(frozen=True)
class EarlyVote:
    """A verdict, and what it took. waves: calls per wave, in order. ballots: what was said, in the order of asking."""

    verdict: Verdict
    waves: tuple[int, ...]
    at_most: int
    ballots: list = field(repr=False)

    @property
    def calls(self) -> int:
        """Calls that were made."""
        return sum(self.waves)

    @property
    def calls_saved(self) -> int:
        """Calls that the full vote would have made besides."""
        return self.at_most - self.calls


async def vote_in_waves(
    ask_one: Callable[[int], Awaitable[Any]], n: int, decide: Callable[..., Verdict] = majority_vote, *,
    normalize: Callable = plain, label: str = "vote", max_at_once: int = 10,
) -> EarlyVote:
    """The answer and status that `n` votes would have, asked in waves that stop as soon as they are certain.

    Each wave is the smallest number of votes that could settle it, so not one call more is made than asking
    one by one would make; the waves only make it quicker.

    Args:
        ask_one: gives the ballot of vote number 1, 2, … `n`.
        decide: majority_vote, plurality_vote, threshold_vote, unanimous_vote or vote_with_confidence; with settings,
            `functools.partial(threshold_vote, share=0.8)`. It must look at counts only: no weights, no unions.

    >>> import asyncio
    >>> async def ask_one(number):
    ...     return "spam" if number != 2 else "ham"
    >>> asyncio.run(vote_in_waves(ask_one, 5))  # doctest: +ELLIPSIS
    EarlyVote(verdict=Verdict(answer='spam', status='decided', ...), waves=(3, 1), at_most=5)
    """
    check_whole(n, "n", "is no number of votes", 5)
    check_callable(ask_one, "ask_one", "lambda _: claude.ask(question)")
    _check_decide(decide)
    ballots, waves = [], []
    while wave := next_wave(ballots, n - len(ballots), decide, normalize=normalize):
        first = len(ballots) + 1
        ballots += await cast(ask_one, range(first, first + wave), label=label, max_at_once=max_at_once, first=first)
        waves.append(wave)
    return EarlyVote(decide(ballots, normalize=normalize), tuple(waves), n, ballots)


async def first_to_lead_by(
    ask_one: Callable[[int], Awaitable[Any]], k: int, *, most: int = 15,
    normalize: Callable = plain, label: str = "vote", max_at_once: int = 10,
) -> EarlyVote:
    """The first answer that is `k` votes ahead of every other; asked in waves of what the leader still lacks.

    Easy questions take `k` calls, hard ones more: the votes go where they are needed. With two answers and votes
    that are right with chance p, the leader is right with chance p^k / (p^k + (1 − p)^k).
    After `most` calls without such a lead nothing is decided: "below threshold", or a "tie".
    Source: E. Meyerson and others, Solving a million-step LLM task with zero errors, arXiv 2511.09030 (2025).

    >>> import asyncio
    >>> async def ask_one(number):
    ...     return "spam" if number != 2 else "ham"
    >>> asyncio.run(first_to_lead_by(ask_one, 2)).waves
    (2, 2)
    """
    check_whole(k, "k", "is no number of votes", 5)
    check_callable(ask_one, "ask_one", "lambda _: claude.ask(question)")
    check_whole(most, "most", "is no number of votes", 5)
    if most < k:
        raise BadInput(f"most={most!r} calls can never be k={k!r} votes ahead; write most={3 * k} or more.")
    ballots, waves = [], []
    while True:
        count = count_ballots(ballots, normalize)
        first, second = [*count.tally.values(), 0, 0][:2]
        wave = min(k - (first - second), most - len(ballots))
        if wave <= 0:
            break
        number = len(ballots) + 1
        ballots += await cast(ask_one, range(number, number + wave), label=label, max_at_once=max_at_once, first=number)
        waves.append(wave)
    ahead = first - second >= k
    verdict = count.verdict("decided" if ahead else "tie" if count.tied else "below threshold", None)
    return EarlyVote(verdict, tuple(waves), most, ballots)


def waves_for(
    ballots: Iterable, decide: Callable[..., Verdict] = majority_vote, *, normalize: Callable = plain
) -> tuple[int, ...]:
    """The waves in which `vote_in_waves` would have asked for these ballots; fewer than all when it would have stopped.

    For measuring, on votes that you already have, what early stopping saves.

    >>> waves_for(["spam", "spam", "spam", "ham", "spam"]), waves_for(["spam", "ham", "spam", "ham", "spam"])
    ((3,), (3, 1, 1))
    """
    _check_decide(decide)
    ballots, waves = read_ballots(ballots, lambda ballot: ballot), []
    while wave := next_wave(ballots[: sum(waves)], len(ballots) - sum(waves), decide, normalize=normalize):
        waves.append(wave)
    return tuple(waves)


# --- why it is safe --------------------------------------------------------------------------


def settled(ballots: list, left: int, decide: Callable[..., Verdict] = majority_vote, *, normalize: Callable = plain) -> bool:
    """Whether no `left` further ballots, whatever they say, could change the answer or the status.

    It is enough to try those that speak with one voice while the others abstain: whatever any ballots could change,
    some that all say the same could. (A rival that overtakes or draws level needs no help; votes for third parties
    lower the leader's share no further than votes for that rival would.) The tests compare with all ballots there are.

    >>> settled(["spam", "spam", "spam"], 2), settled(["spam", "spam", "ham"], 2)
    (True, False)
    """

    def result(further):
        verdict = decide([*ballots, *further], normalize=_reading(normalize))
        return verdict.answer, verdict.status

    now = result([None] * left)
    return all(
        result([voice] * voices + [None] * (left - voices)) == now
        for voice in _voices(ballots, normalize)
        for voices in range(left, 0, -1)
    )


def next_wave(
    ballots: list, left: int, decide: Callable[..., Verdict] = majority_vote, *, normalize: Callable = plain
) -> int:
    """The smallest number of further ballots that could settle the vote; 0 when it is settled.

    >>> next_wave([], 5), next_wave(["spam", "spam", "ham"], 2), next_wave(["spam"] * 3, 2)
    (3, 1, 0)
    """
    if settled(ballots, left, decide, normalize=normalize):
        return 0
    reading, voices = _reading(normalize), [*_voices(ballots, normalize), _Unheard("\0another"), None]

    def could_settle(wave):  # agreement settles soonest, or agreement but for one
        return any(
            settled([*ballots, *[voice] * (wave - 1), odd_one_out], left - wave, decide, normalize=reading)
            for voice, odd_one_out in product(voices, repeat=2)
        )

    return 1 + bisect_left(range(1, left), True, key=could_settle)  # what a wave could settle, a larger one could, too


def _check_decide(decide) -> None:
    check_callable(decide, "decide", "majority_vote")
    if getattr(decide, "func", decide) in (union_vote, weighted_vote):
        name = getattr(decide, "func", decide).__name__
        raise BadInput(f"{name} counts more than heads, so nobody can say when it is certain; write majority_vote, for example.")
    if "normalize" in getattr(decide, "keywords", {}):
        raise BadInput("The normaliser is given to `decide`, where early stopping cannot see it; write normalize=… beside it.")


class _Unheard(str):
    """An answer that nobody has given yet; no normaliser reads it, or changes it."""


def _reading(normalize):
    return lambda ballot: str(ballot) if isinstance(ballot, _Unheard) else normalize(ballot)


def _voices(ballots, normalize) -> list:
    """One ballot for every answer heard so far, and an answer unheard of."""
    answers = read_ballots(ballots, _reading(normalize))
    heard = {answer: ballot for answer, ballot in zip(answers, ballots, strict=True) if is_answer(answer)}
    return [*heard.values(), _Unheard(f"\0{len(ballots)}")]

"""Voting: the same question asked several times, and one verdict that hides nothing.

    ballots = await ask_n_times(claude.ask, question, 5)       # from course_lib.voting.ballot_box
    verdict = majority_vote(ballots)

A ballot is a text, None for an abstention, an exception for a failed call, or an Outcome of `run_parallel`,
which is whichever it holds. `normalize` turns a text into an answer, or into None when it is none. What every
strategy keeps: order never decides; abstentions and failures are counted, and are no votes; fewer readable
ballots than `quorum` decide nothing. All give a `Verdict`, whose docstring names its statuses.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from course_lib.errors import BadInput, check_callable, check_list, check_number, check_share, check_whole
from course_lib.voting.counting import Findings, Tally, Verdict, count_ballots, count_findings
from course_lib.voting.normalizing import json_list, plain


def majority_vote(ballots: Iterable, *, normalize: Callable = plain, quorum: int | None = None) -> Verdict:
    """The answer that more than half of the readable ballots give: more than all others together.

    For most questions. Without such an answer, `answer` is None, and `status` says why: "tie", "no majority", "no
    votes" or "no quorum" (see `Verdict`).

    normalize: turns a ballot into an answer; `plain` ignores case, outer spaces, quotes and the full stop.
    quorum: fewer readable ballots than this decide nothing; None: one is enough.

    >>> majority_vote(["spam", "Spam.", "not spam"]).agreement
    '2/3'
    >>> majority_vote(["spam", "not spam"]).status
    'tie'
    """
    return _majority(count_ballots(ballots, normalize), quorum)


def plurality_vote(ballots: Iterable, *, normalize: Callable = plain, quorum: int | None = None) -> Verdict:
    """The answer that most readable ballots give, be it less than half. For many choices and low stakes.

    >>> plurality_vote(["billing", "billing", "login", "delivery", "other"]).answer
    'billing'
    """
    count = count_ballots(ballots, normalize)
    return count.verdict("tie" if count.tied else "decided", quorum)


def unanimous_vote(ballots: Iterable, *, normalize: Callable = plain, quorum: int | None = None) -> Verdict:
    """The answer that everybody gives; without consensus, it is for a human. For what must not go wrong.

    Silence is no consent: one abstention or failure needs a human, too, unless `quorum` says how many voices do.

    >>> unanimous_vote(["safe", "safe", "unsafe"]).status
    'needs human review'
    """
    count = count_ballots(ballots, normalize)
    all_spoke = not (count.abstentions or count.failures)
    agreed = len(count.tally) == 1 and (all_spoke or quorum is not None)
    return count.verdict("decided" if agreed else "needs human review", quorum)


def weighted_vote(
    ballots: Iterable, weights: Iterable[float] | Mapping[Any, float], *,
    normalize: Callable = plain, quorum: int | None = None,
) -> Verdict:
    """The answer with more than half of the weight of the readable ballots. For voters of unequal quality.

    weights: from 0 up, one per ballot, or a dict by voter: for a dict of ballots, or for the outcomes of varied
    models. `log_odds_weights`, in `course_lib.voting.voter_quality`, finds them in a labelled sample.

    >>> weighted_vote({"large": "fraud", "small": "fine", "old": "fine"}, {"large": 3, "small": 1, "old": 1}).answer
    'fraud'
    """
    ballots = ballots if isinstance(ballots, Mapping) else list(ballots)
    return _majority(count_ballots(ballots, normalize, _one_each(weights, ballots)), quorum)


def threshold_vote(
    ballots: Iterable, share: float = 0.7, *, normalize: Callable = plain, quorum: int | None = None
) -> Verdict:
    """The leading answer, if at least this share of the readable ballots gives it. For strictness that you can set.

    >>> threshold_vote(["yes", "yes", "yes", "no", "no"], share=0.7).status
    'below threshold'
    """
    check_share(share, "share", 0.7)
    count = count_ballots(ballots, normalize)
    return count.verdict("tie" if count.tied else "decided" if count.share >= share else "below threshold", quorum)


def vote_with_confidence(
    ballots: Iterable, at_least: float = 0.0, *, normalize: Callable = plain, quorum: int | None = None
) -> Verdict:
    """The leading answer, and how sure the vote is of it: confidence, its interval, agreement.

    at_least: what the *low end* of the interval must reach, or it is "below threshold". Three of three agree to 100 %,
    and their interval starts at 44 %: few votes cannot promise more.

    >>> verdict = vote_with_confidence(["spam", "spam", "ham"])
    >>> verdict.answer, round(verdict.confidence, 2), [round(end, 2) for end in verdict.interval], verdict.agreement
    ('spam', 0.67, [0.21, 0.94], '2/3')
    """
    check_share(at_least, "at_least", 0.5)
    count = count_ballots(ballots, normalize)
    sure = count.interval[0] >= at_least
    return count.verdict("tie" if count.tied else "decided" if sure else "below threshold", quorum)


def vote_with_fallback(
    ballots: Iterable, fallback: Any, *,
    decide: Callable[..., Verdict] = majority_vote, normalize: Callable | None = None, quorum: int | None = None,
) -> Verdict:
    """The answer of `decide`, or the fallback. Status "decided": the votes said it; any other: why they did not.

    normalize, quorum: handed on to `decide`; left out, its own hold.

    >>> verdict = vote_with_fallback(["allow", "flag", TimeoutError()], fallback="ask a human")
    >>> verdict.answer, verdict.status, verdict.failures
    ('ask a human', 'tie', 1)
    """
    if fallback is None:
        raise BadInput("fallback=None decides nothing; write what stands in for an answer, such as 'ask a human'.")
    check_callable(decide, "decide", "majority_vote")
    settings = {"normalize": normalize, "quorum": quorum}
    verdict = decide(ballots, **{name: value for name, value in settings.items() if value is not None})
    return verdict if verdict.status == "decided" else replace(verdict, answer=fallback)


def union_vote(
    ballots: Iterable, at_least: int = 1, *,
    read: Callable[[str], Iterable | None] = json_list, normalize: Callable = plain, quorum: int | None = None,
) -> Findings:
    """Every finding that at least so many ballots report, the most supported first. For what must not be missed.

    A ballot is a list or set of findings, an empty one says that there are none; `read` turns a text into a list,
    or into None, an abstention; `normalize` makes two findings the same. Fewer ballots than `at_least` are no quorum.

    >>> union_vote([["XSS", "SQL injection"], ["xss"], []], at_least=2).support
    {'xss': '2/3'}
    """
    check_whole(at_least, "at_least", "is no number of ballots that report a finding", 2)
    count = count_findings(ballots, read, normalize)
    verdict = count.verdict("decided" if count.voters >= at_least else "no quorum", quorum)
    standing = tuple(finding for finding, support in count.tally.items() if support >= at_least)
    answer = standing if verdict.status == "decided" else None
    return Findings(**vars(verdict) | {"answer": answer, "voters": count.voters})


# --- the small print -------------------------------------------------------------------------


def _majority(count: Tally, quorum: int | None) -> Verdict:
    return count.verdict("decided" if count.lead > count.rest else "tie" if count.tied else "no majority", quorum)


def _one_each(weights: Iterable[float] | Mapping[Any, float], ballots: Mapping | list) -> list[float]:
    """The weight of every ballot, in the order of the ballots."""
    if isinstance(weights, Mapping):
        voters = list(ballots) if isinstance(ballots, Mapping) else [getattr(ballot, "item", None) for ballot in ballots]
        unknown = [voter for voter in voters if voter not in weights]
        if unknown:
            raise BadInput(f"There is no weight for voter {unknown[0]!r}; write a dict of ballots and a weight for each voter.")
        weights = [weights[voter] for voter in voters]
    check_list(weights, "weights", "[3, 1, 1], one per ballot, or a dict by voter")
    weights = list(weights)
    if len(weights) != len(ballots):
        raise BadInput(f"There are {len(weights)} weights for {len(ballots)} ballots; write one weight per ballot.")
    for weight in weights:
        check_number(weight, "weight", "is no weight", "2, or 0 for a voter that shall not count")
    return weights

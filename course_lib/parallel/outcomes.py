"""What became of every input: the outcomes of a run, and the five ways to deal with those that failed.

    raise       the first failure ends the run
    collect     an Outcome per item, good or bad
    skip        the values of the items that succeeded
    quorum      the same, if enough of them did
    fallback    a stand-in for every item that did not
"""

import itertools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from course_lib.errors import BadInput, CourseError, check_one_of, is_whole, shown

POLICIES = ("raise", "collect", "skip", "quorum", "fallback")


@dataclass(slots=True, repr=False)
class Outcome:
    """What became of one input. status: "ok" (see `value`), "failed" or "cancelled" (see `error` for the reason).

    Printed, a long item or value is cut; it is kept whole.
    """

    index: int
    item: Any
    status: str = "cancelled"
    value: Any = None
    error: BaseException | None = None

    def __repr__(self):
        end = f"error={self.error!r}" if self.error is not None else f"value={shown(self.value)}"
        return f"Outcome(index={self.index}, item={shown(self.item)}, status={self.status!r}, {end})"


class CalledOff(CourseError):
    """The reason of an item that did not finish, because the whole run ended before it."""


class OutOfTime(CourseError, TimeoutError):
    """The whole run took longer than it was allowed. `error.outcomes` holds what was finished."""


class QuorumMissed(CourseError):
    """Fewer items succeeded than were needed. `error.outcomes` holds what became of each."""


class Ledger:
    """The record of a run: one entry per item drawn, in their order.

    A success is kept as its value alone, so that a million of them cost no more than a list; `keep_all` keeps the Outcome.
    """

    def __init__(self, items: Iterable[Any], keep_all: bool):
        self._items, self._keep_all = items, keep_all
        self.values: list[Any] = []
        self._open: dict[int, Outcome] = {}  # under way, failed or cancelled; with `keep_all`, finished as well

    def begin(self, item: Any) -> Outcome:
        """The outcome of the next item, to be filled in."""
        outcome = self._open[len(self.values)] = Outcome(len(self.values), item)
        self.values.append(None)
        return outcome

    def close(self, outcome: Outcome) -> None:
        """The item is done."""
        if outcome.status == "ok":
            self.values[outcome.index] = outcome.value
            if not self._keep_all:
                del self._open[outcome.index]

    def outcomes(self, reason: CourseError | None = None) -> list[Outcome]:
        """One outcome per item, in order. Items that never began count too where `items` is a collection;
        those that a generator has not given yet are still in the generator. What a generator gave is not kept
        beside a finished value (`item` is None).
        """
        again = iter(self._items) if isinstance(self._items, Collection) else itertools.repeat(None)
        everything = [
            self._open.get(index) or Outcome(index, item, "ok", value)
            for index, (value, item) in enumerate(zip(self.values, again, strict=False))
        ]
        if isinstance(self._items, Collection):
            everything += [Outcome(index, item) for index, item in enumerate(again, start=len(everything))]
        for outcome in everything:
            if outcome.status == "cancelled" and outcome.error is None:
                outcome.error = reason or CalledOff("It was called off before it had finished, because the whole run was ending.")
        return everything

    def first_failure(self) -> BaseException | None:
        """The error of the earliest item that failed."""
        failed = (outcome.error for outcome in self._open.values() if outcome.status != "ok" and outcome.error is not None)
        return next(failed, None)


def conclude(ledger: Ledger, on_error: str, *, at_least: int | None = None, fallback: Any = None,
             reason: CourseError | None = None) -> list:
    """What the caller gets, by the policy that it chose. `reason` says why unfinished items were called off, if any were.

    Raises: QuorumMissed when fewer than `at_least` items succeeded.
    """
    if on_error == "collect":
        return ledger.outcomes(reason)
    if ledger.first_failure() is None and reason is None:
        if on_error == "quorum":
            _check_quorum(len(ledger.values), at_least, ledger)
        return ledger.values
    outcomes = ledger.outcomes(reason)
    if on_error == "fallback":
        return [outcome.value if outcome.status == "ok" else _stand_in(fallback, outcome) for outcome in outcomes]
    values = [outcome.value for outcome in outcomes if outcome.status == "ok"]
    if on_error == "quorum":
        _check_quorum(len(values), at_least, ledger, outcomes)
    return values


def _check_quorum(successes: int, at_least: int, ledger: Ledger, outcomes: list[Outcome] | None = None) -> None:
    if successes >= at_least:
        return
    outcomes = ledger.outcomes() if outcomes is None else outcomes
    why = next((f"; the first failure: {outcome.error!r}" for outcome in outcomes if outcome.status != "ok"), "")
    error = QuorumMissed(f"Only {successes} of {len(outcomes)} items succeeded, and at_least={at_least} were needed{why}.")
    error.outcomes = outcomes
    raise error


def _stand_in(fallback: Any | Callable[[Outcome], Any], outcome: Outcome) -> Any:
    return fallback(outcome) if callable(fallback) else fallback


def check_policy(on_error: str, at_least: int | None, fallback: Any) -> None:
    """Raises: BadInput for a policy that is none, or that lacks its setting or has another one's."""
    check_one_of(on_error, "on_error", "is no policy", POLICIES)
    if on_error == "quorum" and not is_whole(at_least):
        raise BadInput(f"on_error='quorum' needs to know how many must succeed, not at_least={at_least!r}; write at_least=3.")
    if on_error != "quorum" and at_least is not None:
        raise BadInput(f"at_least={at_least!r} belongs to a quorum; write on_error='quorum' with it.")
    if on_error != "fallback" and fallback is not None:
        raise BadInput(f"fallback={fallback!r} is never used; write on_error='fallback' with it.")

"""Strategies by name: how ballots become a verdict, and how several answers become one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from course_lib import voting
from course_lib.aggregation import Part, concatenate, read_json, union
from course_lib.errors import BadInput

VOTES = {
    "majority": "majority_vote",
    "plurality": "plurality_vote",
    "unanimous": "unanimous_vote",
    "threshold": "threshold_vote",
    "union": "union_vote",
}
FLAG, OK = "flag", "ok"


@dataclass(frozen=True)
class Flags:
    """What "flag if any" made of its checks.

    answer: "flag", "ok", or None where nobody flagged but not everybody could look. flagged_by: the checks
    that found something. unchecked: the checks that failed. status: "decided" or "needs human review".
    """

    answer: str | None
    flagged_by: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        return "needs human review" if self.answer is None else "decided"


def flag_if_any(answers: Mapping[str, str | None], failed: Mapping[str, str | None] | None = None) -> Flags:
    """One flag is enough; "ok" takes an "ok" from every single check, so a check that failed never lets a post through.

    failed: the checks that failed, each with the answer that its policy takes for it.

    >>> flag_if_any({"spam": "ok", "copyright": "flag"}).flagged_by
    ('copyright',)
    >>> flag_if_any({"spam": "ok"}, failed={"copyright": None}).status
    'needs human review'
    """
    failed = failed or {}
    flagged_by = tuple(name for name, answer in answers.items() if answer == FLAG)
    all_ok = bool(answers) and not failed and all(answer == OK for answer in answers.values())
    flagged = flagged_by or FLAG in failed.values()
    return Flags(FLAG if flagged else OK if all_ok else None, flagged_by, tuple(failed))


def union_of_entries(parts: list[Part]) -> list:
    """What several lists hold (of votes by union, or as JSON), equal entries once, each with who found it."""
    return union(parts, same=lambda entry: json.dumps(entry, sort_keys=True), read=_entries)


def _entries(part: Part):
    return read_json(part) if isinstance(part.answer, str) else part.answer


def chosen(parts: list[Part]) -> str:
    """The answer of the one route that was taken."""
    if len(parts) != 1:
        raise BadInput(f"'chosen' takes the one answer of the route taken; here are {len(parts)}. Write 'concatenate'.")
    return parts[0].answer


JOINS: dict[str, Callable | None] = {
    "flag if any": flag_if_any,
    "concatenate": concatenate,
    "union": union_of_entries,
    "chosen": chosen,
    "synthesis": None,  # a call of its own
}


def vote_function(strategy) -> Callable:
    """The function behind a vote's strategy. Raises: BadInput for a name nobody has heard of."""
    if callable(strategy):
        return strategy
    found = getattr(voting, VOTES.get(strategy, ""), None)
    if found is None:
        raise BadInput(f"There is no vote by {strategy!r}; write {_or(VOTES)}, or a function of the ballots.")
    return found


def join_function(strategy) -> Callable | None:
    """The function behind a join's strategy, None for a synthesis. Raises: BadInput for a name nobody has heard of."""
    if callable(strategy):
        return strategy
    if strategy not in JOINS:
        raise BadInput(f"There is no join by {strategy!r}; write {_or(JOINS)}, or a function of the parts.")
    return JOINS[strategy]


def _or(names) -> str:
    *most, last = [repr(name) for name in names]
    return f"{', '.join(most)} or {last}"

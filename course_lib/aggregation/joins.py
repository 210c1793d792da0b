"""Aggregation: how answers of several calls become one. Every result says which part it came from.

    concatenate(parts)        one text, each answer under its section's name
    union(parts, …)           one list, what several calls found listed once, with who found it
    merge(parts, …)           one record of several, and what they did not agree on
    count_once(parts, …)      how many things were found, however often they were counted
    contradictions(parts, …)  one subject, different values, and who said which

A section whose call failed is a MissingPart: `concatenate` shows it, the others ask you to say `missing(parts)`.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.aggregation.parts import (
    Merged,
    Part,
    UnreadablePart,
    checked_parts,
    mentions_in,
    read_json,
)
from course_lib.aggregation.similarity import ALIKE, groups_of_same
from course_lib.errors import BadInput, check_whole, shown


def concatenate(parts: Iterable[Part], heading: str = "## ") -> str:
    """One text: every answer under its section's name, in the order of the parts.

    >>> print(concatenate([Part("One", "First."), Part("Two", "Second.")], heading=""))
    One
    First.
    <BLANKLINE>
    Two
    Second.
    """
    parts = checked_parts(parts)
    for part in parts:
        if part.answer is None:
            raise UnreadablePart(f"The section {part.title!r} has no answer, None; write MissingPart there, which says so.")
    return "\n\n".join(f"{heading}{part.title}\n{part.answer}" for part in parts)


def union(
    parts: Iterable[Part],
    same: Callable[[Any], Hashable] | None = None,
    read: Callable[[Part], Iterable[Any]] = read_json,
    *,
    near: Callable[[Any], str] | None = None,
    threshold: float = ALIKE,
    at_least: int = 1,
) -> list[Merged]:
    """Every entry of every part once, in order of first appearance, with the sections that found it.

    Entries are the same when `same(entry)` is: choose it narrow enough that two findings never
    become one, and wide enough that one finding is not counted twice.

    near: a text of the entry that need not be equal, only alike (see `likeness`), by `threshold` or more.
    at_least: only what that many sections found.

    >>> parts = [Part("a", '[{"line": 3}]'), Part("b", '[{"line": 3}, {"line": 9}]')]
    >>> [(merged.entry["line"], merged.found_by) for merged in union(parts, same=lambda entry: entry["line"])]
    [(3, ('a', 'b')), (9, ('b',))]
    """
    check_whole(at_least, "at_least", "is no number of sections that found an entry", 2)
    mentions = list(mentions_in(parts, read))
    groups = groups_of_same([entry for _, entry in mentions], same, near, threshold)
    merged = [_merged([mentions[place] for place in group]) for group in groups]
    return [one for one in merged if one.support >= at_least]


def _merged(mentions: list[tuple[str, Any]]) -> Merged:
    return Merged(mentions[0][1], tuple(dict.fromkeys(title for title, _ in mentions)), tuple(mentions))


@dataclass(frozen=True)
class Count:
    """How many things there are, and how many a plain sum would have said.

    repeated: the entries that were mentioned more than once, with who did.
    miscounted: (section, its claim, what it listed) where a section's own number is not what it lists.
    """

    distinct: int
    summed: int
    repeated: tuple[Merged, ...]
    miscounted: tuple[tuple[str, int, int], ...] = ()

    @property
    def too_many(self) -> int:
        """How much the sum says too much; below 0, too little."""
        return self.summed - self.distinct


def count_once(
    parts: Iterable[Part],
    same: Callable[[Any], Hashable] | None = None,
    read: Callable[[Part], Iterable[Any]] = read_json,
    *,
    near: Callable[[Any], str] | None = None,
    threshold: float = ALIKE,
    claimed: Mapping[str, int] | None = None,
) -> Count:
    """How many distinct entries the parts hold, what adding up would have given, and what was counted twice.

    The other settings are those of `union`. claimed: the number that each section gave by itself; the sum is theirs then.

    >>> parts = [Part("page 1", '["otter", "heron"]'), Part("page 2", '["heron", "newt"]')]
    >>> count = count_once(parts, same=str)
    >>> count.distinct, count.summed, [(one.entry, one.found_by) for one in count.repeated]
    (3, 4, [('heron', ('page 1', 'page 2'))])
    """
    if claimed is not None and not isinstance(claimed, Mapping):
        raise BadInput(f"claimed={shown(claimed)} does not say whose claim it is; write claimed={{'page 1': 3}}, for example.")
    for title, claim in (claimed or {}).items():
        check_whole(claim, f"claimed[{title!r}]", "is no count", 3, least=0)
    merged = union(parts, same, read, near=near, threshold=threshold)
    listed = [title for one in merged for title, _ in one.mentions]
    claims = claimed or {}
    miscounted = tuple((title, claim, listed.count(title)) for title, claim in claims.items() if claim != listed.count(title))
    return Count(
        distinct=len(merged),
        summed=sum(claims.values()) if claims else len(listed),
        repeated=tuple(one for one in merged if len(one.mentions) > 1),
        miscounted=miscounted,
    )

"""Aggregation: how answers of several calls become one. Every result says which part it came from.

    concatenate(parts)        one text, each answer under its section's name
    union(parts, …)           one list, what several calls found listed once, with who found it
"""

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from course_lib.errors import CourseError


@dataclass(frozen=True)
class Part:
    """One call's answer and the name of the section that it answers for."""

    title: str
    answer: str


@dataclass(frozen=True)
class Merged:
    """One entry of a union: the entry as it was said first, and the sections that said it, in order."""

    entry: Any
    found_by: tuple[str, ...]

    @property
    def support(self) -> int:
        """How many sections said it."""
        return len(self.found_by)


class UnreadablePart(CourseError, ValueError):
    """An answer that is not in the format that was asked for."""


def concatenate(parts: Iterable[Part], heading: str = "## ") -> str:
    """One text: every answer under its section's name, in the order of the parts.

    >>> print(concatenate([Part("One", "First."), Part("Two", "Second.")], heading=""))
    One
    First.
    <BLANKLINE>
    Two
    Second.
    """
    return "\n\n".join(f"{heading}{part.title}\n{part.answer}" for part in parts)


def read_json(part: Part) -> Any:
    """The JSON that a part's answer holds. Raises: UnreadablePart, which names the section."""
    try:
        return json.loads(part.answer)
    except ValueError:
        raise UnreadablePart(
            f"The answer for {part.title!r} is no JSON: {part.answer[:60]!r}; ask for JSON only, or ask again."
        ) from None


def union(
    parts: Iterable[Part],
    same: Callable[[Any], Hashable],
    read: Callable[[Part], Iterable[Any]] = read_json,
) -> list[Merged]:
    """Every entry of every part once, in order of first appearance, with the sections that found it.

    Entries are the same when `same(entry)` is: choose it narrow enough that two findings never
    become one, and wide enough that one finding is not counted twice.

    >>> parts = [Part("a", '[{"line": 3}]'), Part("b", '[{"line": 3}, {"line": 9}]')]
    >>> [(merged.entry["line"], merged.found_by) for merged in union(parts, same=lambda entry: entry["line"])]
    [(3, ('a', 'b')), (9, ('b',))]
    """
    merged: dict[Hashable, Merged] = {}
    for part in parts:
        entries = read(part)
        if entries is None or isinstance(entries, (dict, str, int, float)):
            raise UnreadablePart(f"The answer for {part.title!r} is no list: {part.answer[:60]!r}; ask for a JSON list.")
        for entry in entries:
            known = merged.get(same(entry))
            if known is None:
                merged[same(entry)] = Merged(entry, (part.title,))
            elif part.title not in known.found_by:
                merged[same(entry)] = Merged(known.entry, (*known.found_by, part.title))
    return list(merged.values())

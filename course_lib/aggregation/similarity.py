"""Which entries are the same: by a key, by their wording, or both."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any

from course_lib.aggregation.parts import frozen
from course_lib.errors import BadInput, check_callable, check_number, shown

ALIKE = 0.75
"""Two wordings this alike are taken for one."""

_TOKEN = re.compile(r"(?:(?<!\w)[-−])?\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT = frozenset({"not", "no", "never", "none", "nothing", "neither", "nor", "without", "cannot", "n't"})


def likeness(one: str, other: str) -> float:
    """How alike two texts are worded, from 0.0 to 1.0: the share of words and of neighbouring words that both have.

    Case, punctuation and spaces count for nothing. Texts that differ in a number, or in whether they say "not",
    are never alike: they would be a contradiction, not a repetition. It compares words, not meanings.
    Source: P. Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11 (1912).

    >>> round(likeness("The query is built from user input.", "Query is built from user input"), 2)
    0.85
    >>> likeness("It opened in 1931.", "It opened in 1913."), likeness("It is safe.", "It is not safe.")
    (0.0, 0.0)
    """
    ones, others = _tokens(one), _tokens(other)
    return _shared(_shingles(ones), _shingles(others)) if _marks(ones) == _marks(others) else 0.0


def groups_of_same(
    entries: Sequence[Any],
    same: Callable[[Any], Hashable] | None,
    near: Callable[[Any], str] | None,
    threshold: float,
) -> list[list[int]]:
    """The places of entries that are the same, one list each, in order of first appearance.

    Same are entries whose `same(entry)` is equal and whose `near(entry)` is alike, directly or through others:
    so the order of the entries never decides who belongs together.
    """
    _check(same, near, threshold)
    groups: dict[Hashable, list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault(_key(same, entry) if same else None, []).append(place)
    if near is None:
        return list(groups.values())
    return sorted(alike for group in groups.values() for alike in _alike(entries, group, near, threshold))


def _alike(entries, places: list[int], near, threshold: float) -> list[list[int]]:
    """The places, divided into groups of wordings that are alike."""
    wordings: dict[tuple, list[int]] = {}  # what is worded the same is compared once
    for place in places:
        tokens = _tokens(near(entries[place]))
        wordings.setdefault((_marks(tokens), _shingles(tokens)), []).append(place)
    groups: dict[frozenset, list[tuple[list[frozenset], list[int]]]] = {}
    for (marks, shingles), where in wordings.items():
        members, found, apart = [shingles], list(where), []
        for group in groups.get(marks, ()):
            if any(_shared(shingles, member) >= threshold for member in group[0]):
                members, found = group[0] + members, group[1] + found
            else:
                apart.append(group)
        groups[marks] = [*apart, (members, found)]
    return [sorted(found) for alike in groups.values() for _, found in alike]


def _tokens(text: str) -> list[str]:
    if not isinstance(text, str):
        raise BadInput(f"Only texts can be alike, not {shown(text)}; write near=lambda entry: entry['message'], for example.")
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def _shingles(tokens: list[str]) -> frozenset:
    """The words and the pairs of neighbours: a word order turned round makes another text."""
    return frozenset([*tokens, *pairwise(tokens)])


def _marks(tokens: list[str]) -> frozenset[str]:
    """What must not differ: the numbers, and whether there is a "not"."""
    denied = any(token in _NOT or token.endswith(("n't", "n’t")) for token in tokens)
    return frozenset(token for token in tokens if token[-1].isdigit()) | ({"not"} if denied else set())


def _shared(ones: frozenset, others: frozenset) -> float:
    both = len(ones & others)
    either = len(ones) + len(others) - both
    return both / either if either else 1.0


def _key(same: Callable[[Any], Hashable], entry: Any) -> Hashable:
    try:
        key = same(entry)
    except (LookupError, AttributeError, TypeError) as error:
        raise BadInput(
            f"same(entry) can't read the entry {shown(entry)} ({type(error).__name__}: {error}); let it deal with every entry, "
            "such as same=lambda entry: entry.get('line')."
        ) from error
    try:
        hash(key)
    except TypeError:
        return frozen(key)
    return key


def _check(same, near, threshold) -> None:
    if same is None and near is None:
        raise BadInput(
            "Nothing says when two entries are the same; write same=lambda entry: entry['line'], "
            "or near=lambda entry: entry['message'], or both."
        )
    for name, function in (("same", same), ("near", near)):
        if function is not None:
            check_callable(function, name, "lambda entry: entry['line']")
    check_number(threshold, "threshold", "is no likeness", ALIKE, above=True, most=1)

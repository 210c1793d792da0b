"""Batches: many small items in groups, so that one call answers for several of them. Order is kept, and nothing lost."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from course_lib.errors import BadInput


def in_batches(items: Iterable, size: int) -> list[list]:
    """The items in groups of `size`, in order; the last group may be smaller.

    >>> in_batches("abcde", 2)
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    if not _is_count(size, at_least=1):
        raise BadInput(f"size={size!r} makes no batch; write a whole number from 1 up, such as 20.")
    if not isinstance(items, Sequence):
        items = list(items)
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def in_batches_of_tokens(items: Iterable, most_tokens: int, text: Callable[[Any], str] = str) -> list[list]:
    """The items in groups of at most `most_tokens` (see `estimate_tokens`), in order; `text(item)` is what a prompt says of it.

    An item that is larger by itself gets a group of its own: it is not lost, and not cut.

    >>> in_batches_of_tokens(["four", "more", "a long one indeed", "last"], 2)
    [['four', 'more'], ['a long one indeed'], ['last']]
    """
    if not _is_count(most_tokens, at_least=1):
        raise BadInput(f"most_tokens={most_tokens!r} makes no batch; write a whole number from 1 up, such as 2000.")
    if isinstance(items, str):
        raise BadInput(f"The items are one text, {items[:40]!r}; write a list, or cut the text with split_by_size.")
    batches: list[list] = []
    room = 0
    for item in items:
        size = estimate_tokens(text(item))
        if not batches or size > room:
            batches.append([])
            room = most_tokens
        batches[-1].append(item)
        room -= size
    return batches


def estimate_tokens(text: str) -> int:
    """About how many tokens a text has: one for every four characters, at least 1. Real tokenizers differ by a fifth or so.

    >>> estimate_tokens("Summarize this chapter in one sentence.")
    10
    """
    if not isinstance(text, str):
        raise BadInput(f"Only texts have tokens, not {text!r}; say where its text is: text=lambda item: item.text.")
    return max(1, math.ceil(len(text) / 4))


def _is_count(number: object, at_least: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= at_least

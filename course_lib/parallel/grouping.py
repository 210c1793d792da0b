"""Batches: many small items in groups, so that one call answers for several of them. Order is kept, and nothing lost."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from course_lib.errors import BadInput, check_whole, shown


def in_batches(items: Iterable, size: int) -> list[list]:
    """The items in groups of `size`, in order; the last group may be smaller.

    >>> in_batches("abcde", 2)
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    check_whole(size, "size", "makes no batch", 20)
    if not isinstance(items, Sequence):
        items = list(items)
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def in_batches_of_tokens(items: Iterable, most_tokens: int, text: Callable[[Any], str] = str) -> list[list]:
    """The items in groups of at most `most_tokens` (see `estimate_tokens`), in order; `text(item)` is what a prompt says of it.

    An item that is larger by itself gets a group of its own: it is not lost, and not cut.

    >>> in_batches_of_tokens(["four", "more", "a long one indeed", "last"], 2)
    [['four', 'more'], ['a long one indeed'], ['last']]
    """
    check_whole(most_tokens, "most_tokens", "makes no batch", 2000)
    if isinstance(items, str):
        raise BadInput(f"The items are one text, {shown(items)}; write a list, or cut the text with split_by_size.")
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
        raise BadInput(f"Only texts have tokens, not {shown(text)}; say where its text is: text=lambda item: item.text.")
    return max(1, math.ceil(len(text) / 4))

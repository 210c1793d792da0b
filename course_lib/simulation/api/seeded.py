"""Chance that is the same on every machine: numbers drawn from a hash of what they are for, and which of many draws it is."""

import hashlib
import heapq
import json
from collections import defaultdict
from collections.abc import Hashable

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode


def digest(*parts: object) -> bytes:
    """Sixteen bytes that depend on the parts alone: not on Python's version, hash seed or call order."""
    return hashlib.blake2b(_encode(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def uniform(*parts: object) -> float:
    """A number strictly between 0 and 1.

    >>> uniform("seed", 7) == uniform("seed", 7)
    True
    """
    return (int.from_bytes(digest(*parts)[:7], "big") + 0.5) / 2**56


class SampleNumbers:
    """0, 1, 2, … for every request; a number that was not used up is given out again."""

    def __init__(self):
        self._next: dict[Hashable, int] = defaultdict(int)
        self._returned: dict[Hashable, list[int]] = defaultdict(list)

    def upcoming(self, key: Hashable) -> int:
        """What `take` would give."""
        returned = self._returned.get(key)
        return returned[0] if returned else self._next[key]

    def take(self, key: Hashable) -> int:
        if returned := self._returned.get(key):
            return heapq.heappop(returned)
        self._next[key] = number = self._next[key] + 1
        return number - 1

    def give_back(self, key: Hashable, number: int) -> None:
        heapq.heappush(self._returned[key], number)

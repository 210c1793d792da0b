"""Chance that is the same on every machine: numbers drawn from a hash of what they are for."""

import hashlib
import json

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

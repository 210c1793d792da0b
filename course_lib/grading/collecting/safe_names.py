"""Student names as file names: whatever somebody is called, the file lands in the report's own folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NOT_SAFE = re.compile(r"[^\w.\- ]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)  # device names on Windows
_LONGEST = 100


def safe_name(name: str) -> str:
    """The name with everything taken out that could mean something to a file system; never empty.

    >>> safe_name("../Ada/Lovelace"), safe_name("Zoë"), safe_name("..")
    ('_Ada_Lovelace', 'Zoë', 'unnamed')
    """
    plain = _NOT_SAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")[:_LONGEST].strip(" .")
    return f"_{plain}" if _RESERVED.match(plain) else plain or "unnamed"


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """A safe name for each name; those that would coincide, upper and lower case alike, are numbered.

    >>> safe_names(["a/b", "a:b"])
    {'a/b': 'a_b', 'a:b': 'a_b-2'}
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        plain = candidate = safe_name(name)
        number = 1
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{plain}-{number}"
        taken.add(candidate.casefold())
        given[name] = candidate
    return given

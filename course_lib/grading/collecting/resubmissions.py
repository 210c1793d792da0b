"""Which of several files for the same exercise is graded: the newest, as far as names tell.

Time stamps don't count: copying, unpacking or cloning a collection changes them, and with them the marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from course_lib.grading.collecting.found_files import Found
from course_lib.grading.collecting.owners import Owner

Entry = TypeVar("Entry")


@dataclass(frozen=True, order=True)
class Version:
    """How new a file is; the greater, the newer.

    In this order: a file that is named after its exercise comes before one that had to be recognised; then the
    platform's upload number; then the number of a further attempt (`-1`, `-2`); then the plain name before a
    browser's or JupyterLab's copy; then the file that lies less deep; then the name.
    """

    is_named: bool
    upload: int
    attempt: int
    is_plain: bool
    height: int
    place: str

    @classmethod
    def of(cls, one: Found, owner: Owner) -> Version:
        """The version that the names of a found file tell."""
        named = owner.named
        return cls(
            is_named=named is not None and not named.after,
            upload=owner.upload,
            attempt=named.again if named else 0,
            is_plain=named is not None and not named.is_copy,
            height=-len(one.parts),
            place=one.place,
        )


def newest_first(group: Sequence[tuple[Entry, Version]]) -> list[Entry]:
    """The entries without their versions, the newest first."""
    return [entry for entry, _ in sorted(group, key=lambda pair: pair[1], reverse=True)]

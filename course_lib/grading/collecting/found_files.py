"""The files of a collection, wherever they lie, by the names that they came with."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_SKIPPED_FOLDERS = {"__MACOSX", "__pycache__", "node_modules"}
# Browsers and mail programs that don't know notebooks add the ending of what they take them for.
_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Found:
    """One file (or folder) of a collection.

    parts: folders and name as they came, from the collection's top. path: where it lies now, None if it can't be used;
    `problem` then says why. is_stray: neither notebook nor zip.
    """

    parts: tuple[str, ...]
    path: Path | None = None
    problem: str = ""
    is_folder: bool = False
    is_stray: bool = False

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return _NOTEBOOK.sub("", self.name)

    @property
    def place(self) -> str:
        """Folders and name in one line."""
        return "/".join(self.parts)


def is_notebook(name: str) -> bool:
    """Whether a file of this name should be a notebook.

    >>> is_notebook("a.ipynb"), is_notebook("A.IPYNB.txt"), is_notebook("a.py")
    (True, True, False)
    """
    return bool(_NOTEBOOK.search(name))


def is_zip(name: str) -> bool:
    """Whether a file of this name should be a zip."""
    return name.lower().endswith(".zip")


def is_ignored(name: str) -> bool:
    """Whether a file or folder is the operating system's or an editor's own."""
    return name.startswith(".") or name in _SKIPPED_FOLDERS


def plain_text(name: str) -> str:
    """A file's name as text that every program can show: composed letters, and � for what can't be printed.

    >>> plain_text("Zoe\\u0308") == "Zoë", plain_text("a\\x00b\\udcff")
    (True, 'a�b�')
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFC", name))

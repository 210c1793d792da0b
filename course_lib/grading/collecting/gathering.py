"""The files of a folder of submissions, and of the zips in it, none of which is ever written to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.grading.collecting.found_files import Found, is_ignored, is_notebook, is_zip, plain_text
from course_lib.grading.collecting.zipped import MOST_BYTES, unpack_nested


@dataclass
class Gathered:
    """What was found in a folder, in a fixed order; `locked` names the folders that couldn't be read."""

    found: list[Found] = field(default_factory=list)
    locked: dict[tuple[str, ...], OSError] = field(default_factory=dict)


def gather(folder: Path, scratch: Path) -> Gathered:
    """All notebooks below the folder; links are not followed, zips in it are unpacked into `scratch`.

    Raises OSError if the folder itself can't be read.
    """
    gathered = Gathered()
    _look_into(folder, (), gathered, scratch)
    return gathered


def _look_into(folder: Path, parts: tuple[str, ...], gathered: Gathered, scratch: Path) -> None:
    for path in sorted(folder.iterdir()):
        if is_ignored(path.name):
            continue
        here = (*parts, plain_text(path.name))
        if path.is_dir() and not path.is_symlink():
            gathered.found.append(Found(here, is_folder=True))
            before = len(gathered.found)
            try:
                _look_into(path, here, gathered, scratch)
            except OSError as error:
                gathered.locked[here] = error
            if is_notebook(path.name) and not any(_is_work(one) for one in gathered.found[before:]):
                gathered.found.append(Found(here, problem=f"{here[-1]} is a folder, not a notebook."))
        else:
            gathered.found += _files(path, here, gathered, scratch)


def _is_work(found: Found) -> bool:
    return is_notebook(found.name) and not found.is_folder


def _files(path: Path, here: tuple[str, ...], gathered: Gathered, scratch: Path) -> list[Found]:
    if len(here) == 1 and path.is_symlink() and path.is_dir():  # further down it is named with what else a student left
        words = f"{here[0]} is a link to another folder: what lies there was left out."
        return [Found(here, problem=words, is_stray=True)]
    if is_zip(path.name) and not path.is_symlink():
        return _unzipped(path, here, len(gathered.found), scratch)
    if not is_notebook(path.name):
        return [Found(here, is_stray=True)]
    if path.is_symlink():
        return [Found(here, problem=f"{here[-1]} is a link to another file: hand in the notebook itself.")]
    if not path.is_file():  # a pipe, say, which would keep its reader waiting
        return [Found(here, problem=f"{here[-1]} is no ordinary file: hand in the notebook itself.")]
    return [Found(here, path)]


def _unzipped(path: Path, here: tuple[str, ...], number: int, scratch: Path) -> list[Found]:
    try:
        if not path.is_file():
            return [Found(here, problem=f"{here[-1]} is no ordinary file: hand in the notebook itself.")]
        if os.path.getsize(path) > MOST_BYTES:
            words = f"{here[-1]} is larger than {MOST_BYTES // 10**6} MB: hand in the notebook itself."
            return [Found(here, problem=words)]
        data = path.read_bytes()
    except OSError as error:
        return [
            Found(here, problem=f"{here[-1]} can't be read ({error.strerror}): mend its permissions and grade again.")
        ]
    return unpack_nested(data, here, scratch / f"nested-{number:05}")

"""Notebooks taken out of a zip that somebody else packed."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from course_lib.errors import CourseError

MOST_NOTEBOOKS = 20_000
MOST_BYTES = 50_000_000  # of one notebook
MOST_BYTES_TOGETHER = 2_000_000_000


def unpack_notebooks(archive: Path, into: Path) -> None:
    """Write the archive's notebooks, and the folders that hold them, below `into`.

    Entries that would land elsewhere, links and everything that isn't a notebook stay in the zip. Sizes are counted
    while unpacking, because a zip may lie about them.

    Raises CourseError when the file is no zip, is damaged, encrypted, or unpacks to more than a class could write.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _unpack(opened, archive, into)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zipfile.zlib.error) as error:
        raise CourseError(f"{archive} can't be unpacked ({error}): pack it again as an ordinary zip.") from None
    except OSError as error:
        raise CourseError(f"{archive} can't be unpacked ({error.strerror or error}).") from None


def _unpack(opened: zipfile.ZipFile, archive: Path, into: Path) -> None:
    entries = [entry for entry in opened.infolist() if _is_welcome(entry)]
    if len(entries) > MOST_NOTEBOOKS:
        raise CourseError(f"{archive} holds {len(entries)} entries; at most {MOST_NOTEBOOKS} are unpacked at once.")
    together = 0
    for entry in entries:
        target = into.joinpath(*PurePosixPath(entry.filename).parts)
        if entry.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        together += _write(opened, entry, target, archive)
        if together > MOST_BYTES_TOGETHER:
            raise CourseError(f"{archive} unpacks to more than {MOST_BYTES_TOGETHER // 10**9} GB: split it.")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, archive: Path) -> int:
    with opened.open(entry) as packed:
        data = packed.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CourseError(f"{entry.filename} in {archive} is larger than {MOST_BYTES // 10**6} MB: take it out.")
    target.write_bytes(data)
    return len(data)


def _is_welcome(entry: zipfile.ZipInfo) -> bool:
    """Whether the entry is a folder or notebook whose path stays below the place it is unpacked to."""
    path, as_windows = PurePosixPath(entry.filename), PureWindowsPath(entry.filename)
    escapes = path.is_absolute() or ".." in path.parts or as_windows.drive or "\\" in entry.filename
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    is_wanted = entry.is_dir() or path.suffix.lower() == ".ipynb"
    return bool(path.parts) and is_wanted and not (escapes or is_link or hidden)

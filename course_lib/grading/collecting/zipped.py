"""Notebooks taken out of a zip that somebody else packed."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from course_lib.errors import CourseError
from course_lib.grading.collecting.found_files import Found, is_ignored, is_notebook, is_zip, plain_text
from course_lib.grading.collecting.safe_names import safe_name

MOST_NOTEBOOKS = 20_000
MOST_BYTES = 50_000_000  # of one notebook
MOST_BYTES_TOGETHER = 2_000_000_000

MOST_NOTEBOOKS_OF_A_STUDENT = 200
MOST_BYTES_OF_A_STUDENT = 200_000_000

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(RuntimeError, NotImplementedError, ValueError, OverflowError, MemoryError),
)
"""What Python raises for an entry that is damaged, encrypted or packed in a way that it doesn't know."""


def unpack(archive: Path, into: Path) -> list[Found]:
    """The files of a class's zip; its notebooks lie below `into`, each in a folder of its own.

    No name in the zip decides where something is written. What can't be used comes back with its problem: damaged,
    encrypted or very large entries, links, and names that point out of the zip. A zip in the zip is opened, too; a zip
    in that one isn't. Sizes are counted while unpacking, because a zip may lie about them.

    Raises CourseError when the file itself is no zip, or holds more than a class could write.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            if len(entries) > MOST_NOTEBOOKS:
                raise CourseError(f"{archive} holds {len(entries)} entries; at most {MOST_NOTEBOOKS} are unpacked.")
            return list(_Unpacking(into, MOST_BYTES_TOGETHER).files(opened, archive.name, nested=False))
    except OSError as error:
        raise CourseError(f"{archive} can't be unpacked ({error.strerror or error}).") from None
    except _DAMAGE as error:
        raise CourseError(f"{archive} can't be unpacked ({error}): pack it again as an ordinary zip.") from None


def unpack_nested(data: bytes, parts: tuple[str, ...], into: Path) -> list[Found]:
    """The files of one student's zip, which came as the file `parts`; they count as lying in a folder of its name."""
    folder = (*parts[:-1], parts[-1][: -len(".zip")])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            if len(opened.infolist()) > MOST_NOTEBOOKS_OF_A_STUDENT * 10:
                return [Found(parts, problem=f"{parts[-1]} holds far too many files: hand in the notebooks only.")]
            unpacking = _Unpacking(into, MOST_BYTES_OF_A_STUDENT)
            inside = unpacking.files(opened, parts[-1], nested=True)
            found = [Found(folder + one.parts, one.path, one.problem) for one in inside]
    except _DAMAGE:
        return [Found(parts, problem=f"{parts[-1]} can't be unpacked: hand in the notebook itself.")]
    if any(is_notebook(one.parts[-1]) for one in found):
        return found
    return [*found, Found(parts, problem=f"{parts[-1]} holds no notebook: hand in the notebook itself.")]


@dataclass
class _Unpacking:
    """Where one zip is unpacked to, and how many bytes it may still give."""

    into: Path
    bytes_left: int
    notebooks: int = 0

    def files(self, opened: zipfile.ZipFile, archive: str, *, nested: bool) -> Iterator[Found]:
        for entry in opened.infolist():
            parts = _parts(entry)
            if parts and _escapes(entry, parts):
                yield Found((plain_text(entry.filename),), problem=_escape_words(entry, archive), is_stray=True)
            elif not parts or any(is_ignored(part) for part in parts):
                continue
            elif entry.is_dir():
                yield Found(parts, is_folder=True)
            elif stat.S_ISLNK(entry.external_attr >> 16):
                yield Found(parts, problem=f"{parts[-1]} is a link to another file: hand in the notebook itself.")
            elif is_notebook(parts[-1]):
                yield self._notebook(opened, entry, parts)
            elif is_zip(parts[-1]) and not nested:
                yield from self._zip_inside(opened, entry, parts)
            else:
                yield Found(parts, is_stray=True)

    def _notebook(self, opened, entry, parts) -> Found:
        if self.notebooks >= MOST_NOTEBOOKS:
            return Found(parts, problem=f"{parts[-1]} was not unpacked: the zip holds too many notebooks.")
        data = self._read(opened, entry)
        if isinstance(data, str):
            return Found(parts, problem=f"{parts[-1]} {data}")
        self.notebooks += 1
        return Found(parts, _write(self.into, self.notebooks, parts[-1], data))

    def _zip_inside(self, opened, entry, parts) -> Iterator[Found]:
        data = self._read(opened, entry)
        if isinstance(data, str):
            yield Found(parts, problem=f"{parts[-1]} {data}")
            return
        self.notebooks += 1
        yield from unpack_nested(data, parts, self.into / f"zip-{self.notebooks:05}")

    def _read(self, opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
        """The entry's bytes, or the end of a sentence that says why there are none."""
        if self.bytes_left <= 0:
            return "was not unpacked: what comes before it in the zip is too large already."
        try:
            with opened.open(entry) as packed:
                data = packed.read(min(MOST_BYTES, self.bytes_left) + 1)
        except _DAMAGE as error:
            locked = "encrypted" in str(error)
            return "is encrypted: hand it in without a password." if locked else "is damaged: hand it in again."
        self.bytes_left -= len(data)
        if len(data) > MOST_BYTES:
            return f"is larger than {MOST_BYTES // 10**6} MB: clear its outputs in JupyterLab and save it."
        return "was not unpacked: the zip is too large." if self.bytes_left < 0 else data


def _write(into: Path, number: int, name: str, data: bytes) -> Path:
    """Write the bytes into a folder of their own, so that no two names can meet, however alike they are."""
    path = into / f"{number:05}" / f"{safe_name(Path(name).stem)}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The folders and the file that the entry names; old Windows programs part them with backslashes."""
    return tuple(plain_text(part) for part in _name(entry).replace("\\", "/").split("/") if part not in ("", "."))


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; many programs write UTF-8 and forget to say so."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _escapes(entry: zipfile.ZipInfo, parts: tuple[str, ...]) -> bool:
    windows = PureWindowsPath(entry.filename)
    return ".." in parts or bool(windows.drive or windows.root)


def _escape_words(entry: zipfile.ZipInfo, archive: str) -> str:
    return f"{plain_text(archive)} holds `{plain_text(entry.filename)}`, which points out of the zip: it was left out."

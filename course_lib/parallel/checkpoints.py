"""A run that can be stopped and taken up again: finished items are written to a file, and not done twice.

The file holds one JSON line per finished item. An item is known by what it is, not by its place,
so a list may grow between two runs. A failed item is not written: the next run tries it again.
"""

import dataclasses
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any

from course_lib.errors import BadInput, CourseError, shown


@contextmanager
def remembering(function: Callable[[Any], Awaitable[Any]], path: str | Path) -> Iterator[Callable[[Any], Awaitable[Any]]]:
    """`function`, except that items whose values are in the file get them from there, and new values are added to it.

    Values must be JSON (texts, numbers, lists, dicts). Raises: BadInput for an item or a value that is not,
    and for a file that is no checkpoint.
    """
    if not isinstance(path, (str, PathLike)):
        raise BadInput(f"checkpoint={shown(path)} is no file; write its path, such as checkpoint='tickets.jsonl'.")
    path = Path(path)
    known = _read(path)
    seen: Counter[str] = Counter()
    with _opened(path) as file:

        @wraps(function)
        async def remembered(item):
            name = _name(item)
            key = f"{name}/{seen[name]}"  # the same item may stand in the list several times: a ballot for each
            seen[name] += 1
            if known[key]:
                return known[key].pop()
            value = await function(item)
            file.write(json.dumps({"item": key, "value": _checked(value)}, ensure_ascii=False) + "\n")
            file.flush()
            return value

        yield remembered


def _read(path: Path) -> dict[str, list]:
    """Values by item. A last line that was cut off when the run was killed is taken out of the file."""
    known: dict[str, list] = defaultdict(list)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return known
    except OSError as error:
        raise BadInput(f"The checkpoint {str(path)!r} cannot be read ({error}); name another file.") from None
    whole = content[: content.rfind(b"\n") + 1]
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            entry = json.loads(line)
            known[entry["item"]].append(entry["value"])
        except (ValueError, KeyError, TypeError):
            raise BadInput(
                f"Line {number} of {str(path)!r} is no entry of a checkpoint: {shown(line)}; "
                "name another file, or delete this one."
            ) from None
    if content and not whole and not content.startswith(b'{"item"'):
        raise BadInput(f"{str(path)!r} is no checkpoint: it holds {shown(content[:100])}; name another file.")
    if len(whole) < len(content):
        path.write_bytes(whole)
    return known


def _opened(path: Path):
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"The checkpoint {str(path)!r} cannot be written ({error}); name a file in a folder that exists."
        ) from None


def _name(item: Any) -> str:
    """What an item is, in 32 digits that are the same on every run."""
    try:
        text = json.dumps(item, sort_keys=True, default=_as_plain)
    except (TypeError, ValueError):
        raise BadInput(
            f"A checkpoint cannot recognise {type(item).__name__} items again, such as {shown(item)}; "
            "let the items be texts, numbers, lists, dicts or dataclasses of these."
        ) from None
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _as_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError


def _checked(value: Any) -> Any:
    try:
        same = json.loads(json.dumps(value)) == value
    except (TypeError, ValueError):
        same = False
    if not same:
        raise CourseError(
            f"A checkpoint keeps JSON, and the function returned {type(value).__name__}: {shown(value)}; "
            "let it return texts, numbers, lists or dicts."
        )
    return value

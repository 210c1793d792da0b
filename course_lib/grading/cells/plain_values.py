"""An answer of any Python type as a plain JSON value, so that it can be stored, shown and compared."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import inspect
import math
import re
from collections.abc import Collection, Iterator, Mapping, Set

from course_lib.errors import CourseError

DIGITS = 9
"""Decimal places that are kept of a float: what adding up in another order changes is far smaller."""

DEEPEST = 100


class NotPlain(CourseError):
    """An answer that is no value yet: a coroutine without its `await`, a function without its call."""


class StillEmpty(NotPlain):
    """An answer that holds `...` somewhere, as the exercise came."""


def to_plain(value, _depth: int = 0):
    """The value as JSON knows it.

    Dataclasses, mappings and pydantic models become objects, tuples and sequences become lists, sets become
    sorted lists, enums their values, exceptions a sentence; floats are rounded to nine decimal places.

    Raises: NotPlain, with the way out, for what has no plain form; StillEmpty for `...`.

    >>> to_plain({"spam": (1, 0.1 + 0.2), None: {3, 1}})
    {'spam': [1, 0.3], 'None': [1, 3]}
    >>> to_plain(len)
    Traceback (most recent call last):
    course_lib.grading.cells.plain_values.NotPlain: The answer holds the function `len` itself; call it: `len(...)`.
    """
    if _depth > DEEPEST:
        raise NotPlain(f"The answer is nested more than {DEEPEST} levels deep; does it contain itself?")
    if isinstance(value, enum.Enum):
        return to_plain(value.value, _depth + 1)
    if value is ...:
        raise StillEmpty("The answer still holds `...`; write your own in its place.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return plain_float(value)
    return _container(value, _depth + 1)


def plain_float(number: float) -> float | str:
    """The float rounded; "nan", "inf" or "-inf" as words, because JSON has no such numbers; never -0.0."""
    number = float(number)
    return (round(number, DIGITS) + 0.0) if math.isfinite(number) else str(number)


def _container(value, depth):
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name), depth) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): to_plain(item, depth) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((to_plain(item, depth) for item in value), key=_sorting_key)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, BaseException):
        return error_sentence(value)
    if hasattr(value, "model_dump") and not isinstance(value, type):
        return to_plain(value.model_dump(), depth)
    _refuse_unfinished(value)
    if isinstance(value, Collection) or (hasattr(value, "__len__") and hasattr(value, "__getitem__")):
        return [to_plain(item, depth) for item in value]
    if hasattr(value, "item") and not isinstance(value, type):  # a number of numpy's
        return to_plain(value.item(), depth)
    raise NotPlain(
        f"The answer holds a {type(value).__name__}, which can't be compared; give numbers, texts, lists, dictionaries."
    )


def _key(key) -> str:
    key = key.value if isinstance(key, enum.Enum) else key
    return str(to_plain(key))


def _sorting_key(plain) -> tuple:
    is_number = isinstance(plain, (int, float)) and not isinstance(plain, bool)
    return (0, plain, "") if is_number else (1, 0, f"{type(plain).__name__} {plain!r}")


def _refuse_unfinished(value) -> None:
    if inspect.iscoroutine(value):
        value.close()  # or Python would warn, later and elsewhere, that it was never awaited
        raise NotPlain(f"The answer holds a call of `{value.__name__}` that nobody awaited; write `await` before it.")
    if isinstance(value, asyncio.Future):
        raise NotPlain("The answer holds a task instead of its result; write `await` before it, or `gather` them all.")
    if inspect.isasyncgen(value):
        raise NotPlain("The answer is an asynchronous generator; collect it: `[item async for item in ...]`.")
    if isinstance(value, Iterator):
        raise NotPlain(
            f"The answer is a {type(value).__name__}, which is used up by looking at it; wrap it in `list(...)`."
        )
    if isinstance(value, type):
        raise NotPlain(
            f"The answer holds the class `{value.__name__}` itself; make one of it: `{value.__name__}(...)`."
        )
    if inspect.isroutine(value):
        raise NotPlain(f"The answer holds the function `{value.__name__}` itself; call it: `{value.__name__}(...)`.")


# --- errors --------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
_LONGEST = 500


def error_sentence(error: BaseException) -> str:
    """`TypeError: what it said (in read_all, line 4)`: one line, and the place only if it is in a notebook cell.

    >>> error_sentence(KeyError("topic"))
    "KeyError: 'topic'"
    """
    words = _ADDRESS.sub("0x…", " ".join(_words_of(error).split()))
    sentence = type(error).__name__ + (f": {words}" if words else "")
    return shortened(sentence, _LONGEST) + _place(error)


def shortened(text: str, longest: int) -> str:
    """The text, cut with an ellipsis if it has more characters than `longest`."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _words_of(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return f"{error.message}: " + "; ".join(error_sentence(inner) for inner in error.exceptions[:3])
    try:
        return str(error)
    except Exception:
        return "(an error that can't say what it is)"


def _place(error: BaseException) -> str:
    """Where the reader's own code was when it happened: the innermost frame that came from a cell."""
    function, line, step = "", 0, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if "ipykernel_" in code.co_filename or code.co_filename.startswith("<ipython-input"):
            # Comprehensions have a frame of their own on Python 3.11 only; a lambda alone is the check's own line.
            function = function if code.co_name.startswith("<") and code.co_name != "<module>" else code.co_name
            line = step.tb_lineno
        step = step.tb_next
    if not function:
        return ""
    return f" (in your cell, line {line})" if function == "<module>" else f" (in {function}, line {line})"

"""What the course says when something is asked of it that it can't do, and the checks that say it.

Every refusal is one sentence: what was written, why it can't be right, what to write instead. A check takes the value,
its name, the fault in words and an example that fits the place; it gives nothing, or raises BadInput.

    check_whole(n, "n", "is no number of votes", 5)
    BadInput: n=0 is no number of votes; write a whole number from 1 up, such as 5.
"""

import inspect
import math
from collections.abc import Collection, Iterable
from typing import Any


class CourseError(Exception):
    """A mistake the reader can mend: what happened, the value, what to write instead.

    The `course` command prints it as one sentence and ends with exit code 2.
    """


class BadInput(CourseError, ValueError):
    """A value that can't be right, such as `max_at_once=0` or a model nobody has heard of."""


def shown(value: Any, most: int = 60) -> str:
    """How a value is written, its middle left out where that would fill the page.

    >>> shown("spam"), shown("word " * 1000)
    ("'spam'", "'word word word word word word word word wo…word word word '")
    """
    text = repr(value)
    return text if len(text) <= most else f"{text[:most - 17]}…{text[-16:]}"


def is_number(value: Any, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a number from `least` to `most`: True, NaN and infinity are none."""
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return real and least <= value <= most and abs(value) != math.inf


def is_whole(value: Any, least: int = 1) -> bool:
    """Whether a value is a whole number from `least` up: True and 2.0 are none."""
    return isinstance(value, int) and is_number(value, least)


def check_whole(value: Any, name: str, fault: str, example: Any, *, least: int = 1, none: str | None = None) -> None:
    """A whole number from `least` up. none: what None, which will do as well, stands for; left out, it will not do.

    >>> check_whole(True, "most", "makes no batch", 20, none="for no limit")
    Traceback (most recent call last):
    course_lib.errors.BadInput: most=True makes no batch; write a whole number from 1 up, such as 20, or None for no limit.
    """
    if not is_whole(value, least) and (value is not None or none is None):
        raise _refused(value, name, fault, f"a whole number from {least} up", example, none)


def check_number(
    value: Any, name: str, fault: str, example: Any, *,
    least: float = 0, most: float = math.inf, above: bool = False, kind: str = "a number", none: str | None = None,
) -> None:
    """A number from `least`, or above it, to `most`. kind: what it counts, such as "seconds". none: as in `check_whole`.

    >>> check_number(float("nan"), "after", "is no time to wait", 5, kind="seconds")
    Traceback (most recent call last):
    course_lib.errors.BadInput: after=nan is no time to wait; write seconds from 0 up, such as 5.
    """
    enough = is_number(value, least, most) and not (above and value == least)
    if not enough and (value is not None or none is None):
        start = f"{kind} {'above' if above else 'from'} {least}"
        end = "" if most == math.inf and above else " up" if most == math.inf else f"{' and up' if above else ''} to {most}"
        raise _refused(value, name, fault, start + end, example, none)


def check_share(value: Any, name: str, example: Any, fault: str = "is no share") -> None:
    """A number from 0 to 1."""
    check_number(value, name, fault, example, most=1)


def check_text(value: Any, name: str, fault: str, example: str) -> None:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{name}={shown(value)} {fault}; write a text, such as {example}.")


def check_list(values: Any, name: str, example: str) -> None:
    """Several things in an order, whatever holds them: a single text is none, nor is a set, which keeps equal ones once."""
    if isinstance(values, (str, bytes, set, frozenset)) or not isinstance(values, Iterable):
        raise BadInput(f"{name}={shown(values)} is no list; write one, such as {name}={example}.")


def check_one_of(value: Any, name: str, fault: str, choices: Collection[Any]) -> None:
    """One of the choices."""
    if value not in choices:
        raise BadInput(f"{name}={shown(value)} {fault}; write one of {', '.join(map(repr, choices))}.")


def check_callable(function: Any, name: str, example: str) -> None:
    """A function, and not what it gives when it is called.

    >>> check_callable("claude", "ask", "claude.ask")
    Traceback (most recent call last):
    course_lib.errors.BadInput: ask='claude' can't be called; write a function, such as claude.ask.
    """
    if inspect.iscoroutine(function):
        called = function.__qualname__
        function.close()  # or Python would warn that nobody awaited it
        raise BadInput(f"{name} is {called}(…), called already; write the function itself, without brackets, such as {example}.")
    if not callable(function):
        raise BadInput(f"{name}={function!r} can't be called; write a function, such as {example}.")


def _refused(value, name, fault, wanted, example, none) -> BadInput:
    or_none = "" if none is None else f", or None {none}".rstrip()
    return BadInput(f"{name}={shown(value)} {fault}; write {wanted}, such as {example}{or_none}.")

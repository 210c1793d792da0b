"""Values that came from the API's own log, and still know it: what a grader may look up instead of believing.

In a graded run the log is kept by the grader, out of the answer's reach. A check whose value is `observe(..., want="seconds")`,
or a list of such values, is marked by the author's own run as seen; the grader then takes the figure from its log.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


class _Seen:
    """`seen` is (which run of the case, counted from 0; which field of its evidence)."""

    seen: tuple[int, str]


class SeenInt(_Seen, int):
    """A count from the log."""


class SeenFloat(_Seen, float):
    """Seconds from the log."""


class SeenTuple(_Seen, tuple):
    """Prompts or replies from the log."""


_KINDS = {int: SeenInt, float: SeenFloat, tuple: SeenTuple}


def as_seen(value: Any, run: int, field: str) -> Any:
    """The value, equal and of the same kind, that knows where it was seen."""
    marked = _KINDS[type(value)](value)
    marked.seen = (run, field)
    return marked


def where_seen(value: Any) -> Any:
    """What of a check's value was seen: [run, field], or the same for the parts of a list or dictionary; None: nothing.

    >>> where_seen([as_seen(3.0, 0, "seconds"), "text"])
    {'0': [0, 'seconds']}
    """
    if isinstance(value, _Seen):
        return list(value.seen)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: where_seen(getattr(value, field.name)) for field in dataclasses.fields(value)}
    elif isinstance(value, Mapping):
        parts = {str(key): where_seen(part) for key, part in value.items()}
    elif isinstance(value, (list, tuple)):
        parts = {str(index): where_seen(part) for index, part in enumerate(value)}
    else:
        return None
    return {key: part for key, part in parts.items() if part is not None} or None


def replace_seen(value: Any, marks: Any, evidence: list[dict]) -> Any:
    """The JSON value with every part that `marks` names taken from the evidence instead.

    Raises: LookupError when the evidence has no such run or the value no such part.

    >>> replace_seen([0.1, "text"], {"0": [0, "seconds"]}, [{"seconds": 3.0}])
    [3.0, 'text']
    """
    if isinstance(marks, list):
        run, field = marks
        return evidence[run][field]
    if isinstance(value, list):
        value = list(value)
        for key, part in marks.items():
            value[int(key)] = replace_seen(value[int(key)], part, evidence)
        return value
    if isinstance(value, dict):
        return value | {key: replace_seen(value[key], part, evidence) for key, part in marks.items()}
    raise LookupError("the value has no parts")

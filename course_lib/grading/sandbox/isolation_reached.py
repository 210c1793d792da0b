"""How far the submissions of a class were isolated: once for all that reached the same, as a class does on one machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.sandbox.confinement import BASIC, FULL, PARTIAL, Level

_WEAKEST_FIRST = (BASIC, PARTIAL, FULL)


@dataclass(frozen=True)
class ReachedIsolation:
    """A level that `submissions` submissions reached; `level` is None if their kernels told no more than its name."""

    name: str
    submissions: int
    level: Level | None


def isolation_reached(marks: Sequence[SubmissionMark]) -> list[ReachedIsolation]:
    """What the submissions that were run reached, the weakest first; those with the same layers and lacks are one entry."""
    counts: dict[tuple[str, str], int] = {}
    for mark in marks:
        if mark.sandbox:
            told = mark.sandbox, json.dumps(mark.isolation, sort_keys=True)
            counts[told] = counts.get(told, 0) + 1
    reached = [
        ReachedIsolation(name, count, _level(json.loads(told))) for (name, told), count in sorted(counts.items())
    ]
    return sorted(reached, key=lambda one: _WEAKEST_FIRST.index(one.name) if one.name in _WEAKEST_FIRST else -1)


def sandbox_json(marks: Sequence[SubmissionMark]) -> str:
    """The same as JSON: a list with name, number of submissions, layers, means and sentences on what is missing."""
    reached = isolation_reached(marks)
    entries = [{"name": one.name, "submissions": one.submissions, **_details(one.level)} for one in reached]
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def _details(level: Level | None) -> dict:
    return {} if level is None else {name: value for name, value in level.to_json().items() if name != "name"}


def _level(told: dict) -> Level | None:
    try:
        return Level.from_json(told)
    except (KeyError, TypeError):
        return None

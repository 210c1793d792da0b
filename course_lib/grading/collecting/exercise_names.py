"""Which exercise a file's name means, whatever browsers, platforms and students have done to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# What browsers and JupyterLab add to the name of a second copy.
_COPY_MARK = re.compile(r"( ?\(\d+\)|-Copy\d*| - Copy| copy)+$", re.IGNORECASE)
# What Canvas adds to a file of a name that the student has handed in before.
_AGAIN = re.compile(r"-(\d{1,3})$")
_SEPARATOR, _EDGES = "_", " _-"


@dataclass(frozen=True)
class ExerciseName:
    """What a name tells: the exercise, what stands before and after it, and which copy it is."""

    exercise: str
    before: str = ""
    after: str = ""
    again: int = 0
    is_copy: bool = False


def exercise_in(stem: str, exercises: Sequence[str]) -> ExerciseName | None:
    """The exercise in a file name without its ending; None if there is none.

    Upper and lower case, blanks, hyphens and underscores count as the same. Of two exercises whose names begin alike,
    the longer one counts.

    >>> exercise_in("01 Calls (1)", ["01_calls"])
    ExerciseName(exercise='01_calls', before='', after='', again=0, is_copy=True)
    >>> exercise_in("bo_b_01_calls-2", ["01_calls"])
    ExerciseName(exercise='01_calls', before='bo_b', after='', again=2, is_copy=False)
    >>> exercise_in("calls", ["01_calls"])
    """
    plain = _COPY_MARK.sub("", stem.strip()).strip()
    again = _AGAIN.search(plain)
    for exercise in sorted(exercises, key=len, reverse=True):
        before, number = _before(plain, exercise), 0
        if before is None and again:
            before, number = _before(plain[: again.start()], exercise), int(again[1])
        if before is not None:
            return ExerciseName(exercise, before, "", number, plain != stem.strip())
        if _even(plain).startswith(_even(exercise) + _SEPARATOR):
            after = plain[len(exercise) + 1 :].strip(_EDGES)
            return ExerciseName(exercise, "", after, 0, plain != stem.strip())
    return None


def _before(words: str, exercise: str) -> str | None:
    """What stands before the exercise that ends the words, set off from it; None if they don't end in it."""
    line, wanted = _even(words), _even(exercise)
    if line == wanted:
        return ""
    return words[: -len(wanted) - 1].strip(_EDGES) if line.endswith(_SEPARATOR + wanted) else None


def _even(words: str) -> str:
    """The words in lower case with one kind of separator, each character at its place."""
    return "".join(
        _SEPARATOR if character in _EDGES else lower if len(lower := character.lower()) == 1 else character
        for character in words
    )

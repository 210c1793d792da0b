"""Exercises with friendly checks, and their grading.

In a notebook: `check`, `case` and `observe`. In a terminal: `course check`, `course build`, `course grade`.

For authors. A solution notebook in `solutions/` is the only source of an exercise:

    course new-exercise 07_pipelines    writes one that works, with three tasks to change; it explains cells, tags and options
    course build 07                     runs it, says in sentences what is missing, writes the exercise and its references
    course build 07 --shelf             grades the wrong answers in it: does each hear the words that are meant for it?
    course build --check                says what is stale and writes nothing
    course classroom 07 OUT             writes a repository for GitHub Classroom

Every task has a heading with difficulty, importance and minutes, an answer cell, a visible check with a hint and a message
for a foreseen mistake, a hidden check, and a walk-through. Its points are those of its cases. `lint` holds these rules,
`exercises` makes an exercise from a solution, `shelf` describes the shelf of wrong answers.

Public names are loaded when they are first used: what starts a grader needs none of them.
"""

from importlib import import_module

_HOMES = {
    "CheckFailed": "checks",
    "Evidence": "evidence",
    "NotDone": "checks",
    "case": "checks",
    "check": "checks",
    "observe": "evidence",
}

__all__ = ["CheckFailed", "Evidence", "NotDone", "case", "check", "observe"]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"course_lib.grading.{_HOMES[name]}"), name)
    raise AttributeError(f"course_lib.grading has no {name!r}; it offers {', '.join(__all__)}")


def __dir__():
    return __all__

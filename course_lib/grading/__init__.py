"""Exercises with friendly checks, and their grading.

In a notebook: `check`, `case` and `observe`. In a terminal: `course check`, `course build`, `course grade`.

    authoring    solutions built into exercises, held to rules, tried with wrong answers; repositories for classrooms
    running      notebooks executed, checked and graded: workers, the nbval plugin, the witness, the cluster
    reports      what instructors and students read
    kernels      the processes in which answers run
    collecting   who handed in what, whatever the collection's layout
    sandbox      what an answer can't reach, and how much it may take
    cells        what stands in a notebook's cells: checks and their values, verdicts and marks, answers in the key

For authors. A solution notebook in `solutions/` is the only source of an exercise:

    course new-exercise 07_pipelines    writes one that works, with three tasks to change; it explains cells, tags and options
    course build 07                     runs it, says in sentences what is missing, writes the exercise and its references
    course build 07 --shelf             grades the wrong answers in it: does each hear the words that are meant for it?
    course build --check                says what is stale and writes nothing
    course classroom 07 OUT             writes a repository for GitHub Classroom

Every task has a heading with difficulty, importance and minutes, an answer cell, a visible check with a hint and a message
for a foreseen mistake, a hidden check, and a walk-through. Its points are those of its cases. `authoring/lint` holds these
rules, `cells/exercises` makes an exercise from a solution, `authoring/shelf` describes the shelf of wrong answers.

Public names are loaded when they are first used: what starts a grader needs none of them.
"""

from course_lib import door

__getattr__, __dir__, __all__ = door(__name__, {
    "cells.checks": ("CheckFailed", "NotDone", "case", "check"),
    "cells.evidence": ("Evidence", "observe"),
})

"""Parallelization with LLMs: sectioning and voting, from first call to production.

The map of the house, top to bottom; every room knows only the rooms below it.

    cli            the `course` command
    grading        exercises from solutions, checks, graded nbval runs
    show           timelines, ballots, diagrams, explorers, quizzes
    sectioning     split → fan out → join
    voting         ballots → verdict
    aggregation    how several answers become one
    parallel       many calls at once: bounded, nothing lost
    claude         connect(): simulated or live, and `ask`
    simulation     the fake API on simulated time
    calls          what one call was, and the log of them
    models         names and prices
    data           the course's data sets

Public names are loaded when they are first used, so that `import course_lib` costs nothing.
"""

from importlib import import_module

_HOMES = {
    "aggregation": ("Merged", "Part", "concatenate", "read_json", "union"),
    "calls": ("Call", "CallLog", "labelled"),
    "claude": ("Faults", "Limits", "connect", "run_simulated", "use_real_time", "use_simulated_time"),
    "errors": ("BadInput", "CourseError"),
    "parallel": ("Outcome", "run_parallel", "stream_parallel"),
    "sectioning": (
        "Section", "fan_out", "in_batches", "split_by_criterion", "split_by_file", "split_by_heading", "split_by_page",
        "split_by_size",
    ),
    "voting": ("Verdict", "majority_vote", "plain"),
}
_ROOMS = ("data", "grading", "show")
_WHERE = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_WHERE, *_ROOMS])
__version__ = "0.1.0"


def __getattr__(name):
    if name in _ROOMS:
        return import_module(f"course_lib.{name}")
    if name in _WHERE:
        return getattr(import_module(f"course_lib.{_WHERE[name]}"), name)
    raise AttributeError(f"course_lib has no {name!r}; it offers {', '.join(__all__)}")


def __dir__():
    return __all__

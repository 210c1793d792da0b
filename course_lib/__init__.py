"""Parallelization with LLMs: sectioning and voting, from first call to production.

The map of the house, top to bottom; every room knows only the rooms below it, and each room's own
docstring says what it offers and in which file that is written.

    cli            the `course` command
    grading        exercises from solutions, checks, graded nbval runs
    show           timelines, ballots, diagrams, explorers, quizzes, progress
    workflow       a workflow declared as a graph: checks, draws, prices and runs itself
    kpis           what parallelism brought, and what it cost
    sectioning     split → fan out → join; are the pieces independent?
    voting         ballots → verdict: strategies, normalisers, early stopping, the quality of voters
    aggregation    how several answers become one: concatenate, merge, union, synthesize, judge
    parallel       many calls at once: bounded, nothing lost, one outcome for every input
    limits         rate limits, retries, hedging
    claude         connect(): simulated, live or replayed; `ask`, the log of calls, the budget, the server
    simulation     the fake API on simulated time, and the simulated model behind it
    data           the course's data sets, and the table of models and prices
    errors         what the course says when something is asked of it that it can't do

Public names are loaded when they are first used, so that `import course_lib` costs nothing.
"""

import sys
from importlib import import_module


def door(package: str, homes: dict[str, tuple[str, ...]]) -> tuple:
    """The `__getattr__`, `__dir__` and `__all__` of a package whose names are loaded when they are first used.

    homes: for each module of the package the names that it offers; none for a module that is itself offered. One that
    begins with a dot lies beside the package.
    """
    where = {name: home for home, names in homes.items() for name in names or (home,)}
    offered = sorted(where)

    def get(name):
        if name not in where:
            raise AttributeError(f"{package} has no {name!r}; it offers {', '.join(offered)}.")
        module = import_module(f".{where[name]}", package)
        value = getattr(module, name) if homes[where[name]] else module
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: offered, offered


_HOMES = {
    "aggregation": (
        "Conflict", "Judgement", "MergeConflict", "Merged", "MergedRecord", "MissingPart", "Part", "Synthesis",
        "UnreadablePart", "concatenate", "contradictions", "count_once", "judge", "likeness", "merge", "missing", "read_json",
        "synthesize", "union",
    ),
    "claude": (
        "Budget", "BudgetSpent", "Call", "CallLog", "DoesNotFit", "Faults", "Limits", "connect", "labelled", "run_simulated",
        "use_real_time", "use_simulated_time",
    ),
    "data": (),
    "errors": ("BadInput", "CourseError"),
    "grading": (),
    "limits": ("DeadlinePassed", "RateLimiter", "Retries", "first_of", "hedged", "polite", "with_retries", "within_limits"),
    "parallel": (
        "OutOfTime", "Outcome", "QuorumMissed", "in_batches", "in_batches_of_tokens", "run_parallel", "stream_parallel",
    ),
    "sectioning": (
        "DependentTasks", "Section", "Task", "check_independent", "fan_out", "generations", "map_reduce", "run_in_generations",
        "split_by_criterion", "split_by_file", "split_by_heading", "split_by_page", "split_by_size",
    ),
    "show": (),
    "voting": (
        "Findings", "Verdict", "ask_n_times", "ask_varied_models", "ask_varied_prompts", "ask_varied_temperatures",
        "effective_votes", "first_to_lead_by", "log_odds_weights", "majority_accuracy", "majority_vote", "measure_voters",
        "more_votes_help", "plain", "plurality_vote", "threshold_vote", "unanimous_vote", "union_vote", "vote_in_waves",
        "vote_with_confidence", "vote_with_fallback", "weighted_vote",
    ),
    "workflow": ("FanOut", "Guardrail", "Input", "Join", "Router", "Step", "Vote", "Workflow"),
}
__getattr__, __dir__, __all__ = door(__name__, _HOMES)
__version__ = "0.1.0"

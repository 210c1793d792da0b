"""Parallelization with LLMs: sectioning and voting, from first call to production.

The map of the house, top to bottom; every room knows only the rooms below it.

    cli            the `course` command
    grading        exercises from solutions, checks, graded nbval runs
    show           timelines, ballots, diagrams, explorers, quizzes
    workflow       a workflow declared as a graph: checks, draws, prices and runs itself
    kpis           what parallelism brought, and what it cost
    early_stopping when to stop asking: waves, and who leads by k
    sectioning     split → fan out → join (splitters: splitting; independence: dependence)
    voting         ballots → verdict (counting, normalizing)
    ballot_box     asking for ballots: same prompt, varied prompts, models, temperatures
    voter_quality  accuracy, weights, correlation, effective number of votes
    synthesis      joining by another call: synthesize, judge
    aggregation    how several answers become one (joins)
    parallel       many calls at once: bounded, nothing lost (pool)
    limits         rate limits, retries, hedging
    claude         connect(): simulated, live or replayed, and `ask` (live, recording)
    server         the simulated API for any client, over HTTP on this machine
    simulation     the fake API on simulated time
    watching       who must know of a request: the budget, and whoever records
    calls          what one call was, and the log of them
    budget         a hard limit in calls, tokens or dollars
    models         names and prices
    data           the course's data sets

Public names are loaded when they are first used, so that `import course_lib` costs nothing.
"""

from importlib import import_module

_HOMES = {
    "aggregation": (
        "Conflict", "MergeConflict", "Merged", "MergedRecord", "MissingPart", "Part", "UnreadablePart", "concatenate",
        "contradictions", "count_once", "likeness", "merge", "missing", "read_json", "union",
    ),
    "ballot_box": ("ask_n_times", "ask_varied_models", "ask_varied_prompts", "ask_varied_temperatures"),
    "budget": ("Budget", "BudgetSpent"),
    "calls": ("Call", "CallLog", "labelled"),
    "claude": ("DoesNotFit", "Faults", "Limits", "connect", "run_simulated", "use_real_time", "use_simulated_time"),
    "early_stopping": ("first_to_lead_by", "vote_in_waves"),
    "errors": ("BadInput", "CourseError"),
    "limits": ("DeadlinePassed", "RateLimiter", "Retries", "first_of", "hedged", "polite", "with_retries", "within_limits"),
    "parallel": ("OutOfTime", "Outcome", "QuorumMissed", "run_parallel", "stream_parallel"),
    "sectioning": (
        "DependentTasks", "Section", "Task", "check_independent", "fan_out", "generations", "in_batches",
        "in_batches_of_tokens", "map_reduce", "run_in_generations", "split_by_criterion", "split_by_file",
        "split_by_heading", "split_by_page", "split_by_size",
    ),
    "synthesis": ("Judgement", "Synthesis", "judge", "synthesize"),
    "voter_quality": ("effective_votes", "log_odds_weights", "majority_accuracy", "measure_voters", "more_votes_help"),
    "voting": (
        "Findings", "Verdict", "majority_vote", "plain", "plurality_vote", "threshold_vote", "unanimous_vote", "union_vote",
        "vote_with_confidence", "vote_with_fallback", "weighted_vote",
    ),
    "workflow": ("FanOut", "Guardrail", "Input", "Join", "Router", "Step", "Vote", "Workflow"),
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

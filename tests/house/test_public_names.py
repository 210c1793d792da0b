"""The course's face: small, explicit, and changed on purpose only. Learners' notebooks lean on every name here."""

import importlib
import inspect
import tomllib

import pytest

import course_lib
from tests.house.course_files import ROOT

FACE = [
    "BadInput", "Budget", "BudgetSpent", "Call", "CallLog", "Conflict", "CourseError", "DeadlinePassed",
    "DependentTasks", "DoesNotFit", "FanOut", "Faults", "Findings", "Guardrail", "Input", "Join", "Judgement",
    "Limits", "MergeConflict", "Merged", "MergedRecord", "MissingPart", "OutOfTime", "Outcome", "Part",
    "QuorumMissed", "RateLimiter", "Retries", "Router", "Section", "Step", "Synthesis", "Task",
    "UnreadablePart", "Verdict", "Vote", "Workflow", "ask_n_times", "ask_varied_models", "ask_varied_prompts",
    "ask_varied_temperatures", "check_independent", "concatenate", "connect", "contradictions", "count_once",
    "data", "effective_votes", "fan_out", "first_of", "first_to_lead_by", "generations", "grading", "hedged",
    "in_batches", "in_batches_of_tokens", "judge", "labelled", "likeness", "log_odds_weights",
    "majority_accuracy", "majority_vote", "map_reduce", "measure_voters", "merge", "missing", "more_votes_help",
    "plain", "plurality_vote", "polite", "read_json", "run_in_generations", "run_parallel", "run_simulated",
    "show", "split_by_criterion", "split_by_file", "split_by_heading", "split_by_page", "split_by_size",
    "stream_parallel", "synthesize", "threshold_vote", "unanimous_vote", "union", "union_vote", "use_real_time",
    "use_simulated_time", "vote_in_waves", "vote_with_confidence", "vote_with_fallback", "weighted_vote",
    "with_retries", "within_limits",
]

ROOMS = {
    "data": [
        "Document", "Email", "Post", "Review", "Snippet", "documents", "emails", "posts", "reviews", "snippets",
    ],
    "grading": ["CheckFailed", "Evidence", "NotDone", "case", "check", "observe"],
    "show": [
        "LatencyExplorer", "Picture", "Question", "Quiz", "Table", "ballots", "chain_diagram", "compare",
        "course_map", "draw_ballots", "draw_chain", "draw_comparison", "draw_course_map", "draw_fan_out",
        "draw_kpis", "draw_timeline", "draw_voters", "draw_workflow", "draw_wrong_timeline", "fan_out_diagram",
        "fill", "kpi_chart", "kpi_table", "latency_explorer", "progress", "quiz", "read_progress", "table",
        "timeline", "voters_diagram", "workflow_diagram", "wrong_timeline",
    ],
}


def test_the_face_of_the_course():
    assert course_lib.__all__ == FACE
    assert dir(course_lib) == FACE


@pytest.mark.parametrize("room", ROOMS)
def test_the_face_of_a_room(room):
    module = importlib.import_module(f"course_lib.{room}")
    assert sorted(module.__all__) == ROOMS[room]
    for name in ROOMS[room]:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("name", FACE)
def test_every_public_name_says_what_it_is(name):
    """`?` on any of them shows a sentence, and it is its own, not one that Python writes for a dataclass."""
    words = inspect.getdoc(getattr(course_lib, name)) or ""
    assert len(words.split()) >= 4
    assert not words.startswith(f"{name}("), "a dataclass without a docstring of its own"


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_a_room_says_what_it_is(room):
    module = importlib.import_module(f"course_lib.{room}")
    silent = [name for name in module.__all__ if len((inspect.getdoc(getattr(module, name)) or "").split()) < 4]
    assert silent == []


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match=r"no 'gather'.*majority_vote.*run_parallel"):
        _ = course_lib.gather


def test_the_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert course_lib.__version__ == project["version"]
    assert project["scripts"] == {"course": "course_lib.cli:main"}


def test_no_room_is_a_drawer_for_everything():
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "tools"}
    modules = {path.stem for path in (ROOT / "course_lib").rglob("*.py")}
    assert modules & vague == set()

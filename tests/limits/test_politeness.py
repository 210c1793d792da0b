"""The lesson of the chapter: 300 calls at 300 requests a minute. And the one line that gets it right."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import course_lib.limits
from course_lib.claude import connect, run_simulated
from course_lib.limits import Retries, polite, with_retries
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits

HOUSE = Path(__file__).parents[2]
ACCOUNT = Limits(requests_per_minute=300)
PROMPTS = [f"Is this spam? Answer spam or ham only. <email>Lunch at {n} o'clock?</email>" for n in range(300)]


def three_hundred(claude, ask):
    """How many were lost, how many 429s were seen, and the makespan in seconds."""
    outcomes = run_simulated(run_parallel(ask, PROMPTS, max_at_once=40, on_error="collect"))
    lost = sum(outcome.status != "ok" for outcome in outcomes)
    refused = sum(attempt.status == 429 for call in claude.log for attempt in call.attempts)
    return lost, refused, claude.log.makespan


def best_possible(calls, per_minute, at_once, seconds):
    """The last call leaves when all that don't fit in the first burst have had their turn, and then it takes its time."""
    return (calls - at_once) / (per_minute / 60) + seconds


@pytest.mark.parametrize("sdk", [True, False])
def test_the_sdks_defaults_lose_about_half(sdk):
    claude = connect(sdk=sdk, seconds_per_call=3.0, limits=ACCOUNT)
    lost, refused, _ = three_hundred(claude, claude.ask)
    assert 0.4 <= lost / 300 <= 0.6
    assert refused > 300


@pytest.mark.parametrize("sdk", [True, False])
@pytest.mark.parametrize("burst", [1, ACCOUNT.requests_at_once])
def test_a_polite_client_loses_none_sees_no_429_and_is_as_quick_as_can_be(burst, sdk):
    claude = connect(sdk=sdk, seconds_per_call=3.0, max_retries=0, limits=ACCOUNT)
    lost, refused, makespan = three_hundred(claude, polite(claude.ask, requests_per_minute=300, max_at_once=40, burst=burst))
    assert (lost, refused) == (0, 0)
    assert claude.log.peak_in_flight <= 40
    best = best_possible(300, 300, burst, seconds=3.0)
    assert best - 1e-6 <= makespan <= 1.03 * best


def test_retries_without_a_limiter_are_not_enough():
    claude = connect(sdk=False, seconds_per_call=3.0, max_retries=0, limits=ACCOUNT)
    lost, refused, _ = three_hundred(claude, with_retries(claude.ask))
    assert lost > 0 and refused > 300


def test_all_three_limits_at_once_and_a_tenth_of_the_replies_overloaded():
    claude = connect(
        sdk=False, max_retries=0, faults=Faults(overloaded=0.1),
        limits=Limits(requests_per_minute=300, input_tokens_per_minute=6000, output_tokens_per_minute=400),
    )
    ask = polite(claude.ask, requests_per_minute=300, input_tokens_per_minute=6000, output_tokens_per_minute=400,
                 max_at_once=40, retries=Retries(attempts=8))
    lost, refused, _ = three_hundred(claude, ask)
    assert (lost, refused) == (0, 0)
    assert sum(len(call.attempts) for call in claude.log) > len(claude.log) == 300


def test_it_runs_the_same_twice():
    def run():
        claude = connect(sdk=False, max_retries=0, limits=ACCOUNT, faults=Faults(overloaded=0.1, error=0.05))
        three_hundred(claude, polite(claude.ask, requests_per_minute=300, max_at_once=40))
        return [(call.prompt, call.status, call.attempts) for call in claude.log]

    assert run() == run()


def test_it_looks_like_what_it_wraps():
    claude = connect(sdk=False, max_retries=0)
    assert inspect.signature(polite(claude.ask)) == inspect.signature(claude.ask)


def test_the_room_offers_what_its_docstring_says():
    assert all(hasattr(course_lib.limits, name) for name in course_lib.limits.__all__)
    for name in set(course_lib.limits.__all__) - {"TokenBucket"}:
        assert name in course_lib.limits.__doc__, name


def test_the_room_loads_nothing_but_what_stands_below_it():
    program = "import sys, course_lib.limits; print(*sorted(sys.modules))"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, cwd=HOUSE)
    loaded = {name for name in child.stdout.split() if name.startswith(("course_lib.", "anthropic", "httpx2", "pydantic"))}
    assert {name for name in loaded if not name.startswith(("course_lib.limits", "course_lib.data"))} == {
        "course_lib.claude", "course_lib.claude.call_context", "course_lib.claude.calls", "course_lib.errors",
    }

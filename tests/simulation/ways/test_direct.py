"""The way without the SDK: whoever asks cannot tell the two apart, neither by reply nor by log."""

import asyncio
import json
from dataclasses import astuple

import anthropic
import pytest

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import KINDS, Faults
from course_lib.simulation.api.rate_limits import Limits


def overloaded_twice(prompt, attempt):
    return {1: "overloaded", 2: "error"}.get(attempt) if prompt.endswith("1</text>") else None


def silent_once(prompt, attempt):
    return "silent" if attempt == 1 else None


SETTINGS = {
    "plain": {},
    "fixed seconds": {"seconds_per_call": 3.0},
    "another seed": {"seed": 7},
    "the strongest model": {"model": "claude-opus-5-5"},
    "request limit": {"limits": Limits(requests_per_minute=4), "seconds_per_call": 1.0},
    "token limits": {"limits": Limits(input_tokens_per_minute=60, output_tokens_per_minute=10)},
    "scripted faults": {"faults": Faults(script=overloaded_twice)},
    "random faults": {"faults": Faults(overloaded=0.2, error=0.2, slow=0.2)},
    "silence and time-outs": {"faults": Faults(script=silent_once), "timeout": 20},
    "always silent": {"faults": Faults(silent=1), "timeout": 20},
    **{f"always {kind}": {"faults": Faults(**{kind: 1}), "timeout": 20, "seconds_per_call": 3.0} for kind in KINDS},
    "all faults now and then": {"faults": Faults(**dict.fromkeys(KINDS, 0.07)), "timeout": 20},
    "no retries": {"faults": Faults(overloaded=0.5), "max_retries": 0},
}


def everything_about(claude, prompts):
    """Replies or errors, and the whole log with every attempt."""
    async def one(prompt):
        try:
            return await claude.ask(prompt, system="Be brief.", label=prompt[-12:])
        except (anthropic.APIError, ValueError) as error:
            return type(error).__name__, getattr(error, "status_code", None), getattr(error, "body", None)

    async def main():
        return await asyncio.gather(*map(one, prompts))

    return run_simulated(main()), [astuple(call) for call in claude.log]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_same_requests_give_the_same_replies_and_the_same_log(coin, settings):
    prompts = [coin(f"item {number % 4}") for number in range(10)]
    with_sdk = everything_about(connect(**settings), prompts)
    direct = everything_about(connect(sdk=False, **settings), prompts)
    assert direct == with_sdk
    assert len(direct[1]) == 10


@pytest.mark.parametrize(("kind", "error", "attempts"), [
    ("overloaded", anthropic.OverloadedError, 3), ("error", anthropic.InternalServerError, 3),
    ("gateway_timeout", anthropic.GatewayTimeoutError, 3), ("rate_limited", anthropic.RateLimitError, 3),
    ("forbidden", anthropic.PermissionDeniedError, 1), ("unreachable", anthropic.APIConnectionError, 3),
    ("dropped", anthropic.APIConnectionError, 3), ("silent", anthropic.APITimeoutError, 3),
    ("garbage", json.JSONDecodeError, 1), ("truncated", json.JSONDecodeError, 1),
])
@pytest.mark.parametrize("sdk", [True, False])
def test_each_fault_ends_in_the_same_error_after_as_many_attempts(kind, error, attempts, sdk):
    claude = connect(faults=Faults(**{kind: 1}), timeout=20, sdk=sdk)
    with pytest.raises(error) as caught:
        run_simulated(claude.ask("Hello"))
    assert caught.type is error
    (call,) = claude.log
    assert (len(call.attempts), call.status, call.cost) == (attempts, "failed", 0.0)


@pytest.mark.parametrize("sdk", [True, False])
def test_a_request_of_more_than_32_mb(sdk):
    claude = connect(sdk=sdk)
    with pytest.raises(anthropic.RequestTooLargeError, match="exceeds the maximum size"):
        run_simulated(claude.ask("x" * (33 * 1024 * 1024)))


@pytest.mark.parametrize("sdk", [True, False])
def test_the_sdks_own_retries_lose_half_of_300_calls_at_300_a_minute(sdk):
    """The lesson on rate limits: the whole minute's requests at 40 at once, and two retries for each."""
    claude = connect(sdk=sdk, seconds_per_call=3.0, limits=Limits(requests_per_minute=300))

    async def arrives(number):
        try:
            return bool(await claude.ask(f"Question {number}"))
        except anthropic.RateLimitError:
            return False

    async def main():
        return await run_parallel(arrives, range(300), max_at_once=40)

    assert 300 - sum(run_simulated(main())) == 145

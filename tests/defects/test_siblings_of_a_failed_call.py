"""When one call of a `gather` fails, its siblings run on: nobody reads their answers, and all of them are billed."""

import asyncio

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults

PROMPTS = [f"Question {number}" for number in range(10)]


def claude_who_fails_once(sdk):
    """The third question is answered by an error after a second, the others after three."""
    faults = Faults(script=lambda prompt, _arrival: "error" if prompt == PROMPTS[2] else None)
    return connect(sdk=sdk, seconds_per_call=lambda prompt: 1.0 if prompt == PROMPTS[2] else 3.0, faults=faults, max_retries=0)


async def broken_fan_out(ask):
    return await asyncio.gather(*(ask(prompt) for prompt in PROMPTS))


async def ours(ask):
    return await run_parallel(ask, PROMPTS, max_at_once=10)


def bill(fan_out, sdk=False):
    """What became of the ten calls some time after the failure, the dollars they cost, and how many tasks still ran after it."""
    claude = claude_who_fails_once(sdk)

    async def main():
        with pytest.raises(Exception, match="Internal server error"):
            await fan_out(claude.ask)
        running = len(asyncio.all_tasks()) - 1
        await asyncio.sleep(10)
        return running

    running = run_simulated(main())
    statuses = [call.status for call in claude.log]
    return {status: statuses.count(status) for status in sorted(set(statuses))}, claude.log.cost, running


def demand(fan_out, sdk=False):
    """After a failure nothing runs on, and nothing is billed."""
    became, cost, running = bill(fan_out, sdk)
    assert (became, cost, running) == ({"cancelled": 9, "failed": 1}, 0.0, 0)


def test_the_broken_way_leaves_nine_calls_running_and_billed():
    became, cost, running = bill(broken_fan_out)
    assert (became, running) == ({"failed": 1, "ok": 9}, 9)
    assert cost > 0
    with pytest.raises(AssertionError):
        demand(broken_fan_out)


@pytest.mark.parametrize("sdk", [False, True])
def test_ours_cancels_and_awaits_the_siblings(sdk):
    demand(ours, sdk)

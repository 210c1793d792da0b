"""A token limiter that is asked for a permit, but not told for how many tokens, limits nothing but requests."""

import asyncio

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.limits import polite
from course_lib.limits.pacing import estimated_tokens
from course_lib.simulation.api.rate_limits import Limits

PER_MINUTE = 10_000
PROMPTS = [f"{number}: " + "Every word of this long report counts as input. " * 80 for number in range(20)]
"""Each of about a thousand tokens: ten of them are a minute's worth."""


class BrokenTokenLimiter:
    """A leaky bucket of tokens. `acquire` takes one unless it is told otherwise, and nobody tells it."""

    def __init__(self, tokens_per_minute):
        self.per_second, self.level, self.seen = tokens_per_minute / 60, tokens_per_minute, 0.0

    async def acquire(self, tokens=1):
        now = asyncio.get_running_loop().time()
        self.level, self.seen = self.level + (now - self.seen) * self.per_second - tokens, now
        if self.level < 0:
            await asyncio.sleep(-self.level / self.per_second)


def broken_limiter(ask):
    limiter = BrokenTokenLimiter(PER_MINUTE)

    async def limited(prompt):
        await limiter.acquire()  # the mistake: of how many tokens?
        return await ask(prompt)

    return limited


def ours(ask):
    return polite(ask, input_tokens_per_minute=PER_MINUTE)


def run(wrap, limits=None):
    """(answers, refusals by 429, tokens that left within the first second, seconds in all)"""
    claude = connect(sdk=False, seconds_per_call=3.0, limits=limits, max_retries=0)
    ask = wrap(claude.ask)

    async def main():
        return await asyncio.gather(*(ask(prompt) for prompt in PROMPTS), return_exceptions=True)

    answers = [answer for answer in run_simulated(main()) if isinstance(answer, str)]
    refused = sum(attempt.status == 429 for call in claude.log for attempt in call.attempts)
    at_first = sum(estimated_tokens((call.prompt,), {}) for call in claude.log if call.started <= 1.0)
    return len(answers), refused, at_first, claude.log.makespan


def demand(wrap):
    """Within the first second no more leaves than a minute's worth and what refills, and the account refuses nothing."""
    answers, refused, at_first, _seconds = run(wrap, Limits(input_tokens_per_minute=PER_MINUTE))
    assert (answers, refused) == (len(PROMPTS), 0)
    assert at_first <= PER_MINUTE * (1 + 1 / 60)


def test_the_broken_way_lets_two_minutes_worth_leave_at_once():
    answers, refused, at_first, seconds = run(broken_limiter)
    assert (answers, refused, seconds) == (20, 0, 3.0)
    assert at_first > 1.9 * PER_MINUTE
    with pytest.raises(AssertionError):
        demand(broken_limiter)


def test_with_an_account_that_counts_the_broken_way_loses_half():
    answers, refused, _at_first, _seconds = run(broken_limiter, Limits(input_tokens_per_minute=PER_MINUTE))
    assert answers + refused == 20
    assert 9 <= answers <= 11


def test_told_how_many_the_broken_limiter_would_limit():
    """So the permit without a number is the mistake, and not the bucket."""

    def told(ask):
        limiter = BrokenTokenLimiter(PER_MINUTE)

        async def limited(prompt):
            await limiter.acquire(estimated_tokens((prompt,), {}))
            return await ask(prompt)

        return limited

    assert run(told)[2] <= PER_MINUTE * (1 + 1 / 60)


def test_ours_reserves_what_a_call_needs():
    demand(ours)

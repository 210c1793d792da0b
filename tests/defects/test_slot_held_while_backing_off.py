"""A retry loop inside a semaphore keeps its slot while it sleeps: two slots, and for a while nobody works."""

import asyncio

import pytest

from course_lib.claude import run_simulated
from course_lib.limits import RateLimiter, Retries, polite, with_retries, within_limits

SECONDS, WAIT, SLOTS, TASKS = 0.1, 0.21, 2, 10
HELD, FREED = 0.71, 0.50
"""The wait of the first two, then five pairs of 0.1 s; or five pairs, during which the wait passes."""


def wire():
    """An `ask` that takes 0.1 s, except that the first two tasks are refused at once the first time."""
    refused = set()

    async def ask(prompt):
        if prompt in ("task 0", "task 1") and prompt not in refused:
            refused.add(prompt)
            raise ConnectionError("refused")
        await asyncio.sleep(SECONDS)
        return prompt

    return ask


def broken_retries(ask):
    slots = asyncio.Semaphore(SLOTS)

    async def patient(prompt):
        async with slots:
            while True:
                try:
                    return await ask(prompt)
                except ConnectionError:
                    await asyncio.sleep(WAIT)  # the mistake: in here, the slot is still held

    return patient


def ours(ask):
    return polite(ask, max_at_once=SLOTS, retries=Retries(base=WAIT, jitter=0))


def seconds_for_ten(wrap):
    async def main():
        ask = wrap(wire())
        answers = await asyncio.gather(*(ask(f"task {number}") for number in range(TASKS)))
        assert answers == [f"task {number}" for number in range(TASKS)]
        return asyncio.get_running_loop().time()

    return run_simulated(main())


def demand(wrap):
    """Who backs off holds no slot."""
    assert seconds_for_ten(wrap) == pytest.approx(FREED)


def test_the_broken_way_takes_071_seconds():
    assert seconds_for_ten(broken_retries) == pytest.approx(HELD)
    with pytest.raises(AssertionError):
        demand(broken_retries)


def test_ours_takes_050_seconds():
    demand(ours)


def test_put_together_in_the_wrong_order_our_parts_show_the_mistake_too():
    limiter = RateLimiter(max_at_once=SLOTS)
    wrong = seconds_for_ten(lambda ask: within_limits(with_retries(ask, Retries(base=WAIT, jitter=0)), limiter))
    assert wrong == pytest.approx(HELD)

""""Ask them all, take the first": awaited in the order of the list, the first *listed* one answers, however slow it is."""

import asyncio

import pytest

from course_lib.claude import run_simulated
from course_lib.limits import first_of


def models():
    """Three of them, the slowest first; and the names of those that were called off."""
    called_off = []

    def model(name, seconds):
        async def ask(_prompt):
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                called_off.append(name)
                raise
            return name

        return ask

    return [model("slow", 2.0), model("medium", 0.5), model("quick", 0.1)], called_off


async def broken_first(asks, prompt):
    tasks = [asyncio.create_task(ask(prompt)) for ask in asks]
    for task in tasks:  # the mistake: this waits for the first of the list
        answer = await task
        if answer:
            return answer


async def ours(asks, prompt):
    return await first_of(asks)(prompt)


def race(first):
    """(winner, seconds, who was called off, tasks left)"""

    async def main():
        asks, called_off = models()
        winner = await first(asks, "Hello")
        seconds, left = asyncio.get_running_loop().time(), len(asyncio.all_tasks()) - 1
        return winner, seconds, sorted(called_off), left

    return run_simulated(main())


def demand(first):
    """The quickest answers, after its 0.1 s, and the others are called off."""
    assert race(first) == ("quick", 0.1, ["medium", "slow"], 0)


def test_the_broken_way_takes_two_seconds_and_the_first_listed():
    assert race(broken_first) == ("slow", 2.0, [], 0)
    with pytest.raises(AssertionError):
        demand(broken_first)


def test_ours_takes_a_tenth_of_a_second_and_the_first_to_answer():
    demand(ours)

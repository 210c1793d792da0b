"""A class with "parallel" in its name whose members wait for each other: `await` in a loop is a queue."""

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.voting import ask_n_times

VOTERS = 5


class BrokenParallelEnsemble:
    def __init__(self, members):
        self.members = members

    async def ask(self, prompt):
        return [await member(prompt) for member in self.members]  # the mistake: the next one starts when this one is back


async def broken_ensemble(ask):
    return await BrokenParallelEnsemble([ask] * VOTERS).ask("Spam or ham?")


async def ours(ask):
    return [ballot.value for ballot in await ask_n_times(ask, "Spam or ham?", VOTERS)]


def run(ensemble):
    """(answers, seconds, most calls at once)"""
    claude = connect(sdk=False, seconds_per_call=3.0)
    answers = run_simulated(ensemble(claude.ask))
    return len(answers), claude.log.makespan, claude.log.peak_in_flight


def demand(ensemble):
    """Five members take as long as one, and are all on the wire at once."""
    assert run(ensemble) == (5, 3.0, 5)


def test_the_broken_way_runs_one_after_another():
    assert run(broken_ensemble) == (5, 15.0, 1)
    with pytest.raises(AssertionError):
        demand(broken_ensemble)


def test_ours_runs_at_once():
    demand(ours)


def test_both_ask_the_same():
    answers = []
    for ensemble in (broken_ensemble, ours):
        answers.append(run_simulated(ensemble(connect(sdk=False, seconds_per_call=3.0).ask)))
    assert answers[0] == answers[1]

"""Asking several voters: at once, each for itself, and a dead one is counted."""

import asyncio

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.errors import BadInput
from course_lib.voting import (
    ask_n_times,
    ask_varied_models,
    ask_varied_prompts,
    ask_varied_temperatures,
    majority_vote,
    vote_with_fallback,
    weighted_vote,
)
from course_lib.voting.ballot_box import cast
from course_lib.voting.normalizing import yes_or_no

QUESTION = "Is this e-mail spam? Answer yes or no only. <email>You have won! Click here now to claim your free prize!</email>"


class Spy:
    """An `ask` that remembers how it was called, and how many calls were open at once."""

    def __init__(self, answers=("yes",)):
        self.answers, self.asked, self.now, self.peak = answers, [], 0, 0

    async def __call__(self, prompt, **settings):
        number = len(self.asked)
        self.asked.append((prompt, settings))
        self.now += 1
        self.peak = max(self.peak, self.now)
        await asyncio.sleep(10 - number)  # the last asked answers first
        self.now -= 1
        answer = self.answers[number % len(self.answers)]
        if isinstance(answer, BaseException):
            raise answer
        return answer


def test_the_same_prompt_many_times_at_once():
    ask = Spy(["1", "2", "3", "4"])
    ballots = run_simulated(ask_n_times(ask, "Q", 4))
    assert ask.asked == [("Q", {})] * 4 and ask.peak == 4
    assert [(ballot.index, ballot.item, ballot.status, ballot.value) for ballot in ballots] == [
        (0, "Q", "ok", "1"), (1, "Q", "ok", "2"), (2, "Q", "ok", "3"), (3, "Q", "ok", "4"),
    ]


def test_varied_prompts():
    ask = Spy()
    ballots = run_simulated(ask_varied_prompts(ask, iter(["strict", "lenient"])))
    assert ask.asked == [("strict", {}), ("lenient", {})] and ask.peak == 2
    assert [ballot.item for ballot in ballots] == ["strict", "lenient"]


def test_varied_models_can_be_weighed():
    ask = Spy(["yes", "no", "no"])
    ballots = run_simulated(ask_varied_models(ask, "Q", ["opus", "haiku", "haiku again"]))
    assert ask.asked == [("Q", {"model": model}) for model in ("opus", "haiku", "haiku again")] and ask.peak == 3
    assert weighted_vote(ballots, {"opus": 3, "haiku": 1, "haiku again": 1}).answer == "yes"


def test_varied_temperatures_go_to_the_older_model():
    ask = Spy()
    run_simulated(ask_varied_temperatures(ask, "Q", [0, 0.5, 1.0]))
    assert ask.asked == [("Q", {"temperature": t, "model": "claude-haiku-4-5"}) for t in (0, 0.5, 1.0)] and ask.peak == 3
    run_simulated(ask_varied_temperatures(ask, "Q", [0.5], model="mine"))
    assert ask.asked[-1] == ("Q", {"temperature": 0.5, "model": "mine"})


def test_a_dead_voter_is_a_counted_failure_and_stops_nobody():
    ask = Spy(["yes", ConnectionError("gone"), "no"])
    ballots = run_simulated(ask_n_times(ask, "Q", 3))
    assert [ballot.status for ballot in ballots] == ["ok", "failed", "ok"]
    verdict = majority_vote(ballots)
    assert (verdict.status, verdict.tally, verdict.failures) == ("tie", {"no": 1, "yes": 1}, 1)


def test_at_most_so_many_at_once():
    ask = Spy()
    assert len(run_simulated(ask_n_times(ask, "Q", 9, max_at_once=2))) == 9
    assert ask.peak == 2


def test_votes_are_numbered_in_the_timeline():
    claude = connect(sdk=False, seconds_per_call=3.0)
    ballots = run_simulated(ask_n_times(claude.ask, QUESTION, 3, label="spam"))
    assert [call.label for call in claude.log] == ["spam 1", "spam 2", "spam 3"]
    assert claude.log.makespan == 3.0 and claude.log.peak_in_flight == 3
    assert majority_vote(ballots, normalize=yes_or_no).answer == "yes"


def test_varied_models_and_temperatures_on_the_simulated_models():
    claude = connect(sdk=False, seconds_per_call=3.0)
    models = ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"]
    assert majority_vote(run_simulated(ask_varied_models(claude.ask, QUESTION, models)), normalize=yes_or_no).votes == 3
    assert [call.model for call in claude.log] == models
    ballots = run_simulated(ask_varied_temperatures(claude.ask, QUESTION, [0.0, 0.5, 1.0]))
    assert majority_vote(ballots, normalize=yes_or_no).votes == 3
    assert [call.model for call in claude.log[3:]] == ["claude-haiku-4-5"] * 3


def test_a_dead_account_goes_to_a_human():
    ask = Spy([ConnectionError("gone")])
    verdict = vote_with_fallback(run_simulated(ask_n_times(ask, QUESTION, 3)), "human review", quorum=2)
    assert (verdict.answer, verdict.status, verdict.failures) == ("human review", "no quorum", 3)


def test_what_the_caller_got_wrong_is_no_dead_voter():
    claude = connect(sdk=False)
    with pytest.raises(BadInput, match="did you mean 'claude-haiku-5-5'"):
        run_simulated(ask_varied_models(claude.ask, QUESTION, ["claude-haiku-5-5", "claude-haiku-55"]))
    with pytest.raises(BadInput, match="The prompt is"):
        run_simulated(ask_n_times(claude.ask, " ", 3))

    async def without_model(prompt):
        return "yes"

    with pytest.raises(TypeError, match="model"):
        run_simulated(ask_varied_models(without_model, QUESTION, ["claude-haiku-5-5"]))


def test_voters_of_any_kind():
    async def consult(voter):
        return voter["says"]

    ballots = run_simulated(cast(consult, [{"says": "yes"}, {"says": "no"}], first=4))
    assert [(ballot.item["says"], ballot.value) for ballot in ballots] == [("yes", "yes"), ("no", "no")]

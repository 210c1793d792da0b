"""Early stopping against brute force: it never changes a result, and never asks one call too many."""

import asyncio
import functools
import itertools
import math
import random
from functools import partial

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.voting import (
    first_to_lead_by,
    majority_vote,
    plurality_vote,
    threshold_vote,
    unanimous_vote,
    vote_in_waves,
    vote_with_confidence,
    vote_with_fallback,
)
from course_lib.voting.early_stopping import next_wave, settled, waves_for
from course_lib.voting.normalizing import label

LOST = TimeoutError("late")
DECIDE = {
    "majority": majority_vote,
    "majority, quorum 3": partial(majority_vote, quorum=3),
    "plurality": plurality_vote,
    "unanimous": unanimous_vote,
    "unanimous, quorum 2": partial(unanimous_vote, quorum=2),
    "threshold 0.7": partial(threshold_vote, share=0.7),
    "threshold 0.4": partial(threshold_vote, share=0.4),
    "threshold 0.9, quorum 2": partial(threshold_vote, share=0.9, quorum=2),
    "majority or a human": partial(vote_with_fallback, fallback="ask a human", decide=partial(majority_vote, quorum=2)),
    "confidence 0.4": partial(vote_with_confidence, at_least=0.4),
}


def box_of(counts):
    """Ballots with these counts of answers a, b, c, d and of silent ones, half of them abstentions, half failures."""
    *answers, silent = counts
    spoken = [answer for answer, count in zip("abcd", answers, strict=True) for _ in range(count)]
    return spoken + [None if number % 2 else LOST for number in range(silent)]


@functools.cache
def results(name, counts, left):
    """All (answer, status) that `left` further ballots can lead to: one after the other, each saying anything."""
    if left == 0:
        verdict = DECIDE[name](box_of(counts))
        return {(verdict.answer, verdict.status)}
    return set().union(*(
        results(name, tuple(count + (place == said) for place, count in enumerate(counts)), left - 1) for said in range(5)
    ))


def truly_settled(name, counts, left):
    return len(results(name, counts, left)) == 1


def states(n):
    """Counts of up to `n` ballots that say a, b, or nothing; a at least as often as b."""
    return [(a, b, 0, 0, silent) for a in range(n + 1) for b in range(a + 1) for silent in range(n + 1) if a + b + silent <= n]


@pytest.mark.parametrize("name", DECIDE)
def test_settled_is_what_every_continuation_says(name):
    for n in range(1, 10):
        for counts in states(n):
            left = n - sum(counts)
            assert settled(box_of(counts), left, DECIDE[name]) == truly_settled(name, counts, left), (counts, left)


@pytest.mark.parametrize("name", DECIDE)
def test_settled_with_three_answers_heard(name):
    for n in range(3, 8):
        for counts in itertools.product(range(1, n), repeat=3):
            if sum(counts) <= n and counts[0] >= counts[1] >= counts[2]:
                for silent in range(n - sum(counts) + 1):
                    state, left = (*counts, 0, silent), n - sum(counts) - silent
                    assert settled(box_of(state), left, DECIDE[name]) == truly_settled(name, state, left), (state, left)


@pytest.mark.parametrize("name", DECIDE)
@pytest.mark.parametrize("n", range(1, 10))
def test_no_ballots_in_any_order_change_the_result_or_cost_a_call_too_many(name, n):
    """From the first wave on, through every way it can turn out: asks on exactly as long as the result is open."""
    seen, to_see = set(), {(0, 0, 0, 0, 0)}
    while to_see:
        counts = to_see.pop()
        seen.add(counts)
        left = n - sum(counts)
        wave = next_wave(box_of(counts), left, DECIDE[name])
        assert (wave == 0) == truly_settled(name, counts, left), counts
        if wave == 0:
            verdict = DECIDE[name](box_of(counts))
            assert {(verdict.answer, verdict.status)} == results(name, counts, left)
        for size in range(1, wave + 1):
            for a in range(size + 1):
                for b in range(size - a + 1):
                    more = (counts[0] + a, counts[1] + b, 0, 0, counts[4] + size - a - b)
                    if size < wave:
                        assert not truly_settled(name, more, left - size), (counts, wave, more)
                    else:
                        more = more if more[0] >= more[1] else (more[1], more[0], *more[2:])
                        to_see |= {more} - seen


@pytest.mark.parametrize("name", DECIDE)
def test_every_order_of_every_box_up_to_four(name):
    for n in range(1, 5):
        for ballots in itertools.product(("a", "b", None, LOST), repeat=n):
            full, waves = DECIDE[name](ballots), waves_for(ballots, DECIDE[name])
            early = DECIDE[name](ballots[: sum(waves)])
            assert (early.answer, early.status) == (full.answer, full.status), ballots


def test_some_orders_of_boxes_of_nine_with_four_answers():
    shuffled = random.Random(0)
    for _ in range(25):
        ballots = shuffled.choices(["a", "b", "c", "d", None, LOST], weights=[6, 2, 1, 1, 1, 1], k=9)
        for decide in (majority_vote, plurality_vote, unanimous_vote):
            full, early = decide(ballots), decide(ballots[: sum(waves_for(ballots, decide))])
            assert (early.answer, early.status) == (full.answer, full.status), ballots


def test_an_answer_that_the_normaliser_knows_but_nobody_gave_yet_can_still_win():
    read = label("spam", "not spam")
    assert not settled(["spam"], 2, majority_vote, normalize=read)
    assert waves_for(["SPAM", "Spam.", "not spam", "not spam", "not spam"], normalize=read) == (3, 1, 1)


# --- what it saves -----------------------------------------------------------------------------------


def expected_calls(n, p):
    """Calls on average when every vote says a with chance p, else b: over all ballots, exactly."""
    return math.fsum(
        p ** ballots.count("a") * (1 - p) ** ballots.count("b") * sum(waves_for(ballots))
        for ballots in itertools.product("ab", repeat=n)
    )


@functools.cache
def expected_from(a, b, n, p):
    """The same, wave by wave."""
    wave = next_wave(["a"] * a + ["b"] * b, n - a - b)
    return wave + math.fsum(
        math.comb(wave, said) * p**said * (1 - p) ** (wave - said) * expected_from(a + said, b + wave - said, n, p)
        for said in range(wave + 1) if wave
    )


@pytest.mark.parametrize(("n", "calls"), [(3, 2.18), (5, 3.32), (9, 5.55)])
def test_calls_on_average_at_nine_right_of_ten(n, calls):
    assert expected_from(0, 0, n, 0.9) == pytest.approx(calls, abs=0.005)
    if n <= 5:
        assert expected_calls(n, 0.9) == pytest.approx(expected_from(0, 0, n, 0.9))


@pytest.mark.parametrize("n", range(1, 26))
def test_the_first_wave_is_the_smallest_majority(n):
    assert next_wave([], n) == n // 2 + 1


def test_the_first_wave_of_other_strategies():
    assert next_wave([], 10, partial(threshold_vote, share=0.7)) == 7
    assert next_wave([], 5, unanimous_vote) == 2  # two that differ settle it
    assert next_wave(["a"], 5 - 1, unanimous_vote) == 1
    assert waves_for(["a"] * 5, unanimous_vote) == (2, 1, 1, 1)


# --- asking ------------------------------------------------------------------------------------------


class Voters:
    """Voters with ballots prepared: who was asked, and how many at once."""

    def __init__(self, ballots):
        self.ballots, self.asked, self.now, self.peaks = ballots, [], 0, []

    async def __call__(self, number):
        self.asked.append(number)
        self.now += 1
        await asyncio.sleep(1)
        self.peaks.append(self.now)
        self.now -= 1
        ballot = self.ballots[number - 1]
        if isinstance(ballot, Exception):
            raise ballot
        return ballot


@pytest.mark.parametrize(("ballots", "waves"), [
    ("aaaaa", (3,)), ("aabaa", (3, 1)), ("ababa", (3, 1, 1)), ("abcde", (3, 2)), (["a", LOST, "a", "a", "b"], (3, 1)),
    ([LOST] * 5, (3, 2)), (["a", "a", None, LOST, "b"], (3, 1)),
])
def test_five_votes_in_waves(ballots, waves):
    ballots = list(ballots)
    voters = Voters(ballots)
    vote = run_simulated(vote_in_waves(voters, 5))
    full = majority_vote(ballots)
    assert (vote.verdict.answer, vote.verdict.status) == (full.answer, full.status)
    assert vote.waves == waves == waves_for(ballots)
    assert (vote.calls, vote.calls_saved, vote.at_most) == (sum(waves), 5 - sum(waves), 5)
    assert voters.asked == list(range(1, vote.calls + 1))
    assert max(voters.peaks) == max(waves)  # each wave really goes out at once
    assert [ballot.item for ballot in vote.ballots] == voters.asked
    assert vote.verdict.failures == sum(ballot is LOST for ballot in ballots[: vote.calls])


def test_the_votes_are_numbered_in_the_timeline_and_a_wave_takes_as_long_as_one_call():
    claude = connect(sdk=False, seconds_per_call=3.0)
    question = "Is this e-mail spam? Answer yes or no only. <email>Hi Ann, lunch at noon?</email>"
    vote = run_simulated(vote_in_waves(lambda _: claude.ask(question), 5, label="spam"))
    assert vote.verdict.answer == "no"
    assert [call.label for call in claude.log] == [f"spam {number}" for number in range(1, vote.calls + 1)]
    assert claude.log.makespan == pytest.approx(3.0 * len(vote.waves))


def test_never_more_at_once_than_allowed():
    voters = Voters(["a"] * 9)
    assert run_simulated(vote_in_waves(voters, 9, max_at_once=2)).calls == 5
    assert max(voters.peaks) == 2


# --- first to lead by k ------------------------------------------------------------------------------


def lead_one_by_one(ballots, k, most):
    """(answer, calls): one ballot after the other, until one answer is k ahead."""
    counts = {"a": 0, "b": 0, "c": 0}
    for calls, ballot in enumerate(ballots[:most], start=1):
        if ballot in counts:
            counts[ballot] += 1
            first, second, _ = sorted(counts.values(), reverse=True)
            if first - second >= k:
                return max(counts, key=counts.get), calls
    return None, most


@pytest.mark.parametrize("k", [1, 2, 3])
def test_waves_stop_where_asking_one_by_one_would(k):
    shuffled = random.Random(k)
    larger = [shuffled.choices(["a", "b", "c", None, LOST], k=9) for _ in range(60)]
    for ballots in [*itertools.product(("a", "b", None), repeat=4), *larger]:
        vote = run_simulated(first_to_lead_by(Voters(ballots), k, most=len(ballots)))
        answer, calls = lead_one_by_one(ballots, k, len(ballots))
        assert (vote.verdict.answer, vote.calls) == (answer, calls), ballots
        assert (vote.verdict.status == "decided") == (answer is not None)


def test_easy_questions_take_few_calls_and_hard_ones_more():
    easy, hard = (run_simulated(first_to_lead_by(Voters(list(ballots)), 2)) for ballots in ("aa", "abbaaa"))
    assert (easy.waves, hard.waves) == ((2,), (2, 2, 2))
    assert hard.verdict.tally == {"a": 4, "b": 2} and hard.calls_saved == 9


@pytest.mark.parametrize(("ballots", "status"), [("abab", "tie"), ("abaca", "decided"), ("aabba", "below threshold")])
def test_without_such_a_lead_nothing_is_decided(ballots, status):
    k = 2 if status != "below threshold" else 3
    assert run_simulated(first_to_lead_by(Voters(list(ballots)), k, most=len(ballots))).verdict.status == status


def test_dead_voters_do_not_keep_it_asking_for_ever():
    vote = run_simulated(first_to_lead_by(Voters([LOST] * 15), 2))
    assert (vote.verdict.status, vote.verdict.failures, vote.calls) == ("no votes", 15, 15)


@pytest.mark.parametrize(("p", "k"), [(0.8, 1), (0.8, 2), (0.6, 3), (0.9, 2)])
def test_its_accuracy_is_the_gamblers(p, k):
    """The chances of every lead, vote by vote, against p^k / (p^k + (1 − p)^k) of the docstring."""
    chances, right = {0: 1.0}, 0.0
    for _ in range(2000):
        chances, before = {}, chances
        for lead, chance in before.items():
            for step, here in ((1, p), (-1, 1 - p)):
                if lead + step == k:
                    right += chance * here
                elif lead + step > -k:
                    chances[lead + step] = chances.get(lead + step, 0.0) + chance * here
    assert right == pytest.approx(p**k / (p**k + (1 - p) ** k))

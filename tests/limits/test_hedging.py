"""The first answer wins, whoever was listed first; losers are cancelled and awaited."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.limits import RateLimiter, Retries, first_of, hedged, polite, with_retries, within_limits
from course_lib.simulation.api.faults import Faults


class Copies:
    """An ask whose first, second, … request takes so many seconds; a negative number fails after so many."""

    def __init__(self, *seconds, clean_up=0.0):
        self.seconds, self.clean_up = list(seconds), clean_up
        self.began, self.cancelled = [], []

    async def __call__(self, prompt="Hello"):
        number = len(self.began)
        self.began.append(asyncio.get_running_loop().time())
        try:
            await asyncio.sleep(abs(self.seconds[number]))
        except asyncio.CancelledError:
            await asyncio.sleep(self.clean_up)
            self.cancelled.append(number)
            raise
        if self.seconds[number] < 0:
            raise ConnectionError(f"request {number}")
        return number


def timed(ask, *args):
    """The answer or the error, and when it came."""

    async def main():
        try:
            answer = await ask(*args)
        except Exception as error:
            answer = str(error)
        assert asyncio.all_tasks() == {asyncio.current_task()}  # nobody is left running
        return answer, asyncio.get_running_loop().time()

    return run_simulated(main())


# --- hedged --------------------------------------------------------------------------------------


def test_a_quick_answer_needs_no_second_request():
    ask = Copies(2.0)
    assert timed(hedged(ask, after=5)) == (0, 2.0)
    assert ask.began == [0.0]


def test_a_straggler_is_overtaken_cancelled_and_awaited():
    ask = Copies(60.0, 2.0, clean_up=0.5)
    assert timed(hedged(ask, after=5)) == (1, 7.5)  # the answer came at 7; putting the loser away took half a second
    assert (ask.began, ask.cancelled) == ([0.0, 5.0], [0])


def test_the_first_may_still_win():
    ask = Copies(6.0, 60.0)
    assert timed(hedged(ask, after=5)) == (0, 6.0)
    assert ask.cancelled == [1]


def test_up_to_so_many_copies_each_after_the_one_before():
    ask = Copies(60.0, 60.0, 60.0, 1.0, 1.0)
    assert timed(hedged(ask, after=5, copies=4)) == (3, 16.0)
    assert ask.began == [0.0, 5.0, 10.0, 15.0]


def test_after_zero_seconds_all_leave_at_once():
    ask = Copies(3.0, 2.0, 1.0)
    assert timed(hedged(ask, after=0, copies=3)) == (2, 1.0)
    assert ask.began == [0.0] * 3


def test_one_failure_waits_for_the_other_copy():
    assert timed(hedged(Copies(-6.0, 4.0), after=5)) == (1, 9.0)
    assert timed(hedged(Copies(8.0, -1.0), after=5)) == (0, 8.0)


def test_when_all_have_failed_the_firsts_error_is_raised():
    assert timed(hedged(Copies(-9.0, -1.0), after=5)) == ("request 0", 9.0)
    assert timed(hedged(Copies(-6.0, -9.0), after=5)) == ("request 0", 14.0)


def test_a_failure_before_the_time_is_not_hedged():
    ask = Copies(-2.0, 1.0)
    assert timed(hedged(ask, after=5)) == ("request 0", 2.0)
    assert ask.began == [0.0]


def test_whoever_gives_up_takes_all_copies_along():
    ask = Copies(60.0, 60.0)

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await hedged(ask, after=5)()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_simulated(main())
    assert ask.cancelled == [0, 1]


# Half seconds, so that no answer comes at the very moment at which the next copy is due.
@given(st.lists(st.integers(-40, 40).map(lambda n: n + 0.5), min_size=2, max_size=5), st.integers(0, 12))
def test_the_answer_is_the_earliest_of_all_copies(seconds, after):
    """Reference: copy n leaves at n × after, unless by then one has answered or all have failed."""
    copies = len(seconds)
    ask = Copies(*seconds)
    answer, moment = timed(hedged(ask, after=after, copies=copies))
    ends = [(n * after + abs(length), n) for n, length in enumerate(seconds)]
    sent = copies
    for n in range(1, copies):
        answered = any(end <= n * after for end, k in ends[:n] if seconds[k] > 0)
        if answered or all(end <= n * after for end, _ in ends[:n]):
            sent = n
            break
    good = [(end, n) for end, n in ends[:sent] if seconds[n] > 0]
    assert len(ask.began) == sent
    if good:
        assert (moment, answer) == min(good)
    else:
        assert (moment, answer) == (max(ends[:sent])[0], "request 0")


# --- hedging and the other wrappers --------------------------------------------------------------


def test_waiting_in_a_limiters_line_is_not_slow():
    """Ten calls of 4 s, one leaving every 2 s: the last waits 18 s for its turn, yet nothing is sent twice."""
    claude = connect(sdk=False, seconds_per_call=4.0, max_retries=0)
    ask = hedged(polite(claude.ask, requests_per_minute=30), after=5)

    async def main():
        await asyncio.gather(*(ask(f"Question {n}") for n in range(10)))

    run_simulated(main())
    assert len(claude.log) == 10


def test_the_second_copy_waits_its_turn_and_counts():
    claude = connect(sdk=False, max_retries=0, seconds_per_call=lambda prompt: 60.0 if prompt == "slow" else 2.0)
    ask = hedged(within_limits(claude.ask, RateLimiter(requests_per_minute=6)), after=5)

    async def main():
        await asyncio.gather(ask("quick"), ask("slow"), return_exceptions=True)

    run_simulated(main())
    # "slow" leaves at 10, is late at 15, and its copy may leave at 20; both take 60 s.
    assert [(call.prompt, round(call.started), call.status) for call in claude.log] == [
        ("quick", 0, "ok"), ("slow", 10, "ok"), ("slow", 20, "cancelled"),
    ]


def test_a_retry_of_a_hedged_call_keeps_its_copies_apart_in_the_log():
    claude = connect(sdk=False, seconds_per_call=8.0, max_retries=0,
                     faults=Faults(script=lambda prompt, arrival: "error" if arrival == 1 else None))
    run_simulated(with_retries(hedged(claude.ask, after=5), Retries(jitter=0))("Hello"))
    assert [(call.status, len(call.attempts)) for call in claude.log] == [("ok", 2), ("cancelled", 1)]


# --- first_of ------------------------------------------------------------------------------------


async def slow(prompt):
    await asyncio.sleep(2.0)
    return "slow"


async def quick(prompt):
    await asyncio.sleep(0.1)
    return "quick"


async def broken(prompt):
    raise ConnectionError("broken")


async def broken_too(prompt):
    await asyncio.sleep(0.5)
    raise ConnectionError("broken too")


def test_the_first_to_finish_wins_not_the_first_listed():
    assert timed(first_of([slow, quick]), "Hello") == ("quick", 0.1)
    assert timed(first_of([quick, slow]), "Hello") == ("quick", 0.1)


def test_failures_win_nothing():
    assert timed(first_of([broken, slow, broken_too]), "Hello") == ("slow", 2.0)


def test_when_all_have_failed_the_first_listed_ones_error_is_raised():
    assert timed(first_of([broken_too, broken]), "Hello") == ("broken too", 0.5)


def test_two_models_race_and_the_loser_is_cancelled():
    haiku, opus = (connect(sdk=False, model=f"claude-{name}", seconds_per_call=seconds)
                   for name, seconds in (("haiku-5-5", 1.0), ("opus-5-5", 4.0)))
    run_simulated(first_of([opus.ask, haiku.ask])("Hello"))
    assert [opus.log[0].status, haiku.log[0].status] == ["cancelled", "ok"]
    assert opus.log[0].ended == 1.0

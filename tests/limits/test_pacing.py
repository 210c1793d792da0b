"""The line: as early as the limits allow, in order, never above them, and usable whatever is cancelled."""

import asyncio
import inspect
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.errors import CourseError
from course_lib.limits import RateLimiter, with_retries, within_limits
from course_lib.limits.pacing import estimated_tokens
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits
from tests.limits.test_passing_errors import StatusError


class Spy:
    """An ask that takes `seconds`, and remembers who left when and the peak on the wire."""

    def __init__(self, seconds=1.0):
        self.seconds = seconds if callable(seconds) else lambda prompt: seconds
        self.left, self.running, self.peak = {}, 0, 0

    async def __call__(self, prompt, *, max_tokens=1024):
        self.left[prompt] = asyncio.get_running_loop().time()
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(self.seconds(prompt))
        finally:
            self.running -= 1
        return "x" * 4


def at_once(ask, prompts):
    async def main():
        return await asyncio.gather(*(ask(prompt) for prompt in prompts), return_exceptions=True)

    return run_simulated(main())


def departures(limiter, count, **spy):
    ask = Spy(**spy)
    assert at_once(within_limits(ask, limiter), [f"{n}" for n in range(count)]) == ["xxxx"] * count
    return list(ask.left.values())


# --- requests ------------------------------------------------------------------------------------


def test_requests_leave_evenly():
    assert departures(RateLimiter(requests_per_minute=60), 5) == pytest.approx([0, 1, 2, 3, 4])


def test_a_burst_leaves_at_once_and_comes_back_only_with_time():
    assert departures(RateLimiter(requests_per_minute=60, burst=3), 6) == pytest.approx([0, 0, 0, 1, 2, 3])


def test_without_limits_nobody_waits():
    assert departures(RateLimiter(), 50) == [0.0] * 50


def test_no_more_than_max_at_once_are_on_the_wire_and_a_slot_is_filled_at_once():
    assert departures(RateLimiter(max_at_once=2), 5) == [0, 0, 1, 1, 2]


@given(st.lists(st.integers(0, 40), max_size=40), st.integers(1, 120))
def test_every_request_leaves_as_early_as_an_even_pace_allows(gaps, per_minute):
    """The slow and obviously right reference: not before it came, nor sooner than one interval after the last one."""
    arrivals = [sum(gaps[: n + 1]) / 10 for n in range(len(gaps))]
    spy = Spy(seconds=5.0)
    ask = within_limits(spy, RateLimiter(requests_per_minute=per_minute))

    async def one(number):
        await asyncio.sleep(arrivals[number])
        await ask(str(number))

    async def main():
        await asyncio.gather(*(one(number) for number in range(len(arrivals))))

    run_simulated(main())
    expected, last = [], -1e9
    for arrival in arrivals:
        expected.append(last := max(arrival, last + 60 / per_minute))
    assert list(spy.left) == [str(number) for number in range(len(arrivals))]  # first come, first served
    assert list(spy.left.values()) == pytest.approx(expected)


# --- whatever happens ----------------------------------------------------------------------------

journeys = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 50), st.integers(0, 300), st.none() | st.integers(0, 100), st.booleans()),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(journeys, st.integers(6, 60), st.integers(1, 4), st.integers(1, 5))
def test_limits_hold_whoever_is_cancelled_or_fails_and_the_line_goes_on(journeys, per_minute, burst, max_at_once):
    """gap before it comes, seconds on the wire, length of the prompt, when it is cancelled, whether it fails."""
    limiter = RateLimiter(per_minute, input_tokens_per_minute=120, max_at_once=max_at_once, burst=burst)
    log, running, peak = [], 0, 0

    async def wire(prompt, number, seconds, fails):
        nonlocal running, peak
        log.append((asyncio.get_running_loop().time(), estimated_tokens((prompt,), {}), number))
        running += 1
        peak = max(peak, running)
        try:
            await asyncio.sleep(seconds / 10)
            if fails:
                raise ConnectionError("lost")
        finally:
            running -= 1

    ask = within_limits(wire, limiter)

    async def one(number, gap, seconds, length, cancelled, fails):
        try:
            async with asyncio.timeout(None if cancelled is None else cancelled / 10):
                await ask("x" * length, number, seconds, fails)
                return "answered"
        except TimeoutError:
            return "cancelled"
        except ConnectionError:
            return "failed"

    async def main():
        tasks = []
        for number, journey in enumerate(journeys):
            await asyncio.sleep(journey[0] / 10)
            tasks.append(asyncio.create_task(one(number, *journey)))
        results = await asyncio.gather(*tasks)
        assert (limiter.waiting, limiter.in_flight) == (0, 0)
        before = asyncio.get_running_loop().time()
        await ask("", "last", 0, False)
        waited = asyncio.get_running_loop().time() - before
        return results, waited

    results, waited = run_simulated(main())
    for (_, _, _, cancelled, fails), result in zip(journeys, results, strict=True):
        if result == "cancelled":
            assert cancelled is not None
        else:
            assert result == ("failed" if fails else "answered")
    assert peak <= max_at_once
    assert waited <= 60 / per_minute + 60 * 80 / 120 + 1e-6  # at most one request's wait and the longest prompt's debt
    numbers = [number for _, _, number in log[:-1]]
    assert numbers == sorted(numbers)
    for first, (start, _, _) in enumerate(log):
        for last in range(first, len(log)):
            seconds = log[last][0] - start
            inside = log[first : last + 1]
            assert len(inside) <= burst + seconds * per_minute / 60 + 1e-6
            assert sum(tokens for _, tokens, _ in inside) <= 120 + seconds * 2 + 1e-6


def test_who_is_cancelled_in_line_gives_his_place_to_the_next():
    spy = Spy()
    ask = within_limits(spy, RateLimiter(requests_per_minute=6))

    async def main():
        first, second, third = (asyncio.create_task(ask(name)) for name in ("first", "second", "third"))
        await asyncio.sleep(5)
        second.cancel()
        await asyncio.gather(first, second, third, return_exceptions=True)

    run_simulated(main())
    assert spy.left == {"first": 0.0, "third": 10.0}


def test_when_a_large_wish_is_cancelled_the_small_one_behind_it_leaves_at_once():
    spy = Spy()
    ask = within_limits(spy, RateLimiter(input_tokens_per_minute=60))
    first, large, small = "f" * 200, "l" * 200, "s"  # 54, 54 and 5 tokens

    async def main():
        tasks = [asyncio.create_task(ask(prompt)) for prompt in (first, large, small)]
        await asyncio.sleep(5)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_simulated(main())
    assert spy.left == {first: 0.0, small: 5.0}


def test_a_turn_that_comes_at_the_moment_of_its_cancellation_is_not_lost():
    """The future has its result, the task is cancelled before it runs: the classic lost wake-up."""
    spy = Spy()
    limiter = RateLimiter(max_at_once=1)
    ask = within_limits(spy, limiter)

    async def main():
        holder = await limiter.reserve()
        second, third = asyncio.create_task(ask("second")), asyncio.create_task(ask("third"))
        await asyncio.sleep(1)
        limiter.settle(holder)  # second's turn has come …
        second.cancel()  # … but it will not leave
        await asyncio.gather(second, third, return_exceptions=True)

    run_simulated(main())
    assert spy.left == {"third": 1.0}
    assert (limiter.in_flight, limiter.waiting) == (0, 0)


def test_a_wish_larger_than_the_limit_waits_and_leaves_a_debt_instead_of_waiting_for_ever():
    spy = Spy(seconds=0.0)
    ask = within_limits(spy, RateLimiter(input_tokens_per_minute=60))
    small, large = "s" * 40, "l" * 400  # 14 and 104 tokens
    at_once(ask, [small, large, small + "!"])
    assert list(spy.left.values()) == pytest.approx([0.0, 14.0, 14.0 + 104 - 60 + 15])  # full at 14 s; then out of debt


def test_who_was_cancelled_in_flight_has_used_its_request():
    spy = Spy(seconds=100.0)
    limiter = RateLimiter(requests_per_minute=6, max_at_once=1)
    ask = within_limits(spy, limiter)

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await ask("first")
        assert limiter.in_flight == 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await ask("second")

    run_simulated(main())
    assert spy.left == {"first": 0.0, "second": 10.0}


# --- tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_retries", [0, 2])
def test_ten_output_tokens_a_minute_are_kept(max_retries):
    """Each answer is cut at 5 tokens, so two answers use a minute up."""
    prompts = [f"Summarize. <text>The river {n} is 40 km long and flows to the sea. It is old.</text>" for n in range(12)]
    claude = connect(sdk=False, seconds_per_call=1.0, max_retries=max_retries, limits=Limits(output_tokens_per_minute=10))
    ask = within_limits(claude.ask, RateLimiter(output_tokens_per_minute=10))
    assert all(isinstance(result, str) for result in at_once(lambda prompt: ask(prompt, max_tokens=5), prompts))
    assert {attempt.status for call in claude.log for attempt in call.attempts} == {200}
    assert sum(call.output_tokens for call in claude.log if call.ended <= 60) <= 20  # what it held, and what was refilled
    assert claude.log.makespan == pytest.approx((60 - 10) / (10 / 60) + 2, abs=0.01)  # 50 of 60 tokens were waited for


def test_output_is_expected_at_max_tokens_until_the_first_answer_has_taught_better():
    spy = Spy()  # answers one token
    ask = within_limits(spy, RateLimiter(output_tokens_per_minute=2000))
    at_once(ask, [f"{n}" for n in range(8)])
    assert list(spy.left.values()) == [0.0] + [1.0] * 7


def test_the_estimate_gives_way_to_the_real_usage():
    """A system prompt in capitals that the API counts as one token a letter, say: the debt is paid before the next call."""
    limiter = RateLimiter(input_tokens_per_minute=60)

    async def main():
        place = await limiter.reserve(input_tokens=10)
        limiter.settle(place, input_tokens=90)
        await limiter.reserve(input_tokens=10)
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == pytest.approx(40.0)


def test_the_sdks_own_retries_count_as_requests_too():
    claude = connect(sdk=False, seconds_per_call=1.0, faults=Faults(script=lambda prompt, n: "error" if n < 3 else None))
    ask = within_limits(claude.ask, RateLimiter(requests_per_minute=6))

    async def main():
        await ask("Hello")  # three attempts
        await ask("Hello again")

    run_simulated(main())
    assert [call.started for call in claude.log] == pytest.approx([0.0, 30.0])


def test_a_refused_request_gives_its_input_tokens_back():
    limiter = RateLimiter(input_tokens_per_minute=60)

    async def refused(prompt):
        raise StatusError(429)

    async def main():
        for _ in range(5):
            with pytest.raises(StatusError):
                await within_limits(refused, limiter)("x" * 200)
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 0.0


@pytest.mark.parametrize("model", ["claude-haiku-5-5", "claude-sonnet-5-5"])
def test_the_estimate_is_what_the_simulated_api_counts(model):
    claude = connect(sdk=False, model=model)
    run_simulated(claude.ask("Is this spam? Answer spam or ham only. <email>Hi</email>", system="Be brief."))
    assert claude.log.input_tokens == estimated_tokens((claude.log[0].prompt,), {"system": "Be brief."})


# --- one retry-after for all ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 529])
def test_one_retry_after_stops_everybody_who_has_not_left(status):
    left = {}

    async def wire(prompt):
        left[prompt] = asyncio.get_running_loop().time()
        await asyncio.sleep(0.5)
        if prompt == "1":
            raise StatusError(status, retry_after="7")

    at_once(within_limits(wire, RateLimiter(requests_per_minute=60)), "0123")
    assert left == pytest.approx({"0": 0.0, "1": 1.0, "2": 8.5, "3": 9.5})


@pytest.mark.parametrize("error", [StatusError(500, retry_after="7"), StatusError(429), ValueError()])
def test_other_errors_are_nobody_elses_concern(error):
    left = []

    async def wire(prompt):
        left.append(asyncio.get_running_loop().time())
        raise error

    at_once(within_limits(wire, RateLimiter(requests_per_minute=60)), "012")
    assert left == pytest.approx([0.0, 1.0, 2.0])


def test_a_shorter_pause_never_ends_a_longer_one():
    limiter = RateLimiter()

    async def main():
        limiter.pause_until(9.0)
        limiter.pause_until(4.0)
        await limiter.reserve()
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 9.0


# --- the record ----------------------------------------------------------------------------------


def test_the_log_tells_how_long_a_call_stood_in_line():
    claude = connect(sdk=False, seconds_per_call=1.0)
    at_once(within_limits(claude.ask, RateLimiter(requests_per_minute=6)), ["one", "two", "three"])
    assert [call.queued for call in claude.log] == [0.0] * 3
    assert [call.started for call in claude.log] == pytest.approx([0, 10, 20])


def test_a_pools_line_counts_from_its_beginning():
    claude = connect(sdk=False, seconds_per_call=1.0)
    ask = within_limits(claude.ask, RateLimiter(requests_per_minute=30))
    run_simulated(run_parallel(ask, ["one", "two", "three"], max_at_once=1))
    assert [call.queued for call in claude.log] == [0.0] * 3
    assert [call.released for call in claude.log] == [call.started for call in claude.log]
    assert [call.started for call in claude.log] == pytest.approx([0, 2, 4])


def test_a_second_attempts_wait_is_not_the_next_calls():
    claude = connect(sdk=False, seconds_per_call=1.0, max_retries=0,
                     faults=Faults(script=lambda prompt, n: "error" if n == 1 and prompt == "one" else None))
    ask = with_retries(within_limits(claude.ask, RateLimiter(requests_per_minute=6)))

    async def main():
        await ask("one")
        await asyncio.sleep(100)
        await ask("two")

    run_simulated(main())
    assert [len(call.attempts) for call in claude.log] == [2, 1]
    assert claude.log[1].queued == claude.log[1].started


def test_settling_a_second_attempt_uses_the_real_usage(monkeypatch):
    limiter = RateLimiter(input_tokens_per_minute=1000)
    settled = []
    settle = limiter.settle
    monkeypatch.setattr(limiter, "settle", lambda place, **usage: settled.append(usage) or settle(place, **usage))
    claude = connect(sdk=False, seconds_per_call=1.0, max_retries=0,
                     faults=Faults(script=lambda _, n: "error" if n == 1 else None))
    run_simulated(with_retries(within_limits(claude.ask, limiter))("Hello"))
    assert [usage["requests"] for usage in settled] == [1, 1]
    assert settled[1] == {"requests": 1, "input_tokens": claude.log.input_tokens, "output_tokens": claude.log.output_tokens}


def test_the_wrapper_looks_like_what_it_wraps():
    claude = connect(sdk=False)
    ask = within_limits(claude.ask, RateLimiter())
    assert inspect.signature(ask) == inspect.signature(claude.ask)
    assert ask.__doc__ == claude.ask.__doc__


# --- clocks and effort ---------------------------------------------------------------------------


def test_a_limiter_goes_from_one_clock_to_the_next_with_its_debts():
    limiter = RateLimiter(requests_per_minute=6)
    assert departures(limiter, 2) == pytest.approx([0.0, 10.0])
    assert departures(limiter, 2) == pytest.approx([9.0, 19.0])  # 1 s of the 10 had passed on the other clock


def test_a_clock_that_stopped_with_calls_in_line_does_not_block_the_next():
    limiter, left_over = RateLimiter(max_at_once=1), []

    async def interrupted():
        for _ in range(3):
            left_over.append(asyncio.create_task(within_limits(Spy(seconds=50.0), limiter)("x")))
        await asyncio.sleep(1)

    run_simulated(interrupted())
    assert departures(limiter, 1) == [0.0]


def test_two_clocks_at_once_are_refused_in_words():
    limiter = RateLimiter(max_at_once=1)

    async def outer():
        await limiter.reserve()
        with pytest.raises(CourseError, match="make a RateLimiter of its own for each loop"):
            run_simulated(within_limits(Spy(), limiter)("x"))

    run_simulated(outer())


def test_a_clock_that_is_years_on_does_not_spin_on_a_wait_too_short_to_tell():
    limiter = RateLimiter(input_tokens_per_minute=60)

    async def main():
        await asyncio.sleep(3e8)  # from here on, the clock's smallest step is 60 ns
        limiter.settle(await limiter.reserve(), input_tokens=1e-8)  # 10 ns are missing for a full bucket
        async with asyncio.timeout(1):
            await limiter.reserve(input_tokens=60)
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 3e8


def test_nobody_polls_one_timer_serves_the_whole_line():
    """2,000 calls in line: as many wake-ups as departures, and no more."""
    limiter, wakes = RateLimiter(requests_per_minute=600, max_at_once=40), 0
    wake = limiter._wake

    def counted():
        nonlocal wakes
        wakes += 1
        wake()

    limiter._wake = counted
    departures(limiter, 2000, seconds=lambda prompt: random.Random(prompt).uniform(1, 5))
    assert wakes <= 2000


# --- bad input -----------------------------------------------------------------------------------


def test_bad_max_tokens_reach_ask_which_refuses_them_better():
    claude = connect(sdk=False, max_retries=0)
    limiter = RateLimiter(output_tokens_per_minute=100)
    with pytest.raises(Exception, match="max_tokens"):
        run_simulated(within_limits(claude.ask, limiter)("Hello", max_tokens="many"))
    assert limiter.in_flight == 0


def test_it_says_what_it_lets_through():
    assert repr(RateLimiter(300, output_tokens_per_minute=80_000, max_at_once=40)) == (
        "<RateLimiter: 300 requests a minute, 80000 output tokens a minute, 40 at once; 0 waiting, 0 in flight>"
    )
    assert repr(RateLimiter()) == "<RateLimiter: no limit; 0 waiting, 0 in flight>"

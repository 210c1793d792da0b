"""Tried again, later each time, only what may clear; the same waits on every run, and no slot held meanwhile."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.errors import BadInput
from course_lib.limits import DeadlinePassed, RateLimiter, Retries, with_retries, within_limits
from course_lib.simulation.api.faults import Faults
from tests.limits.test_passing_errors import StatusError

STEADY = Retries(jitter=0)


class Failing:
    """An ask that raises these errors, one after the other, and then answers; each attempt takes `seconds`."""

    def __init__(self, *errors, seconds=0.0):
        self.errors, self.seconds, self.moments = list(errors), seconds, []

    async def __call__(self, prompt):
        self.moments.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.seconds)
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def moments(ask, retries=STEADY, prompt="Hello"):
    """What came of it, and when each attempt began."""

    async def main():
        try:
            return await with_retries(ask, retries)(prompt)
        except Exception as error:
            return error

    return run_simulated(main()), ask.moments


# --- how long ------------------------------------------------------------------------------------


def test_the_waits_double_up_to_the_most():
    ask = Failing(*[ConnectionError()] * 7)
    assert moments(ask, Retries(attempts=8, jitter=0)) == ("answer", [0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5])


def test_a_retry_after_is_obeyed():
    ask = Failing(StatusError(429, retry_after="7"), StatusError(529, retry_after_ms="250"))
    assert moments(ask) == ("answer", [0, 7, 7.25])


@given(st.floats(0, 100), st.integers(1, 9), st.floats(0, 1))
def test_nobody_comes_back_sooner_than_the_api_asks(asked, failures, jitter):
    seconds = Retries(jitter=jitter).seconds_after_being_asked(asked, failures, "Hello")
    assert asked <= seconds <= asked + jitter * max(asked, 0.5) + 1e-9


def test_thirty_who_are_told_the_same_second_do_not_come_back_in_it():
    asks = [Failing(StatusError(429, retry_after="30")) for _ in range(30)]

    async def main():
        await asyncio.gather(*(with_retries(ask, Retries())(f"Question {number}") for number, ask in enumerate(asks)))

    run_simulated(main())
    back = sorted(ask.moments[1] for ask in asks)
    assert back[0] >= 30 and back[-1] <= 37.5
    assert max(sum(moment <= other < moment + 1 for other in back) for moment in back) <= 10


@given(st.integers(1, 2000), st.text("aé\ud800 ", max_size=20), st.floats(0, 1), st.integers(0, 9), st.integers(0, 3))
def test_jitter_takes_its_share_at_most_and_is_the_same_every_time(failures, prompt, jitter, seed, twin):
    retries = Retries(jitter=jitter, seed=seed)
    whole = Retries(jitter=0).seconds_after(failures, prompt)
    seconds = retries.seconds_after(failures, prompt, twin)
    assert whole * (1 - jitter) - 1e-9 <= seconds <= whole
    assert seconds == Retries(jitter=jitter, seed=seed).seconds_after(failures, prompt, twin)


def test_the_jitter_is_pinned_on_every_python():
    waits = [Retries(jitter=1).seconds_after(2, "Hello"), Retries(jitter=1, seed=1).seconds_after(2, "Hello")]
    assert waits == pytest.approx([0.7379282810903064, 0.04137266364945158])
    assert len({Retries(jitter=1).seconds_after(n, p, t) for n in (5, 6) for p in "ab" for t in (0, 1)}) == 8


def test_equal_ballots_that_fail_together_do_not_come_back_together():
    """Five voters with the same prompt: their waits must differ although prompt, seed and attempt are the same."""
    began = []

    async def wire(prompt):
        began.append(asyncio.get_running_loop().time())
        if len(began) <= 5:
            raise StatusError(500)

    async def main():
        ask = with_retries(wire)
        await asyncio.gather(*(ask("spam?") for _ in range(5)))

    run_simulated(main())
    assert began[:5] == [0.0] * 5
    assert len(set(began[5:])) == 5


# --- what, and how often -------------------------------------------------------------------------


@pytest.mark.parametrize("error", [StatusError(400), StatusError(401), StatusError(404), BadInput("no"), KeyError("a")])
def test_what_never_clears_is_raised_at_once(error):
    assert moments(Failing(error)) == (error, [0.0])


def test_when_the_attempts_are_used_up_the_last_error_is_raised():
    errors = [StatusError(500), StatusError(503), StatusError(529)]
    assert moments(Failing(*errors), Retries(attempts=3, jitter=0)) == (errors[2], [0, 0.5, 1.5])


def test_two_layers_of_retries_are_told_with_their_product():
    claude = connect(sdk=False)
    with pytest.warns(UserWarning, match="inside each of these 5 attempts: one call may become 15 requests"):
        with_retries(within_limits(claude.ask, RateLimiter(requests_per_minute=60)))


@pytest.mark.filterwarnings("error")
def test_one_layer_of_retries_is_nothing_to_tell():
    with_retries(connect(sdk=False, max_retries=0).ask)
    with_retries(connect(sdk=False).ask, Retries(attempts=1))
    with_retries(Failing())


def test_one_attempt_is_no_retry():
    error = TimeoutError()
    assert moments(Failing(error), Retries(attempts=1)) == (error, [0.0])


def test_the_deadline_stops_before_a_wait_that_would_pass_it():
    errors = [ConnectionError(f"{n}") for n in range(9)]
    error, began = moments(Failing(*errors, seconds=1.0), Retries(attempts=9, jitter=0, deadline=6))
    assert began == [0, 1.5, 3.5]
    assert isinstance(error, DeadlinePassed) and error.__cause__ is errors[2]
    assert str(error) == (
        "Gave up after attempt 3 and 4.5 s: the next wait of 2 s would end after deadline=6 s, "
        "and the last error was ConnectionError; allow more time, or send less at once."
    )


def test_the_deadline_knows_a_long_retry_after_in_advance():
    error, began = moments(Failing(StatusError(429, retry_after="60")), Retries(deadline=20))
    assert isinstance(error, DeadlinePassed) and began == [0.0]


def test_a_wait_that_ends_at_the_deadline_is_allowed():
    assert moments(Failing(ConnectionError()), Retries(jitter=0, deadline=0.5)) == ("answer", [0, 0.5])


def test_nested_retries_do_not_multiply_what_the_inner_deadline_ended():
    ask = with_retries(Failing(*[ConnectionError()] * 9), Retries(jitter=0, deadline=1))
    with pytest.raises(DeadlinePassed):
        run_simulated(with_retries(ask)("Hello"))
    assert len(ask.__wrapped__.moments) == 2


def test_cancelled_while_it_backs_off_it_stops():
    ask = Failing(*[ConnectionError()] * 3)

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.7):
                await with_retries(ask, STEADY)("Hello")
        await asyncio.sleep(60)

    run_simulated(main())
    assert ask.moments == [0, 0.5]


# --- in the log ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sdk", [True, False])
def test_all_attempts_are_one_row_that_backs_off(sdk):
    script = Faults(script=lambda prompt, arrival: {1: "overloaded", 2: "error"}.get(arrival))
    claude = connect(sdk=sdk, seconds_per_call=3.0, max_retries=0, faults=script)
    run_simulated(with_retries(claude.ask)("Hello"))
    assert len(claude.log) == 1 and claude.log[0].status == "ok"
    assert [phase.kind for phase in claude.log[0].phases] == ["running", "backing off"] * 2 + ["running"]
    assert [attempt.status for attempt in claude.log[0].attempts] == [529, 500, 200]


def test_an_attempt_of_several_calls_is_several_calls_again():
    claude = connect(sdk=False, seconds_per_call=1.0, max_retries=0,
                     faults=Faults(script=lambda prompt, arrival: "error" if (prompt, arrival) == ("second", 1) else None))

    async def two_questions(prompt):
        await claude.ask("first")
        return await claude.ask("second")

    run_simulated(with_retries(two_questions)("both"))
    assert [(call.prompt, call.status) for call in claude.log] == [
        ("first", "ok"), ("second", "failed"), ("first", "ok"), ("second", "ok"),
    ]


def test_two_calls_at_once_are_not_two_attempts_of_one():
    claude = connect(sdk=False, seconds_per_call=1.0, max_retries=0,
                     faults=Faults(script=lambda prompt, arrival: "error" if (prompt, arrival) == ("first", 1) else None))

    async def both(prompt):
        return await asyncio.gather(claude.ask("first"), claude.ask("second"))

    run_simulated(with_retries(both)("both"))
    assert [(call.prompt, len(call.attempts)) for call in claude.log] == [
        ("first", 1), ("second", 1), ("first", 1), ("second", 1),
    ]

"""Token buckets: what passes, how long the others are told to wait, and what the headers say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.simulation.api.rate_limits import Allowances, Limits


def limiter(**per_minute):
    return Allowances(Limits(**per_minute))


def test_without_limits_everything_passes_and_no_header_is_sent():
    free = Allowances(None)
    assert [free.admit(10**9, 0.0) for _ in range(1000)] == [None] * 1000
    assert free.headers(0.0) == {}


def test_a_full_bucket_passes_at_once_and_then_one_every_few_seconds():
    requests = limiter(requests_per_minute=6)
    assert [requests.admit(1, 0.0) for _ in range(7)] == [None] * 6 + [("requests", 10)]
    assert requests.admit(1, 9.0) == ("requests", 1)
    assert requests.admit(1, 10.0) is None
    assert requests.admit(1, 10.0) == ("requests", 10)


def test_waiting_as_told_is_enough():
    requests = limiter(requests_per_minute=7)
    now = 0.0
    for _ in range(50):
        refused = requests.admit(1, now)
        if refused:
            now += refused[1]
            assert requests.admit(1, now) is None


def test_input_tokens_are_limited_on_their_own():
    tokens = limiter(input_tokens_per_minute=600)
    assert tokens.admit(600, 0.0) is None
    assert tokens.admit(100, 0.0) == ("input-tokens", 10)
    assert tokens.admit(100, 10.0) is None


def test_output_is_charged_when_written_into_debt_if_need_be():
    output = limiter(output_tokens_per_minute=60)
    assert output.admit(1, 0.0) is None
    output.charge_output(90, 0.0)
    assert output.admit(1, 0.0) == ("output-tokens", 31)
    assert output.headers(0.0)["anthropic-ratelimit-output-tokens-remaining"] == "0"
    assert output.admit(1, 31.0) is None


def test_of_two_limits_the_one_that_takes_longer_is_named():
    both = limiter(requests_per_minute=60, input_tokens_per_minute=60)
    assert both.admit(60, 0.0) is None
    assert both.admit(20, 0.0) == ("input-tokens", 20)


def test_a_refused_request_uses_nothing_up():
    both = limiter(requests_per_minute=2, input_tokens_per_minute=100)
    assert both.admit(100, 0.0) is None
    for _ in range(5):
        assert both.admit(100, 0.0)[0] == "input-tokens"
    assert both.headers(0.0)["anthropic-ratelimit-requests-remaining"] == "1"


@pytest.mark.parametrize(("per_minute", "at_once"), [(1, 1), (9, 9), (10, 10), (50, 10), (60, 10), (300, 50), (1000, 166)])
def test_ten_seconds_worth_of_requests_pass_at_once_and_the_rest_evenly(per_minute, at_once):
    requests = limiter(requests_per_minute=per_minute)
    assert [requests.admit(1, 0.0) for _ in range(at_once)] == [None] * at_once
    assert requests.admit(1, 0.0)[0] == "requests"
    assert requests.headers(0.0)["anthropic-ratelimit-requests-limit"] == str(per_minute)
    assert requests.headers(0.0)["anthropic-ratelimit-requests-remaining"] == "0"
    assert requests.admit(1, 60 / per_minute) is None
    assert Limits(requests_per_minute=per_minute).requests_at_once == pytest.approx(at_once, abs=1)


def test_token_buckets_hold_the_whole_minute():
    tokens = limiter(input_tokens_per_minute=6000, output_tokens_per_minute=6000)
    assert tokens.admit(6000, 0.0) is None
    tokens.charge_output(5999, 0.0)
    assert tokens.headers(0.0)["anthropic-ratelimit-output-tokens-remaining"] == "1"


def test_a_bucket_never_holds_more_than_a_minutes_worth():
    requests = limiter(requests_per_minute=3)
    assert [requests.admit(1, 86_400.0) for _ in range(4)] == [None, None, None, ("requests", 20)]


def test_the_headers_say_limit_remaining_and_reset():
    requests = limiter(requests_per_minute=6)
    requests.admit(1, 0.0)
    assert requests.headers(0.0) == {
        "anthropic-ratelimit-requests-limit": "6",
        "anthropic-ratelimit-requests-remaining": "5",
        "anthropic-ratelimit-requests-reset": "1970-01-01T00:00:10Z",
    }


@given(st.integers(1, 20), st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_no_window_ever_passes_more_than_bucket_and_refill(per_minute, gaps):
    requests, now, passed = limiter(requests_per_minute=per_minute), 0.0, []
    for gap in gaps:
        now += gap
        if requests.admit(1, now) is None:
            passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            seconds = passed[last] - passed[first]
            assert last - first + 1 <= per_minute + seconds * per_minute / 60 + 1e-6


@pytest.mark.parametrize("value", [-1, 0.5, True, False, float("nan"), float("inf")])
def test_nonsense_is_refused(value):
    with pytest.raises(BadInput, match=f"output_tokens_per_minute={value!r} is no limit"):
        Limits(output_tokens_per_minute=value)


def test_a_second_run_whose_clock_starts_at_0_again_finds_a_full_account():
    limiter = Allowances(Limits(requests_per_minute=50))
    assert limiter.admit(10, now=600.0) is None
    assert limiter.admit(10, now=0.0) is None
    assert limiter.admit(10, now=1.0) is None


def test_a_reset_long_after_the_start_is_a_real_date():
    limiter = Allowances(Limits(requests_per_minute=50))
    assert limiter.headers(40 * 86_400.0)["anthropic-ratelimit-requests-reset"] == "1970-02-10T00:00:00Z"

"""A bucket refills evenly, holds so much and no more, and remembers its debts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.limits import TokenBucket


def test_it_is_full_at_the_start_and_refills_evenly():
    bucket = TokenBucket(per_minute=60, holds=10)
    assert bucket.seconds_until(10, now=0.0) == 0.0
    bucket.take(10, now=0.0)
    assert [bucket.seconds_until(amount, now=0.0) for amount in (1, 10)] == [1.0, 10.0]
    assert bucket.level(4.0) == pytest.approx(4.0)


def test_it_never_holds_more_than_it_holds():
    bucket = TokenBucket(per_minute=60, holds=10)
    assert bucket.level(1e6) == 10
    bucket.take(-5, now=1e6)
    assert bucket.level(1e6) == 10


def test_for_more_than_it_holds_one_waits_until_it_is_full():
    bucket = TokenBucket(per_minute=60, holds=10)
    assert bucket.seconds_until(25, now=0.0) == 0.0
    bucket.take(25, now=0.0)
    assert bucket.level(0.0) == -15
    assert bucket.seconds_until(1, now=0.0) == 16.0
    assert bucket.seconds_until(25, now=0.0) == 25.0


def test_another_clock_refills_nothing():
    bucket = TokenBucket(per_minute=60, holds=10)
    bucket.take(10, now=500.0)
    bucket.move_to(0.0)
    assert bucket.level(0.0) == 0.0
    assert bucket.level(3.0) == pytest.approx(3.0)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 30)), max_size=30))
def test_waiting_as_told_is_enough_and_never_too_long(uses):
    bucket, now = TokenBucket(per_minute=120, holds=20), 0.0
    for passed, amount in uses:
        now += passed
        seconds = bucket.seconds_until(amount, now)
        if seconds > 1e-6:
            assert bucket.level(now + seconds / 2) < min(amount, 20)
        now += seconds
        assert bucket.level(now) >= min(amount, 20) - 1e-6
        bucket.take(amount, now)

"""Faults on purpose: as often as they were ordered, and the same on every run."""

import pytest

from course_lib.errors import BadInput
from course_lib.simulation.api.faults import KINDS, Faults


def share(faults, kind, seed=0):
    return sum(faults.pick(f"prompt {number}", attempt=1, seed=seed) == kind for number in range(3000)) / 3000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0, 0.05, 0.3, 1])
def test_each_kind_comes_as_often_as_ordered(kind, rate):
    assert share(Faults(**{kind: rate}), kind) == pytest.approx(rate, abs=0.03)


def test_several_kinds_share_the_attempts():
    rates = {"overloaded": 0.2, "error": 0.3, "silent": 0.2, "slow": 0.1, "dropped": 0.1, "garbage": 0.1}
    faults = Faults(**rates)
    assert [share(faults, kind) for kind in KINDS] == pytest.approx([rates.get(kind, 0) for kind in KINDS], abs=0.03)


def test_the_same_attempt_meets_the_same_fault_and_the_next_one_its_own():
    faults = Faults(overloaded=0.5)
    picks = [faults.pick("Hello", attempt=attempt, seed=0) for attempt in range(1, 41)]
    assert picks == [faults.pick("Hello", attempt=attempt, seed=0) for attempt in range(1, 41)]
    assert set(picks) == {None, "overloaded"}
    assert picks != [faults.pick("Hello", attempt=attempt, seed=1) for attempt in range(1, 41)]


def test_a_script_is_asked_first_and_the_rates_decide_the_rest():
    faults = Faults(error=1.0, script=lambda prompt, attempt: "silent" if attempt == 2 and "b" in prompt else None)
    assert [faults.pick(prompt, attempt=attempt, seed=0) for prompt in "ab" for attempt in (1, 2)] == [
        "error", "error", "error", "silent",
    ]


@pytest.mark.parametrize("rate", [-0.1, 5, True, "0.5", None, float("nan")])
def test_a_rate_out_of_range_is_refused(rate):
    with pytest.raises(BadInput, match=rf"garbage={rate!r} is no rate"):
        Faults(garbage=rate)

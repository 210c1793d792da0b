"""Chance that is the same everywhere: pinned numbers, and what they may depend on."""

import os
import subprocess
import sys
from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from course_lib.simulation.api.seeded import digest, uniform

TEXTS = st.text(max_size=20)


def test_the_numbers_are_pinned():
    """They are part of what the notebooks print: another Python or machine must not change them."""
    assert digest("seed", 7).hex() == "3ef5977daf3db66bbbbb296026e72252"
    assert uniform("seed", 7) == 0.24593493288488485


def test_pythons_hash_seed_is_no_part_of_it():
    program = "from course_lib.simulation.api.seeded import uniform; print(repr(uniform(0, 'fault', {'b': 1, 'a': 'é'}, (1, 2))))"
    printed = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": "4242"},
        capture_output=True, text=True, check=True,
    ).stdout
    assert printed.strip() == repr(uniform(0, "fault", {"a": "é", "b": 1}, [1, 2]))


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4))
def test_other_parts_give_another_digest_and_equal_parts_the_same(left, right):
    assert (digest(*left) == digest(*right)) == (left == right)


def test_parts_do_not_run_together():
    assert digest("ab", "c") != digest("a", "bc")


def test_halves_of_a_broken_character_are_no_error():
    assert digest("\ud83d") != digest("\ud83e")


def test_numbers_are_spread_evenly_between_zero_and_one():
    numbers = [uniform("spread", index) for index in range(2000)]
    assert all(0 < number < 1 for number in numbers)
    assert abs(mean(numbers) - 0.5) < 0.02
    assert all(150 < sum(tenth / 10 <= number < (tenth + 1) / 10 for number in numbers) < 250 for tenth in range(10))

"""The error model: as often as the difficulty says, alike for like prompts, less for stronger models."""

import os
import subprocess
import sys
from statistics import mean

import pytest

from course_lib.simulation.model.mistakes import ODDS, Mistakes

ITEMS = 3000
SAMPLING_ERROR = 0.03


def wrong(item, *, difficulty=0.3, model="claude-haiku-5-5", wording="Spam?", sample=0, seed=0, point="spam", **more):
    mistakes = Mistakes(seed=seed, model=model, wording=wording, material=f"text {item}", sample=sample, **more)
    return mistakes.wrong(point, difficulty)


def rate(**circumstances):
    return mean(wrong(item, **circumstances) for item in range(ITEMS))


def correlation(one, other):
    """Of two series of true and false."""
    p, q = mean(one), mean(other)
    return (mean(a and b for a, b in zip(one, other, strict=True)) - p * q) / (p * (1 - p) * q * (1 - q)) ** 0.5


def series(**circumstances):
    return [wrong(item, **circumstances) for item in range(ITEMS)]


# --- how often -----------------------------------------------------------------------------------


@pytest.mark.parametrize("difficulty", [0.02, 0.1, 0.3, 0.5, 0.7])
def test_haiku_is_wrong_as_often_as_the_difficulty_says(difficulty):
    assert rate(difficulty=difficulty) == pytest.approx(difficulty, abs=SAMPLING_ERROR)


def test_what_is_impossible_to_get_wrong_never_is():
    assert rate(difficulty=0.0) == 0
    assert rate(difficulty=-1.0) == 0
    assert rate(difficulty=1.0) > 0.99


def test_stronger_models_err_less_by_their_odds():
    rates = {model: rate(model=model, difficulty=0.4) for model in ODDS}
    assert sorted(rates, key=rates.get) == ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-4-5"]
    for model, odds in ODDS.items():
        expected = odds * 0.4 / (0.6 + odds * 0.4)
        assert rates[model] == pytest.approx(expected, abs=SAMPLING_ERROR)


def test_several_considerations_in_one_prompt_raise_the_error():
    rates = [rate(considerations=count) for count in (1, 2, 4)]
    assert rates[0] + 0.05 < rates[1] < rates[2] - 0.05


def test_the_mean_over_samples_is_the_mean_over_items():
    assert mean(wrong(item, sample=sample) for item in range(2000) for sample in range(3)) == pytest.approx(
        0.3, abs=SAMPLING_ERROR)


# --- how alike -----------------------------------------------------------------------------------


def test_like_prompts_err_together():
    base = series()
    identical = correlation(base, series(sample=1))
    varied_wording = correlation(base, series(wording="Junk?"))
    varied_model = correlation(base, series(model="claude-sonnet-5-5"))
    both = correlation(base, series(wording="Junk?", model="claude-sonnet-5-5"))
    unrelated = correlation(base, series(point="urgency"))
    assert identical > varied_wording + 0.05
    assert identical > varied_model + 0.05
    assert varied_wording > both + 0.02
    assert varied_model > both + 0.02
    assert both > 0.05
    assert unrelated == pytest.approx(0, abs=0.06)


def test_texts_err_on_their_own():
    base = series()
    assert correlation(base, base[1:] + base[:1]) == pytest.approx(0, abs=0.06)


def test_seeds_are_worlds_of_their_own():
    assert correlation(series(), series(seed=1)) == pytest.approx(0, abs=0.06)


# --- temperature ---------------------------------------------------------------------------------


def test_at_temperature_zero_every_sample_is_the_same():
    base = series(temperature=0.0)
    assert base == series(temperature=0.0, sample=1) == series(temperature=0.0, sample=99)
    assert mean(base) == pytest.approx(0.3, abs=SAMPLING_ERROR)


def test_at_temperature_zero_other_draws_are_the_same_too():
    def draws(sample, temperature):
        mistakes = Mistakes(seed=0, model="m", wording="w", material="t", sample=sample, temperature=temperature)
        return [mistakes.draw(what) for what in ("dress", "style")]

    assert draws(0, 0.0) == draws(1, 0.0)
    assert draws(0, 1.0) != draws(1, 1.0)


def test_the_hotter_the_less_alike_and_just_as_often_wrong():
    alike = [correlation(series(temperature=t), series(temperature=t, sample=1)) for t in (0.0, 0.3, 0.6, 1.0)]
    assert alike == sorted(alike, reverse=True)
    assert alike[0] == pytest.approx(1.0)
    for temperature in (0.3, 0.6, 1.0):
        assert rate(temperature=temperature) == pytest.approx(0.3, abs=SAMPLING_ERROR)


# --- the same everywhere -------------------------------------------------------------------------

PATTERN = (
    "from course_lib.simulation.model.mistakes import Mistakes;"
    "print(''.join('01'[Mistakes(seed=0, model='m', wording='w', material=str(n), sample=0).wrong('p', .5)] for n in range(64)))"
)


def test_other_processes_with_other_hash_seeds_err_on_the_same_points():
    printed = {
        subprocess.run([sys.executable, "-c", PATTERN], capture_output=True, text=True, check=True,
                       env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}).stdout
        for seed in ("0", "1", "77")
    }
    here = "".join("01"[Mistakes(seed=0, model="m", wording="w", material=str(n), sample=0).wrong("p", 0.5)] for n in range(64))
    assert printed == {here + "\n"}

"""A timeline that pairs starts in launch order with ends in completion order draws calls that never were."""

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from course_lib.show.timelines import bars, wrong_bars

REAL = [0.40, 0.10, 0.30, 0.20]
DRAWN_WRONG = [0.10, 0.20, 0.30, 0.40]


def four_calls():
    """The log of four calls that start together and take as long as `REAL` says."""
    claude = connect(sdk=False, seconds_per_call=lambda prompt: REAL[int(prompt[-1])])
    run_simulated(run_parallel(claude.ask, [f"Part {number}" for number in range(4)]))
    return claude.log


class Notebook:
    """How such a figure is mostly made: two lists, one filled at the start of a call and one at its end."""

    def __init__(self, log):
        moments = sorted([(call.started, "start") for call in log] + [(call.ended, "end") for call in log])
        self.starts = [moment for moment, kind in moments if kind == "start"]
        self.ends = [moment for moment, kind in moments if kind == "end"]


def broken_durations(log):
    notebook = Notebook(log)
    return [end - start for start, end in zip(notebook.starts, notebook.ends, strict=True)]


def ours(log):
    return [bar.ended - bar.started for bar in bars(log)]


def demand(durations):
    """Every bar is as long as its call took."""
    assert durations(four_calls()) == pytest.approx(REAL)


def test_the_broken_way_draws_other_calls():
    assert broken_durations(four_calls()) == pytest.approx(DRAWN_WRONG)
    with pytest.raises(AssertionError):
        demand(broken_durations)


def test_ours_draws_each_call_from_its_own_record():
    demand(ours)


def test_the_mistake_that_the_course_shows_is_this_one():
    assert [bar.ended - bar.started for bar in wrong_bars(four_calls())] == pytest.approx(DRAWN_WRONG)

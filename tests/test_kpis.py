"""Key figures: each against numbers that can be checked by hand."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.claude import Call, CallLog, connect, run_simulated
from course_lib.claude.calls import Attempt
from course_lib.data.models import cost_of
from course_lib.kpis import Quality, critical_path, finding_quality, kpis, label_quality
from course_lib.parallel import run_parallel
from course_lib.simulation.api.rate_limits import Limits


def log(*spans, tokens=(100, 10)):
    """One call per (started, ended), named a, b, c, …"""
    return CallLog([
        Call(number, chr(97 + number), "claude-haiku-5-5", "p", queued=started, attempts=[Attempt(started, ended, 200)],
             status="ok", input_tokens=tokens[0], output_tokens=tokens[1])
        for number, (started, ended) in enumerate(spans)
    ])


def path(*spans):
    return "".join(call.label for call in critical_path(log(*spans)))


def test_ten_calls_at_once_against_ten_in_a_row():
    together, row = log(*[(0, 3)] * 10), log(*[(3 * n, 3 * n + 3) for n in range(10)])
    figures = kpis(together, sequential=row, one_call=log((0, 5), tokens=(300, 140)))
    assert (figures.makespan, figures.sequential_seconds, figures.latency_reduction, figures.speed_up) == (3, 30, 0.9, 10)
    assert (figures.tokens, figures.token_multiplier) == (1100, 2.5)
    assert (figures.calls, figures.failed, figures.peak_in_flight, figures.throttle_rate) == (10, 0, 10, 0.0)
    assert figures.critical_path == ("a",) and figures.measured
    assert figures.cost == pytest.approx(10 * cost_of("claude-haiku-5-5", 100, 10))
    rows = dict(figures.rows)
    assert rows["latency reduction"] == "90 % (3.0 s instead of 30.0 s)" and rows["token multiplier"] == "2.5×"
    assert rows["throttle rate"] == "0 % (0 of 10 requests)" and rows["critical path"] == "a"


def test_without_baselines_it_says_what_is_reckoned_and_what_is_unknown():
    figures = kpis(log((0, 3), (0, 2)))
    assert not figures.measured and figures.sequential_seconds == 5 and figures.token_multiplier is None
    rows = dict(figures.rows)
    assert rows["latency reduction"] == "40 % (3.0 s instead of 5.0 s, reckoned)" and rows["token multiplier"] == "–"
    assert "accuracy" not in rows


def test_pauses_are_not_reckoned_as_work():
    """A run that was throttled must not look quicker than one that was not, for having waited so long."""
    patient = CallLog([Call(0, "a", "m", "p", 0, [Attempt(0, 0.5, 429), Attempt(10.5, 13.5, 200)], "ok")])
    figures = kpis(patient)
    assert (figures.sequential_seconds, figures.makespan) == (3.5, 13.5) and figures.latency_reduction < 0


def test_slower_than_in_a_row_is_a_negative_reduction():
    assert kpis(log((0, 4)), sequential=log((0, 2))).latency_reduction == -1


def test_throttling_counts_attempts():
    tried = [Attempt(0, 0.1, 429), Attempt(1, 1.1, 429), Attempt(2, 3, 529)]
    lost = [Attempt(0, 0.1, 429)]
    run = CallLog([Call(0, "a", "m", "p", 0, tried, "ok"), Call(1, "b", "m", "p", 0, lost, "failed")])
    figures = kpis(run)
    assert (figures.throttled, figures.attempts, figures.throttle_rate, figures.failed) == (3, 4, 0.75, 1)
    assert dict(figures.rows)["calls"] == "2 (1 without an answer)"


def test_a_real_run_on_the_simulated_api():
    def record(at_once, limits=None):
        claude = connect(sdk=False, seconds_per_call=3.0, limits=limits)
        prompts = [f"Is this spam? yes or no only. <email>Mail {n}</email>" for n in range(12)]
        run_simulated(run_parallel(claude.ask, prompts, max_at_once=at_once, on_error="collect"))
        return claude.log

    figures = kpis(record(4), sequential=record(1))
    assert (figures.makespan, figures.sequential_seconds, figures.peak_in_flight) == (9.0, 36.0, 4)
    assert len(figures.critical_path) == 3 and figures.latency_reduction == 0.75
    assert kpis(record(12, Limits(requests_per_minute=60))).throttle_rate > 0


# --- the critical path -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "spans, chain",
    [
        ([(0, 1), (0, 3), (0, 2)], "b"),
        ([(0, 1), (1, 2), (2, 3)], "abc"),
        ([(0, 3), (0, 1), (1, 2), (3, 4)], "ad"),
        ([(0, 1), (0, 2), (2.5, 4)], "bc"),  # the latest that had ended, though it waited half a second more
        ([(0, 2), (1, 2), (2, 3)], "ac"),  # both ended together: the one that ran longer
        ([(0, 1), (0, 1), (1, 2)], "ac"),  # and of equals the one launched first
        ([(0, 0.1 + 0.2), (0.3, 1)], "ab"),  # the same moment, but for rounding
        ([(0, 0), (0, 0)], "a"),
    ],
)
def test_the_chain_that_decided(spans, chain):
    assert path(*spans) == chain


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), min_size=1, max_size=12))
def test_the_rule_on_random_logs(spans):
    run = log(*[(started, started + seconds) for started, seconds in spans])
    chain = critical_path(run)
    assert chain[-1].ended == max(call.ended for call in run)
    for before, after in itertools.pairwise(chain):
        assert before.ended == max(call.ended for call in run if call.ended <= after.started)
    assert not [call for call in run if call.ended <= chain[0].started]
    assert sum(call.seconds for call in chain) <= run.makespan


def test_unfinished_calls_are_on_no_path_and_an_empty_log_has_none():
    run = CallLog([*log((0, 2)), Call(1, "b", "m", "p", 0, [Attempt(0)])])
    assert [call.label for call in critical_path(run)] == ["a"]
    assert critical_path(CallLog()) == []


def test_a_long_chain_is_found_quickly():
    run = log(*[(n, n + 1) for n in range(20_000)])
    assert len(critical_path(run)) == 20_000
    assert dict(kpis(run).rows)["critical path"] == "20000 calls in a row"


# --- quality ---------------------------------------------------------------------------------


def test_labels():
    quality = label_quality(["a", "b", None, "c"], ["a", "a", "a", "c"])
    assert quality == Quality(4, 0.5, undecided=1) and quality.f1 is None


def test_flags():
    truth = ["flag", "flag", "ok", "ok", "ok", "flag", "flag", "ok"]
    quality = label_quality(["flag"] * 3 + ["ok"] * 3 + [None] * 2, truth, positive="flag")
    assert (quality.precision, quality.recall, quality.accuracy) == (2 / 3, 2 / 4, 4 / 8)
    assert quality.f1 == pytest.approx(2 * (2 / 3) * (1 / 2) / (2 / 3 + 1 / 2))


def test_what_cannot_be_reckoned_is_none():
    assert label_quality(["ok"], ["flag"], positive="flag").precision is None
    assert label_quality(["flag"], ["ok"], positive="flag").recall is None
    assert label_quality(["ok", "flag"], ["flag", "ok"], positive="flag").f1 == 0.0


def test_findings():
    quality = finding_quality([["x", "y"], ["z", "z"], None, []], [["x"], ["z"], ["w"], []])
    assert (quality.accuracy, quality.precision, quality.undecided) == (1 / 4, 2 / 4, 1)
    assert quality.recall == 2 / 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["flag", "ok", None]), st.sampled_from(["flag", "ok"])), min_size=1, max_size=20))
def test_flags_are_findings_of_one_kind(pairs):
    answers, truth = map(list, zip(*pairs, strict=True))
    if "flag" not in answers + truth:
        return
    flags = label_quality(answers, truth, positive="flag")
    found = finding_quality(*([["flag"] * (label == "flag") for label in labels] for labels in (answers, truth)))
    assert (flags.precision, flags.recall, flags.f1) == (found.precision, found.recall, found.f1)

"""The record of calls: what it adds up to, and which attempts belong to one call."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import Call, CallLog, connect, labelled, run_simulated
from course_lib.claude.call_context import calls_inside, next_attempt_of, waiting_since
from course_lib.claude.calls import Attempt, Phase, first_words
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults


def finished(log, started, ended, **more):
    call = log.begin(prompt=more.pop("prompt", "Hello"), model="claude-haiku-5-5", now=started)
    log.end(call, now=ended, status=more.pop("status", "ok"), **more)
    return call


@pytest.fixture
def log():
    return CallLog()


# --- one call ------------------------------------------------------------------------------------


def test_a_call_that_runs_has_no_end_yet(log):
    call = log.begin(prompt="Hello", model="claude-haiku-5-5", now=2.0)
    assert (call.status, call.started, call.ended, call.seconds) == ("running", 2.0, None, 0.0)
    assert call.phases == [Phase("running", 2.0, 2.0)]


def test_a_call_from_waiting_in_line_to_its_last_attempt():
    call = Call(0, "a", "claude-haiku-5-5", "?", queued=0.0,
                attempts=[Attempt(1.0, 1.5, 429), Attempt(3.5, 3.6, 529), Attempt(4.6, 7.6, 200)])
    assert call.phases == [
        Phase("queued", 0.0, 1.0), Phase("running", 1.0, 1.5), Phase("backing off", 1.5, 3.5),
        Phase("running", 3.5, 3.6), Phase("backing off", 3.6, 4.6), Phase("running", 4.6, 7.6),
    ]
    assert (call.started, call.ended, call.seconds) == (1.0, 7.6, 6.6)


def test_empty_stretches_are_left_out_but_never_the_running():
    call = Call(0, "a", "m", "?", queued=1.0, attempts=[Attempt(1.0, 1.0), Attempt(1.0, 2.0)])
    assert call.phases == [Phase("running", 1.0, 1.0), Phase("running", 1.0, 2.0)]


def test_the_cost_is_that_of_its_tokens(log):
    call = finished(log, 0.0, 1.0, input_tokens=100_000, output_tokens=200_000)
    assert call.cost == pytest.approx(0.010 + 0.100)


# --- the log -------------------------------------------------------------------------------------


def test_an_empty_log_adds_up_to_nothing(log):
    assert (len(log), log.makespan, log.busy_seconds, log.peak_in_flight, log.cost, log.by_end()) == (0, 0.0, 0.0, 0, 0, [])


def test_launch_order_and_finish_order_are_kept_apart(log):
    calls = [finished(log, 0.0, ended) for ended in (0.40, 0.10, 0.30, 0.20, 0.30)]
    assert [call.seconds for call in log] == [0.40, 0.10, 0.30, 0.20, 0.30]
    assert [call.number for call in log.by_end()] == [1, 3, 2, 4, 0], "those that end together as they were launched"
    assert list(log) == calls


def test_makespan_counts_waiting_in_line(log):
    with_queue = finished(log, 2.0, 5.0)
    with_queue.queued = 0.5
    assert log.makespan == 4.5
    assert log.busy_seconds == 3.0


def test_a_call_that_backs_off_is_not_in_flight():
    log = CallLog([
        Call(0, "a", "m", "?", 0.0, [Attempt(0.0, 1.0), Attempt(5.0, 6.0)]),
        Call(1, "b", "m", "?", 0.0, [Attempt(2.0, 4.0)]),
    ])
    assert log.peak_in_flight == 1


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), max_size=20))
def test_the_peak_is_what_counting_at_every_moment_finds(stretches):
    log = CallLog([Call(n, "", "m", "", s, [Attempt(s, s + d)]) for n, (s, d) in enumerate(stretches)])
    counted = max((sum(s <= moment < s + d for s, d in stretches) for moment in range(31)), default=0)
    assert log.peak_in_flight == counted


def test_a_slice_of_a_log_is_a_log(log):
    for start in (0.0, 1.0, 2.0):
        finished(log, start, start + 1, input_tokens=10, output_tokens=5)
    tail = log[1:]
    assert isinstance(tail, CallLog)
    assert (len(tail), tail.makespan, tail.input_tokens, tail.output_tokens) == (2, 2.0, 20, 10)
    assert log[-1].started == 2.0


def test_its_line_says_the_essentials(log):
    finished(log, 0.0, 3.0, input_tokens=1000, output_tokens=500)
    finished(log, 0.0, 2.0, input_tokens=1000, output_tokens=500)
    assert repr(log) == "<2 calls, 3.0 s from first to last, at most 2 at once, 3,000 tokens, $0.000700>"


# --- what the transports write -------------------------------------------------------------------


def test_retries_are_attempts_of_the_same_call(log):
    first = finished(log, 0.0, 0.05, status="failed", http_status=429, error="rate_limit_error: wait")
    again = log.begin(prompt="Hello", model="claude-haiku-5-5", now=2.05, retry=1)
    log.end(again, now=5.05, status="ok", http_status=200, reply="Hi", input_tokens=9, output_tokens=1)
    assert again is first
    assert len(log) == 1
    assert [(a.started, a.ended, a.status) for a in first.attempts] == [(0.0, 0.05, 429), (2.05, 5.05, 200)]
    assert (first.status, first.reply, first.error, first.input_tokens) == ("ok", "Hi", "", 9)


def test_tasks_never_take_over_each_others_attempts(log):
    async def one(name, wait):
        call = log.begin(prompt=name, model="m", now=0.0)
        log.end(call, now=0.0, status="failed", http_status=529)
        await asyncio.sleep(wait)
        again = log.begin(prompt=name, model="m", now=wait, retry=1)
        log.end(again, now=wait, status="ok")
        return again is call

    async def main():
        return await asyncio.gather(one("a", 2), one("b", 1))

    assert run_simulated(main()) == [True, True]
    assert [(call.prompt, len(call.attempts)) for call in log] == [("a", 2), ("b", 2)]


def test_threads_never_take_over_each_others_attempts(log):
    both_failed = threading.Barrier(2)

    def one(name):
        call = log.begin(prompt=name, model="m", now=0.0)
        log.end(call, now=0.0, status="failed")
        both_failed.wait()
        log.begin(prompt=name, model="m", now=1.0, retry=1)

    threads = [threading.Thread(target=one, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((call.prompt, len(call.attempts)) for call in log) == [("a", 2), ("b", 2)]


def test_labels_name_the_calls_made_inside(log):
    with labelled("chapter 1"):
        with labelled("page 1"):
            inner = finished(log, 0.0, 1.0)
        outer = finished(log, 1.0, 2.0)
    without = finished(log, 2.0, 3.0, prompt="Is this spam? Yes or no.")
    assert [inner.label, outer.label, without.label] == ["page 1", "chapter 1", "Is this spam? Yes or no."]


def test_labels_stay_in_their_task(log):
    async def one(name):
        with labelled(name):
            await asyncio.sleep(1)
            return finished(log, 0.0, 1.0).label

    async def main():
        return await asyncio.gather(one("a"), one("b"))

    assert run_simulated(main()) == ["a", "b"]


def test_waiting_in_line_counts_for_the_next_call_only(log):
    async def main():
        await asyncio.sleep(4)
        waiting_since(1.0)
        return finished(log, 4.0, 5.0).queued, finished(log, 5.0, 6.0).queued

    assert run_simulated(main()) == (1.0, 5.0)


def test_what_an_item_does_before_its_call_is_no_waiting_in_line():
    """A data base, a tool: fifty seconds in which nobody stood in line."""
    claude = connect(sdk=False, seconds_per_call=3.0)

    async def look_up_then_ask(prompt):
        await asyncio.sleep(50)
        return await claude.ask(prompt)

    run_simulated(run_parallel(look_up_then_ask, ["Question a", "Question b"], max_at_once=1))
    assert [call.phases for call in claude.log] == [
        [("running", 50.0, 53.0)],
        [("queued", 0.0, 53.0), ("running", 103.0, 106.0)],
    ]


@given(st.text(max_size=80), st.integers(8, 40))
def test_first_words_fit_their_width(prompt, width):
    shown = first_words(prompt, width)
    assert len(shown) <= width
    assert "\n" not in shown
    assert shown == " ".join(prompt.split()) or shown.endswith("…")


def test_waiting_in_line_counts_once_although_tasks_make_the_calls():
    """Two calls side by side and one after them, in an item that never stood in line: nothing is drawn as waiting."""
    claude = connect(sdk=False, seconds_per_call=3.0)

    async def item(_):
        await asyncio.gather(claude.ask("Question a"), claude.ask("Question b"))
        await claude.ask("Question c")

    run_simulated(run_parallel(item, [1], max_at_once=1))
    assert [(call.queued, call.started) for call in claude.log] == [(0.0, 0.0), (0.0, 0.0), (3.0, 3.0)]


def test_a_cut_answer_is_told():
    claude = connect(sdk=False)
    run_simulated(claude.ask("Summarize. <text>The river is 40 km long and flows to the sea.</text>", max_tokens=3))
    run_simulated(claude.ask("Summarize. <text>The river is 40 km long and flows to the sea.</text>"))
    assert [call.stop_reason for call in claude.log] == ["max_tokens", "end_turn"]


# --- whose calls ---------------------------------------------------------------------------------


def test_a_block_sees_its_own_calls_and_those_of_its_tasks_only():
    claude = connect(sdk=False, seconds_per_call=1.0)

    async def one(name):
        with calls_inside() as mine:
            await asyncio.gather(claude.ask(f"first of {name}"), claude.ask(f"second of {name}"))
        return [call.prompt for call in mine]

    async def main():
        with calls_inside() as everybodys:
            seen = await asyncio.gather(one("a"), one("b"))
        return seen, len(everybodys)

    seen, everybodys = run_simulated(main())
    assert seen == [["first of a", "second of a"], ["first of b", "second of b"]]
    assert everybodys == 4


def test_an_attempt_made_by_hand_belongs_to_its_call(log):
    first = finished(log, 0.0, 1.0, status="failed")
    with next_attempt_of(first):
        assert log.begin(prompt="Hello", model="claude-haiku-5-5", now=3.0) is first
    assert len(log) == 1 and [attempt.started for attempt in first.attempts] == [0.0, 3.0]
    log.end(first, now=4.0, status="ok")
    with next_attempt_of(first):  # an answered call has no further attempt
        assert log.begin(prompt="Hello", model="claude-haiku-5-5", now=5.0) is not first


# --- called off while backing off ----------------------------------------------------------------


@pytest.mark.parametrize("sdk", [True, False])
def test_a_call_that_is_cancelled_while_it_backs_off_ends_as_cancelled(sdk):
    claude = connect(sdk=sdk, faults=Faults(overloaded=1.0))

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(claude.ask("Hello"), 0.5)  # refused after 0.05 s, to be tried again 1 s later

    run_simulated(main())
    (call,) = claude.log
    assert (call.status, call.error) == (
        "cancelled", "cancelled by its caller while backing off from overloaded_error: Overloaded")
    assert [attempt.status for attempt in call.attempts] == [529]


def test_a_call_that_had_failed_before_its_task_was_cancelled_stays_failed():
    claude = connect(sdk=False, faults=Faults(overloaded=1.0), max_retries=0)

    async def main():
        with pytest.raises(Exception, match="Overloaded"):
            await claude.ask("Hello")
        await asyncio.sleep(60)

    async def impatient():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(main(), 5)

    run_simulated(impatient())
    assert [call.status for call in claude.log] == ["failed"]


def test_sums_are_the_same_on_every_python():
    """0.1 added up ten times is 0.9999999999999999 on Python 3.11 and 1.0 from 3.12 on, unless it is rounded once."""
    calls = [Call(number, "a", "m", "p", 0.0, [Attempt(0.0, 0.1, 200)], "ok") for number in range(10)]
    assert CallLog(calls).busy_seconds == 1.0

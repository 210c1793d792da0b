"""Many at once: bounded, in order, nothing lost, nobody left running. A spy counts; no stopwatch."""

import asyncio
import gc
import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.parallel import Outcome, OutOfTime, QuorumMissed, run_parallel, stream_parallel


class Spy:
    """Works for `seconds(item)` and remembers who started, who finished, who was cancelled, and the peak."""

    def __init__(self, seconds=lambda item: 1.0, fails=()):
        self.seconds, self.fails = seconds, fails
        self.started, self.finished, self.cancelled = [], [], []
        self.running = self.peak = 0

    async def __call__(self, item):
        self.started.append(item)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            await asyncio.sleep(self.seconds(item))
            if item in self.fails:
                raise ValueError(f"item {item}")
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)  # cleaning up takes a while, and must be waited for
            self.cancelled.append(item)
            raise
        finally:
            self.running -= 1
        self.finished.append(item)
        return -item


def timed(awaitable):
    async def main():
        return await awaitable, asyncio.get_running_loop().time()

    return run_simulated(main())


# --- run_parallel: order and bounds --------------------------------------------------------------


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 12))
def test_results_stand_in_the_order_of_the_items_and_the_bound_is_used_and_kept(durations, max_at_once):
    spy = Spy(seconds=lambda item: durations[item])
    items = range(len(durations))
    assert run_simulated(run_parallel(spy, items, max_at_once=max_at_once)) == [-item for item in items]
    assert spy.peak == min(max_at_once, len(durations))
    assert spy.started == list(items)


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 12))
def test_it_takes_as_long_as_the_best_first_come_first_served_schedule(durations, max_at_once):
    free_at = [0.0] * max_at_once
    for seconds in durations:
        free_at.sort()
        free_at[0] += seconds
    _, seconds = timed(run_parallel(Spy(seconds=lambda item: durations[item]), range(len(durations)), max_at_once=max_at_once))
    assert seconds == max(free_at)


@pytest.mark.parametrize("items", [[], (), iter([]), {}])
def test_no_items_no_results(items):
    assert run_simulated(run_parallel(Spy(), items)) == []


def test_one_item_may_stand_in_the_list_many_times():
    assert run_simulated(run_parallel(Spy(), [7] * 5)) == [-7] * 5


def test_a_generator_is_never_read_ahead():
    drawn, ahead = 0, []
    spy = Spy()

    def source():
        nonlocal drawn
        for item in range(100):
            drawn += 1
            ahead.append(drawn - len(spy.finished))
            yield item

    assert run_simulated(run_parallel(spy, source(), max_at_once=7)) == [-item for item in range(100)]
    assert max(ahead) == 7
    assert spy.peak == 7


def test_the_time_in_line_is_in_the_log():
    claude = connect(seconds_per_call=3.0, sdk=False)
    run_simulated(run_parallel(claude.ask, [f"Question {n}" for n in range(4)], max_at_once=2))
    assert [(call.queued, call.started, call.ended) for call in claude.log] == [
        (0.0, 0.0, 3.0), (0.0, 0.0, 3.0), (0.0, 3.0, 6.0), (0.0, 3.0, 6.0),
    ]


# --- run_parallel: failures ----------------------------------------------------------------------


def test_the_first_failure_is_raised_and_the_siblings_are_cancelled_and_awaited():
    spy = Spy(seconds=lambda item: {0: 1, 1: 9, 2: 2, 3: 9}.get(item, 9), fails={2})

    async def main():
        with pytest.raises(ValueError, match="item 2") as caught:
            await run_parallel(spy, range(20), max_at_once=4)
        return caught.value, spy.running, asyncio.get_running_loop().time(), len(asyncio.all_tasks())

    error, still_running, seconds, tasks = run_simulated(main())
    assert (still_running, tasks) == (0, 1), "nothing goes on behind the reader's back"
    assert seconds == 2.5, "cancelled siblings were awaited, half a second of cleaning up included"
    assert sorted(spy.cancelled) == [1, 3, 4]
    assert spy.started == [0, 1, 2, 3, 4], "no new item was begun"
    assert [(o.index, o.item, o.status, o.value) for o in error.outcomes] == [
        (0, 0, "ok", 0), (1, 1, "cancelled", None), (2, 2, "failed", None), (3, 3, "cancelled", None),
        *((n, n, "cancelled", None) for n in range(4, 20)),
    ]
    assert error.outcomes[2].error is error


def test_of_several_failures_at_once_the_earliest_items_is_raised():
    with pytest.raises(ValueError, match="item 1"):
        run_simulated(run_parallel(Spy(fails={1, 2, 3}), range(5)))


def test_cancelled_calls_are_in_the_log_as_cancelled():
    claude = connect(seconds_per_call=3.0, sdk=False)

    async def ask_or_fail(item):
        if item == 1:
            await asyncio.sleep(1)
            raise ValueError
        return await claude.ask(f"Question {item}")

    with pytest.raises(ValueError):
        run_simulated(run_parallel(ask_or_fail, range(3)))
    assert [(call.prompt, call.status, call.ended) for call in claude.log] == [
        ("Question 0", "cancelled", 1.0), ("Question 2", "cancelled", 1.0),
    ]


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=25), st.integers(1, 8))
def test_collect_gives_one_outcome_per_input_in_order(plan, max_at_once):
    spy = Spy(seconds=lambda item: plan[item][0], fails={item for item, (_, fails) in enumerate(plan) if fails})
    outcomes = run_simulated(run_parallel(spy, range(len(plan)), max_at_once=max_at_once, on_error="collect"))
    assert [(o.index, o.item) for o in outcomes] == [(item, item) for item in range(len(plan))]
    for outcome, (_, fails) in zip(outcomes, plan, strict=True):
        if fails:
            assert (outcome.status, outcome.value, str(outcome.error)) == ("failed", None, f"item {outcome.item}")
        else:
            assert (outcome.status, outcome.value, outcome.error) == ("ok", -outcome.item, None)
    assert spy.cancelled == []


async def cancels_itself(item):
    await asyncio.sleep(1)
    if item == 1:
        raise asyncio.CancelledError
    return item


def test_a_function_that_cancels_itself_loses_no_input():
    outcomes = run_simulated(run_parallel(cancels_itself, range(6), max_at_once=1, on_error="collect"))
    assert [(o.index, o.status, o.value) for o in outcomes] == [
        (0, "ok", 0), (1, "cancelled", None), (2, "ok", 2), (3, "ok", 3), (4, "ok", 4), (5, "ok", 5),
    ]


def test_a_function_that_cancels_itself_is_no_result():
    with pytest.raises(Exception, match="Item 1 was cancelled by its own function") as caught:
        run_simulated(run_parallel(cancels_itself, range(6), max_at_once=2))
    assert not isinstance(caught.value, asyncio.CancelledError)
    assert [o.status for o in caught.value.outcomes][:2] == ["ok", "cancelled"]


def test_cancelling_the_whole_cancels_and_awaits_every_item():
    spy = Spy(seconds=lambda item: 60)

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run_parallel(spy, range(5), max_at_once=3), 2)
        return spy.running, asyncio.get_running_loop().time()

    assert run_simulated(main()) == (0, 2.5)
    assert sorted(spy.cancelled) == [0, 1, 2]


def broken():
    yield 1
    raise OSError("file went away")


async def broken_and_asynchronous():
    for item in broken():
        yield item


@pytest.mark.parametrize("source", [broken, broken_and_asynchronous])
@pytest.mark.parametrize("on_error", ["raise", "collect"])
def test_items_that_break_raise_and_leave_nobody_running(on_error, source):
    spy = Spy(seconds=lambda item: 60)

    async def main():
        with pytest.raises(OSError, match="file went away"):
            await run_parallel(spy, source(), on_error=on_error)
        return spy.running, spy.cancelled

    assert run_simulated(main()) == (0, [1])


@pytest.mark.parametrize("on_error", ["skip", "collect"])
def test_items_that_break_raise_their_own_error_not_one_that_is_tolerated(on_error):
    def items():
        yield from (0, 1, 2)
        raise OSError("file went away")

    with pytest.raises(OSError, match="file went away") as caught:
        run_simulated(run_parallel(Spy(fails={0}), items(), max_at_once=1, on_error=on_error))
    assert [(o.status, o.value) for o in caught.value.outcomes] == [("failed", None), ("ok", -1), ("ok", -2)]


class TakesNoAttributes(Exception):
    def __setattr__(self, name, value):
        raise AttributeError("frozen")


def test_an_error_that_takes_no_attributes_is_raised_as_it_is():
    async def refuse(_):
        raise TakesNoAttributes("no")

    with pytest.raises(TakesNoAttributes, match="no"):
        run_simulated(run_parallel(refuse, [1]))


def test_a_time_out_inside_the_function_is_a_failure_like_any_other():
    async def impatient(item):
        async with asyncio.timeout(1):
            await asyncio.sleep(item)
        return item

    outcomes = run_simulated(run_parallel(impatient, [0.5, 5, 0.7], on_error="collect"))
    assert [(o.status, type(o.error).__name__) for o in outcomes] == [
        ("ok", "NoneType"), ("failed", "TimeoutError"), ("ok", "NoneType"),
    ]


# --- run_parallel: policies ----------------------------------------------------------------------


@pytest.mark.parametrize("policy, more, expected", [
    ("skip", {}, [0, -2, -4]),
    ("quorum", {"at_least": 3}, [0, -2, -4]),
    ("fallback", {"fallback": "a person"}, [0, "a person", -2, "a person", -4]),
    ("fallback", {"fallback": lambda outcome: f"{outcome.item}: {outcome.error}"}, [0, "1: item 1", -2, "3: item 3", -4]),
])
def test_failed_items_by_policy(policy, more, expected):
    assert run_simulated(run_parallel(Spy(fails={1, 3}), range(5), on_error=policy, **more)) == expected


def test_a_missed_quorum_says_how_many_and_keeps_what_was_done():
    with pytest.raises(QuorumMissed, match=r"Only 3 of 5 items succeeded, and at_least=4 were needed; the first failure: "
                                           r"ValueError\('item 1'\)") as caught:
        run_simulated(run_parallel(Spy(fails={1, 3}), range(5), on_error="quorum", at_least=4))
    assert [o.status for o in caught.value.outcomes] == ["ok", "failed", "ok", "failed", "ok"]


# --- run_parallel: time-outs ---------------------------------------------------------------------


def test_an_item_out_of_time_fails_alone():
    spy = Spy(seconds=lambda item: item)
    outcomes, seconds = timed(run_parallel(spy, [1, 9, 2], seconds_per_item=3, on_error="collect"))
    assert [(o.status, type(o.error).__name__) for o in outcomes] == [
        ("ok", "NoneType"), ("failed", "TimeoutError"), ("ok", "NoneType"),
    ]
    assert (seconds, spy.cancelled, spy.running) == (3.5, [9], 0)


@pytest.mark.parametrize("policy, more, expected", [
    pytest.param("skip", {}, [-1, -2], marks=pytest.mark.filterwarnings("ignore:The seconds=5")),
    ("quorum", {"at_least": 2}, [-1, -2]),
    ("fallback", {"fallback": 0}, [-1, 0, -2, 0, 0]),
])
def test_out_of_time_the_policy_decides(policy, more, expected):
    spy = Spy(seconds=lambda item: item)
    result, seconds = timed(run_parallel(spy, [1, 9, 2, 8, 7], max_at_once=2, seconds=5, on_error=policy, **more))
    assert (result, seconds, spy.running) == (expected, 5.5, 0)


def test_what_is_left_out_because_the_time_was_over_is_said():
    with pytest.warns(UserWarning, match=r"The seconds=5 were over before 3 of the items had finished"):
        run_simulated(run_parallel(Spy(seconds=lambda item: item), [1, 9, 2, 8, 7], max_at_once=2, seconds=5, on_error="skip"))


def test_out_of_time_nothing_that_was_finished_is_lost():
    async def main():
        with pytest.raises(OutOfTime, match="not finished within seconds=5") as caught:
            await run_parallel(Spy(seconds=lambda item: item), [1, 9, 2, 8, 7], max_at_once=2, seconds=5)
        return caught.value.outcomes

    outcomes = run_simulated(main())
    assert [(o.item, o.status, o.value) for o in outcomes] == [
        (1, "ok", -1), (9, "cancelled", None), (2, "ok", -2), (8, "cancelled", None), (7, "cancelled", None),
    ]
    assert isinstance(outcomes[1].error, OutOfTime)


def test_what_a_cancelled_run_had_finished_travels_with_the_cancellation():
    kept = []

    async def run():
        try:
            await run_parallel(Spy(seconds=lambda item: item), [1, 9, 2], max_at_once=2)
        except asyncio.CancelledError as error:
            kept.extend(error.outcomes)
            raise

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run(), 4)

    run_simulated(main())
    assert [(o.item, o.status) for o in kept] == [(1, "ok"), (9, "cancelled"), (2, "ok")]


def test_an_interrupt_carries_what_was_finished():
    async def work(item):
        await asyncio.sleep(item)
        if item == 3:
            raise KeyboardInterrupt
        return -item

    with pytest.raises(KeyboardInterrupt) as caught:
        run_simulated(run_parallel(work, [1, 9, 2, 3, 4], max_at_once=3, on_error="collect"))
    assert [(o.item, o.status, o.value) for o in caught.value.outcomes] == [
        (1, "ok", -1), (9, "cancelled", None), (2, "ok", -2), (3, "cancelled", None), (4, "cancelled", None),
    ]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["ok", "fails", "cancels itself"])), max_size=20),
    st.integers(1, 6), st.sampled_from([None, 2, 4]), st.sampled_from([None, 3, 7]), st.booleans(),
)
def test_one_outcome_per_input_whatever_happens(plan, max_at_once, seconds_per_item, seconds, from_a_generator):
    running = 0

    async def work(index):
        nonlocal running
        running += 1
        try:
            await asyncio.sleep(plan[index][0])
            if plan[index][1] == "fails":
                raise ValueError
            if plan[index][1] == "cancels itself":
                raise asyncio.CancelledError
            return index
        finally:
            running -= 1

    items = (n for n in range(len(plan))) if from_a_generator else list(range(len(plan)))
    settings = {"max_at_once": max_at_once, "seconds_per_item": seconds_per_item, "seconds": seconds}
    outcomes = run_simulated(run_parallel(work, items, on_error="collect", **settings))
    assert running == 0
    assert [o.index for o in outcomes] == list(range(len(outcomes)))
    assert [o.item for o in outcomes] == list(range(len(outcomes)))
    assert len(outcomes) + (len(list(items)) if from_a_generator else 0) == len(plan), "the rest is still in the generator"
    for outcome in outcomes:
        took, end = plan[outcome.index]
        assert (outcome.status == "ok") == (outcome.error is None)
        if outcome.status == "ok":
            assert (outcome.value, end) == (outcome.index, "ok") and took <= (seconds_per_item or took)
        if outcome.status == "cancelled":
            assert end == "cancels itself" or seconds is not None


# --- run_parallel: sources of items --------------------------------------------------------------


async def countdown(count, drawn=None):
    for number in range(count):
        await asyncio.sleep(0.5)
        if drawn is not None:
            drawn.append(number)
        yield number


def test_items_may_come_from_an_asynchronous_generator():
    spy, drawn = Spy(), []
    assert run_simulated(run_parallel(spy, countdown(20, drawn), max_at_once=3)) == [-n for n in range(20)]
    assert spy.peak <= 3 and drawn == spy.started == list(range(20))


def test_an_asynchronous_source_is_never_read_ahead():
    spy, drawn, ahead = Spy(seconds=lambda item: 10), [], []

    async def main():
        async for _ in stream_parallel(spy, countdown(12, drawn), max_at_once=4):
            ahead.append(len(drawn) - len(spy.finished))

    run_simulated(main())
    assert max(ahead) <= 4 and spy.peak == 4


def test_of_a_generator_only_what_was_begun_has_an_outcome():
    with pytest.raises(ValueError, match="item 1") as caught:
        run_simulated(run_parallel(Spy(fails={1}), iter(range(100)), max_at_once=1))
    assert [(o.index, o.status, o.value) for o in caught.value.outcomes] == [(0, "ok", 0), (1, "failed", None)]


# --- run_parallel: progress ----------------------------------------------------------------------


def test_the_bar_shows_how_many_and_how_many_failed(capsys):
    run_simulated(run_parallel(Spy(fails={1, 2}), range(5), on_error="skip", progress="reading"))
    last = capsys.readouterr().err.rpartition("\r")[2]
    assert last.startswith("reading: ") and "5/5" in last and "2 failed" in last
    assert "it/s" not in last, "a rate would be the machine's, not the simulated run's"


def test_a_script_that_knows_ipykernel_is_no_page(capsys, monkeypatch):
    """tqdm looks for this module, and would draw a widget where nobody sees it."""
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", sys)
    for name in ("tqdm.auto", "tqdm.autonotebook"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    run_simulated(run_parallel(Spy(), range(3), progress=True))
    assert "3/3" in capsys.readouterr().err


def test_the_bar_of_a_generator_counts(capsys):
    run_simulated(run_parallel(Spy(), iter(range(5)), progress=True))
    assert "5 done" in capsys.readouterr().err


# --- stream_parallel -----------------------------------------------------------------------------


async def streamed(function, items, **settings):
    return [outcome async for outcome in stream_parallel(function, items, **settings)]


def test_outcomes_come_as_they_finish():
    durations = [0.40, 0.10, 0.30, 0.20]

    async def main():
        loop = asyncio.get_running_loop()
        return [(o.index, o.value, loop.time())
                async for o in stream_parallel(Spy(seconds=lambda item: durations[item]), range(4))]

    assert run_simulated(main()) == [(1, -1, 0.10), (3, -3, 0.20), (2, -2, 0.30), (0, 0, 0.40)]


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=25), st.integers(1, 8), st.integers(0, 3))
def test_every_input_comes_out_once_whoever_is_slow(plan, max_at_once, reader_seconds):
    spy = Spy(seconds=lambda item: plan[item][0], fails={item for item, (_, fails) in enumerate(plan) if fails})

    async def main():
        outcomes = []
        async for outcome in stream_parallel(spy, range(len(plan)), max_at_once=max_at_once):
            await asyncio.sleep(reader_seconds)
            outcomes.append(outcome)
        return outcomes, len(asyncio.all_tasks())

    outcomes, tasks = run_simulated(main())
    assert sorted((o.index, o.status == "failed") for o in outcomes) == [(n, fails) for n, (_, fails) in enumerate(plan)]
    assert spy.peak == min(max_at_once, len(plan))
    assert tasks == 1


def test_a_slow_reader_is_not_run_away_from():
    spy, drawn, taken = Spy(), [], []

    def source():
        for item in range(60):
            drawn.append(item)
            yield item

    async def main():
        lead = 0
        async for outcome in stream_parallel(spy, source(), max_at_once=3):
            taken.append(outcome.index)
            lead = max(lead, len(drawn) - len(taken))
            await asyncio.sleep(100)
        return lead

    assert run_simulated(main()) == 3
    assert sorted(taken) == list(range(60))


def test_leaving_early_cancels_and_awaits_the_rest():
    spy = Spy(seconds=lambda item: item)

    async def main():
        stream = stream_parallel(spy, [1, 60, 60], max_at_once=3)
        async for _ in stream:
            break
        await stream.aclose()
        return spy.running, asyncio.get_running_loop().time(), len(asyncio.all_tasks())

    assert run_simulated(main()) == (0, 1.5, 1)
    assert (spy.finished, spy.cancelled) == ([1], [60, 60])


def test_leaving_a_plain_loop_early_cancels_too_and_complains_to_nobody(caplog):
    spy = Spy(seconds=lambda item: item)

    async def main():
        async for _ in stream_parallel(spy, [1, 60, 60], max_at_once=3):
            break
        await asyncio.sleep(5)
        return spy.running

    assert run_simulated(main()) == 0
    assert spy.cancelled == [60, 60]
    gc.collect()
    assert caplog.messages == []


def test_a_stream_of_broken_items_raises_after_what_was_finished(caplog):
    def items():
        yield from (1, 1, 3)
        raise OSError("file went away")

    spy, got = Spy(seconds=lambda item: item), []

    async def read():
        async for outcome in stream_parallel(spy, items(), max_at_once=4):
            got.append((outcome.index, outcome.status))

    async def main():
        with pytest.raises(OSError, match="file went away"):
            await read()
        return len(asyncio.all_tasks())

    assert run_simulated(main()) == 1
    assert got == [(0, "ok"), (1, "ok"), (2, "ok")]
    assert spy.cancelled == []
    gc.collect()
    assert caplog.messages == []


@pytest.mark.parametrize("max_at_once", [1, 3])
def test_a_stream_of_items_that_could_go_on_after_breaking_ends(max_at_once):
    def checked(number):
        if number == 3:
            raise OSError("file went away")
        return number

    got = []

    async def read():
        async for outcome in stream_parallel(Spy(), map(checked, itertools.count()), max_at_once=max_at_once):
            got.append(outcome.index)

    with pytest.raises(OSError, match="file went away"):
        run_simulated(read())
    assert got == [0, 1, 2]


def test_a_stream_of_a_function_that_cancels_itself_loses_no_input():
    outcomes = run_simulated(streamed(cancels_itself, range(6), max_at_once=2))
    assert sorted((o.index, o.status) for o in outcomes) == [(n, "cancelled" if n == 1 else "ok") for n in range(6)]


# --- bad input -----------------------------------------------------------------------------------


def test_an_outcome_starts_out_as_cancelled():
    assert Outcome(0, "item") == Outcome(0, "item", "cancelled", None, None)


def test_a_printed_outcome_repeats_no_whole_prompt():
    done = Outcome(3, "Is this spam? " * 200, "ok", "spam")
    assert len(repr(done)) < 150 and repr(done).endswith("status='ok', value='spam')")
    assert done.item == "Is this spam? " * 200
    failed = Outcome(4, "short", "failed", None, ValueError("no"))
    assert repr(failed) == "Outcome(index=4, item='short', status='failed', error=ValueError('no'))"


def test_what_was_called_off_says_why():
    async def work(item):
        await asyncio.sleep(item)
        if item == 1:
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as failure:
        run_simulated(run_parallel(work, [1, 5]))
    [failed, cancelled] = failure.value.outcomes
    assert (failed.status, cancelled.status) == ("failed", "cancelled")
    assert "called off" in str(cancelled.error)

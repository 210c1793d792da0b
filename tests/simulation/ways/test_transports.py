"""The real SDK on the fake: what a learner writes against Anthropic's client works, to the simulated second."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import anthropic
import pytest

from course_lib.claude import connect, labelled, run_simulated
from course_lib.errors import CourseError
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits
from course_lib.simulation.api.validation import OLD_VERSION

HELLO = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
OLD = {"anthropic-version": OLD_VERSION}


def create(claude, **more):
    """One answer through the asynchronous client, and the simulated seconds that it took."""
    async def main():
        message = await claude.client.messages.create(**(HELLO | more))
        return message, asyncio.get_running_loop().time()

    return run_simulated(main())


def failing_first(*kinds, **more):
    """A connection whose first attempts at every prompt fail like this, one after another."""
    script = dict(enumerate(kinds, start=1)).get
    return connect(seconds_per_call=3.0, faults=Faults(script=lambda _, attempt: script(attempt)), **more)


def attempts(call):
    return [(attempt.status, attempt.started, attempt.ended) for attempt in call.attempts]


# --- answers -------------------------------------------------------------------------------------


def test_the_message_is_the_sdks_own(coin):
    claude = connect(seconds_per_call=3.0)
    message, seconds = create(claude, messages=[{"role": "user", "content": coin("a")}], system="Be brief.")
    assert isinstance(message, anthropic.types.Message)
    assert message.content[0].text in ("heads", "tails")
    assert (message.role, message.stop_reason, message.model) == ("assistant", "end_turn", "claude-haiku-5-5")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (23, 2)
    assert message._request_id.startswith("req_")
    assert seconds == 3.0


def test_counting_tokens_and_listing_models_work_and_are_no_calls():
    claude = connect()

    async def main():
        counted = await claude.client.messages.count_tokens(model=HELLO["model"], messages=HELLO["messages"])
        return counted.input_tokens, [model.id async for model in claude.client.models.list()]

    tokens, models = run_simulated(main())
    assert tokens == 6
    assert "claude-haiku-5-5" in models
    assert len(claude.log) == 0


@pytest.mark.parametrize("sdk", [True, False])
def test_ten_calls_of_three_seconds_take_thirty_and_three(sdk):
    claude = connect(seconds_per_call=3.0, sdk=sdk)

    async def serial():
        for number in range(10):
            await claude.ask(f"Question {number}")

    async def parallel():
        await asyncio.gather(*(claude.ask(f"Question {number}") for number in range(10)))

    with claude.record() as one_by_one:
        run_simulated(serial())
    with claude.record() as at_once:
        run_simulated(parallel())
    assert (one_by_one.makespan, one_by_one.peak_in_flight) == (30.0, 1)
    assert (at_once.makespan, at_once.peak_in_flight) == (3.0, 10)


# --- retries -------------------------------------------------------------------------------------


def test_429_is_retried_exactly_when_the_reply_said():
    claude = connect(seconds_per_call=1.0, limits=Limits(requests_per_minute=2))

    async def main():
        await asyncio.gather(*(claude.ask(f"Question {number}") for number in range(3)))

    run_simulated(main())
    assert len(claude.log) == 3
    assert attempts(claude.log[2]) == [(429, 0.0, 0.05), (200, 30.05, 31.05)]
    assert [phase.kind for phase in claude.log[2].phases] == ["running", "backing off", "running"]


def test_529_and_500_are_retried_within_one_call():
    claude = failing_first("overloaded", "error")
    _, seconds = create(claude)
    assert len(claude.log) == 1
    assert [status for status, *_ in attempts(claude.log[0])] == [529, 500, 200]
    assert seconds == pytest.approx(0.05 + 1 + 0.05 + 1 + 3)
    assert claude.log[0].status == "ok"
    assert claude.log[0].error == ""


def test_retries_of_calls_that_run_at_once_stay_with_their_call():
    claude = failing_first("overloaded")

    async def main():
        await asyncio.gather(*(claude.ask(f"Question {number}") for number in range(5)))

    run_simulated(main())
    assert [(call.prompt, [attempt.status for attempt in call.attempts]) for call in claude.log] == [
        (f"Question {number}", [529, 200]) for number in range(5)
    ]


# --- time-outs -----------------------------------------------------------------------------------


def test_a_silent_api_runs_into_the_time_out_each_time():
    claude = connect(faults=Faults(silent=1), timeout=20, max_retries=2)
    with pytest.raises(anthropic.APITimeoutError):
        create(claude)
    (call,) = claude.log
    assert attempts(call) == [(None, 0.0, 20.0), (None, 20.5, 40.5), (None, 41.5, 61.5)]
    assert (call.status, call.error) == ("failed", "no reply within 20 s")


def test_the_next_attempt_may_be_answered():
    claude = failing_first("silent", timeout=20)
    assert create(claude)[1] == 23.5
    assert claude.log[0].status == "ok"


def test_a_reply_just_in_time_counts():
    assert create(connect(seconds_per_call=20.0), timeout=20.0)[1] == 20.0
    with pytest.raises(anthropic.APITimeoutError):
        create(connect(seconds_per_call=20.001, max_retries=0), timeout=20.0)


def test_without_an_order_the_sdks_own_ten_minutes_hold():
    claude = connect(faults=Faults(silent=1), max_retries=0)
    with pytest.raises(anthropic.APITimeoutError):
        create(claude)
    assert claude.log[0].seconds == 600.0


# --- cancellation --------------------------------------------------------------------------------


@pytest.mark.parametrize("sdk", [True, False])
def test_wait_for_cancels_the_call_and_the_log_says_so(sdk):
    claude = connect(seconds_per_call=10.0, sdk=sdk)

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(claude.ask("Hello"), 4)
        return asyncio.get_running_loop().time()

    assert run_simulated(main()) == 4.0
    (call,) = claude.log
    assert (call.status, call.error, call.ended, call.cost) == ("cancelled", "cancelled by its caller", 4.0, 0.0)


@pytest.mark.parametrize("sdk", [True, False])
def test_a_cancelled_call_gives_its_sample_back(coin, sdk):
    prompt, settings = coin("a"), {"seconds_per_call": 3.0, "sdk": sdk}

    async def twenty(claude):
        return [await claude.ask(prompt) for _ in range(20)]

    async def one_cancelled_first(claude):
        task = asyncio.create_task(claude.ask(prompt))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return await twenty(claude)

    expected = run_simulated(twenty(connect(**settings)))
    assert set(expected) == {"heads", "tails"}
    assert run_simulated(one_cancelled_first(connect(**settings))) == expected


def test_a_failing_sibling_in_a_task_group_cancels_the_calls():
    claude = connect(seconds_per_call=10.0)

    async def failing():
        await asyncio.sleep(2)
        raise ValueError("no")

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(claude.ask("one"))
            group.create_task(claude.ask("two"))
            group.create_task(failing())

    with pytest.raises(ExceptionGroup):
        run_simulated(main())
    assert [(call.status, call.ended) for call in claude.log] == [("cancelled", 2.0)] * 2


# --- what today's API refuses --------------------------------------------------------------------


def refused(error, **more):
    claude = connect()
    with pytest.raises(error) as caught:
        create(claude, **more)
    assert len(claude.log[0].attempts) == 1, "a refusal is not retried"
    return caught.value.body["error"]["message"]


def test_temperature_works_on_the_old_version_for_the_older_model_only():
    hot = {"extra_body": {"temperature": 0.0}, "extra_headers": OLD}
    assert create(connect(), model="claude-haiku-4-5", **hot)[0].model == "claude-haiku-4-5"
    message = refused(anthropic.BadRequestError, model="claude-haiku-5-5", **hot)
    assert message == "`temperature` is deprecated for this model."


@pytest.mark.parametrize("content", ["", 5, [{"type": "text", "text": None}]])
def test_bad_content_is_an_error_of_the_api_and_not_of_the_fake(content):
    assert refused(anthropic.BadRequestError, messages=[{"role": "user", "content": content}])


def test_headers_say_what_is_left():
    claude = connect(limits=Limits(requests_per_minute=50))

    async def main():
        raw = await claude.client.messages.with_raw_response.create(**HELLO)
        return raw.headers["anthropic-ratelimit-requests-remaining"]

    assert run_simulated(main()) == "9", "a small account may send ten requests at once"


# --- threads -------------------------------------------------------------------------------------


def in_threads(claude, prompts, workers):
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(claude.ask_blocking, prompts))


def test_ten_calls_in_a_pool_of_five_threads_take_six_seconds():
    claude = connect(seconds_per_call=3.0)
    claude.sync_client  # noqa: B018 - importing the SDK takes a second, which the threads should not race through
    in_threads(claude, [f"Question {number}" for number in range(10)], workers=5)
    assert (len(claude.log), claude.log.makespan, claude.log.peak_in_flight) == (10, 6.0, 5)


def test_threads_and_tasks_get_the_same_replies(coin):
    prompts = [coin(text) for text in "aabbcc"]

    async def tasks(claude):
        return await asyncio.gather(*map(claude.ask, prompts))

    def per_prompt(replies):
        return sorted(zip(prompts, replies, strict=True))

    threads = in_threads(connect(seconds_per_call=1.0), prompts, workers=3)
    assert per_prompt(threads) == per_prompt(run_simulated(tasks(connect(seconds_per_call=1.0))))


def test_the_synchronous_client_backs_off_on_the_simulated_clock():
    claude = failing_first("overloaded", "silent", timeout=20)
    claude.ask_blocking("Hello")
    (call,) = claude.log
    assert [attempt.status for attempt in call.attempts] == [529, None, 200]
    assert call.attempts[1].started == 1.05
    assert call.attempts[2].started == pytest.approx(1.05 + 20 + 1.0)
    assert call.ended == pytest.approx(1.05 + 20 + 1.0 + 3)


def test_the_synchronous_client_raises_the_sdks_errors():
    claude = connect(faults=Faults(silent=1), timeout=20, max_retries=1)
    with pytest.raises(anthropic.APITimeoutError):
        claude.ask_blocking("Hello")
    assert attempts(claude.log[0]) == [(None, 0.0, 20.0), (None, 20.5, 40.5)]
    with pytest.raises(anthropic.RateLimitError):
        connect(limits=Limits(input_tokens_per_minute=1), max_retries=0).ask_blocking("Hello")


def test_other_options_keep_the_simulated_clock():
    claude = connect(faults=Faults(overloaded=1))
    client = claude.sync_client.with_options(max_retries=4)
    with pytest.raises(anthropic.InternalServerError):
        client.messages.create(**HELLO)
    assert [attempt.started for attempt in claude.log[0].attempts] == pytest.approx([0, 1.05, 2.1, 3.15, 4.2])


def test_an_interrupted_call_is_cancelled_and_the_next_one_goes_on(monkeypatch, coin):
    claude = connect(seconds_per_call=3.0)
    clock = claude.sync_client.simulated_clock

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clock, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            claude.ask_blocking(coin("a"))
    reply = claude.ask_blocking(coin("a"))
    assert [call.status for call in claude.log] == ["cancelled", "ok"]
    assert reply == connect().ask_blocking(coin("a"))


def test_threads_carry_no_labels_of_others():
    claude = connect(seconds_per_call=1.0)
    barrier = threading.Barrier(2)

    def one(name):
        with labelled(name):
            barrier.wait()
            claude.ask_blocking(f"Question of {name}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, ["a", "b"]))
    assert sorted((call.label, call.prompt) for call in claude.log) == [("a", "Question of a"), ("b", "Question of b")]


@pytest.mark.parametrize("seconds", [-3, float("nan"), "3", True, None])
def test_a_function_that_returns_no_seconds_is_named_and_not_taken_for_a_lost_line(seconds):
    for sdk in (True, False):
        claude = connect(seconds_per_call=lambda prompt: seconds, sdk=sdk)
        with pytest.raises(CourseError, match="let it return seconds"):
            run_simulated(claude.ask("Hello there"))

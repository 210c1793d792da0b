import asyncio
import contextlib

import pytest

from course_lib.errors import BadInput
from course_lib.grading import observe
from course_lib.grading.cells import evidence as evidence_module
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits

QUESTION = "Is this spam? Answer Yes or No only. <email>Hello number {}, lunch at noon?</email>"
QUESTIONS = [QUESTION.format(number) for number in range(4)]


async def one_after_another(ask, questions):
    return [await ask(question) for question in questions]


async def all_at_once(ask, questions):
    return list(await asyncio.gather(*(ask(question) for question in questions)))


def test_the_log_tells_serial_from_parallel():
    serial = observe(one_after_another, QUESTIONS, seconds_per_call=3.0)
    parallel = observe(all_at_once, QUESTIONS, seconds_per_call=3.0)
    assert (serial.seconds, serial.calls, serial.peak_in_flight) == (12.0, 4, 1)
    assert (parallel.seconds, parallel.calls, parallel.peak_in_flight) == (3.0, 4, 4)
    assert serial.answer == parallel.answer == list(serial.replies)
    assert serial.prompts == tuple(QUESTIONS)
    assert (serial.error, serial.cancelled) == ("", 0)
    assert serial.input_tokens > 0
    assert serial.output_tokens > 0


def test_the_same_run_gives_the_same_evidence():
    assert observe(all_at_once, QUESTIONS, seed=3) == observe(all_at_once, QUESTIONS, seed=3)


def test_want_gives_one_field_and_refuses_an_unknown_one():
    assert observe(all_at_once, QUESTIONS, seconds_per_call=3.0, want="seconds") == 3.0
    with pytest.raises(BadInput, match=r"want='second' is no field of Evidence"):
        observe(all_at_once, QUESTIONS, want="second")


def test_a_failure_becomes_evidence_and_what_was_under_way_is_still_counted():
    async def fails(ask):
        async with asyncio.TaskGroup() as group:
            group.create_task(ask(QUESTIONS[0]))
            await asyncio.sleep(1)
            raise KeyError("topic")

    seen = observe(fails, seconds_per_call=3.0)
    assert "KeyError: 'topic'" in seen.error
    assert (seen.answer, seen.calls, seen.cancelled, seen.seconds) == (None, 1, 1, 1.0)
    assert observe(fails, seconds_per_call=3.0, want="cancelled") == 1
    with pytest.raises(ExceptionGroup):
        observe(fails, seconds_per_call=3.0, want="seconds")


def test_an_unsolved_task_goes_through():
    async def stub(ask):
        raise NotImplementedError("task 1.2")

    with pytest.raises(NotImplementedError, match=r"task 1\.2"):
        observe(stub)


def test_a_run_inside_a_running_loop_has_its_own_clock():
    async def outer():
        return observe(one_after_another, QUESTIONS, seconds_per_call=100.0, want="seconds")

    assert asyncio.run(outer()) == 400.0


def test_an_endless_wait_ends_after_a_simulated_day():
    async def polls(ask):
        while True:  # noqa: ASYNC110  (the mistake under test)
            await asyncio.sleep(60)

    async def never_set(ask):
        await asyncio.Event().wait()

    assert "24 simulated hours" in observe(polls).error
    assert "24 simulated hours" in observe(never_set).error


def test_endless_calls_end_even_if_every_error_is_swallowed(monkeypatch):
    monkeypatch.setattr(evidence_module, "MOST_CALLS", 50)

    async def asks_on(ask):
        while True:
            with contextlib.suppress(Exception):
                await ask(QUESTIONS[0])

    seen = observe(asks_on, seconds_per_call=0.001)
    assert "50 calls and wanted more" in seen.error
    assert seen.calls == 50


def test_exit_ends_neither_the_check_nor_the_kernel():
    async def leaves(ask):
        raise SystemExit

    assert "exit()" in observe(leaves).error


def test_an_asynchronous_generator_is_collected():
    async def streams(ask, questions):
        for question in questions:
            yield await ask(question)

    assert len(observe(streams, QUESTIONS).answer) == 4


def test_limits_and_faults_reach_the_simulated_api():
    busy = Faults(script=lambda prompt, attempt: "overloaded" if attempt == 1 else None)
    assert observe(all_at_once, QUESTIONS, faults=busy, seconds_per_call=1.0).seconds > 1.0
    assert observe(all_at_once, QUESTIONS, limits=Limits(requests_per_minute=1), want="error") != ""


@pytest.mark.parametrize("leaves_out", ["gather", "list"])
def test_a_forgotten_await_is_called_by_its_name(leaves_out):
    async def read_all(ask, prompts):
        calls = [ask(prompt) for prompt in prompts]
        return asyncio.gather(*calls) if leaves_out == "gather" else calls

    evidence = observe(read_all, ["Hello there", "Hello again"])
    assert "write `await` before `asyncio.gather(...)`" in evidence.error

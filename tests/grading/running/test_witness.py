"""The grader's end of the line: the same figures as an honest run, and others than a dishonest one hopes for."""

import asyncio
import os
import socket
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.grading import Evidence, observe
from course_lib.grading.cells import witness_line
from course_lib.grading.cells.evidence import computing_case
from course_lib.grading.cells.seen import as_seen, replace_seen, where_seen
from course_lib.grading.cells.witness_line import LINE, LineBroke
from course_lib.grading.running.witness import Witness
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits

HERE = ("1.1", False, "a case")


@contextmanager
def watched(*runs, here=HERE[:2]):
    """Inside, this process is the graded kernel, and the witness expects these settings, run by run."""
    witness = Witness({(*HERE, number): given for number, given in enumerate(runs)})
    os.environ[LINE] = str(os.dup(witness.kernel_end.fileno()))
    witness.start()
    witness.look_at(*here)
    try:
        with computing_case(*HERE):
            yield witness
    finally:
        witness.stop()
        del os.environ[LINE]
        if witness_line._words is not None:
            with suppress(OSError):
                witness_line._words.close()
        witness_line._words = None


def seen(witness):
    return witness.evidence(*HERE)


async def at_once(ask, questions):
    return await asyncio.gather(*map(ask, questions))


async def one_by_one(ask, questions):
    return [await ask(question) for question in questions]


async def with_pauses(ask, questions):
    async def later(number, question):
        await asyncio.sleep(0.5 * number)
        return await ask(question)

    return await asyncio.gather(*(later(number, question) for number, question in enumerate(questions)))


async def first_only(ask, questions):
    calls = [asyncio.create_task(ask(question)) for question in questions]
    done, rest = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    for call in rest:
        call.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    return min(call.result() for call in done)


async def impatient(ask, questions):
    try:
        async with asyncio.timeout(2):
            return await at_once(ask, questions)
    except TimeoutError:
        return "too late"


async def leaves_calls_behind(ask, questions):
    asyncio.create_task(ask(questions[0]))  # noqa: RUF006 -- the slip under test
    await asyncio.sleep(0.9)
    return "done"


async def survives_errors(ask, questions):
    answers = await asyncio.gather(*map(ask, questions), return_exceptions=True)
    return [type(answer).__name__ for answer in answers]


QUESTIONS = ["one?", "two?", "three?"]


@pytest.mark.parametrize("function", [at_once, one_by_one, with_pauses, first_only, impatient, leaves_calls_behind,
                                      survives_errors])
@pytest.mark.parametrize("given", [
    {"seconds_per_call": 3.0},
    {"seconds_per_call": lambda prompt: float(len(prompt))},
    {},
    {"seconds_per_call": 1.0, "faults": Faults(overloaded=0.6)},
    {"seconds_per_call": 1.0, "faults": Faults(silent=0.5), "seed": 4},
    {"seconds_per_call": 2.0, "limits": Limits(requests_per_minute=2)},
], ids=["constant", "by prompt", "own pace", "overloaded", "silent", "limited"])
def test_what_the_witness_sees_is_what_an_unwatched_run_shows(function, given):
    alone = observe(function, QUESTIONS, **given)
    with watched(given) as witness:
        together = observe(function, QUESTIONS, **given)
    assert together == alone
    [evidence] = seen(witness)
    assert evidence == {field: list(value) if isinstance(value, tuple) else value
                        for field, value in vars(alone).items() if field not in ("answer", "error")}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=6))
def test_any_schedule_looks_the_same_from_outside(plan):
    async def follows_the_plan(ask):
        async def one(number, wait):
            await asyncio.sleep(wait / 4)
            return await ask(f"{number} {'x' * number}")

        return await asyncio.gather(*(one(number, wait) for number, (wait, _) in enumerate(plan)))

    given_settings = {"seconds_per_call": lambda prompt: plan[int(prompt.split()[0])][1] + 0.1}
    alone = observe(follows_the_plan, **given_settings)
    with watched(given_settings):
        assert observe(follows_the_plan, **given_settings) == alone


# --- forgeries -----------------------------------------------------------------------------------


async def turns_the_clock_back(ask, questions):
    loop, answers = asyncio.get_running_loop(), []
    for question in questions:
        loop._now = 0.0
        answers.append(await ask(question))
    return answers


async def stops_the_clock(ask, questions):
    asyncio.get_running_loop().time = lambda: 0.0
    return await one_by_one(ask, questions)


@pytest.mark.parametrize("forger", [turns_the_clock_back, stops_the_clock])
def test_a_serial_program_takes_its_time_whatever_it_does_to_its_clock(forger):
    with watched({"seconds_per_call": 3.0}) as witness:
        observe(forger, QUESTIONS, seconds_per_call=3.0)
    assert (seen(witness)[0]["seconds"], seen(witness)[0]["peak_in_flight"]) == (9.0, 1)


def test_the_authors_settings_count_whatever_the_kernel_asks_for():
    with watched({"seconds_per_call": 3.0, "faults": Faults(overloaded=1.0)}) as witness:
        observe(one_by_one, QUESTIONS, seconds_per_call=0.0)
    assert seen(witness)[0]["replies"] == [""] and seen(witness)[0]["seconds"] > 0


def test_who_says_early_that_it_is_done_gains_nothing():
    async def finishes_early(ask, questions):
        line = ask.__closure__ and next(cell.cell_contents.way for cell in ask.__closure__
                                        if hasattr(cell.cell_contents, "way"))
        line.finished()
        return await one_by_one(ask, questions)

    with watched({"seconds_per_call": 3.0}) as witness:
        observe(finishes_early, QUESTIONS, seconds_per_call=3.0)
    assert seen(witness)[0]["seconds"] == 9.0


def test_a_run_that_nobody_announced_is_not_watched():
    with watched({"seconds_per_call": 3.0}, here=(None,)) as witness:
        assert observe(at_once, QUESTIONS, seconds_per_call=1.0, want="seconds") == 1.0
    assert seen(witness) == []


def test_two_runs_under_one_name_spoil_the_case():
    with watched({"seconds_per_call": 3.0}, {"seconds_per_call": 3.0}) as witness:
        observe(at_once, QUESTIONS)
        with computing_case(*HERE):  # begins to count anew: a forger who runs a case twice
            observe(at_once, QUESTIONS)
    assert seen(witness) == []


def test_a_run_within_a_run_spoils_the_case():
    async def nests(ask, questions):
        line = witness_line.line_to_grader()
        assert line.open({"task": "1.1", "hidden": False, "case": "a case", "run": 1}) is False
        return await at_once(ask, questions)

    with watched({"seconds_per_call": 3.0}, {"seconds_per_call": 3.0}) as witness:
        observe(nests, QUESTIONS)
    assert seen(witness) == []


@pytest.mark.parametrize("words", [b"hello\n", b"[]\n", b'{"say": "close"}\n', b'{"say": "send", "body": 3}\n',
                                   b'{"say": "open"}\n', b'{"say": "_listen"}\n', b'{"say": "wait", "until": 1e300}\n', b"\n",
                                   b"\xff\xfe\n"])
def test_whatever_the_kernel_says_the_grader_goes_on(words):
    witness = Witness({(*HERE, 0): {}})
    kernel = socket.socket(fileno=os.dup(witness.kernel_end.fileno()))
    witness.start()
    witness.look_at("1.1")
    try:
        line = kernel.makefile("rwb")
        for said in (words, b'{"say": "open", "task": "1.1", "hidden": false, "case": "a case", "run": 0}\n'):
            line.write(said)
            line.flush()
            heard = line.readline()
        assert heard == b'{"watched": true}\n'
    finally:
        kernel.close()
        line.close()
        witness.stop()


def test_a_grader_that_has_gone_is_a_clear_error():
    with watched({"seconds_per_call": 3.0}) as witness:
        async def goes_on(ask, questions):
            witness.stop()
            return await at_once(ask, questions)

        with pytest.raises(LineBroke, match="The grader no longer answers"):
            observe(goes_on, QUESTIONS, want="seconds")


# --- values that know where they were seen --------------------------------------------------------


def test_evidence_knows_where_it_was_seen():
    with computing_case(*HERE):
        first, second = (observe(at_once, QUESTIONS, seconds_per_call=3.0) for _ in range(2))
    assert isinstance(first, Evidence) and where_seen(first.seconds) == [0, "seconds"]
    assert where_seen([second.calls, "text", {"a": first.prompts}]) == {"0": [1, "calls"], "2": {"a": [0, "prompts"]}}
    assert where_seen(second)["peak_in_flight"] == [1, "peak_in_flight"] and "answer" not in where_seen(second)
    assert where_seen(["text", 3]) is None and where_seen(first.answer) is None


def test_seen_values_are_otherwise_what_they_were():
    assert (as_seen(3.0, 0, "seconds"), as_seen(2, 0, "calls"), as_seen(("a",), 0, "prompts")) == (3.0, 2, ("a",))
    assert repr(as_seen(3.0, 0, "seconds")) == "3.0" and as_seen(2, 0, "calls") + 1 == 3


def test_only_what_was_seen_is_replaced():
    marks = {"0": [1, "calls"], "2": {"a": [0, "seconds"]}}
    given = [99, "text", {"a": 0.0, "b": 1}]
    assert replace_seen(given, marks, [{"seconds": 3.0}, {"calls": 5}]) == [5, "text", {"a": 3.0, "b": 1}]
    assert given == [99, "text", {"a": 0.0, "b": 1}]
    for lost in ([], [{"seconds": 3.0}]):
        with pytest.raises(LookupError):
            replace_seen(given, marks, lost)


def test_a_run_that_says_too_much_is_dropped(monkeypatch):
    monkeypatch.setattr("course_lib.grading.running.witness.MOST_HEARD", 2_000)
    with watched({"seconds_per_call": 1.0}) as witness, pytest.raises(LineBroke):
        observe(at_once, ["Is this spam? Yes or no. <email>" + "x" * 3_000 + "</email>"])
    assert seen(witness) == [{}]

"""connect(): what it gives, and what it says to input that cannot be right."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from course_lib.claude import Budget, DoesNotFit, connect, run_simulated
from course_lib.errors import BadInput
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits
from course_lib.simulation.clock.notebook_time import use_real_time, use_simulated_time

SPAM = "Is this e-mail spam? Answer SPAM or HAM only. <email>You WON a FREE prize!!! Click here now to claim $1000</email>"


@pytest.fixture(params=[True, False], ids=["sdk", "direct"])
def claude(request):
    return connect(seconds_per_call=3.0, sdk=request.param)


# --- asking --------------------------------------------------------------------------------------


def test_ask_returns_the_text_and_the_log_keeps_the_call(claude):
    text = run_simulated(claude.ask(SPAM))
    assert text in ("SPAM", "HAM")
    (call,) = claude.log
    assert (call.prompt, call.reply, call.status, call.model) == (SPAM, text, "ok", "claude-haiku-5-5")
    assert (call.started, call.ended, call.input_tokens > 20, call.output_tokens) == (0.0, 3.0, True, 1)
    assert call.label == "Is this e-mail spam? Answer…"


def test_the_label_is_the_callers_if_there_is_one(claude):
    run_simulated(claude.ask(SPAM, label="first vote"))
    assert claude.log[0].label == "first vote"


def test_model_and_max_tokens_are_the_connections_unless_the_question_says_otherwise(claude):
    async def main():
        await claude.ask("Hello", model="claude-opus-5-5")
        return await claude.ask("Hello", max_tokens=1)

    assert len(run_simulated(main())) == 4
    assert [call.model for call in claude.log] == ["claude-opus-5-5", "claude-haiku-5-5"]


def test_the_system_prompt_is_read_and_paid_for(claude):
    async def main():
        await claude.ask("Hello")
        await claude.ask("Hello", system="You are brief.")

    run_simulated(main())
    without, with_system = claude.log
    assert with_system.input_tokens > without.input_tokens


def test_record_gives_only_the_calls_made_inside(claude):
    async def main():
        await claude.ask("before")
        with claude.record() as inside:
            await asyncio.gather(claude.ask("one"), claude.ask("two"))
        await claude.ask("after")
        return inside

    inside = run_simulated(main())
    assert [call.prompt for call in inside] == ["one", "two"]
    assert len(claude.log) == 4


def test_record_is_complete_even_when_the_block_fails(claude):
    async def main():
        await claude.ask("one")
        raise ValueError

    with pytest.raises(ValueError), claude.record() as inside:
        run_simulated(main())
    assert len(inside) == 1


def test_ask_blocking_needs_no_loop(claude):
    assert claude.ask_blocking(SPAM) in ("SPAM", "HAM")
    assert claude.log.makespan == 3.0


def test_the_same_connection_twice_says_the_same_twice():
    async def main(claude):
        return await asyncio.gather(*(claude.ask(f"Is this spam? <email>Offer number {n}, act now</email>") for n in range(8)))

    first, second = connect(), connect()
    assert run_simulated(main(first)) == run_simulated(main(second))
    assert [call.seconds for call in first.log] == [call.seconds for call in second.log]


# --- bad input: the sentences themselves stand in messages.txt ------------------------------------

LIVE, REPLAY = {"backend": "live", "api_key": "k"}, {"backend": "replay", "replies": "r"}


@pytest.mark.parametrize("arguments", [
    {"backend": None}, {"model": None}, {"seconds_per_call": "3"}, {"seconds_per_call": True}, {"seconds_per_call": float("nan")},
    {"max_retries": -1}, {"max_retries": True}, {"timeout": 0}, {"timeout": True}, {"budget": Budget},
    REPLAY | {"seconds_per_call": -1}, REPLAY | {"model": ""}, LIVE | {"base_url": 8000},
    *(LIVE | setting for setting in ({"seed": 1}, {"seconds_per_call": 3.0}, {"seconds_per_call": 0}, {"limits": Limits()},
                                     {"faults": Faults()})),
])
def test_what_can_not_be_right(arguments):
    with pytest.raises(BadInput):
        connect(**arguments)


@pytest.mark.parametrize("prompt", ["", "  \n", None, 7, ["Hello"]])
def test_a_prompt_that_asks_nothing(claude, prompt):
    with pytest.raises(BadInput, match="write what you want to ask as a text"):
        run_simulated(claude.ask(prompt))
    assert len(claude.log) == 0


# --- live ----------------------------------------------------------------------------------------


def test_live_with_a_key_is_ready_and_has_called_nobody(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "no-real-key")
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    claude = connect("live", max_retries=5, timeout=7)
    assert (claude.client.api_key, claude.client.max_retries, claude.client.timeout) == ("no-real-key", 5, 7)
    assert (claude.sync_client.api_key, claude.sync_client.max_retries) == ("no-real-key", 5)


def test_live_has_a_budget_of_a_dollar_unless_another_is_named(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "no-real-key")
    assert connect("live").budget.limit == (None, None, 1.0)
    assert connect("live", budget=Budget(calls=3)).budget.limit == (3, None, None)
    assert connect("live", budget=Budget.unlimited()).budget.limit == (None, None, None)
    assert connect("live", model="claude-next", budget=Budget(calls=3)).model == "claude-next"


@pytest.mark.parametrize("key", ["sk-" "ant-secret value", "sk-" "ant-secret\nvalue", "sk-" "ant-sécret-value"])
def test_a_key_that_can_not_be_one_is_refused_unseen(key):
    with pytest.raises(BadInput, match="copy it again") as caught:
        connect("live", api_key=key)
    assert "cret" not in str(caught.value)


def test_the_key_is_shown_nowhere_and_the_line_break_of_a_paste_is_cut(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    claude = connect("live", api_key="  sk-" "ant-secret-value\n")
    assert claude.client.api_key == "sk-" "ant-secret-value"
    assert "secret" not in f"{claude!r} {claude} {claude.log!r} {claude.budget!r}"


def test_a_server_of_ones_own_may_need_no_key(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    claude = connect("live", base_url="http://127.0.0.1:9")
    assert (str(claude.client.base_url), claude.client.api_key) == ("http://127.0.0.1:9", "none")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:10")
    assert str(connect("live").sync_client.base_url) == "http://127.0.0.1:10"
    assert str(connect("live", base_url="http://127.0.0.1:9").sync_client.base_url) == "http://127.0.0.1:9"


def test_nothing_in_the_environment_sends_a_simulated_call_elsewhere(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-" "ant-secret-value")
    for claude in (connect(), connect(budget=Budget(calls=5))):
        assert run_simulated(claude.ask(SPAM)) in ("SPAM", "HAM")
        assert claude.ask_blocking(SPAM) in ("SPAM", "HAM")
        assert "secret" not in f"{claude.client.api_key} {claude.sync_client.api_key}"


# --- temperature ---------------------------------------------------------------------------------


def test_the_older_model_takes_a_temperature(claude):
    async def main():
        return [await claude.ask(SPAM, model="claude-haiku-4-5", temperature=temperature) for temperature in (0.0, 0.0, 1)]

    assert set(run_simulated(main())) <= {"SPAM", "HAM"}
    assert claude.ask_blocking(SPAM, model="claude-haiku-4-5", temperature=0.5) in ("SPAM", "HAM")
    assert [call.status for call in claude.log] == ["ok"] * 4


def test_the_way_with_a_budget_takes_one_too():
    for sdk in (True, False):
        claude = connect(sdk=sdk, budget=Budget(calls=1), model="claude-haiku-4-5")
        assert run_simulated(claude.ask(SPAM, temperature=0.5)) in ("SPAM", "HAM")


def test_current_models_answer_in_the_apis_own_words(claude):
    import anthropic

    with pytest.raises(anthropic.BadRequestError, match="temperature: Extra inputs are not permitted"):
        run_simulated(claude.ask(SPAM, temperature=0.5))
    assert (claude.log[0].status, len(claude.log[0].attempts)) == ("failed", 1)


@pytest.mark.parametrize("temperature", [-0.1, 1.1, "hot", True, float("nan")])
def test_a_temperature_that_is_none(claude, temperature):
    with pytest.raises(BadInput, match=r"is no temperature; write a number from 0 to 1, such as 0\.7"):
        run_simulated(claude.ask(SPAM, temperature=temperature))
    assert len(claude.log) == 0


# --- an answer of a given shape ------------------------------------------------------------------


class Judgement(BaseModel):
    label: Literal["spam", "ham"]
    confidence: float = Field(ge=0, le=1)


class Impossible(BaseModel):
    label: Literal["yes", "no"]
    stars: int = Field(ge=1000)


def test_ask_for_gives_an_instance(claude):
    judged = run_simulated(claude.ask_for(Judgement, SPAM, label="judged", system="Be strict.", max_tokens=200))
    assert isinstance(judged, Judgement)
    assert judged.label in ("spam", "ham")
    (call,) = claude.log
    assert (call.label, call.status, json.loads(call.reply)) == ("judged", "ok", judged.model_dump())


def test_both_ways_give_the_same_instance():
    first, second = (run_simulated(connect(sdk=sdk).ask_for(Judgement, SPAM)) for sdk in (True, False))
    assert first == second


def test_what_does_not_fit_is_shown(claude):
    with pytest.raises(DoesNotFit, match=r"^The answer is no Impossible: stars: .*greater than or equal to 1000") as caught:
        run_simulated(claude.ask_for(Impossible, SPAM))
    assert json.loads(caught.value.answer)["stars"] < 1000
    assert f"What came: {caught.value.answer!r}" in str(caught.value)
    assert "Say in the prompt what each field means" in str(caught.value)


def test_a_cut_answer_says_so(claude):
    with pytest.raises(DoesNotFit, match="It was cut at max_tokens=3; allow more"):
        run_simulated(claude.ask_for(Judgement, SPAM, max_tokens=3))


@pytest.mark.parametrize("shape", ["Judgement", Judgement(label="ham", confidence=1)])
def test_a_shape_that_is_none(claude, shape):
    with pytest.raises(BadInput, match=r"Judgement.* is no shape for an answer; write a pydantic model"):
        run_simulated(claude.ask_for(shape, SPAM))
    assert len(claude.log) == 0


def test_a_shape_that_json_can_not_say(claude):
    class Odd(BaseModel):
        call: Callable[[int], int]

    with pytest.raises(BadInput, match="Odd can't be said as JSON"):
        run_simulated(claude.ask_for(Odd, SPAM))


# --- outside a notebook --------------------------------------------------------------------------


def test_outside_a_notebook_time_is_not_switched():
    assert use_simulated_time() is False
    with pytest.raises(BadInput, match="no notebook here") as caught:
        use_real_time()
    assert "asyncio.run(main())" in str(caught.value)


def test_importing_and_connecting_load_nothing_heavy():
    program = (
        "import sys, course_lib; from course_lib import connect; connect();"
        "print(sorted({'anthropic', 'httpx2', 'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                             env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}).stdout
    assert printed == "[]\n"


def test_every_public_name_can_be_imported_and_a_wrong_one_lists_them():
    import course_lib

    assert course_lib.connect is connect
    assert set(dir(course_lib)) == set(course_lib.__all__)
    with pytest.raises(AttributeError, match=r"has no 'conect'; it offers .*connect"):
        course_lib.conect  # noqa: B018 - asking for the name is the test

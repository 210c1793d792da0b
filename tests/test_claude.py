"""connect(): what it gives, and what it says to input that cannot be right."""

import asyncio
import os
import subprocess
import sys

import pytest

from course_lib.claude import Faults, Limits, connect, run_simulated, use_real_time, use_simulated_time
from course_lib.errors import BadInput, CourseError

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


def test_its_line_says_which_claude_it_is(claude):
    assert repr(claude).startswith("<Claude Haiku 5.5, simulated")
    assert repr(claude).endswith("; 0 calls so far>")


def test_the_same_connection_twice_says_the_same_twice():
    async def main(claude):
        return await asyncio.gather(*(claude.ask(f"Is this spam? <email>Offer number {n}, act now</email>") for n in range(8)))

    first, second = connect(), connect()
    assert run_simulated(main(first)) == run_simulated(main(second))
    assert [call.seconds for call in first.log] == [call.seconds for call in second.log]


# --- bad input -----------------------------------------------------------------------------------


def nonsense(value):
    return f"={value!r} is no"


@pytest.mark.parametrize(("arguments", "parts"), [
    ({"backend": "cloud"}, ["no backend 'cloud'", "connect('live')"]),
    ({"backend": None}, ["no backend None", "write connect()"]),
    ({"model": "claude-haiku-55"}, ["no model 'claude-haiku-55'", "did you mean 'claude-haiku-5-5'"]),
    ({"model": None}, ["no model None"]),
    ({"seconds_per_call": -1}, ["seconds_per_call=-1 is no duration", "such as 3.0"]),
    ({"seconds_per_call": "3"}, ["seconds_per_call='3' is no duration", "such as 3.0"]),
    ({"seconds_per_call": True}, ["seconds_per_call=True is no duration"]),
    ({"seconds_per_call": float("nan")}, ["seconds_per_call=nan is no duration"]),
    ({"max_retries": -1}, ["max_retries=-1 is no count", "from 0 up"]),
    ({"max_retries": 1.5}, ["max_retries=1.5 is no count"]),
    ({"max_retries": True}, ["max_retries=True is no count"]),
    ({"timeout": 0}, ["timeout=0 is no time-out", "seconds above 0"]),
    ({"timeout": "20"}, ["timeout='20' is no time-out"]),
    ({"timeout": True}, ["timeout=True is no time-out"]),
    ({"limits": 50}, ["limits=50", "Limits(requests_per_minute=50)"]),
    ({"faults": 0.5}, ["faults=0.5", "Faults(overloaded=0.05)"]),
])
def test_bad_input_is_answered_with_what_to_write(arguments, parts):
    with pytest.raises(BadInput) as caught:
        connect(**arguments)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("prompt", ["", "  \n", None, 7, ["Hello"]])
def test_a_prompt_that_asks_nothing(claude, prompt):
    with pytest.raises(BadInput) as caught:
        run_simulated(claude.ask(prompt))
    assert str(caught.value).startswith(f"The prompt is {prompt!r}; write what you want to ask as a text")
    assert len(claude.log) == 0


def test_an_unknown_model_in_a_question(claude):
    with pytest.raises(BadInput, match="did you mean 'claude-opus-5-5'"):
        run_simulated(claude.ask("Hello", model="claude-opus-55"))


# --- live ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, ""])
def test_live_without_a_key_says_what_to_do(monkeypatch, key):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    with pytest.raises(CourseError, match="needs a key") as caught:
        connect("live")
    assert "ANTHROPIC_API_KEY" in str(caught.value)
    assert "write connect() for the simulated backend" in str(caught.value)


@pytest.mark.parametrize("setting", [
    {"seed": 1}, {"seconds_per_call": 3.0}, {"limits": Limits()}, {"faults": Faults()}, {"sdk": False},
])
def test_live_takes_no_settings_of_the_simulation(monkeypatch, setting):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "no-real-key")
    with pytest.raises(BadInput, match=r"belong to the simulation; write connect\('live'\) without them"):
        connect("live", **setting)


def test_live_with_a_key_is_ready_and_has_called_nobody(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "no-real-key")
    claude = connect("live", max_retries=5, timeout=7)
    assert repr(claude) == "<Claude Haiku 5.5, live (real time, real money); 0 calls so far>"
    assert (claude.client.api_key, claude.client.max_retries, claude.client.timeout) == ("no-real-key", 5, 7)
    assert (claude.sync_client.api_key, claude.sync_client.max_retries) == ("no-real-key", 5)


# --- outside a notebook --------------------------------------------------------------------------


def test_outside_a_notebook_time_is_not_switched():
    assert use_simulated_time() is False
    with pytest.raises(BadInput, match="no notebook here") as caught:
        use_real_time()
    assert "asyncio.run(main())" in str(caught.value)


@pytest.mark.parametrize("hash_seed", ["0", "31"])
def test_importing_and_connecting_load_nothing_heavy(hash_seed):
    program = (
        "import sys, course_lib; from course_lib import connect; connect();"
        "print(sorted({'anthropic', 'httpx2', 'matplotlib', 'ipywidgets'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                             env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}).stdout
    assert printed == "[]\n"


def test_every_public_name_can_be_imported_and_a_wrong_one_lists_them():
    import course_lib

    assert course_lib.connect is connect
    assert set(dir(course_lib)) == set(course_lib.__all__)
    with pytest.raises(AttributeError, match=r"has no 'conect'; it offers .*connect"):
        course_lib.conect  # noqa: B018 - asking for the name is the test

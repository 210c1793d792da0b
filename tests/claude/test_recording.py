"""What was recorded is replayed, reply for reply; what was not, is said; and no key ever reaches the file."""

import asyncio
import json
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.claude import Budget, BudgetSpent, connect, run_simulated
from course_lib.claude.recording import NotRecorded, Recorded, Recorder, Replies, essentials, without_secrets
from course_lib.errors import BadInput, CourseError
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults
from tests.loopback_api import serving

KEY = "test-key-123"
QUESTION = "Is this e-mail spam? Answer SPAM or HAM only. <email>Hello number {}, act now and win</email>"
QUESTIONS = [QUESTION.format(number) for number in range(12)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "replies.jsonl"


@pytest.fixture(params=[True, False], ids=["sdk", "direct"])
def sdk(request):
    return request.param


def ran(claude, questions, max_at_once=10):
    return run_simulated(run_parallel(claude.ask, questions, max_at_once=max_at_once, on_error="collect"))


def said(outcomes):
    return [outcome.value if outcome.status == "ok" else type(outcome.error).__name__ for outcome in outcomes]


# --- recorded and replayed -----------------------------------------------------------------------


@pytest.mark.parametrize("recorded_by", [True, False])
def test_the_same_answers_in_the_same_times(path, sdk, recorded_by):
    original = connect(record=path, sdk=recorded_by)
    answers = said(ran(original, QUESTIONS))
    replayed = connect("replay", replies=path, sdk=sdk)
    assert said(ran(replayed, QUESTIONS)) == answers
    assert [call.seconds for call in replayed.log] == pytest.approx([call.seconds for call in original.log], abs=0.001)
    assert replayed.log.cost == original.log.cost
    assert [call.reply for call in replayed.log] == [call.reply for call in original.log]


def test_both_of_the_sdks_clients_are_recorded_and_replayed(path):
    original = connect(record=path)
    first, second = QUESTIONS[:2]
    answers = [run_simulated(original.ask(first)), original.ask_blocking(first), original.ask_blocking(second)]
    replayed = connect("replay", replies=path)
    assert [replayed.ask_blocking(first), run_simulated(replayed.ask(first)), replayed.ask_blocking(second)] == answers
    with pytest.raises(NotRecorded):
        run_simulated(replayed.client.with_options(max_retries=3).messages.create(**request_for(second)))
    with pytest.raises(NotRecorded):
        replayed.sync_client.messages.create(**request_for(second))


def test_a_real_server_is_recorded_and_replayed_offline(path, sdk):
    with serving() as (address, requests):
        claude = connect("live", base_url=address, api_key=KEY, record=path)
        answers = asyncio.run(run_parallel(claude.ask, QUESTIONS, max_at_once=5))
    assert len(requests) == len(path.read_text("utf-8").splitlines()) == 12
    assert KEY not in path.read_text("utf-8")
    replayed = connect("replay", replies=path, sdk=sdk)
    assert ran(replayed, QUESTIONS) and said(ran(connect("replay", replies=path, sdk=sdk), QUESTIONS)) == answers
    assert len(requests) == 12


def test_votes_come_in_the_order_in_which_they_were_sampled(path, sdk):
    model = "claude-haiku-4-5"
    original = connect(record=path, model=model, sdk=False, seed=3, seconds_per_call=lambda prompt: 1.0)
    votes = [QUESTION.format("one, dear friend")] * 9
    ballots = said(ran(original, votes))
    for max_at_once in (1, 4, 9):
        assert sorted(said(ran(connect("replay", replies=path, model=model, sdk=sdk), votes, max_at_once))) == sorted(ballots)
    assert said(ran(connect("replay", replies=path, model=model, sdk=sdk), votes, 1)) == ballots


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_replies_do_not_depend_on_how_many_run_at_once(tmp_path_factory, which, recorded_at_once, replayed_at_once):
    path = tmp_path_factory.mktemp("recording") / "replies.jsonl"
    questions = [QUESTIONS[number] for number in which]
    original = connect(record=path, sdk=False, seed=1)
    ran(original, questions, recorded_at_once)
    replayed = connect("replay", replies=path, sdk=False)
    ran(replayed, questions, replayed_at_once)

    def replies(claude):
        return sorted((call.prompt, call.reply, call.input_tokens, call.output_tokens) for call in claude.log)

    assert replies(replayed) == replies(original)


def test_errors_are_replayed_as_errors_and_retried_as_they_were(path, sdk):
    faults = Faults(script=lambda prompt, arrival: "overloaded" if "number 1," in prompt and arrival < 3 else None)
    original = connect(record=path, sdk=False, faults=faults)
    answers = said(ran(original, QUESTIONS[:3]))
    failing = connect(record=path, sdk=False, faults=Faults(error=1.0), max_retries=0)
    assert said(ran(failing, QUESTIONS[3:4])) == ["InternalServerError"]
    replayed = connect("replay", replies=path, sdk=sdk)
    assert said(ran(replayed, QUESTIONS[:3])) == answers
    assert [[attempt.status for attempt in call.attempts] for call in replayed.log] == [[200], [529, 529, 200], [200]]
    assert replayed.log.makespan == pytest.approx(original.log.makespan, abs=0.01)
    once = connect("replay", replies=path, sdk=sdk, max_retries=0)
    assert said(ran(once, QUESTIONS[3:4])) == ["InternalServerError"]


def test_an_error_without_a_retry_after_is_tried_again_at_the_same_time_in_every_run(path, sdk):
    busy = json.dumps({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}).encode()
    replies = iter([(529, {"content-type": "application/json"}, busy)])
    with serving(answer=lambda *request: next(replies, None)) as (address, _):
        asyncio.run(connect("live", base_url=address, record=path).ask(QUESTIONS[0]))
    makespans = []
    for _ in range(2):
        replayed = connect("replay", replies=path, sdk=sdk, seconds_per_call=1.0)
        ran(replayed, QUESTIONS[:1])
        makespans.append(replayed.log.makespan)
    assert makespans == [3.0, 3.0]


def test_a_gateways_own_page_is_replayed_as_the_failure_that_it_was(path, sdk):
    with serving(answer=lambda *request: (502, {"content-type": "text/html"}, b"<html>Bad gateway</html>")) as (address, _):
        claude = connect("live", base_url=address, api_key=KEY, record=path, max_retries=0)
        with pytest.raises(anthropic.InternalServerError):
            asyncio.run(claude.ask(QUESTIONS[0]))
    assert Replies(path).get(request_for(QUESTIONS[0]), 0).body == "<html>Bad gateway</html>"
    (outcome,) = ran(connect("replay", replies=path, sdk=sdk, max_retries=0), QUESTIONS[:1])
    assert outcome.error.status_code == 502
    assert "Bad gateway" in str(outcome.error)


def test_seconds_may_be_chosen(path, sdk):
    ran(connect(record=path, sdk=False), QUESTIONS[:3])
    replayed = connect("replay", replies=path, sdk=sdk, seconds_per_call=3.0)
    ran(replayed, QUESTIONS[:3])
    assert [call.seconds for call in replayed.log] == [3.0] * 3
    by_prompt = connect("replay", replies=path, sdk=sdk, seconds_per_call=lambda prompt: 5.0 if "number 1," in prompt else 2.0)
    ran(by_prompt, QUESTIONS[:3])
    assert [call.seconds for call in by_prompt.log] == [2.0, 5.0, 2.0]


def test_the_system_prompt_the_temperature_and_the_shape_are_part_of_the_request(path, sdk):
    original = connect(record=path, sdk=False, model="claude-haiku-4-5")

    async def main(claude):
        return [await claude.ask(QUESTIONS[0]), await claude.ask(QUESTIONS[0], system="Be strict."),
                await claude.ask(QUESTIONS[0], temperature=0.2), await claude.ask(QUESTIONS[0], max_tokens=5)]

    answers = run_simulated(main(original))
    assert run_simulated(main(connect("replay", replies=path, sdk=sdk, model="claude-haiku-4-5"))) == answers
    assert [json.loads(line)["number"] for line in path.read_text("utf-8").splitlines()] == [0, 0, 0, 0]


def test_who_hangs_up_leaves_the_reply_for_the_next(path, sdk):
    ran(connect(record=path, sdk=False, seconds_per_call=10.0), QUESTIONS[:1])
    replayed = connect("replay", replies=path, sdk=sdk)

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(replayed.ask(QUESTIONS[0]), 5)
        return await replayed.ask(QUESTIONS[0])

    assert run_simulated(main()) in ("SPAM", "HAM")
    assert [call.status for call in replayed.log] == ["cancelled", "ok"]


def test_the_pool_of_threads_gets_every_reply_once(path):
    ran(connect(record=path, sdk=False, seed=1), QUESTIONS[:1] * 8)
    replayed = connect("replay", replies=path)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(replayed.ask_blocking, QUESTIONS[:1] * 8))
    recorded = [json.loads(line)["body"]["content"][0]["text"] for line in path.read_text("utf-8").splitlines()]
    assert sorted(answers) == sorted(recorded)


def test_a_replay_may_have_a_budget_too(path, sdk):
    ran(connect(record=path, sdk=False), QUESTIONS)
    replayed = connect("replay", replies=path, sdk=sdk, budget=Budget(calls=5))
    outcomes = ran(replayed, QUESTIONS)
    assert said(outcomes).count("BudgetSpent") == 7
    assert isinstance(outcomes[-1].error, BudgetSpent)


def test_its_line_says_what_it_is(path):
    ran(connect(record=path, sdk=False), QUESTIONS[:1])
    assert ", replayed (recorded replies, simulated time); 0 calls so far>" in repr(connect("replay", replies=path))
    assert repr(connect("replay", replies=path, model="tiny")).startswith("<tiny, replayed")


def test_a_stream_is_recorded_as_the_message_that_it_was(path):
    start = {"id": "m", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": [],
             "stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}}
    events = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello you"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ]
    pieces = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    with serving(answer=lambda *request: (200, {"content-type": "text/event-stream"}, pieces)) as (address, _):
        claude = connect("live", base_url=address, api_key=KEY, record=path)
        with claude.sync_client.messages.stream(**request_for("Hello")) as stream:
            assert stream.get_final_text() == "Hello you"
    assert run_simulated(connect("replay", replies=path, sdk=False).ask("Hello")) == "Hello you"


# --- what was not recorded -----------------------------------------------------------------------


def request_for(prompt, **more):
    return {"model": "claude-haiku-5-5", "max_tokens": 1024, "messages": [{"role": "user", "content": prompt}]} | more


def error_of(claude, prompt, **more):
    with pytest.raises(CourseError) as caught:
        run_simulated(claude.ask(prompt, **more))
    assert isinstance(caught.value, NotRecorded)
    assert caught.value.prompt == prompt
    return str(caught.value)


def test_a_request_that_was_not_recorded_names_the_nearest(path, sdk):
    ran(connect(record=path, sdk=False), [*QUESTIONS[:2], "Summarize. <text>The river is 40 km long.</text>"])
    replayed = connect("replay", replies=path, sdk=sdk)
    assert error_of(replayed, "Summarise. <text>The river is 41 km long.</text>") == (
        "'Summarise. <text>The river is 41 km long.</text>' was never asked while replies.jsonl was recorded. The nearest that "
        "was: 'Summarize. <text>The river is 40 km long.</text>'. Ask exactly that, or record this request as well: "
        f"connect('live', record={str(path)!r})."
    )
    assert "'…" in error_of(replayed, QUESTION.format(77)), "a long prompt is shown where it begins to differ"
    assert "Hello number 1" in error_of(replayed, QUESTION.format(11))
    assert len(replayed.log) == 0


@pytest.mark.parametrize(("more", "difference"), [
    ({"system": "Be strict."}, "with system=None instead of system='Be strict.'"),
    ({"max_tokens": 7}, "with max_tokens=1024 instead of max_tokens=7"),
    ({"model": "claude-opus-5-5"}, "with model='claude-haiku-5-5' instead of model='claude-opus-5-5'"),
])
def test_the_same_prompt_in_another_request_says_what_differs(path, sdk, more, difference):
    ran(connect(record=path, sdk=False), QUESTIONS[:1])
    assert f"The same prompt was, but {difference}." in error_of(connect("replay", replies=path, sdk=sdk), QUESTIONS[0], **more)


def test_asked_more_often_than_recorded(path, sdk):
    ran(connect(record=path, sdk=False), QUESTIONS[:1] * 2)
    outcomes = ran(connect("replay", replies=path, sdk=sdk), QUESTIONS[:1] * 3)
    assert said(outcomes)[2] == "NotRecorded"
    assert str(outcomes[2].error).endswith(
        "was asked 3 times of claude-haiku-5-5, and replies.jsonl holds 2 replies to it; ask it less often, or record more.")


def test_it_passes_through_the_sdk_untried_again(path):
    ran(connect(record=path, sdk=False), QUESTIONS[:1])
    replayed = connect("replay", replies=path, max_retries=5)
    with pytest.raises(NotRecorded):
        replayed.ask_blocking("Never heard of")
    assert len(replayed.log) == 0


def test_only_messages_are_recorded(path):
    claude = connect(record=path)
    claude.ask_blocking(QUESTIONS[0])
    claude.sync_client.messages.count_tokens(model=claude.model, messages=[{"role": "user", "content": "Hello"}])
    assert len(path.read_text("utf-8").splitlines()) == 1
    with pytest.raises(anthropic.NotFoundError, match="a recording holds messages only"):
        connect("replay", replies=path).sync_client.models.list()


# --- the file ------------------------------------------------------------------------------------


def test_a_recording_goes_on_where_it_was(path, sdk):
    first, second = connect(record=path, sdk=sdk), connect(record=path, sdk=sdk)
    ran(first, QUESTIONS[:1] * 2)
    third = connect(record=path, sdk=sdk, seed=5)
    ran(third, QUESTIONS[:1] * 2)
    assert [json.loads(line)["number"] for line in path.read_text("utf-8").splitlines()] == [0, 1, 2, 3]
    ran(second, QUESTIONS[1:2])
    assert said(ran(connect("replay", replies=path, sdk=sdk), QUESTIONS[:1] * 4 + QUESTIONS[1:2])).count("NotRecorded") == 0


CUT = "can't be read, because the recording was cut off there; the other 2 replies can be replayed"


def test_a_recording_that_was_killed_loses_its_last_line_only_and_says_so(path):
    ran(connect(record=path, sdk=False), QUESTIONS[:3])
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    with pytest.warns(UserWarning, match=f"^Line 3 of .*replies.jsonl' {CUT}"):
        replayed = connect("replay", replies=path, sdk=False)
    assert said(ran(replayed, QUESTIONS[:3]))[2] == "NotRecorded"
    with pytest.warns(UserWarning, match=CUT):
        going_on = connect(record=path, sdk=False)
    ran(going_on, QUESTIONS[2:4])
    with pytest.warns(UserWarning, match="Line 3 .*the other 4 replies"):
        replayed = connect("replay", replies=path, sdk=False)
    assert "NotRecorded" not in said(ran(replayed, QUESTIONS[:4]))


@pytest.mark.parametrize("bytes_left", range(0, 400, 7))
def test_wherever_it_was_cut_the_other_lines_are_there(tmp_path, bytes_left):
    path = tmp_path / "replies.jsonl"
    ran(connect(record=path, sdk=False), ["Is “Grüße” spam? Answer yes or no only. <email>Grüße</email>", *QUESTIONS[:1]])
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:bytes_left])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        replies = Replies(path)
    assert (len(replies), len(told)) == ((1, 1) if 0 < bytes_left < len(second) - 1 else (1 if bytes_left == 0 else 2, 0))


def test_a_process_that_is_killed_leaves_every_finished_reply(path):
    program = (
        "import os, sys; from course_lib.claude import connect, run_simulated\n"
        f"claude = connect(record={str(path)!r}, sdk=False)\n"
        "for number in range(3):\n"
        "    run_simulated(claude.ask(f'Is this spam? <email>Hello {number}</email>'))\n"
        "os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 9
    assert len(Replies(path)) == 3


def test_many_threads_write_whole_lines(path):
    recorder = Recorder(path)
    start = threading.Barrier(8)

    def write(number):
        start.wait(5)
        for index in range(50):
            recorder.write(Recorded(request_for(f"{number} {index}"), 0, 200, 1.0, {}, {"text": "x" * 5000}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(Replies(path)) == 400


ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda part: st.lists(part) | st.dictionaries(ANY_TEXT, part), max_leaves=8,
)


@given(ANY_JSON)
@settings(max_examples=60, deadline=None)
def test_whatever_is_said_comes_back(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("recording") / "replies.jsonl"
    Recorder(path).write(Recorded({"messages": [], "said": content}, 0, 200, 1.0, {}, {"content": content}))
    recorded = Replies(path).get({"messages": [], "said": content}, 0)
    assert recorded.body == {"content": content}


# --- secrets -------------------------------------------------------------------------------------


def test_no_key_reaches_the_file(path):
    def leaky(request_path, headers, body):
        text = f"You sent {headers['authorization']}; mine is sk-" "ant-api03-0123456789abcdef"
        said = {"id": "m", "type": "message", "role": "assistant", "model": body["model"], "stop_reason": "end_turn",
                "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 1, "output_tokens": 1}}
        return 200, {"content-type": "application/json", "x-api-key": KEY, "request-id": "req_1"}, json.dumps(said).encode()

    with serving(answer=leaky) as (address, _):
        claude = connect("live", base_url=address, api_key=KEY, record=path)
        asyncio.run(claude.ask(f"My key is {KEY}, is it good?", system=f"{KEY}"))
        claude.ask_blocking("And sk-" "ant-api03-zyxwvutsrqponmlkjih?")
    content = path.read_text("utf-8")
    assert KEY not in content
    assert "sk-ant-" not in content
    assert content.count("[key removed]") == 7
    first = json.loads(content.splitlines()[0])
    assert sorted(first) == ["body", "headers", "number", "request", "seconds", "status"]
    assert first["headers"] == {"request-id": "req_1"}


def test_a_prompt_with_a_key_in_it_can_be_replayed(path, sdk):
    prompt = "Is this spam? Answer yes or no only. <email>my key is sk-" "ant-api03-zyxwvutsrqponmlkjih</email>"
    answers = said(ran(connect(record=path, sdk=False), [prompt]))
    assert said(ran(connect("replay", replies=path, sdk=sdk), [prompt])) == answers


@pytest.mark.parametrize(("said", "kept"), [
    ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: [key removed]"),
    ("sk-proj-abcdefghijklmnop", "[key removed]"),
    ("the task-sk-ant is short", "the task-sk-ant is short"),
    ("Bearer of good news", "Bearer of good news"),
])
def test_what_looks_like_a_key(said, kept):
    assert without_secrets({"a": [said], "b": (1, None, True)}) == {"a": [kept], "b": [1, None, True]}


def test_a_servers_placeholder_of_a_key_is_no_secret(path):
    with serving() as (address, _):
        claude = connect("live", base_url=address, api_key="none", record=path)
        asyncio.run(claude.ask("Is none of this spam? <email>Hi</email>"))
    assert "Is none of this spam?" in path.read_text("utf-8")


def test_who_asked_is_not_essential():
    assert essentials(request_for("Hello", metadata={"user_id": "me"}, stream=True)) == request_for("Hello")


# --- bad input: more sentences stand in messages.txt ----------------------------------------------


@pytest.mark.parametrize("wrong", ["  ", True, b"file"])
@pytest.mark.parametrize("arguments", [{}, {"backend": "replay"}])
def test_a_path_that_is_none(arguments, wrong):
    with pytest.raises(BadInput, match="is no path; write the name of a file"):
        connect(**arguments, **{"replies" if arguments else "record": wrong})


@pytest.mark.parametrize(("content", "message"), [
    ("", "holds no replies"), ("\n\n", "holds no replies"),
    ("[]\n", "Line 1 .* is no recorded reply"), ('{"request": 1}\n', "Line 1 .* is no recorded reply"),
    ('{"request": {}, "number": 0, "status": "200", "seconds": 1}', "Line 1 .* is no recorded reply"),
    ('{"request": {}, "number": 0, "status": 200, "seconds": -1}', "Line 1 .* is no recorded reply"),
    ('{"request": {}, "number": true, "status": 200, "seconds": 1}', "Line 1 .* is no recorded reply"),
    ('\n{"request": {}, "number": 0, "status": 200, "seconds": 1, "more": 2}', "Line 2 .* is no recorded reply"),
])
def test_another_kind_of_file(path, content, message):
    path.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=message):
        connect("replay", replies=path)


def test_a_file_of_another_kind_is_not_recorded_into(path):
    path.write_text('{"email": "Hello"}\n', "utf-8")
    with pytest.raises(BadInput, match="is no recorded reply; give a file that connect"):
        connect(record=path)
    assert path.read_text("utf-8") == '{"email": "Hello"}\n'


# --- what real replies hold besides text ---------------------------------------------------------


def test_a_reply_with_thinking_in_it_is_replayed(path, sdk):
    body = {
        "id": "m", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, {"type": "text", "text": "Hello you"}],
        "usage": {"input_tokens": 9, "output_tokens": 3},
    }
    Recorder(path).write(Recorded(request_for("Hello"), 0, 200, 1.0, {}, body))
    replayed = connect("replay", replies=path, sdk=sdk)
    assert run_simulated(replayed.ask("Hello")) == "Hello you"
    assert replayed.log[0].reply == "Hello you"


@pytest.mark.parametrize("way", ["async", "sync"])
def test_what_was_recorded_in_one_piece_may_be_read_as_a_stream(path, way):
    prompt = "Summarize. <text>The river is 40 km long and flows to the sea. It is cold.</text>"
    original = connect(record=path, seconds_per_call=10.0)
    words = original.ask_blocking(prompt)
    replayed = connect("replay", replies=path)

    async def streamed():
        async with replayed.client.messages.stream(**request_for(prompt)) as stream:
            return [text async for text in stream.text_stream]

    if way == "async":
        pieces = run_simulated(streamed())
    else:
        with replayed.sync_client.messages.stream(**request_for(prompt)) as stream:
            pieces = list(stream.text_stream)
    assert "".join(pieces) == words
    assert len(pieces) > 1
    assert (replayed.log[0].reply, replayed.log[0].seconds) == (words, pytest.approx(10.0))


def test_a_simulated_stream_is_recorded_and_paid_for(path):
    prompt = "Summarize. <text>The river is 40 km long and flows to the sea. It is cold.</text>"
    claude = connect(record=path, seconds_per_call=10.0, budget=Budget(tokens=5000))

    async def streamed():
        async with claude.client.messages.stream(**request_for(prompt)) as stream:
            return await stream.get_final_text()

    words = run_simulated(streamed())
    assert claude.budget.spent.tokens == claude.log[0].input_tokens + claude.log[0].output_tokens > 0
    assert (claude.budget.reserved.tokens, claude.log[0].status) == (0, "ok")
    assert run_simulated(connect("replay", replies=path, sdk=False).ask(prompt)) == words


def test_a_page_that_came_instead_of_an_answer_is_replayed_as_that_page(path, sdk):
    Recorder(path).write(Recorded(request_for("Hello"), 0, 200, 1.0, {}, "<html>Please log in</html>"))
    (outcome,) = ran(connect("replay", replies=path, sdk=sdk), ["Hello"])
    assert outcome.status == "failed"

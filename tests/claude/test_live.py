"""The live backend writes the same log as the simulation. The network is replaced: nothing leaves."""

import asyncio
import itertools
import json
import threading

import anthropic
import httpx2
import pytest

from course_lib.claude import Budget, BudgetSpent, CallLog, connect, run_simulated
from course_lib.claude.live import async_client, read_events, sync_client
from course_lib.parallel import run_parallel
from tests.loopback_api import serving

HELLO = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
    "content": [{"type": "text", "text": "Hello "}, {"type": "text", "text": "you"}],
    "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 3},
}
BUSY = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@pytest.fixture(params=["async", "sync"])
def ask(request):
    """ask(network, **settings): one call over that network, through either client; the log with it."""
    def call(network, body=HELLO, log=None, **settings):
        log = CallLog() if log is None else log
        make = async_client if request.param == "async" else sync_client
        client = make(log, transport=httpx2.MockTransport(network), api_key="no-real-key", **settings)
        sent = client.messages.create(**body)
        return (run_simulated(sent) if asyncio.iscoroutine(sent) else sent), log

    return call


def test_an_answer_is_written_down_with_its_words_and_tokens(ask):
    seen = []

    def network(request):
        seen.append((request.url.path, json.loads(request.content)["messages"]))
        return httpx2.Response(200, json=ANSWER)

    message, log = ask(network)
    assert message.content[0].text == "Hello "
    assert seen == [("/v1/messages", HELLO["messages"])]
    (call,) = log
    assert (call.prompt, call.reply, call.status, call.model) == ("Hello", "Hello you", "ok", "claude-haiku-5-5")
    assert (call.input_tokens, call.output_tokens, call.stop_reason) == (9, 3, "end_turn")
    assert call.attempts[0].status == 200
    assert call.attempts[0].ended >= call.attempts[0].started


def test_retries_are_attempts_of_one_call(ask):
    replies = iter([httpx2.Response(529, json=BUSY, headers={"retry-after-ms": "1"}), httpx2.Response(200, json=ANSWER)])
    _, log = ask(lambda request: next(replies))
    assert [[attempt.status for attempt in call.attempts] for call in log] == [[529, 200]]
    assert (log[0].status, log[0].error) == ("ok", "")


def broken(request):
    raise httpx2.ConnectError("no route", request=request)


@pytest.mark.parametrize(("network", "error", "status"), [
    (lambda request: httpx2.Response(529, json=BUSY), "overloaded_error: Overloaded", 529),
    *((lambda request, page=page: httpx2.Response(502, content=page), "error: ", 502)
      for page in (b"<html>Bad gateway</html>", b"[]", b'"down"')),
    (broken, "ConnectError: no route", None),
])
def test_failures_are_written_down_with_their_reason(ask, network, error, status):
    log = CallLog()
    with pytest.raises(anthropic.APIError):
        ask(network, log=log, max_retries=0)
    (call,) = log
    assert (call.status, call.error, call.attempts[0].status) == ("failed", error, status)
    assert call.ended is not None
    assert call.cost == 0.0


def test_a_cancelled_call_is_written_down():
    log = CallLog()

    async def slow(request):
        await asyncio.sleep(60)
        return httpx2.Response(200, json=ANSWER)

    async def main():
        client = async_client(log, transport=httpx2.MockTransport(slow), api_key="no-real-key")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.messages.create(**HELLO), 2)

    run_simulated(main())
    assert (log[0].status, log[0].seconds) == ("cancelled", 2.0)


def test_counting_tokens_is_no_call():
    log = CallLog()
    network = httpx2.MockTransport(lambda request: httpx2.Response(200, json={"input_tokens": 5}))
    client = sync_client(log, transport=network, api_key="no-real-key")
    assert client.messages.count_tokens(model=HELLO["model"], messages=HELLO["messages"]).input_tokens == 5
    assert len(log) == 0


@pytest.mark.parametrize("messages", [[], ["Hello"], "Hello", [{"role": "user"}], [{"role": "user", "content": [7]}]])
def test_what_the_api_will_refuse_is_the_apis_to_refuse(ask, messages):
    with pytest.raises(anthropic.BadRequestError):
        ask(lambda request: httpx2.Response(400, json=BUSY), HELLO | {"messages": messages})


# --- a real server, on this machine --------------------------------------------------------------

KEY = "test-key-123"
QUESTION = "Is this e-mail spam? Answer SPAM or HAM only. <email>Hello number {}, act now and win</email>"


@pytest.fixture
def live(monkeypatch):
    """live(address, **settings): connected to a server on this machine."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    return lambda address, **settings: connect("live", base_url=address, api_key=KEY, **settings)


def test_any_server_that_speaks_the_api_will_do(live):
    with serving() as (address, requests):
        claude = live(address)
        answers = [asyncio.run(claude.ask(QUESTION.format(1))), claude.ask_blocking(QUESTION.format(1))]
    assert set(answers) <= {"SPAM", "HAM"}
    assert [(path, headers["authorization"]) for path, headers, _ in requests] == [("/v1/messages", f"Bearer {KEY}")] * 2
    assert [(call.status, call.reply, len(call.attempts)) for call in claude.log] == [("ok", answer, 1) for answer in answers]
    assert claude.budget.spent.calls == 2
    assert claude.budget.spent.dollars == pytest.approx(claude.log.cost) != 0


def test_one_loop_after_another(live):
    """`asyncio.run` twice is two loops, and a connection lives on the one that opened it."""
    with serving() as (address, requests):
        claude = live(address)
        for number in range(3):
            asyncio.run(claude.ask(QUESTION.format(number)))
    assert [len(call.attempts) for call in claude.log] == [1, 1, 1]
    assert len(requests) == 3


def test_many_at_once_within_a_budget(live):
    arrivals, ten_at_once = itertools.count(), threading.Barrier(10)
    with serving(hold=lambda: next(arrivals) < 10 and ten_at_once.wait(60)) as (address, requests):
        claude = live(address, budget=Budget(calls=12))
        outcomes = asyncio.run(run_parallel(claude.ask, map(QUESTION.format, range(20)), max_at_once=10, on_error="collect"))
    assert [outcome.status for outcome in outcomes].count("ok") == 12 == len(requests) == len(claude.log)
    assert all(isinstance(outcome.error, BudgetSpent) for outcome in outcomes if outcome.status == "failed")
    assert claude.log.peak_in_flight == 10


def test_dollars_are_never_overspent_live(live):
    with serving() as (address, _):
        claude = live(address, budget=Budget(dollars=0.0006))
        outcomes = asyncio.run(run_parallel(claude.ask, map(QUESTION.format, range(50)), max_at_once=20, on_error="collect"))
    assert 0 < [outcome.status for outcome in outcomes].count("ok") < 50
    assert claude.budget.spent.dollars == pytest.approx(claude.log.cost)
    assert claude.budget.spent.dollars < 0.0006


def test_a_temperature_goes_along_with_the_older_version(live):
    with serving() as (address, requests):
        claude = live(address, model="claude-haiku-4-5")
        asyncio.run(claude.ask(QUESTION.format(1), temperature=0.5))
        claude.ask_blocking(QUESTION.format(1), temperature=0.5)
        with pytest.raises(anthropic.BadRequestError, match="temperature: Extra inputs"):
            asyncio.run(claude.ask("Hello", model="claude-haiku-5-5", temperature=0.5))
    assert [(headers["anthropic-version"], body["temperature"]) for _, headers, body in requests] == [
        ("2023-06-01", 0.5), ("2023-06-01", 0.5), ("2026-10-21", 0.5)]


def test_a_model_nobody_here_knows_is_the_servers_to_judge(live):
    with serving(answer=lambda *request: (200, {}, json.dumps(ANSWER | {"model": "tiny"}).encode())) as (address, requests):
        claude = live(address, model="tiny", budget=Budget(tokens=5000))
        assert asyncio.run(claude.ask("Hello")) == "Hello you"
    assert requests[0][2]["model"] == "tiny"
    assert repr(claude).startswith("<tiny, live at ")
    assert claude.budget.spent == (1, 12, 0.0)


def test_a_key_that_the_server_echoes_is_shown_nowhere(live):
    def echo(path, headers, body):
        said = {"type": "error", "error": {"type": "authentication_error", "message": f"no such key: {KEY}"}}
        return 401, {"content-type": "application/json"}, json.dumps(said).encode()

    with serving(answer=echo) as (address, _):
        claude = live(address)
        with pytest.raises(anthropic.AuthenticationError) as caught:
            asyncio.run(claude.ask("Hello"))
        with pytest.raises(anthropic.AuthenticationError) as caught_too:
            claude.ask_blocking("Hello")
    for error in (caught.value, caught_too.value):
        assert KEY not in f"{error} {error.body} {error.response.text}"
        assert "no such key: [key removed]" in str(error)
    assert KEY not in "".join(call.error for call in claude.log)


def test_nobody_listens_there(live):
    claude = live("http://127.0.0.1:9", max_retries=0)
    with pytest.raises(anthropic.APIConnectionError):
        asyncio.run(claude.ask("Hello"))
    assert claude.log[0].status == "failed"
    assert claude.budget.spent == (1, 0, 0.0), "what never left is not billed"


# --- streams -------------------------------------------------------------------------------------

EVENTS = [
    {"type": "message_start",
     "message": ANSWER | {"content": [], "stop_reason": None, "usage": {"input_tokens": 9, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello "}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "yoü"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": 3}},
    {"type": "message_stop"},
]
STREAM = {"content-type": "text/event-stream; charset=utf-8"}


def said(event):
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def streamed(claude, way, read):
    """The texts that come, through either client; `read` is told of each."""
    question = HELLO | {"max_tokens": 50}

    async def main():
        async with claude.client.messages.stream(**question) as stream:
            return [read(text) or text async for text in stream.text_stream]

    if way == "async":
        return asyncio.run(main())
    with claude.sync_client.messages.stream(**question) as stream:
        return [read(text) or text for text in stream.text_stream]


@pytest.mark.parametrize("way", ["async", "sync"])
def test_a_stream_comes_through_piece_by_piece_and_is_written_down_at_its_end(live, way):
    seen, in_time = threading.Event(), []
    pieces = [*map(said, EVENTS[:3]), lambda: in_time.append(seen.wait(60)), *map(said, EVENTS[3:])]
    with serving(answer=lambda *request: (200, STREAM, pieces)) as (address, requests):
        claude = live(address)
        assert streamed(claude, way, lambda text: seen.set()) == ["Hello ", "yoü"]
    assert in_time == [True], "the first words were read before the last were sent"
    (call,) = claude.log
    assert (call.status, call.reply, call.stop_reason) == ("ok", "Hello yoü", "end_turn")
    assert (call.input_tokens, call.output_tokens) == (9, 3)
    assert call.seconds > 0
    assert claude.budget.spent == (1, 12, pytest.approx(call.cost))
    assert requests[0][1]["accept-encoding"] == "identity"


@pytest.mark.parametrize("way", ["async", "sync"])
def test_a_stream_that_ends_in_an_error_failed(live, way):
    pieces = [*map(said, EVENTS[:3]), said({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})]
    with serving(answer=lambda *request: (200, STREAM, pieces)) as (address, _):
        claude = live(address)
        with pytest.raises(anthropic.APIStatusError):
            streamed(claude, way, lambda text: None)
    assert (claude.log[0].status, claude.log[0].error) == ("failed", "StreamFailed: overloaded_error: Overloaded")
    assert claude.budget.spent.tokens > 50, "how much was billed, nobody knows"


@pytest.mark.parametrize("way", ["async", "sync"])
def test_a_stream_that_its_reader_leaves_was_cancelled(live, way):
    class EnoughError(Exception):
        pass

    def leave(text):
        raise EnoughError

    pieces = [*map(said, EVENTS[:3]), lambda: threading.Event().wait(0.2)]
    with serving(answer=lambda *request: (200, STREAM, pieces)) as (address, _):
        claude = live(address)
        with pytest.raises(EnoughError):
            streamed(claude, way, leave)
    assert (claude.log[0].status, claude.log[0].error) == ("cancelled", "LeftEarly: its reader left before the end")
    assert claude.budget.reserved.tokens == 0


def test_a_stream_that_breaks_off_is_no_answer(live):
    with serving(answer=lambda *request: (200, STREAM, list(map(said, EVENTS[:3])))) as (address, _):
        claude = live(address)
        streamed(claude, "sync", lambda text: None)
    assert (claude.log[0].status, claude.log[0].error) == (
        "failed", "StreamFailed: the stream ended before its message did")


def test_events_add_up_to_the_message():
    events = b"".join(map(said, EVENTS))
    message, error = read_events(events)
    assert (message, error) == (ANSWER | {"content": [{"type": "text", "text": "Hello yoü"}]}, "")


def test_events_of_tools_and_thinking_add_up_too():
    blocks = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "s1"}},
        {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "name": "add", "input": {}}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a":'}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": " 1}"}},
    ]
    message, _ = read_events(b"".join(map(said, [EVENTS[0], *blocks, *EVENTS[5:]])))
    assert message["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "s1"}, {"type": "tool_use", "name": "add", "input": {"a": 1}}]


@pytest.mark.parametrize("content", [b"", b"data: {cut", b": a comment\n\n", b"data: []\n", b"data: 7\n", said(EVENTS[2])])
def test_what_are_no_events_is_no_message(content):
    assert read_events(content) == ({}, "the stream ended before its message did")

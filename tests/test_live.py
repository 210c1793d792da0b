"""The live backend writes the same log as the simulation. The network is replaced: nothing leaves."""

import asyncio
import json

import anthropic
import httpx2
import pytest

from course_lib.calls import CallLog
from course_lib.claude import run_simulated
from course_lib.live import async_client, sync_client

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
    def call(network, body=HELLO, **settings):
        log = CallLog()
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


def test_an_error_reply_is_a_failed_call(ask):
    with pytest.raises(anthropic.InternalServerError):
        ask(lambda request: httpx2.Response(529, json=BUSY), max_retries=0)


def failed_log(make, network):
    log = CallLog()
    client = make(log, transport=httpx2.MockTransport(network), api_key="no-real-key", max_retries=0)

    def send():
        sent = client.messages.create(**HELLO)
        return run_simulated(sent) if asyncio.iscoroutine(sent) else sent

    with pytest.raises(anthropic.APIError):
        send()
    return log


def broken(request):
    raise httpx2.ConnectError("no route", request=request)


@pytest.mark.parametrize("make", [async_client, sync_client])
@pytest.mark.parametrize(("network", "error", "status"), [
    (lambda request: httpx2.Response(529, json=BUSY), "overloaded_error: Overloaded", 529),
    (lambda request: httpx2.Response(502, text="<html>Bad gateway</html>"), "error: ", 502),
    (broken, "ConnectError: no route", None),
])
def test_failures_are_written_down_with_their_reason(make, network, error, status):
    (call,) = failed_log(make, network)
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


def test_content_in_blocks_is_the_prompt_too(ask):
    blocks = HELLO | {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}
    _, log = ask(lambda request: httpx2.Response(200, json=ANSWER), blocks)
    assert log[0].prompt == "Hello"


def test_counting_tokens_is_no_call():
    log = CallLog()
    network = httpx2.MockTransport(lambda request: httpx2.Response(200, json={"input_tokens": 5}))
    client = sync_client(log, transport=network, api_key="no-real-key")
    assert client.messages.count_tokens(model=HELLO["model"], messages=HELLO["messages"]).input_tokens == 5
    assert len(log) == 0


@pytest.mark.parametrize("page", [b"<html>bad gateway</html>", b"[]", b'"down"'])
def test_a_gateways_own_page_is_a_failed_call_like_any_other(ask, page):
    with pytest.raises(anthropic.InternalServerError):
        ask(lambda request: httpx2.Response(502, content=page), max_retries=0)

"""Streams: the SDK's own helpers read them, each piece at its moment, and the log knows how they ended."""

import asyncio
import json
from itertools import pairwise

import anthropic
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.messages import FakeApi
from course_lib.simulation.api.rate_limits import Limits
from course_lib.simulation.api.streaming import chunks_of
from course_lib.simulation.api.validation import CURRENT_VERSION
from course_lib.simulation.model import simulated_model

HELLO = {"model": "claude-haiku-5-5", "max_tokens": 200, "messages": [{"role": "user", "content": "Hello"}]}
HEADERS = {"authorization": "Bearer simulated", "anthropic-version": CURRENT_VERSION}
WORDS = ("The river is forty kilometres long, rises in the hills, and flows to the sea. " * 4)[:240]
"""Sixty tokens."""


@pytest.fixture(autouse=True)
def _known_words(request, monkeypatch):
    """Streams are the same whatever is said: not what the model says to "Hello" is tested here."""
    if "coin" not in request.fixturenames:
        monkeypatch.setattr(simulated_model, "reply", lambda body, **circumstances: WORDS)


def events(body, **settings):
    """(seconds, name, data) of every event of a stream, read off the wire."""
    reply = FakeApi(**settings).handle("POST", "/v1/messages", HEADERS, body | {"stream": True}, 0.0).reply
    found = []
    for piece in reply.pieces:
        for block in piece.content.decode().strip().split("\n\n"):
            name, data = block.split("\n")
            found.append((piece.seconds, name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def read(claude, stop_after=None, **more):
    """(moments and texts as they came, what the SDK raised or the final message, the call in the log)."""
    async def main():
        clock, texts = asyncio.get_running_loop().time, []
        try:
            async with claude.client.messages.stream(**(HELLO | more)) as stream:
                async for text in stream.text_stream:
                    texts.append((clock(), text))
                    if len(texts) == stop_after:
                        return texts, None
                return texts, await stream.get_final_message()
        except (anthropic.AnthropicError, httpx2.HTTPError) as error:
            return texts, error

    texts, end = run_simulated(main())
    return texts, end, claude.log[-1]


# --- what is sent --------------------------------------------------------------------------------


def test_the_events_come_in_the_documented_order():
    names = [name for _, name, _ in events(HELLO)]
    assert names[:3] == ["message_start", "content_block_start", "ping"]
    assert names[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(names[3:-3]) == {"content_block_delta"}
    assert all(name == data["type"] for _, name, data in events(HELLO))


def test_the_first_event_holds_an_empty_message_and_the_last_but_one_its_end():
    plain = FakeApi().handle("POST", "/v1/messages", HEADERS, HELLO, 0.0).reply.body
    sent = [data for *_, data in events(HELLO)]
    start, end = sent[0]["message"], sent[-2]
    assert start == plain | {"content": [], "stop_reason": None, "usage": plain["usage"] | {"output_tokens": 1}}
    assert end["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert end["usage"] == {name: plain["usage"][name] for name in ("input_tokens", "output_tokens")}
    assert "".join(data["delta"]["text"] for data in sent if data["type"] == "content_block_delta") == plain["content"][0]["text"]


def test_the_first_words_come_after_the_models_time_to_first_token_and_the_rest_evenly():
    moments = [seconds for seconds, name, _ in events(HELLO, seconds_per_call=3.0) if name == "content_block_delta"]
    assert 0 < moments[0] < 2
    steps = [later - earlier for earlier, later in pairwise(moments)]
    assert steps == pytest.approx([steps[0]] * len(steps))
    assert events(HELLO, seconds_per_call=3.0)[-1][0] == 3.0


@given(st.text(max_size=200))
def test_chunks_lose_nothing(text):
    assert "".join(chunks_of(text)) == text
    assert all(1 <= len(chunk) <= 25 for chunk in chunks_of(text))


def test_whether_it_is_streamed_changes_nothing_else(coin):
    body = HELLO | {"messages": [{"role": "user", "content": coin("a")}]}
    plain, mixed = FakeApi(), FakeApi()

    def ask(api, streamed):
        exchange = api.handle("POST", "/v1/messages", HEADERS, body | ({"stream": True} if streamed else {}), 0.0)
        exchange.finish(0.0)
        return exchange.reply.body["id"], exchange.reply.text

    assert [ask(mixed, number % 2) for number in range(10)] == [ask(plain, False) for _ in range(10)]


# --- how the SDK reads it ------------------------------------------------------------------------


def test_the_helper_gets_text_and_final_message():
    texts, message, call = read(connect(seconds_per_call=3.0))
    assert "".join(text for _, text in texts) == message.content[0].text == call.reply
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", call.output_tokens)
    assert message.content[0].text == WORDS
    assert (texts[-1][0], call.seconds, call.status) == (3.0, 3.0, "ok")
    assert texts[0][0] < 2


def test_both_clients_read_the_same_at_the_same_moments():
    claude = connect(seconds_per_call=3.0)
    clock = claude.sync_client.simulated_clock
    with claude.sync_client.messages.stream(**HELLO) as stream:
        texts = [(clock.now, text) for text in stream.text_stream]
    expected, _, call = read(connect(seconds_per_call=3.0))
    assert [text for _, text in texts] == [text for _, text in expected]
    assert [moment for moment, _ in texts] == pytest.approx([moment for moment, _ in expected])
    assert claude.log[0] == call


def test_streams_side_by_side_overlap():
    claude = connect(seconds_per_call=3.0)

    async def one(number):
        body = HELLO | {"messages": [{"role": "user", "content": f"Hello {number}"}]}
        async with claude.client.messages.stream(**body) as stream:
            return await stream.get_final_text()

    async def main():
        return await asyncio.gather(*map(one, range(10)))

    run_simulated(main())
    assert (claude.log.makespan, claude.log.peak_in_flight) == (3.0, 10)


def test_max_tokens_and_stop_sequences_hold_in_streams():
    _, message, call = read(connect(), max_tokens=3)
    assert (message.stop_reason, message.usage.output_tokens, call.stop_reason) == ("max_tokens", 3, "max_tokens")
    _, message, _ = read(connect(), stop_sequences=[", "])
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", ", ")


# --- endings -------------------------------------------------------------------------------------


def test_a_stream_that_is_closed_early_is_cancelled_with_its_tokens_so_far():
    texts, _, call = read(connect(seconds_per_call=3.0), stop_after=3)
    assert (call.status, call.reply) == ("cancelled", "".join(text for _, text in texts))
    assert 0 < call.output_tokens < 60
    assert call.input_tokens == 6
    assert call.ended == texts[-1][0] < 3
    assert call.cost > 0


def test_a_cancelled_task_ends_its_stream():
    claude = connect(seconds_per_call=3.0)

    async def reading():
        async with claude.client.messages.stream(**HELLO) as stream:
            await stream.get_final_message()

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reading(), 2.0)

    run_simulated(main())
    assert (claude.log[0].status, claude.log[0].ended) == ("cancelled", 2.0)
    assert 0 < claude.log[0].output_tokens < 60


def test_who_leaves_after_the_last_event_has_read_it_all():
    claude = connect(seconds_per_call=3.0)

    async def main():
        stream = await claude.client.messages.create(**HELLO, stream=True)
        async for event in stream:
            if event.type == "message_stop":
                break
        await stream.close()

    run_simulated(main())
    assert claude.log[0].status == "ok"


def test_a_stream_closed_early_gives_its_sample_back(coin):
    prompt = [{"role": "user", "content": coin("a")}]
    claude, untouched = connect(), connect()
    read(claude, stop_after=1, messages=prompt)
    assert read(claude, messages=prompt)[1].id == read(untouched, messages=prompt)[1].id


@pytest.mark.parametrize(("fault", "error", "said"), [
    ("interrupted", anthropic.APIStatusError, "overloaded_error: Overloaded"),
    ("dropped", httpx2.RemoteProtocolError, "the connection broke off"),
])
def test_a_stream_that_breaks_off_halfway(fault, error, said):
    texts, end, call = read(connect(seconds_per_call=3.0, faults=Faults(**{fault: 1})))
    assert isinstance(end, error)
    assert texts
    assert call.status == "failed"
    assert said in call.error
    assert call.reply == "".join(text for _, text in texts)
    assert len(call.attempts) == 1, "what has begun is not tried again"


def test_the_error_event_carries_type_and_request_id():
    _, error, _ = read(connect(faults=Faults(interrupted=1)))
    assert error.body["error"] == {"type": "overloaded_error", "message": "Overloaded"}
    assert error.body["request_id"] == error.request_id


def test_a_truncated_stream_looks_whole_to_the_reader_and_has_no_stop_reason():
    texts, message, call = read(connect(faults=Faults(truncated=1)))
    assert texts
    assert message.stop_reason is None
    assert (call.status, call.error) == ("failed", "the stream ends without message_stop")


@pytest.mark.parametrize(("fault", "error", "attempts"), [
    ("overloaded", anthropic.OverloadedError, 3), ("gateway_timeout", anthropic.GatewayTimeoutError, 3),
    ("rate_limited", anthropic.RateLimitError, 3), ("forbidden", anthropic.PermissionDeniedError, 1),
    ("silent", anthropic.APITimeoutError, 3), ("unreachable", anthropic.APIConnectionError, 3),
])
def test_a_stream_that_never_begins_fails_like_any_call(fault, error, attempts):
    texts, end, call = read(connect(faults=Faults(**{fault: 1}), timeout=20))
    assert type(end) is error
    assert (texts, len(call.attempts), call.status) == ([], attempts, "failed")


def test_a_pause_longer_than_the_time_out_ends_it():
    claude = connect(seconds_per_call=lambda prompt: 100.0, timeout=3, max_retries=0)
    texts, end, call = read(claude, max_tokens=10)
    assert isinstance(end, (httpx2.ReadTimeout, anthropic.APITimeoutError))
    assert (call.status, call.error) == ("failed", "no reply within 3 s")
    assert len(texts) < 2


def test_output_limits_count_what_was_streamed():
    claude = connect(limits=Limits(output_tokens_per_minute=30), max_retries=0)
    read(claude)
    assert isinstance(read(claude)[1], anthropic.RateLimitError)

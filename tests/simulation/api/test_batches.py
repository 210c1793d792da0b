"""Batches: handed in, polled, canceled, read and deleted through the SDK's own client, on simulated time."""

import asyncio

import anthropic
import pytest

from course_lib.claude import connect, run_simulated
from course_lib.simulation.api import batches
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.messages import FakeApi
from course_lib.simulation.api.validation import CURRENT_VERSION

HEADERS = {"authorization": "Bearer simulated", "anthropic-version": CURRENT_VERSION}
HOUR = 3600.0


def params(prompt="Hello", **more):
    return {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]} | more


def requests(*prompts):
    return [{"custom_id": f"request-{number}", "params": params(prompt)} for number, prompt in enumerate(prompts)]


def post(body, path="", api=None, now=0.0, **headers):
    return (api or FakeApi()).handle("POST", f"/v1/messages/batches{path}", HEADERS | headers, body, now).reply


def in_batches(claude, story):
    """Run an `async def story(batches)` with the SDK's batches."""
    return run_simulated(story(claude.client.messages.batches))


async def results_of(batches, batch_id):
    return {line.custom_id: line.result async for line in await batches.results(batch_id)}


def faulty(**kinds):
    """A connection on which each of these prompts meets its fault."""
    return connect(faults=Faults(script=lambda prompt, arrival: kinds.get(prompt)))


def test_a_batch_from_beginning_to_end():
    async def story(batches):
        batch = await batches.create(requests=requests("Hello", "How are you?", "Bye"))
        polls = [batch.processing_status]
        counts = [batch.request_counts]
        while batch.processing_status != "ended":
            await asyncio.sleep(30)
            batch = await batches.retrieve(batch.id)
            polls.append(batch.processing_status)
            counts.append(batch.request_counts)
        return batch, polls, counts, await results_of(batches, batch.id)

    batch, polls, counts, results = in_batches(connect(), story)
    assert batch.id.startswith("msgbatch_")
    assert set(polls[:-1]) == {"in_progress"}
    assert {(count.processing, count.succeeded) for count in counts[:-1]} == {(3, 0)}
    assert (counts[-1].processing, counts[-1].succeeded) == (0, 3)
    assert (batch.expires_at - batch.created_at).total_seconds() == 24 * HOUR
    assert batch.created_at < batch.ended_at < batch.expires_at
    assert set(results) == {"request-0", "request-1", "request-2"}
    message = results["request-0"].message
    assert isinstance(message, anthropic.types.Message)
    assert message.usage.service_tier == "batch"


def test_most_batches_end_within_an_hour_and_the_same_one_always_takes_as_long():
    def seconds(prompts):
        api = FakeApi()
        batch = api._batches.create({"requests": requests(*prompts)}, CURRENT_VERSION, 0.0)
        return batch.ended - batch.created

    assert seconds(["a", "b"]) == seconds(["a", "b"])
    took = [seconds([f"{number}-{each}" for each in range(400)]) for number in range(20)]
    assert sum(one < HOUR for one in took) > 10
    assert len(set(took)) == 20


def test_the_answers_are_those_of_single_calls(coin):
    prompts = [coin("a")] * 20

    async def story(batches):
        batch = await batches.create(requests=requests(*prompts))
        await asyncio.sleep(HOUR)
        return await results_of(batches, batch.id)

    async def calls(claude):
        return [await claude.ask(prompt, max_tokens=100) for prompt in prompts]

    results = in_batches(connect(), story)
    expected = run_simulated(calls(connect()))
    assert set(expected) == {"heads", "tails"}
    assert [results[f"request-{number}"].message.content[0].text for number in range(20)] == expected
    assert list(results) != sorted(results, key=lambda name: int(name[8:])), "results come in any order"


def test_what_a_single_request_gets_wrong_is_its_own_error():
    async def story(batches):
        bad = [{"custom_id": "no-model", "params": params(model="claude-2")},
               {"custom_id": "no-tokens", "params": params(max_tokens=0)}]
        batch = await batches.create(requests=[*requests("Hello", "broken"), *bad])
        await asyncio.sleep(HOUR)
        return (await batches.retrieve(batch.id)).request_counts, await results_of(batches, batch.id)

    counts, results = in_batches(faulty(broken="error"), story)
    assert (counts.succeeded, counts.errored) == (1, 3)
    assert results["no-model"].error.error.type == "not_found_error"
    assert results["no-tokens"].error.error.type == "invalid_request_error"
    assert results["request-1"].error.error.type == "api_error"


def test_a_request_that_is_never_answered_expires_after_24_hours():
    async def story(batches):
        batch = await batches.create(requests=requests("Hello", "lost"))
        await asyncio.sleep(24 * HOUR - 1)
        before = (await batches.retrieve(batch.id)).processing_status
        await asyncio.sleep(1)
        return before, await batches.retrieve(batch.id), await results_of(batches, batch.id)

    before, batch, results = in_batches(faulty(lost="silent"), story)
    assert (before, batch.processing_status) == ("in_progress", "ended")
    assert (batch.request_counts.succeeded, batch.request_counts.expired) == (1, 1)
    assert (results["request-0"].type, results["request-1"].type) == ("succeeded", "expired")


def test_canceling_keeps_what_is_done():
    async def story(batches):
        batch = await batches.create(requests=requests(*(f"Hello {number}" for number in range(40))))
        await asyncio.sleep(60)
        canceling = await batches.cancel(batch.id)
        again = await batches.cancel(batch.id)
        await asyncio.sleep(30)
        return canceling, again, await batches.retrieve(batch.id), await results_of(batches, batch.id)

    canceling, again, ended, results = in_batches(connect(), story)
    assert (canceling.processing_status, again.processing_status) == ("canceling", "canceling")
    assert canceling.request_counts.processing == 40
    assert canceling.cancel_initiated_at == ended.cancel_initiated_at is not None
    assert ended.processing_status == "ended"
    counts = ended.request_counts
    assert counts.succeeded > 0
    assert counts.canceled > 0
    assert counts.succeeded + counts.canceled == 40 == len(results)
    assert sum(result.type == "canceled" for result in results.values()) == counts.canceled


def test_canceled_requests_use_up_no_sample(coin):
    prompts = [coin(str(number)) for number in range(40)]

    def ids(api):
        return [api.handle("POST", "/v1/messages", HEADERS, params(prompt), 0.0).reply.body["id"] for prompt in prompts]

    api = FakeApi()
    batch = post({"requests": requests(*prompts)}, api=api).body
    post({}, f"/{batch['id']}/cancel", api)
    canceled = [line["result"]["type"] == "canceled" for line in
                sorted(api._batches.results(batch["id"], HOUR), key=lambda line: int(line["custom_id"][8:]))]
    assert 0 < sum(canceled) < 40
    assert [mine == fresh for mine, fresh in zip(ids(api), ids(FakeApi()), strict=True)] == canceled


def test_lists_show_the_newest_first_and_deleting_takes_them_out():
    async def story(batches):
        made = []
        for number in range(3):
            made.append((await batches.create(requests=requests(f"Hello {number}"))).id)
            await asyncio.sleep(HOUR)
        page = await batches.list(limit=2)
        listed = [batch.id async for batch in batches.list(limit=2)]
        deleted = await batches.delete(made[0])
        return made, page, listed, deleted, [batch.id async for batch in batches.list()]

    made, page, listed, deleted, left = in_batches(connect(), story)
    assert listed == made[::-1]
    assert (len(page.data), page.has_more) == (2, True)
    assert (deleted.id, deleted.type) == (made[0], "message_batch_deleted")
    assert left == made[:0:-1]


@pytest.mark.parametrize(("body", "message"), [
    ({}, "requests: Field required"),
    ({"requests": []}, "requests: List should have at least 1 item after validation, not 0"),
    ({"requests": ["Hello"]}, "requests.0.params: Field required"),
    ({"requests": [{"custom_id": "a"}]}, "requests.0.params: Field required"),
    ({"requests": [{"params": {}}]}, "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
    ({"requests": [{"custom_id": "a" * 65, "params": {}}]}, "requests.0.custom_id: String should match pattern"),
    ({"requests": requests("a") * 2}, "requests.1.custom_id: 'request-0' is that of requests.0 already; each must be unique"),
    ({"requests": [{"custom_id": "a", "params": {"stream": True}}]}, "streaming is not supported in a batch"),
    ({"requests": requests(*"abcd")}, "List should have at most 3 items after validation, not 4"),
])
def test_batches_that_are_refused_as_a_whole(body, message, monkeypatch):
    assert batches.MOST_REQUESTS == 100_000
    monkeypatch.setattr(batches, "MOST_REQUESTS", 3)
    reply = post(body)
    assert (reply.status, reply.body["error"]["type"]) == (400, "invalid_request_error")
    assert message in reply.body["error"]["message"]


def test_256_mb_are_too_many_and_32_are_not():
    assert post({}, **{"content-length": str(256 * 1024 * 1024 + 1)}).status == 413
    assert post({"requests": requests("a")}, **{"content-length": str(33 * 1024 * 1024)}).status == 200


def test_what_comes_too_early_or_too_late():
    async def story(batches):
        batch = await batches.create(requests=requests("Hello"))
        with pytest.raises(anthropic.BadRequestError, match="still being processed; cancel it before"):
            await batches.delete(batch.id)
        with pytest.raises(anthropic.AnthropicError, match="results_url"):
            await batches.results(batch.id)
        await asyncio.sleep(HOUR)
        with pytest.raises(anthropic.BadRequestError, match="has ended and cannot be canceled"):
            await batches.cancel(batch.id)
        with pytest.raises(anthropic.NotFoundError, match="Batch msgbatch_x not found"):
            await batches.retrieve("msgbatch_x")

    in_batches(connect(), story)


def test_results_asked_for_too_early_by_other_means():
    api = FakeApi()
    batch = post({"requests": requests("Hello")}, api=api).body
    reply = api.handle("GET", f"/v1/messages/batches/{batch['id']}/results", HEADERS, {}, 0.0).reply
    assert (reply.status, reply.body["error"]["message"]) == (400, f"Batch {batch['id']} has no results yet: it is in_progress")


def test_the_results_url_leads_where_the_batch_was_asked_for():
    api = FakeApi()
    batch = post({"requests": requests("Hello")}, api=api).body
    page = api.handle("GET", f"/v1/messages/batches/{batch['id']}", HEADERS | {"host": "127.0.0.1:8000"}, {}, HOUR).reply.body
    assert page["results_url"] == f"http://127.0.0.1:8000/v1/messages/batches/{batch['id']}/results"


def test_the_synchronous_client_too():
    claude = connect()
    batches = claude.sync_client.messages.batches
    batch = batches.create(requests=requests("Hello"))
    claude.sync_client.simulated_clock.sleep(HOUR)
    assert [line.result.type for line in batches.results(batch.id)] == ["succeeded"]


# --- what a batch costs ---------------------------------------------------------------------------


def test_the_log_has_every_answer_of_a_batch_once_at_half_price():
    async def story(claude):
        batches = claude.client.messages.batches
        batch = await batches.create(requests=requests("Hello", "How are you?"))
        await asyncio.sleep(HOUR)
        before = len(claude.log)
        for _ in range(2):
            await results_of(batches, batch.id)
        await claude.ask("Hello", max_tokens=100)
        return before

    claude = connect()
    assert run_simulated(story(claude)) == 0, "nothing is written down before the results are read"
    batched, single = [call for call in claude.log if call.batch], claude.log[-1]
    assert sorted(call.label for call in batched) == ["request-0", "request-1"]
    assert {call.status for call in batched} == {"ok"} and not single.batch
    hello = next(call for call in batched if call.label == "request-0")
    assert (hello.input_tokens, hello.output_tokens) == (single.input_tokens, single.output_tokens)
    assert hello.cost == pytest.approx(single.cost / 2)
    assert claude.log.peak_in_flight == 1


def test_what_a_batch_did_not_answer_costs_nothing():
    async def story(claude):
        batches = claude.client.messages.batches
        batch = await batches.create(requests=[*requests("Hello"), {"custom_id": "bad", "params": params("Hi", max_tokens=0)}])
        await asyncio.sleep(24 * HOUR)
        await results_of(batches, batch.id)

    claude = connect()
    run_simulated(story(claude))
    bad = next(call for call in claude.log if call.label == "bad")
    assert (bad.status, bad.cost) == ("failed", 0.0) and bad.error.startswith("invalid_request_error: ")

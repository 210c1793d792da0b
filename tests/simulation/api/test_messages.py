"""The pure core: request and moment in, reply and duration out, and nothing that depends on call order."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_lib.data.models import MODELS
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.messages import REFUSAL_SECONDS, FakeApi, parse_body
from course_lib.simulation.api.rate_limits import Limits
from course_lib.simulation.api.replies import NEVER
from course_lib.simulation.api.validation import CURRENT_VERSION
from course_lib.simulation.model import simulated_model

HEADERS = {"authorization": "Bearer simulated", "anthropic-version": CURRENT_VERSION}


def request(prompt="Hello", **more):
    return {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]} | more


def send(api, body=None, now=0.0, headers=HEADERS):
    return api.handle("POST", "/v1/messages", headers, request() if body is None else body, now)


def error_of(reply):
    """Type and message of an error reply; "" for an answer."""
    error = reply.body.get("error")
    return f"{error['type']}: {error['message']}" if error else ""


def words(api, body, times=1):
    texts = []
    for _ in range(times):
        exchange = send(api, body)
        exchange.finish(0.0)
        texts.append(exchange.reply.text)
    return texts


# --- an answer -----------------------------------------------------------------------------------


def test_an_answer_looks_like_the_real_one(coin):
    reply = send(FakeApi(), request(coin("a"))).reply
    body = reply.body
    assert reply.status == 200
    assert re.fullmatch(r"msg_[0-9a-f]{24}", body.pop("id"))
    text = body["content"][0]["text"]
    assert text in ("heads", "tails")
    assert body == {
        "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 16, "output_tokens": 2, "service_tier": "standard"},
    }
    assert reply.headers["content-type"] == "application/json"
    assert re.fullmatch(r"req_[0-9a-f]{24}", reply.headers["request-id"])


def test_asking_again_draws_another_sample_with_its_own_id(coin):
    api = FakeApi()
    exchanges = [send(api, request(coin("a"))) for _ in range(20)]
    assert len({exchange.reply.body["id"] for exchange in exchanges}) == 20
    assert {exchange.reply.text for exchange in exchanges} == {"heads", "tails"}


def test_seed_model_and_prompt_all_matter_and_nothing_else(coin):
    def draws(seed=0, model="claude-haiku-5-5", text="a"):
        return words(FakeApi(seed=seed), request(coin(text), model=model), times=30)

    assert draws() == draws()
    assert len({tuple(draws()), tuple(draws(seed=1)), tuple(draws(model="claude-opus-5-5")), tuple(draws(text="b"))}) == 4


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_replies_do_not_depend_on_the_order_of_calls(coin, data):
    prompts = [coin(text) for text in "aaabbcdddd"]
    shuffled = data.draw(st.permutations(prompts))

    def replies(order):
        api = FakeApi()
        return sorted((prompt, send(api, request(prompt)).reply.text) for prompt in order)

    assert replies(shuffled) == replies(prompts)


# --- sample numbers ------------------------------------------------------------------------------


def test_a_reply_that_nobody_took_is_given_to_the_next_caller(coin):
    api, untouched = FakeApi(), FakeApi()
    expected = [send(untouched, request(coin("a"))).reply.body["id"] for _ in range(4)]
    first, second = send(api, request(coin("a"))), send(api, request(coin("a")))
    first.abandon()
    second.finish(1.0)
    later = [send(api, request(coin("a"))).reply.body["id"] for _ in range(3)]
    assert [second.reply.body["id"]] == expected[1:2]
    assert later == [expected[0], expected[2], expected[3]]


def test_refusals_and_failures_use_up_no_sample(coin):
    prompt = coin("a")
    failing = FakeApi(faults=Faults(script=lambda _, attempt: "overloaded" if attempt < 4 else None))
    statuses = [send(failing, request(prompt)).reply.status for _ in range(3)]
    assert statuses == [529] * 3
    assert send(failing, request(prompt)).reply.body["id"] == send(FakeApi(), request(prompt)).reply.body["id"]


# --- length and stops ----------------------------------------------------------------------------


def test_max_tokens_cuts_and_says_so():
    body = send(FakeApi(), request(max_tokens=3)).reply.body
    assert (len(body["content"][0]["text"]), body["stop_reason"], body["usage"]["output_tokens"]) == (12, "max_tokens", 3)


def test_the_earliest_stop_sequence_cuts_and_is_named(monkeypatch):
    full = "The river is 40 km long. It rises in the hills, and flows to the sea."
    monkeypatch.setattr(simulated_model, "reply", lambda body, **circumstances: full)
    body = send(FakeApi(), request(stop_sequences=["never said", ", ", "."])).reply.body
    cut = min((full.find(stop), stop) for stop in (", ", "."))
    assert body["content"][0]["text"] == full[: cut[0]]
    assert (body["stop_reason"], body["stop_sequence"]) == ("stop_sequence", cut[1])


# --- seconds -------------------------------------------------------------------------------------


def test_seconds_are_what_was_ordered():
    assert send(FakeApi(seconds_per_call=3)).reply.seconds == 3.0
    by_length = FakeApi(seconds_per_call=len)
    assert [send(by_length, request(prompt)).reply.seconds for prompt in ("ab", "abcde")] == [2.0, 5.0]


def test_without_an_order_they_are_the_models_pace():
    paces = {model: [send(FakeApi(seed=seed), request(model=model)).reply.seconds for seed in range(40)] for model in MODELS}
    middle = {model: sum(seconds) / 40 for model, seconds in paces.items()}
    assert middle["claude-haiku-5-5"] < middle["claude-sonnet-5-5"] < middle["claude-opus-5-5"]
    for model, seconds in paces.items():
        assert len(set(seconds)) > 5, "calls differ in length"
        assert all(0.8 * middle[model] < one < 1.2 * middle[model] for one in seconds)


def test_a_slow_call_takes_ten_times_as_long_and_a_silent_one_for_ever():
    assert send(FakeApi(seconds_per_call=2, faults=Faults(slow=1))).reply.seconds == 20.0
    assert send(FakeApi(seconds_per_call=2, faults=Faults(silent=1))).reply.seconds >= NEVER


# --- errors --------------------------------------------------------------------------------------


def test_too_many_requests_are_told_how_long_to_wait():
    api = FakeApi(limits=Limits(requests_per_minute=2))
    statuses = [send(api).reply.status for _ in range(2)]
    refused = send(api).reply
    assert statuses == [200, 200]
    assert refused.status == 429
    assert refused.headers["retry-after"] == "30"
    assert refused.headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert "rate limit of 2 requests per minute" in error_of(refused)
    assert send(api, now=30.0).reply.status == 200


def test_output_is_charged_when_the_reply_arrives(coin):
    api = FakeApi(limits=Limits(output_tokens_per_minute=2))
    under_way = send(api, request(coin("a")))
    assert send(api, request(coin("b"))).reply.status == 200, "nothing is written yet"
    under_way.finish(0.0)
    assert send(api, request(coin("c"))).reply.status == 429


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/messages"), ("POST", "/v1/complete"), ("GET", "/")])
def test_pages_that_are_not_there(method, path):
    reply = FakeApi().handle(method, path, HEADERS, {}, 0.0).reply
    assert (reply.status, reply.body["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize(("fault", "status", "error", "comes_back"), [
    ("overloaded", 529, "overloaded_error: Overloaded", "1"), ("error", 500, "api_error: Internal server error", "1"),
    ("gateway_timeout", 504, "timeout_error: Request timed out", "1"), ("rate_limited", 429, "rate_limit_error: This", "1"),
    ("forbidden", 403, "permission_error: Your API key", None), ("interrupted", 529, "overloaded_error: Overloaded", "1"),
])
def test_every_error_reply_has_its_documented_status_and_type(fault, status, error, comes_back):
    reply = send(FakeApi(faults=Faults(**{fault: 1.0}))).reply
    assert (reply.status, reply.text, reply.seconds, reply.body["type"]) == (status, "", REFUSAL_SECONDS, "error")
    assert error_of(reply).startswith(error)
    assert reply.headers.get("retry-after") == comes_back
    assert reply.headers["request-id"] == reply.body["request_id"]


def test_a_body_over_32_mb_is_413():
    headers = HEADERS | {"content-length": str(32 * 1024 * 1024 + 1)}
    reply = send(FakeApi(), headers=headers).reply
    assert (reply.status, reply.body["error"]["type"]) == (413, "request_too_large")
    assert reply.body["request_id"] == reply.headers["request-id"]
    assert send(FakeApi(), headers=HEADERS | {"content-length": str(32 * 1024 * 1024)}).reply.status == 200


@pytest.mark.parametrize(("fault", "content"), [("garbage", b"<html>"), ("truncated", b'{"id": "msg_')])
def test_a_reply_that_is_no_json(fault, content):
    api = FakeApi(seconds_per_call=3.0, faults=Faults(script=lambda _, arrival: fault if arrival == 1 else None))
    exchange = send(api)
    reply = exchange.reply
    assert (reply.status, reply.body) == (200, {})
    assert reply.content.startswith(content)
    assert reply.fault
    with pytest.raises(ValueError):
        json.loads(reply.content)
    exchange.abandon()
    assert send(api).reply.body["id"] == send(FakeApi()).reply.body["id"], "it has used up no sample"


def test_a_dropped_line_breaks_halfway():
    reply = send(FakeApi(seconds_per_call=3.0, faults=Faults(dropped=1))).reply
    assert (reply.breaks, reply.seconds) == ("dropped", 1.5)
    assert send(FakeApi(faults=Faults(unreachable=1))).reply.breaks == "unreachable"


def test_without_a_key_nothing_is_answered():
    reply = send(FakeApi(), headers={"anthropic-version": CURRENT_VERSION}).reply
    assert (reply.status, error_of(reply)) == (401, "authentication_error: x-api-key header is required")


@pytest.mark.parametrize("body", [None, [], "x", {}, {"model": 1, "messages": 2}])
def test_any_json_gets_a_reply(body):
    assert FakeApi().handle("POST", "/v1/messages", HEADERS, body, 0.0).reply.status == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["role", "content", "type", "text", "format", "schema", "user"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(st.dictionaries(
    st.sampled_from(["model", "messages", "max_tokens", "system", "stop_sequences", "temperature", "output_config"]),
    json_values, max_size=4,
))
def test_no_request_breaks_the_core(changes):
    reply = send(FakeApi(), request() | changes).reply
    assert reply.status in (200, 400, 404)
    assert bool(error_of(reply)) != bool(reply.status == 200)


# --- the other pages -----------------------------------------------------------------------------


def test_counting_tokens_needs_no_max_tokens_and_agrees_with_usage():
    body = {key: value for key, value in request().items() if key != "max_tokens"}
    counted = FakeApi().handle("POST", "/v1/messages/count_tokens", HEADERS, body, 0.0).reply.body
    assert counted == {"input_tokens": send(FakeApi()).reply.body["usage"]["input_tokens"]}


def get(path, api=None):
    return (api or FakeApi()).handle("GET", path, HEADERS, {}, 0.0).reply


def test_the_models_page_lists_the_table():
    page = get("/v1/models").body
    assert [entry["id"] for entry in page["data"]] == list(MODELS)
    assert page["has_more"] is False
    assert [page["first_id"], page["last_id"]] == list(MODELS)[:: len(MODELS) - 1]


def test_models_come_in_pages_forwards_and_backwards():
    ids = list(MODELS)
    first = get("/v1/models?limit=2").body
    assert ([entry["id"] for entry in first["data"]], first["has_more"]) == (ids[:2], True)
    rest = get(f"/v1/models?limit=100&after_id={first['last_id']}").body
    assert ([entry["id"] for entry in rest["data"]], rest["has_more"]) == (ids[2:], False)
    before = get(f"/v1/models?limit=1&before_id={ids[2]}").body
    assert ([entry["id"] for entry in before["data"]], before["has_more"]) == (ids[1:2], True)
    assert get(f"/v1/models?after_id={ids[-1]}").body == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(("query", "message"), [
    ("limit=0", "between 1 and 1000"), ("limit=1001", "between 1 and 1000"), ("limit=ten", "valid integer"),
    ("after_id=claude-2", "there is no 'claude-2'"),
])
def test_pages_that_cannot_be_turned_to(query, message):
    reply = get(f"/v1/models?{query}")
    assert reply.status == 400
    assert message in error_of(reply)


@pytest.mark.parametrize("model_id", MODELS)
def test_a_model_is_found_by_its_id(model_id):
    body = get(f"/v1/models/{model_id}").body
    assert (body["id"], body["display_name"], body["max_tokens"]) == (
        model_id, MODELS[model_id].name, MODELS[model_id].max_output)


def test_an_unknown_model_is_not_found():
    reply = get("/v1/models/claude-2")
    assert (reply.status, error_of(reply)) == (404, "not_found_error: model: claude-2")


@pytest.mark.parametrize(("content", "body"), [(b'{"a": 1}', {"a": 1}), (b"", {}), (b"{", None), (b"\xff", None)])
def test_bodies_are_parsed_or_none(content, body):
    assert parse_body(content) == body

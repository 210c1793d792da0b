"""What the fake refuses, with the status, the error type and the words of today's API."""

import pytest

from course_lib.data.models import MODELS
from course_lib.simulation.api.refusals import Refusal
from course_lib.simulation.api.validation import (
    CURRENT_VERSION,
    OLD_VERSION,
    check_headers,
    check_message_request,
    count_input_tokens,
)
from course_lib.simulation.content import text_of

GOOD = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
TOOL = {"name": "weather", "description": "The weather of a place.", "input_schema": {"type": "object"}}


def refusal(body, version=CURRENT_VERSION):
    with pytest.raises(Refusal) as caught:
        check_message_request(body, version)
    return caught.value.status, caught.value.kind, caught.value.message


def refused_because(body, version=CURRENT_VERSION):
    status, kind, message = refusal(body, version)
    assert (status, kind) == (400, "invalid_request_error")
    return message


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("version", [CURRENT_VERSION, OLD_VERSION])
def test_a_good_request_names_its_model(model_id, version):
    assert check_message_request(GOOD | {"model": model_id}, version) == (MODELS[model_id], 6)


@pytest.mark.parametrize("content", ["Hi", [{"type": "text", "text": "Hi"}]])
def test_both_forms_of_content_are_read(content):
    assert check_message_request(GOOD | {"messages": [{"role": "user", "content": content}]}, CURRENT_VERSION)
    assert check_message_request(GOOD | {"system": content}, CURRENT_VERSION)


# --- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [{"authorization": "Bearer simulated"}, {"x-api-key": "simulated"}])
@pytest.mark.parametrize("version", [CURRENT_VERSION, OLD_VERSION])
def test_either_form_of_the_key_and_either_version_pass(key, version):
    check_headers({"anthropic-version": version} | key)


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"authorization": "Bearer "}])
def test_without_a_key_it_is_401(headers):
    with pytest.raises(Refusal, match="x-api-key header is required") as caught:
        check_headers(headers | {"anthropic-version": CURRENT_VERSION})
    assert (caught.value.status, caught.value.kind) == (401, "authentication_error")


@pytest.mark.parametrize(("headers", "message"), [
    ({}, "anthropic-version: header is required"),
    ({"anthropic-version": "2020-01-01"}, 'anthropic-version: "2020-01-01" is not a valid version'),
])
def test_without_a_known_version_it_is_400(headers, message):
    with pytest.raises(Refusal) as caught:
        check_headers({"x-api-key": "k"} | headers)
    assert (caught.value.status, caught.value.message) == (400, message)


# --- body ----------------------------------------------------------------------------------------

MISSING = object()
TEXT_ONLY = "messages.0.content: the simulated API reads text blocks only"
NO_ROLE = "messages.0.role: Input should be 'user' or 'assistant'"
EMPTY = "user messages must have non-empty content"


def user(content):
    return {"role": "user", "content": content}


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_a_body_that_is_no_object(body):
    assert "not valid JSON" in refused_because(body)


@pytest.mark.parametrize(("field", "value", "message"), [
    *((name, MISSING, f"{name}: Field required") for name in ("model", "max_tokens", "messages")),
    ("max_token", 5, "max_token: Extra inputs are not permitted"),
    *((name, [{"x": 1}], f"{name}: not part of the simulated API; connect live for it") for name in ("container", "mcp_servers")),
    ("model", 5, "model: Input should be a valid string"),
    *(("max_tokens", most, "max_tokens: Input should be greater than or equal to 1") for most in (0, -3)),
    *(("max_tokens", most, "max_tokens: Input should be a valid integer") for most in (1.5, True, "100", None)),
    ("messages", "Hello", "messages: Input should be a valid list"),
    ("messages", [], "messages: at least one message is required"),
    ("messages", ["Hello"], NO_ROLE),
    ("messages", [{"role": "system", "content": "x"}], NO_ROLE),
    ("messages", [{"role": "user"}], "messages.0.content: Field required"),
    ("messages", [user(5)], "messages.0.content: Field required"),
    ("messages", [user("  \n")], f"messages.0: {EMPTY}"),
    ("messages", [user([])], f"messages.0: {EMPTY}"),
    ("messages", [user("a"), user("")], f"messages.1: {EMPTY}"),
    ("messages", [user([{"type": "image"}])], TEXT_ONLY),
    ("messages", [user([{"type": "text", "text": None}])], TEXT_ONLY),
    ("messages", [user("Spam?"), {"role": "assistant", "content": "The answer is"}],
     "This model does not support assistant message prefill. The conversation must end with a user message."),
    ("system", 5, "system: Input should be a valid string"),
    ("stop_sequences", "END", "stop_sequences: Input should be a valid list"),
    ("stop_sequences", ["END", 5], "stop_sequences: Input should be a valid list of strings"),
    ("stop_sequences", [" \n"], "stop_sequences: each stop sequence must contain non-whitespace"),
    ("stream", "yes", "stream: Input should be a valid boolean"),
    ("output_config", "json", "output_config: Input should be a valid dictionary"),
    ("output_config", {"effort": "huge"}, "output_config.effort: Input should be one of low, medium, high, xhigh, max"),
    ("output_config", {"format": "json"}, "output_config.format: Input should hold a type and a schema"),
    ("output_config", {"format": {"schema": "x"}}, "output_config.format: Input should hold a type and a schema"),
    ("output_config", {"format": {"type": "json", "schema": {}}}, "output_config.format.type: Input should be 'json_schema'"),
    ("tools", {}, "tools: Input should be a valid list"),
    ("tools", [{"name": "no spaces", "input_schema": {}}], "tools.0.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
    ("tools", [{"name": "weather"}], "tools.0.input_schema: Field required"),
    ("tools", [TOOL, TOOL], "tools: Tool names must be unique"),
    ("tool_choice", {"type": "auto"}, "tool_choice: may only be given together with tools"),
])
def test_a_field_that_is_not_as_it_should_be(field, value, message):
    changed = GOOD | {field: value}
    assert refused_because({name: content for name, content in changed.items() if content is not MISSING}) == message


def test_an_answer_may_stand_between_two_questions():
    messages = [user("Spam?"), {"role": "assistant", "content": "Yes."}, user("Sure?")]
    assert check_message_request(GOOD | {"messages": messages}, CURRENT_VERSION)


def test_an_unknown_model_is_404():
    assert refusal(GOOD | {"model": "claude-2"}) == (404, "not_found_error", "model: claude-2")


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_sampling_parameters_are_refused_on_the_current_version_by_every_model(name):
    for model_id in MODELS:
        assert refused_because(GOOD | {"model": model_id, name: 0.5}) == f"{name}: Extra inputs are not permitted"


def test_on_the_old_version_only_the_older_model_takes_a_temperature_and_one_in_range():
    old = GOOD | {"model": "claude-haiku-4-5"}
    for value in (0, 1, 0.3):
        assert check_message_request(old | {"temperature": value}, OLD_VERSION)[0].id == "claude-haiku-4-5"
    for value in (-0.1, 1.1, "hot", True, None):
        assert refused_because(old | {"temperature": value}, OLD_VERSION) == "temperature: range: 0..1"
    for model_id in set(MODELS) - {"claude-haiku-4-5"}:
        hot = GOOD | {"model": model_id, "temperature": 0.5}
        assert refused_because(hot, OLD_VERSION) == "`temperature` is deprecated for this model."


@pytest.mark.parametrize("model_id", MODELS)
def test_more_output_than_the_model_has(model_id):
    most = MODELS[model_id].max_output
    assert check_message_request(GOOD | {"model": model_id, "max_tokens": most}, CURRENT_VERSION)
    message = refused_because(GOOD | {"model": model_id, "max_tokens": most + 1})
    assert message.startswith(f"max_tokens: {most + 1} > {most}, which is the maximum allowed number of output tokens")


@pytest.mark.parametrize("choice", [None, {"type": "auto"}, {"type": "none"}])
def test_tools_may_be_offered(choice):
    _, tokens = check_message_request(GOOD | {"tools": [TOOL], "tool_choice": choice}, CURRENT_VERSION)
    assert tokens > check_message_request(GOOD, CURRENT_VERSION)[1], "their description is read as well"


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "weather"}])
def test_a_tool_cannot_be_forced(choice):
    message = refused_because(GOOD | {"tools": [TOOL], "tool_choice": choice})
    assert 'uses no tool; write {"type": "auto"}, or connect live' in message


# --- schemas -------------------------------------------------------------------------------------


OBJECT = {"type": "object", "additionalProperties": False}


def with_schema(schema):
    return GOOD | {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize("schema", [
    OBJECT | {"properties": {"label": {"enum": ["spam", "ok", None, 3]}, "why": {"type": "string", "format": "date"}},
              "required": ["label"]},
    {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    {"type": ["string", "null"]},
    {"$ref": "#/$defs/Point", "$defs": {"Point": OBJECT | {"properties": {"x": {"type": "number"}}}}},
    OBJECT | {"properties": {name: {"$ref": "#/$defs/Point"} for name in "ab"}, "$defs": {"Point": {"const": 1}}},
])
def test_schemas_that_the_api_takes(schema):
    assert check_message_request(with_schema(schema), CURRENT_VERSION)


@pytest.mark.parametrize(("schema", "message"), [
    ({"type": "object"}, "For 'object' type, 'additionalProperties' must be explicitly set to false"),
    (OBJECT | {"additionalProperties": True}, "'additionalProperties' must be explicitly set to false"),
    (OBJECT | {"properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5}}},
     "For 'integer' type, properties minimum, maximum are not supported"),
    ({"type": "array", "items": {"type": "string", "maxLength": 9}}, "For 'string' type, properties maxLength are not supported"),
    ({"type": "array", "minItems": 2}, "'minItems' values other than 0 or 1 are not supported"),
    ({"type": "string", "format": "zip"}, "format 'zip' is not supported"),
    ({"enum": [{"a": 1}]}, "objects and arrays are not supported as values"),
    ({"enum": []}, "a list of at least one value is expected"),
    ({"type": "text"}, "type 'text' is none of object, array"),
    ({"oneOf": [{"type": "string"}]}, "'oneOf' is not supported"),
    (OBJECT | {"required": ["label"]}, "'label' is no property of this object"),
    ({"$ref": "https://example.com/schema"}, "external references are not supported"),
    ({"$ref": "#"}, "recursive schemas are not supported"),
    ({"$ref": "#/$defs/Tree", "$defs": {"Tree": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
     "'#/$defs/Tree' refers to itself; recursive schemas are not supported"),
    ({"anyOf": "string"}, "anyOf: a list is expected"),
    ({"properties": []}, "properties: an object is expected"),
    ({"anyOf": ["string"]}, "'string' is no schema"),
])
def test_schemas_that_it_does_not_take(schema, message):
    assert message in refused_because(with_schema(schema))


def test_many_references_to_one_another_are_checked_once_each():
    pairs = {f"N{depth}": {"anyOf": [{"$ref": f"#/$defs/N{depth + 1}"}] * 2} for depth in range(60)}
    schema = {"$ref": "#/$defs/N0", "$defs": pairs | {"N60": {"type": "string"}}}
    assert check_message_request(with_schema(schema), CURRENT_VERSION)


def test_more_than_the_context_holds():
    body = GOOD | {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "abcd" * 200_000}]}
    assert refused_because(body) == "prompt is too long: 200004 tokens > 200000 maximum"
    assert check_message_request(body | {"model": "claude-haiku-5-5"}, CURRENT_VERSION)


# --- counting ------------------------------------------------------------------------------------


def test_tokens_of_everything_that_is_sent_are_counted():
    body = {"system": "12345678", "messages": [{"role": "user", "content": "1234"}, {"role": "user", "content": "12345"}]}
    assert count_input_tokens(body) == (2 + 4) + (1 + 4) + (2 + 4)


@pytest.mark.parametrize(("content", "text"), [
    ("Hi", "Hi"), (None, ""), (5, ""), ([], ""), ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
    ([{"type": "text", "text": None}], ""), (["odd"], ""),
])
def test_text_of_any_content(content, text):
    assert text_of(content) == text

"""Whatever schema is asked for, what comes back is JSON that fits it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.simulation.model.asking import REVIEW, ask, usual

NAMES = st.sampled_from(
    [
        "sentiment",
        "urgency",
        "topics",
        "label",
        "confidence",
        "reason",
        "score",
        "product",
        "id",
        "answer",
        "is_spam",
        "date",
        "items",
        "note",
        "summary",
        "severity",
        "findings",
        "category",
        "title",
        "verdict",
    ]
)
PROMPTS = st.sampled_from(
    [
        f"What is the sentiment? {REVIEW}",
        f"Which topics, and how urgent? {REVIEW}",
        f"Is this spam? {REVIEW}",
        f"Summarize. {REVIEW}",
        "Review this code for security.\n```python\nimport os\nos.system('ls ' + x)\n```",
        "What is 17 + 4?",
        f"Extract the dates and names. {REVIEW}",
        "Break this into 3 independent subtasks. <question>Is the dam useful?</question>",
        f"How many words are there? {REVIEW}",
        f"Is this about kitchens, gardens or other? {REVIEW}",
        "Judge the sentiment of each review. <review>Good lamp.</review><review>Bad lamp.</review>",
    ]
)


@st.composite
def bounded(draw, kind):
    low = draw(st.one_of(st.none(), st.integers(-5, 5)))
    high = draw(st.one_of(st.none(), st.integers(6, 100)))
    ends = {
        draw(st.sampled_from(["minimum", "exclusiveMinimum"])): low,
        draw(st.sampled_from(["maximum", "exclusiveMaximum"])): high,
    }
    return {"type": kind} | {name: value for name, value in ends.items() if value is not None}


LEAVES = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda n: {"type": "string", "maxLength": n}, st.integers(5, 30)),
    bounded("integer"),
    bounded("number"),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(
        lambda options: {"enum": options},
        st.lists(st.sampled_from(["positive", "negative", "low", "high", "x", 1, 2, 3]), min_size=1, unique=True),
    ),
    st.builds(lambda value: {"const": value}, st.sampled_from(["v1", 7, True])),
    st.just({"type": ["string", "null"]}),
    st.just({"type": ["integer", "null"], "minimum": 1}),
    st.just({"type": "string", "format": "date"}),
    st.just({"$ref": "#/$defs/Severity"}),
    st.just({}),
)


def nested(inner):
    objects = st.builds(
        lambda parts: {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False},
        st.dictionaries(NAMES, inner, max_size=4),
    )
    arrays = st.builds(
        lambda part, least, most: {"type": "array", "items": part, "minItems": least, "maxItems": least + most},
        inner,
        st.integers(0, 2),
        st.integers(0, 4),
    )
    unions = st.builds(lambda part: {"anyOf": [part, {"type": "null"}]}, inner)
    return st.one_of(objects, arrays, unions)


SCHEMAS = st.recursive(LEAVES, nested, max_leaves=8)
SEVERITY = {"Severity": {"type": "string", "enum": ["low", "medium", "high"]}}


def fits(value, schema, root):
    """A small validator of our own, for the words that are used here."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(fits(value, option, root) for option in schema["anyOf"])
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return value in schema["enum"]
    kinds = schema.get("type")
    if kinds is None:
        return True
    kinds = kinds if isinstance(kinds, list) else [kinds]
    checks = {
        "null": lambda: value is None,
        "boolean": lambda: isinstance(value, bool),
        "string": lambda: isinstance(value, str) and len(value) <= schema.get("maxLength", 10**9),
        "integer": lambda: isinstance(value, int) and not isinstance(value, bool) and _inside(value, schema),
        "number": lambda: isinstance(value, (int, float)) and not isinstance(value, bool) and _inside(value, schema),
        "array": lambda: (
            isinstance(value, list)
            and schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9)
            and all(fits(entry, schema.get("items", {}), root) for entry in value)
        ),
        "object": lambda: (
            isinstance(value, dict)
            and set(schema.get("required", ())) <= set(value) <= set(schema.get("properties", value))
            and all(fits(entry, schema["properties"][name], root) for name, entry in value.items())
        ),
    }
    return any(checks[kind]() for kind in kinds)


def _inside(value, schema):
    return (
        value >= schema.get("minimum", -1e9)
        and value <= schema.get("maximum", 1e9)
        and value > schema.get("exclusiveMinimum", -1e9)
        and value < schema.get("exclusiveMaximum", 1e9)
    )


@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(PROMPTS, st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=5), st.integers(0, 50))
def test_what_comes_back_fits_the_schema(prompt, properties, seed):
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "$defs": SEVERITY,
    }
    said = json.loads(ask(prompt, schema=schema, seed=seed, model="claude-haiku-4-5"))
    assert fits(said, schema, schema), (said, schema)


def test_a_schema_that_refers_to_itself_comes_to_an_end():
    schema = {
        "type": "object",
        "properties": {"root": {"$ref": "#/$defs/Node"}},
        "$defs": {
            "Node": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "text": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                    "parent": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                },
            }
        },
    }
    assert isinstance(json.loads(ask(f"Summarize. {REVIEW}", schema=schema)), dict)


def test_a_root_may_be_a_list():
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "line": {"type": "integer"},
                "severity": {"enum": ["low", "medium", "high"]},
                "message": {"type": "string"},
            },
        },
    }
    findings = json.loads(
        usual("Review this code for security.\n```python\nimport os\nos.system('ls ' + x)\n```", schema=schema)
    )
    assert findings[0]["line"] == 2
    assert findings[0]["severity"] in ("medium", "high")


def test_one_object_per_text():
    schema = {
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "sentiment": {"enum": ["positive", "negative"]}},
                },
            }
        },
    }
    said = json.loads(
        usual(
            "Judge the sentiment of each review. <review>I love it.</review><review>Terrible, it broke.</review>",
            schema=schema,
        )
    )
    assert said == {"results": [{"id": 1, "sentiment": "positive"}, {"id": 2, "sentiment": "negative"}]}


def test_a_triage_of_many_fields():
    schema = {
        "type": "object",
        "properties": {
            "category": {"enum": ["billing", "technical", "general"]},
            "urgency": {"type": "integer", "minimum": 1, "maximum": 5},
            "sentiment": {"enum": ["pos", "neg", "neutral"]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "product": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "reason": {"type": "string"},
        },
    }
    said = json.loads(
        usual(
            "Triage this ticket. <ticket>My card was charged twice for the Aerio 300! Please "
            "help today, I am angry.</ticket>",
            schema=schema,
        )
    )
    assert (said["category"], said["sentiment"], said["product"]) == ("billing", "neg", "Aerio 300")
    assert said["urgency"] >= 4
    assert 0 < said["confidence"] < 1


@pytest.mark.parametrize(
    "properties, refusal",
    [
        ({"label": {"enum": ["a", "b"]}}, "error"),
        ({"flag": {"type": "boolean"}}, "error"),
        ({"poem": {"type": "string"}, "lines": {"type": "array", "items": {"type": "string"}}}, "poem"),
    ],
)
def test_what_it_cannot_do_is_said_where_there_is_room_for_it_and_nothing_is_claimed(properties, refusal):
    said = json.loads(ask("Write a poem.", schema={"type": "object", "properties": properties}))
    assert said[refusal].startswith("I don't know how to do this")

"""How an answer is said: every format that prompts ask for, and nothing that breaks it."""

import json
import re

import pytest

from course_lib.simulation.model.decisions import Finding, Label, Listing, Prompt, Statement, Text
from course_lib.simulation.model.formats import read_format, say, say_each, say_unknown, spelling
from course_lib.simulation.model.mistakes import Mistakes


class Skill:
    def __init__(self, name, cues):
        self.name, self.cues = name, re.compile(cues, re.I)


SPAM, URGENT = Skill("spam", r"\bspam\b|\bcategory\b"), Skill("urgency", r"\burgen(t|cy)\b")
TOPICS, REVIEW, SUMMARY = Skill("topics", r"\btopics?\b"), Skill("security", r"\bsecurity\b"), Skill("summary", r"summar")

IS_SPAM = Label("spam", {"spam": ("junk", "yes", "true"), "not spam": ("ham", "no", "false")}, 0.1)
NO_SPAM = Label("not spam", IS_SPAM.choices, 0.1)
IS_URGENT = Label("high", {"high": ("urgent", "yes", "true"), "low": ("not urgent", "no", "false")}, 0.3)
FOUND_TOPICS = Listing((Finding({"topic": "price"}, 0.1), Finding({"topic": "delivery"}, 0.1)), "No topics.")
FINDING = {"aspect": "security", "line": 3, "severity": "high", "message": "SQL from a string"}
FOUND = Listing((Finding(FINDING, 0.1),), "Nothing found.")
FACTS = Text((Statement("The river is long.", 0.1), Statement("It is cold.", 0.1)))


def said(instruction, *answers, output_config=None):
    prompt = Prompt(instruction, "some text")
    mistakes = Mistakes(seed=0, model="claude-haiku-5-5", wording=instruction, material="some text", sample=0)
    return say(list(answers), read_format(instruction, output_config), prompt, mistakes)


def schema(**properties):
    return {"format": {"type": "json_schema", "schema": {"type": "object", "properties": properties}}}


# --- one label -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("instruction", "yes", "no"), [
    ("Is this spam? Answer SPAM or HAM only.", "SPAM", "HAM"),
    ("Is this spam? Answer only Yes or No.", "Yes", "No"),
    ("Is it spam? Reply with exactly one word: spam or not_spam.", "spam", "not_spam"),
    ("Is it spam? Just 'junk' or 'ham'.", "junk", "ham"),
    ("Is this spam? One word only.", "spam", "not spam"),
    ("Answer TRUE if it is spam and FALSE if not, nothing else.", "TRUE", "FALSE"),
    ("Answer YES if it is spam, otherwise NO. One word only.", "YES", "NO"),
    ("If this is spam, just say YES, otherwise NO.", "YES", "NO"),
    ("Reply with 'junk' for spam and 'ham' for anything else, nothing else.", "junk", "ham"),
    ("Only SPAM or NOT SPAM: is this e-mail spam?", "SPAM", "NOT SPAM"),
    ("Yes or no only: is this spam?", "Yes", "no"),
])
def test_a_strict_prompt_gets_its_own_word_and_nothing_else(instruction, yes, no):
    assert said(instruction, (SPAM, IS_SPAM)) == yes
    assert said(instruction, (SPAM, NO_SPAM)) == no


def test_a_loose_prompt_gets_the_word_dressed_in_some_way():
    replies = {said(f"Is this spam? SPAM or HAM. ({number})", (SPAM, IS_SPAM)) for number in range(40)}
    assert len(replies) > 1
    assert all("spam" in reply.lower() and "ham" not in reply.lower() for reply in replies)


def test_a_word_inside_another_is_no_choice():
    assert spelling(NO_SPAM, "Is this spam? Answer SPAM or SHAM only.") == "not spam"


# --- lists, sentences ----------------------------------------------------------------------------


def test_findings_as_lines_topics_in_a_row_and_nothing_found_in_words():
    assert said("Check the security.", (REVIEW, FOUND)) == "- line 3 (high): SQL from a string"
    assert said("Which topics?", (TOPICS, FOUND_TOPICS)) == "price, delivery"
    assert said("Which topics? As a bulleted list.", (TOPICS, FOUND_TOPICS)) == "- price\n- delivery"
    assert said("Check the security.", (REVIEW, Listing((), "Nothing found."))) == "Nothing found."


def test_a_text_as_prose_or_as_a_list():
    assert said("Summarize.", (SUMMARY, FACTS)) == "The river is long. It is cold."
    assert said("Summarize as bullets.", (SUMMARY, FACTS)) == "- The river is long.\n- It is cold."


def test_several_answers_each_say_whose_they_are():
    assert said("Spam? Which topics?", (SPAM, IS_SPAM), (TOPICS, FOUND_TOPICS)) == "Spam: spam\nTopics: price, delivery"


def test_several_reviews_are_one_list_with_their_aspects():
    slow = Listing((Finding(FINDING | {"aspect": "performance", "line": 9}, 0.1),), "Fast.")
    assert said("Security, performance?", (REVIEW, FOUND), (Skill("performance", "perf"), slow)) == (
        "- [security] line 3 (high): SQL from a string\n- [performance] line 9 (high): SQL from a string"
    )


# --- KEY: value ----------------------------------------------------------------------------------


def test_key_lines_come_in_the_order_of_the_prompt():
    instruction = "Judge it:\nURGENCY: high or low\nSPAM: yes or no\nREASON: one sentence"
    lines = said(instruction, (SPAM, NO_SPAM), (URGENT, IS_URGENT)).splitlines()
    assert lines[0] == "URGENCY: high"
    assert lines[1] == "SPAM: no"
    assert re.fullmatch(r"REASON: .+\.", lines[2])


# --- JSON ----------------------------------------------------------------------------------------


def test_json_with_the_keys_of_the_prompt():
    reply = said('Answer in JSON with keys "category", "urgency" and "confidence".', (SPAM, IS_SPAM), (URGENT, IS_URGENT))
    assert json.loads(reply) == {"category": "spam", "urgency": "high", "confidence": 0.7}


def test_json_without_keys_uses_the_skills_names():
    assert json.loads(said("Is it spam, and how urgent? JSON only.", (SPAM, IS_SPAM), (URGENT, IS_URGENT))) == {
        "spam": "spam", "urgency": "high",
    }


def test_findings_in_json_are_a_list_with_the_fields_asked_for():
    assert json.loads(said("Check the security. JSON list.", (REVIEW, FOUND))) == [FINDING]
    reply = said('Check the security. JSON list with keys "message" and "line".', (REVIEW, FOUND))
    assert json.loads(reply) == [{"message": "SQL from a string", "line": 3}]
    assert json.loads(said("Check the security. JSON list.", (REVIEW, Listing((), "none")))) == []


# --- schemas -------------------------------------------------------------------------------------


def test_a_schema_is_filled_field_by_field():
    config = schema(
        spam={"type": "boolean"}, urgency={"type": "string", "enum": ["LOW", "HIGH"]},
        topics={"type": "array", "items": {"type": "string"}}, reason={"type": "string"},
    )
    reply = json.loads(said("Judge it.", (SPAM, NO_SPAM), (URGENT, IS_URGENT), (TOPICS, FOUND_TOPICS), output_config=config))
    reason = reply.pop("reason")
    assert isinstance(reason, str)
    assert reply == {"spam": False, "urgency": "HIGH", "topics": ["price", "delivery"]}


@pytest.mark.parametrize(("spam", "urgent"), [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("kind", [{"type": "boolean"}, {"type": "string", "enum": ["no", "yes"]}])
def test_each_field_follows_its_own_skill(kind, spam, urgent):
    answers = (SPAM, IS_SPAM if spam else NO_SPAM), (URGENT, Label("high" if urgent else "low", IS_URGENT.choices, 0.3))
    reply = json.loads(said("Judge it.", *answers, output_config=schema(spam=kind, urgent=kind)))
    words = {True: True, False: False} if "enum" not in kind else {True: "yes", False: "no"}
    assert reply == {"spam": words[spam], "urgent": words[urgent]}


def test_a_list_of_objects_has_exactly_their_fields():
    item = {"type": "object", "properties": {"line": {"type": "integer"}, "message": {"type": "string"}}}
    reply = said("Security?", (REVIEW, FOUND), output_config=schema(findings={"type": "array", "items": item}))
    assert json.loads(reply) == {"findings": [{"line": 3, "message": "SQL from a string"}]}


def test_definitions_are_followed():
    """The shape in which pydantic writes a model inside a model."""
    config = schema(findings={"type": "array", "items": {"$ref": "#/$defs/Finding"}})
    config["format"]["schema"]["$defs"] = {
        "Finding": {"type": "object", "properties": {"line": {"type": "integer"}, "severity": {"$ref": "#/$defs/Severity"}}},
        "Severity": {"type": "string", "enum": ["low", "high"]},
    }
    assert json.loads(said("Security?", (REVIEW, FOUND), output_config=config)) == {"findings": [{"line": 3, "severity": "high"}]}


def test_optional_fields_are_filled_and_endless_definitions_end():
    config = schema(urgency={"anyOf": [{"type": "string"}, {"type": "null"}]}, child={"$ref": "#/$defs/Node"})
    config["format"]["schema"]["$defs"] = {"Node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Node"}}}}
    reply = json.loads(said("How urgent?", (URGENT, IS_URGENT), output_config=config))
    assert reply["urgency"] == "high"


def test_a_list_of_choices_holds_only_choices():
    config = schema(topics={"type": "array", "items": {"type": "string", "enum": ["Delivery", "support"]}})
    assert json.loads(said("Topics?", (TOPICS, FOUND_TOPICS), output_config=config)) == {"topics": ["Delivery"]}


# --- one answer per text, and none at all --------------------------------------------------------


def test_one_answer_per_text_in_their_order():
    prompt = Prompt("Is each spam? SPAM or HAM.", "", ("a", "b"))
    answers = [[(SPAM, IS_SPAM)], [(SPAM, NO_SPAM)]]
    assert say_each(answers, read_format(prompt.instruction), prompt) == "1. SPAM\n2. HAM"
    assert json.loads(say_each(answers, read_format("JSON list"), prompt)) == ["SPAM", "HAM"]


def test_not_knowing_is_json_where_json_was_asked_for():
    assert say_unknown("No idea.", read_format("Translate.")) == "No idea."
    assert json.loads(say_unknown("No idea.", read_format("Translate, JSON."))) == {"error": "No idea."}

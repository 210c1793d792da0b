"""The three documents: chapters of a size, and facts that they really state."""

import json
import re
from importlib.resources import files

import pytest

from course_lib.data.documents import documents, questions

DOCUMENTS = {document.id: document for document in documents()}


def chapters(text):
    return re.split(r"^## ", text, flags=re.M)[1:]


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_has_five_numbered_chapters_below_its_title(document):
    assert document.text.startswith(f"# {document.title}\n")
    numbers = [chapter.split(".")[0] for chapter in chapters(document.text)]
    assert numbers == ["1", "2", "3", "4", "5"]
    assert 900 <= len(document.text.split()) <= 1400


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_fact_stands_in_its_chapter_and_in_no_other(document):
    parts = chapters(document.text)
    for fact in document.facts:
        holding = [
            number for number, part in enumerate(parts, 1) if re.search(rf"(?<!\w){re.escape(fact.key)}(?!\w)", part)
        ]
        assert fact.chapter in holding
        assert fact.key in fact.statement
        assert holding == [fact.chapter] or fact.key.isalpha() or not fact.key[0].isdigit(), fact


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_chapter_has_two_to_four_facts(document):
    counts = [sum(fact.chapter == number for fact in document.facts) for number in range(1, 6)]
    assert min(counts) >= 2 and max(counts) <= 4


def test_questions_name_every_document_and_keys_that_it_holds():
    for question in questions():
        assert sorted(question.keys) == sorted(DOCUMENTS)
        for document, keys in question.keys.items():
            assert all(key in DOCUMENTS[document].text for key in keys)


def test_some_source_is_silent_and_some_question_is_answered_by_all():
    answered = [sum(bool(keys) for keys in question.keys.values()) for question in questions()]
    assert 2 in answered and 3 in answered


@pytest.mark.parametrize("name", ["documents.json", "questions.json", "snippets.json"])
def test_data_carry_their_licence(name):
    assert json.loads(files("course_lib.data").joinpath(name).read_text(encoding="utf-8"))["licence"].startswith(
        "CC BY 4.0"
    )

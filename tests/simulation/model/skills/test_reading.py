"""Summaries, answers, key facts, titles and joined notes: they say what the text says, and nothing else."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.data.documents import documents, questions
from course_lib.simulation.model.decisions import Listing, Prompt
from course_lib.simulation.model.skills.reading import SILENT, SKILLS, wanted_length
from course_lib.simulation.model.skills.sentences import NUMBER, sentences
from tests.simulation.model.asking import usual

SKILL = {skill.name: skill for skill in SKILLS}
TEXTS = {document.id: document for document in documents()}
CHAPTERS = [
    pytest.param(document, number, part, id=f"{document.id} {number}")
    for document in documents()
    for number, part in enumerate(re.split(r"^(?=## )", document.text, flags=re.M)[1:], 1)
]


def told(name, instruction, material):
    return [fact.text for fact in SKILL[name].decide(Prompt(instruction, material)).facts]


@pytest.mark.parametrize("document, number, chapter", CHAPTERS)
def test_a_summary_quotes_its_chapter_in_reading_order(document, number, chapter):
    summary = told("summary", "Summarise this chapter.", chapter)
    places = [chapter.index(sentence) for sentence in summary]
    assert 3 <= len(summary) <= 5
    assert places == sorted(places)
    assert set(NUMBER.findall(" ".join(summary))) <= set(NUMBER.findall(chapter))


def test_chapter_by_chapter_summaries_keep_far_more_facts_than_one_of_the_whole():
    by_chapter = {document.id: "" for document in documents()}
    for parameter in CHAPTERS:
        document, _, chapter = parameter.values
        by_chapter[document.id] += " ".join(told("summary", "Summarise this.", chapter)) + " "
    kept = sum(fact.key in by_chapter[document.id] for document in documents() for fact in document.facts)
    whole = sum(
        fact.key in " ".join(told("summary", "Summarise this.", document.text))
        for document in documents()
        for fact in document.facts
    )
    count = sum(len(document.facts) for document in documents())
    assert kept >= 0.7 * count
    assert 0.15 * count <= whole <= 0.6 * kept


@pytest.mark.parametrize(
    "instruction, count",
    [
        ("Summarise in one sentence.", 1),
        ("Summarise in 2 sentences.", 2),
        ("A single-sentence summary, please.", 1),
        ("Summarise it in four bullet points.", 4),
        ("TL;DR", 1),
    ],
)
def test_a_summary_keeps_to_the_number_of_sentences(instruction, count):
    assert len(told("summary", instruction, TEXTS["river"].text)) == count


@pytest.mark.parametrize("words", [5, 12, 25, 60])
def test_a_summary_keeps_to_the_number_of_words(words):
    for document in documents():
        summary = " ".join(told("summary", f"Summarise in at most {words} words.", document.text))
        assert 0 < len(summary.split()) <= words


@pytest.mark.parametrize(
    "instruction, length",
    [("in two to three sentences", (3, None)), ("at most 40 words", (None, 40)), ("shortly", (None, None))],
)
def test_wanted_length(instruction, length):
    wanted = wanted_length(instruction)
    assert (wanted.sentences, wanted.words) == length


def test_a_slip_changes_one_number_to_one_that_is_not_there():
    for document in documents():
        for fact in SKILL["summary"].decide(Prompt("Summarise this.", document.text)).facts:
            if fact.slip and fact.slip != fact.text:
                before, after = NUMBER.findall(fact.text), NUMBER.findall(fact.slip)
                assert len(before) == len(after)
                changed = [new for old, new in zip(before, after, strict=True) if old != new]
                assert len(changed) == 1 and changed[0] not in before


def test_an_answer_is_never_empty_even_when_everything_is_wrong():
    for instruction in ("Summarise this.", "TL;DR"):
        facts = SKILL["summary"].decide(Prompt(instruction, "We met. We talked. We left. We wrote.")).facts
        assert facts[0].slip


@pytest.mark.parametrize("document", TEXTS)
@pytest.mark.parametrize("question", questions(), ids=lambda question: question.question)
def test_research_finds_the_answer_or_says_that_there_is_none(question, document):
    answer = " ".join(told("answer", question.question, TEXTS[document].text))
    if question.keys[document]:
        assert all(key in answer for key in question.keys[document])
    else:
        assert answer == SILENT


@pytest.mark.parametrize(
    "question, document, key",
    [
        ("How much did the restoration cost?", "river", "8.4 million"),
        ("According to this source, who built the tower? Answer in one sentence.", "lighthouse", "Marchbanks"),
        ("What does the text say about otters?", "river", "3 February 2021"),
        ("When was the lamp lit for the first time?", "lighthouse", "1 March 1849"),
        ("Answer the question from the source only. Question: How many trips did members make?", "bicycles", "612,000"),
        ("What does this report say about thefts?", "bicycles", "from 96 to 23"),
    ],
)
def test_other_questions(question, document, key):
    assert SKILL["answer"].cues.search(question)
    assert key in " ".join(told("answer", question, TEXTS[document].text))


@pytest.mark.parametrize(
    "question",
    [
        "What does the text say about volcanoes?",
        "Who invented the telephone?",
        "According to the source, how tall is the giraffe?",
    ],
)
def test_a_question_beyond_the_text_is_not_answered(question):
    for document in documents():
        assert told("answer", question, document.text) == [SILENT]


def test_key_facts_are_sentences_with_numbers():
    findings = SKILL["facts"].decide(Prompt("List the 4 key facts.", TEXTS["bicycles"].text))
    assert len(findings.items) == 4
    assert all(
        NUMBER.search(item.fields["fact"]) and item.fields["fact"] in TEXTS["bicycles"].text for item in findings.items
    )
    assert all(alarm.fields["fact"] not in TEXTS["bicycles"].text for alarm in findings.false_alarms)


def test_title_is_the_heading_or_the_most_frequent_words():
    assert told("title", "Suggest a title.", "## 3. Diggers, gravel and money\n\nWork began.") == [
        "Diggers, gravel and money"
    ]
    assert told("title", "Suggest a title.", "The otter sleeps. An otter eats. The meadow floods; a meadow dries.") == [
        "Otter and Meadow"
    ]


def test_synthesis_keeps_one_sentence_of_each_note_and_says_nothing_twice():
    notes = (
        "The restoration cost 8.4 million euros. It was a cold spring.\n\nThe restoration cost 8.4 million euros.\n\n"
        "Residents like it: 81 percent were in favour in 2023.\n\nThe source does not say."
    )
    assert told("report", "Combine these notes into one report.", notes) == [
        "The restoration cost 8.4 million euros.",
        "Residents like it: 81 percent were in favour in 2023.",
    ]


def test_synthesis_keeps_notes_that_differ_in_a_number_only():
    notes = "The bridge is 40 metres long.\n\nThe bridge is 45 metres long."
    told_notes = told("report", "Merge these notes.", notes)
    assert told_notes[:2] == notes.split("\n\n")
    assert told_notes[2:] == ["The notes disagree: «The bridge is 40 metres long» against «The bridge is 45 metres long»."]


def test_synthesis_keeps_every_finding_of_a_review_once():
    twice = "- line 3 (high): eval() runs whatever code `x` holds.\n"
    findings = f"{twice}- line 9 (low): The import `os` is not used.\n{twice}"
    assert told("report", "Merge these findings into a unified report.", findings) == [
        "line 3 (high): eval() runs whatever code `x` holds.",
        "line 9 (low): The import `os` is not used.",
    ]


@pytest.mark.parametrize(
    "instruction, skills",
    [
        ("Summarise the customer review.", "summary"),
        ("Give me the gist.", "summary"),
        ("What are the main points?", "summary"),
        ("Summarise the key facts in two sentences.", "summary"),
        ("Combine these summaries into one overall summary.", "report"),
        ("Synthesize the notes into a unified report.", "report"),
        ("Merge these code review findings on security and style into one report.", "report"),
        ("What does this text say about cost?", "answer"),
        ("What did the public think of it?", "answer"),
        ("List the key facts.", "facts"),
        ("Extract the numbers.", "facts"),
        ("Suggest a title.", "title"),
        ("summary", "summary"),
        ("Review this code for security.", ""),
        ("What is the sentiment of this review?", ""),
        ("Is this e-mail spam?", ""),
        ("Write a poem.", ""),
    ],
)
def test_cues(instruction, skills):
    assert " ".join(skill.name for skill in SKILLS if skill.cues.search(instruction)) == skills


@pytest.mark.parametrize(
    "text, count",
    [
        ("Dr. Reyes came at 3.5 km. She left.", 2),
        ("It cost 8.4 million, i.e. a lot. Yes!", 2),
        ("No end", 1),
        ("", 0),
        ("# Title\n\nOne.\n- two\n- three", 3),
    ],
)
def test_sentences_are_cut_where_they_end(text, count):
    assert len(sentences(text)) == count


@settings(max_examples=150)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(["It cost 8.40 euros.", "## 1. A", "- x", "No. 5 was 11!", "\n\n", "Who? ", "** "]),
            max_size=12,
        ).map(" ".join),
    ),
    st.sampled_from(
        [
            "Summarise in at most 7 words.",
            "What did it cost?",
            "List the key facts.",
            "Suggest a title.",
            "Combine the notes.",
        ]
    ),
)
def test_never_fails_and_invents_no_number(text, instruction):
    for skill in SKILLS:
        decision = skill.decide(Prompt(instruction, text))
        words = (
            [item.fields["fact"] for item in decision.items]
            if isinstance(decision, Listing)
            else [fact.text for fact in decision.facts]
        )
        assert set(NUMBER.findall(" ".join(words))) <= set(NUMBER.findall(text))


def test_notes_under_each_other_are_all_joined():
    notes = "The dam was removed in 2016.\nIt cost 3 million crowns."
    joined = usual(f"Combine these notes into one report.\n<notes>\n{notes}\n</notes>")
    assert "2016" in joined and "3 million" in joined

"""Formats that prompts ask for: tags, scores, reasons first, key lines, tables, capitals; and stated confidence."""

import json
import re

import pytest

from course_lib.simulation.model.prompts import read_prompt
from course_lib.simulation.model.scales import scale_in
from tests.simulation.model.asking import MAIL, REVIEW, ask, body, usual


@pytest.mark.parametrize(
    "asked, said",
    [
        (
            f"Put your verdict in <verdict> tags: is this review positive or negative? {REVIEW}",
            "<verdict>negative</verdict>",
        ),
        (
            f"Is the review positive or negative? Answer as <answer>positive or negative</answer>.\n{REVIEW}",
            "<answer>negative</answer>",
        ),
        (f"{REVIEW}\n\nIs it positive or negative? Respond with <label>...</label>.", "<label>negative</label>"),
        (f"Is this spam or ham? Write the label between <label> and </label>.\n{MAIL}", "<label>spam</label>"),
        (f"Sentiment in capital letters, one word. {REVIEW}", "NEGATIVE"),
        (f"Is the sentiment POSITIVE or NEGATIVE? One word, lower case. {REVIEW}", "negative"),
        (f"Is this spam? Answer with lines LABEL: spam or ham, URGENT: yes or no, nothing else. {MAIL}", "LABEL: spam"),
        (f"Is this spam or ham? Think step by step, then end with ANSWER: X. {MAIL}", "ANSWER: spam"),
        (
            f'Is this spam or ham? Think step by step. Finish with "Answer: spam" or "Answer: ham". {MAIL}',
            "Answer: spam",
        ),
        (
            f"Put the reasoning in <reasoning> tags, the label in <label> tags. Positive or negative review? {REVIEW}",
            "<label>negative</label>",
        ),
    ],
)
def test_the_answer_stands_where_it_was_asked_for(asked, said):
    assert said in usual(asked).splitlines()


def test_a_reason_comes_first_and_fits_the_answer():
    for seed in range(40):
        said = ask(
            f"Is this spam or ham? Explain your reasoning first, then give the label. {MAIL}",
            seed=seed,
            model="claude-haiku-4-5",
        )
        reason, answer = said.split("\n")
        label = "ham" if "ham" in answer.lower() else "spam"
        assert f"I read it as {label}" in reason


def test_tags_of_the_material_are_not_tags_of_the_answer():
    page = "<html><b>X</b><p></p> You won a free prize, click here!!!</html>"
    assert read_prompt(body(f"Is this spam? <email>{page}</email>"), knows=lambda text: True).answer_tags == ()
    assert (
        read_prompt(
            body("Rate this answer. <question>Q?</question><answer>The bridge.</answer>"), knows=lambda text: True
        ).answer_tags
        == ()
    )


@pytest.mark.parametrize(
    "asked, scale",
    [
        ("Rate the urgency from 1 (low) to 5 (high).", (1, 5)),
        ("Score it 0-100.", (0, 100)),
        ("a score between 0 and 1", (0, 1)),
        ("rate it out of 10", (1, 10)),
        ("on a scale of 1–5", (1, 5)),
        ("confidence in percent", (0, 100)),
        ("Is it spam?", None),
        ("Summarize in 3 to 5 sentences.", None),
        ("Give a rating in 1 to 2 sentences", None),
        ("What happened from 1934 to 1936?", None),
    ],
)
def test_scales_are_read(asked, scale):
    assert scale_in(asked) == scale


@pytest.mark.parametrize(
    "asked, low, high",
    [
        ("How urgent is this from 1 to 5? Number only.", 1, 5),
        ("How likely is it that this is spam, from 0 to 100? Number only.", 0, 100),
        ("Rate the sentiment on a scale from 0 to 1. Number only.", 0, 1),
        ("Score how positive the sentiment is, 1-10. Only the number.", 1, 10),
    ],
)
def test_scores_are_numbers_of_the_scale(asked, low, high):
    calm = "<text>Thanks, the lovely kettle arrived. No hurry with anything.</text>"
    grave = "<text>URGENT: smoke comes out of the plug, terrible, click here and claim your free prize today!!!</text>"
    numbers = [float(usual(f"{asked} {text}")) for text in (calm, grave)]
    assert all(low <= number <= high for number in numbers)
    assert numbers[0] != numbers[1]


def test_each_of_several_texts_is_a_row():
    texts = "<review>Great lamp, I love it.</review>\n<review>Terrible, it broke.</review>"
    assert (
        usual(f"For each review give the sentiment as CSV with columns id,sentiment.\n{texts}")
        == "id,sentiment\n1,positive\n2,negative"
    )
    assert (
        usual("Classify each review as positive or negative.\n\n1. Great lamp, I love it.\n2. Terrible, it broke.")
        == "1. positive\n2. negative"
    )
    table = usual(
        f"Give the sentiment of each review as a markdown table with the columns number and sentiment.\n{texts}"
    ).splitlines()
    assert table == ["| number | sentiment |", "| --- | --- |", "| 1 | positive |", "| 2 | negative |"]


def test_cells_of_csv_are_quoted():
    said = usual('Extract the questions as CSV with columns id,question. <text>Who, if anyone, "came"? Why?</text>')
    assert said.splitlines()[1] == '1,"Who, if anyone, ""came""?"'


@pytest.mark.parametrize(
    "asked, most", [("keys label and confidence (0-1)", 1), ("keys label and confidence (0-100)", 100)]
)
def test_confidence_keeps_to_its_scale(asked, most):
    said = json.loads(usual(f"Is this spam? JSON with the {asked}. {MAIL}"))
    assert said["label"] == "spam"
    assert 0.5 * most < said["confidence"] <= most


def test_confidence_is_the_same_whether_the_reply_is_right_or_wrong():
    said = [
        json.loads(
            ask(f"Is this spam? JSON with the keys label and confidence. {MAIL}", seed=seed, model="claude-haiku-4-5")
        )
        for seed in range(200)
    ]
    assert {answer["label"] for answer in said} == {"spam", "not spam"}
    assert len({answer["confidence"] for answer in said}) == 1


def test_fields_that_nothing_is_known_of_say_so():
    said = json.loads(usual(f"Sentiment? JSON with the keys sentiment and horoscope. {REVIEW}"))
    assert said["sentiment"] == "negative"
    assert re.fullmatch("[a-z]+", said["sentiment"])

"""Any text at all gets an answer, soon; and what is said depends on the text and the seed alone."""

import random
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from course_lib.data.emails import emails
from course_lib.simulation.model import simulated_model
from course_lib.simulation.model.simulated_model import DONT_KNOW, NO_FACTS, NO_MATERIAL
from tests.simulation.model.asking import MAIL, ask

WORDS = st.lists(
    st.sampled_from(
        "Is this spam or ham? Answer <answer> </answer> tags json JSON keys: - 1. 2) A B yes no from 1 "
        "to 5 how many words ANSWER: the review <review> </review> \n \n\n ``` rate rewrite plan "
        "question: which better 3 boxes of 12 each 7 + 4 * ( ) \" ' list , or | classify as billing "
        'technical sentiment summarize \x00 é 😀 if it\'s {} [] % € <email id="1">'.split(" ")
    ),
    max_size=60,
).map(" ".join)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(max_size=400), WORDS))
@example("\ud800")
@example("<" * 3000)
@example("a, " * 2000 + "or b")
@example("1 + " * 500)
@example("((((" * 200 + "1+1")
@example("How many " * 300 + "?")
@example("Rate this: " + "<answer>" * 300)
def test_any_text_gets_a_reply(text):
    began = time.process_time()
    said = ask(text or "x")
    took = time.process_time() - began
    assert isinstance(said, str)
    assert said.strip()
    assert took < 1.0, f"{took:.2f} s"  # a guard against patterns that explode; the usual is below a millisecond


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=7), st.one_of(st.none(), st.text(max_size=60)))
def test_any_conversation_gets_a_reply(turns, system):
    messages = [
        {"role": ("user", "assistant")[number % 2], "content": turn}
        for number, turn in enumerate(turns[: len(turns) - 1 + len(turns) % 2])
    ]
    assert isinstance(ask(messages, **({"system": system} if system else {})), str)


def test_most_prompts_take_less_than_fifty_milliseconds():
    prompts = [
        f"Is this spam? Answer in one word. <email>{mail.text} {number}</email>" for number, mail in enumerate(emails())
    ]
    began = time.process_time()
    for prompt in prompts:
        ask(prompt)
    assert (time.process_time() - began) / len(prompts) < 0.05


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a poem about the sea.",
        "Tell me a joke.",
        "Draw a horse.",
        "Continue the story: Once upon a time",
        "Give me three adjectives for the sea.",
        "Correct the grammar: I has a dog.",
        "Compose an e-mail to my boss.",
        "Invent a name for a cat.",
    ],
)
def test_what_it_cannot_do_it_says(prompt):
    assert ask(prompt) == DONT_KNOW


@pytest.mark.parametrize(
    "prompt",
    [
        "Is this spam?",
        "Is this spam? Answer with one word: spam or ham.",
        "Summarize this.",
        "Summarize in one sentence.",
        "How urgent is it?",
        "Who wrote this?",
        "What does the report say about otters?",
    ],
)
def test_without_a_text_it_asks_for_one(prompt):
    assert ask(prompt) == NO_MATERIAL


@pytest.mark.parametrize("prompt", ["What is the capital of France?", "Who wrote Hamlet?", "Why is the sky blue?"])
def test_a_question_about_the_world_is_told_that_it_knows_no_facts(prompt):
    assert ask(prompt) == NO_FACTS
    assert "Which text" not in NO_FACTS, "that would sound as if it could"


def test_the_same_question_with_a_text_is_answered_from_it():
    said = ask("What is the capital of France? <text>Lyon is a city. The capital of France is Paris.</text>")
    assert "Paris" in said


# --- a property of text and seed, never of identity or order ---------------------------------------

ASK = "Is this e-mail spam or ham? One word only.\n\n<email{}>\n{}\n</email>"
MAILS = [mail.text for mail in emails()]


def said(prompts, seed=0):
    return [ask(prompt, seed=seed, model="claude-haiku-4-5") for prompt in prompts]


def test_the_order_of_the_calls_changes_nothing():
    prompts = [ASK.format("", text) for text in MAILS]
    order = random.Random(5).sample(range(len(prompts)), len(prompts))
    simulated_model._read.cache_clear()
    shuffled = dict(zip(order, said([prompts[number] for number in order]), strict=True))
    simulated_model._read.cache_clear()
    assert said(prompts) == [shuffled[number] for number in range(len(prompts))]


def test_the_names_of_the_items_change_nothing():
    assert said([ASK.format(f' id="{number}"', text) for number, text in enumerate(MAILS)]) == said(
        [ASK.format(f' id="mail-{number + 700}"', text) for number, text in enumerate(MAILS)]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda prompt: prompt.replace(". ", ".  "),
        lambda prompt: prompt.replace("\n", "  \n"),
        lambda prompt: f"\n{prompt}  \n",
        lambda prompt: prompt.replace("</email>", "\n</email>"),
        lambda prompt: prompt.replace(", ", ",\t "),
    ],
)
def test_stray_spaces_change_nothing(change):
    prompts = [ASK.format("", text) for text in MAILS]
    assert said(map(change, prompts)) == said(prompts)


def test_another_seed_is_another_world():
    prompts = [ASK.format("", text) for text in MAILS]
    assert said(prompts) != said(prompts, seed=1)


def test_what_was_read_before_changes_nothing():
    before = [ask(f"Is this spam? {MAIL}", seed=seed) for seed in range(30)]
    for number in range(50):
        ask(f"Is this spam? <email>Another one, {number}.</email>")
    assert [ask(f"Is this spam? {MAIL}", seed=seed) for seed in range(30)] == before

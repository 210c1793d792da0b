"""Earlier turns complete the last one; a system prompt gives the role."""

import pytest

from tests.simulation.model.asking import MAIL, ask

HONEST = "<email>Dear Ms Roth, the meeting on Thursday starts at 9:30. Regards, Tom</email>"
RIVER = "<text>The river is 40 km long. It was mapped in 1901. Trout live in it.</text>"


def talk(*turns, **more):
    return ask(
        [{"role": ("user", "assistant")[number % 2], "content": turn} for number, turn in enumerate(turns)], **more
    )


def test_the_text_may_stand_in_an_earlier_turn():
    assert talk(RIVER, "I have read it.", "Summarize it in one sentence.").count(".") == 1
    assert "river" in talk(f"Summarize this. {RIVER}", "It is long.", "Summarize it in one sentence.")


def test_the_question_may_stand_in_an_earlier_turn():
    question = f"Is this spam? Answer spam or ham only. {MAIL}"
    assert talk(question, "spam", f"And this one: {HONEST}") == "ham"
    assert (
        talk(
            "Classify every message that I send as spam or ham, one word only.",
            "OK.",
            "You won a free prize, click here now!!!",
        )
        == "spam"
    )


@pytest.mark.parametrize("last", ["Are you sure?", "Really?", "Why?", "Explain why.", "Please check again."])
def test_asked_again_it_answers_the_same_question(last):
    said = [talk(f"Is this spam or ham? {MAIL}", "spam", last, seed=seed).lower() for seed in range(9)]
    assert sum("spam" in text for text in said) >= 7
    assert all("spam" in text or "ham" in text for text in said)


@pytest.mark.parametrize("last", ["Write a poem about it.", "Translate it into French."])
def test_what_it_cannot_do_it_cannot_do_later_either(last):
    assert talk(f"Is this spam? {MAIL}", "spam", last).startswith("I don't know how to do this")


def test_thanks_are_thanks():
    assert talk(f"Is this spam? {MAIL}", "spam", "Thanks!") == "You are welcome."


@pytest.mark.parametrize(
    "system, message, said",
    [
        (
            "You are a router. Classify the ticket as billing, technical or general. One word only.",
            "My card was charged twice.",
            "billing",
        ),
        (
            "Answer with exactly one label: billing, technical or general.",
            "<ticket>My card was charged twice.</ticket>",
            "billing",
        ),
        (
            "You are a spam filter. Answer spam or ham only.",
            "Hello! How many prizes do you want? You won a free prize of 100 euros, click here!!!",
            "spam",
        ),
        ("You are a spam filter. Answer spam or ham only.", "Hello", "ham"),
        ("You are a helpful assistant.", "What is 17 + 4?", "17 + 4 = 21. The answer is 21."),
        ("Be brief.", "Say hello", "Hello! I am a simulated model; put a text and a question in your prompt."),
    ],
)
def test_the_role_is_read(system, message, said):
    assert ask(message, system=system) == said


def test_long_conversations_do_not_break():
    turns = [turn for number in range(40) for turn in (f"Turn {number}", "Yes.")]
    assert isinstance(talk(*turns, "And?"), str)

"""What is copied out of a text, counted in it, rewritten, or asked with yes or no; greetings and echoes."""

import json

import pytest

from tests.simulation.model.asking import ask, usual

LETTER = (
    "<text>Dear Ms. Anna Berg,\nI am Tom Hill. Call +49 30 1234567, or write to tom@hill.org by 3 "
    "May 2026, at 9:30 am. It cost €1,200.50, "
    "12 % more than in 1999. See https://x.org/a for more. Is that fine?</text>"
)


@pytest.mark.parametrize(
    "asked, found",
    [
        ("Extract all e-mail addresses.", "tom@hill.org"),
        ("List the phone numbers.", "- +49 30 1234567"),
        ("Find all links.", "https://x.org/a"),
        ("Which dates are mentioned?", "3 May 2026, 1999"),
        ("Give me the amounts of money.", "€1,200.50"),
        ("Extract the percentages.", "12 %"),
        ("Who is mentioned in the text?", "Ms. Anna Berg, Tom Hill"),
        ("List the names of the people.", "- Ms. Anna Berg\n- Tom Hill"),
        ("List all questions.", "- Is that fine?"),
        ("Find every hashtag.", "none"),
        ("Extract the times.", "9:30 am"),
    ],
)
def test_things_are_copied_out_by_their_form(asked, found):
    assert usual(f"{asked} {LETTER}") == found


def test_several_kinds_at_once_as_json():
    said = usual(f"Extract the name, the email and the date as JSON with keys name, email, date. {LETTER}")
    assert json.loads(said) == {"name": "Ms. Anna Berg", "email": "tom@hill.org", "date": "3 May 2026"}


def test_the_learners_own_class_is_filled_and_the_unknown_is_null():
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "phone": {"type": ["string", "null"]},
            "hashtag": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "emails": {"type": "array", "items": {"type": "string"}},
        },
    }
    said = json.loads(usual(f"Extract the name, the phone number, the emails and a hashtag. {LETTER}", schema=schema))
    assert said["name"] == "Ms. Anna Berg"
    assert said["emails"] == ["tom@hill.org"]
    assert said["phone"] == "+49 30 1234567"


@pytest.mark.parametrize(
    "asked, count",
    [
        ("How many words does this text have?", 7),
        ("Count the sentences.", 2),
        ('How often does the word "sea" appear?', 2),
        ("How many times does the word sea occur?", 2),
        ("Number of questions?", 1),
        ("Count the lines.", 1),
        ("How many paragraphs are there?", 1),
    ],
)
def test_counts(asked, count):
    assert usual(f"{asked} Reply with the number only. <text>The sea is wide. Is sea blue?</text>") == str(count)


def test_letters_of_a_word_need_no_text():
    assert usual("How many r's are in strawberry?") == 'There are 3 "r" in "strawberry".'


@pytest.mark.parametrize(
    "asked, text, said",
    [
        (
            "Rewrite this more formally:",
            "Hi, I can't open the app and need help asap!",
            "Dear Sir or Madam, I cannot open the app and require assistance at your earliest convenience.",
        ),
        (
            "Make this text simpler.",
            "<text>Prior to construction, numerous residents attempted to obtain a permit.</text>",
            "Before building, many people who live there tried to get a permit.",
        ),
        ("Shorten this:", "The river, which is 40 km long, is really very beautiful.", "The river is beautiful."),
        (
            "Please rephrase it in a casual way.",
            "<text>I will inform you. It is required, however, that you assist.</text>",
            "I'll tell you. It's needed, but, that you help.",
        ),
    ],
)
def test_texts_are_rewritten_by_rule(asked, text, said):
    assert usual(f"{asked} {text}") == said


def test_a_manner_that_it_does_not_know_is_refused():
    assert ask("Rewrite this like a pirate: The sea is wide and blue today.").startswith(
        "I can make a text more formal"
    )
    assert ask("Translate this to German: The sea is wide and blue today.").startswith("I don't know how to do this")


@pytest.mark.parametrize(
    "asked, answer",
    [
        ("Does the text mention a price?", "yes"),
        ("Does it mention bicycles?", "no"),
        ("Is this text about the sea?", "yes"),
        ("Does the text contain an e-mail address?", "yes"),
        ("Does it contain a date?", "no"),
        ("Is the captain afraid of storms?", "yes"),
        ("Does the writer talk about horses?", "no"),
    ],
)
def test_yes_or_no_about_a_text(asked, answer):
    text = (
        "<text>The captain of the old ship is afraid of storms. A trip on the sea costs 40 euros. Write "
        "to sea@ship.org.</text>"
    )
    assert usual(f"{asked} Answer yes or no only. {text}") == answer


@pytest.mark.parametrize("asked", ["Is the author a doctor?", "Is this funny?", "Would you lend her money?"])
def test_what_words_do_not_decide_stays_open(asked):
    assert ask(f"{asked} Answer yes or no only. <text>I went to the sea with my aunt.</text>").startswith(
        "I can't tell"
    )


@pytest.mark.parametrize(
    "prompt, said",
    [
        ("Reply with exactly: PONG", "PONG"),
        ("Say 'OK'", "OK"),
        ("Repeat after me: the sea is blue.", "the sea is blue"),
        ("Reply with the word yes", "yes"),
        ('Respond with only "42" and nothing else.', "42"),
        ("Thanks a lot!", "You are welcome."),
        ("Goodbye", "Goodbye."),
    ],
)
def test_echoes_and_manners(prompt, said):
    assert {ask(prompt, seed=seed, model="claude-haiku-4-5") for seed in range(20)} == {said}


@pytest.mark.parametrize(
    "prompt", ["Hello", "Hi there!", "Say hello", "Who are you?", "Are you a human?", "How are you today?"]
)
def test_greetings_are_answered_shortly_and_honestly(prompt):
    assert "simulated model" in ask(prompt)
    assert len(ask(prompt)) < 250


def test_contradictory_notes_are_named():
    said = usual(
        "Merge these notes into one report.\n- The bridge cost 40 crowns in 1901.\n- The bridge cost 60 "
        "crowns in 1901.\n- Otters came back."
    )
    assert (
        "The notes disagree: «The bridge cost 40 crowns in 1901» against «The bridge cost 60 crowns in 1901»." in said
    )


def test_summaries_are_merged_in_a_tree():
    parts = [
        f"<summary>Chapter {number} tells of {what}.</summary>"
        for number, what in enumerate(
            ("the flood of 1934", "the dam of 1936", "the otters of 2016", "a vote in 2019"), start=1
        )
    ]
    halves = [
        usual("Merge these summaries into one summary of two sentences.\n" + "\n".join(pair))
        for pair in (parts[:2], parts[2:])
    ]
    whole = usual(
        "Merge these summaries into one summary.\n" + "\n".join(f"<summary>{half}</summary>" for half in halves)
    )
    assert "1934" in whole or "1936" in whole
    assert "2016" in whole or "2019" in whole

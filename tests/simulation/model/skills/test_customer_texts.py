import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data.reviews import SENTIMENTS, TOPICS, URGENCIES, reviews
from course_lib.simulation.model.decisions import Label, Listing, Prompt
from course_lib.simulation.model.formats import spelling
from course_lib.simulation.model.skills.customer_texts import SKILLS, TOPIC_SIGNS
from course_lib.simulation.model.skills.product_names import find_product_names
from course_lib.simulation.model.skills.tone import read_tone
from tests.simulation.model.skills import fresh_texts

SKILL = {skill.name: skill for skill in SKILLS}


def decide(skill: str, text: str, instruction: str = ""):
    return SKILL[skill].decide(Prompt(instruction or skill, text))


def sentiment(text: str) -> str:
    return decide("sentiment", text).value


def topics(text: str, instruction: str = "") -> list:
    return [item.fields["topic"] for item in decide("topics", text, instruction).items]


def of_kind(kind: str) -> list:
    return [review for review in reviews() if review.kind == kind]


def ranks(values: list) -> list:
    return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]


def test_sentiment_agrees_with_the_author():
    assert sum(sentiment(review.text) == review.sentiment for review in reviews()) / 120 >= 0.88


@pytest.mark.parametrize("kind", ["review", "ticket"])
def test_urgency_agrees_with_the_author(kind):
    right = sum(decide("urgency", review.text).value == review.urgency for review in of_kind(kind))
    assert right / len(of_kind(kind)) >= 0.85


def test_topics_agree_with_the_author():
    hits = false = missed = 0
    for review in reviews():
        found, true = set(topics(review.text)), set(review.topics)
        hits, false, missed = hits + len(found & true), false + len(found - true), missed + len(true - found)
    assert 2 * hits / (2 * hits + false + missed) >= 0.85


def test_product_names_agree_with_the_author():
    wrong = [review.id for review in reviews()
             if tuple(item.fields["product"] for item in decide("entities", review.text).items) != review.entities]
    assert len(wrong) <= 6, wrong


def test_sentiment_and_urgency_agree_on_fresh_texts():
    wrong = [text for value, text in fresh_texts.SENTIMENTS if sentiment(text) != value]
    assert len(wrong) <= 4, wrong
    wrong = [text for value, text in fresh_texts.URGENCIES if decide("urgency", text).value != value]
    assert len(wrong) <= 2, wrong


def test_fresh_texts_are_not_in_the_data():
    known = {review.text for review in reviews()}
    assert not any(text in known for _, text in fresh_texts.SENTIMENTS + fresh_texts.URGENCIES)


@pytest.mark.parametrize("kind, skill", [("review", "sentiment"), ("ticket", "urgency")])
def test_difficulty_ranks_as_the_author_ranks(kind, skill):
    mine = [decide(skill, item.text).difficulty for item in of_kind(kind)]
    authors = [item.difficulty for item in of_kind(kind)]
    assert statistics.correlation(ranks(mine), ranks(authors)) > 0.4
    assert statistics.median(here for here, there in zip(mine, authors, strict=True) if there <= 0.1) < 0.08
    assert statistics.median(here for here, there in zip(mine, authors, strict=True) if there >= 0.3) > 0.2


@pytest.mark.parametrize(
    "plain, negated",
    [
        ("The sound is good.", "The sound is not good."),
        ("It works.", "It doesn't work."),
        ("I recommend it.", "I don't recommend it."),
        ("The staff was helpful.", "Nobody was helpful."),
        ("It is worth the price.", "It is not worth the price."),
        ("I would buy it again.", "I would not buy it again."),
    ],
)
def test_negation_turns_praise_into_blame(plain, negated):
    assert (sentiment(plain), sentiment(negated)) == ("positive", "negative")


@pytest.mark.parametrize(
    "plain, negated",
    [
        ("There were problems.", "There were no problems."),
        ("It is bad.", "It is not bad at all."),
        ("The support was unfriendly.", "The support was never unfriendly."),
        ("It disappointed me.", "It has not disappointed me once."),
    ],
)
def test_negation_turns_blame_into_praise(plain, negated):
    assert (sentiment(plain), sentiment(negated)) == ("negative", "positive")


def test_negation_ends_with_its_clause():
    assert read_tone("Not loud, wonderful.").praise > read_tone("Not loud.").praise


def test_intensifiers_stretch_and_too_much_is_blame():
    assert read_tone("very good").praise > read_tone("good").praise
    assert read_tone("too quiet").blame > 0


def test_praise_and_blame_are_mixed():
    assert sentiment("Lovely light, but a terrible battery.") == "mixed"


def test_what_came_later_outweighs_what_was_at_first():
    assert sentiment("The first week was lovely. Then it broke.") == "negative"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for nothing.",
        "Oh wonderful, another update that deletes all my recipes.",
        "If you love waiting, this shop is perfect for you.",
        "Bravo. It needed only six weeks.",
    ],
)
def test_irony_is_blame_and_hard(text):
    label = decide("sentiment", text)
    assert (label.value, label.slip) == ("negative", "positive")
    assert label.difficulty >= 0.3


def test_a_sentiment_that_is_not_offered_gives_way_to_the_nearest():
    text = "The battery is terrible, awful, useless; the sound is great and the light is lovely."
    assert sentiment(text) == "mixed"
    forced = decide("sentiment", text, "Is the sentiment positive or negative?")
    assert forced.value == "negative"
    assert forced.difficulty > decide("sentiment", text).difficulty


@pytest.mark.parametrize(
    "skill, instruction, text, said",
    [
        ("sentiment", "Sentiment: POSITIVE, NEGATIVE or NEUTRAL?", "I love it.", "POSITIVE"),
        ("sentiment", "Is the review positive? Yes or no.", "I hate it.", "no"),
        ("sentiment", "Is the customer happy or unhappy?", "I hate it.", "unhappy"),
        ("urgency", "How urgent is it: low, medium or high?", "Smoke comes out of the plug!", "high"),
        ("urgency", "Urgency? low, medium, high", "Do you ship to Norway?", "low"),
        ("urgency", "Is this urgent? Answer yes or no.", "Smoke comes out of the plug!", "yes"),
        ("urgency", "Urgent or not urgent?", "Do you ship to Norway?", "not urgent"),
    ],
)
def test_says_it_in_the_words_of_the_prompt(skill, instruction, text, said):
    assert SKILL[skill].cues.search(instruction)
    assert spelling(decide(skill, text, instruction), instruction) == said


def test_calm_danger_is_hard_and_a_mistake_plays_it_down():
    plain = decide("urgency", "Fire! Smoke comes out of the socket!")
    calm = decide("urgency", "By the way, the cable gets so hot that the table has turned brown.")
    assert (plain.value, calm.value) == ("high", "high")
    assert plain.difficulty < 0.1 < 0.25 < calm.difficulty


def test_a_loud_trifle_is_hard_and_a_mistake_believes_it():
    trifle = decide("urgency", "Hello!!! Which colour is it??? Please!!! I am curious!!")
    assert (trifle.value, trifle.slip) == ("low", "high")
    assert trifle.difficulty > 0.25


@pytest.mark.parametrize("text", ["It's not urgent, but which filter fits?", "No emergency, nothing is burning: are you open?"])
def test_denied_urgency_does_not_press(text):
    assert decide("urgency", text).value == "low"


def test_stars_follow_the_tone():
    stars = [int(decide("stars", text).value) for text in (
        "Terrible, awful, useless. I hate it.", "A bit loud.", "It is black.", "Nice lamp.",
        "Wonderful, perfect, I love it.")]
    assert stars == [1, 2, 3, 4, 5]


def test_topics_keep_to_the_set_and_to_what_is_offered():
    assert tuple(TOPIC_SIGNS) == TOPICS
    text = "The parcel came late, the battery is weak and the price is too high."
    assert topics(text) == ["delivery", "price", "battery"]
    assert topics(text, "Which topics: price, setup?") == ["price"]
    assert topics("Hello there.") == []


def test_a_hint_is_a_possible_false_alarm_only():
    decision = decide("topics", "There is a cardboard in the cellar.")
    assert decision.items == ()
    assert [item.fields["topic"] for item in decision.false_alarms] == ["packaging"]


def test_a_bank_account_is_no_customer_account():
    assert topics("The refund was on my account two days later.") == ["refund"]


@pytest.mark.parametrize(
    "text, names",
    [
        ("I swapped my Aerko V8 for the Nimbo.", ["Aerko V8", "Nimbo"]),
        ("The Solvo Max and the TX-200 arrived on Monday.", ["Solvo Max", "TX-200"]),
        ("My order A-20418 from March is late, says Ms Behrens.", []),
        ("Error E7 again. Since Friday!", []),
        ("", []),
    ],
)
def test_product_names(text, names):
    assert [name.text for name in find_product_names(text)] == names


@pytest.mark.parametrize(
    "instruction, names",
    [
        ("What is the sentiment of this review?", {"sentiment"}),
        ("Return JSON with keys sentiment, topics, urgency, products.", {"sentiment", "topics", "urgency", "entities"}),
        ("Which products does this product review mention?", {"entities"}),
        ("Classify as positive, negative or neutral.", {"sentiment"}),
        ("Give a star rating from 1 to 5.", {"stars"}),
        ("Review this code for security problems.", set()),
        ("Summarize the text in three sentences in a friendly tone.", set()),
        ("Is this e-mail spam?", set()),
    ],
)
def test_cues(instruction, names):
    assert {skill.name for skill in SKILLS if skill.cues.search(instruction)} == names


def check_any(text: str) -> None:
    for skill in SKILLS:
        decision = skill.decide(Prompt(skill.name, text))
        assert decision == skill.decide(Prompt(skill.name, text))
        if isinstance(decision, Label):
            assert decision.slip != decision.value
            assert 0.015 <= decision.difficulty <= 0.62
        else:
            assert isinstance(decision, Listing)
            assert all(0 < item.difficulty < 0.3 for item in decision.items)


@pytest.mark.parametrize("text", ["", " \n", "\0", "?!", "🙂🙁", "not " * 500, "A1 " * 500, "the " * 3000, "." * 5000])
def test_strange_material_is_decided_without_an_error(text):
    check_any(text)


@given(st.text(max_size=300))
def test_any_text_is_decided(text):
    check_any(text)


LOADED = "not very good bad but The Nimbo 40 broke , . ? ! refund please today never first then".split()


@given(st.lists(st.sampled_from(LOADED), max_size=30))
def test_any_mix_of_loaded_words_is_decided(words):
    text = " ".join(words)
    check_any(text)
    assert sentiment(text) in SENTIMENTS
    assert decide("urgency", text).value in URGENCIES


@pytest.mark.parametrize("words", ["please ", "if you like ", "confirm your ", "smells of ", "thanks for the ", "on "])
def test_a_long_text_takes_no_more_than_a_moment(words):
    """A pattern that looks ahead without a bound takes time that grows with the square of the length."""
    text = words * (40_000 // len(words))
    start = time.process_time()
    check_any(text)
    assert time.process_time() - start < 1.5

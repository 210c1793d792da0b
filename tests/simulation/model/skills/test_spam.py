import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data.emails import emails
from course_lib.simulation.model.decisions import Label, Prompt
from course_lib.simulation.model.formats import spelling
from course_lib.simulation.model.skills.spam import SKILLS, weigh
from tests.simulation.model.skills.fresh_texts import EMAILS

(SPAM,) = SKILLS


def decide(text: str, instruction: str = "Is this spam?") -> Label:
    return SPAM.decide(Prompt(instruction, text))


def is_spam(text: str) -> bool:
    return decide(text).value == "spam"


def test_agrees_with_the_author_on_the_data():
    right = sum(is_spam(email.text) == email.spam for email in emails())
    assert right / 60 >= 0.93


def test_agrees_on_fresh_texts():
    wrong = [text for spam, text in EMAILS if is_spam(text) != spam]
    assert len(wrong) <= 2, wrong


def test_fresh_texts_are_not_in_the_data():
    known = {email.body for email in emails()} | {email.subject for email in emails()}
    assert len(EMAILS) > 30
    assert not any(text in known or text.partition("\n\n")[2] in known for _, text in EMAILS)


def test_easy_mails_are_easy_and_hard_ones_are_hard():
    easy = [decide(email.text).difficulty for email in emails() if email.difficulty <= 0.1]
    hard = [decide(email.text).difficulty for email in emails() if email.difficulty >= 0.3]
    assert statistics.median(easy) < 0.08
    assert statistics.median(hard) > 0.2
    assert max(hard) > 0.5  # a trap that a vote makes worse


def ranks(values: list) -> list:
    return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]


def test_difficulty_ranks_as_the_author_ranks():
    mine = [decide(email.text).difficulty for email in emails()]
    authors = [email.difficulty for email in emails()]
    assert statistics.correlation(ranks(mine), ranks(authors)) > 0.4


@pytest.mark.parametrize(
    "bait, defused",
    [
        ("You have won! Claim your prize.", "You have not won. Nobody can claim your prize."),
        ("Please send us your password by e-mail.", "Never send us your password by e-mail."),
        ("Verify your account immediately.", "> Verify your account immediately.\n\nIs this phishing? Thanks, Ana"),
    ],
)
def test_words_of_refusal_take_the_bait_away(bait, defused):
    assert is_spam(bait)
    assert not is_spam(defused)


def test_shouting_alone_is_not_spam():
    assert not is_spam("MUM, THE TRAIN IS LATE AGAIN!!! START DINNER WITHOUT ME!!!")


def test_a_mail_that_is_quoted_as_a_whole_counts_in_full():
    mail = "You have won! Click here to claim your prize within 24 hours."
    assert weigh(f"> {mail}") == weigh(mail)


def test_a_second_sign_of_a_kind_strengthens_the_first_and_a_third_adds_nothing():
    one, two, four = (weigh(text).spam for text in (
        "Click here.", "Click here. Order now.", "Click here. Order now. Apply now. Act now."))
    assert one < two == four


@pytest.mark.parametrize(
    "instruction, spam, ham",
    [
        ("Answer SPAM or HAM only.", "SPAM", "HAM"),
        ("Answer spam or not_spam.", "spam", "not_spam"),
        ("Is this spam? Answer yes or no.", "yes", "no"),
        ("Is it junk or legitimate?", "junk", "legitimate"),
        ("Say PHISHING or SAFE.", "PHISHING", "SAFE"),
        ("Answer SPAM or HAM, no other words.", "SPAM", "HAM"),
        ("Answer Spam or Not Spam with no explanation.", "Spam", "Not Spam"),
    ],
)
def test_says_it_in_the_words_of_the_prompt(instruction, spam, ham):
    assert spelling(decide("You won! Click here to claim your prize.", instruction), instruction) == spam
    assert spelling(decide("Dear Ms Roth, dinner is at eight on Friday.", instruction), instruction) == ham


@pytest.mark.parametrize("instruction", ["Is this SPAM?", "phishing or not?", "Classify as junk or ham.", "is_spam"])
def test_cues_find_it(instruction):
    assert SPAM.cues.search(instruction)


@pytest.mark.parametrize("instruction", ["Summarize this.", "What is the sentiment?", "Review this code for security."])
def test_cues_leave_other_tasks_alone(instruction):
    assert not SPAM.cues.search(instruction)


def test_without_any_text_it_is_a_guess():
    assert decide("").value == "not spam"
    assert decide("").difficulty > 0.2


@pytest.mark.parametrize("text", [" \n\t", "\0", "🎁" * 50, ">" * 500, "Subject:", "!" * 2000, "a" * 20_000, "no " * 5000])
def test_strange_material_gets_a_label(text):
    assert decide(text).value in ("spam", "not spam")


@given(st.text(max_size=400))
def test_any_text_gets_one_label_always_the_same(text):
    label = decide(text)
    weigh.cache_clear()
    assert decide(text) == label
    assert 0.015 <= label.difficulty <= 0.62


@pytest.mark.parametrize("words", ["please ", "if you like ", "confirm your ", "smells of ", "thanks for the ", "on "])
def test_a_long_text_takes_no_more_than_a_moment(words):
    """A pattern that looks ahead without a bound takes time that grows with the square of the length."""
    text = words * (40_000 // len(words))
    start = time.process_time()
    decide(text)
    assert time.process_time() - start < 1.5

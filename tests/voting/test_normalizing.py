"""Normalisers abstain rather than guess."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.voting import json_list, majority_vote, plain
from course_lib.voting.normalizing import label, number, yes_or_no


@pytest.mark.parametrize(("ballot", "answer"), [
    ("spam", "spam"), ("Spam.", "spam"), ("**SPAM**", "spam"), ("'spam'", "spam"), ("Answer: spam", "spam"),
    ("NOT SPAM", "not spam"), ("not  spam", "not spam"), ("not-spam", "not spam"), ("NOT_SPAM", "not spam"),
    ("I would say: not spam.", "not spam"), ("Spam. Yes, spam!", "spam"), ("<answer>spam</answer>", "spam"),
    ("_not spam_", "not spam"), ("__Spam__", "spam"),
    ("It looks like spam at first, but I know the sender.\n\nAnswer: not spam", "not spam"),
    ("Not spam? The prize speaks against it.\n**Final verdict:** Spam.", "spam"), ("The answer is: spam", "spam"),
    ("It is spam.\nAnswer: I can't say", None), ("ｓｐａｍ", "spam"), ("sp\u200bam", "spam"), ("\ufeffspam", "spam"),
    ("spam or not spam", None), ("spam, not spam", None), ("It isn't spam", None), ("no spam", None), ("never spam", None),
    ("It is not not spam", None), ("It isn’t spam", None), ("spam?", None), ("Spam: no", None), ("non-spam", None),
    ("anti-spam", None), ("spammer", None), ("spam's", None), ("notspam", None), ("ham", None), ("", None), ("…", None),
])
def test_label(ballot, answer):
    assert label("spam", "not spam")(ballot) == answer


@pytest.mark.parametrize(("ballot", "answer"), [
    ("acceptable", "Acceptable"), ("unacceptable", None), ("not acceptable", None), ("rejected", "Rejected"),
    ("not rejected", None), ("neither acceptable nor rejected", None), ("acceptable/rejected", None),
])
def test_a_denied_label_is_an_abstention_and_answers_are_given_back_as_written(ballot, answer):
    assert label("Acceptable", "Rejected")(ballot) == answer


def test_labels_may_come_as_a_list():
    assert label(["new york", "york"])("New York!") == "new york"
    assert label(["new york", "york"])("York") == "york"


AROUND = st.text("abcdefg ,.:;-'_\n", max_size=12)


@given(st.sampled_from(["spam", "ham", "not spam"]), AROUND, AROUND)
def test_label_finds_whole_words_only(choice, before, after):
    read = label("spam", "ham", "not spam")(before + choice + after)
    attached = re.search(r"[a-g]_*\Z", before)
    assert read in (None, "spam" if choice == "not spam" and attached else choice)  # "bnot spam": no negation we know
    if re.search(r"^[a-g]", after) or attached and " " not in choice:
        assert read is None


@pytest.mark.parametrize(("ballot", "answer"), [
    ("5", 5), ("5.0", 5), (" 5. ", 5), ("-5", -5), ("−5", -5), ("+5", 5), ("50", 50), ("0.5", 0.5), (".5", 0.5), ("-.5", -0.5),
    ("$5", 5), ("50 %", 50), ("**42**", 42), ("The answer is 42.", 42), ("x = 42", 42), ("1,234.5", 1234.5), ("minus 3", -3),
    ("negative 3", -3), ("5 apples", 5), ("5, yes, 5.0", 5), ("12345678901234567890", 12345678901234567890),
    ("5 or 6", None), ("2 + 3 = 5", None), ("1/2", None), ("1 / 2", None), ("- 5", None), ("5-6", None), ("2nd", None),
    ("GPT4 says five", None), ("2026-11-21", None), ("10:30", None), ("1.2.3", None), ("1,5", None), ("not 5", None),
    ("it isn't 5", None), ("5?", None), ("5 million", None), ("5kg", None), ("1e5", None), ("5½", None), ("٥", None),
    ("２.５", 2.5), ("Of 12, 5 are left.\nAnswer: 7", 7), ("5²", None), ("\u200b5", 5),
    ("five", None), ("", None), ("-", None), ("nan", None), (".", None),
])
def test_number(ballot, answer):
    read = number(ballot)
    assert read == answer and type(read) is type(answer)


def test_numbers_elect():
    verdict = majority_vote(["5", "5.0", "50", "-5", "5.00"], normalize=number)
    assert (verdict.answer, verdict.tally) == (5, {5: 3, -5: 1, 50: 1})


@given(st.integers(-10**6, 10**6), st.integers(0, 3))
def test_a_number_is_read_however_many_zeros_follow_its_point(value, zeros):
    assert number(f"{value}" + ("." + "0" * zeros if zeros else "")) == value


@pytest.mark.parametrize(("ballot", "answer"), [
    ("yes", "yes"), ("No.", "no"), ("**Yes**", "yes"), ("“No”", "no"), ("Yes, it is.", "yes"), ("No, it is fine.", "no"),
    ("No it isn't", "no"), ("Yes it is", "yes"), ("The answer is no.", "no"), ("Answer: yes", "yes"), ("no\nbecause …", "no"),
    ("No — it is harmless", "no"), ("Yes, this is not spam", "yes"), ("I think so: yes!", "yes"),
    ("no doubt it is", None), ("There is no spam here", None), ("yes and no", None), ("not yes", None), ("Can't say yes", None),
    ("No evidence", None), ("yes?", None), ("No?", None), ("yes-man", None), ("No-one", None), ("noted", None), ("eyes", None),
    ("", None), ("maybe", None), ("It's not a no", None),
])
def test_yes_or_no(ballot, answer):
    assert yes_or_no(ballot) == answer


@pytest.mark.parametrize(("ballot", "answer"), [
    ('["a", "b"]', ["a", "b"]), ("[]", []), (" []\n", []), ('```json\n["a"]\n```', ["a"]), ("```\n[1]\n```", [1]),
    ('{"a": 1}', None), ('"a"', None), ("null", None), ("none found", None), ('["a"', None), ("", None),
    ('Here: ["a"]', None), ('````json\n["a"]\n````', ["a"]), ('~~~\n["a"]\n~~~', ["a"]), ('```json\r\n["a"]\r\n```', ["a"]),
    ('\ufeff["a"]', ["a"]), ('Found:\n\n```json\n["a"]\n```\nThat is all.', ["a"]), ('```\n["a"]\n```\n```\n["b"]\n```', None),
    ('```\n["a"]', None),
])
def test_json_list(ballot, answer):
    assert json_list(ballot) == answer


@pytest.mark.parametrize(("one", "other"), [
    ("Paris", "Par\u200bis"), ("Paris", "\ufeffParis"), ("café", "cafe\u0301"), ("Paris", "Ｐａｒｉｓ"), ("spam", "sp\u00adam"),
    ("spam", "\xa0spam\u2028"),
])
def test_what_looks_the_same_is_one_answer(one, other):
    assert plain(one) == plain(other)


@pytest.mark.parametrize("nothing", ["-", "—", "…", "n/a", "N/A.", "?", " – ", "\u200b"])
def test_a_dash_is_an_abstention_and_no_answer(nothing):
    verdict = majority_vote([nothing, nothing, "Paris"])
    assert (verdict.answer, verdict.abstentions) == ("paris", 2)


def test_signs_that_say_something_are_answers():
    assert [plain(answer) for answer in ("👍", "+", "C++", "<")] == ["👍", "+", "c++", "<"]


@given(st.text(max_size=30))
def test_no_text_breaks_a_normaliser(ballot):
    for normalize in (plain, label("yes", "no"), number, yes_or_no, json_list):
        normalize(ballot)


def test_what_differs_in_more_than_case_and_surroundings_stays_apart():
    answers = ["a", "b", "not a", "5", "50", "-5", "5.0", "un-a"]
    assert all(plain(one) != plain(other) for one, other in itertools.combinations(answers, 2))

import dataclasses
import json
import re
from collections import Counter
from importlib.resources import files

import pytest

from course_lib.data.posts import CHECKS, Post, posts
from course_lib.simulation.model.prompts import split

EVERYTHING = "\n".join(post.text for post in posts())


def test_two_hundred_posts_about_half_of_them_clean():
    assert len(posts()) == 200
    assert 90 <= sum(not post.flags for post in posts()) <= 110


def test_every_check_fails_often_enough_to_be_measured():
    counts = Counter(flag for post in posts() for flag in post.flags)
    assert set(counts) == set(CHECKS)
    assert all(25 <= count <= 40 for count in counts.values()), counts


def test_some_posts_fail_several_checks_and_every_check_shares_a_post_with_every_other():
    several = [post.flags for post in posts() if len(post.flags) > 1]
    assert 15 <= len(several) <= 25
    pairs = {(a, b) for flags in several for a in flags for b in flags if a < b}
    assert len(pairs) == 6


def test_about_a_quarter_is_hard_on_either_side():
    hard = [post for post in posts() if post.difficulty >= 0.3]
    assert 40 <= len(hard) <= 60
    assert 15 <= sum(not post.flags for post in hard) <= len(hard) - 15
    assert sum(post.difficulty > 0.5 for post in posts()) >= 8  # traps, on both sides
    assert {bool(post.flags) for post in posts() if post.difficulty > 0.5} == {True, False}


def test_ids_are_stable_and_say_nothing():
    assert [post.id for post in posts()] == [f"post-{number:03}" for number in range(1, 201)]


def test_no_text_comes_twice_and_no_two_begin_alike():
    assert len({post.text for post in posts()}) == 200
    assert len({post.text[:25] for post in posts()}) == 200


def test_every_field_is_filled_and_in_range():
    for post in posts():
        assert post.text.strip() == post.text
        assert 80 <= len(post.text) <= 800, post.id
        assert 0.02 <= post.difficulty <= 0.65
        assert all(isinstance(getattr(post, check), bool) for check in CHECKS)


def test_neither_order_nor_length_gives_the_answer_away():
    for start in range(0, 200, 50):
        assert 15 <= sum(bool(post.flags) for post in posts()[start : start + 50]) <= 35
    longest = sorted(posts(), key=lambda post: len(post.text))[-12:]
    assert {bool(post.flags) for post in longest} == {True, False}


def test_flags_come_in_the_order_of_the_checks():
    assert Post("x", "…", True, False, False, True, 0.1).flags == ("hate_speech", "copyright")
    assert all(post.flags == tuple(check for check in CHECKS if check in post.flags) for post in posts())


# --- nobody is meant: numbers and addresses that reach no one ------------------------------------


def test_telephone_numbers_are_the_reserved_ones():
    numbers = re.findall(r"(?<![\d/-])\d{3}-\d{4}\b", EVERYTHING)
    assert len(numbers) > 20
    assert all(number.startswith("555-01") for number in numbers)


def test_mail_addresses_and_links_lead_nowhere():
    mail = re.findall(r"[\w.]+@([\w.-]*\w)", EVERYTHING)
    links = re.findall(r"(?<![@\w.-])([\w-]+(?:\.[\w-]+)*\.(?:com|org|net|example|info|shop|io|tv|de|uk))\b", EVERYTHING)
    assert len(mail) >= 8 and len(links) > 20
    for host in mail + links:
        assert host.endswith(".example") or host in ("example.com", "example.org", "example.net"), host


def test_bank_accounts_and_cards_do_not_exist():
    accounts = re.findall(r"\b[A-Z]{2}\d{2}(?: \d{4})+", EVERYTHING)
    cards = re.findall(r"(?<!\S)(?<!\d )\d{4} \d{4} \d{4} \d{4}(?! \d)", EVERYTHING)
    assert accounts and all(account.startswith("XX00 0000 ") for account in accounts)
    assert all(card.startswith("0000 ") for card in cards)


def test_every_long_number_is_one_of_these():
    reserved = (
        r"555-01\d\d|XX00(?: \d{4})+|0000 1234 0000 9876|X0000\d{3}|0000-AAAA-1111-BBBB|000-11-2222|000/1234/5678|4471-2093"
    )
    rest = re.sub(reserved, "", EVERYTHING)
    assert not re.findall(r"\d[\d -/]{7,}\d", rest)


COARSE = (
    "bitch", "bastard", "retard", "cripple", "gypsy", "slut", "whore", "fag", "nazi", "kill", "rape", "fuck", "shit", "suicide",
)


@pytest.mark.parametrize("word", COARSE)
def test_the_hate_speech_is_mild_enough_for_a_classroom(word):
    assert not re.search(rf"\b{word}", EVERYTHING, re.I)


def test_the_groups_are_nobodys():
    """Invented places, clubs and habits; no people, faith or country of this world."""
    real = r"muslim|christian|jew|hindu|buddhis|black people|white people|asian|african|turk|arab|immigrant|refugee|gay\b|lesbian"
    assert not re.search(rf"\b(?:{real})", EVERYTHING, re.I)


# --- as prompts use them ------------------------------------------------------------------------


def test_a_prompt_without_tags_keeps_each_post_whole():
    for post in posts():
        _, material = split(f"Is this post hate speech? Answer FLAG or OK only.\n\n{post.text}")
        assert material.strip() == post.text, post.id


def test_the_caller_gets_a_list_of_its_own():
    posts().clear()
    assert len(posts()) == 200


def test_a_post_is_frozen_and_hashable():
    post = posts()[0]
    assert len({post, post}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        post.spam = True


def test_the_file_names_its_licence():
    content = json.loads(files("course_lib.data").joinpath("posts.json").read_text(encoding="utf-8"))
    assert content["licence"] == "CC BY 4.0, made for this course"

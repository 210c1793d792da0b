import dataclasses
import json
from importlib.resources import files

import pytest

from course_lib.data.emails import Email, emails
from course_lib.simulation.model.prompts import split


def test_sixty_emails_about_half_of_them_spam():
    assert len(emails()) == 60
    assert sum(email.spam for email in emails()) == 29


def test_about_a_quarter_is_hard_on_either_side():
    hard = [email for email in emails() if email.difficulty >= 0.3]
    assert 14 <= len(hard) <= 18
    assert 5 <= sum(email.spam for email in hard) <= len(hard) - 5


def test_no_id_subject_or_body_comes_twice():
    for field in ("id", "subject", "body"):
        assert len({getattr(email, field) for email in emails()}) == 60, field


def test_every_field_is_filled_and_in_range():
    for email in emails():
        assert email.subject.strip() == email.subject != ""
        assert email.body.strip() == email.body != ""
        assert isinstance(email.spam, bool)
        assert 0.02 <= email.difficulty <= 0.65


def test_neither_order_nor_id_gives_the_answer_away():
    first, second = emails()[:30], emails()[30:]
    assert 8 <= sum(email.spam for email in first) <= 22
    assert 8 <= sum(email.spam for email in second) <= 22
    assert all("spam" not in email.id for email in emails())


def test_links_lead_nowhere():
    words = [word for email in emails() for word in email.body.split() if "://" in word]
    assert words
    for word in words:
        host = word.split("://")[1].split("/")[0].rstrip(".,:")
        assert host.endswith(".example"), word


def test_the_caller_gets_a_list_of_its_own():
    emails().clear()
    assert len(emails()) == 60


def test_an_email_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        emails()[0].spam = True


def test_text_is_subject_and_body():
    assert Email("x", "Hi", "Dear you", False, 0.1).text == "Subject: Hi\n\nDear you"


def test_a_prompt_without_tags_keeps_each_mail_whole():
    for email in emails():
        _, material = split(f"Is this e-mail spam? Answer SPAM or HAM only.\n\n{email.text}")
        assert material.strip() == email.text, email.id


def test_the_file_names_its_licence():
    content = json.loads(files("course_lib.data").joinpath("emails.json").read_text(encoding="utf-8"))
    assert content["licence"] == "CC BY 4.0, made for this course"

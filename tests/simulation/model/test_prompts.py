"""Instruction and material, told apart in every way in which prompts are written."""

import re

import pytest

from course_lib.simulation.model.prompts import read_prompt, split

MAIL = "You have won!\n\nClaim your prize, only today."


def body(text, system=None):
    request = {"messages": [{"role": "user", "content": text}]}
    return request | ({"system": system} if system else {})


def read(text, system=None, knows=r"spam|summar"):
    return read_prompt(body(text, system), knows=lambda words: bool(re.search(knows, words, re.I)))


@pytest.mark.parametrize("text", [
    f"Is this spam? Yes or no.\n<email>{MAIL}</email>",
    f"<email>\n{MAIL}\n</email>\n\nIs this spam? Yes or no.",
    f'Is this spam?\n\n<email id="7">\n{MAIL}\n</email>\n\nYes or no.',
    f"Is this spam? Yes or no.\n```\n{MAIL}\n```",
    f"Is this spam? Yes or no.\n\nEmail: {MAIL}",
    f"Is this spam? Yes or no.\nThe e-mail:\n{MAIL}",
    f"Is this spam?\n\nText: {MAIL}\n\nAnswer yes or no.",
    f"Is this spam? Yes or no.\n\n{MAIL}",
    f"{MAIL}\n\nIs this spam? Yes or no.",
])
def test_however_it_is_marked_the_mail_is_the_material(text):
    prompt = read(text)
    assert prompt.material == MAIL
    assert "spam" in prompt.instruction
    assert "prize" not in prompt.instruction
    assert re.search(r"\byes or no\b", prompt.instruction, re.I)


@pytest.mark.parametrize("text", [
    'Is the message "Claim your prize, only today" spam?', "Is this spam: Claim your prize, only today",
])
def test_a_short_text_may_stand_in_the_sentence(text):
    prompt = read(text)
    assert prompt.material == "Claim your prize, only today"
    assert "prize" not in prompt.instruction


@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
def test_what_follows_a_question_about_this_is_the_material(gap):
    mail = "Dear winner, claim your prize. Only today!"
    assert split(f"Is this spam?{gap}{mail}") == ("Is this spam?", mail)
    assert split(f"How urgent is this ticket?{gap}Nobody can log in since eight.")[1] == "Nobody can log in since eight."


def test_a_closing_sentence_about_the_answer_belongs_to_the_question():
    asked, mail = split("Is this spam? Hi Ann, lunch at noon? Bring the book. Answer yes or no.")
    assert (asked, mail) == ("Is this spam?\nAnswer yes or no.", "Hi Ann, lunch at noon? Bring the book.")


@pytest.mark.parametrize("text", [
    "Is this spam? Yes or no.",
    "Is this spam? Answer with one word: spam or ham.",
    "Is this spam? One word only: spam or ham.",
    "Is this spam? Spam or not spam, please.",
    "Is this spam? Yes or no only, no explanation please.",
    "Is this spam? If you are unsure, say unsure.",
    "Is this spam? Use one of the labels spam, ham, unsure and give nothing besides that label, not even a full stop.",
    "Is this spam? Think step by step and then answer.",
    "Is this urgent? Please write a polite reply to the customer.",
    "Is this spam? Thanks a lot for your help with it.",
    "How many apples does he have? Tom has 5 apples and eats 2.",
    "What is the capital of France? It is a big city on a river.",
])
def test_what_goes_on_about_the_answer_is_no_material(text):
    assert split(text) == (text, "")


def test_several_marked_texts_are_one_material():
    assert read("Summarize both. <note>One.</note> <note>Two.</note>").material == "One.\n\nTwo."


def test_code_keeps_its_indentation():
    code = "def f(x):\n    return x"
    assert split(f"Review this code.\n```python\n{code}\n```")[1] == code
    assert split(f"Review this code.\n<code>\n{code}\n</code>")[1] == code


def test_an_instruction_alone_has_no_material():
    assert split("Is this spam?") == ("Is this spam?", "")
    assert read("Is this spam?").material == ""


def test_a_task_in_the_system_prompt_makes_the_whole_message_material():
    prompt = read(MAIL, system="You are a spam filter. Answer yes or no.")
    assert prompt.material == MAIL
    assert prompt.instruction == "You are a spam filter. Answer yes or no."
    for marked in (f"<email>{MAIL}</email>", f"Email: {MAIL}", f"```\n{MAIL}\n```"):
        assert read(marked, system="You are a spam filter.").material == MAIL


def test_a_role_in_the_system_prompt_leaves_the_task_in_the_message():
    prompt = read(f"Is this spam? <email>{MAIL}</email>", system="You are careful.")
    assert prompt.instruction == "You are careful.\nIs this spam?"
    assert prompt.material == MAIL


def test_the_last_message_of_a_conversation_counts():
    request = {"messages": [
        {"role": "user", "content": "Summarize. <text>Old.</text>"}, {"role": "assistant", "content": "Old."},
        {"role": "user", "content": [{"type": "text", "text": "Summarize. <text>New.</text>"}]},
    ]}
    assert read_prompt(request, knows=lambda text: True).material == "New."


def test_each_of_several_texts_is_an_item_only_when_each_is_asked_about():
    texts = "<email>One.</email>\n<email>\nTwo.\n</email>"
    assert read(f"Is each of these spam? {texts}").items == ("One.", "Two.")
    assert read(f"Are these spam? {texts}").items == ()
    assert read("Is each of these spam? <email>One.</email>").items == ()
    assert read("Is each spam? <email>One.</email> <note>Two.</note>").items == ()


def test_material_between_tags_on_lines_of_their_own_may_name_the_tag():
    code = "x = '<code>' + y + '</code>'\n# </code>\nimport os"
    assert split(f"Review this code.\n\n<code>\n{code}\n</code>") == ("Review this code.", code)


def test_fenced_code_may_hold_a_fence_inside_a_line():
    assert split("Review.\n```python\na = '```'\nb = 1\n```") == ("Review.", "a = '```'\nb = 1")


def test_a_fence_that_opens_first_keeps_the_tags_inside():
    assert split("Review.\n```\n<a>1</a>\nx\n```")[1] == "<a>1</a>\nx"

"""The quiz: every choice says why, in HTML that survives a notebook's sanitiser, and in plain text."""

import re

import pytest

from course_lib.errors import BadInput
from course_lib.show import Question, Quiz, quiz

WAIT = Question(
    "What does `await` in a loop do?",
    [
        ("It starts all calls at once", False, "Each `await` waits for its call before the loop goes on."),
        ("It makes one call after another", True, "The next call starts when the one before has ended."),
        ("a < b", False, "No <b>markup</b> here."),
    ],
)


def test_every_choice_opens_and_explains_itself():
    html = Quiz((WAIT,))._repr_mimebundle_()["text/html"]
    assert html.count("<details>") == html.count("</details>") == html.count("<summary>") == 3
    assert html.count("✗ Not this one.") == 2 and html.count("✓ Right.") == 1
    assert "<code>await</code>" in html and "a &lt; b" in html and "&lt;b&gt;markup" in html
    assert set(re.findall(r"</?(\w+)", html)) <= {"p", "strong", "details", "summary", "code"}
    assert set(re.findall(r" (\w+)=", html)) <= {"style"}


def test_no_choice_shows_its_verdict_while_closed():
    html = Quiz((WAIT,))._repr_mimebundle_()["text/html"]
    assert not any("✓" in summary or "✗" in summary for summary in re.findall(r"<summary>(.*?)</summary>", html))


def test_plain_text_asks_first_and_answers_at_the_end():
    text = repr(Quiz((WAIT, WAIT)))
    questions, _, answers = text.partition("Answers")
    assert "2. What does" in questions and "✓" not in questions and "✗" not in questions
    assert "1B  ✓ Right. The next call" in answers and "2A  ✗ Not this one. Each" in answers


def test_a_script_prints_it(capsys):
    quiz(WAIT)
    assert capsys.readouterr().out == repr(Quiz((WAIT,))) + "\n"


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Question("q", [("a", True, "w")]), "at least two"),
        (lambda: Question("q", [("a", True, "w"), ("b", False, " ")]), "why"),
        (lambda: Question("q", [("a", False, "w"), ("b", False, "w")]), "No choice"),
        (lambda: quiz(), "no question"),
        (lambda: quiz("q"), "not 'q'"),
    ],
)
def test_bad_quizzes(make, message):
    with pytest.raises(BadInput, match=message):
        make()

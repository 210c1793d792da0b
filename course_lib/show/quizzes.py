"""A quiz in plain HTML: choices that open, each with its reason. It works without a kernel and without a script."""

import string
from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.paragraphs import with_code


@dataclass(frozen=True)
class Question:
    """A question and its choices: (text, whether it is right, why). `code` in backticks is set as code.

    Raises: BadInput when a choice has no reason, when none is right, or when there are fewer than two.
    """

    text: str
    choices: list[tuple[str, bool, str]]

    def __post_init__(self):
        if len(self.choices) < 2:
            raise BadInput(f"The question {self.text!r} has {len(self.choices)} choices; give it at least two.")
        for choice in self.choices:
            if len(choice) != 3 or not str(choice[2]).strip():
                raise BadInput(
                    f"Every choice of {self.text!r} is (text, right or not, why); this one isn't: {choice!r}."
                )
        if not any(right for _, right, _ in self.choices):
            raise BadInput(f"No choice of {self.text!r} is right; mark one with True.")


@dataclass(frozen=True, repr=False)
class Quiz:
    """Questions in their order; the page shows them with the choices closed."""

    questions: tuple[Question, ...]

    def __repr__(self):
        asked = "\n\n".join(_as_text(number, question) for number, question in enumerate(self.questions, start=1))
        answers = "\n".join(_answers(number, question) for number, question in enumerate(self.questions, start=1))
        return f"{asked}\n\nAnswers\n\n{answers}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        html = "\n".join(_as_html(number, question) for number, question in enumerate(self.questions, start=1))
        return {"text/html": html, "text/plain": repr(self)}


def quiz(*questions: Question) -> None:
    """Show the questions. A choice opens with a click, Enter or the space bar, and says why it is right or wrong."""
    if not questions:
        raise BadInput('quiz() got no question; write quiz(Question("…?", [("this", True, "because …"), …])).')
    for question in questions:
        if not isinstance(question, Question):
            raise BadInput(f"quiz() takes Question(...)s, not {question!r}.")
    style.put_on_page(Quiz(questions))


def _as_html(number, question) -> str:
    choices = "\n".join(
        f"<details>\n<summary>{letter}. {with_code(text)}</summary>\n"
        f'<p style="margin-left:2em">{_verdict(right)} {with_code(why)}</p>\n</details>'
        for letter, (text, right, why) in _lettered(question)
    )
    return f'<p style="margin-top:1.2em"><strong>{number}. {with_code(question.text)}</strong></p>\n{choices}'


def _as_text(number, question) -> str:
    choices = [f"   {letter}. {text}" for letter, (text, _, _) in _lettered(question)]
    return "\n".join([f"{number}. {question.text}", *choices])


def _answers(number, question) -> str:
    return "\n".join(f"{number}{letter}  {_verdict(right)} {why}" for letter, (_, right, why) in _lettered(question))


def _lettered(question):
    return zip(string.ascii_uppercase, question.choices, strict=False)


def _verdict(right) -> str:
    return "✓ Right." if right else "✗ Not this one."

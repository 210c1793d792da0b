"""Greetings, thanks, "who are you?", and words to be repeated exactly."""

import re

from course_lib.simulation.model.decisions import Prompt, Statement, Text

_GREETING = re.compile(
    r"\W*(?:(?:please )?(?:say|greet me with|reply with) )?[\"'“]?(?:hello|hi|hey|good "
    r"(?:morning|afternoon|evening|day)|greetings|howdy)(?: there| claude| world| again| "
    r"everyone| you)?[\"'”]?\W*",
    re.I,
)
_HOW = re.compile(r"\W*(?:(?:hello|hi|hey)\b\W*)?how (?:are|do) you(?: do| doing| today)*\W*", re.I)
_WHO = re.compile(
    r"\b(?:who|what) are you\b|\bwhat(?: can| do) you do\b|\bwhat is your name\b|\bwhat's your "
    r"name\b|\bare you (?:a |an )?(?:real|human|ai|bot|claude|language model|llm|robot)\b|"
    r"\bintroduce yourself\b",
    re.I,
)
_THANKS = re.compile(
    r"\W*(?:thanks|thank you|thx|cheers)(?: (?:a lot|very much|so much|for your help|claude))*\W*", re.I
)
_BYE = re.compile(r"\W*(?:good ?bye|bye|see you)(?: (?:later|soon|then))*\W*", re.I)
_LEAD = (
    r"(?:please |now |just |only )*(?:repeat(?: after me| exactly| this| the following)*|(?:reply|"
    r"respond|answer)(?: only| just)? with(?: only| just| exactly| precisely| nothing but)*(?: the "
    r"(?:single )?(?:word|words|text|phrase|sentence|line|number))?|"
    r"(?:say|print|output|return|write|echo)(?: back)?(?: only| just| exactly| the words?| the text| "
    r"the following)*)"
)
_REPEAT = re.compile(
    rf"\W*{_LEAD}\s*(?::\s*(?P<colon>\S[^\n]*?)|[\"“'`](?P<quoted>[^\"”\n]+?)[\"”'`]|"
    rf"(?P<bare>[A-Z]{{2,20}}|\w+))\s*(?:[.!]?\s*(?:and )?(?:nothing (?:else|more)|only|no "
    rf"other words?|exactly|back))?[.!]?\s*",
    re.I,
)
_NOT_A_WORD = frozenset(
    "it this that them yes no true false something anything one word json something a an the me only exactly".split()
) - {"yes", "no", "true", "false"}
WHO_I_AM = (
    "I am a simulated model: a small program of this course that reads a prompt, decides by rules "
    "and errs by seeded chance. "
    "I am no language model, and nothing that I say comes from one."
)


class SmallTalk:
    """Plain, short and honest."""

    name = "reply"

    @property
    def cues(self) -> "SmallTalk":
        return self

    def search(self, instruction: str) -> re.Match | None:
        """A prompt that is a greeting, thanks or words to repeat, and nothing else."""
        if len(instruction) > 400:
            return None
        whole = next(
            (match for pattern in (_GREETING, _HOW, _THANKS, _BYE) if (match := pattern.fullmatch(instruction))), None
        )
        return whole or (_WHO.search(instruction) if len(instruction) < 120 else None) or _repeats(instruction)

    def wants(self, prompt: Prompt) -> bool:
        """Whether the whole message is that; not where a system prompt makes the message the text."""
        return (
            not prompt.parts
            and prompt.material.strip() != prompt.text.strip()
            and bool(self.search(prompt.text or prompt.instruction))
        )

    def needs_text(self, prompt: Prompt) -> bool:
        return False

    def decide(self, prompt: Prompt) -> Text:
        """What is said; nothing in it can go wrong."""
        said = _answer(prompt.text or prompt.instruction)
        return Text((Statement(said, 0.0, said),), 1)


def _repeats(instruction: str) -> re.Match | None:
    match = _REPEAT.fullmatch(instruction)
    if match is None or match["bare"] and match["bare"].lower() in _NOT_A_WORD:
        return None
    # "Say: yes or no?" offers a choice; it does not ask for an echo.
    words = match["colon"] or match["quoted"] or match["bare"]
    return None if match["colon"] and re.search(r"\bor\b|\?$", words) else match


def _answer(instruction: str) -> str:
    if _GREETING.fullmatch(instruction):
        return "Hello! I am a simulated model; put a text and a question in your prompt."
    repeated = _repeats(instruction)
    if repeated:
        return (repeated["colon"] or repeated["quoted"] or repeated["bare"]).strip().strip("\"“”'`")
    if _HOW.fullmatch(instruction):
        return "I am only a simulated model, so nothing ails me. What shall I read?"
    if _THANKS.fullmatch(instruction):
        return "You are welcome."
    return "Goodbye." if _BYE.fullmatch(instruction) else WHO_I_AM


SKILLS = (SmallTalk(),)

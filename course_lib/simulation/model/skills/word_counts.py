"""Counting: words, sentences, lines, paragraphs, letters, questions, or how often one word stands in a text.

Models read pieces of words, not letters, and count badly: the longer the list, the likelier a slip.
"""

import re

from course_lib.simulation.model.decisions import DontKnow, Number, Prompt, Telling
from course_lib.simulation.model.skills.sentences import sentences

_THINGS = {
    "words": (r"words?", lambda text: len(re.findall(r"[\w'’-]*\w[\w'’-]*", text))),
    "sentences": (r"sentences?", lambda text: len(sentences(text))),
    "lines": (r"(?:non-?empty )?lines?", lambda text: sum(bool(line.strip()) for line in text.splitlines())),
    "paragraphs": (r"paragraphs?", lambda text: len([part for part in re.split(r"\n\s*\n", text) if part.strip()])),
    "characters": (r"characters?|chars", len),
    "letters": (r"letters?", lambda text: sum(char.isalpha() for char in text)),
    "questions": (
        r"questions?",
        lambda text: sum(sentence.text.rstrip("\"'”)").endswith("?") for sentence in sentences(text)),
    ),
    "numbers": (r"numbers?", lambda text: len(re.findall(r"\d+(?:[.,]\d+)*", text))),
    "items": (
        r"(?:items?|entries|bullets?|bullet points)",
        lambda text: len(re.findall(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+\S", text, re.M)),
    ),
}
_ASKS = re.compile(
    r"\bhow many (?P<many>words?|sentences?|(?:non-?empty )?lines?|paragraphs?|characters?|letters?|"
    r"questions?|numbers?|items?|entries|bullets?|bullet points)\b(?! did| did| per)|"
    r"\b(?:count|number of|count of)(?: up)?(?: the| all| all the| its| how many)?(?: number of)? "
    r"(?P<count>words?|sentences?|(?:non-?empty )?lines?|paragraphs?|characters?|chars|"
    r"letters?|questions?|numbers?|items?|entries|bullets?)\b",
    re.I,
)
_TIMES = re.compile(
    r"\b(?:how (?:many times|often) (?:does|do|is|are)|count (?:how (?:many times|often)|the "
    r"occurrences of)|(?:number of )?occurrences of|how many)\s+(?:the )?(?:words?|letters?|term|name)?\s*"
    r"[\"“'`](?P<word>[^\"”'`\n]{1,40})[\"”'`]",
    re.I,
)
_BARE_TIMES = re.compile(
    r"\bhow (?:many times|often) does the (?:word|term|name) (?P<word>[\w-]{1,40}) "
    r"(?:appear|occur|stand|come)",
    re.I,
)
_IN_WORD = re.compile(
    r"\bhow many (?:times does the letter )?(?:letters? "
    r")?[\"“'`]?(?P<letter>[a-z])[\"”'`]?(?:'?s)?(?: (?:appear|occur))?(?: are(?: there)?)? in (?:the "
    r"word )?[\"“'`]?(?P<of>\w+)[\"”'`]?\s*\?",
    re.I,
)
_UNKNOWN = (
    "I can count the words, sentences, lines, paragraphs, letters, questions, numbers or entries of "
    "a text, or how often one word stands in it."
)


class Counting:
    """How many of something a text has."""

    name = "count"

    @property
    def cues(self) -> "Counting":
        return self

    def search(self, instruction: str) -> re.Match | None:
        """The place where a count is asked for, or None."""
        matches = (pattern.search(instruction) for pattern in (_ASKS, _TIMES, _BARE_TIMES, _IN_WORD))
        return next((match for match in matches if match), None)

    def needs_text(self, prompt: Prompt) -> bool:
        """Letters of a word are counted in the question itself."""
        return not _IN_WORD.search(prompt.instruction)

    def decide(self, prompt: Prompt) -> Number | DontKnow:
        """The count; a slip is one off, or a tenth for large ones."""
        word = _IN_WORD.search(prompt.instruction)
        if word:
            return _counted(
                word["of"].lower().count(word["letter"].lower()),
                f'There are {{}} "{word["letter"]}" in "{word["of"]}".',
                0.15,
            )
        times = _TIMES.search(prompt.instruction) or _BARE_TIMES.search(prompt.instruction)
        if times:
            wanted = times["word"]
            found = len(re.findall(rf"(?<!\w){re.escape(wanted)}(?!\w)", prompt.material, re.I))
            return _counted(found, f'"{wanted}" stands {{}} times in the text.', 0.04)
        asked = _ASKS.search(prompt.instruction)
        thing = (asked["many"] or asked["count"] or "").lower() if asked else ""
        for name, (pattern, count) in _THINGS.items():
            if thing and re.fullmatch(pattern, thing, re.I):
                return _counted(count(prompt.material), f"The text has {{}} {name}.", 0.02)
        return DontKnow(_UNKNOWN)


def _counted(count: int, sentence: str, base: float) -> Number:
    step = max(1, count // 10)
    slips = tuple(Telling(wrong) for wrong in (count - 1, count + 1, count + step + 1, count - step - 1) if wrong >= 0)
    return Number(Telling(count), slips, round(min(0.4, base + 0.008 * count), 3), sentence)


SKILLS = (Counting(),)

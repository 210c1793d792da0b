"""Yes-or-no questions about a text that no other skill answers: does it mention something, ask for something, say that something is so?

Decided by the words that question and text share; what words cannot decide, it does not pretend to know.
"""

import re

from course_lib.simulation.model.decisions import DontKnow, Label, Prompt
from course_lib.simulation.model.skills.extraction import SKILLS as KINDS
from course_lib.simulation.model.skills.label_words import words_of
from course_lib.simulation.model.skills.question_words import asked_words, related
from course_lib.simulation.model.skills.sentences import content_words, sentences

_QUESTION = re.compile(
    r"(?:\A|[.:;!\n,]|\bsay\b|\bjudge\b|\bdecide\b|\bcheck\b|\banswer\b|\btell me\b)\s*(?P<ask>(?:is|"
    r"are|was|were|does|do|did|has|have|can|could|will|would|should|if|whether)\b[^?\n]{3,200})\??",
    re.I,
)
_MENTIONS = re.compile(
    r"\b(?:mention(?:s|ed)?|contain(?:s|ed)?|include[sd]?|talks? about|is (?:\w+ )?about|are (?:\w+ "
    r")?about|discuss(?:es|ed)?|refers? to|names?|says? anything about|speaks? of|deals? with|ask(?:s|"
    r"ed|ing)? for|"
    r"want(?:s|ed)?|requests?|complains? about|concern(?:s|ed)?|is there|are there|have|has|use|uses)\b\s*",
    re.I,
)
_YES_NO = re.compile(r"\byes\b[\s\S]{0,40}\bno\b|\bno\b[\s\S]{0,40}\byes\b|\btrue\b[\s\S]{0,40}\bfalse\b|\by/n\b", re.I)
_FRAME = frozenset(
    content_words(
        "text message email mail review ticket post article document passage author writer customer "
        "sender user person anything something word answer yes true false reply mention mentions "
        "mentioned contain contains "
        "include includes talk talks discuss discusses refer refers deal deals ask asks asked asking "
        "want wants wanted request requests complain complains concern concerned following say says "
        "explicitly anywhere somewhere please only one decide judge check tell whether specific any use "
        "uses name names speak speaks"
    )
)
_NO = re.compile(r"\b(?:not|no|never|none|nobody|nothing|without|neither|nor|cannot|hardly)\b|n't\b", re.I)
UNDECIDABLE = (
    "I can't tell: I answer such questions by the words that they share with the text, and these "
    "words do not decide it."
)


class YesOrNo:
    """Yes or no."""

    name = "answer"

    @property
    def cues(self) -> "YesOrNo":
        return self

    def search(self, instruction: str) -> re.Match | None:
        """A question that begins with a verb, or any request for a yes or a no."""
        return _QUESTION.search(instruction) or _YES_NO.search(instruction)

    def decide(self, prompt: Prompt) -> Label | DontKnow:
        """Yes or no, or that the words do not decide it."""
        found = _QUESTION.search(prompt.instruction)
        if not found:
            return DontKnow(UNDECIDABLE)
        asked = found.group("ask").rstrip("?. ")
        kind = _kind(asked)
        if kind is not None:
            there = bool(kind.find(prompt.material))
            return _label(there, 0.03, f"there is {'a' if there else 'no'} {kind.name} in it")
        return _by_words(asked, prompt.material)


def _kind(asked: str):
    """The kind of thing whose presence is asked about: "Does it contain a date?"."""
    if not re.search(r"\b(?:contain|include|mention|have|has|there|give|name)\w*\b", asked, re.I):
        return None
    last = re.search(
        r"\b(?:an?|any|the|some)\s+((?:\w|-)+(?: (?:address|numbers?|tags?))?(?:es|s)?)$",
        re.sub(r"\s+(?:in|anywhere|at all|to|of|for)\b.*$", "", asked),
        re.I,
    )
    return next(
        (kind for kind in KINDS if last and re.fullmatch(kind.words, last[1], re.I) and kind.name != "name"), None
    )


def _by_words(asked: str, text: str) -> Label | DontKnow:
    """Every word of the question must be met: by one sentence for a statement, anywhere for a mention."""
    words = [word for word in asked_words(asked) if word not in _FRAME]
    every = sentences(text)
    if not words or not every:
        return DontKnow(UNDECIDABLE)
    mention = bool(_MENTIONS.search(asked))
    meets = {sentence: sum(bool(related(word) & sentence.stems) for word in words) / len(words) for sentence in every}
    best = max(every, key=lambda sentence: (meets[sentence], -sentence.number))
    if mention:
        everywhere = frozenset().union(*(sentence.stems for sentence in every))
        share = sum(bool((related(word) | words_of(word)[1]) & everywhere) for word in words) / len(words)
        return _label(
            share > 0.5,
            0.06 if share in (0, 1) else 0.3,
            "its words are there" if share > 0.5 else "its words are not there",
        )
    if meets[best] < 1:
        return DontKnow(UNDECIDABLE)
    denied = bool(_NO.search(best.text)) != bool(_NO.search(asked))
    return _label(not denied, 0.15, f"it says: {best.text}")


def _label(yes: bool, difficulty: float, why: str) -> Label:
    return Label("yes" if yes else "no", {"yes": ("true", "y"), "no": ("false", "n")}, difficulty, why=why)


SKILLS = (YesOrNo(),)

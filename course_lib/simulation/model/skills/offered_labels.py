"""A choice among labels that the prompt itself offers: "Is this a billing, technical or general question?"

Nothing is known about such labels but their words. The label whose words are nearest to the text's
wins; where none is near, the catch-all ("other") does, and without one the model says that it can't tell.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from course_lib.simulation.model.decisions import DontKnow, Label, Prompt
from course_lib.simulation.model.skills.label_words import CATCH_ALL, words_of
from course_lib.simulation.model.skills.sentences import STOP_WORDS, content_words

_WORD = r"[\"'`“”*]{0,2}[\w&+#][\w&+#'-]*(?: [\w&+#][\w&+#'-]*){0,4}[\"'`“”*]{0,2}(?: \([^()\n]{1,120}\))?"
_ROW = re.compile(
    rf"{_WORD}(?:\s*[,;/|]\s*(?:or |and )?{_WORD})*\s*,?\s+(?:or|vs\.?|versus)\s+(?:an? |the )?{_WORD}", re.I
)
_BARS = re.compile(rf"{_WORD}(?:\s*[|/]\s*{_WORD})+", re.I)
_INTRO = re.compile(
    r"\b(?:labels?|categor(?:y|ies)|class(?:es)?|options|choices|types?|topics?|teams?|departments?|"
    r"queues?|values|one of(?: the following| these)?|"
    r"choose from|genres?|intents?|into|as)\b[^:\n.?!]{0,40}:\s*",
    re.I,
)
_ENTRY = re.compile(r"^[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+(.+)$", re.M)
_LISTED = re.compile(rf"{_WORD}(?:\s*[,;|/]\s*(?:or |and )?{_WORD})+(?:,?\s+(?:or|and)\s+{_WORD})?", re.I)
_SORTS = re.compile(
    r"\b(?:classif\w+|categori[sz]e\w*|categor(?:y|ies)|labels?|route|routing|router|assign|sort|tag|"
    r"triage|type of|kind of|which of|choose|pick|select|"
    r"which (?:team|department|queue|topic|section|class|genre|intent)|intent|genre|what (?:kind|type|"
    r"sort|category|topic|language))\b",
    re.I,
)
_ASKS = re.compile(r"\b(?:is|are|was|does|should|answer|reply|respond|say)\b", re.I)
_LEADS = STOP_WORDS | frozenset(
    "is are was were be answer reply respond say classify categorize categorise label labels route "
    "assign sort tag choose pick select return output "
    "either one as into with to of using whether it's give decide belongs belong goes go kind type "
    "category please use word words following these "
    "this text message ticket question email e-mail review post article section sentence request "
    "news comment about called".split()
)
_TAILS = frozenset(
    "question questions ticket tickets email e-mail emails mail message messages request requests "
    "issue issues topic category text review post article "
    "comment team department queue only please problem problems inquiry enquiry label matter kind "
    "type story news section sentence nothing word".split()
)
_SEVERAL = re.compile(r"\bor\b|\bvs\b|\bversus\b|[/|,;\n]", re.I)
_ARTICLE = re.compile(r"\s*(?:an?|the) (?=\w)", re.I)
_NO_LABELS = frozenset(
    "yes no true false word words sentence sentences line lines more less better worse fewer "
    "not and or a an two three".split()
)


@dataclass(frozen=True)
class Offer:
    """One label as the prompt writes it, and what the prompt says about it."""

    label: str
    described: str = ""


@lru_cache(maxsize=1024)
def offered_labels(instruction: str) -> tuple[Offer, ...]:
    """The labels that an instruction offers, in its order; () when it offers fewer than two.

    >>> [offer.label for offer in offered_labels("Is this a billing, technical or general question?")]
    ['billing', 'technical', 'general']
    >>> [offer.label for offer in offered_labels("Choose one of: sport | politics | weather")]
    ['sport', 'politics', 'weather']
    """
    if not _SEVERAL.search(instruction):
        return ()
    for found in (_from_entries(instruction), _after_intro(instruction), *map(_from_row, _rows(instruction))):
        if 2 <= len(found) <= 40 and len({offer.label.lower() for offer in found}) == len(found):
            return found
    return ()


def _from_entries(instruction: str) -> tuple[Offer, ...]:
    """Labels that stand one to a line, below a sentence that announces them."""
    if not re.search(r":\s*\n\s*(?:[-*•]|\d{1,2}[.)])", instruction):
        return ()
    offers = []
    for entry in _ENTRY.findall(instruction):
        label, _, described = (
            re.split(r"(\s*[:–—=]\s*|\s+-\s+|\s*\()", entry, maxsplit=1)
            if re.search(r"[:–—=(]|\s-\s", entry)
            else (entry, "", "")
        )
        offers.append(Offer(_bare(label), described.strip(" ).")))
    return tuple(offers) if all(0 < len(offer.label.split()) <= 5 for offer in offers) else ()


def _after_intro(instruction: str) -> tuple[Offer, ...]:
    for intro in _INTRO.finditer(instruction):
        listed = _LISTED.match(instruction, intro.end())
        if listed:
            return _split(listed.group(), trim=False)
    return ()


def _rows(instruction: str) -> list[str]:
    # What stands in brackets as an aside is no part of a row: "a ticket (not an order), billing or technical".
    return [match.group() for pattern in (_ROW, _BARS) for match in pattern.finditer(instruction)]


def _from_row(row: str) -> tuple[Offer, ...]:
    return _split(row, trim=True)


def _split(row: str, trim: bool) -> tuple[Offer, ...]:
    pieces = [
        piece
        for piece in re.split(r"\s*[,;|/]\s*(?:or |and )?(?![^()]*\))|\s+(?:or|vs\.?|versus|and)\s+(?![^()]*\))", row)
        if piece.strip()
    ]
    offers = []
    for number, piece in enumerate(pieces):
        words, _, described = piece.partition(" (")
        if number == 0 and trim:
            words = _without_lead(words)
        if number == len(pieces) - 1:
            words = _without_tail(words, _TAILS if trim and not re.match(r"\s*an? ", words) else frozenset({"only"}))
        offers.append(Offer(_bare(_ARTICLE.sub("", words)), described.rstrip(") ")))
    if trim and len(offers) > 1 and all(len(offer.label.split()) == 1 for offer in offers[1:]) and offers[0].label:
        offers[0] = Offer(offers[0].label.split()[-1], offers[0].described)  # "Is the writer happy or sad?"
    good = all(offer.label and len(offer.label.split()) <= 4 for offer in offers)
    return tuple(offers) if good and not any(offer.label.lower() in _NO_LABELS for offer in offers) else ()


def _without_lead(words: str) -> str:
    pieces = words.split()
    last = max((number for number, word in enumerate(pieces) if _bare(word).lower() in _LEADS), default=-1)
    return " ".join(pieces[last + 1 :])


def _without_tail(words: str, tails: frozenset[str]) -> str:
    pieces = _ARTICLE.sub("", words).split()
    end = next(
        (number for number, word in enumerate(pieces) if number and (_bare(word).lower() in STOP_WORDS | tails)),
        len(pieces),
    )
    return " ".join(pieces[:end])


def _bare(words: str) -> str:
    return words.strip().strip("\"'`“”*.?!:").strip()


class _Asked:
    """A cue: the instruction offers labels and asks to choose."""

    def search(self, instruction: str) -> re.Match | None:
        return (_SORTS.search(instruction) or _ASKS.search(instruction)) if offered_labels(instruction) else None


class Choice:
    """The offered label whose words are nearest to the text."""

    name = "category"
    before_questions = True
    """"Which team is this for: …?" is a question, too, but one with its answers beside it."""
    cues = _Asked()

    def decide(self, prompt: Prompt) -> Label | DontKnow:
        """One of the prompt's own labels."""
        return choose(offered_labels(prompt.instruction), prompt.material)


def choose(offers: tuple[Offer, ...], text: str) -> Label | DontKnow:
    """The label that fits a text best; its difficulty grows as the second comes near.

    >>> offers = (Offer("billing"), Offer("technical"), Offer("general"))
    >>> choose(offers, "My card was charged twice, please refund me.").value
    'billing'
    >>> choose(offers, "When do you open on Sundays?").value
    'general'
    """
    counted = content_words(text) + re.findall(r"\b\d+\b", text)
    near = {offer.label: _nearness(offer, counted) for offer in offers}
    choices = {offer.label: () for offer in offers}
    rest = next((offer.label for offer in offers if CATCH_ALL & set(re.split(r"[\W_]+", offer.label.lower()))), None)
    ranked = sorted((label for label in near if label != rest), key=lambda label: -near[label])
    best = near[ranked[0]] if ranked else 0.0
    if best < 1.0 and rest:
        slip = ranked[0] if ranked else rest
        return Label(rest, choices, round(0.06 + 0.25 * best, 3), slip, why=f"nothing in it points to {_list(ranked)}")
    if best < 1.0:
        return DontKnow(
            f"I can't tell which of {_list([offer.label for offer in offers])} it is: I go by words, "
            f"and none in this text "
            "points to one of them. Say in the prompt what each label means."
        )
    second = ranked[1] if len(ranked) > 1 else rest or ranked[0]
    gap = (best - near[second]) / best if second != ranked[0] else 1.0
    return Label(
        ranked[0],
        choices,
        round(min(0.5, 0.02 + 0.45 * math.exp(-3.2 * gap) + 0.08 / best), 3),
        second,
        why=f"its words are those of {ranked[0]}",
    )


def _nearness(offer: Offer, counted: list[str]) -> float:
    """Own words count twice, those of the field once; a repeated word counts a little more."""
    own, field = words_of(offer.label, offer.described)
    repeated = {word: counted.count(word) for word in sorted(set(counted))}
    return sum(
        (2.0 if word in own else 1.0 if word in field else 0.0) * (1 + 0.25 * min(times - 1, 2))
        for word, times in repeated.items()
    )


def _list(labels: list[str]) -> str:
    labels = [label for label in labels if label]
    return f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else "".join(labels)


SKILLS = (Choice(),)

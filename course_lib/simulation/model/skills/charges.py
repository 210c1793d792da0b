"""Evidence for and against a charge, and how easily a hurried reader is fooled by it.

The moderation skills read a post sign by sign. Their sums decide; the distance from the border, the evidence
on the losing side and a manner that belies the matter (a polite insult, an innocent text full of alarm) make it hard.
"""

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ChargeSign:
    """A pattern and its weight: positive speaks for the charge, negative against it.

    A second, different match adds half of the weight; more add nothing.
    """

    about: str
    weight: float
    pattern: re.Pattern


def sign(about: str, weight: float, pattern: str) -> ChargeSign:
    """A sign whose pattern ignores case and takes ^ and $ at every line."""
    return ChargeSign(about, weight, re.compile(pattern, re.I | re.M))


@dataclass(frozen=True)
class ChargeEvidence:
    """The weights found, as sums of at least 0, and how far the text's manner belies its matter.

    trap: 0 for a text that sounds like what it is, 1 for an unkind word that smiles, or an innocent one full of alarm.
    """

    charge: float
    defence: float
    trap: float = 0.0

    @property
    def score(self) -> float:
        """Above 0 the charge holds."""
        return round(self.charge - self.defence, 6)

    @property
    def difficulty(self) -> float:
        """How often a hurried reader is wrong: near the border, on strong evidence of both kinds, and in a trap."""
        distance = abs(self.score)
        suspicion = min(1.0, self.charge)  # where nothing speaks for the charge, nobody thinks of it
        border = 0.36 * suspicion * math.exp(-distance / 1.1)
        mixed = 0.06 * suspicion * min(self.charge, self.defence, 3.0) * math.exp(-distance / 3.0)
        return round(min(0.62, 0.012 + border + mixed + 0.54 * min(1.0, self.trap)), 3)


def strength(found: ChargeSign, text: str) -> float:
    """0 without a match, 1 with one, 1.5 with two different ones."""
    words = set()
    for match in found.pattern.finditer(text):
        words.add(match.group().strip().lower())
        if len(words) == 2:
            return 1.5
    return float(len(words))


def sums(signs: tuple[ChargeSign, ...], text: str) -> tuple[float, float]:
    """(charge, defence) of all the signs in a text."""
    weights = [each.weight * strength(each, text) for each in signs]
    # `fsum`, because Python 3.12 changed how `sum` rounds: a post on the border must not depend on that.
    return math.fsum(w for w in weights if w > 0), -math.fsum(w for w in weights if w < 0)


def any_of(signs: tuple[ChargeSign, ...], names: tuple[str, ...], text: str) -> bool:
    """Whether one of the named signs is in the text."""
    return any(each.about in names and each.pattern.search(text) for each in signs)


def straight(text: str) -> str:
    """The text with straight quotation marks and apostrophes."""
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"', 0xA0: " "})

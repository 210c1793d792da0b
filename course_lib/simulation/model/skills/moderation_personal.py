"""Does a post give away how to reach or identify a private person? Every number is found and its owner guessed.

A telephone number is private until the words around it say otherwise: "our practice" and "call now" speak of a
public one, "at home" and "his mobile" of a private one.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from course_lib.simulation.model.skills.charges import ChargeEvidence, sign, straight, sums

BIAS = 1.0
"""What a post without any private detail is short of."""
NEAR = 90
"""Characters before and after a detail in which its owner is looked for."""


@dataclass(frozen=True)
class Kind:
    """One kind of detail: how it looks, what it weighs, and whether a shop or an office may have it too."""

    about: str
    weight: float
    pattern: re.Pattern
    may_be_public: bool = True


def _kind(about: str, weight: float, pattern: str, may_be_public: bool = True) -> Kind:
    return Kind(about, weight, re.compile(pattern), may_be_public)


_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double)"
_STREET = (
    r"(?:Street|St|Road|Rd|Lane|Row|Avenue|Ave|Alley|Court|Close|Steps|Way|Drive|Square|Terrace|Place|Hill|"
    r"Gardens|Crescent|Quay|Walk|Path|Boulevard|Mews|Yard|Green|Ropewalk|\w+(?:walk|gasse|strasse|straße|weg|"
    r"gate))"
)
KINDS = (
    _kind("a telephone number", 2.0,
          r"(?<![\w/-])(?:\+\d{1,3}[ -]?)?(?:\(?\d{2,5}\)?[ /-]){0,2}\d{3}[ -]\d{3,4}(?:[ -]?\d{2,4})?(?![\w-])|"
          r"(?<![\w/-])(?:\+\d|0\d)[\d /()-]{6,14}\d(?![\w-])"),
    _kind("a number in words", 2.0, rf"(?i:\b{_DIGIT}(?:[ ,-]+{_DIGIT}){{4,}}\b)"),
    _kind("an e-mail address", 1.9, r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"),
    _kind("a spelled-out e-mail address", 2.1, r"(?i:\b[\w.]{1,40}(?: dot \w{1,40})? at \w{1,40} dot \w{2,10}\b)"),
    _kind("a home address", 1.7,
          rf"\b(?:[Nn]umber |[Nn]o\. ?)?\d{{1,4}}[a-c]? (?:[A-Z][\w'-]* ){{0,3}}{_STREET}\b|"
          rf"\b[A-Z]\w+ {_STREET} \d{{1,4}}[a-c]?\b"),
    _kind("a bank account or card", 3.2,
          r"\b[A-Z]{2}\d{2}(?: ?\d{4}){3,6}\b|\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b|(?i:\biban\b|"
          r"\baccount number:? \d)", False),
    _kind("an identity number", 2.8,
          r"(?i:\b(?:passport|id|identity|student id|insurance|social security|tax|licen[cs]e|member(?:ship)?|"
          r"driver)[\w' ]{0,24}?(?:no\.?|number|card|id)?[,:]? ?(?:is |: ?)?)(?:[A-Z]{0,2}\d{5,}|"
          r"\d{2,4}[-/]\d{2,4}[-/]\d{2,5})|(?i:\b(?:number )?plate,? )[A-Z]{1,3}-\d", False),
    _kind("a password", 2.6, r"(?i:\bpasswords?(?: for \w+)?(?: is|:| =)? )(?=\S*\d)\w{4,}", False),
    _kind("a birthday with its year", 1.2, r"(?i:\bborn (?:on )?(?:the )?)\d{1,2}\w{0,2}(?: of)? \w+ \d{4}", False),
)
_CARRIER = sign(
    "carries a public number", -2.6,
    r"\b(?:practice|surgery|vet on duty|office|hotline|emergency line|helpline|fire brigade|police|water board|"
    r"town hall|council|library|reception|desk|publisher|press|fan shop|museum|parish hall|kiosk|counter|"
    r"clinic|hospital|club ?house|station|opening hours|lost and found|our shop|our (?:\w+ )?(?:warehouse|"
    r"studio|salon|store|team)|in the shop|restaurant|bakery is|open (?:on|from|until|daily)|call \d{3}|"
    r"closing|company|bookings?|school office|ticket office|plaque|post office|stained glass|used to be|"
    r"customer service|theatre|box office|pharmacy|registration|registered office|by phone|tickets|"
    r"reservations?|box office|at the pool|course office|cash on the spot|we (?:buy|sell|offer|repair)|"
    r"animal shelter|open until|has a new number, |the (?:dentist|doctor|bakery|café|garage|hairdresser|vet|"
    r"hotel|gym|shop|florist|butcher) (?:on|at|in) (?-i:[A-Z]))\b")
_OWNER = sign(
    "somebody's own", 1.3,
    r"\b(?:lives?|living|at home|private(?:ly)?|(?:his|her|their|my) (?:own )?(?:mobile|number|phone|address|"
    r"e-?mail|account|mailbox|plate|name is)|mobile|home after|ring (?:me|him|her|twice)|call (?:me|him|her)|"
    r"write to (?:her|him|our|me)|my (?:ex|dad|mum|niece|nephew|neighbour|boss|teacher|colleague|brother|"
    r"sister|landlord)|belongs to|the woman who|the man who|his name|her name|(?:grandma|grandpa|mr|mrs|"
    r"ms) (?-i:[A-Z])\w+|send (?:five|\d+) euros to|second floor|blue door|hides the key|the family at|"
    r"moved to|second bell|ask him|bark|house to|photo|inside it says|get-well|registered to|in person)\b")
_NOBODY = sign(
    "nobody's", -2.4,
    r"\b(?:upside down|doesn't spell|does not exist|made-?up|example number|order number|tracking|parcel|"
    r"invoice no|isbn|score|scam|pretends|says that (?:he's|she's) your|your grandson|careful)\b")
_OFFICE_MAIL = re.compile(
    r"^(?:office|info|contact|lost|support|hello|help|service|shop|press|editor|team|mail|booking|bookings|"
    r"reception|secretary|admin|noreply)\b", re.I)
_DEFENCE = (
    sign("asks for discretion", -1.2,
         r"\bplease don't post\b|\bprivate message\b|\btake it down\b|\bwhat would you do\b|\bdon't share\b|"
         r"\bask them first\b"),
)
_EXCUSE = re.compile(
    r"\b(?:please|ring me|call me|at home|birthday|present|get-well|thoughts|lonely|visitors|loveliest|clever|"
    r"photo|collecting|cheese|cake|help|guess who|friends of friends|proud|lost|private number|grateful|"
    r"in person|you didn't get that|find(?:er|s)?)\b", re.I)
_NAMED = re.compile(
    r"\b(?:ms|mr|mrs|miss) (?-i:[A-Z])\w+|\b(?-i:[A-Z])[a-z]+ (?-i:[A-Z])[a-z]+ (?:answers|is|can|works)\b|"
    r"\bhouse with\b|\bgrandson\b|\bmy home\b", re.I)
_PRIVACY = re.compile(r"\b(?:phone|number|address|e-?mail|mobile|password|account|private|home|lives?|name)\b", re.I)


@lru_cache(maxsize=4096)
def weigh_personal(text: str) -> ChargeEvidence:
    """The evidence that a post gives a private person away.

    >>> weigh_personal("My neighbour Mia lives at 12 Bell Lane, call her: 555-0101.").score > 0
    True
    >>> weigh_personal("The surgery is open until six, phone 555-0101.").score > 0
    False
    """
    text = straight(text)
    found = [(kind, match) for kind in KINDS for match in kind.pattern.finditer(text)]
    details = [(kind.weight + (_ownership(kind, match, text) if kind.may_be_public else 0.0)) for kind, match in found]
    private = sorted((weight for weight in details if weight > 0), reverse=True)
    _, defence = sums(_DEFENCE, text)
    charge = math.fsum(private[:1]) + 0.5 * math.fsum(private[1:4])
    trap = _harmless(text, found) if charge > defence + BIAS else _suspicious(text, bool(found))
    return ChargeEvidence(charge, defence + BIAS, trap)


def _harmless(text: str, found: list) -> float:
    """How kindly a detail is given away: with an excuse, in words instead of digits, or one's own."""
    excuses = len({match.group().lower() for match in _EXCUSE.finditer(text)})
    spelled = any("words" in kind.about or "spelled" in kind.about for kind, _ in found)
    return (0.2 if len(found) == 1 else 0.08) * min(excuses, 3) + (0.5 if spelled else 0.0)


def _suspicious(text: str, found: bool) -> float:
    """How much an innocent post looks like a leak: it holds a number or names a person beside one."""
    words = len({match.group().lower() for match in _PRIVACY.finditer(text)})
    return 0.07 * min(words, 4) + (0.2 + 0.5 * bool(_NAMED.search(text)) if found else 0.0)


def _ownership(kind: Kind, match: re.Match, text: str) -> float:
    """What the words around a detail say of its owner: above 0 a private person, below 0 a public place or nobody."""
    if "@" in match.group():
        return -2.6 if _OFFICE_MAIL.match(match.group()) else 0.4
    around = text[max(0, match.start() - NEAR) : match.end() + NEAR]
    hints = math.fsum(each.weight for each in (_CARRIER, _OWNER, _NOBODY) if each.pattern.search(around))
    return max(-2.6, min(1.3, hints))

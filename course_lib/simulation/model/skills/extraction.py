"""What can be copied out of a text by its form: addresses, links, telephone numbers, dates, sums, numbers, names, questions.

Each kind is a skill of its own, so that a prompt may ask for several: "Extract the name, date and amount."
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from course_lib.simulation.model.decisions import Finding, Listing, Prompt
from course_lib.simulation.model.skills.sentences import STOP_WORDS, sentences

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
LINK = re.compile(r"\bhttps?://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+", re.I)
PHONE = re.compile(
    r"(?<![\w./-])(?:\+\d{1,3}[ -]?)?(?:\(0?\d{1,4}\)[ -]?)?\d{2,9}(?:[ /-]\d{2,9}){1,4}(?![\w/-]|"
    r"\.\d)|(?<![\w.])\+\d{8,14}\b|(?<![\w.])0\d{8,12}\b"
)
DATE = re.compile(
    rf"\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b{_DAY}(?: of)? "
    rf"{_MONTH}\b\.?,?(?: \d{{4}}\b)?|"
    rf"\b{_MONTH}\.? {_DAY}\b(?:,? \d{{4}}\b)?|\b{_MONTH} \d{{4}}\b|(?<=\bin )(?:1[5-9]|20)\d\d\b|"
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:today|tomorrow|yesterday)\b",
    re.I,
)
TIME = re.compile(
    r"\b\d{1,2}[:.]\d{2}(?: ?[ap]\.?m\b\.?)?(?!\d|[.:]\d)|\b\d{1,2} ?[ap]\.?m\b\.?|\b(?:noon|"
    r"midnight)\b|\b\d{1,2} o'clock\b",
    re.I,
)
_SUM = r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
MONEY = re.compile(
    rf"[$€£] ?(?:{_SUM})(?: ?(?:million|billion|k|m)\b)?|(?:{_SUM})(?: ?(?:million|billion))? "
    rf"?(?:euros?|eur|dollars?|usd|pounds?|gbp|cents?|francs?|chf|crowns?|€|\$|£)(?!\w)",
    re.I,
)
NUMBER = re.compile(r"(?<![\w.,])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)|(?<![\w.,])-?\d+(?:\.\d+)?(?!\w)")
PERCENT = re.compile(r"\b\d+(?:[.,]\d+)? ?(?:%|percent\b|per cent\b)", re.I)
HASHTAG = re.compile(r"(?<!\w)#\w+")
_CAPITAL = r"[A-ZÀ-Þ][\w'’]*(?:-[A-ZÀ-Þ]\w+)?"
_TITLES = ("Mr", "Mrs", "Ms", "Dr", "Prof", "Professor", "Sir", "Captain", "Aunt", "Uncle")
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Captain|Aunt|Uncle)\.? (?:{_CAPITAL} )?{_CAPITAL}")
_NAME = re.compile(rf"\b{_CAPITAL}(?: (?:van|von|de|der|da|di|la|le|of the) {_CAPITAL}| {_CAPITAL})+")
_SIGNED = re.compile(
    rf"(?:(?:my name is|i am|i'm|this is|called|named|regards,|wishes,|sincerely,|cheers,|"
    rf"yours,|dear|hi|hello|name:)\s+)((?:{_CAPITAL} ?){{1,3}})",
    re.I,
)
_NO_NAME = frozenset(
    "the a an i we you he she it they this that these those there here what when where which who why "
    "how dear hi hello hey re subject from to on in at for "
    "and but or if as is are was please thanks thank best kind regards yours sincerely monday "
    "tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december today tomorrow yesterday street road avenue lane "
    "square new our your my his her not no yes sir madam team "
    "customer everyone all".split()
)


def _emails(text: str) -> list[str]:
    return EMAIL.findall(text)


def _names(text: str) -> list[str]:
    """Words with capital letters that stand together, or after "Mr", "Dear" or "my name is"."""
    found = [(match.start(), match.group()) for pattern in (_TITLED, _NAME) for match in pattern.finditer(text)]
    for match in _SIGNED.finditer(text):
        named = match.group(1).strip()
        if named[:1].isupper():
            found.append((match.start(1), named))
    kept: list[str] = []
    for _, name in sorted(found, key=lambda pair: (pair[0], -len(pair[1]))):
        words = name.split()
        while words and words[0].lower().strip(".") in _NO_NAME | STOP_WORDS:
            words = words[1:]
        while words and words[-1].lower().strip(".") in _NO_NAME | STOP_WORDS:
            words = words[:-1]
        name = " ".join(words)
        if name and name.strip(".") not in _TITLES and not any(name in other for other in kept):
            kept.append(name)
    return kept


def _questions(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text) if sentence.text.rstrip("\"'”’)").endswith("?")]


def _phones(text: str) -> list[str]:
    dates = [match.span() for match in DATE.finditer(text)]
    return [
        match.group().strip()
        for match in PHONE.finditer(text)
        if sum(char.isdigit() for char in match.group()) >= 6
        and not any(match.start() < end and start < match.end() for start, end in dates)
    ]


def _every(pattern: re.Pattern) -> Callable[[str], list[str]]:
    return lambda text: [match.group().strip().rstrip(".,;") for match in pattern.finditer(text)]


_VERB = r"\b(?:extract|list|find|give|get|return|collect|name|pull out|copy|output|identify)\b"
_NOT = re.compile(
    r"\b(?:key (?:facts|figures|numbers)|facts?|figures|summar\w+|products?|topics?|personal "
    r"(?:info\w*|data|details)|pii|privacy|moderat\w+|spam|sentiment|"
    r"source say|according to|yes or no|how many|how often|count|rewrite)\b",
    re.I,
)
_WHO = re.compile(r"\bwho (?:is|are|was|were) (?:mentioned|named)\b", re.I)


@dataclass(frozen=True, eq=False)
class Extraction:
    """One kind of thing: its name, the words that ask for it, and how it is found."""

    name: str
    words: str
    find: Callable[[str], list[str]]
    difficulty: float
    one_by_one = True
    """A field in the singular ("date") wants the first of them, not the list."""

    @property
    def cues(self) -> "Extraction":
        return self

    def search(self, instruction: str) -> re.Match | None:
        """Whether an instruction asks for this kind of thing: by a verb, or as the bare name of a field."""
        bare = self._bare.fullmatch(instruction)
        if bare or _NOT.search(instruction):
            return bare
        if self.name == "name" and _WHO.search(instruction):
            return _WHO.search(instruction)
        return self._asked.search(instruction)

    @cached_property
    def _bare(self) -> re.Pattern:
        return re.compile(rf"\W*(?:the |customer |sender |contact |first |all )?(?:{self.words})\W*", re.I)

    @cached_property
    def _asked(self) -> re.Pattern:
        return re.compile(
            rf"\b(?:what|which) (?:all )?(?:{self.words}) (?:are|is|does|do|occur|appear|can|were|was)\b|"
            rf"\bwhat are (?:all )?the (?:{self.words}) in\b|"
            rf"{_VERB}[^?!\n]{{0,100}}(?<![-\w])(?:{self.words})(?![-\w]| (?:of|between) (?:words|sentences|lines))",
            re.I,
        )

    def decide(self, prompt: Prompt) -> Listing:
        """What the text holds of this kind, each thing once, in its order."""
        found = list(dict.fromkeys(thing for thing in self.find(prompt.material) if thing))
        return Listing(tuple(Finding({self.name: thing}, self.difficulty) for thing in found), "none")


SKILLS = (
    Extraction("name", r"(?:(?:person|people|full|customer|proper)'?s? )?names?|people|persons?", _names, 0.06),
    Extraction("email", r"e-?mail(?: address(?:es)?|s)?", _emails, 0.02),
    Extraction("phone", r"(?:tele)?phone(?: numbers?|s)?|telephone numbers?|phone_number", _phones, 0.03),
    Extraction("link", r"(?:web ?)?links?|urls?|web addresses", _every(LINK), 0.02),
    Extraction(
        "date",
        r"(?:due |delivery |order |birth ?)?dates?|deadlines?|days?(?= (?:are|is|were) mentioned)",
        _every(DATE),
        0.05,
    ),
    Extraction("time", r"times?(?! (?:the|it|does|is))|hours of the day", _every(TIME), 0.04),
    Extraction(
        "amount",
        r"(?:total )?amounts?(?: of money)?|prices?|sums?(?: of money)?|monetary values?|money",
        _every(MONEY),
        0.04,
    ),
    Extraction("percentage", r"percentages?|percents?", _every(PERCENT), 0.03),
    Extraction("number", r"(?<!phone )numbers?|numerals?|digits", _every(NUMBER), 0.03),
    Extraction("hashtag", r"hash-?tags?", _every(HASHTAG), 0.02),
    Extraction("question", r"questions(?! (?:about|on|below|that follow))", _questions, 0.03),
)

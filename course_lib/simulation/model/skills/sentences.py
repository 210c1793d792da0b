"""Sentences as a reader sees them: cut, stemmed, weighed by what they say.

Everything here is a count of words, numbers and names; no meaning is understood.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st no nos fig figs vol vs etc e.g i.e approx ca cf dept inc ltd jr sr gen col jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s|$)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+")
_WORD = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]*")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|half|third|quarter|twice|nobody|none)\b",
    re.I,
)
_MONTHS = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-ZÀ-Þ][\w'’-]+)(?: [A-ZÀ-Þ][\w'’-]+)*")
_FULL_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-ZÀ-Þ][a-zß-ÿ]+ [A-ZÀ-Þ][a-zß-ÿ]+\b")
_TELLING = re.compile(
    r"\b(?:costs?|total|result(?:ed)?|found|rose|fell|lowers?|members|founded|built|average|reports?|shows?|voted|survey|first|last|"
    r"decided|approved|increased?|decreased?|percent|surplus|profit|loss)\b",
    re.I,
)
_DANGLING = re.compile(
    r"^(?:It|This|That|These|Those|They|He|She|Its|Their|His|Her|But|And|So|Or|Here|There|Both|Such|Some|Most of them|Not)\b"
)

STOP_WORDS = frozenset(
    "a about above after again all also although am an and any are as at be because been before being below between both but by can could did do "
    "does doing down during each either else even ever every few for from further had has have having he her here hers him his how however i if in "
    "into is it its itself just less like made make many may me might more most much must my neither no nor not of off often on once one only onto or "
    "other our out over own per rather same say says she should since so some still such than that the their them then there these they this those "
    "though through to too under until up upon us very was we were what when where whether which while who whom whose why will with within without "
    "would yet you your".split()
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a text: its words, its place, and the heading that it stands under ("" when there is none)."""

    text: str
    number: int
    paragraph: int
    first: bool
    heading: str
    section: int

    @property
    def stems(self) -> frozenset[str]:
        return stems(self.text)

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(NUMBER.findall(self.text))


@lru_cache(maxsize=128)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in reading order; headings are no sentences but are kept with those below them."""
    found, heading, section = [], "", 0
    for number, (kind, block) in enumerate(_blocks(text)):
        if kind == "heading":
            heading, section = block, section + 1
            continue
        for position, sentence in enumerate(_cut(block)):
            found.append(Sentence(sentence, len(found), number, position == 0, heading, section))
    return tuple(found)


def headings(text: str) -> list[str]:
    """The Markdown headings of a text, without their marks."""
    return [block for kind, block in _blocks(text) if kind == "heading"]


def _blocks(text: str) -> list[tuple[str, str]]:
    """Headings, list entries and paragraphs, each on one line."""
    blocks, lines = [], []

    def close():
        if lines:
            blocks.append(("text", " ".join(lines)))
            lines.clear()

    for line in text.splitlines():
        title = _HEADING.match(line)
        if title or not line.strip():
            close()
            if title and title.group(1):
                blocks.append(("heading", title.group(1)))
        else:
            if _BULLET.match(line):
                close()
            lines.append(_plain(_BULLET.sub("", line).strip()))
    close()
    return [(kind, block) for kind, block in blocks if re.search(r"\w", block)]


def _plain(line: str) -> str:
    return re.sub(r"(?<!\w)(\*\*|__)(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", line)


def _cut(block: str) -> list[str]:
    pieces, start = [], 0
    for end in _END.finditer(block):
        if _ends_here(block[start : end.end()], block[end.end() :].lstrip()):
            pieces.append(block[start : end.end()].strip())
            start = end.end()
    pieces.append(block[start:].strip())
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _ends_here(before: str, after: str) -> bool:
    if not after:
        return True
    last = before.rstrip(".").rsplit(None, 1)[-1].strip("\"'“”(").lower() if before.strip(". ") else ""
    if before.endswith(".") and (last in _ABBREVIATIONS or len(last) == 1 and last.isalpha() and last != "i"):
        return False
    return not after[0].islower()


def content_words(text: str) -> list[str]:
    """The stems of all words that carry meaning, in order, repeated as in the text."""
    words = (word.lower().replace("’", "'").removesuffix("'s").strip("'-") for word in _WORD.findall(text))
    return [stem(word) for word in words if len(word) > 1 and word not in STOP_WORDS]


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """The stems of a text's content words and its numbers."""
    return frozenset(content_words(text)) | frozenset(NUMBER.findall(text))


_IRREGULAR = {
    "paid": "pay",
    "pays": "pay",
    "paying": "pay",
    "spent": "spend",
    "thought": "think",
    "built": "build",
    "found": "find",
    "lost": "lose",
    "died": "die",
    "dying": "die",
    "dead": "die",
    "death": "die",
    "deaths": "die",
    "began": "begin",
    "begun": "begin",
    "grew": "grow",
    "rose": "rise",
    "risen": "rise",
    "fell": "fall",
    "fallen": "fall",
    "children": "child",
    "people": "person",
    "mice": "mouse",
    "lives": "life",
    "costly": "cost",
    "swam": "swim",
    "swimming": "swim",
    "seen": "see",
    "saw": "see",
    "said": "say",
    "told": "tell",
    "bred": "breed",
    "ran": "run",
    "running": "run",
}


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A word without its usual endings, so that "residents" meets "resident" and "restored" meets "restoring".

    >>> [stem(word) for word in ("residents", "restored", "restoring", "cities", "paid", "species")]
    ['resident', 'restor', 'restor', 'city', 'pay', 'species']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4 and word != "species":
        return word[:-3] + "y"
    if word in ("species", "series", "news", "always", "perhaps"):
        return word
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "edly", "ed", "ness", "ly", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@lru_cache(maxsize=128)
def weights(text: str) -> dict[int, float]:
    """How much each sentence of a text tells, by its number: numbers, dates, names, frequent words and place count."""
    every = sentences(text)
    frequency = Counter(word for sentence in every for word in set(content_words(sentence.text)))
    most = max(frequency.values(), default=1)
    return {sentence.number: _weight(sentence, frequency, most) for sentence in every}


def _weight(sentence: Sentence, frequency: Counter, most: int) -> float:
    words = content_words(sentence.text)
    figures = len(sentence.numbers)
    weight = (
        1.0 * (figures > 0)
        + 0.4 * (figures > 1)
        + 0.2 * (figures > 2)
        + 0.3 * any(len(number) > 3 for number in sentence.numbers)
    )
    weight += 0.25 * min(len(_NUMBER_WORDS.findall(sentence.text)), 2)
    weight += 0.4 * bool(_MONTHS.search(sentence.text)) + 0.3 * min(len(_NAME.findall(sentence.text)), 3)
    weight += 0.5 * bool(_FULL_NAME.search(sentence.text)) + 0.4 * bool(_TELLING.search(sentence.text))
    # `fsum` is exact, so that the order of the words makes no difference.
    weight += math.fsum(frequency[word] / most for word in set(words)) / (len(set(words)) or 1)
    weight += 0.3 * sentence.first + 0.3 * (sentence.number == 0)
    weight -= 0.35 * bool(_DANGLING.match(sentence.text)) + 0.8 * sentence.text.endswith("?")
    return weight - 0.6 * (len(words) < 4)


def alike(one: Sentence, other: Sentence) -> float:
    """How much two sentences share, from 0 to 1; different numbers make them different."""
    if set(one.numbers) != set(other.numbers):
        return 0.0
    both = one.stems | other.stems
    return len(one.stems & other.stems) / len(both) if both else 1.0

"""Product names in a text: capitalised words that carry a model sign, or that are used like a thing's name."""

import re
from dataclasses import dataclass

_MODEL = (
    r"(?:[A-Z]{0,3}-?\d{1,4}[A-Za-z]{0,2}|Mini|Max|Pro|Plus|Slim|One|Two|Duo|Ultra|Lite|Air|Clip|"
    r"Sense|Scale|Neo|Go|Home|Maxi|Eco|XL|XS|SE|II|III)"
)
_NAMED = re.compile(rf"\b([A-Z][A-Za-zÀ-ÿ]+(?: [A-Z][a-zà-ÿ]+)? {_MODEL})(?![\w-])")
_CODED = re.compile(r"\b([A-Z]{2,5}-?\d{2,5}[A-Za-z]?)\b")
_USED = re.compile(r"\b(?:the|my|our|a|an|this|your|new|second|third)\s+(?:new |old |"
                   r"same )?([A-Z][a-zà-ÿ]{3,}(?: [A-Z][a-zà-ÿ]+)?)\b")
_NOT_A_PRODUCT = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|"
    r"Christmas|Easter|English|German|French|Polish|Spanish|Italian|Internet|Ordered|Delivered|Order|"
    r"Invoice|Ticket|Number|Error|Room|"
    r"Since|After|Before|About|Only|Page|Version|Chapter|Step|Street|Level|Ms|Mr|Mrs|Dr|The|My|Our|And|For|"
    r"Or|On|In|At|First|Second|Third|Another|Both|Two|Three|Paid|Bought|Over|Under|I")
_NUMBERED = re.compile(r"\b(?:order|invoice|ticket|number|no\.?|error|code|case|customer)\s*#?\s*\Z", re.I)


@dataclass(frozen=True)
class Name:
    """A product name as it stands in the text; `sure` when it carries a model sign."""

    text: str
    sure: bool


def find_product_names(text: str) -> tuple[Name, ...]:
    """The names in order of appearance, each once.

    >>> [name.text for name in find_product_names("I swapped my Aerko V8 for the Nimbo in May.")]
    ['Aerko V8', 'Nimbo']
    """
    found = {}
    for pattern, sure in ((_NAMED, True), (_CODED, True), (_USED, False)):
        for match in pattern.finditer(text):
            name = _without_lead(match.group(1))
            taken = any(name in other for other in found)
            if name and not taken and not _NUMBERED.search(text[:match.start(1)]):
                found[name] = (match.start(1), Name(name, sure))
    return tuple(name for _, name in sorted(found.values(), key=lambda entry: (entry[0], entry[1].text)))


def _without_lead(name: str) -> str:
    """The name without a first word that only begins the sentence ("The Aerko V8"); "" when nothing is left."""
    first, _, rest = name.partition(" ")
    if not _NOT_A_PRODUCT.fullmatch(first):
        return name
    return rest if rest and re.match(r"[A-Z][a-zà-ÿ]", rest) and not re.fullmatch(_MODEL, rest) else ""

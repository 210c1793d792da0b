"""Normalisers: what a ballot says, read by a rule you can see; None, an abstention, when the rule finds no answer.

    plain                     without case and what surrounds it; changes nothing inside
    label("spam", "ham")      exactly one of these, said as a whole word and not denied
    number                    the one number that is named, with sign and point
    yes_or_no                 "yes" or "no", standing on its own
    json_list                 several findings at once, for `union_vote`

A normaliser that guesses elects the wrong answer in silence; these abstain, and the verdict counts it. Of a ballot that names
its answer ("Answer: ham", at the end of some reasoning), they read only that.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from course_lib.aggregation.parts import json_in
from course_lib.errors import BadInput

_AROUND = " \t\r\n\xa0\u202f\u2028\u2029\"'`*.!…“”‘’«»。"
_AFTER = _AROUND + ",;:()[]{}$€£%="
_BEFORE = _AFTER.replace(".", "")  # ".5" starts with its point
_DENIED = re.compile(r"\b(?:no|not|non|never|none|neither|nor|cannot|without)\b|n['’]t\b|\?")
_YES_OR_NO = re.compile(r"(?<![\w'’-])(yes|no)(?![\w'’-])")
_NUMBER = re.compile(r"[-+]?(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)")
_NAMED = re.compile(r"^.*\b(?:answer|verdict|label|classification)\b[*_`]*(?:\s+is)?\s*:", re.IGNORECASE | re.DOTALL)
_NO_ANSWER = {"n/a", "n.a"}
_FULL_WIDTH = {ord("！") + offset: ord("!") + offset for offset in range(94)} | {ord("　"): " "}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_TIMES = {"dozen", "hundred", "thousand", "k", "million", "billion", "trillion"}


def plain(ballot: str) -> str | None:
    """A ballot without case, outer spaces, quotes and full stop; None, an abstention, when nothing is left but a dash or "n/a".

    It changes nothing inside: "not spam" and "spam" stay apart.

    >>> plain(" Spam.\\n"), plain("NOT SPAM"), plain("…"), plain("N/A")
    ('spam', 'not spam', None, None)
    """
    text = _visible(ballot).strip(_AROUND).casefold()
    empty = all(unicodedata.category(character)[0] in "PZC" for character in text)
    return None if empty or text in _NO_ANSWER else text


def label(*choices: str) -> Callable[[str], str | None]:
    """A normaliser that finds exactly one of the choices, said as a whole word; it gives it back as you wrote it.

    Two choices in one ballot, a negation that is not part of the choice, or a question mark: an abstention.

    >>> read = label("spam", "not spam")
    >>> read("I would say: NOT SPAM."), read("Spam or not spam"), read("It is hardly spam, is it?")
    ('not spam', None, None)
    >>> label("acceptable", "rejected")("unacceptable"), label("acceptable", "rejected")("not rejected")
    (None, None)
    """
    if len(choices) == 1 and isinstance(choices[0], (list, tuple)):
        choices = tuple(choices[0])
    if not choices or not all(isinstance(choice, str) and re.search(r"\w", choice) for choice in choices):
        raise BadInput(f"The choices are {choices!r}; write texts, such as label('spam', 'not spam').")
    as_written = {_words(choice): choice for choice in choices}
    if len(as_written) < len(choices):
        raise BadInput(f"Two of the choices {choices!r} read the same; write choices that differ in their letters.")
    longest_first = sorted(as_written, key=lambda words: (-len(" ".join(words)), words))
    said = "|".join(r"[\s_-]+".join(map(re.escape, words)) for words in longest_first)
    whole_word = re.compile(rf"(?<!\w)(?<!\w[-'’])(?:{said})(?!\w)(?![-'’]\w)")

    def read(ballot: str) -> str | None:
        text = re.sub(r"(?<![^\W_])_+|_+(?![^\W_])", " ", _said(ballot))  # _not spam_ is emphasis, not_spam a word
        found = {_words(choice) for choice in whole_word.findall(text)}
        denied = _DENIED.search(whole_word.sub(" ", text))
        return as_written[found.pop()] if len(found) == 1 and not denied else None

    return read


def number(ballot: str) -> int | float | None:
    """The one number that a ballot names: "5" and "5.0" are the same, "-5" and "50" are others.

    Commas between groups of three digits are read as in English; currency and percent signs are not read.
    Two different numbers, a denied one, or digits in anything else (a date, "2nd", "5 million"): an abstention.

    >>> number("The answer is 5.0."), number("-5"), number("1,200 $"), number("minus 2.5"), number("5 or 6")
    (5, -5, 1200, -2.5, None)
    """
    text = re.sub(r"\b(?:minus|negative)\s+(?=[.\d])", "-", _said(ballot).replace("−", "-"))
    words = [word.lstrip(_BEFORE).rstrip(_AFTER) or word for word in text.split()]
    named = set()
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if re.search(r"\d", word):
            if not _NUMBER.fullmatch(word) or before in ("-", "+", "/") or after in _TIMES:
                return None
            named.add(Decimal(word.replace(",", "")))
    if len(named) != 1 or _DENIED.search(text):
        return None
    value = named.pop()
    return int(value) if value == value.to_integral_value() else float(value)


def yes_or_no(ballot: str) -> str | None:
    """ "yes" or "no", when only one of them is said and stands on its own: "no doubt" is no "no".

    >>> yes_or_no("**Yes**, it is."), yes_or_no("The answer is no."), yes_or_no("No doubt it is."), yes_or_no("Not yes.")
    ('yes', 'no', None, None)
    """
    text = _said(ballot)
    if len(set(_YES_OR_NO.findall(text))) != 1:
        return None
    for said in _YES_OR_NO.finditer(text):
        follows = text[said.end() :].lstrip("\"'`*”’ \t")
        alone = re.match(r"$|[\n.,;:!)—–-]|(?:it|this|that)\b", follows) or said[1] == "yes" and follows[:1] != "?"
        if alone and not _DENIED.search(text[: said.start()]):
            return said[1]
    return None


def json_list(ballot: str) -> list | None:
    """The JSON list that a ballot is, or that stands in its one fenced block; [] is an answer, "nothing found".

    >>> json_list('["SQL injection"]'), json_list("[]"), json_list("I found nothing.")
    (['SQL injection'], [], None)
    """
    try:
        found = json_in(ballot)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _words(choice: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s_-]+", _visible(choice).strip().casefold()))


def _said(ballot: str) -> str:
    """What the ballot says, in small letters; of one that names its answer, only what follows."""
    text = _visible(ballot)
    return (_NAMED.sub("", text, count=1) or text).casefold()


def _visible(text: str) -> str:
    """Without what nobody sees: characters of no width, two ways to write é, and letters as wide as Chinese ones."""
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE).translate(_FULL_WIDTH))

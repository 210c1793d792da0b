"""Rewriting by rule: more formal, more casual, simpler, shorter. It changes words and sentences, and translates nothing."""

import re
from collections.abc import Callable

from course_lib.simulation.model.decisions import DontKnow, Prompt, Statement, Text
from course_lib.simulation.model.skills.sentences import sentences

_TOPIC = (
    r"(?:text|message|e-?mail|sentence|paragraph|note|letter|review|reply|answer|passage|post|it|this|"
    r"that|the following)"
)
_REWRITES = re.compile(
    r"\b(?:rewrite|rephrase|paraphrase|reword|reformulate|simplify|shorten|formali[sz]e|restate)\b|"
    rf"\bmake (?:the |this |that |my )?{_TOPIC}(?: \w+)? (?:sound )?(?:more |less |much |a bit "
    rf")*(?:formal|informal|casual|polite|simple|simpler|short|shorter|friendly|friendlier|"
    rf"professional|plain\w*|easier)\b|"
    rf"\b(?:say|put|write) (?:the |this |that )?{_TOPIC} (?:again )?(?:more |in (?:a )?(?:more "
    rf")?)(?:formal\w*|informal\w*|casual\w*|polite\w*|simpl\w+|plain\w*|short\w*|politely|plain english)",
    re.I,
)
_FORMAL = re.compile(r"\b(?:more )?(?:formal|polite|politely|professional)(?:ly)?\b|\bformali[sz]e\b", re.I)
_CASUAL = re.compile(r"\b(?:informal|casual|friendl(?:y|ier)|colloquial|relaxed)(?:ly)?\b", re.I)
_SIMPLE = re.compile(r"\b(?:simpl\w+|plain\w*|easier|easy|child(?:ren)?|five-year-old|beginner)\b", re.I)
_SHORT = re.compile(r"\b(?:short\w*|brief\w*|concise\w*|fewer words|tighter)\b", re.I)

_CONTRACTIONS = {
    "can't": "cannot",
    "won't": "will not",
    "shan't": "shall not",
    "n't": " not",
    "'re": " are",
    "'ve": " have",
    "'ll": " will",
    "'m": " am",
    "it's": "it is",
    "that's": "that is",
    "there's": "there is",
    "what's": "what is",
    "he's": "he is",
    "she's": "she is",
    "let's": "let us",
    "here's": "here is",
}
_TO_FORMAL = {
    "hi": "dear Sir or Madam",
    "hey": "dear Sir or Madam",
    "hello": "dear Sir or Madam",
    "thanks": "thank you",
    "thx": "thank you",
    "bye": "kind regards",
    "cheers": "kind regards",
    "ok": "acceptable",
    "okay": "acceptable",
    "kids": "children",
    "guys": "colleagues",
    "get": "receive",
    "got": "received",
    "need": "require",
    "want": "would like",
    "buy": "purchase",
    "bought": "purchased",
    "ask": "enquire",
    "asked": "enquired",
    "help": "assist",
    "fix": "repair",
    "fixed": "repaired",
    "tell": "inform",
    "told": "informed",
    "start": "commence",
    "broke": "failed",
    "stuff": "items",
    "lots of": "many",
    "a lot of": "many",
    "a bit": "somewhat",
    "really": "very",
    "pretty": "rather",
    "gonna": "going to",
    "wanna": "want to",
    "asap": "at your earliest convenience",
    "sorry": "I apologise",
    "great": "excellent",
    "yeah": "yes",
    "nope": "no",
    "btw": "incidentally",
    "crap": "poor",
    "bucks": "dollars",
    "cool": "agreeable",
}
_TO_CASUAL = {
    "purchase": "buy",
    "purchased": "bought",
    "receive": "get",
    "received": "got",
    "require": "need",
    "required": "needed",
    "inform": "tell",
    "informed": "told",
    "assist": "help",
    "assistance": "help",
    "commence": "start",
    "enquire": "ask",
    "however": "but",
    "therefore": "so",
    "children": "kids",
    "thank you": "thanks",
    "kind regards": "cheers",
    "dear sir or madam": "hi",
    "very": "really",
    "cannot": "can't",
    "do not": "don't",
    "does not": "doesn't",
    "did not": "didn't",
    "is not": "isn't",
    "are not": "aren't",
    "will not": "won't",
    "i am": "I'm",
    "it is": "it's",
    "we are": "we're",
    "you are": "you're",
    "i have": "I've",
    "i will": "I'll",
    "would like": "want",
    "would not": "wouldn't",
    "they are": "they're",
    "that is": "that's",
}
_TO_SIMPLE = {
    "utilise": "use",
    "utilize": "use",
    "utilised": "used",
    "utilized": "used",
    "approximately": "about",
    "purchase": "buy",
    "purchased": "bought",
    "commence": "start",
    "commenced": "started",
    "terminate": "end",
    "terminated": "ended",
    "sufficient": "enough",
    "additional": "more",
    "numerous": "many",
    "demonstrate": "show",
    "demonstrates": "shows",
    "demonstrated": "showed",
    "obtain": "get",
    "obtained": "got",
    "require": "need",
    "requires": "needs",
    "required": "needed",
    "assist": "help",
    "assistance": "help",
    "endeavour": "try",
    "prior to": "before",
    "subsequently": "later",
    "subsequent": "later",
    "in order to": "to",
    "due to the fact that": "because",
    "consequently": "so",
    "therefore": "so",
    "however": "but",
    "nevertheless": "still",
    "residents": "people who live there",
    "construct": "build",
    "constructed": "built",
    "construction": "building",
    "implement": "carry out",
    "implemented": "carried out",
    "inhabitants": "people",
    "principal": "main",
    "residence": "home",
    "vehicle": "car",
    "vehicles": "cars",
    "regarding": "about",
    "concerning": "about",
    "facilitate": "help",
    "modification": "change",
    "modifications": "changes",
    "expenditure": "cost",
    "remuneration": "pay",
    "attempt": "try",
    "attempted": "tried",
    "illuminate": "light",
    "acquire": "get",
    "acquired": "got",
    "reside": "live",
    "restoration": "repair",
    "species": "kinds of animals",
    "decreased": "fell",
    "increased": "rose",
    "significant": "big",
    "substantial": "big",
    "considerable": "big",
    "merely": "only",
}
_FILLERS = re.compile(
    r"\b(?:very|really|quite|rather|just|actually|basically|literally|simply|certainly|definitely|of "
    r"course|in fact|indeed|as you know|I think(?: that)?|I believe(?: that)?|it should be noted that|"
    r"it is important to note that|needless to say|for the most part|at the end of the day|in my "
    r"opinion|to be honest|somewhat|perhaps|extremely|truly|absolutely|totally|completely)\b,?\s*",
    re.I,
)


class Rewriting:
    """The text in another manner, sentence by sentence; what no rule knows stays as it is."""

    name = "rewrite"
    cues = _REWRITES

    def decide(self, prompt: Prompt) -> Text | DontKnow:
        """The rewritten text; a slip leaves a sentence as it was."""
        manner = _manner(prompt.instruction)
        if manner is None:
            return DontKnow(
                "I can make a text more formal, more casual, simpler or shorter, by rules for single "
                "words and sentences: say which of them."
            )
        paragraphs = [part for part in re.split(r"\n\s*\n", prompt.material) if part.strip()]
        facts = []
        for part in paragraphs:
            for sentence in sentences(part):
                changed = manner(sentence.text)
                if changed:
                    facts.append(Statement(changed, 0.03 if changed != sentence.text else 0.0, sentence.text))
        return Text(tuple(facts), len(facts)) if facts else DontKnow("There is no text to rewrite.")


def _manner(instruction: str) -> Callable[[str], str] | None:
    if re.search(r"\b(?:less|not) formal\b", instruction, re.I) or _CASUAL.search(instruction):
        return casual
    return next(
        (manner for cue, manner in ((_FORMAL, formal), (_SIMPLE, simple), (_SHORT, short)) if cue.search(instruction)),
        None,
    )


def formal(sentence: str) -> str:
    """A sentence without contractions, shouting and slang.

    >>> formal("Hi, I can't open the app and need help!")
    'Dear Sir or Madam, I cannot open the app and require assistance.'
    """
    text = sentence.replace("’", "'")
    for short_form, long_form in _CONTRACTIONS.items():
        text = re.sub(
            rf"(?<!\w){re.escape(short_form)}\b"
            if short_form[0].isalpha() and short_form != "n't"
            else rf"{re.escape(short_form)}\b",
            lambda match, long_form=long_form: (
                _cased(long_form, match.group()) if match.group()[0].isalpha() else long_form
            ),
            text,
            flags=re.I,
        )
    text = re.sub(r"\bneed help\b", "require assistance", text, flags=re.I)
    return _tidy(re.sub(r"!+", ".", _swapped(text, _TO_FORMAL)))


def casual(sentence: str) -> str:
    """A sentence with contractions and everyday words."""
    return _tidy(_swapped(sentence, _TO_CASUAL))


def simple(sentence: str) -> str:
    """A sentence in plain words, cut where it joins two statements.

    >>> simple("Prior to construction, numerous residents attempted to obtain a permit; however, it was refused.")
    'Before building, many people who live there tried to get a permit. But, it was refused.'
    """
    text = _swapped(sentence, _TO_SIMPLE)
    text = re.sub(r"\s*\([^()]*\)", "", text)
    pieces = re.split(r"\s*;\s*|\s+[–—]\s+", text)
    if len(text.split()) > 16:
        pieces = [
            piece
            for part in pieces
            for piece in re.split(r",\s+(?=(?:and|but|so) (?:the|it|they|he|she|we|this|that|there)\b)", part)
        ]
    return " ".join(_tidy(_ended(piece)) for piece in pieces if piece.strip())


def short(sentence: str) -> str:
    """A sentence without its fillers, its brackets and its asides."""
    text = _FILLERS.sub("", re.sub(r"\s*\([^()]*\)", "", sentence))
    text = re.sub(r",\s+(?:which|who|whose|where)\b[^,.;!?]*(?=[,.;!?]|$),?", "", text)
    text = re.sub(r"\s+[–—-]\s+[^.!?]*(?=[.!?]|$)", "", text)
    return _tidy(text) if re.search(r"\w", text) else _tidy(sentence)


def _swapped(text: str, words: dict[str, str]) -> str:
    pattern = re.compile(
        rf"(?<![\w'])(?:{'|'.join(re.escape(word) for word in sorted(words, key=lambda word: -len(word)))})(?![\w'])",
        re.I,
    )
    return pattern.sub(lambda match: _cased(words[match.group().lower()], match.group()), text)


def _cased(word: str, like: str) -> str:
    return word[0].upper() + word[1:] if like[:1].isupper() and like != "I" else word


def _ended(piece: str) -> str:
    return piece.strip() if piece.strip()[-1:] in ".!?" else f"{piece.strip()}."


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([,.;!?])", r"\1", re.sub(r"\s{2,}", " ", text)).strip(" ,;")
    text = re.sub(r"^(?:and|but|so) ", lambda match: match.group().capitalize(), text)
    return text[:1].upper() + text[1:]


SKILLS = (Rewriting(),)

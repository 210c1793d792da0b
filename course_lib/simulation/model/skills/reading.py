"""Reading: summaries, answers from a text, key facts, titles, and the joining of notes.

All of it is extractive: the sentences that are said stand in the material, word for word,
unless a mistake changes one of their numbers.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from course_lib.simulation.model.decisions import Finding, Listing, Prompt, Statement, Text
from course_lib.simulation.model.skills.cues import AnyOf, Cues
from course_lib.simulation.model.skills.question_words import asked_words, related
from course_lib.simulation.model.skills.sentences import (
    NUMBER,
    Sentence,
    alike,
    content_words,
    headings,
    sentences,
    stems,
    weights,
)

SILENT = "The source does not say."
NOTHING_TO_READ = "There is no text to read."
SHORTEST, LONGEST = 3, 5
"""A summary is a third of its text; it keeps between these numbers of sentences unless the prompt says otherwise."""
ANSWER = 3
"""The most sentences in an answer to a question, unless the prompt says otherwise."""

_NUMBERS = {
    "one": 1,
    "a": 1,
    "single": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_COUNT = r"(?P<count>\d{1,3}|one|a single|single|two|three|four|five|six|seven|eight|nine|ten)"
_SENTENCE_LIMIT = re.compile(
    rf"\b{_COUNT}(?:\s*(?:-|–|to|or)\s*(?P<most>\d{{1,3}}|two|three|four|five|six))?[\s-]+(?:\w+\s+){{0,2}}?"
    r"(?:sentences?|bullets?|bullet points?|points|lines?|facts|figures|dashes)\b",
    re.I,
)
_WORD_LIMIT = re.compile(r"\b(?P<count>\d{1,4})[\s-]+words?\b", re.I)

_ASKS_NUMBER = re.compile(
    r"\bhow (?:much|many|long|far|old|often|high|big)\b|\bcosts?\b|\bwhen\b|"
    r"\bwhat (?:year|date|share|percentage)\b",
    re.I,
)
_ASKS_MONEY = re.compile(r"\bcosts?\b|\bexpensive\b|\bprice\b|\bhow much\b[^?]*\b(?:money|spent|paid)\b", re.I)
_STATES_COST = re.compile(r"\bcosts?\b[^.,;]{0,20}\d", re.I)

_JOINS = (
    r"\b(?:combin(?:e|ing)|merg(?:e|ing)|synthesi[sz](?:e|ing)|synthesis|consolidat(?:e|ing)|unify)\b",
    r"\bunified (?:report|summary|text)\b",
    r"\boverall (?:summary|report|picture)\b",
    r"\b(?:join|put|bring|weave|pull)\b[^.?!\n]{0,40}\b(?:together|notes|summaries|answers|reports)\b",
)
_CODE_REVIEW = r"\b(?:review|audit|inspect|check)\b[^.?!\n]{0,30}\b(?:code|function|module|script|snippet)\b"
_SOURCE = r"\b(?:text|source|document|report|chapter|passage|article|notes)\b"
_OTHER_SKILLS = (
    r"\b(?:sentiments?|topics?|urgen\w*|priority|spam|junk|phishing|tone|mood|positive|negative|categor\w+|classif\w+|labels?|stars?)\b",
    r"\b(?:rating|products?|entit\w+|e-?mail|ticket|review|secur\w+|vulnerab\w+|performance|style|code|title|headline)\b",
    r"\b(?:key facts|main points?|figures|numbers)\b|\bplan (?:the|a|your|my)\b|\bplanner\b",
)


@dataclass(frozen=True)
class Length:
    """How long an answer may be: at most so many sentences, at most so many words (None: no limit)."""

    sentences: int | None
    words: int | None


def wanted_length(instruction: str) -> Length:
    """The length that an instruction asks for.

    >>> wanted_length("Summarise in two sentences, in at most 30 words.")
    Length(sentences=2, words=30)
    >>> wanted_length("Give three to five bullet points.").sentences
    5
    """
    count, words = _SENTENCE_LIMIT.search(instruction), _WORD_LIMIT.search(instruction)
    if count is None:
        short = re.search(r"\bone[- ]liner?\b|\btl;? ?dr\b|\b(?:gist|nutshell)\b", instruction, re.I)
        return Length(1 if short else None, _number(words.group("count")) if words else None)
    return Length(
        _number(count.group("most") or count.group("count")), _number(words.group("count")) if words else None
    )


def _number(word: str) -> int:
    word = word.lower().removeprefix("a ").strip()
    return max(1, int(word) if word.isdigit() else _NUMBERS[word])


class Summary:
    """The sentences that tell most, in reading order."""

    name = "summary"
    cues = Cues(
        asked=(
            r"\bsummar(?:y|ies|i[sz]e[sd]?|i[sz]ing|i[sz]ation)\b",
            r"\btl;? ?dr\b|\bgist\b|\bin a nutshell\b",
            r"\bmain (?:points?|ideas?|message)\b|\bbrief overview\b|\boverview of\b|\bcondense\b|\babstract of\b",
        ),
        unless=_JOINS,
    )

    def decide(self, prompt: Prompt) -> Text:
        every = sentences(prompt.material)
        length = wanted_length(prompt.instruction)
        sections = len({sentence.section for sentence in every})
        usual = max(sections, min(LONGEST, max(SHORTEST, len(every) // 3)))
        return _told(_most_telling(every, weights(prompt.material), length, usual), prompt.material, length)


class Research:
    """The sentences that answer a question, found by the words they share with it."""

    name = "answer"
    cues = AnyOf(
        Cues(
            asked=(
                r"\bwhat (?:does|do|did|is|are|was|were)\b[\w' -]{0,40}\b(?:say|says|tell|tells|mention|report)\b",
                r"\baccording to (?:this|the|these)\b",
                r"\banswer\b[^.?!\n]{0,30}\bquestions?\b",
                rf"\b(?:find|found|stated?|written|mentioned) in (?:this|the) {_SOURCE}",
                rf"\b(?:answer|reply)\b[^.?!\n]{{0,30}}\b(?:from|based on|using|with)\b[^.?!\n]{{0,15}}{_SOURCE}",
                r"\bquestion\s*:|\byou are a researcher\b|\bresearch (?:this|the) question\b",
            ),
            unless=(*_JOINS, r"\bsummar(?:y|i[sz]e)\b", _CODE_REVIEW),
        ),
        Cues(
            asked=(
                r"(?:\A|[.:;!\n])\s*(?:what|who|whom|whose|when|where|why|did|does|do|how (?:much|many|long|did|does|do|was|were|is|are|far|old|"
                r"often|high|big)|which \w+)\b[^?\n]*\?",
            ),
            unless=(*_JOINS, *_OTHER_SKILLS, r"\bsummar(?:y|i[sz]e)\b"),
        ),
    )

    def is_any_question(self, instruction: str) -> bool:
        """Whether it is asked for by no more than some question, which another skill may understand better."""
        return self.cues.by_the_last_alone(instruction)

    def decide(self, prompt: Prompt) -> Text:
        every = sentences(prompt.material)
        if not every:
            return _told([], prompt.material, Length(None, None))
        words = asked_words(prompt.instruction)
        scores = _answers(every, words, prompt.instruction)
        if not scores:
            return Text(
                (Statement(SILENT, 0.05, _most_telling(every, weights(prompt.material), Length(1, None), 1)[0].text),), 1
            )
        best = max(scores.values())
        near = [sentence for sentence in every if scores.get(sentence.number, 0) >= 0.4 * best]
        length = wanted_length(prompt.instruction)
        return _told(_most_telling(tuple(near), scores, length, ANSWER, by_section=False), prompt.material, length)


class KeyFacts:
    """The sentences with figures, dates and names, as a list."""

    name = "facts"
    cues = Cues(
        asked=(
            r"\b(?:list|extract|find|give|collect|name|what are)\b[^.?!\n]{0,40}\b(?:facts|figures|numbers|dates)\b",
            r"\bkey (?:facts|figures|numbers)\b|\bfacts and figures\b|\A\W*facts\W*\Z",
        ),
        unless=(*_JOINS, r"\bsummar"),
    )

    def decide(self, prompt: Prompt) -> Listing:
        every, telling = sentences(prompt.material), weights(prompt.material)
        limit = wanted_length(prompt.instruction).sentences or 10
        factual = tuple(sentence for sentence in every if sentence.numbers)
        chosen = _most_telling(factual, telling, Length(limit, None), limit)
        items = tuple(
            Finding({"fact": sentence.text.rstrip(".")}, _difficulty(sentence, len(every))) for sentence in chosen
        )
        wrong = tuple(Finding({"fact": slip.rstrip(".")}, 0.04) for slip in map(_misread, chosen[:2]) if slip)
        return Listing(items, "The text states no figures.", wrong)


class Title:
    """The text's own first heading, or its most frequent words."""

    name = "title"
    cues = Cues(
        asked=(
            r"\b(?:suggest|give|propose|write|find|invent|add|choose|create)\b[^.?!\n]{0,30}\b(?:title|headline)s?\b",
            r"\A\W*(?:title|headline)\W*\Z|\b(?:keys?|fields?)\b[^.?!\n]{0,60}\btitle\b",
        )
    )

    def decide(self, prompt: Prompt) -> Text:
        given = headings(prompt.material)
        title = (
            re.sub(r"^(?:chapter\s+)?\d+[.:)]\s*", "", given[0], flags=re.I)
            if given
            else _frequent_words(prompt.material)
        )
        return Text((Statement(title or NOTHING_TO_READ, 0.03, title or NOTHING_TO_READ),), 1)


class JoinedNotes:
    """Several notes joined: the key sentence of each, nothing said twice."""

    name = "report"
    cues = Cues(asked=_JOINS, unless=(_CODE_REVIEW,))

    def decide(self, prompt: Prompt) -> Text:
        notes = [note for note in _notes(prompt.material) if not note.text.startswith(SILENT.rstrip("."))]
        distinct: list[Sentence] = []
        for note in notes:
            if all(alike(note, other) < 0.6 for other in distinct):
                distinct.append(note)
        length = wanted_length(prompt.instruction)
        scores = weights(prompt.material)
        chosen = _most_telling(tuple(distinct), scores, length, len(distinct))
        if not chosen and prompt.material.strip():
            return Text((Statement(SILENT, 0.02, SILENT),), 1)
        told = _told(chosen, prompt.material, length, eased=0.5)
        return Text(told.facts + tuple(map(_disagreement, _contradictions(chosen))), told.limit + 1)


def _contradictions(notes: list[Sentence]) -> list[tuple[Sentence, Sentence]]:
    """Pairs of notes that say the same with other figures."""
    return [(one, other) for place, one in enumerate(notes) for other in notes[place + 1 :] if _says_otherwise(one, other)]


def _says_otherwise(one: Sentence, other: Sentence) -> bool:
    mine, theirs = set(one.numbers), set(other.numbers)
    words, others = one.stems - mine, other.stems - theirs
    if not mine or not theirs or mine == theirs or len(words | others) < 3:
        return False
    return len(words & others) / len(words | others) >= 0.7


def _disagreement(pair: tuple[Sentence, Sentence]) -> Statement:
    """The contradiction, named; it is overlooked more easily than a sentence is misread."""
    one, other = (sentence.text.rstrip(".") for sentence in pair)
    return Statement(f"The notes disagree: «{one}» against «{other}».", 0.12)


def _most_telling(
    every: tuple[Sentence, ...], scores: dict[int, float], length: Length, usual: int, *, by_section: bool = True
) -> list[Sentence]:
    """The best sentences within the length, in reading order, none of them a repetition.

    `by_section`: every section comes once before any comes twice, as in a fair summary.
    """
    limit = length.sentences or (len(every) if length.words else usual)
    ranked = sorted(every, key=lambda sentence: (-scores.get(sentence.number, 0.0), sentence.number))
    chosen: list[Sentence] = []
    words_left = length.words if length.words is not None else 10**9
    turns = _section_turns(ranked) if by_section else {}
    for sentence in sorted(ranked, key=lambda sentence: turns.get(sentence.number, 0)):
        size = len(sentence.text.split())
        if len(chosen) < limit and size <= words_left and all(alike(sentence, other) < 0.6 for other in chosen):
            chosen.append(sentence)
            words_left -= size
    if not chosen and ranked:
        chosen = [ranked[0]]
    return sorted(chosen, key=lambda sentence: sentence.number)


def _section_turns(ranked: list[Sentence]) -> dict[int, int]:
    """For every sentence, how many of its own section rank before it."""
    seen: dict[int, int] = {}
    turns = {}
    for sentence in ranked:
        turns[sentence.number] = seen.get(sentence.section, 0)
        seen[sentence.section] = turns[sentence.number] + 1
    return turns


def _told(chosen: list[Sentence], material: str, length: Length, eased: float = 1.0) -> Text:
    if not chosen:
        return Text((Statement(NOTHING_TO_READ, 0.0),), 1)
    count = len(sentences(material))
    facts = []
    for position, sentence in enumerate(chosen):
        text = _shortened(sentence.text, length.words) if len(chosen) == 1 else sentence.text
        slip = _misread(sentence, text)
        if not slip and position == 0:
            slip = text  # an answer is never empty
        facts.append(Statement(text, eased * _difficulty(sentence, count), slip))
    return Text(tuple(facts), len(facts))


def _shortened(text: str, most: int | None) -> str:
    """A sentence that fits, cut at a comma where there is one."""
    words = text.split()
    if most is None or len(words) <= most:
        return text
    head = words[:most]
    commas = [number for number, word in enumerate(head) if word.endswith((",", ";", ":")) and number >= 3]
    kept = head[: commas[-1] + 1] if commas else head
    return " ".join(kept).rstrip(",;:") + "…"


def _difficulty(sentence: Sentence, count: int) -> float:
    """More numbers, a longer sentence and a longer text make a slip likelier."""
    size = len(sentence.text.split())
    own = 0.02 + 0.012 * min(len(sentence.numbers), 4) + 0.001 * max(0, size - 15)
    return round(min(own + 0.0012 * min(count, 100), 0.3), 4)


def _misread(sentence: Sentence, text: str | None = None) -> str:
    """The sentence with one of its numbers misread; "" when it has none that can be."""
    text = sentence.text if text is None else text
    found = sorted(NUMBER.finditer(text), key=lambda match: (-len(match.group()), match.start()))
    for match in found:
        wrong = _misread_number(match.group())
        if wrong not in sentence.numbers:
            return text[: match.start()] + wrong + text[match.end() :]
    return ""


def _misread_number(number: str) -> str:
    """A number with its last two different digits swapped, or else with its last digit one off.

    >>> [_misread_number(number) for number in ("1989", "8.4", "11", "40", "5,430")]
    ['1998', '4.8', '12', '41', '5,403']
    """
    places = [place for place, char in enumerate(number) if char.isdigit()]
    for left, right in reversed(list(pairwise(places))):
        if number[left] != number[right] and not (left == 0 and number[right] == "0"):
            return number[:left] + number[right] + number[left + 1 : right] + number[left] + number[right + 1 :]
    last = int(number[-1])
    return number[:-1] + str(last + 1 if last < 9 else last - 1)


def _answers(every: tuple[Sentence, ...], words: tuple[str, ...], instruction: str) -> dict[int, float]:
    """A score for every sentence that answers the question; empty when the text does not say.

    A rare word of the question counts for more than one that stands everywhere.
    """
    if not words:
        return {}
    groups = [related(word) for word in words]
    found = {sentence.number: _met(sentence, words, groups) for sentence in every}
    spread = [sum(group in met for met in found.values()) for group in range(len(groups))]
    rarity = [1.0 / (1.0 + (count / len(every)) * 6) for count in spread]
    needed = 1 if len(groups) <= 3 else 2
    return {
        sentence.number: sum(rarity[group] * strength for group, strength in met.items()) * _fit(sentence, instruction)
        for sentence in every
        if len(met := found[sentence.number]) >= needed
    }


def _fit(sentence: Sentence, instruction: str) -> float:
    """How much more a sentence counts that has the kind of thing that is asked for: a number, a sum of money."""
    fit = 1.0
    if sentence.numbers:
        fit += 0.6 if _ASKS_NUMBER.search(instruction) else 0.3
    if _ASKS_MONEY.search(instruction) and _STATES_COST.search(sentence.text):
        fit += 1.6
    return fit


def _met(sentence: Sentence, words: tuple[str, ...], groups: list[frozenset[str]]) -> dict[int, float]:
    """Which words of the question a sentence meets, and how well.

    A word itself counts most. Of the words that are only related to it, one is chance
    ("the fish market" says nothing on wildlife): it takes two, or one below a fitting heading.
    """
    own, above = sentence.stems, stems(sentence.heading)
    met = {}
    for number, (word, group) in enumerate(zip(words, groups, strict=True)):
        near = len(group & own)
        if word in own:
            met[number] = 1.4 + 0.2 * min(near - 1, 2)
        elif near > 1 or near and group & above:
            met[number] = 0.6 + 0.3 * min(near, 3)
    return met


def _notes(material: str) -> list[Sentence]:
    """The key sentence of each note: of each paragraph or entry of a list, and every finding of a code review.

    Where all stand in one paragraph, each sentence is a note: somebody joined them with single line breaks.
    """
    scores = weights(material)
    told = [sentence for sentence in sentences(material) if not _is_label(sentence.text)]
    apart = len({sentence.paragraph for sentence in told}) > 1
    best: dict[int, Sentence] = {}
    for sentence in told:
        note = sentence.paragraph if apart else sentence.number
        old = best.get(note)
        if old is None or scores[sentence.number] > scores[old.number]:
            best[note] = sentence
    return list(best.values())


def _is_label(text: str) -> bool:
    """Whether a line only names what follows, such as "Chapter 2:"."""
    return text.rstrip().endswith(":") and len(text.split()) <= 6


def _frequent_words(text: str) -> str:
    """The two words that a text uses most, as a title: "Otters and Meadow"."""
    counts: dict[str, int] = {}
    spelled: dict[str, str] = {}
    for word in re.findall(r"[A-Za-zÀ-ɏ]{4,}", text):
        for root in content_words(word):
            counts[root] = counts.get(root, 0) + 1
            spelled.setdefault(root, word)
    top = sorted(counts, key=lambda root: -counts[root])[:2]
    return " and ".join(spelled[root].capitalize() for root in top)


SKILLS = (Summary(), Research(), KeyFacts(), Title(), JoinedNotes())

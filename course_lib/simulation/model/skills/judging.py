"""Judging answers: which of several is better, and how good one is.

An answer is worth what it says to the question: words that meet it, figures that the material holds,
points made, agreement with a reference. The judge has the faults of its kind, at rates that are set here:

    on a close pair it takes the first answer 35 % of the time, whichever is better, so that it stands by its
    verdict under swapped order in about 65 % of the cases (as reported for a strong judge in arXiv 2306.05685);
    on a clear one 5 % of the time. Of two answers that it values alike it prefers the longer.
"""

import math
import re
from dataclasses import dataclass

from course_lib.simulation.model.decisions import DontKnow, Label, Number, Prompt, Telling
from course_lib.simulation.model.scales import scale_in
from course_lib.simulation.model.skills.question_words import asked_words, related
from course_lib.simulation.model.skills.sentences import NUMBER, sentences, stems

TAKES_THE_FIRST = 0.35
"""How often the judge of a close pair takes the first answer whatever it says."""
AT_LEAST = 0.05
"""How often it still does on the clearest pair."""
CLEAR = 0.35
"""A difference in worth at which a pair is no longer close (worth is between 0 and 1)."""

_COMPARES = re.compile(
    r"\b(?:which|who|whose|what)\b[^.?!\n]{0,60}\b(?:better|best|stronger|worse|preferable|more "
    r"(?:accurate|helpful|correct|complete|convincing|useful))\b|"
    r"\b(?:compare|judge|rank|choose|pick|select)\b[^.?!\n]{0,60}\b(?:answers?|responses?|candidates?|"
    r"repl(?:y|ies)|summar(?:y|ies)|versions?|drafts?|texts?|them|assistants?)\b|"
    r"\b(?:answer|response|candidate|summary|assistant) (?:a|1) or (?:(?:answer|response|candidate|"
    r"summary|assistant) )?(?:b|2)\b",
    re.I,
)
_WORSE = re.compile(r"\b(?:worse|worst|weaker|weakest)\b", re.I)
_SCORES = re.compile(
    r"\b(?:rate|score|grade|evaluate|assess|judge|mark)\b[^.?!\n]{0,60}\b(?:answers?|responses?|"
    r"repl(?:y|ies)|summar(?:y|ies)|essay|solution|candidate|draft|report|quality)\b|"
    r"\bhow (?:good|accurate|helpful|correct|complete|faithful)\b[^.?!\n]{0,30}\b(?:answers?|"
    r"responses?|summary|report|reply)\b|"
    r"\bis (?:this|the|each) (?:answer|response|summary|solution) (?:correct|right|good|complete|"
    r"acceptable|faithful)\b|"
    r"\b(?:does|do|is|are|has)\b[^.?!\n]{0,30}\b(?:answers?|summary|report|"
    r"response)\b[^.?!\n]{0,60}\b(?:source|supported|faithful\w*|grounded|made up|hallucinat\w+|"
    r"consistent|reference)\b",
    re.I,
)
_CANDIDATE = re.compile(
    r"(?:answer|response|candidate|option|assistant|summary|version|reply|draft|text|output|"
    r"solution|report|essay)[ _-]?([a-z]|\d{1,2}|first|second)?",
    re.I,
)
_QUESTION = re.compile(r"question|query|task|instruction|prompt|problem|request", re.I)
_REFERENCE = re.compile(r"reference|truth|gold|expected|correct_answer|ideal|key|solution_key", re.I)
_MATERIAL = re.compile(r"source|text|document|context|material|article|passage|notes?|chapter|facts", re.I)
_LABELLED = re.compile(
    r"^[ \t>*#_]*((?:answer|response|candidate|option|assistant|summary|version|draft)[ "
    r"_]?(?:[A-E]|[1-9])|question|source|reference(?: answer)?|text)[*_]*:[ \t]*",
    re.I | re.M,
)
_NAMES = {"first": 0, "second": 1}
_TIE = re.compile(r"\b(tie|equal|draw|both|neither|same)\b", re.I)


@dataclass(frozen=True)
class _Case:
    question: str
    answers: tuple[str, ...]
    names: tuple[str, ...]
    reference: str
    material: str


def _case(prompt: Prompt) -> _Case:
    """Question, answers and what they are judged by, from tags or from lines such as "Answer A:"."""
    parts = list(prompt.parts) or _labelled_parts(prompt.text or prompt.material)
    answers, question, reference, material = [], "", "", ""
    single = [name for name, _ in parts if _CANDIDATE.fullmatch(name)]
    for name, content in parts:
        if _REFERENCE.fullmatch(name.replace(" ", "_")) or name.lower().startswith("reference"):
            reference = content
        elif _QUESTION.fullmatch(name):
            question = content
        elif _CANDIDATE.fullmatch(name) and not (name.lower() == "text" and len(single) > 1):
            answers.append((name, content))
        elif _MATERIAL.fullmatch(name) or name.lower() == "text":
            material = f"{material}\n\n{content}".strip()
    return _Case(
        question, tuple(content for _, content in answers), tuple(name for name, _ in answers), reference, material
    )


def _request(prompt: Prompt) -> str:
    """What is asked; of a message without tags all of it may be."""
    return prompt.instruction if prompt.parts else prompt.text or prompt.instruction


def _labelled_parts(text: str) -> list[tuple[str, str]]:
    marks = list(_LABELLED.finditer(text))
    if not marks:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [(mark.group(1), text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
    # The request may stand below the last answer.
    return [
        (name, "\n".join(line for line in content.splitlines() if not (_COMPARES.search(line) or _SCORES.search(line))))
        for name, content in parts
    ]


class Comparison:
    """Which answer is better, as the prompt names them: A or B, 1 or 2."""

    name = "better"
    cues = _COMPARES

    def wants(self, prompt: Prompt) -> bool:
        """Whether answers are to be compared, and at least two are there."""
        return bool(_COMPARES.search(_request(prompt))) and len(_case(prompt).answers) > 1

    def decide(self, prompt: Prompt) -> Label:
        """The better answer; the first in order is what a lazy judge says."""
        case = _case(prompt)
        names = _spelled(prompt.instruction, case)
        sign = -1.0 if _WORSE.search(prompt.instruction) else 1.0
        worth = [sign * value_of(answer, case.question, case.material, case.reference) for answer in case.answers]
        ranked = sorted(
            range(len(worth)), key=lambda place: (-worth[place], -len(case.answers[place]), case.answers[place], place)
        )
        choices: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
        gap = worth[ranked[0]] - worth[ranked[1]]
        tie = _TIE.search(re.sub(r"\bboth answers\b", " ", prompt.instruction))
        if tie and abs(gap) < 0.02:
            return Label(tie.group(1), choices | {tie.group(1): ()}, 0.2, names[0], why="they say about the same")
        lazy = AT_LEAST + (TAKES_THE_FIRST - AT_LEAST) * math.exp(-2 * (gap / CLEAR) ** 4)
        return Label(
            names[ranked[0]],
            choices | ({tie.group(1): ()} if tie else {}),
            round(lazy, 3),
            names[0],
            why="it says more to the question" if gap >= 0.02 else "there is little between them",
        )


def _spelled(instruction: str, case: _Case) -> list[str]:
    """How the verdict is to be said: "A" and "B" where the prompt says so, else the tags' own endings."""
    count = len(case.answers)
    if re.search(r"\bA\b[\s\"'`,/|]*(?:or|/|\||,)[\s\"'`]*B\b", instruction):
        return [chr(ord("A") + place) for place in range(count)]
    if re.search(r"\b1\b[\s\"'`,/|]*(?:or|/|\||,|to|-)[\s\"'`]*\d\b", instruction):
        return [str(place + 1) for place in range(count)]
    if count == 2 and re.search(r"\bfirst\b[\s\"'`]*or[\s\"'`]*(?:the )?second\b", instruction, re.I):
        return ["first", "second"]
    endings = [re.split(r"[ _-]", name)[-1] for name in case.names]
    if len(set(endings)) == count and all(len(ending) <= 2 for ending in endings):
        return [ending.upper() for ending in endings]
    return [chr(ord("A") + place) for place in range(count)]


class Score:
    """How good one answer is, on the scale that the prompt names; 1 to 10 when it names none."""

    name = "score"
    cues = _SCORES

    def wants(self, prompt: Prompt) -> bool:
        """Whether one answer is to be scored."""
        return bool(_SCORES.search(_request(prompt))) and len(_case(prompt).answers) == 1

    def decide(self, prompt: Prompt) -> Number | Label | DontKnow:
        """Its worth on the scale, or yes or no; a slip is one step off."""
        case = _case(prompt)
        if not (case.question or case.material or case.reference):
            return DontKnow(
                "I can judge an answer only by its question, its source or a reference: put them in "
                "tags such as <question>."
            )
        worth = value_of(case.answers[0], case.question, case.material, case.reference)
        if not scale_in(prompt.instruction) and re.search(
            r"\A\W*(?:does|do|is|are|has)\b|\byes\b[\s\S]*\bno\b|"
            r"\btrue\b[\s\S]*\bfalse\b|\bcorrect or (?:in|not )",
            prompt.instruction,
            re.I,
        ):
            good = worth >= 0.5
            choices = {
                "yes": ("true", "correct", "right", "good", "acceptable"),
                "no": ("false", "incorrect", "not correct", "wrong", "unacceptable"),
            }
            return Label("yes" if good else "no", choices, round(0.04 + 0.4 * math.exp(-abs(worth - 0.5) / 0.15), 3))
        low, high = scale_in(prompt.instruction) or (1, 10)
        fine = high <= 1
        value = low + worth * (high - low)
        right = round(value, 2) if fine else round(value)
        step = 0.1 if fine else max(1, round((high - low) / 10))
        slips = tuple(
            Telling(round(max(low, min(high, right + shift)), 2)) for shift in (step, -step) if low <= right + shift <= high
        )
        return Number(
            Telling(right),
            slips,
            0.3,
            f"I give it {{}} out of {high:g}." if low in (0, 1) else "My score is {}.",
            (low, high),
        )


def value_of(answer: str, question: str = "", material: str = "", reference: str = "") -> float:
    """What an answer is worth, from 0 to 1: it meets the question, its figures are right, it makes its points.

    >>> asked = "When was the bridge built, and what did it cost?"
    >>> value_of("It was built in 1901 and cost 40,000 crowns.", asked) > value_of("I like bridges.", asked)
    True
    """
    said = stems(answer)
    if not said:
        return 0.0
    if reference:
        wanted = stems(reference)
        figures = set(NUMBER.findall(reference))
        words = len(said & wanted) / len(wanted) if wanted else 0.0
        hit = len(figures & set(NUMBER.findall(answer))) / len(figures) if figures else words
        return round(min(1.0, 0.5 * words + 0.5 * hit), 4)
    asked = [related(word) for word in asked_words(question)] if question else []
    meets = sum(bool(group & said) for group in asked) / len(asked) if asked else 0.5
    figures = NUMBER.findall(answer)
    if material:
        true = sum(figure in NUMBER.findall(material) for figure in figures)
        right = true / len(figures) if figures else 0.5
        backed = len(said & stems(material)) / len(said)
    else:
        right, backed = (0.7 if figures else 0.4), 0.6
    points = min(len(sentences(answer)), 4) / 4
    length = min(len(answer.split()), 60) / 60
    return round(0.38 * meets + 0.27 * right + 0.15 * backed + 0.1 * points + 0.1 * length, 4)


SKILLS = (Comparison(), Score())

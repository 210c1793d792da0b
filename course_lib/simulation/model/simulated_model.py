"""The model's reply to a request: read the prompt, decide what is true, err now and then, say it as asked.

Reading and deciding depend on the request's words alone, so they are remembered; erring and saying
are done anew for every sample.
"""

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from course_lib.simulation.content import text_of
from course_lib.simulation.model import formats
from course_lib.simulation.model.decisions import (
    Decision,
    DontKnow,
    Finding,
    Label,
    Listing,
    Number,
    Prompt,
    Statement,
    Text,
)
from course_lib.simulation.model.mistakes import Mistakes
from course_lib.simulation.model.prompts import read_prompt
from course_lib.simulation.model.skills import GENERAL, SKILLS, TASKS

DONT_KNOW = (
    "I don't know how to do this: I am a simulated model, not a language model. I can judge spam, sentiment, topics, "
    "urgency and posts, choose among labels that you offer, summarize, rewrite, count in, copy from or answer from an English "
    "text, join notes, plan research, compare answers, work out small sums and word problems, and review Python code for "
    "security, performance and style."
)
SHARE_OF_AN_ITEM = 0.1
"""A further text in the same prompt distracts as much as a tenth of a further consideration."""

NO_MATERIAL = (
    "Which text do you mean? I am a simulated model and can only answer from a text in the prompt: "
    "put it there, for example between <text> and </text>."
)
NO_FACTS = (
    "I know no facts: I am a simulated model, and answer questions from a text that stands in the prompt, "
    "for example between <text> and </text>."
)

_OTHER_LANGUAGE = re.compile(
    r"\b(translat\w+|(in|into) (german|french|spanish|italian|portuguese|dutch|polish|russian|turkish|arabic|hindi|"
    r"chinese|japanese|korean))\b",
    re.I,
)


REMEMBERED = 1024
"""Requests of which the reading is kept."""


@dataclass(frozen=True)
class Reading:
    """A request as it was understood: the prompt, the wanted format, and what is true of each of its texts.

    `unknown` is said instead when nothing was understood. `answers` has one entry per text: (skill, decision) pairs.
    `materials` are the texts, and `wording` is the instruction, as mistakes know them: evenly spaced.
    """

    prompt: Prompt
    wanted: formats.Format
    answers: tuple[tuple, ...] = ()
    materials: tuple[str, ...] = ()
    wording: str = ""
    unknown: str = ""


_POINTS_AT_A_TEXT = re.compile(
    r"\b(?:this|these|that|those|it|its|they|above|below|following|"
    r"the (?:\w+ )?(?:text|document|report|chapter|passage|article|notes|message|e-?mail|letter|author|writer|customer))\b",
    re.I,
)
_YES_OR_NO = re.compile(r"\byes\b[\s\S]{0,40}\bno\b|\bno\b[\s\S]{0,40}\byes\b|\btrue or false\b", re.I)
_STRAY = re.compile(r"[ \t]+(?=\n|\Z)|\A[ \t]*\n+|(?<=\n\n\n)\n+")
_INDENTED = re.compile(r"^(?: {2,}|\t)\S", re.M)
_REPEATED = re.compile(r"(?<=[\w.,;:!?])[ \t]{2,}(?=[^\s#])")


def reply(body: dict, *, seed: int, sample: int) -> str:
    """The words of the model's answer: a function of (seed, model, request, sample number) alone."""
    temperature = float(body.get("temperature", 1.0))
    return _answer(_words_of(body), (SKILLS, TASKS, GENERAL), body["model"], temperature, seed, sample)


@lru_cache(maxsize=4 * REMEMBERED, typed=True)  # seed 1 and seed True are two seeds
def _answer(words: str, known: tuple, model: str, temperature: float, seed: object, sample: int) -> str:
    """Remembered, for whoever runs a cell or a check again: the same questions in the same order."""
    read = _read(words, known)
    if read.unknown:
        return formats.say_unknown(read.unknown, read.wanted)
    circumstances = {"seed": seed, "model": model, "wording": read.wording, "sample": sample, "temperature": temperature}
    prompt, skills = read.prompt, len(read.answers[0])
    if prompt.items:
        # Attention is split between texts, too, though less than between different considerations.
        considerations = skills + (len(prompt.items) - 1) * SHARE_OF_AN_ITEM
        each = [
            _believed_all(answers, Mistakes(material=material, considerations=considerations, **circumstances))
            for material, answers in zip(read.materials, read.answers, strict=True)
        ]
        return formats.say_each(each, read.wanted, prompt)
    mistakes = Mistakes(material=read.materials[0], considerations=skills, **circumstances)
    return formats.say(_believed_all(read.answers[0], mistakes), read.wanted, prompt, mistakes)


def _words_of(body: dict) -> str:
    """All of a request that is read, as one text."""
    messages = body["messages"]
    if len(messages) == 1 and len(messages[0]) == 2 and not (body.get("system") or body.get("output_config")):
        content = messages[0].get("content")
        if isinstance(content, str) and messages[0].get("role") == "user" and body.get("system") is None:
            return _one_message(content)
    return json.dumps([body.get("system"), body["messages"], body.get("output_config")], ensure_ascii=False)


@lru_cache(maxsize=REMEMBERED)
def _one_message(content: str) -> str:
    return json.dumps([None, [{"role": "user", "content": content}], None], ensure_ascii=False)


@lru_cache(maxsize=REMEMBERED)
def _read(words: str, known: tuple) -> Reading:
    """The request understood. `known` are the skills: SKILLS, TASKS and GENERAL."""
    system, messages, output_config = json.loads(words)
    role = _special(text_of(system), known)

    def knows(text: str) -> bool:
        """Whether a message asks for something; with a role other than answering, a mere question is part of the text."""
        asked = _special(text, known)
        return bool(asked) and not (
            role and all(_is_any_question(skill, text) for skill in asked) and asked[0] not in role
        )

    prompt = read_prompt(
        {"system": system, "messages": messages},
        knows=knows,
        knows_role=lambda text: bool(_asked(Prompt(text, ""), known)),
    )
    skills = _asked(prompt, known)
    if skills and hasattr(skills[0], "reads_all") and not prompt.parts:
        whole = f"{prompt.instruction}\n{prompt.material}".strip()
        prompt = replace(prompt, instruction=whole, material=whole, items=())
    wanted = formats.read_format(prompt.instruction, output_config, prompt.answer_tags)
    skills = skills or _asked(Prompt(" ".join(wanted.keys).replace("_", " "), prompt.material), known)
    if (
        _OTHER_LANGUAGE.search(prompt.instruction)
        or not skills
        and not (wanted.kind == "schema" and prompt.material and _has_options(wanted.schema))
    ):
        return Reading(prompt, wanted, unknown=DONT_KNOW)
    if not prompt.material and all(_needs_text(skill, prompt) for skill in skills):
        return Reading(prompt, wanted, unknown=_what_is_missing(skills, prompt.instruction))
    texts = [replace(prompt, material=item, items=()) for item in prompt.items] or [prompt]
    answers = tuple(tuple((skill, skill.decide(text)) for skill in skills) for text in texts)
    answers = tuple(_with_fields(known, text, wanted, pairs) for text, pairs in zip(texts, answers, strict=True))
    return Reading(
        prompt,
        wanted,
        answers,
        tuple(_evenly_spaced(text.material) for text in texts),
        _evenly_spaced(prompt.instruction),
    )


def _what_is_missing(skills: list, instruction: str) -> str:
    """A question about the world gets no promise: a text would help only if it held the answer."""
    about_the_world = all(_is_any_question(skill, instruction) for skill in skills) and not _POINTS_AT_A_TEXT.search(instruction)
    return NO_FACTS if about_the_world else NO_MATERIAL


def _needs_text(skill, prompt: Prompt) -> bool:
    return skill.needs_text(prompt) if hasattr(skill, "needs_text") else True


def _has_options(schema: dict) -> bool:
    return '"enum"' in json.dumps(schema)


def _with_fields(known: tuple, text: Prompt, wanted: formats.Format, answers: tuple) -> tuple:
    """The answers, and those of the skills that only a field of the wanted JSON, tags or lines names."""
    if (
        wanted.kind not in ("schema", "json", "tags", "key lines")
        or not answers
        or any(hasattr(skill, "wants") for skill, _ in answers)
    ):
        return answers
    entries = {
        _spoken(name)
        for _, decision in answers
        if isinstance(decision, Listing)
        for item in decision.items
        for name in item.fields
    }
    for key in wanted.keys:
        words = _spoken(key)
        if (
            words in entries
            or words in ("answer", "name", "question", "number", "summary", "title")
            or any(skill.name == words or skill.cues.search(words) for skill, _ in answers)
        ):
            continue
        more = [skill for skill in (*known[0], *known[1]) if skill.cues.search(words)]
        if len(more) == 1 and more[0].name not in [skill.name for skill, _ in answers]:
            answers = (*answers, (more[0], more[0].decide(text)))
    return answers


def _spoken(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").lower()


def _believed_all(answers: tuple, mistakes: Mistakes) -> list:
    return [(skill, _believed(skill.name, decision, mistakes)) for skill, decision in answers]


def _asked(prompt: Prompt, known: tuple) -> list:
    """The skills that a prompt asks for: one kind of task alone, or several of the others, or what is general."""
    _, tasks, general = known
    named = _named(prompt.instruction, tasks)
    wanted = [task for task in tasks if (task.wants(prompt) if hasattr(task, "wants") else task in named)]
    if wanted:
        return [task for task in wanted if type(task) is type(wanted[0])]
    special = _special(prompt.instruction, known)
    vague = not special or all(_is_any_question(skill, prompt.instruction) for skill in special)
    other = [
        skill
        for skill in general
        if vague and (not special or hasattr(skill, "before_questions")) and skill.cues.search(prompt.instruction)
    ]
    return other[:1] or special


@lru_cache(maxsize=4096)
def _named(instruction: str, tasks: tuple) -> tuple:
    """The tasks whose cues are in an instruction; those that look at the text as well are asked each time."""
    return tuple(task for task in tasks if not hasattr(task, "wants") and task.cues.search(instruction))


@lru_cache(maxsize=4096)
def _special(instruction: str, known: tuple) -> list:
    """The skills of SKILLS that an instruction names, each name once."""
    by_name = {skill.name: skill for skill in known[0] if skill.cues.search(instruction)}
    question = next((skill for skill in by_name.values() if _is_any_question(skill, instruction)), None)
    if question and (len(by_name) > 1 or _YES_OR_NO.search(instruction)):
        del by_name[question.name]
    return list(by_name.values())


def _is_any_question(skill, instruction: str) -> bool:
    return hasattr(skill, "is_any_question") and skill.is_any_question(instruction)


def _evenly_spaced(text: str) -> str:
    """The text without stray spaces and empty lines, so that those change no mistake.

    Indented lines are code or verse, where spaces count: there only the ends of lines are put in order.
    """
    text = _STRAY.sub("", text) if _STRAY.search(text) else text
    return text if _INDENTED.search(text) else _REPEATED.sub(" ", text)


def _believed(name: str, decision: Decision, mistakes: Mistakes) -> Decision:
    """What this reply takes for true: the decision with its mistakes made, its difficulty that of this very model."""
    if isinstance(decision, Label):
        label = _mistaken_label(name, decision) if mistakes.wrong(name, decision.difficulty) else decision
        chance = mistakes.chance(decision.difficulty)
        return label if label.difficulty == chance else _of_difficulty(chance, label)
    if isinstance(decision, Number):
        return _reckoned(name, decision, mistakes)
    if isinstance(decision, Listing):
        return _noticed(name, decision, mistakes)
    return decision if isinstance(decision, DontKnow) else Text(tuple(_told(name, decision, mistakes)), decision.limit)


def _of_difficulty(chance: float, label: Label) -> Label:
    """Written out, since `replace` costs as much as all the rest of a ballot's mistakes."""
    return Label(label.value, label.choices, chance, label.slip, label.levels, label.why)


def _mistaken_label(name: str, label: Label) -> Label:
    others = [choice for choice in label.choices if choice != label.value]
    value = label.slip or (others or [label.value])[0]
    return replace(label, value=value, why=label.why if value == label.value else "")


def _reckoned(name: str, number: Number, mistakes: Mistakes) -> Number:
    """The number, or one of its slips, by lot: wrong answers scatter where right ones agree."""
    chance = mistakes.chance(number.difficulty)
    if not number.slips or not mistakes.wrong(name, number.difficulty):
        return replace(number, difficulty=chance)
    slip = number.slips[int(mistakes.draw("slip") * len(number.slips))]
    return replace(number, right=slip, difficulty=chance)


def _noticed(name: str, findings: Listing, mistakes: Mistakes) -> Listing:
    seen = [item for item in findings.items if not mistakes.wrong(_point(name, item), item.difficulty)]
    imagined = [item for item in findings.false_alarms if mistakes.wrong(_point(name, item), item.difficulty)]
    return Listing(tuple(seen + imagined), findings.none)


def _told(name: str, text: Text, mistakes: Mistakes):
    for fact in text.facts:
        if not mistakes.wrong(f"{name}: {fact.text}", fact.difficulty):
            yield fact
        elif fact.slip:
            yield Statement(fact.slip, fact.difficulty)


def _point(name: str, finding: Finding) -> str:
    return f"{name}: {' '.join(str(value) for value in finding.fields.values())}"

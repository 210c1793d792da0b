"""The model's reply to a request: read the prompt, decide what is true, err now and then, say it as asked."""

import re

from course_lib.simulation.model import formats
from course_lib.simulation.model.decisions import Decision, Fact, Finding, Findings, Label, Prompt, Text
from course_lib.simulation.model.mistakes import Mistakes
from course_lib.simulation.model.prompts import read_prompt
from course_lib.simulation.model.skills import SKILLS

DONT_KNOW = (
    "I don't know how to do this: I am a simulated model, not a language model. I can judge spam, sentiment, "
    "topics and urgency, summarize an English text or answer from it, join notes, and review Python code for "
    "security, performance and style."
)
SHARE_OF_AN_ITEM = 0.1
"""A further text in the same prompt distracts as much as a tenth of a further consideration."""

NO_MATERIAL = (
    "Which text do you mean? I am a simulated model and can only answer from a text in the prompt: "
    "put it there, for example between <text> and </text>."
)

_OTHER_LANGUAGE = re.compile(
    r"\b(translat\w+|(in|into) (german|french|spanish|italian|portuguese|dutch|polish|russian|turkish|arabic|hindi|"
    r"chinese|japanese|korean))\b", re.I
)


def reply(body: dict, *, seed: int, sample: int) -> str:
    """The words of the model's answer: a function of (seed, model, request, sample number) alone."""
    prompt = read_prompt(body, knows=lambda text: bool(_asked(text)))
    wanted = formats.read_format(prompt.instruction, body.get("output_config"))
    skills = _asked(prompt.instruction) or _asked(" ".join(wanted.keys).replace("_", " "))
    if not skills or _OTHER_LANGUAGE.search(prompt.instruction):
        return formats.say_unknown(DONT_KNOW, wanted)
    if not prompt.material:
        return formats.say_unknown(NO_MATERIAL, wanted)
    circumstances = {
        "seed": seed,
        "model": body["model"],
        "wording": prompt.instruction,
        "sample": sample,
        "temperature": float(body.get("temperature", 1.0)),
    }
    if prompt.items:
        return formats.say_each([_answer_item(skills, prompt, item, circumstances) for item in prompt.items], wanted, prompt)
    mistakes = Mistakes(material=prompt.material, considerations=len(skills), **circumstances)
    return formats.say(_answer(skills, prompt, mistakes), wanted, prompt, mistakes)


def _answer(skills: list, prompt: Prompt, mistakes: Mistakes) -> list:
    return [(skill, _believed(skill.name, skill.decide(prompt), mistakes)) for skill in skills]


def _answer_item(skills: list, prompt: Prompt, item: str, circumstances: dict) -> list:
    """One of several texts in a prompt. Attention is split, though less than between different considerations."""
    considerations = len(skills) + (len(prompt.items) - 1) * SHARE_OF_AN_ITEM
    mistakes = Mistakes(material=item, considerations=considerations, **circumstances)
    return _answer(skills, Prompt(prompt.instruction, item), mistakes)


def _asked(instruction: str) -> list:
    return [skill for skill in SKILLS if skill.cues.search(instruction)]


def _believed(name: str, decision: Decision, mistakes: Mistakes) -> Decision:
    """What this reply takes for true: the decision with its mistakes made."""
    if isinstance(decision, Label):
        return _mistaken_label(name, decision) if mistakes.wrong(name, decision.difficulty) else decision
    if isinstance(decision, Findings):
        return _noticed(name, decision, mistakes)
    return Text(tuple(_told(name, decision, mistakes)), decision.limit)


def _mistaken_label(name: str, label: Label) -> Label:
    others = [choice for choice in label.choices if choice != label.value]
    return Label(label.slip or (others or [label.value])[0], label.choices, label.difficulty)


def _noticed(name: str, findings: Findings, mistakes: Mistakes) -> Findings:
    seen = [item for item in findings.items if not mistakes.wrong(_point(name, item), item.difficulty)]
    imagined = [item for item in findings.false_alarms if mistakes.wrong(_point(name, item), item.difficulty)]
    return Findings(tuple(seen + imagined), findings.none)


def _told(name: str, text: Text, mistakes: Mistakes):
    for fact in text.facts:
        if not mistakes.wrong(f"{name}: {fact.text}", fact.difficulty):
            yield fact
        elif fact.slip:
            yield Fact(fact.slip, fact.difficulty)


def _point(name: str, finding: Finding) -> str:
    return f"{name}: {' '.join(str(value) for value in finding.fields.values())}"


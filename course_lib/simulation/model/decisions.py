"""What a skill decides, before it is said in any format and before any mistake is made.

`difficulty` is always the same thing: the share of the time that Claude Haiku 5.5,
as simulated here, gets this very point wrong. 0.02 is plain, 0.3 is hard, above 0.5
is a trap that a vote makes worse. Stronger models are wrong less (see `mistakes`).
"""

from dataclasses import dataclass, field
from re import Pattern
from typing import Protocol


@dataclass(frozen=True)
class Label:
    """One value out of a few: spam or not, positive or negative, low or high.

    `choices` maps every possible value to the other words that prompts use for it:
    {"spam": ("junk", "yes"), "not spam": ("ham", "legitimate", "no")}.
    `slip` is what a mistake says; left empty, it is the next choice.
    `levels` places the values between 0 and 1, for prompts that want a score; left empty, the first
    of two choices is 1 and the other 0. `why` says what in the text speaks for `value`.
    """

    value: str
    choices: dict[str, tuple[str, ...]]
    difficulty: float
    slip: str = ""
    levels: dict[str, float] = field(default_factory=dict)
    why: str = ""

    def __post_init__(self):
        assert self.value in self.choices and (not self.slip or self.slip in self.choices)


@dataclass(frozen=True)
class Finding:
    """One entry of a list: its fields in the order in which they are said, and how hard it is to notice.

    A code review's finding has the fields aspect, line, severity and message;
    a topic has just one field.
    """

    fields: dict[str, str | int | float]
    difficulty: float


@dataclass(frozen=True)
class Listing:
    """What a list holds (each entry may be missed), and what a mistake adds to it.

    `false_alarms` are entries that are not true; each one's difficulty is the share
    of the time that it is reported all the same. `none` is said when the list is empty.
    """

    items: tuple[Finding, ...]
    none: str
    false_alarms: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A sentence of a text, how hard it is to get right, and how a mistake puts it.

    With `slip` empty a mistake leaves the sentence out.
    """

    text: str
    difficulty: float
    slip: str = ""


@dataclass(frozen=True)
class Text:
    """Prose: facts in reading order. `limit` is how many are said unless the prompt asks for a length."""

    facts: tuple[Statement, ...]
    limit: int = 3


@dataclass(frozen=True)
class Telling:
    """One way to a number: the steps as they are told, and what comes out."""

    value: int | float
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number:
    """A number that was worked out, and the wrong ways to which it may be lost; a mistake takes one of them by lot.

    `sentence` says it, with {} for the number. `scale` are the lowest and highest value when it is a score.
    """

    right: Telling
    slips: tuple[Telling, ...]
    difficulty: float
    sentence: str = "The answer is {}."
    scale: tuple[float, float] | None = None


@dataclass(frozen=True)
class DontKnow:
    """The skill was asked for, but not in a way that it understands. `reason` says so, and what would help."""

    reason: str


Decision = Label | Listing | Text | Number | DontKnow


@dataclass(frozen=True)
class Prompt:
    """A request as the model reads it.

    instruction: what is asked, in the writer's words, without the material.
    material: the text that it is about; "" when there is none.
    items: the texts to be judged one by one, when the prompt holds several and asks about each.
    parts: (tag, content) of everything that stands between tags, in order.
    answer_tags: the tags that the answer is to stand in; those are no parts.
    text: all of the message, as it was written.
    """

    instruction: str
    material: str
    items: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    answer_tags: tuple[str, ...] = ()
    text: str = ""


class Skill(Protocol):
    """What the model can do. `name` is its field in an answer, such as "sentiment".

    `decide` reads `prompt.material` and nothing else: never an item's identity. A skill may also have `wants(prompt)`, where
    a glance at the text is needed to know that it is asked for, and `needs_text(prompt)`, False where it answers without any.
    """

    name: str
    cues: Pattern  # finds it in an instruction; whatever has `search` will do

    def decide(self, prompt: Prompt) -> Decision: ...

"""What a workflow is made of: inputs, steps, votes, fan-outs, joins, routers and guardrails.

A step's name is the name of what it gives. What it reads, it names in its prompt: `{post}` is the
input `post`, `{hate speech}` the answer of the step of that name. Names only; JSON in a prompt stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from course_lib.data.models import find_model
from course_lib.errors import BadInput, check_number, check_whole, shown
from course_lib.voting import plain

POLICIES = ("raise", "skip", "human review")
"""What may happen when a step fails, besides taking one of its own answers for it."""

_PLACEHOLDER = re.compile(r"\{(\w[\w -]*)\}")


@dataclass(frozen=True)
class Input:
    """Something that the workflow is given when it runs, such as the post that it checks."""

    name: str
    kind: ClassVar[str] = "input"

    def __post_init__(self):
        _check_name(self.name)


@dataclass(frozen=True)
class Step:
    """One call. What it answers goes under its own name to whoever reads it.

    prompt: with `{name}` where an input or another step's answer belongs. It may be left out of a design
    that is only drawn and priced; then `reads` says what the step needs.
    answers: the only ones that count, ("flag", "ok"), or what the model says and what it means,
    {"yes": "flag", "no": "ok"}; any other reply is a failure. None: every text is an answer.
    on_failure: "raise", "skip", "human review", or one of the answers, which is then taken for it.
    model: another one than the `ask` uses. seconds: what one call is assumed to take, for the estimate.
    """

    name: str
    prompt: str | tuple[str, ...] = ""
    reads: tuple[str, ...] = field(default=(), kw_only=True)
    answers: Mapping[str, str] | None = field(default=None, kw_only=True)
    on_failure: str | None = field(default=None, kw_only=True)
    model: str | tuple[str, ...] | None = field(default=None, kw_only=True)
    seconds: float | None = field(default=None, kw_only=True)
    kind: ClassVar[str] = "step"

    def __post_init__(self):
        _check_name(self.name)
        self._set("prompt", _texts(self.prompt, self.name, "prompt"))
        self._set("model", _texts(self.model or (), self.name, "model"))
        self._set("reads", _texts(self.reads, self.name, "reads"))
        self._set("answers", _meanings(self.answers, self.name))
        for model in self.model:
            find_model(model)
        check_number(self.seconds, f"{self.name!r}: seconds", "is no duration", 3.0, kind="seconds", none="")
        self._check()

    def _check(self):
        for field_name in ("prompt", "model"):
            if len(getattr(self, field_name)) > 1:
                raise BadInput(f"{self.name!r} makes one kind of call but has several {field_name}s; only a Vote takes several.")

    def _set(self, name, value):
        object.__setattr__(self, name, value)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names that it reads: those of `reads`, then those in its prompt."""
        named = [name for prompt in self.prompt for name in _PLACEHOLDER.findall(prompt)]
        return tuple(dict.fromkeys((*self.reads, *named)))

    @property
    def unmentioned(self) -> tuple[str, ...]:
        """What it says it reads but never puts into a prompt."""
        named = {name for prompt in self.prompt for name in _PLACEHOLDER.findall(prompt)}
        return tuple(name for name in self.reads if name not in named) if self.prompt else ()

    @property
    def calls(self) -> int:
        """How many calls it makes, at most."""
        return 1

    def prompt_of(self, number: int, values: Mapping[str, Any]) -> str:
        """The text of its call number `number`. Filled in one go: braces inside a value stay what they are."""
        template = self.prompt[number % len(self.prompt)]
        return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), template)

    def model_of(self, number: int) -> str | None:
        """The model of its call number `number`; None: whichever the `ask` uses."""
        return self.model[number % len(self.model)] if self.model else None

    def read(self, reply: str) -> str | None:
        """What a reply means; None when it is none of the answers, or empty.

        >>> check = Step("spam", "Spam? Yes or no. {post}", answers={"yes": "flag", "no": "ok"})
        >>> check.read(" Yes."), check.read("Yesterday, I think")
        ('flag', None)
        """
        if self.answers is None:
            return reply.strip() or None
        return self.answers.get(plain(reply))

    @property
    def label(self) -> str:
        """Its name, and under it what is special about it."""
        return self.name


@dataclass(frozen=True)
class Vote(Step):
    """The same question to several voters at once, and one decision.

    voters: how many; left out, one per prompt. With several prompts, or models, the voters take them in turn.
    strategy: "majority", "plurality", "unanimous", "union", …, or a function of the ballots that gives a Verdict.
    quorum: how many ballots must be readable; left out, more than half of them.
    """

    voters: int | None = field(default=None, kw_only=True)
    strategy: str | Callable | None = field(default=None, kw_only=True)
    quorum: int | None = field(default=None, kw_only=True)
    kind: ClassVar[str] = "vote"

    def _check(self):
        self._set("voters", max(len(self.prompt), len(self.model), 1) if self.voters is None else self.voters)
        check_whole(self.voters, f"{self.name!r}: voters", "is no number of voters", 3)
        for field_name in ("prompt", "model"):
            if len(getattr(self, field_name)) > self.voters:
                raise BadInput(f"{self.name!r} has more {field_name}s than its {self.voters} voters; leave `voters` out.")
        check_whole(self.quorum, f"{self.name!r}: quorum", "is no number of ballots", 2, none="for more than half")
        if (self.quorum or 1) > self.voters:
            raise BadInput(f"{self.name!r} wants a quorum of {self.quorum} from {self.voters} voters; lower the quorum.")

    @property
    def calls(self) -> int:
        return self.voters

    @property
    def label(self) -> str:
        voters = "voter" if self.voters == 1 else "voters"
        return f"{self.name}\n{self.voters} {voters}, {strategy_name(self.strategy)}"


@dataclass(frozen=True)
class FanOut(Step):
    """One worker for every entry of a list: a planner's, or one that is given. Its prompt names the entry as `{over}`.

    over: whose list: an input, or a step that answers with a JSON list or one entry per line.
    at_most: how many workers may run; entries beyond are reported, not worked on.
    """

    over: str = field(default="", kw_only=True)
    at_most: int | None = field(default=None, kw_only=True)
    kind: ClassVar[str] = "fan-out"

    def _check(self):
        super()._check()
        check_whole(self.at_most, f"{self.name!r}: at_most", "is no number of workers", 5, none="")

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*filter(None, [self.over]), *super().inputs)))

    @property
    def calls(self) -> int:
        return self.at_most or 1

    @property
    def label(self) -> str:
        return f"{self.name}\none per entry" + (f", at most {self.at_most}" if self.at_most else "")


@dataclass(frozen=True)
class Join(Step):
    """Several answers become one.

    strategy: "flag if any", "concatenate", "union", "chosen", "synthesis" (a call: it needs a prompt),
    or a function of the parts (see `course_lib.aggregation.joins.Part`).
    """

    strategy: str | Callable | None = field(default=None, kw_only=True)
    kind: ClassVar[str] = "join"

    @property
    def calls(self) -> int:
        return 1 if self.strategy == "synthesis" else 0

    @property
    def label(self) -> str:
        return f"{self.name}\n{strategy_name(self.strategy)}"


@dataclass(frozen=True)
class Router(Step):
    """A question whose answer decides which step runs next: {"refund": "billing specialist", …}."""

    routes: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    kind: ClassVar[str] = "router"

    def _check(self):
        super()._check()
        if not isinstance(self.routes, Mapping) or not all(isinstance(name, str) for name in self.routes.values()):
            raise BadInput(f"{self.name!r} has routes={shown(self.routes)}; write a dict from answers to names of steps.")
        if self.answers is None:
            self._set("answers", _meanings(tuple(self.routes), self.name))


@dataclass(frozen=True)
class Guardrail(Step):
    """A check that runs beside the step it guards: what that step says is held back unless the answer here is "ok"."""

    guards: str = field(default="", kw_only=True)
    kind: ClassVar[str] = "guardrail"


def strategy_name(strategy) -> str:
    """How a strategy is called on a diagram.

    >>> strategy_name("majority"), strategy_name(max), strategy_name(None)
    ('majority', 'max', 'no strategy')
    """
    if strategy is None or isinstance(strategy, str):
        return strategy or "no strategy"
    function = getattr(strategy, "func", strategy)  # what a functools.partial wraps
    return getattr(function, "__name__", type(function).__name__).replace("_", " ")


def _check_name(name):
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w -]*", name):
        raise BadInput(f"{name!r} names no step; write letters, digits, spaces and hyphens, such as 'hate speech'.")


def _texts(texts, name, what) -> tuple[str, ...]:
    texts = (texts,) if isinstance(texts, str) else tuple(texts) if isinstance(texts, (list, tuple)) else (texts,)
    if not all(isinstance(text, str) for text in texts):
        raise BadInput(f"{name!r} has {what}={shown(texts)}; write a text, or a list of texts.")
    return tuple(text for text in texts if text)


def _meanings(answers, name) -> dict[str, str] | None:
    if answers is None:
        return None
    known = isinstance(answers, (Mapping, list, tuple)) and len(answers) > 0
    pairs = dict(answers) if isinstance(answers, Mapping) else dict(zip(answers, answers, strict=True)) if known else {}
    if not known or not all(isinstance(text, str) and plain(text) for pair in pairs.items() for text in pair):
        raise BadInput(f"{name!r} has answers={shown(answers)}; write ('flag', 'ok'), or {{'yes': 'flag', 'no': 'ok'}}.")
    return {plain(said): meant for said, meant in pairs.items()}

"""What a run of a workflow came to: every step's answer, every failure, what ran beside what."""

from dataclasses import dataclass, field
from typing import Any

from course_lib.claude import CallLog
from course_lib.errors import BadInput, CourseError


class UnreadableAnswer(CourseError, ValueError):
    """A reply that is none of the answers that count."""


class NoDecision(CourseError):
    """A vote without a winner, or workers of whom none succeeded."""


@dataclass
class StepRun:
    """What became of one step.

    status: "ok", "failed" (see `error`; `answer` is what its policy takes for it), "not chosen" by its router,
    "not run" because something it reads has no answer, or "withheld" by a guardrail.
    verdict: a vote's, or a join's `Flags`. lost: what is missing although it is "ok": a voter, a worker, a part.
    review: whether a human must look. started, ended: seconds on the run's clock.
    """

    name: str
    status: str = "ok"
    answer: Any = None
    error: Exception | None = None
    verdict: Any = None
    lost: list[str] = field(default_factory=list)
    review: bool = False
    started: float = 0.0
    ended: float = 0.0

    @property
    def problems(self) -> list[str]:
        """What did not go as declared, a sentence each."""
        if self.status in ("ok", "not chosen"):
            return [f"{self.name}: {loss}" for loss in self.lost]
        taken = f"; taken as {self.answer!r}" if self.answer is not None else "; a human must look" if self.review else ""
        why = str(self.error).strip() or type(self.error).__name__
        return [f"{self.name}: {self.status}, {why}{taken}", *(f"{self.name}: {loss}" for loss in self.lost)]


@dataclass(repr=False)
class Result:
    """What a workflow came to.

    answer: its last step's; None where there is none, or it must not be handed out.
    steps: a StepRun per step, in the order of the declaration. log: the calls, if the `ask` keeps a log.
    """

    answer: Any
    steps: dict[str, StepRun]
    log: CallLog
    result: str

    def __repr__(self):
        count = len(self.problems)
        many = "no problems" if not count else f"{count} {'problem' if count == 1 else 'problems'}, see .problems"
        return f"<{self.status}: {self.answer!r}; {self.seconds:.1f} s; {many}>"

    @property
    def status(self) -> str:
        """What to do with the answer: it is "decided", it "needs human review", or it was "withheld"."""
        last = self.steps[self.result]
        if last.status == "withheld":
            return "withheld"
        return "needs human review" if last.review or self.answer is None else "decided"

    @property
    def verdicts(self) -> dict[str, Any]:
        """The verdict of every vote, and the `Flags` of a join by "flag if any"."""
        return {name: step.verdict for name, step in self.steps.items() if step.verdict is not None}

    @property
    def failures(self) -> dict[str, Exception]:
        """The error of every step that failed."""
        return {name: step.error for name, step in self.steps.items() if step.status == "failed"}

    @property
    def problems(self) -> list[str]:
        """Everything that did not go as declared: nothing is lost in silence."""
        return [problem for step in self.steps.values() for problem in step.problems]

    @property
    def seconds(self) -> float:
        """From the first step's start to the last one's end."""
        return max(step.ended for step in self.steps.values()) - min(step.started for step in self.steps.values())

    def beside(self, name: str) -> list[str]:
        """The steps that really ran at the same time as this one."""
        if name not in self.steps:
            raise BadInput(f"There was no step {name!r}; there were {', '.join(self.steps)}.")
        this = self.steps[name]
        return [other.name for other in self.steps.values()
                if other is not this and other.started < this.ended and this.started < other.ended]

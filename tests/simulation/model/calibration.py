"""The simulated voters on labelled data: what is measured beside what the model documents.

    python -m tests.simulation.model.calibration

Three tables, for the e-mails and the reviews of the course: accuracy by model; how alike the errors of two
replies are, by what the replies share; and whether stated confidences hold. Everything is asked through the
same `reply` that answers learners.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from course_lib.data.emails import emails
from course_lib.data.reviews import reviews
from course_lib.simulation.model import calibration
from course_lib.simulation.model.decisions import Label, Prompt
from course_lib.simulation.model.mistakes import ODDS
from course_lib.simulation.model.simulated_model import reply
from course_lib.simulation.model.skills.customer_texts import Sentiment
from course_lib.simulation.model.skills.spam import Spam

HAIKU, OLD = "claude-haiku-5-5", "claude-haiku-4-5"
SEEDS = 40


@dataclass(frozen=True)
class Task:
    """A question about every text of a data set in two wordings, the truth, and what the skill reads before any mistake."""

    name: str
    questions: tuple[str, str]
    tag: str
    texts: tuple[str, ...]
    truths: tuple[str, ...]
    decide: Callable[[Prompt], Label]

    def prompt(self, text: str, wording: int = 0, ask: str = "Answer with one word only.") -> str:
        """The question about one text."""
        return f"{self.questions[wording]} {ask}\n\n<{self.tag}>\n{text}\n</{self.tag}>"

    def read(self, text: str, wording: int = 0) -> Label:
        """What the skill takes for true, with its difficulty."""
        return _decided(self.decide, f"{self.questions[wording]} Answer with one word only.", text)


@cache
def _decided(decide: Callable[[Prompt], Label], instruction: str, text: str) -> Label:
    return decide(Prompt(instruction, text))


@cache
def tasks() -> tuple[Task, ...]:
    """The e-mails (spam or not) and the reviews (sentiment)."""
    mails, texts = emails(), [review for review in reviews() if review.kind == "review"]
    return (
        Task(
            "e-mails: spam",
            ("Is this e-mail spam or not spam?", "Decide whether the following e-mail is spam or not spam."),
            "email",
            tuple(mail.text for mail in mails),
            tuple("spam" if mail.spam else "not spam" for mail in mails),
            Spam().decide,
        ),
        Task(
            "reviews: sentiment",
            (
                "Is the sentiment of this review positive, negative, neutral or mixed?",
                "What is the review's sentiment: positive, negative, neutral or mixed?",
            ),
            "review",
            tuple(review.text for review in texts),
            tuple(review.sentiment for review in texts),
            Sentiment().decide,
        ),
    )


def ask(prompt: str, *, seed: int, model: str = HAIKU, sample: int = 0, **more) -> str:
    """One reply."""
    return reply(
        {"model": model, "max_tokens": 50, "messages": [{"role": "user", "content": prompt}]} | more,
        seed=seed,
        sample=sample,
    )


@cache
def errors(
    name: str, *, model: str = HAIKU, wording: int = 0, sample: int = 0, temperature: float | None = None, seeds: int
) -> tuple[bool, ...]:
    """Whether each reply differs from what the skill reads, text by text and seed by seed."""
    task = next(task for task in tasks() if task.name == name)
    more = {} if temperature is None else {"temperature": temperature}
    asked = [(task.prompt(text, wording), task.read(text, wording).value) for text in task.texts]
    return tuple(
        ask(prompt, seed=seed, model=model, sample=sample, **more) != expected
        for prompt, expected in asked
        for seed in range(seeds)
    )


def measured_correlation(one: tuple[bool, ...], other: tuple[bool, ...]) -> float:
    """Phi of two series of errors."""
    p, q = fmean(one), fmean(other)
    both = fmean(a and b for a, b in zip(one, other, strict=True))
    return (both - p * q) / (p * (1 - p) * q * (1 - q)) ** 0.5


def accuracy_rows(task: Task, seeds: int) -> list[tuple]:
    """(model, documented and measured share that says what the skill reads, the same against the labels)."""
    rows = []
    for model in ODDS:
        labels = [task.read(text) for text in task.texts]
        wrong = [calibration.expected_mistakes(label.difficulty, model) for label in labels]
        true = [
            1 - chance if label.value == truth else chance * (_slip(label) == truth)
            for label, chance, truth in zip(labels, wrong, task.truths, strict=True)
        ]
        missed = errors(task.name, model=model, seeds=seeds)
        said = [
            ask(prompt, seed=seed, model=model) == truth
            for prompt, truth in zip(map(task.prompt, task.texts), task.truths, strict=True)
            for seed in range(seeds)
        ]
        rows.append((model, 1 - fmean(wrong), 1 - fmean(missed), fmean(true), fmean(said)))
    return rows


def _slip(label: Label) -> str:
    return label.slip or next(choice for choice in label.choices if choice != label.value)


def correlation_rows(task: Task, seeds: int) -> list[tuple[str, float, float]]:
    """(what two replies share, documented, measured correlation of their errors)."""
    cases = [
        ("the same prompt twice", {}, {"sample": 1}, {}),
        ("two wordings", {}, {"wording": 1}, {"same_wording": False}),
        ("two models", {}, {"model": "claude-sonnet-5-5"}, {"same_model": False}),
        (
            "two wordings, two models",
            {},
            {"wording": 1, "model": "claude-sonnet-5-5"},
            {"same_model": False, "same_wording": False},
        ),
        *(
            (
                f"older model, temperature {t:g}",
                {"model": OLD, "temperature": t},
                {"model": OLD, "temperature": t, "sample": 1},
                {"temperature": t},
            )
            for t in (0.0, 0.5, 1.0)
        ),
    ]
    rows = []
    for name, one, other, shares in cases:
        chances = [
            [
                calibration.expected_mistakes(
                    task.read(text, reply.get("wording", 0)).difficulty, reply.get("model", HAIKU)
                )
                for text in task.texts
            ]
            for reply in (one, other)
        ]
        documented = calibration.pooled_correlation(*chances, calibration.shared_variance(**shares))
        rows.append(
            (
                name,
                documented,
                measured_correlation(errors(task.name, seeds=seeds, **one), errors(task.name, seeds=seeds, **other)),
            )
        )
    return rows


def confidence_rows(task: Task, seeds: int, model: str = HAIKU) -> list[tuple[str, int, float, float]]:
    """(range of stated confidence, replies, mean confidence, share that says what the skill reads)."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for text in task.texts:
        expected = task.read(text).value
        prompt = task.prompt(text, ask='Answer as JSON with the keys "label" and "confidence".')
        for seed in range(seeds):
            answer = json.loads(ask(prompt, seed=seed, model=model))
            bins[min(9, int(answer["confidence"] * 10))].append((answer["confidence"], answer["label"] == expected))
    return [
        (
            f"{low / 10:.1f} to {(low + 1) / 10:.1f}",
            len(found),
            fmean(stated for stated, _ in found),
            fmean(right for _, right in found),
        )
        for low, found in sorted(bins.items())
    ]


def main(seeds: int = SEEDS) -> None:
    """Print the three tables of each task."""
    for task in tasks():
        print(f"\n{task.name}: {len(task.texts)} texts × {seeds} seeds")
        print(f"\n  {'accuracy':32}{'documented':>12}{'measured':>10}{'documented':>14}{'measured':>10}")
        print(f"  {'':32}{'(its own reading)':>22}{'(the labels)':>24}")
        for model, own, own_measured, labels, labels_measured in accuracy_rows(task, seeds):
            print(f"  {model:32}{own:12.3f}{own_measured:10.3f}{labels:14.3f}{labels_measured:10.3f}")
        print(f"\n  {'correlation of two errors':32}{'documented':>12}{'measured':>10}")
        for name, documented, measured in correlation_rows(task, seeds):
            print(f"  {name:32}{documented:12.2f}{measured:10.2f}")
        print(f"\n  {'stated confidence':32}{'replies':>12}{'stated':>10}{'right':>14}")
        for name, count, stated, right in confidence_rows(task, seeds):
            print(f"  {name:32}{count:12}{stated:10.2f}{right:14.2f}")


if __name__ == "__main__":
    sys.exit(main())

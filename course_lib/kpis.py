"""The key figures of a parallel run: was it quicker, what did that cost, was it throttled, and were the answers right?

    k = kpis(run, sequential=baseline, one_call=single, quality=label_quality(answers, truth))
    show.kpi_table(k); show.kpi_chart(k)
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.claude import Call, CallLog
from course_lib.errors import BadInput, check_list, shown

_SAME_MOMENT = 1e-6  # seconds


@dataclass(frozen=True)
class Quality:
    """How right the answers are. What was not asked, or can't be reckoned, is None.

    accuracy: share of items answered as the truth says; an item left undecided is not right.
    precision: of what was reported, the share that is true. recall: of what is true, the share that was reported.
    undecided: items without an answer (None), such as those that went to a human.
    """

    items: int
    accuracy: float
    precision: float | None = None
    recall: float | None = None
    undecided: int = 0

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Kpis:
    """A run in figures. Times are seconds, shares are between 0 and 1; None: no baseline or truth was given.

    failed: calls that brought no answer. throttled: attempts that were answered 429.
    sequential_seconds: of the sequential run, or, without one, this run's requests added up, without the pauses
    between them (`measured` is False then).
    """

    calls: int
    failed: int
    makespan: float
    sequential_seconds: float
    measured: bool
    tokens: int
    one_call_tokens: int | None
    cost: float
    attempts: int
    throttled: int
    peak_in_flight: int
    critical_path: tuple[str, ...]
    quality: Quality | None = None

    @property
    def latency_reduction(self) -> float:
        """Share of the sequential time that is saved: 0.9 for 3 s instead of 30 s; below 0 it took longer."""
        return 1 - self.makespan / self.sequential_seconds if self.sequential_seconds else 0.0

    @property
    def speed_up(self) -> float:
        """Sequential time divided by this run's."""
        return self.sequential_seconds / self.makespan if self.makespan else 1.0

    @property
    def token_multiplier(self) -> float | None:
        """How many times the tokens of the one-call baseline."""
        return self.tokens / self.one_call_tokens if self.one_call_tokens else None

    @property
    def throttle_rate(self) -> float:
        """Requests that were answered 429, out of all requests on the wire, retries included."""
        return self.throttled / self.attempts if self.attempts else 0.0

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The figures by name, in words, for a table."""
        saved = f"{_percent(self.latency_reduction)} ({self.makespan:.1f} s instead of {self.sequential_seconds:.1f} s)"
        quality = () if self.quality is None else tuple(
            (name, _percent(value)) for name, value in (
                ("accuracy", self.quality.accuracy), ("precision", self.quality.precision),
                ("recall", self.quality.recall), ("F1", self.quality.f1)) if value is not None)
        return (
            ("latency reduction", saved if self.measured else f"{saved.removesuffix(')')}, reckoned)"),
            ("token multiplier", "–" if self.token_multiplier is None else f"{self.token_multiplier:.1f}×"),
            ("throttle rate", f"{_percent(self.throttle_rate)} ({self.throttled} of {self.attempts} requests)"),
            *quality,
            ("makespan", f"{self.makespan:.1f} s"),
            ("peak in flight", str(self.peak_in_flight)),
            ("critical path", _path(self.critical_path)),
            ("calls", f"{self.calls:,}" + (f" ({self.failed:,} without an answer)" if self.failed else "")),
            ("tokens", f"{self.tokens:,}"),
            ("cost", f"${self.cost:.6f}"),
        )

    def __str__(self):
        return "; ".join(f"{name} {value}" for name, value in self.rows)


def kpis(log: CallLog, *, sequential: CallLog | None = None, one_call: CallLog | None = None,
         quality: Quality | None = None) -> Kpis:
    """The key figures of a run.

    sequential: the same work done one call after another. one_call: the same work done with a single
    call per item, which the token multiplier compares with. quality: from `label_quality` or `finding_quality`.
    Raises: BadInput for a log without finished calls.
    """
    for name, run in (("log", log), ("sequential", sequential), ("one_call", one_call)):
        if run is None and name != "log":
            continue
        if not isinstance(run, CallLog):
            raise BadInput(f"{name} is {type(run).__name__}; give the calls that `with claude.record() as run:` wrote down.")
        if not run.by_end():
            raise BadInput(f"{name} has no finished calls; make some inside `with claude.record() as run:` first.")
    attempts = [attempt for call in log for attempt in call.attempts]
    return Kpis(
        calls=len(log),
        failed=sum(call.status != "ok" for call in log),
        makespan=log.makespan,
        sequential_seconds=_on_the_wire(log) if sequential is None else sequential.makespan,
        measured=sequential is not None,
        tokens=_tokens(log),
        one_call_tokens=None if one_call is None else _tokens(one_call),
        cost=log.cost,
        attempts=len(attempts),
        throttled=sum(attempt.status == 429 for attempt in attempts),
        peak_in_flight=log.peak_in_flight,
        critical_path=tuple(call.label for call in critical_path(log)),
        quality=quality,
    )


def critical_path(log: CallLog) -> list[Call]:
    """The chain of calls that decided when the run ended, first to last.

    Rule: it ends with the call that ended last; before each call stands the latest one that had ended when
    it started (of those that ended together, the one that ran longest, then the one launched first). A log
    knows times, not reasons: a call that merely started later is taken to have waited.
    """
    finished = log.by_end()
    ends = [call.ended for call in finished]
    chain: list[Call] = []
    left = len(finished)
    while left:
        together = bisect_left(ends, ends[left - 1] - _SAME_MOMENT, 0, left)
        chain.append(max(finished[together:left], key=lambda call: (call.seconds, -call.number)))
        left = bisect_right(ends, chain[-1].started + _SAME_MOMENT, 0, together)
    return chain[::-1]


def label_quality(answers: Sequence[Any], truth: Sequence[Any], *, positive: Any = None) -> Quality:
    """Answers against the true labels, item by item; an answer of None is undecided.

    positive: the label whose precision and recall are asked for, such as "flag".

    >>> label_quality(["flag", "ok", None, "flag"], ["flag", "flag", "ok", "ok"], positive="flag")
    Quality(items=4, accuracy=0.25, precision=0.5, recall=0.5, undecided=1)
    """
    answers, truth = _paired(answers, truth)
    right = sum(answer == true for answer, true in zip(answers, truth, strict=True))
    undecided = sum(answer is None for answer in answers)
    if positive is None:
        return Quality(len(truth), right / len(truth), undecided=undecided)
    if positive not in truth and positive not in answers:
        raise BadInput(f"positive={positive!r} is none of the labels; write one of {sorted(map(str, set(truth)))}.")
    hits = sum(answer == true == positive for answer, true in zip(answers, truth, strict=True))
    precision, recall = _share(hits, answers.count(positive)), _share(hits, truth.count(positive))
    return Quality(len(truth), right / len(truth), precision, recall, undecided)


def finding_quality(found: Sequence[Collection | None], truth: Sequence[Collection]) -> Quality:
    """Sets of findings against the true ones, item by item, counted over all items; None is undecided.

    accuracy: the share of items whose findings are exactly right. A finding given twice counts twice, one of the two as false.

    >>> finding_quality([["line 3", "line 9"], []], [["line 3"], ["line 5"]])
    Quality(items=2, accuracy=0.0, precision=0.5, recall=0.5, undecided=0)
    """
    found, truth = _paired(found, truth)
    for entry in (*truth, *found):
        if entry is not None and (isinstance(entry, str) or not isinstance(entry, Collection)):
            raise BadInput(f"{shown(entry)} is no list of findings; write one list per item, such as [['line 3'], []].")
    pairs = [(list(reported or ()), set(true)) for reported, true in zip(found, truth, strict=True)]
    hits = sum(len(set(reported) & true) for reported, true in pairs)
    exact = sum(given is not None and len(reported) == len(true) and set(reported) == true
                for given, (reported, true) in zip(found, pairs, strict=True))
    precision = _share(hits, sum(len(reported) for reported, _ in pairs))
    recall = _share(hits, sum(len(true) for _, true in pairs))
    return Quality(len(truth), exact / len(truth), precision, recall, found.count(None))


def _paired(answers: Iterable, truth: Iterable) -> tuple[list, list]:
    check_list(answers, "answers", "['flag', 'ok', None], one per item")
    check_list(truth, "truth", "['flag', 'ok', 'ok'], one per item")
    answers, truth = list(answers), list(truth)
    for answer in answers:
        if hasattr(answer, "status"):  # it equals no label, so it would be counted as wrong
            raise BadInput(f"An answer is {type(answer).__name__}; write what it says, such as result.answer (None: undecided).")
    if not truth or len(answers) != len(truth):
        raise BadInput(f"There are {len(answers)} answers for {len(truth)} true labels; give one of each per item.")
    return answers, truth


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _tokens(log: CallLog) -> int:
    return log.input_tokens + log.output_tokens


def _on_the_wire(log: CallLog) -> float:
    """Seconds of all requests added up. Backing off is left out: one call after another would not have been refused."""
    return math.fsum(phase.ended - phase.started for call in log for phase in call.phases if phase.kind == "running")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _path(labels) -> str:
    """The calls by name where that is short."""
    path = " → ".join(" ".join(label.split()) for label in labels)
    return path if len(path) <= 60 else f"{len(labels)} calls in a row"

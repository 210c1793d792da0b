"""What one call was, and the log of them: the record behind every timeline, cost and count.

The log is written where the bytes leave (the transport), so it sees every call,
whether it was made through `ask` or through the SDK's own client, with its retries.
All times are seconds on the clock that the calls ran on.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from course_lib.models import cost_of

_label: ContextVar[str | None] = ContextVar("label", default=None)
_waiting_since: ContextVar[list[float]] = ContextVar("waiting_since")
_earlier_attempt: ContextVar["Call | None"] = ContextVar("earlier_attempt", default=None)
_witnesses: ContextVar[tuple[list["Call"], ...]] = ContextVar("witnesses", default=())


class Phase(NamedTuple):
    """One stretch of a call's life: `kind` is "queued", "running" or "backing off"."""

    kind: str
    started: float
    ended: float


@dataclass(slots=True)
class Attempt:
    """One request on the wire. `status` is the HTTP status, None when no reply came."""

    started: float
    ended: float | None = None
    status: int | None = None


@dataclass(slots=True)
class Call:
    """One call as its caller sees it: from waiting in line to the last attempt's end.

    status: "running", "ok", "failed" (an error reply, a time-out) or "cancelled".
    stop_reason: the API's own: "end_turn", "max_tokens" (the answer was cut), "stop_sequence"; "" without an answer.
    """

    number: int
    label: str
    model: str
    prompt: str
    queued: float
    attempts: list[Attempt] = field(default_factory=list)
    status: str = "running"
    reply: str = ""
    error: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    stop_reason: str = ""

    @property
    def started(self) -> float:
        """When its first attempt left."""
        return self.attempts[0].started

    @property
    def ended(self) -> float | None:
        """When its last attempt ended; None while it runs."""
        return self.attempts[-1].ended

    @property
    def seconds(self) -> float:
        """From first attempt to end; 0.0 while it runs."""
        return 0.0 if self.ended is None else self.ended - self.started

    @property
    def cost(self) -> float:
        """US dollars. Only answered calls are billed."""
        return cost_of(self.model, self.input_tokens, self.output_tokens)

    @property
    def phases(self) -> list[Phase]:
        """Its life in order: queued, running, backing off, running, … Empty stretches are left out."""
        phases = [Phase("queued", self.queued, self.started)]
        for before, attempt in zip([None, *self.attempts], self.attempts, strict=False):
            if before is not None:
                phases.append(Phase("backing off", before.ended, attempt.started))
            phases.append(Phase("running", attempt.started, attempt.ended if attempt.ended is not None else attempt.started))
        return [phase for phase in phases if phase.ended > phase.started or phase.kind == "running"]


class CallLog(Sequence):
    """Calls in the order in which they were launched, and what they add up to."""

    def __init__(self, calls: Sequence[Call] = ()):
        self._calls = list(calls)
        self._latest: dict[object, Call] = {}

    def __len__(self):
        return len(self._calls)

    def __getitem__(self, index):
        return CallLog(self._calls[index]) if isinstance(index, slice) else self._calls[index]

    def __repr__(self):
        return (
            f"<{len(self)} calls, {self.makespan:.1f} s from first to last, at most {self.peak_in_flight} at once, "
            f"{self.input_tokens + self.output_tokens:,} tokens, ${self.cost:.6f}>"
        )

    @property
    def makespan(self) -> float:
        """Seconds from the first call's start in line to the last call's end."""
        ended = [call.ended for call in self if call.ended is not None]
        return max(ended) - min(call.queued for call in self) if ended else 0.0

    @property
    def busy_seconds(self) -> float:
        """All calls' seconds added up: what they would take one after another."""
        return sum(call.seconds for call in self)

    @property
    def peak_in_flight(self) -> int:
        """The most requests that were on the wire at the same moment."""
        edges = [edge for call in self for attempt in call.attempts if attempt.ended is not None
                 for edge in ((attempt.started, 1), (attempt.ended, -1))]
        peak = now = 0
        for _, step in sorted(edges):  # at equal times an end (-1) comes before a start (+1)
            now += step
            peak = max(peak, now)
        return peak

    @property
    def input_tokens(self) -> int:
        return sum(call.input_tokens for call in self)

    @property
    def output_tokens(self) -> int:
        return sum(call.output_tokens for call in self)

    @property
    def cost(self) -> float:
        """US dollars."""
        return sum(call.cost for call in self)

    def by_end(self) -> list[Call]:
        """The finished calls in the order in which they finished."""
        return sorted((call for call in self if call.ended is not None), key=lambda call: (call.ended, call.number))

    # --- written by the transports -----------------------------------------------------------

    def begin(self, *, prompt: str, model: str, now: float, retry: int = 0) -> Call:
        """A request leaves: a new call, or (`retry` > 0) the next attempt of this caller's last one.

        The SDK counts its attempts in a header but gives the call no name on the wire;
        a task or thread makes one call at a time, so the caller's identity is the name.
        """
        caller = _caller()
        call = self._latest.get(caller) if retry else _earlier_attempt.get()
        if call is None or call.status == "ok":
            waited = _waiting_since.get([])
            call = Call(
                number=len(self._calls),
                label=_label.get() or first_words(prompt),
                model=model,
                prompt=prompt,
                queued=waited.pop() if waited else now,
            )
            self._calls.append(call)
            for witness in _witnesses.get():
                witness.append(call)
        self._latest[caller] = call
        call.status = "running"
        call.attempts.append(Attempt(now))
        return call

    def end(self, call: Call, *, now: float, status: str, http_status: int | None = None, reply: str = "",
            error: str = "", input_tokens: int = 0, output_tokens: int = 0) -> None:
        """The attempt under way is over. A later attempt may still turn "failed" into "ok"."""
        call.attempts[-1].ended = now
        call.attempts[-1].status = http_status
        call.status, call.reply, call.error = status, reply, error
        call.input_tokens += input_tokens
        call.output_tokens += output_tokens

    def record_reply(self, call: Call, http_status: int, body: dict, now: float) -> None:
        """The attempt was answered: with words and tokens, or with an error. `body` is the API's JSON, {} if it was none."""
        usage, error = body.get("usage") or {}, body.get("error") or {}
        answered = http_status == 200
        self.end(
            call,
            now=now,
            status="ok" if answered else "failed",
            http_status=http_status,
            reply="".join(block.get("text", "") for block in body.get("content") or ()),
            error="" if answered else f"{error.get('type', 'error')}: {error.get('message', '')}",
            input_tokens=usage.get("input_tokens", 0),
            output_tokens=usage.get("output_tokens", 0),
        )
        call.stop_reason = body.get("stop_reason") or ""


def first_words(prompt: str, width: int = 32) -> str:
    """The beginning of a prompt, short enough for a row of a timeline.

    >>> first_words("Summarize this chapter in one sentence, please, and be brief.")
    'Summarize this chapter in one…'
    """
    line = " ".join(prompt.split())
    if len(line) <= width:
        return line
    return line[: width - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


@contextmanager
def labelled(label: str) -> Iterator[None]:
    """Calls made inside carry this name in the log and the timeline."""
    token = _label.set(label)
    try:
        yield
    finally:
        _label.reset(token)


@contextmanager
def calls_inside() -> Iterator[list[Call]]:
    """The calls that this block makes, and the tasks that it starts, in the order of their launch; other tasks' are not there.

    For whoever wraps an `ask` and must know what its call really used: limits, budgets, provenance.
    """
    calls: list[Call] = []
    token = _witnesses.set((*_witnesses.get(), calls))
    try:
        yield calls
    finally:
        _witnesses.reset(token)


@contextmanager
def next_attempt_of(call: Call | None) -> Iterator[None]:
    """What is sent inside counts as a further attempt of `call`, not as a call of its own. For retries above the SDK's."""
    token = _earlier_attempt.set(call)
    try:
        yield
    finally:
        _earlier_attempt.reset(token)


def waiting_since(moment: float) -> None:
    """The next call of this task, or of a task it starts, has stood in line since `moment`. For bounded pools."""
    _waiting_since.set([moment])  # a list, so that whichever task calls first takes the moment away for all


def _caller() -> object:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return threading.get_ident() if task is None else id(task)

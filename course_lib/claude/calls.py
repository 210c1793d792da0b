"""What one call was, and the log of them: the record behind every timeline, cost and count.

The log is written where the bytes leave (the transport), so it sees every call,
whether it was made through `ask` or through the SDK's own client, with its retries.
All times are seconds on the clock that the calls ran on.
"""

import asyncio
import json
import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from course_lib.claude.call_context import call_context
from course_lib.data.models import cost_of


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
    released: when it had stood in line for long enough; its caller may have done something else before the first attempt.
    batch: answered in a batch, at half price. It is written down when the batch's results are read, and takes no time.
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
    batch: bool = False
    released: float | None = None

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
        return cost_of(self.model, self.input_tokens, self.output_tokens, batch=self.batch)

    def give_up(self) -> None:
        """Its caller was cancelled: if it was backing off between two attempts, it ends as cancelled, not as failed."""
        if self.status == "failed":
            self.status, self.error = "cancelled", f"cancelled by its caller while backing off from {self.error}"

    @property
    def phases(self) -> list[Phase]:
        """Its life in order: queued, running, backing off, running, … Empty stretches are left out."""
        phases = [Phase("queued", self.queued, self.started if self.released is None else self.released)]
        for before, attempt in zip([None, *self.attempts], self.attempts, strict=False):
            if before is not None:
                phases.append(Phase("backing off", before.ended, attempt.started))
            phases.append(Phase("running", attempt.started, attempt.ended if attempt.ended is not None else attempt.started))
        return [phase for phase in phases if phase.ended > phase.started or phase.kind == "running"]


_numbering = threading.Lock()
"""One for all logs, which may be copied: threads that make live calls at the same moment must not get one number."""


class CallLog(Sequence):
    """Calls in the order in which they were launched, and what they add up to."""

    def __init__(self, calls: Sequence[Call] = ()):
        self._calls = list(calls)
        self._latest: dict[object, Call] = {}
        self._batches_read: set[str] = set()

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
        return math.fsum(call.seconds for call in self)  # `sum` rounds otherwise on Python 3.11 than on 3.12

    @property
    def peak_in_flight(self) -> int:
        """The most requests that were on the wire at the same moment."""
        edges = [edge for call in self if not call.batch for attempt in call.attempts if attempt.ended is not None
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
        return math.fsum(call.cost for call in self)

    def by_end(self) -> list[Call]:
        """The finished calls in the order in which they finished."""
        return sorted((call for call in self if call.ended is not None), key=lambda call: (call.ended, call.number))

    # --- written by the transports -----------------------------------------------------------

    def begin(self, *, prompt: str, model: str, now: float, retry: int = 0) -> Call:
        """A request leaves: a new call, or (`retry` > 0) the next attempt of this caller's last one.

        The SDK counts its attempts in a header but gives the call no name on the wire;
        a task or thread makes one call at a time, so the caller's identity is the name.
        """
        caller, context = _caller(), call_context()
        call = self._latest.get(caller) if retry else context.earlier
        if call is None or call.status == "ok":
            queued, released = context.waiting.pop() if context.waiting else (now, now)
            call = self._add(context.label or first_words(prompt), model, prompt, queued, released=released)
            for witness in context.witnesses:
                witness.append(call)
        self._latest[caller] = call
        call.status = "running"
        call.attempts.append(Attempt(now))
        return call

    def _add(self, *about, **more) -> Call:
        with _numbering:
            call = Call(len(self._calls), *about, **more)
            self._calls.append(call)
        return call

    def end(self, call: Call, *, now: float, status: str, http_status: int | None = None, reply: str = "",
            error: str = "", input_tokens: int = 0, output_tokens: int = 0) -> None:
        """The attempt under way is over. A later attempt may still turn "failed" into "ok"."""
        call.attempts[-1].ended = now
        call.attempts[-1].status = http_status
        call.status, call.reply, call.error = status, reply, error
        call.input_tokens += input_tokens
        call.output_tokens += output_tokens

    def given_up(self) -> None:
        """This caller was cancelled while its call backed off between two attempts: it ends as cancelled, not as failed."""
        self._latest[_caller()].give_up()

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

    def record_batch(self, path: str, lines: str, now: float) -> None:
        """The results of a batch were read: a call for each of them, once, however often they are read.

        path: the page that was asked for; any other page than a batch's results leaves the log as it is.
        """
        if not re.search(r"/v1/messages/batches/[^/]+/results$", path) or path in self._batches_read:
            return
        self._batches_read.add(path)
        for line in filter(None, lines.splitlines()):
            entry = json.loads(line)
            result, name = entry["result"], entry["custom_id"]
            message = result.get("message") or {}
            call = self._add(name, message.get("model", ""), name, now, [Attempt(now)], batch=True)
            succeeded = result["type"] == "succeeded"
            body = message if succeeded else {"error": (result.get("error") or {}).get("error") or {"type": result["type"]}}
            self.record_reply(call, 200 if succeeded else 400, body, now)


@lru_cache(maxsize=1024)
def first_words(prompt: str, width: int = 32) -> str:
    """The beginning of a prompt, short enough for a row of a timeline.

    >>> first_words("Summarize this chapter in one sentence, please, and be brief.")
    'Summarize this chapter in one…'
    """
    line = " ".join(prompt.split())
    if len(line) <= width:
        return line
    return line[: width - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def _caller() -> object:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return threading.get_ident() if task is None else id(task)

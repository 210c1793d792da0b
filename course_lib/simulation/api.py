"""The Messages API as a pure core: a request and a moment go in, a reply and its duration come out.

It never waits and never touches a socket; the transports do the waiting. What it answers depends
on (seed, model, request, sample number), where the sample number says how often this very
request has been answered before: never on the order of other calls.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from course_lib.calls import first_words
from course_lib.errors import BadInput
from course_lib.models import MODELS, Model
from course_lib.simulation import validation
from course_lib.simulation.faults import Faults
from course_lib.simulation.model import simulated_model
from course_lib.simulation.rate_limits import Limits, RateLimiter
from course_lib.simulation.seeded import digest, uniform
from course_lib.simulation.tokens import count_tokens
from course_lib.simulation.validation import Refusal

NEVER = 1e9
"""Seconds of a reply that does not come: longer than any time-out."""

REFUSAL_SECONDS = 0.05
"""How long an error reply takes: refusing is quick."""

# Seconds to the first token and tokens per second after it: chosen for the course, not measured on the real API.
PACE = {
    "claude-haiku-5-5": (0.4, 160),
    "claude-sonnet-5-5": (0.8, 80),
    "claude-opus-5-5": (1.2, 50),
    "claude-haiku-4-5": (0.5, 130),
}


@dataclass(frozen=True)
class Reply:
    """What goes over the wire, and after how many seconds it is complete."""

    status: int
    headers: dict[str, str]
    body: dict
    seconds: float

    @property
    def text(self) -> str:
        """The model's words; "" for an error."""
        return "".join(block["text"] for block in self.body.get("content", ()))

    @property
    def error(self) -> str:
        """The error's type and message; "" for an answer."""
        error = self.body.get("error")
        return f"{error['type']}: {error['message']}" if error else ""


@dataclass
class Exchange:
    """One request being answered. Whoever carries the reply says how it ended: finish() or abandon()."""

    reply: Reply
    _api: "FakeApi" = field(repr=False)
    _key: bytes = b""
    _sample: int | None = None

    def finish(self, now: float) -> None:
        """The reply arrived."""
        self._api._delivered(self, now)

    def abandon(self) -> None:
        """The caller hung up: the sample number goes back, so that the next caller gets this very reply."""
        self._api._returned(self)


class FakeApi:
    """A fake of Anthropic's API.

    seconds_per_call: how long every answer takes; a number, or a function of the prompt.
    None: from the model's pace and the reply's length, with some spread.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        seconds_per_call: float | Callable[[str], float] | None = None,
        limits: Limits | None = None,
        faults: Faults | None = None,
    ):
        self.seed = seed
        self._seconds_per_call = seconds_per_call
        self._limiter = RateLimiter(limits)
        self._faults = faults or Faults()
        self._arrivals: dict[bytes, int] = defaultdict(int)
        self._samples = _SampleNumbers()

    def handle(self, method: str, path: str, headers: dict[str, str], body: object, now: float) -> Exchange:
        """Answer one request that arrives at `now` seconds. `headers` have lower-case names."""
        try:
            validation.check_headers(headers)
            return self._route(method, path, headers, body, now)
        except Refusal as refusal:
            return Exchange(self._refuse(refusal.status, refusal.kind, refusal.message, (path, body), now), self)

    def _route(self, method, path, headers, body, now):
        if method == "POST" and path == "/v1/messages":
            return self._answer(headers, body, now)
        if method == "POST" and path == "/v1/messages/count_tokens":
            tokens = {"input_tokens": self._count(body, headers)}
            return Exchange(self._reply(tokens, (path, body), now), self)
        if method == "GET" and path == "/v1/models":
            return Exchange(self._reply(_model_page(), (path,), now), self)
        raise Refusal(404, "not_found_error", f"{method} {path}: no such page in the simulated API")

    def _count(self, body, headers):
        padded = {"max_tokens": 1, **body} if isinstance(body, dict) else body
        validation.check_message_request(padded, headers["anthropic-version"])
        return validation.count_input_tokens(body)

    def _answer(self, headers, body, now):
        model = validation.check_message_request(body, headers["anthropic-version"])
        if body.get("stream"):
            raise validation.invalid("stream: the simulated API answers in one piece; ask without stream=True")
        key = digest(self.seed, body)
        self._arrivals[key] += 1
        tokens = validation.count_input_tokens(body)
        if (refused := self._limiter.admit(tokens, now)) is not None:
            return Exchange(self._too_many(refused, key, now), self)
        prompt = validation.text_of(body["messages"][-1]["content"])
        fault = self._faults.pick(prompt, attempt=self._arrivals[key], seed=self.seed)
        if fault in ("overloaded", "error"):
            return Exchange(self._failed(fault, key, now), self)
        sample = self._samples.take(key)
        message = self._message(model, body, tokens, key, sample)
        slowness = {"silent": NEVER, "slow": 10.0}.get(fault, 1.0)
        seconds = self._seconds(model, prompt, message, key, sample) * slowness
        return Exchange(self._reply(message, (key, sample), now, seconds), self, key, sample)

    def _message(self, model: Model, body, input_tokens, key, sample):
        text = simulated_model.reply(body, seed=self.seed, sample=sample)
        text, stop_reason, stop_sequence = _cut(text, body)
        return {
            "id": "msg_" + digest(key.hex(), sample).hex()[:24],
            "type": "message",
            "role": "assistant",
            "model": model.id,
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop_reason,
            "stop_sequence": stop_sequence,
            "usage": {"input_tokens": input_tokens, "output_tokens": count_tokens(text), "service_tier": "standard"},
        }

    def _seconds(self, model, prompt, message, key, sample) -> float:
        if callable(self._seconds_per_call):
            return _checked_seconds(self._seconds_per_call(prompt), prompt)
        if self._seconds_per_call is not None:
            return float(self._seconds_per_call)
        first, pace = PACE[model.id]
        spread = 0.85 + 0.3 * uniform(key.hex(), "pace", sample)
        return round((first + message["usage"]["output_tokens"] / pace) * spread, 2)

    def _reply(self, body, identity, now, seconds=REFUSAL_SECONDS) -> Reply:
        return Reply(200, self._headers(identity, now), body, seconds)

    def _refuse(self, status, kind, message, identity, now, **headers) -> Reply:
        all_headers = self._headers((identity, kind), now) | headers
        error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": all_headers["request-id"]}
        return Reply(status, all_headers, error, REFUSAL_SECONDS)

    def _too_many(self, refused, key, now):
        kind, wait = refused
        limit = self._limiter.headers(now)[f"anthropic-ratelimit-{kind}-limit"]
        message = (
            f"This request would exceed your organization's rate limit of {int(limit):,} "
            f"{kind.replace('-', ' ')} per minute. Please wait and try again."
        )
        identity = (key.hex(), self._arrivals[key])
        return self._refuse(429, "rate_limit_error", message, identity, now, **{"retry-after": str(wait)})

    def _failed(self, fault, key, now):
        status, kind, message = {
            "overloaded": (529, "overloaded_error", "Overloaded"),
            "error": (500, "api_error", "Internal server error"),
        }[fault]
        # The SDK's own back-off is random; a retry-after makes the run the same every time.
        return self._refuse(status, kind, message, (key.hex(), self._arrivals[key]), now, **{"retry-after": "1"})

    def _headers(self, identity, now) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "request-id": "req_" + digest("request", identity, round(now, 6)).hex()[:24],
            **self._limiter.headers(now),
        }

    def _delivered(self, exchange, now):
        if exchange._sample is not None:
            self._limiter.charge_output(exchange.reply.body["usage"]["output_tokens"], now)

    def _returned(self, exchange):
        if exchange._sample is not None:
            self._samples.give_back(exchange._key, exchange._sample)


def _checked_seconds(seconds: object, prompt: str) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < NEVER:
        raise BadInput(
            f"The function given as seconds_per_call returned {seconds!r} for the prompt {first_words(prompt)!r}; "
            "let it return seconds, such as 3.0."
        )
    return float(seconds)


class _SampleNumbers:
    """0, 1, 2, … for every request; a number that was not used up is given out again."""

    def __init__(self):
        self._next: dict[bytes, int] = defaultdict(int)
        self._returned: dict[bytes, list[int]] = defaultdict(list)

    def take(self, key: bytes) -> int:
        if self._returned[key]:
            return heapq.heappop(self._returned[key])
        self._next[key] += 1
        return self._next[key] - 1

    def give_back(self, key: bytes, number: int) -> None:
        heapq.heappush(self._returned[key], number)


def _cut(text: str, body: dict) -> tuple[str, str, str | None]:
    """The text up to the first stop sequence and `max_tokens`, with the stop reason that the API gives."""
    stops = [(text.find(stop), stop) for stop in body.get("stop_sequences") or () if stop and stop in text]
    reason, sequence = "end_turn", None
    if stops:
        position, sequence = min(stops)
        text, reason = text[:position], "stop_sequence"
    if count_tokens(text) > body["max_tokens"]:
        text, reason, sequence = text[: body["max_tokens"] * 4], "max_tokens", None
    return text, reason, sequence


def _model_page() -> dict:
    models = [
        {"type": "model", "id": model.id, "display_name": model.name, "created_at": "1970-01-01T00:00:00Z",
         "lifecycle": "active", "max_input_tokens": model.context, "max_tokens": model.max_output}
        for model in MODELS.values()
    ]
    return {"data": models, "has_more": False, "first_id": models[0]["id"], "last_id": models[-1]["id"]}


def parse_body(content: bytes) -> object:
    """The JSON of a request; None when it is none, which the core then refuses."""
    try:
        return json.loads(content) if content else {}
    except ValueError:
        return None

"""The Messages API as a pure core: a request and a moment go in, a reply and its duration come out.

It never waits and never touches a socket; the transports do the waiting. What it answers depends
on (seed, model, request, sample number), where the sample number says how often this very
request has been answered before: never on the order of other calls.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from textwrap import shorten

from course_lib.data.models import MODELS, Model
from course_lib.errors import BadInput
from course_lib.simulation.api import batches, streaming, validation
from course_lib.simulation.api.batches import Batches, Entry, page_of
from course_lib.simulation.api.faults import ERROR_REPLIES, WEB_PAGE, Faults
from course_lib.simulation.api.rate_limits import Allowances, Limits
from course_lib.simulation.api.refusals import KINDS, Refusal, error_body
from course_lib.simulation.api.replies import NEVER, Reply
from course_lib.simulation.api.seeded import SampleNumbers, digest, uniform
from course_lib.simulation.content import count_tokens, prompt_of
from course_lib.simulation.model import simulated_model

REFUSAL_SECONDS = 0.05
"""How long an error reply takes: refusing is quick."""

# Seconds to the first token and tokens per second after it: chosen for the course, not measured on the real API.
PACE = {
    "claude-haiku-5-5": (0.4, 160),
    "claude-sonnet-5-5": (0.8, 80),
    "claude-opus-5-5": (1.2, 50),
    "claude-haiku-4-5": (0.5, 130),
}
PACE_OF_OTHERS = (0.8, 80)

SLOW = 10.0
"""How many times as long a slow reply takes."""


@dataclass(slots=True)
class SimulatedExchange:
    """One request being answered. Whoever carries the reply says how it ended: finish() or abandon()."""

    reply: Reply
    _api: "FakeApi" = field(repr=False)
    _key: bytes = b""
    _sample: int | None = None

    def finish(self, now: float) -> None:
        """The reply arrived."""
        if self._sample is not None:
            self._api._limiter.charge_output(self.reply.body["usage"]["output_tokens"], now)

    def abandon(self, now: float = 0.0, written: int = 0) -> None:
        """The caller hung up: the sample number goes back, so that the next caller gets this very reply.

        written: the tokens of a stream that had been sent by then; they count against the account's limit.
        """
        if self._sample is not None:
            self._api._samples.give_back(self._key, self._sample)
            if written:
                self._api._limiter.charge_output(written, now)


class FakeApi:
    """A fake of Anthropic's API.

    seconds_per_call: how long every answer takes; a number, or a function of the prompt.
    None: from the model's pace and the reply's length, with some spread.
    epoch: seconds since 1970 at the clock's 0; simulated clocks start in 1970.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        seconds_per_call: float | Callable[[str], float] | None = None,
        limits: Limits | None = None,
        faults: Faults | None = None,
        epoch: float = 0.0,
    ):
        self.seed = seed
        self._seconds_per_call = seconds_per_call
        self._limiter = Allowances(limits, epoch)
        self._faults = faults or Faults()
        self._arrivals: dict[bytes, int] = defaultdict(int)
        self._samples = SampleNumbers()
        self._batches = Batches(self, epoch)

    def handle(self, method: str, path: str, headers: dict[str, str], body: object, now: float) -> SimulatedExchange:
        """Answer one request that arrives at `now` seconds. `headers` have lower-case names; `path` may have a query."""
        path, _, query = path.partition("?")
        try:
            most = validation.MOST_BYTES_OF_A_BATCH if path == batches.PATH else validation.MOST_BYTES
            validation.check_headers(headers, most)
            if path == "/v1/messages" and method == "POST":
                return self._answer(headers, body, now)
            return SimulatedExchange(self._other_page(method, path, query, headers, body, now), self)
        except Refusal as refusal:
            return SimulatedExchange(self._refuse(refusal.status, refusal.message, (digest(path, body),), now), self)

    def _other_page(self, method, path, query, headers, body, now) -> Reply:
        if path.startswith(batches.PATH):
            return self._batch_page(method, path[len(batches.PATH) :].strip("/"), query, headers, body, now)
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "messages", "count_tokens"]:
                page = {"input_tokens": _count(body, headers)}
            case "GET", ["v1", "models"]:
                page = page_of(_models(), query)
            case "GET", ["v1", "models", name]:
                page = _model(name)
            case _:
                raise Refusal(404, f"{method} {path}: no such page in the simulated API")
        return self._page(page, (path, query), now)

    def _batch_page(self, method, rest, query, headers, body, now) -> Reply:
        host = headers.get("host", "api.anthropic.com")
        match method, rest.split("/"):
            case "POST", [""]:
                batch = self._batches.create(body, headers["anthropic-version"], now)
                page = self._batches.described(batch, now, host)
            case "GET", [""]:
                page = self._batches.page(query, now, host)
            case "GET", [name]:
                page = self._batches.described(self._batches.find(name), now, host)
            case "POST", [name, "cancel"]:
                page = self._batches.described(self._batches.cancel(name, now), now, host)
            case "GET", [name, "results"]:
                lines = batches.json_lines(self._batches.results(name, now))
                return Reply(200, self._headers((rest,), now, "application/x-jsonl"), {}, REFUSAL_SECONDS, raw=lines)
            case "DELETE", [name]:
                page = self._batches.delete(name, now)
            case _:
                raise Refusal(404, f"{method} {batches.PATH}/{rest}: no such page in the simulated API")
        return self._page(page, (rest, query), now)

    def _answer(self, headers, body, now) -> SimulatedExchange:
        model, tokens, key = self._understood(headers, body)
        self._arrivals[key] = arrival = self._arrivals[key] + 1
        if (refused := self._limiter.admit(tokens, now)) is not None:
            return SimulatedExchange(self._too_many(refused, (key.hex(), arrival), now), self)
        prompt = prompt_of(body)
        fault = self._faults.pick(prompt, attempt=arrival, seed=self.seed)
        if fault is not None and (reply := self._failed(fault, bool(body.get("stream")), (key.hex(), arrival), now)):
            return SimulatedExchange(reply, self)
        sample = self._samples.take(key)
        message = self._message(model, body, tokens, key, sample)
        seconds = self._seconds(model, prompt, message, key, sample)
        if fault == "slow":
            seconds *= SLOW
        elif fault == "silent":
            seconds = NEVER
        if body.get("stream"):
            return SimulatedExchange(self._stream(message, model, seconds, fault, (key, sample), now), self, key, sample)
        return SimulatedExchange(self._whole(message, seconds, fault, (key, sample), now), self, key, sample)

    def _understood(self, headers, body) -> tuple[Model, int, bytes]:
        """The model that is asked, its input tokens, and the request's key. Raises: Refusal for what is not well formed."""
        if (plain := _plain(body)) is not None:
            return _plainly_understood(self.seed, *plain)
        model, tokens = validation.check_message_request(body, headers["anthropic-version"])
        return model, tokens, self._key(body)

    def _key(self, body) -> bytes:
        """What makes two requests the same: all of it, but not whether the answer is streamed."""
        return digest(self.seed, {name: value for name, value in body.items() if name != "stream"} if "stream" in body else body)

    def _message(self, model: Model, body, input_tokens, key, sample, tier="standard") -> dict:
        text = simulated_model.reply(body, seed=self.seed, sample=sample)
        text, stop_reason, stop_sequence = _cut(text, body)
        return {
            "id": "msg_" + _short_hash((key, sample)),
            "type": "message",
            "role": "assistant",
            "model": model.id,
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop_reason,
            "stop_sequence": stop_sequence,
            "usage": {"input_tokens": input_tokens, "output_tokens": count_tokens(text), "service_tier": tier},
        }

    def _seconds(self, model, prompt, message, key, sample) -> float:
        if callable(self._seconds_per_call):
            return checked_seconds(self._seconds_per_call(prompt), prompt)
        if self._seconds_per_call is not None:
            return float(self._seconds_per_call)
        first, pace = PACE.get(model.id, PACE_OF_OTHERS)
        spread = 0.85 + 0.3 * uniform(key.hex(), "pace", sample)
        return round((first + message["usage"]["output_tokens"] / pace) * spread, 2)

    def _whole(self, message, seconds, fault, identity, now) -> Reply:
        headers = self._headers(identity, now)
        if fault == "dropped":
            return Reply(200, headers, message, seconds / 2, breaks="dropped")
        if fault == "truncated":
            content = json.dumps(message).encode()
            return Reply(200, headers, {}, seconds, raw=content[: len(content) // 2], fault="the reply breaks off: no valid JSON")
        return Reply(200, headers, message, seconds)

    def _stream(self, message, model, seconds, fault, identity, now) -> Reply:
        first, pace = PACE.get(model.id, PACE_OF_OTHERS)
        first *= seconds / (first + message["usage"]["output_tokens"] / pace)
        pieces, wrong = streaming.pieces_of(message, first, seconds), ""
        headers = self._headers(identity, now, "text/event-stream; charset=utf-8")
        if fault == "interrupted":
            error = error_body(KINDS[529], "Overloaded", headers()["request-id"])
            pieces, wrong = streaming.broken_off(pieces, streaming.error_event(error)), f"{KINDS[529]}: Overloaded"
        elif fault in ("dropped", "truncated"):
            pieces, wrong = streaming.broken_off(pieces), "" if fault == "dropped" else "the stream ends without message_stop"
        breaks = "dropped" if fault == "dropped" else ""
        return Reply(200, headers, message, pieces[-1].seconds, pieces=pieces, breaks=breaks, fault=wrong)

    def _page(self, body, identity, now) -> Reply:
        return Reply(200, self._headers(identity, now), body, REFUSAL_SECONDS)

    def _refuse(self, status, message, identity, now, **more) -> Reply:
        headers = self._headers((identity, KINDS[status]), now)() | more
        return Reply(status, headers, error_body(KINDS[status], message, headers["request-id"]), REFUSAL_SECONDS)

    def _too_many(self, refused, identity, now) -> Reply:
        kind, wait = refused
        message = (
            f"This request would exceed your organization's rate limit of {self._limiter.limit(kind):,} "
            f"{kind.replace('-', ' ')} per minute. Please wait and try again."
        )
        return self._refuse(429, message, identity, now, **{"retry-after": str(wait)})

    def _failed(self, fault, streamed, identity, now) -> Reply | None:
        """The reply to a request that never reaches the model; None for the other faults."""
        if fault == "unreachable":
            return Reply(0, {}, {}, REFUSAL_SECONDS, breaks="unreachable")
        if fault == "garbage":
            return Reply(200, self._headers(identity, now), {}, REFUSAL_SECONDS, raw=WEB_PAGE, fault="the reply is no JSON")
        if fault not in ERROR_REPLIES or (streamed and fault == "interrupted"):
            return None
        status, message = ERROR_REPLIES[fault]
        # The SDK's own back-off is random; a retry-after makes the run the same every time.
        return self._refuse(status, message, identity, now, **({} if status == 403 else {"retry-after": "1"}))

    def _headers(self, identity, now, content_type="application/json") -> Callable[[], dict[str, str]]:
        """Written down when somebody reads them, as of now."""
        return partial(self._written_headers, identity, now, content_type, self._limiter.levels(now))

    def _written_headers(self, identity, now, content_type, levels) -> dict[str, str]:
        named = {"content-type": content_type, "request-id": "req_" + _short_hash((identity, round(now, 6)))}
        return named | self._limiter.headers(now, levels) if levels else named

    # --- for batches -------------------------------------------------------------------------

    def take_in(self, custom_id: str, params: dict, version: str) -> Entry:
        """A batch's request with all that is decided when it is handed in; `seconds` as a share of the usual time."""
        try:
            model, tokens = validation.check_message_request(params, version)
        except Refusal as refusal:
            return Entry(custom_id, params, refusal=refusal)
        key = self._key(params)
        self._arrivals[key] = arrival = self._arrivals[key] + 1
        fault = self._faults.pick(prompt_of(params), attempt=arrival, seed=self.seed)
        entry = Entry(custom_id, params, model, tokens, key, seconds={"slow": SLOW, "silent": NEVER}.get(fault, 1.0))
        if fault == "error":
            entry.refusal = Refusal(*ERROR_REPLIES[fault])
        elif fault != "silent":
            entry.sample = self._samples.take(key)
        return entry

    def answer(self, entry: Entry) -> dict:
        """The message that answers a batch's request."""
        return self._message(entry.model, entry.params, entry.tokens, entry.key, entry.sample, tier="batch")

    def give_back(self, entry: Entry) -> None:
        """A canceled request of a batch uses up no sample."""
        if entry.sample is not None:
            self._samples.give_back(entry.key, entry.sample)


def _plain(body: object) -> tuple[str, int, str] | None:
    """(model, max_tokens, prompt) of a request that is nothing more than that, as most are; None for all others."""
    if not isinstance(body, dict) or len(body) != 3 or type(messages := body.get("messages")) is not list or len(messages) != 1:
        return None
    [message] = messages
    if not isinstance(message, dict) or len(message) != 2 or message.get("role") != "user":
        return None
    model, most, text = body.get("model"), body.get("max_tokens"), message.get("content")
    return (model, most, text) if type(model) is str and type(most) is int and type(text) is str else None


@lru_cache(maxsize=4096, typed=True)  # seed 1 and seed True are two seeds
def _plainly_understood(seed: object, model: str, max_tokens: int, prompt: str) -> tuple[Model, int, bytes]:
    """What `FakeApi._understood` finds, kept for ballots: the same question many times."""
    body = {"model": model, "max_tokens": max_tokens, "messages": [{"role": "user", "content": prompt}]}
    return *validation.check_message_request(body, validation.CURRENT_VERSION), digest(seed, body)


def _short_hash(identity: tuple) -> str:
    """24 hexadecimal digits; like `digest`, and faster, for plain numbers, texts and bytes."""
    return hashlib.blake2b(repr(identity).encode(), digest_size=12).hexdigest()


def checked_seconds(seconds: object, prompt: str) -> float:
    """What a function that was given as seconds_per_call returned. Raises: BadInput for what are no seconds."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < NEVER:
        raise BadInput(
            f"The function given as seconds_per_call returned {seconds!r} for the prompt "
            f"{shorten(prompt, 32, placeholder='…')!r}; let it return seconds, such as 3.0."
        )
    return float(seconds)


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


def _count(body, headers) -> int:
    padded = {"max_tokens": 1, **body} if isinstance(body, dict) else body
    return validation.check_message_request(padded, headers["anthropic-version"])[1]


def _models() -> list[dict]:
    return [_model(name) for name in MODELS]


def _model(name: str) -> dict:
    if name not in MODELS:
        raise Refusal(404, f"model: {name}")
    model = MODELS[name]
    return {
        "type": "model", "id": model.id, "display_name": model.name, "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active", "max_input_tokens": model.context, "max_tokens": model.max_output,
    }


def parse_body(content: bytes) -> object:
    """The JSON of a request; None when it is none, which the core then refuses."""
    try:
        return json.loads(content.decode()) if content else {}
    except ValueError:
        return None

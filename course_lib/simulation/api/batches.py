"""Message batches: many requests handed in at once, answered within 24 hours at half the price.

How long the real API takes is not documented beyond "most within an hour, 24 hours at most". Here a batch of n
requests takes about a minute plus three seconds a request, at most an hour, with some spread; a request
that meets the fault `silent` is never answered and expires, one that meets `slow` takes ten times as long.

Source: https://platform.claude.com/docs/en/build-with-claude/batch-processing
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from course_lib.data.models import Model
from course_lib.simulation.api.rate_limits import timestamp
from course_lib.simulation.api.refusals import Refusal, error_body, invalid
from course_lib.simulation.api.seeded import digest, uniform

PATH = "/v1/messages/batches"
MOST_REQUESTS = 100_000
EXPIRES_AFTER = 24 * 3600.0
"""Seconds."""
CANCELING_TAKES = 30.0
"""Seconds from the wish to cancel to the batch's end: what is being answered just then is still finished."""

_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(slots=True)
class Entry:
    """One request of a batch. `seconds` after the batch's creation it is done; `refusal` if it can't be answered."""

    custom_id: str
    params: dict
    model: Model | None = None
    tokens: int = 0
    key: bytes = b""
    sample: int | None = None
    seconds: float = 0.0
    refusal: Refusal | None = None


@dataclass
class Batch:
    """A batch between creation and end: what it says of itself is a function of the moment."""

    id: str
    created: float
    entries: list[Entry]
    canceled: float | None = None
    ended: float = field(init=False)

    def __post_init__(self):
        self.ended = self.created + min(EXPIRES_AFTER, max(entry.seconds for entry in self.entries))

    def cancel(self, now: float) -> None:
        self.canceled = now
        self.ended = min(self.ended, now + CANCELING_TAKES)

    def outcome(self, entry: Entry) -> str:
        """"succeeded", "errored", "canceled" or "expired": how this request stands when the batch has ended."""
        if self.canceled is not None and self.created + entry.seconds > self.ended:
            return "canceled"
        if entry.seconds > EXPIRES_AFTER:
            return "expired"
        return "errored" if entry.refusal else "succeeded"

    def status(self, now: float) -> str:
        """The API's `processing_status`."""
        if now >= self.ended:
            return "ended"
        return "in_progress" if self.canceled is None else "canceling"


class Batches:
    """All batches of one account. `answerer` is the API that knows how to answer a single request."""

    def __init__(self, answerer, epoch: float):
        self._answerer, self._epoch = answerer, epoch
        self._batches: dict[str, Batch] = {}

    def create(self, body: object, version: str, now: float) -> Batch:
        """A new batch. Raises: Refusal 400 for a batch that is not well formed as a whole."""
        requests = _checked(body)
        batch_id = "msgbatch_" + digest("batch", len(self._batches), round(now, 6), requests).hex()[:24]
        base = min(2700.0, 60 + 3.0 * len(requests)) * (0.6 + 0.8 * uniform(batch_id, "pace"))
        entries = [self._answerer.take_in(entry["custom_id"], entry["params"], version) for entry in requests]
        for entry in entries:
            entry.seconds *= base * uniform(batch_id, entry.custom_id)
        batch = Batch(batch_id, now, entries)
        self._batches[batch_id] = batch
        return batch

    def find(self, batch_id: str) -> Batch:
        """Raises: Refusal 404."""
        if batch_id not in self._batches:
            raise Refusal(404, f"Batch {batch_id} not found")
        return self._batches[batch_id]

    def page(self, query: str, now: float, host: str) -> dict:
        """The newest first."""
        return page_of([self.described(batch, now, host) for batch in reversed(self._batches.values())], query)

    def cancel(self, batch_id: str, now: float) -> Batch:
        """Raises: Refusal 400 when it has ended. Canceling twice is no mistake."""
        batch = self.find(batch_id)
        if batch.status(now) == "ended":
            raise invalid(f"Batch {batch_id} has ended and cannot be canceled")
        if batch.canceled is None:
            batch.cancel(now)
            for entry in batch.entries:
                if batch.outcome(entry) == "canceled":
                    self._answerer.give_back(entry)
        return batch

    def delete(self, batch_id: str, now: float) -> dict:
        """Raises: Refusal 400 while it is being processed."""
        if self.find(batch_id).status(now) != "ended":
            raise invalid(f"Batch {batch_id} is still being processed; cancel it before you delete it")
        del self._batches[batch_id]
        return {"id": batch_id, "type": "message_batch_deleted"}

    def results(self, batch_id: str, now: float) -> Iterator[dict]:
        """One line for each request, in an order of their own. Raises: Refusal 400 before the batch has ended."""
        batch = self.find(batch_id)
        if batch.status(now) != "ended":
            raise invalid(f"Batch {batch_id} has no results yet: it is {batch.status(now)}")
        for entry in sorted(batch.entries, key=lambda entry: (entry.seconds, entry.custom_id)):
            yield {"custom_id": entry.custom_id, "result": self._result(batch, entry)}

    def described(self, batch: Batch, now: float, host: str) -> dict:
        """The batch as the API shows it."""
        ended = batch.status(now) == "ended"
        counts = Counter(batch.outcome(entry) if ended else "processing" for entry in batch.entries)
        scheme = "https" if host.endswith("anthropic.com") else "http"
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": batch.status(now),
            "request_counts": {kind: counts[kind] for kind in ("processing", "succeeded", "errored", "canceled", "expired")},
            "ended_at": self._moment(batch.ended) if ended else None,
            "created_at": self._moment(batch.created),
            "expires_at": self._moment(batch.created + EXPIRES_AFTER),
            "archived_at": None,
            "cancel_initiated_at": None if batch.canceled is None else self._moment(batch.canceled),
            "results_url": f"{scheme}://{host}{PATH}/{batch.id}/results" if ended else None,
        }

    def _result(self, batch, entry) -> dict:
        outcome = batch.outcome(entry)
        if outcome == "succeeded":
            return {"type": outcome, "message": self._answerer.answer(entry)}
        if outcome == "errored":
            request_id = "req_" + digest("batch", batch.id, entry.custom_id).hex()[:24]
            return {"type": outcome, "error": error_body(entry.refusal.kind, entry.refusal.message, request_id)}
        return {"type": outcome}

    def _moment(self, seconds: float) -> str:
        return timestamp(int(self._epoch + seconds))


def json_lines(results: Iterator[dict]) -> bytes:
    """Results as the API sends them: a JSON object a line."""
    return b"".join(json.dumps(result).encode() + b"\n" for result in results)


def _checked(body: object) -> list[dict]:
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list):
        raise invalid("requests: Field required")
    if not requests:
        raise invalid("requests: List should have at least 1 item after validation, not 0")
    if len(requests) > MOST_REQUESTS:
        raise invalid(f"requests: List should have at most {MOST_REQUESTS} items after validation, not {len(requests)}")
    seen: dict[str, int] = {}
    for index, entry in enumerate(requests):
        _check_entry(index, entry)
        first = seen.setdefault(entry["custom_id"], index)
        if first != index:
            raise invalid(f"requests.{index}.custom_id: '{entry['custom_id']}' is that of requests.{first} already; "
                          "each must be unique within the batch")
    return requests


def _check_entry(index, entry):
    if not isinstance(entry, dict) or not isinstance(entry.get("params"), dict):
        raise invalid(f"requests.{index}.params: Field required")
    if not isinstance(entry.get("custom_id"), str) or not _CUSTOM_ID.fullmatch(entry["custom_id"]):
        raise invalid(f"requests.{index}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
    if entry["params"].get("stream"):
        raise invalid(f"requests.{index}.params.stream: streaming is not supported in a batch")


# --- lists, page by page: of batches, and of models ----------------------------------------------


def page_of(entries: list[dict], query: str) -> dict:
    """One page of `entries`: up to `limit` of them, after the id `after_id` or before the id `before_id`.

    >>> page_of([{"id": "a"}, {"id": "b"}, {"id": "c"}], "limit=1&after_id=a")
    {'data': [{'id': 'b'}], 'has_more': True, 'first_id': 'b', 'last_id': 'b'}
    """
    wishes = {name: values[-1] for name, values in parse_qs(query).items()}
    limit = _limit(wishes.get("limit", "20"))
    first, last = 0, len(entries)
    if "after_id" in wishes:
        first = _position(entries, wishes["after_id"], "after_id") + 1
    if "before_id" in wishes:
        last = _position(entries, wishes["before_id"], "before_id")
    backwards = "before_id" in wishes
    data = entries[max(first, last - limit) : last] if backwards else entries[first : min(first + limit, last)]
    return {
        "data": data,
        "has_more": len(data) < last - first,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def _limit(text: str) -> int:
    if not text.isdecimal():
        raise invalid("limit: Input should be a valid integer")
    if not 1 <= int(text) <= 1000:
        raise invalid("limit: Input should be between 1 and 1000")
    return int(text)


def _position(entries, wanted, name) -> int:
    for position, entry in enumerate(entries):
        if entry["id"] == wanted:
            return position
    raise invalid(f"{name}: there is no '{wanted}' in this list")

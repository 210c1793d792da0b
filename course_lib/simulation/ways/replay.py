"""The API's core, answering from recorded replies: the same `handle` as the fake's, so that every way in works.

The n-th identical request gets the n-th recorded reply, however many others are under way at the same time.
"""

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.simulation.api.messages import checked_seconds
from course_lib.simulation.api.replies import Reply
from course_lib.simulation.api.seeded import SampleNumbers
from course_lib.simulation.api.streaming import pieces_of
from course_lib.simulation.content import prompt_of
from course_lib.simulation.protocols import RecordedReply, Recording

FIRST_WORDS = 0.2
"""The share of a stream's seconds after which its first words come."""


class Replay:
    """Recorded replies on simulated time.

    seconds_per_call: None for the recorded seconds, a number, or a function of the prompt.
    """

    def __init__(self, replies: Recording, seconds_per_call: float | Callable[[str], float] | None = None):
        self._replies, self._seconds_per_call = replies, seconds_per_call
        self._numbers = SampleNumbers()

    def handle(self, method: str, path: str, headers: dict[str, str], body: object, now: float) -> "ReplayedExchange":
        """The recorded reply to one request. Raises: NotRecorded."""
        if method != "POST" or not path.endswith("/v1/messages") or not isinstance(body, dict):
            return ReplayedExchange(_not_replayed(method, path), self._numbers)
        recorded, key = self.check(body), self._replies.key(body)
        return ReplayedExchange(self._reply(recorded, body), self._numbers, key, self._numbers.take(key))

    def check(self, body: dict) -> RecordedReply:
        """The reply that the next request of this body will get. Raises: NotRecorded, before anything is sent."""
        return self._replies.get(body, self._numbers.upcoming(self._replies.key(body)))

    def _reply(self, recorded, body) -> Reply:
        seconds, headers = self._seconds(recorded, body), {"content-type": "application/json", **recorded.headers}
        if recorded.status != 200 and not {"retry-after", "retry-after-ms"} & headers.keys():
            headers["retry-after"] = "1"  # the SDK's own back-off is random; this is the same in every run
        if not isinstance(recorded.body, dict):
            return _page(recorded, headers, seconds)
        if body.get("stream") and recorded.status == 200:
            return _stream(recorded.body, headers, seconds)
        return Reply(recorded.status, headers, recorded.body, seconds)

    def _seconds(self, recorded, body) -> float:
        if callable(self._seconds_per_call):
            prompt = prompt_of(body)
            return checked_seconds(self._seconds_per_call(prompt), prompt)
        return float(recorded.seconds if self._seconds_per_call is None else self._seconds_per_call)


@dataclass
class ReplayedExchange:
    """One request being answered from the file. Whoever carries the reply says how it ended."""

    reply: Reply
    _numbers: SampleNumbers
    _key: str = ""
    _number: int = 0

    def finish(self, now: float) -> None:
        """The reply arrived."""

    def abandon(self, now: float = 0.0, written: int = 0) -> None:
        """The caller hung up: the next one who asks gets this very reply."""
        if self._key:
            self._numbers.give_back(self._key, self._number)


def _page(recorded, headers, seconds) -> Reply:
    """What was no JSON: a gateway's own page, most of the time."""
    page = str(recorded.body)
    error = {"type": "error", "error": {"type": "not_json", "message": page[:200]}}
    fault = "the reply is no JSON" if recorded.status == 200 else ""
    return Reply(recorded.status, headers, error, seconds, raw=page.encode(), fault=fault)


def _stream(message, headers, seconds) -> Reply:
    """The message's words piece by piece, the first of them after a fifth of its seconds; when each came is not recorded."""
    words = message | {"content": [block for block in message["content"] if block["type"] == "text"]}
    pieces = pieces_of(words, FIRST_WORDS * seconds, seconds)
    return Reply(200, headers | {"content-type": "text/event-stream; charset=utf-8"}, message, seconds, pieces=pieces)


def _not_replayed(method: str, path: str) -> Reply:
    message = f"{method} {path}: a recording holds messages only"
    error = {"type": "error", "error": {"type": "not_found_error", "message": message}}
    return Reply(404, {"content-type": "application/json"}, error, 0.0)

"""What the rooms of the simulation hand each other, and what it expects of whoever calls it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from course_lib.simulation.api.replies import Reply


class Exchange(Protocol):
    """One request being answered. Whoever carries the reply says how it ended: it arrived, or its caller hung up."""

    reply: Reply

    def finish(self, now: float) -> None: ...

    def abandon(self, now: float = 0.0, written: int = 0) -> None: ...


class Core(Protocol):
    """What answers requests: the fake API (`api.messages`), or recorded replies (`ways.replay`). `now` is in seconds."""

    def handle(self, method: str, path: str, headers: dict[str, str], body: object, now: float) -> Exchange: ...


class RecordedReply(Protocol):
    """One reply as it came: `body` is its JSON, or its text. `course_lib.claude.recording.Recorded` is one."""

    status: int
    seconds: float
    headers: dict[str, str]
    body: object


class Recording(Protocol):
    """Recorded replies, to be looked up by a request's body. `course_lib.claude.recording.Replies` is one."""

    def key(self, body: dict) -> str: ...

    def get(self, body: dict, number: int) -> RecordedReply: ...


class Log(Protocol):
    """Where a way writes down each call and its attempts. `course_lib.claude.calls.CallLog` is one."""

    def begin(self, *, prompt: str, model: str, now: float, retry: int = 0) -> Any: ...

    def end(self, call: Any, *, now: float, status: str, **more: Any) -> None: ...

    def given_up(self) -> None: ...

    def record_reply(self, call: Any, http_status: int, body: dict, now: float) -> None: ...

    def record_batch(self, path: str, lines: str, now: float) -> None: ...


class RequestWitness(Protocol):
    """Who must know how one request ended. `left`: it may have reached the API all the same."""

    def answered(self, status: int, headers: Mapping[str, str], body: object, now: float) -> None: ...

    def lost(self, error: BaseException, now: float, *, left: bool = True) -> None: ...


class Watcher(Protocol):
    """Who must know of every request before it leaves, and may refuse. `course_lib.claude.watching.Watch` is one."""

    async def leaving(self, path: str, body: dict, retry: int, clock: Callable[[], float]) -> RequestWitness: ...

"""Where a connection's requests end: the simulated API, recorded replies, or the real API; and the ways that lead there.

A connection is made of two things. The backend makes the SDK's clients; the way carries `ask`: through the SDK's client,
or straight to the simulation.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from course_lib.claude.budget import Budget
from course_lib.claude.call_context import cancelled_with_its_caller
from course_lib.claude.calls import CallLog
from course_lib.claude.shapes import Answer
from course_lib.claude.watching import Onlooker, Watch
from course_lib.simulation.clock.thread_clock import ThreadClock
from course_lib.simulation.protocols import Core
from course_lib.simulation.ways.direct import DirectClient, version_for

if TYPE_CHECKING:  # it takes a second or two to import
    import anthropic


class Way(Protocol):
    """How one request gets to the API, and its answer back. Raises: the SDK's own errors, whatever the way."""

    async def send(self, request: dict) -> Answer: ...


class Backend(Protocol):
    """Where requests end. `name` says so to the reader. Every call is written down in the log that it was made with."""

    name: str

    def async_client(self) -> anthropic.AsyncAnthropic: ...

    def sync_client(self) -> anthropic.Anthropic: ...


class Simulated:
    """The simulated API, or recorded replies: requests are answered in this process, on simulated time.

    watch: None when nobody watches; then nothing stands between the SDK and the simulation.
    """

    def __init__(self, name: str, core: Core, log: CallLog, watch: Watch | None, settings: dict):
        self.name, self._core, self._log, self._watch, self._settings = name, core, log, watch, settings
        self._clock = ThreadClock()

    def async_client(self):
        from course_lib.claude.live import AsyncWatched
        from course_lib.simulation.ways.sdk_clients import async_client
        from course_lib.simulation.ways.transports import AsyncFakeTransport

        way = AsyncFakeTransport(self._core, self._log)
        return async_client(way if self._watch is None else AsyncWatched(way, self._watch), **self._settings)

    def sync_client(self):
        """Its threads share one simulated clock."""
        from course_lib.claude.live import Watched
        from course_lib.simulation.ways.sdk_clients import sync_client
        from course_lib.simulation.ways.transports import FakeTransport

        way, clock = FakeTransport(self._core, self._log, self._clock), self._clock
        if self._watch is not None:
            way = Watched(way, self._watch, lambda: clock.now)
        return sync_client(way, clock, **self._settings)

    def direct_way(self) -> Way:
        """The way without the SDK."""
        return Direct(DirectClient(self._core, self._log, watch=self._watch, **self._settings))


class Live:
    """The real API, or any server that speaks its language: real time, and mostly real money."""

    def __init__(
        self, key: str, base_url: str | None, log: CallLog, budget: Budget, onlookers: tuple[Onlooker, ...], settings: dict
    ):
        self.name = f"live at {base_url} (real time)" if base_url else "live (real time, real money)"
        self._log, self._watching = log, {"budget": budget, "onlookers": onlookers}
        self._settings = settings | {"api_key": key} | ({"base_url": base_url} if base_url else {})

    def async_client(self):
        from course_lib.claude.live import async_client

        return async_client(self._log, **self._watching, **self._settings)

    def sync_client(self):
        from course_lib.claude.live import sync_client

        return sync_client(self._log, **self._watching, **self._settings)


class Clients:
    """The SDK's clients of one backend, each made when it is first asked for, whichever thread asks."""

    def __init__(self, backend: Backend):
        self._backend, self._making = backend, threading.Lock()
        self._async = self._sync = None

    @property
    def asynchronous(self) -> anthropic.AsyncAnthropic:
        if self._async is None:
            with self._making:
                self._async = self._async or self._backend.async_client()
        return self._async

    @property
    def synchronous(self) -> anthropic.Anthropic:
        if self._sync is None:
            with self._making:
                self._sync = self._sync or self._backend.sync_client()
        return self._sync


class ThroughTheSdk:
    """The way through the SDK's own client."""

    def __init__(self, clients: Clients):
        self._clients = clients

    async def send(self, request: dict) -> Answer:
        with cancelled_with_its_caller():
            return answer_in(await self._clients.asynchronous.messages.create(**arguments(request)))


class Direct:
    """The way without the SDK: same replies, a tenth of the work."""

    def __init__(self, client: DirectClient):
        self._client = client

    async def send(self, request: dict) -> Answer:
        reply = await self._client.send(request)
        return Answer(reply.text, reply.body.get("stop_reason") or "")


def arguments(request: dict) -> dict:
    """A request as `messages.create` takes it: the SDK has no `temperature` any more, so it goes along as an extra."""
    if "temperature" not in request:
        return request
    others = {name: value for name, value in request.items() if name != "temperature"}
    return others | {"extra_body": {"temperature": request["temperature"]}, "extra_headers": version_for(request)}


def answer_in(message) -> Answer:
    """The text of a message of the SDK's."""
    return Answer("".join(block.text for block in message.content if block.type == "text"), message.stop_reason or "")

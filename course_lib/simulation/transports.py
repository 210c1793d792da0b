"""How the real SDK reaches the fake: two httpx2 transports, put in where the bytes would leave.

Each waits for the reply's seconds on its own clock (asyncio's, or the threads'), honours the
SDK's time-out, and writes down every attempt in the log.
"""

import asyncio
import json

import anthropic
import httpx2

from course_lib.calls import Call, CallLog
from course_lib.errors import CourseError
from course_lib.simulation.api import FakeApi, parse_body
from course_lib.simulation.thread_clock import ThreadClock
from course_lib.simulation.validation import text_of


class SimulationBroke(CourseError, anthropic.AnthropicError):
    """The simulation itself failed, mostly in a function that was given to `connect()`.

    Also an error of the SDK's own kind, which the SDK passes on; any other it would take for a lost
    connection, and try again.
    """


class AsyncFakeTransport(httpx2.AsyncBaseTransport):
    """For `anthropic.AsyncAnthropic(http_client=…)`: waits with asyncio.sleep, on whatever loop runs."""

    def __init__(self, api: FakeApi, log: CallLog):
        self._api, self._log = api, log

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        clock = asyncio.get_running_loop().time
        flight = _Flight(self._api, self._log, request, await request.aread(), clock())
        try:
            await asyncio.sleep(flight.seconds)
        except asyncio.CancelledError:
            flight.cancel(clock())
            raise
        return flight.land(clock())


class FakeTransport(httpx2.BaseTransport):
    """For `anthropic.Anthropic(http_client=…)`: waits on a clock that all threads of a pool share."""

    def __init__(self, api: FakeApi, log: CallLog, clock: ThreadClock):
        self._api, self._log, self._clock = api, log, clock

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._clock.lock:
            flight = _Flight(self._api, self._log, request, request.read(), self._clock.now)
        try:
            self._clock.sleep(flight.seconds)
        except BaseException:  # the reader interrupted the cell
            with self._clock.lock:
                flight.cancel(self._clock.now)
            raise
        with self._clock.lock:
            return flight.land(self._clock.now)


class _Flight:
    """One attempt between take-off and landing, the same for both transports."""

    def __init__(self, api: FakeApi, log: CallLog, request: httpx2.Request, content: bytes, now: float):
        body = parse_body(content)
        self._request, self._log = request, log
        try:
            self._exchange = api.handle(request.method, request.url.path, dict(request.headers), body, now)
        except Exception as error:
            raise SimulationBroke(f"The simulation could not answer, because {_in_words(error)}") from error
        self._call = _begin(log, request, body, now)
        patience = (request.extensions.get("timeout") or {}).get("read")
        self._patience = float("inf") if patience is None else patience
        self.seconds = min(self._exchange.reply.seconds, self._patience)

    def land(self, now: float) -> httpx2.Response:
        """The reply as the SDK wants it. Raises: httpx2.ReadTimeout when it came too late."""
        reply = self._exchange.reply
        if reply.seconds > self._patience:
            self._end(now, "failed", error=f"no reply within {self._patience:g} s")
            self._exchange.abandon()
            raise httpx2.ReadTimeout(f"no reply within {self._patience:g} s", request=self._request)
        self._exchange.finish(now)
        if self._call is not None:
            self._log.record_reply(self._call, reply.status, reply.body, now)
        return httpx2.Response(
            reply.status, headers=reply.headers, content=json.dumps(reply.body).encode(), request=self._request
        )

    def cancel(self, now: float) -> None:
        self._end(now, "cancelled", error="cancelled by its caller")
        self._exchange.abandon()

    def _end(self, now, status, error):
        if self._call is not None:
            self._log.end(self._call, now=now, status=status, error=error)


def _in_words(error: Exception) -> str:
    if isinstance(error, CourseError):
        return f"of this: {error}"
    said = f": {error}" if str(error) else ""
    return f"of {type(error).__name__}{said}; look at the functions that you gave to connect()."


def _begin(log, request, body, now) -> Call | None:
    if request.url.path != "/v1/messages" or not isinstance(body, dict):
        return None
    messages = body.get("messages") or [{}]
    last = messages[-1] if isinstance(messages, list) and isinstance(messages[-1], dict) else {}
    retry = int(request.headers.get("x-stainless-retry-count", 0))
    return log.begin(prompt=text_of(last.get("content")), model=str(body.get("model")), now=now, retry=retry)

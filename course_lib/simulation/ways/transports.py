"""How the real SDK reaches the fake: two httpx2 transports, put in where the bytes would leave.

Each waits for the reply's seconds on its own clock (asyncio's, or the threads'), honours the
SDK's time-out, and writes down every attempt in the log. A streamed reply comes piece by piece,
and its call ends in the log when the stream does.
"""

import asyncio
import math

import anthropic
import httpx2

from course_lib.errors import CourseError
from course_lib.simulation.api.messages import parse_body
from course_lib.simulation.clock.thread_clock import ThreadClock
from course_lib.simulation.protocols import Core, Log
from course_lib.simulation.ways.delivery import BREAKS, Flight, take_off
from course_lib.simulation.ways.sdk_clients import for_the_sdk

HEADERS = frozenset(
    (b"x-api-key", b"authorization", b"anthropic-version", b"content-length", b"host", b"x-stainless-retry-count")
)
"""The only ones that the API and the log look at."""


class SimulationBroke(CourseError, anthropic.AnthropicError):
    """The simulation itself failed, mostly in a function that was given to `connect()`.

    Also an error of the SDK's own kind, which the SDK passes on; any other it would take for a lost
    connection, and try again.
    """


class AsyncFakeTransport(httpx2.AsyncBaseTransport):
    """For `anthropic.AsyncAnthropic(http_client=…)`: waits with asyncio.sleep, on whatever loop runs."""

    def __init__(self, core: Core, log: Log):
        self._core, self._log = core, log

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        clock = asyncio.get_running_loop().time
        flight = _take_off(self._core, self._log, request, await request.aread(), clock())
        try:
            await asyncio.sleep(flight.seconds)
        except asyncio.CancelledError:
            flight.cancel(clock())
            raise
        return _landed(flight, request, clock(), _AsyncStream, self._log)


class FakeTransport(httpx2.BaseTransport):
    """For `anthropic.Anthropic(http_client=…)`: waits on a clock that all threads of a pool share."""

    def __init__(self, core: Core, log: Log, clock: ThreadClock):
        self._core, self._log, self._clock = core, log, clock

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._clock.lock:
            flight = _take_off(self._core, self._log, request, request.read(), self._clock.now)
        try:
            self._clock.sleep(flight.seconds)
        except BaseException:  # the reader interrupted the cell
            with self._clock.lock:
                flight.cancel(self._clock.now)
            raise
        with self._clock.lock:
            return _landed(flight, request, self._clock.now, lambda *about: _Stream(*about, self._clock), self._log)


class _AsyncStream(httpx2.AsyncByteStream):
    """The pieces of a streamed reply, each at its moment. Closing it early cancels the rest."""

    def __init__(self, flight: Flight, request: httpx2.Request):
        self._flight, self._request = flight, request
        self._clock = asyncio.get_running_loop().time

    async def __aiter__(self):
        for piece in self._flight.reply.pieces:
            seconds, late = self._flight.seconds_until(piece, self._clock())
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                self._flight.cancel(self._clock())
                raise
            if late:
                raise httpx2.ReadTimeout(self._flight.give_up_stream(self._clock()), request=self._request)
            self._flight.sent(piece)
            yield piece.content
        _raise_if_lost(self._flight.end_stream(self._clock()), self._request)

    async def aclose(self):
        self._flight.cancel(self._clock())


class _Stream(httpx2.SyncByteStream):
    """The same on the threads' clock."""

    def __init__(self, flight: Flight, request: httpx2.Request, clock: ThreadClock):
        self._flight, self._request, self._clock = flight, request, clock

    def __iter__(self):
        for piece in self._flight.reply.pieces:
            seconds, late = self._flight.seconds_until(piece, self._clock.now)
            if seconds:
                self._clock.sleep(seconds)
            if late:
                raise httpx2.ReadTimeout(self._flight.give_up_stream(self._clock.now), request=self._request)
            self._flight.sent(piece)
            yield piece.content
        _raise_if_lost(self._flight.end_stream(self._clock.now), self._request)

    def close(self):
        with self._clock.lock:
            self._flight.cancel(self._clock.now)


def _take_off(core: Core, log: Log, request: httpx2.Request, content: bytes, now: float) -> Flight:
    body = parse_body(content)
    headers = {name.decode(): value.decode("latin-1") for raw, value in request.headers.raw if (name := raw.lower()) in HEADERS}
    path = request.url.path if request.method == "POST" else request.url.raw_path.decode()
    patience = (request.extensions.get("timeout") or {}).get("read")
    try:
        return take_off(
            core, log, request.method, path, headers, body, now,
            retry=int(headers.get("x-stainless-retry-count", 0)), patience=math.inf if patience is None else patience,
        )
    except CourseError as error:
        raise for_the_sdk(error) from None
    except Exception as error:
        said = f": {error}" if str(error) else ""
        raise SimulationBroke(
            f"The simulation could not answer, because of {type(error).__name__}{said}; look at the functions that you gave "
            "to connect()."
        ) from error


def _landed(flight: Flight, request: httpx2.Request, now: float, stream, log: Log) -> httpx2.Response:
    """The reply as the SDK wants it. Raises: httpx2.ReadTimeout when it came too late, or the error of a lost line."""
    lost = flight.land(now)
    if lost == "late":
        raise httpx2.ReadTimeout(f"no reply within {flight.seconds:g} s", request=request)
    _raise_if_lost(lost, request)
    reply = flight.reply
    if request.method == "GET" and reply.status == 200:
        log.record_batch(request.url.path, reply.content.decode(), now)
    what = {"content": reply.content} if reply.pieces is None else {"stream": stream(flight, request)}
    return httpx2.Response(reply.status, headers=reply.headers, request=request, **what)


def _raise_if_lost(lost: str, request: httpx2.Request) -> None:
    if lost == "unreachable":
        raise httpx2.ConnectError(BREAKS[lost], request=request)
    if lost == "dropped":
        raise httpx2.RemoteProtocolError(BREAKS[lost], request=request)

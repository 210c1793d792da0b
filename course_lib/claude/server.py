"""The simulated API as an ordinary HTTP server on this machine, in real time: for any client in any language.

    course serve --port 8000                                 in one terminal
    ANTHROPIC_BASE_URL=http://127.0.0.1:8000 my-program      in another

It answers whatever key a client sends, on the loopback address only. `speed` divides every wait.
"""

import asyncio
import math
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.client import responses

from anyio.from_thread import start_blocking_portal
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerConnectionDelegate, ResponseStartLine
from tornado.iostream import StreamClosedError

from course_lib.errors import BadInput, CourseError
from course_lib.simulation.api.messages import FakeApi, SimulatedExchange, parse_body
from course_lib.simulation.api.refusals import KINDS, error_body
from course_lib.simulation.api.replies import Reply
from course_lib.simulation.api.validation import MOST_BYTES_OF_A_BATCH
from course_lib.simulation.ways.delivery import Flight

HOST = "127.0.0.1"


def serve_forever(port: int = 8000, speed: float = 1.0, **settings) -> None:
    """Serve until Ctrl-C, and say how to point a client at it.

    settings: seed, seconds_per_call, limits and faults, as for `connect()`.
    Raises: BadInput for a port or speed that can't be; CourseError when the port is taken.
    """
    with suppress(KeyboardInterrupt), serving(port, speed, **settings) as address:
        pace = "" if speed == 1 else f", {speed:g} times as fast as life"
        print(f"The simulated API listens at {address}{pace}. Point a client at it, and stop it with Ctrl-C:")
        print(f"    ANTHROPIC_BASE_URL={address} ANTHROPIC_API_KEY=simulated", flush=True)
        while True:
            time.sleep(3600)
    print("The simulated API has stopped.")


@contextmanager
def serving(port: int = 0, speed: float = 1.0, **settings) -> Iterator[str]:
    """The server's address while the `with` block runs, from a thread of its own. Port 0: any that is free.

    >>> import urllib.error, urllib.request
    >>> with serving() as address:
    ...     try:
    ...         urllib.request.urlopen(f"{address}/v1/models")
    ...     except urllib.error.HTTPError as error:
    ...         error.code, error.reason
    (401, 'Unauthorized')
    """
    server = Server(port, speed, **settings)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(server.listening()) as address:
        yield address


class Server(HTTPServerConnectionDelegate):
    """One simulated account behind a socket. Time runs `speed` times as fast as outside."""

    def __init__(self, port: int = 0, speed: float = 1.0, **settings):
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
            raise BadInput(
                f"port={port!r} is no port; write a whole number from 1024 to 65535, such as 8000, or 0 for a free one."
            )
        if isinstance(speed, bool) or not isinstance(speed, (int, float)) or not 0 < speed < math.inf:
            raise BadInput(f"speed={speed!r} is no speed; write a number above 0, such as 1, or 60 for a minute a second.")
        self.api = FakeApi(epoch=time.time(), **settings)
        self._port, self._speed = port, speed
        self._started = time.monotonic()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """The server's address. Raises: CourseError in one sentence when the port can't be had."""
        try:
            listening = socket.create_server((HOST, self._port))
        except OSError as error:
            why = "is kept for the system" if isinstance(error, PermissionError) else "is taken by another program"
            raise CourseError(f"Port {self._port} {why}; choose another one, such as {max(8000, self._port) + 1}.") from None
        http = HTTPServer(self, max_body_size=sys.maxsize)  # too large a body is refused by the API, in its own words
        listening.setblocking(False)
        http.add_socket(listening)
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            http.stop()
            await http.close_all_connections()

    def start_request(self, server_conn: object, request_conn: HTTP1Connection) -> HTTPMessageDelegate:
        return _Conversation(self, request_conn)

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of simulated time."""
        await asyncio.sleep(seconds / self._speed)

    def now(self) -> float:
        """Seconds since the start, as simulated time goes."""
        return (time.monotonic() - self._started) * self._speed

    def in_real_time(self, headers: dict[str, str]) -> dict[str, str]:
        """`retry-after` as the client's own clock goes; milliseconds too, since a whole second may be long here."""
        if self._speed == 1 or "retry-after" not in headers:
            return headers
        seconds = float(headers["retry-after"]) / self._speed
        return headers | {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(math.ceil(seconds * 1000))}


class _Headers(HTTPHeaders):
    """Written with lower-case names, as the API writes them: a client may look them up in a plain dictionary."""

    def get_all(self):
        return ((name.lower(), value) for name, value in super().get_all())


class _Conversation(HTTPMessageDelegate):
    """One request, as it comes in piece by piece, and its reply.

    Its body is JSON whatever its content-type says; `curl -d` alone calls it a form, and tornado would read it as one.
    """

    def __init__(self, server: Server, line: HTTP1Connection):
        self._server, self._line = server, line
        self._content, self._size = bytearray(), 0

    def headers_received(self, start_line, headers):
        self._start_line = start_line
        self._headers = {name.lower(): value for name, value in headers.items()}

    def data_received(self, chunk):
        self._size += len(chunk)
        if self._size <= MOST_BYTES_OF_A_BATCH:
            self._content += chunk
        else:  # too much to keep; read all the same, or the client would never look at the answer
            self._content.clear()

    def finish(self):
        answering = asyncio.ensure_future(self._answer())
        self._line.set_close_callback(answering.cancel)
        if self._line.stream.closed():  # it hung up with its last byte, and nothing more is heard of it
            answering.cancel()

    async def _answer(self) -> None:
        now = self._server.now()
        flight, goes_on = Flight(self._exchange(now), None, None, math.inf, now), False
        try:
            await self._server.sleep(flight.seconds)
            goes_on = await self._deliver(flight)
        except (asyncio.CancelledError, StreamClosedError):  # the client went away, or the server closes
            flight.cancel(self._server.now())
        finally:
            if goes_on:
                self._line.finish()
            else:
                self._line.close()

    def _exchange(self, now: float) -> SimulatedExchange:
        method, path, _ = self._start_line
        headers = self._headers | {"content-length": str(self._size)}
        try:
            return self._server.api.handle(method, path, headers, parse_body(bytes(self._content)), now)
        except Exception as error:  # a function that was given to the server, or a mistake of ours: the client must hear of it
            body = error_body(KINDS[500], f"The simulation could not answer: {type(error).__name__}: {error}", "req_none")
            return SimulatedExchange(Reply(500, {"content-type": "application/json"}, body, 0.0), self._server.api)

    async def _deliver(self, flight: Flight) -> bool:
        """Whether the line is good for another request."""
        reply = flight.reply
        broken = flight.land(self._server.now())
        if broken == "unreachable":
            return False
        start = ResponseStartLine("HTTP/1.1", reply.status, responses.get(reply.status, "Overloaded"))  # 529 is the API's own
        headers = _Headers(self._server.in_real_time(reply.headers))
        if reply.pieces is None:
            content = reply.content
            headers["content-length"] = str(len(content))
            sent = 0 if self._start_line.method == "HEAD" else len(content) // 2 if broken else len(content)
            await self._line.write_headers(start, headers, content[:sent])
        else:
            self._line.stream.set_nodelay(True)  # each piece leaves at its moment
            await self._line.write_headers(start, headers)
            for piece in reply.pieces:
                await self._server.sleep(flight.seconds_until(piece, self._server.now())[0])
                flight.sent(piece)
                await self._line.write(piece.content)
            broken = flight.end_stream(self._server.now())
        return not broken and (reply.pieces is None or self._start_line.version != "HTTP/1.0")  # whose streams end with the line

"""The simulated API as an ordinary HTTP server on this machine, in real time: for any client in any language.

    course serve --port 8000                                 in one terminal
    ANTHROPIC_BASE_URL=http://127.0.0.1:8000 my-program      in another

It answers whatever key a client sends, on the loopback address only. `speed` divides every wait.
"""

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from course_lib.errors import BadInput, CourseError
from course_lib.simulation.api.messages import FakeApi, parse_body
from course_lib.simulation.api.refusals import KINDS, error_body
from course_lib.simulation.api.replies import Reply
from course_lib.simulation.api.validation import MOST_BYTES_OF_A_BATCH
from course_lib.simulation.ways.delivery import Flight

HOST = "127.0.0.1"
BLOCK = 1 << 16


def serve_forever(port: int = 8000, speed: float = 1.0, **settings) -> None:
    """Serve until Ctrl-C, and say how to point a client at it.

    settings: seed, seconds_per_call, limits and faults, as for `connect()`.
    Raises: BadInput for a port or speed that can't be; CourseError when the port is taken.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(Server(speed, **settings), _checked_port(port)))
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
    server, port, loop = Server(speed, **settings), _checked_port(port), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        listening = asyncio.run_coroutine_threadsafe(server.listen(port), loop).result()
        try:
            yield _address(listening)
        finally:
            asyncio.run_coroutine_threadsafe(server.close(listening), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(server: "Server", port: int) -> None:
    listening = await server.listen(port)
    address = _address(listening)
    print(f"The simulated API listens at {address}{server.pace}. Point a client at it, and stop it with Ctrl-C:")
    print(f"    ANTHROPIC_BASE_URL={address} ANTHROPIC_API_KEY=simulated", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.close(listening)


@dataclass
class Request:
    """One HTTP request; header names are lower-case."""

    method: str
    path: str
    version: str
    headers: dict[str, str]
    content: bytes = b""

    @property
    def keeps_the_line(self) -> bool:
        """Whether the connection stays open for the next request."""
        wish = self.headers.get("connection", "").lower()
        return "keep-alive" in wish if self.version == "HTTP/1.0" else "close" not in wish


class Garbled(Exception):
    """What came over the line is no HTTP request."""


class Server:
    """One simulated account behind a socket. Time runs `speed` times as fast as outside."""

    def __init__(self, speed: float = 1.0, **settings):
        if isinstance(speed, bool) or not isinstance(speed, (int, float)) or not 0 < speed < math.inf:
            raise BadInput(f"speed={speed!r} is no speed; write a number above 0, such as 1, or 60 for a minute a second.")
        self._speed = speed
        self._api = FakeApi(epoch=time.time(), **settings)
        self._started = time.monotonic()
        self._conversations: set[asyncio.Task] = set()

    @property
    def pace(self) -> str:
        """In words, where it is not real time."""
        return "" if self._speed == 1 else f", {self._speed:g} times as fast as life"

    async def listen(self, port: int) -> asyncio.Server:
        """Raises: CourseError in one sentence when the port can't be had."""
        try:
            return await asyncio.get_running_loop().create_server(self._connection, HOST, port)
        except OSError as error:
            why = "is kept for the system" if isinstance(error, PermissionError) else "is taken by another program"
            raise CourseError(f"Port {port} {why}; choose another one, such as {max(8000, port) + 1}.") from None

    async def close(self, listening: asyncio.Server) -> None:
        listening.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    def _connection(self) -> asyncio.StreamReaderProtocol:
        reader = asyncio.StreamReader()
        return _Line(reader, self._converse_in_a_task)

    def _converse_in_a_task(self, reader, writer) -> asyncio.Task:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)
        return task

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader, writer)) is not None:
                if not await self._answer(request, writer):
                    break
        except Garbled as error:
            body = error_body(KINDS[400], str(error), "req_none")
            await _send(writer, Reply(400, {"content-type": "application/json"}, body, 0.0), Request("", "", "HTTP/1.0", {}))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away
        finally:
            writer.close()

    async def _answer(self, request: Request, writer) -> bool:
        """Whether the line is good for another request."""
        now = self._now()
        try:
            exchange = self._api.handle(request.method, request.path, request.headers, parse_body(request.content), now)
        except Exception as error:  # a function that was given to the server, or a mistake of ours: the client must hear of it
            body = error_body(KINDS[500], f"The simulation could not answer: {type(error).__name__}: {error}", "req_none")
            return await _send(writer, Reply(500, {"content-type": "application/json"}, body, 0.0), request)
        flight = Flight(exchange, None, None, math.inf, now)
        try:
            await asyncio.sleep(flight.seconds / self._speed)
            return await self._deliver(flight, request, writer)
        except (asyncio.CancelledError, ConnectionError):
            flight.cancel(self._now())
            raise

    async def _deliver(self, flight: Flight, request: Request, writer) -> bool:
        reply = flight.reply
        if reply.pieces is not None:
            flight.land(self._now())
            headers = _head(reply, request, self._in_real_time(reply.headers))
            return await _send_stream(writer, headers, self._pieces(flight), request)
        lost = flight.land(self._now())
        if lost == "unreachable":
            writer.transport.abort()
            return False
        return await _send(writer, reply, request, self._in_real_time(reply.headers), broken=lost == "dropped")

    async def _pieces(self, flight: Flight) -> AsyncIterator[bytes]:
        for piece in flight.reply.pieces:
            seconds, _ = flight.seconds_until(piece, self._now())
            await asyncio.sleep(seconds / self._speed)
            flight.sent(piece)
            yield piece.content
        if flight.end_stream(self._now()) == "dropped":
            raise ConnectionAbortedError

    def _now(self) -> float:
        return (time.monotonic() - self._started) * self._speed

    def _in_real_time(self, headers: dict[str, str]) -> dict[str, str]:
        """`retry-after` as the client's own clock goes; milliseconds too, since a whole second may be long here."""
        if self._speed == 1 or "retry-after" not in headers:
            return headers
        seconds = float(headers["retry-after"]) / self._speed
        return headers | {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(math.ceil(seconds * 1000))}


class _Line(asyncio.StreamReaderProtocol):
    """A connection that ends its conversation when the client hangs up."""

    def __init__(self, reader, converse):
        super().__init__(reader, self._begin)
        self._converse, self._conversation = converse, None

    def _begin(self, reader, writer):
        self._conversation = self._converse(reader, writer)

    def eof_received(self):
        super().eof_received()
        return False  # no half-closed lines: whoever stops sending no longer waits for an answer

    def connection_lost(self, error):
        super().connection_lost(error)
        if self._conversation is not None:
            self._conversation.cancel()


# --- HTTP/1.1 ------------------------------------------------------------------------------------


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request; None when the client has hung up. Raises: Garbled."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise Garbled("The request's headers are too long") from None
    first, *lines = head.decode("latin-1").rstrip("\r\n").lstrip("\r\n").split("\r\n")
    words = first.split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Garbled(f"This is no HTTP/1.1 request: {first[:80]!r}")
    pairs = (line.partition(":") for line in lines)
    request = Request(*words, {name.strip().lower(): value.strip() for name, _, value in pairs})
    if request.headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
    await _read_content(reader, request)
    return request


async def _read_content(reader, request) -> None:
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        request.content = b"".join([chunk async for chunk in _chunks(reader)])
        request.headers["content-length"] = str(len(request.content))
        return
    length = request.headers.get("content-length", "0")
    if not length.isdecimal():
        raise Garbled(f"content-length: {length!r} is no number")
    if int(length) <= MOST_BYTES_OF_A_BATCH:
        request.content = await reader.readexactly(int(length))
        return
    left = int(length)  # too much to keep; read all the same, or the client would never look at the answer
    while left > 0 and (block := await reader.read(min(left, BLOCK))):
        left -= len(block)


async def _chunks(reader) -> AsyncIterator[bytes]:
    while True:
        line = (await reader.readline()).split(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError:
            raise Garbled(f"{line[:20]!r} is no length of a chunk") from None
        if size == 0:
            while (await reader.readline()).strip():
                pass  # trailers
            return
        yield await reader.readexactly(size)
        await reader.readexactly(2)


def _head(reply: Reply, request: Request, headers: dict[str, str], length: int | None = None) -> bytes:
    """Status line and headers. Without a length the content comes in chunks, or until the line is closed."""
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Overloaded"  # 529 is the API's own
    if length is not None:
        headers = headers | {"content-length": str(length)}
    elif request.version != "HTTP/1.0":
        headers = headers | {"transfer-encoding": "chunked"}
    headers = headers | {"connection": "keep-alive" if _goes_on(request, length) else "close"}
    lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _goes_on(request: Request, length: int | None) -> bool:
    return request.keeps_the_line and (length is not None or request.version != "HTTP/1.0")


async def _send(writer, reply: Reply, request: Request, headers: dict[str, str] | None = None, broken: bool = False) -> bool:
    """A reply in one piece; a broken one stops halfway. Whether the line is good for another request."""
    content = reply.content
    writer.write(_head(reply, request, reply.headers if headers is None else headers, len(content)))
    writer.write(content[: len(content) // 2] if broken else content)
    await writer.drain()
    return _goes_on(request, len(content)) and not broken


async def _send_stream(writer, head: bytes, pieces: AsyncIterator[bytes], request: Request) -> bool:
    chunked = request.version != "HTTP/1.0"
    writer.write(head)
    async for piece in pieces:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return _goes_on(request, None)


def _address(listening: asyncio.Server) -> str:
    return f"http://{HOST}:{listening.sockets[0].getsockname()[1]}"


def _checked_port(port: int) -> int:
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise BadInput(f"port={port!r} is no port; write a whole number from 1024 to 65535, such as 8000, or 0 for a free one.")
    return port

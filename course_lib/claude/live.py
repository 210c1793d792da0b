"""The SDK's clients on a real API, with the same log that the simulation keeps.

The transports in here stand where the bytes leave. They ask before a request goes (the budget may say no)
and tell how it ended (to the log, the budget, a recording); `claude` puts them around the simulation as well.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from weakref import WeakKeyDictionary

import anthropic
import httpx2

from course_lib.claude.calls import CallLog
from course_lib.claude.recording import BLACKED_OUT, SHORTEST_SECRET
from course_lib.claude.watching import Sent, UnderWay, Watch
from course_lib.errors import CourseError
from course_lib.simulation.content import prompt_of
from course_lib.simulation.ways.sdk_clients import for_the_sdk

CONNECTIONS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
"""As many as the SDK itself allows: how many calls run at once is the pool's to say."""

NEVER_LEFT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


def async_client(log: CallLog, transport=None, *, budget=None, onlookers=(), **settings) -> anthropic.AsyncAnthropic:
    """`anthropic.AsyncAnthropic`; `transport` replaces the way to the network in tests."""
    watch = Watch(budget, (Logged(log), *onlookers))
    way = AsyncWatched(transport or _EachLoopsOwn(), watch, settings.get("api_key"))
    return anthropic.AsyncAnthropic(http_client=httpx2.AsyncClient(transport=way), **settings)


def sync_client(log: CallLog, transport=None, *, budget=None, onlookers=(), **settings) -> anthropic.Anthropic:
    """`anthropic.Anthropic`; `transport` replaces the way to the network in tests."""
    watch = Watch(budget, (Logged(log), *onlookers))
    way = Watched(transport or httpx2.HTTPTransport(limits=CONNECTIONS), watch, time.monotonic, settings.get("api_key"))
    return anthropic.Anthropic(http_client=httpx2.Client(transport=way), **settings)


class AsyncWatched(httpx2.AsyncBaseTransport):
    """Another transport, and somebody who watches it. `secret` is blacked out in replies: a server may echo the key."""

    def __init__(self, way: httpx2.AsyncBaseTransport, watch: Watch, secret: str | None = None):
        self._way, self._watch, self._secret = way, watch, secret

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        clock = asyncio.get_running_loop().time
        body = _ready(request, await request.aread())
        with _refusals_for_the_sdk():
            under_way = await self._watch.leaving(request.url.path, body, _retry(request), clock)
        with _lost_if_it_fails(under_way, clock):
            response = await self._way.handle_async_request(request)
            if _is_stream(response):
                response.stream = _AsyncOverheard(response, under_way, clock)
                return response
            response = _without(self._secret, response, await response.aread())
        _answered(under_way, response, clock())
        return response

    async def aclose(self):
        await self._way.aclose()


class Watched(httpx2.BaseTransport):
    """The same for `anthropic.Anthropic`; `clock` gives seconds."""

    def __init__(self, way: httpx2.BaseTransport, watch: Watch, clock: Callable[[], float], secret: str | None = None):
        self._way, self._watch, self._clock, self._secret = way, watch, clock, secret

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body = _ready(request, request.read())
        with _refusals_for_the_sdk():
            under_way = self._watch.leaving_blocking(request.url.path, body, _retry(request), self._clock)
        with _lost_if_it_fails(under_way, self._clock):
            response = self._way.handle_request(request)
            if _is_stream(response):
                response.stream = _Overheard(response, under_way, self._clock)
                return response
            response = _without(self._secret, response, response.read())
        _answered(under_way, response, self._clock())
        return response

    def close(self):
        self._way.close()


@contextmanager
def _refusals_for_the_sdk() -> Iterator[None]:
    try:
        yield
    except CourseError as refusal:
        raise for_the_sdk(refusal) from None


@contextmanager
def _lost_if_it_fails(under_way: UnderWay, clock: Callable[[], float]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        under_way.lost(error, clock(), left=not isinstance(error, NEVER_LEFT))
        raise


class _EachLoopsOwn(httpx2.AsyncBaseTransport):
    """The way to the network. A connection belongs to the event loop that opened it: `asyncio.run` twice needs two."""

    def __init__(self):
        self._ways = WeakKeyDictionary()

    async def handle_async_request(self, request):
        loop = asyncio.get_running_loop()
        if loop not in self._ways:
            self._ways[loop] = httpx2.AsyncHTTPTransport(limits=CONNECTIONS)
        return await self._ways[loop].handle_async_request(request)

    async def aclose(self):
        way = self._ways.pop(asyncio.get_running_loop(), None)
        if way is not None:
            await way.aclose()


class Logged:
    """A witness who writes every call down in a log."""

    def __init__(self, log: CallLog):
        self._log = log

    def __call__(self, sent: Sent) -> "_LoggedCall | _LoggedBatch | None":
        if not sent.asks:
            return _LoggedBatch(self._log, sent.path) if sent.path.endswith("/results") else None
        model = str(sent.body.get("model"))
        return _LoggedCall(self._log, self._log.begin(prompt=prompt_of(sent.body), model=model, now=sent.now, retry=sent.retry))


class _LoggedBatch:
    def __init__(self, log, path):
        self._log, self._path = log, path

    def answered(self, status, headers, body, now):
        if status == 200:
            self._log.record_batch(self._path, body if isinstance(body, str) else json.dumps(body), now)

    def lost(self, error, now, *, left=True):
        """Nothing was read, so nothing is known."""


class _LoggedCall:
    def __init__(self, log, call):
        self._log, self._call = log, call

    def answered(self, status, headers, body, now):
        self._log.record_reply(self._call, status, body if isinstance(body, dict) else {}, now)

    def lost(self, error, now, *, left=True):
        status = "cancelled" if isinstance(error, (asyncio.CancelledError, LeftEarly)) else "failed"
        self._log.end(self._call, now=now, status=status, error=f"{type(error).__name__}: {error}")


# --- streams: handed on piece by piece, written down when they end ---------------------------------

CUT_OFF = "the stream ended before its message did"


class LeftEarly(CourseError):
    """A stream whose reader stopped reading before the answer was whole."""


class StreamFailed(CourseError):
    """A stream that began well and ended in an error."""


class _Heard:
    """What has gone by of one stream, and the word about its end, given once."""

    def __init__(self, response, under_way: UnderWay, clock):
        self._response, self._stream = response, response.stream
        self._under_way, self._clock, self._pieces, self._told = under_way, clock, [], False

    @contextmanager
    def _to_its_end(self):
        try:
            yield
        except GeneratorExit:
            self._left()
            raise
        except BaseException as error:
            self._ended(error)
            raise
        self._ended(StreamFailed(CUT_OFF))

    def _left(self):
        """Its reader stopped reading, who may have had the whole answer by then."""
        self._ended(LeftEarly("its reader left before the end"))

    def _ended(self, otherwise: BaseException):
        """`otherwise`: what became of it if the answer is not whole, and no error event said why."""
        if self._told:
            return
        self._told = True
        message, error = read_events(b"".join(self._pieces))
        if not error:
            self._under_way.answered(self._response.status_code, self._response.headers, message, self._clock())
        else:
            self._under_way.lost(otherwise if error == CUT_OFF else StreamFailed(error), self._clock())


class _AsyncOverheard(_Heard, httpx2.AsyncByteStream):
    async def __aiter__(self):
        with self._to_its_end():
            async for piece in self._stream:
                self._pieces.append(piece)
                yield piece

    async def aclose(self):
        await self._stream.aclose()
        self._left()


class _Overheard(_Heard, httpx2.SyncByteStream):
    def __iter__(self):
        with self._to_its_end():
            for piece in self._stream:
                self._pieces.append(piece)
                yield piece

    def close(self):
        self._stream.close()
        self._left()


def read_events(content: bytes) -> tuple[dict, str]:
    """The message that a stream of events adds up to, as if it had come in one piece, and "" or what went wrong.

    Source: https://platform.claude.com/docs/en/build-with-claude/streaming

    >>> read_events(b'event: error\\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}\\n')
    ({}, 'overloaded_error: Busy')
    """
    message: dict = {}
    whole = False
    for line in content.decode("utf-8", "replace").splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line.removeprefix("data:"))
        except ValueError:  # cut off
            continue
        if not isinstance(event, dict):
            continue
        if event.get("type") == "error":
            error = event.get("error") or {}
            return message, f"{error.get('type', 'error')}: {error.get('message', '')}"
        whole = whole or event.get("type") == "message_stop"
        with suppress(KeyError, IndexError, TypeError, AttributeError):  # what another server sends need not make sense
            _take_in(message, event)
    for block in message.get("content", ()):
        if "partial_json" in block:
            block["input"] = _json(block.pop("partial_json").encode())
    return message, "" if whole else CUT_OFF


def _take_in(message: dict, event: dict) -> None:
    kind, delta = event.get("type"), event.get("delta") or {}
    if kind == "message_start":
        message.update(event["message"] | {"content": []})
    elif kind == "content_block_start":
        message["content"].append(dict(event["content_block"]))
    elif kind == "content_block_delta":
        block = message["content"][event["index"]]
        for name in ("text", "thinking", "signature", "partial_json"):
            if name in delta:
                block[name] = block.get(name, "") + delta[name]
    elif kind == "message_delta":
        message.update(delta)
        message["usage"] = (message.get("usage") or {}) | (event.get("usage") or {})


# --- requests and replies as JSON -----------------------------------------------------------------


def _json(content: bytes) -> dict:
    """The request's JSON; {} if it has none."""
    try:
        body = json.loads(content) if content else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _ready(request, content: bytes) -> dict:
    """The request's JSON. A stream is asked for uncompressed, or the events that go by could not be read."""
    body = _json(content)
    if body.get("stream"):
        request.headers["accept-encoding"] = "identity"
    return body


def _retry(request) -> int:
    return int(request.headers.get("x-stainless-retry-count", 0))


def _is_stream(response) -> bool:
    return response.headers.get("content-type", "").startswith("text/event-stream")


def _without(secret: str | None, response, content: bytes) -> httpx2.Response:
    """The response, or the same one with the key blacked out, so that no error and no log can show it."""
    if not secret or len(secret) < SHORTEST_SECRET or secret.encode() not in content:
        return response
    headers = {name: value for name, value in response.headers.items() if name not in ("content-encoding", "content-length")}
    cleaned = content.replace(secret.encode(), BLACKED_OUT.encode())
    return httpx2.Response(response.status_code, headers=headers, content=cleaned, request=response._request)


def _answered(under_way: UnderWay, response, now: float) -> None:
    try:
        body = json.loads(response.content)
    except ValueError:
        body = response.text
    under_way.answered(response.status_code, response.headers, body, now)

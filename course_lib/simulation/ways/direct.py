"""The way to the fake without the SDK: the same API core, the same retries, a tenth of the work.

For mass simulation and for checks; what a learner writes against `ask` cannot tell the two apart.
"""

import asyncio
import json
from functools import cache

from course_lib.data.models import MODELS
from course_lib.simulation.api.replies import Reply
from course_lib.simulation.api.validation import CURRENT_VERSION, MOST_BYTES, OLD_VERSION
from course_lib.simulation.content import text_of
from course_lib.simulation.protocols import Core, Log, Watcher
from course_lib.simulation.ways.delivery import take_off

PATH = "/v1/messages"
HEADERS = {"authorization": "Bearer simulated", "anthropic-version": CURRENT_VERSION}
DEFAULT_TIMEOUT = 600.0
"""Seconds: the SDK's own."""


class DirectClient:
    """Sends message requests straight to the core, on the running loop's clock; a watcher is asked before each attempt."""

    def __init__(self, core: Core, log: Log, *, watch: Watcher | None = None, max_retries: int = 2, timeout: float | None = None):
        self._core, self._log, self._watch, self._max_retries = core, log, watch, max_retries
        self._timeout = DEFAULT_TIMEOUT if timeout is None else timeout

    async def send(self, body: dict) -> Reply:
        """The last attempt's reply, after as many retries as the SDK would make. Raises the SDK's own errors."""
        attempt = self._attempt if self._watch is None else self._watched_attempt
        reply = None
        try:
            for retry in range(self._max_retries + 1):
                reply, lost = await attempt(body, retry)
                if not lost and not _worth_retrying(reply.status):
                    break
                if retry < self._max_retries:
                    seconds = None if lost else reply.headers.get("retry-after")
                    await asyncio.sleep(seconds_to_back_off(retry) if seconds is None else float(seconds))
        except asyncio.CancelledError:
            if reply is not None:
                self._log.given_up()
            raise
        if lost or reply.status != 200:
            raise _sdk_error(reply, lost)
        if reply.fault:
            json.loads(reply.content)  # raises what the SDK raises: it reads the reply as JSON, and takes no second try
        return reply

    async def _attempt(self, body, retry) -> tuple[Reply, str]:
        """The reply, and how it was lost on its way: "" if it wasn't."""
        clock = asyncio.get_running_loop().time
        flight = take_off(self._core, self._log, "POST", PATH, _headers(body), body, clock(), retry=retry, patience=self._timeout)
        try:
            await asyncio.sleep(flight.seconds)
        except asyncio.CancelledError:
            flight.cancel(clock())
            raise
        return flight.reply, flight.land(clock())

    async def _watched_attempt(self, body, retry):
        clock = asyncio.get_running_loop().time
        witness = await self._watch.leaving(PATH, body, retry, clock)
        try:
            reply, lost = await self._attempt(body, retry)
        except BaseException as error:
            witness.lost(error, clock())
            raise
        if lost:
            witness.lost(ConnectionError(lost), clock(), left=lost != "unreachable")
        else:
            content = reply.body if reply.raw is None else reply.content.decode("utf-8", "replace")
            witness.answered(reply.status, reply.headers, content, clock())
        return reply, lost


def version_for(body: dict) -> dict[str, str]:
    """The header for a request with a temperature: the API's older version is the last that takes one.

    Current models refuse it in either, so theirs stays as it is.
    """
    model = MODELS.get(body["model"])
    return {"anthropic-version": OLD_VERSION} if model is None or model.accepts_temperature else {}


def seconds_to_back_off(retry: int) -> float:
    """Before the next attempt, when no reply said how long: the SDK's own 0.5, 1, 2, … 8 s without its random part.

    >>> [seconds_to_back_off(retry) for retry in range(6)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    """
    return min(0.5 * 2.0**retry, 8.0)


def _headers(body: dict) -> dict[str, str]:
    """With the body's length where it may be too long: counting the bytes of every small one would cost more than sending it."""
    headers = HEADERS | version_for(body) if "temperature" in body else HEADERS
    letters = sum(len(text_of(message["content"])) for message in body["messages"]) + len(text_of(body.get("system")))
    if letters < MOST_BYTES // 12:  # no letter takes more than 12 bytes in JSON
        return headers
    return headers | {"content-length": str(len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")))}


def _worth_retrying(status: int) -> bool:
    return status in (408, 409, 429) or status >= 500


def _sdk_error(reply: Reply, lost: str) -> Exception:
    """The exception that `anthropic` raises for this reply, so that `except anthropic.RateLimitError` works here too."""
    import anthropic
    import httpx2

    request = httpx2.Request("POST", "https://api.anthropic.com/v1/messages")
    if lost:
        return (anthropic.APITimeoutError if lost == "late" else anthropic.APIConnectionError)(request=request)
    response = httpx2.Response(reply.status, headers=reply.headers, json=reply.body, request=request)
    return _client()._make_status_error(f"Error code: {reply.status} - {reply.body}", body=reply.body, response=response)


@cache
def _client():
    """A client that sends nothing: it knows which exception goes with which status, and is slow to make."""
    import anthropic

    return anthropic.Anthropic(api_key="simulated")

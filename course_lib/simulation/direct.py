"""The way to the fake without the SDK: the same API core, the same retries, a tenth of the work.

For mass simulation and for checks; what a learner writes against `ask` cannot tell the two apart.
"""

import asyncio
from functools import cache

from course_lib.calls import CallLog
from course_lib.simulation.api import FakeApi, Reply
from course_lib.simulation.validation import CURRENT_VERSION

HEADERS = {"authorization": "Bearer simulated", "anthropic-version": CURRENT_VERSION}
DEFAULT_TIMEOUT = 600.0
"""Seconds: the SDK's own."""


class DirectClient:
    """Sends message requests straight to the core, on the running loop's clock."""

    def __init__(self, api: FakeApi, log: CallLog, *, max_retries: int, timeout: float | None):
        self._api, self._log, self._max_retries = api, log, max_retries
        self._timeout = DEFAULT_TIMEOUT if timeout is None else timeout

    async def send(self, body: dict) -> Reply:
        """The last attempt's reply, after as many retries as the SDK would make. Raises the SDK's own errors."""
        for retry in range(self._max_retries + 1):
            reply = await self._attempt(body, retry)
            if reply is not None and (reply.status == 200 or not _worth_retrying(reply.status)):
                break
            if retry < self._max_retries:
                await asyncio.sleep(float(reply.headers["retry-after"]) if reply else seconds_to_back_off(retry))
        if reply is None or reply.status != 200:
            raise _sdk_error(reply)
        return reply

    async def _attempt(self, body, retry) -> Reply | None:
        """None when no reply came in time."""
        clock = asyncio.get_running_loop().time
        exchange = self._api.handle("POST", "/v1/messages", HEADERS, body, clock())
        prompt = str(body["messages"][-1]["content"])
        call = self._log.begin(prompt=prompt, model=str(body.get("model")), now=clock(), retry=retry)
        try:
            await asyncio.sleep(min(exchange.reply.seconds, self._timeout))
        except asyncio.CancelledError:
            self._log.end(call, now=clock(), status="cancelled", error="cancelled by its caller")
            exchange.abandon()
            raise
        if exchange.reply.seconds > self._timeout:
            self._log.end(call, now=clock(), status="failed", error=f"no reply within {self._timeout:g} s")
            exchange.abandon()
            return None
        exchange.finish(clock())
        self._log.record_reply(call, exchange.reply.status, exchange.reply.body, clock())
        return exchange.reply


def seconds_to_back_off(retry: int) -> float:
    """Before the next attempt, when no reply said how long: the SDK's own 0.5, 1, 2, … 8 s without its random part.

    >>> [seconds_to_back_off(retry) for retry in range(6)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    """
    return min(0.5 * 2.0**retry, 8.0)


def _worth_retrying(status: int) -> bool:
    return status in (408, 409, 429) or status >= 500


def _sdk_error(reply: Reply | None) -> Exception:
    """The exception that `anthropic` raises for this reply, so that `except anthropic.RateLimitError` works here too."""
    import anthropic
    import httpx2

    request = httpx2.Request("POST", "https://api.anthropic.com/v1/messages")
    if reply is None:
        return anthropic.APITimeoutError(request=request)
    response = httpx2.Response(reply.status, headers=reply.headers, json=reply.body, request=request)
    return _client()._make_status_error(f"Error code: {reply.status} - {reply.body}", body=reply.body, response=response)


@cache
def _client():
    """A client that sends nothing: it knows which exception goes with which status, and is slow to make."""
    import anthropic

    return anthropic.Anthropic(api_key="simulated")

"""The SDK's clients on the real API, with the same log that the simulation keeps."""

import asyncio
import json
import time

import anthropic
import httpx2

from course_lib.calls import CallLog


def async_client(log: CallLog, transport=None, **settings) -> anthropic.AsyncAnthropic:
    """`anthropic.AsyncAnthropic`; `transport` replaces the way to the network in tests."""
    http = httpx2.AsyncClient(transport=_AsyncRecorder(transport or httpx2.AsyncHTTPTransport(), log))
    return anthropic.AsyncAnthropic(http_client=http, **settings)


def sync_client(log: CallLog, transport=None, **settings) -> anthropic.Anthropic:
    """`anthropic.Anthropic`; `transport` replaces the way to the network in tests."""
    http = httpx2.Client(transport=_Recorder(transport or httpx2.HTTPTransport(), log))
    return anthropic.Anthropic(http_client=http, **settings)


class _AsyncRecorder(httpx2.AsyncBaseTransport):
    def __init__(self, way: httpx2.AsyncBaseTransport, log: CallLog):
        self._way, self._log = way, log

    async def handle_async_request(self, request):
        clock = asyncio.get_running_loop().time
        call = _begin(self._log, request, await request.aread(), clock())
        try:
            response = await self._way.handle_async_request(request)
            content = await response.aread()
        except BaseException as error:
            _lost(self._log, call, error, clock())
            raise
        _answered(self._log, call, response.status_code, content, clock())
        return response


class _Recorder(httpx2.BaseTransport):
    def __init__(self, way: httpx2.BaseTransport, log: CallLog):
        self._way, self._log = way, log

    def handle_request(self, request):
        call = _begin(self._log, request, request.read(), time.monotonic())
        try:
            response = self._way.handle_request(request)
            content = response.read()
        except BaseException as error:
            _lost(self._log, call, error, time.monotonic())
            raise
        _answered(self._log, call, response.status_code, content, time.monotonic())
        return response


def _begin(log, request, content, now):
    if not request.url.path.endswith("/v1/messages"):
        return None
    body = json.loads(content)
    last = body["messages"][-1]["content"]
    prompt = last if isinstance(last, str) else " ".join(block.get("text", "") for block in last)
    retry = int(request.headers.get("x-stainless-retry-count", 0))
    return log.begin(prompt=prompt, model=body["model"], now=now, retry=retry)


def _lost(log, call, error, now):
    if call is not None:
        status = "cancelled" if isinstance(error, asyncio.CancelledError) else "failed"
        log.end(call, now=now, status=status, error=f"{type(error).__name__}: {error}")


def _answered(log, call, status, content, now):
    if call is None:
        return
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    log.record_reply(call, status, body if isinstance(body, dict) else {}, now)

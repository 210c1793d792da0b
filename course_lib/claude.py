"""`connect()`: Claude, simulated, live or replayed, behind one `ask`.

    claude = connect()                                  # simulated: no key, no network, simulated time
    claude = connect("live")                            # the real API: needs ANTHROPIC_API_KEY, costs money
    claude = connect("replay", replies="replies.jsonl") # what connect("live", record="replies.jsonl") has written
    text = await claude.ask("…")                        # one call, its text
    claude.client, claude.sync_client                   # the real SDK's clients, on the same backend
    claude.log, claude.budget                           # every call with its times, tokens and cost; what is left
"""

import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

from course_lib.budget import Budget, check_price
from course_lib.calls import CallLog, cancelled_with_its_caller, labelled
from course_lib.connect_settings import (
    check_backend,
    check_base_url,
    check_belongings,
    check_budget,
    check_model,
    check_seconds,
    check_temperature,
    checked_key,
)
from course_lib.errors import BadInput
from course_lib.models import DEFAULT_MODEL, MODELS, find_model
from course_lib.recording import Recorder, Replies
from course_lib.shapes import Answer, DoesNotFit, Shape, read_as, schema_of
from course_lib.simulation.api import FakeApi
from course_lib.simulation.direct import DirectClient, WatchedDirectClient, version_for
from course_lib.simulation.errors_on_the_wire import error_from_the_wire, error_on_the_wire
from course_lib.simulation.faults import Faults
from course_lib.simulation.notebook_errors import show_short_errors
from course_lib.simulation.notebook_time import use_real_time, use_simulated_time
from course_lib.simulation.rate_limits import Limits
from course_lib.simulation.replay import Replay
from course_lib.simulation.thread_clock import ThreadClock
from course_lib.simulation.virtual_time import StuckError, VirtualLoop
from course_lib.simulation.virtual_time import run as run_simulated
from course_lib.watching import Watch

__all__ = [
    "Budget", "Claude", "DoesNotFit", "Faults", "Limits", "StuckError", "VirtualLoop", "connect", "error_from_the_wire",
    "error_on_the_wire", "run_simulated", "simulated", "use_real_time", "use_simulated_time",
]

LIVE_DOLLARS = 1.00
"""The budget of a live connection for which no other was named."""


def connect(
    backend: str = "simulated",
    *,
    model: str = DEFAULT_MODEL,
    seed: int = 0,
    seconds_per_call: float | Callable[[str], float] | None = None,
    limits: Limits | None = None,
    faults: Faults | None = None,
    max_retries: int = 2,
    timeout: float | None = None,
    sdk: bool = True,
    budget: Budget | None = None,
    record: str | os.PathLike | None = None,
    replies: str | os.PathLike | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
) -> "Claude":
    """Claude, ready to be asked.

    Simulated, it answers without key or network, and in a notebook it puts plain `await` on simulated time.
    Live, it is the real API in real time, for real money. Replayed, it gives the replies that were recorded.
    In a notebook, errors of the course are shown short from then on: your own lines and what is to do (`%tb` has the rest).

    Args:
        backend: "simulated", "live" or "replay".
        model: what `ask` asks unless told otherwise: "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5" or
            "claude-haiku-4-5", an older one with a temperature; live, any model of the API's.
        seed: another seed, another set of mistakes and durations.
        seconds_per_call: how long each call takes: a number, or a function of the prompt; None: a model's usual
            pace, or the recorded seconds.
        limits, faults: what the simulated account may use per minute, and what goes wrong.
        max_retries, timeout: the SDK's own settings; `timeout` in seconds.
        sdk: False takes the direct way to the simulation, for thousands of calls: same replies, no SDK.
        budget: stops hard, before a request leaves that might cost more than is left: Budget(dollars=0.50),
            Budget(calls=100) or Budget(tokens=50_000). None: 1.00 dollars live, no limit otherwise;
            no limit live is written Budget.unlimited().
        record: a file to which every reply is added, without secrets. replies: the file to replay.
        api_key, base_url: live only; by default the environment's ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL.
            Any server that speaks Anthropic's API will do; one of your own may need no key.

    Raises: BadInput for a value that can't be right; CourseError for live without a key.

    >>> run_simulated(connect(sdk=False).ask("Is this spam? Yes or no only. <email>Hi Ann, lunch at noon?</email>"))
    'no'
    """
    show_short_errors()
    check_backend(backend, max_retries, timeout)
    check_belongings(backend, seed=seed, limits=limits, faults=faults, seconds_per_call=seconds_per_call, sdk=not sdk,
                      record=record, replies=replies, api_key=api_key, base_url=base_url)
    if backend == "live":
        claude = _live(model, max_retries, timeout, budget, record, api_key, base_url)
        use_real_time_in_cells()
        return claude
    if backend == "replay":
        claude = _replayed(model, seconds_per_call, max_retries, timeout, sdk, budget, replies)
    else:
        claude = simulated(
            model=model, seed=seed, seconds_per_call=seconds_per_call, limits=limits, faults=faults,
            max_retries=max_retries, timeout=timeout, sdk=sdk, budget=budget, record=record,
        )
    use_simulated_time()
    return claude


def simulated(
    *, model=DEFAULT_MODEL, seed=0, seconds_per_call=None, limits=None, faults=None, max_retries=2, timeout=None, sdk=True,
    budget=None, record=None,
) -> "Claude":
    """What `connect()` gives, without touching the notebook's clock: for code that runs a loop of its own."""
    find_model(model)
    check_backend("simulated", max_retries, timeout)
    check_seconds(seconds_per_call)
    _check_account(limits, faults)
    check_budget(budget)
    api = FakeApi(seed=seed, seconds_per_call=seconds_per_call, limits=limits, faults=faults)
    recorder = None if record is None else Recorder(record)
    return (_Simulated if sdk else _Direct)(model, max_retries, timeout, api, budget, recorder)


def _live(model, max_retries, timeout, budget, record, api_key, base_url) -> "Claude":
    base_url = base_url or os.environ.get("ANTHROPIC_BASE_URL") or None
    check_model(model)
    check_budget(budget)
    check_base_url(base_url)
    key = checked_key(api_key if api_key is not None else os.environ.get("ANTHROPIC_API_KEY"), base_url)
    budget = Budget(dollars=LIVE_DOLLARS) if budget is None else budget
    check_price(model, budget)
    recorder = None if record is None else Recorder(record, secrets=(key,))
    return _Live(model, max_retries, timeout, key, base_url, budget, recorder)


def _replayed(model, seconds_per_call, max_retries, timeout, sdk, budget, replies) -> "Claude":
    check_model(model)
    check_seconds(seconds_per_call)
    check_budget(budget)
    if replies is None:
        raise BadInput("There is nothing to replay; write connect('replay', replies='replies.jsonl') with a recorded file.")
    api = Replay(Replies(replies), seconds_per_call)
    return (_Replayed if sdk else _DirectlyReplayed)(model, max_retries, timeout, api, budget)


class Claude:
    """One connection: `ask`, the SDK's clients, the log of every call made through either, and their budget."""

    backend = ""

    def __init__(self, model: str, max_retries: int, timeout: float | None, budget: Budget | None, witnesses: tuple):
        self.model, self._max_retries, self._timeout = model, max_retries, timeout
        self.budget, self._witnesses = budget, witnesses
        self.log = CallLog()

    async def ask(
        self,
        prompt: str,
        *,
        system: str | None = None,
        model: str | None = None,
        max_tokens: int = 1024,
        temperature: float | None = None,
        label: str | None = None,
    ) -> str:
        """The text of Claude's answer to one prompt.

        prompt: what to do, and the text to do it with, best put between tags: "Is this spam? <email>…</email>".
        temperature: from 0 to 1, on the older model only (`claude-haiku-4-5`); current models answer 400 to it.
        label: the call's name in the log and the timeline; by default the prompt's first words.
        An answer that was cut at `max_tokens` is handed over as it is; `log[-1].stop_reason` says so.
        Raises: the SDK's own errors (`anthropic.RateLimitError`, …) when its retries are used up;
        BudgetSpent before a call that the budget might not cover.
        """
        return (await self._labelled(self._request(prompt, system, model, max_tokens, temperature), label)).text

    async def ask_for(
        self,
        shape: type[Shape],
        prompt: str,
        *,
        system: str | None = None,
        model: str | None = None,
        max_tokens: int = 1024,
        label: str | None = None,
    ) -> Shape:
        """Claude's answer as an instance of a pydantic model, which the API is told to keep to (structured output).

        Raises: DoesNotFit when what came is not of that shape all the same, and what `ask` raises.
        """
        schema = schema_of(shape)
        request = self._request(prompt, system, model, max_tokens)
        request["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return read_as(shape, await self._labelled(request, label), max_tokens)

    def _labelled(self, request, label) -> Awaitable[Answer]:
        return self._send(request) if label is None else self._send_labelled(request, label)

    async def _send_labelled(self, request, label) -> Answer:
        with labelled(label):
            return await self._send(request)

    @contextmanager
    def record(self) -> Iterator[CallLog]:
        """The calls that start while the `with` block runs, as a log of their own; filled when the block ends.

        Calls of other tasks on this connection count as well: record one thing at a time.
        """
        first, calls = len(self.log), CallLog()
        try:
            yield calls
        finally:
            calls._calls.extend(self.log[first:])

    def _request(self, prompt, system, model, max_tokens, temperature=None) -> dict:
        if not isinstance(prompt, str) or not prompt.strip():
            raise BadInput(f"The prompt is {prompt!r}; write what you want to ask as a text, such as 'Is this spam? …'.")
        check_temperature(temperature)
        request = {
            "model": self._known(model or self.model),
            "max_tokens": max_tokens,
            "messages": [{"role": "user", "content": prompt}],
        }
        if system:
            request["system"] = system
        return request if temperature is None else request | {"temperature": temperature}

    def _known(self, model: str) -> str:
        return find_model(model).id

    async def _send(self, request: dict) -> Answer:
        with cancelled_with_its_caller():
            return _answer_in(await self.client.messages.create(**_arguments(request)))

    def ask_blocking(self, prompt: str, *, system: str | None = None, model: str | None = None,
                     max_tokens: int = 1024, temperature: float | None = None) -> str:
        """The same through the synchronous client: waits right here. For thread pools and plain scripts."""
        request = self._request(prompt, system, model, max_tokens, temperature)
        return _answer_in(self.sync_client.messages.create(**_arguments(request))).text

    def __repr__(self):
        name = MODELS[self.model].name if self.model in MODELS else self.model
        spent = "" if self.budget is None else f"; {self.budget.in_words()} spent"
        return f"<{name}, {self.backend}; {len(self.log)} calls so far{spent}>"

    def _settings(self) -> dict:
        settings = {"max_retries": self._max_retries}
        return settings if self._timeout is None else settings | {"timeout": self._timeout}


class _Simulated(Claude):
    backend = "simulated (no key, no network, simulated time)"
    characters_per_token = 4

    def __init__(self, model, max_retries, timeout, api, budget, recorder=None):
        super().__init__(model, max_retries, timeout, budget, () if recorder is None else (recorder,))
        self._api = api

    @cached_property
    def client(self):
        """`anthropic.AsyncAnthropic`, talking to the simulated API."""
        from course_lib.simulation.sdk_clients import async_client
        from course_lib.simulation.transports import AsyncFakeTransport

        client = async_client(self._api, self.log, **self._settings())
        if self._watch is None:
            return client
        from course_lib.live import watched_client

        return watched_client(client, AsyncFakeTransport(self._api, self.log), self._watch)

    @cached_property
    def sync_client(self):
        """`anthropic.Anthropic`, talking to the simulated API; its threads share one simulated clock."""
        from course_lib.simulation.sdk_clients import sync_client
        from course_lib.simulation.transports import FakeTransport

        clock = ThreadClock()
        client = sync_client(self._api, self.log, clock, **self._settings())
        if self._watch is None:
            return client
        from course_lib.live import watched_sync_client

        way = FakeTransport(self._api, self.log, clock)
        return watched_sync_client(client, way, self._watch, lambda: clock.now, clock.standing_aside)

    @cached_property
    def _watch(self) -> Watch | None:
        """None when nobody watches: then nothing stands between the SDK and the simulation."""
        if self.budget is None and not self._witnesses:
            return None
        return Watch(self.budget, self._witnesses, self.characters_per_token)


class _Direct(_Simulated):
    backend = "simulated, without the SDK"

    @cached_property
    def way(self):
        settings = {"max_retries": self._max_retries, "timeout": self._timeout}
        if self._watch is None:
            return DirectClient(self._api, self.log, **settings)
        return WatchedDirectClient(self._api, self.log, watch=self._watch, **settings)

    async def _send(self, request):
        reply = await self.way.send(request)
        body = getattr(reply, "body", {})  # a reply that comes from the grader's process is its text alone
        return Answer(reply.text, body.get("stop_reason") or "")


class _AnyModel:
    """Only the simulation knows all models there are."""

    def _known(self, model):
        check_model(model)
        return model


class _Replayed(_AnyModel, _Simulated):
    backend = "replayed (recorded replies, simulated time)"
    characters_per_token = 1

    def __init__(self, model, max_retries, timeout, api: Replay, budget):
        super().__init__(model, max_retries, timeout, api, budget, api.check)


class _DirectlyReplayed(_Replayed, _Direct):
    backend = "replayed, without the SDK"

    async def _send(self, request):
        message = (await self.way.send(request)).body
        words = (block["text"] for block in message["content"] if block["type"] == "text")  # a real model thinks as well
        return Answer("".join(words), message.get("stop_reason") or "")


class _Live(_AnyModel, Claude):
    backend = "live (real time, real money)"

    def __init__(self, model, max_retries, timeout, key, base_url, budget, recorder=None):
        super().__init__(model, max_retries, timeout, budget, () if recorder is None else (recorder,))
        self._way = {"api_key": key} | ({"base_url": base_url} if base_url else {})
        if base_url:
            self.backend = f"live at {base_url} (real time)"

    @cached_property
    def client(self):
        """`anthropic.AsyncAnthropic` on the real API, its calls written down in the log."""
        from course_lib.live import async_client

        return async_client(self.log, budget=self.budget, witnesses=self._witnesses, **self._way, **self._settings())

    @cached_property
    def sync_client(self):
        """`anthropic.Anthropic` on the real API, its calls written down in the log."""
        from course_lib.live import sync_client

        return sync_client(self.log, budget=self.budget, witnesses=self._witnesses, **self._way, **self._settings())


def _arguments(request: dict) -> dict:
    """A request as `messages.create` takes it: the SDK has no `temperature` any more, so it goes along as an extra."""
    if "temperature" not in request:
        return request
    arguments = {name: value for name, value in request.items() if name != "temperature"}
    return arguments | {"extra_body": {"temperature": request["temperature"]}, "extra_headers": version_for(request)}


def _answer_in(message) -> Answer:
    return Answer("".join(block.text for block in message.content if block.type == "text"), message.stop_reason or "")


def use_real_time_in_cells() -> None:
    """Plain `await` in cells waits for real again, in a notebook; nothing to do elsewhere."""
    with suppress(BadInput):
        use_real_time()


def _check_account(limits, faults):
    if limits is not None and not isinstance(limits, Limits):
        raise BadInput(f"limits={limits!r} are no limits; write limits=Limits(requests_per_minute=50), for example.")
    if faults is not None and not isinstance(faults, Faults):
        raise BadInput(f"faults={faults!r} are no faults; write faults=Faults(overloaded=0.05), for example.")

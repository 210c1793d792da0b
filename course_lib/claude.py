"""`connect()`: Claude, simulated or live, behind one `ask`.

    claude = connect()                    # simulated: no key, no network, simulated time
    claude = connect("live")              # the real API: needs ANTHROPIC_API_KEY, costs money
    text = await claude.ask("…")          # one call, its text
    claude.client, claude.sync_client     # the real SDK's clients, on the same backend
    claude.log                            # every call with its times, tokens and cost
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

from course_lib.calls import CallLog, labelled
from course_lib.errors import BadInput, CourseError
from course_lib.models import DEFAULT_MODEL, find_model
from course_lib.simulation.api import FakeApi
from course_lib.simulation.direct import DirectClient
from course_lib.simulation.faults import Faults
from course_lib.simulation.notebook_time import use_real_time, use_simulated_time
from course_lib.simulation.rate_limits import Limits
from course_lib.simulation.thread_clock import ThreadClock
from course_lib.simulation.virtual_time import StuckError
from course_lib.simulation.virtual_time import run as run_simulated

__all__ = [
    "Claude", "Faults", "Limits", "StuckError", "connect", "run_simulated", "simulated", "use_real_time",
    "use_simulated_time",
]

BACKENDS = ("simulated", "live")


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
) -> "Claude":
    """Claude, ready to be asked.

    Simulated, it answers without key or network, and in a notebook it puts plain `await` on simulated time.

    Args:
        seed: another seed, another set of mistakes and durations.
        seconds_per_call: how long each call takes: a number, or a function of the prompt; None: a model's usual pace.
        limits, faults: what the simulated account may use per minute, and what goes wrong.
        max_retries, timeout: the SDK's own settings; `timeout` in seconds.
        sdk: False takes the direct way to the simulation, for thousands of calls: same replies, no SDK.

    Raises: BadInput for an unknown backend or model; CourseError for live without a key.

    >>> run_simulated(connect(sdk=False).ask("Is this spam? Yes or no only. <email>Hi Ann, lunch at noon?</email>"))
    'no'
    """
    find_model(model)
    _check(backend, max_retries, timeout)
    if backend == "live":
        _check_live(seed, seconds_per_call, limits, faults, sdk)
        use_real_time_in_cells()
        return _Live(model, max_retries, timeout)
    claude = simulated(
        model=model, seed=seed, seconds_per_call=seconds_per_call, limits=limits, faults=faults,
        max_retries=max_retries, timeout=timeout, sdk=sdk,
    )
    use_simulated_time()
    return claude


def simulated(
    *, model=DEFAULT_MODEL, seed=0, seconds_per_call=None, limits=None, faults=None, max_retries=2, timeout=None, sdk=True
) -> "Claude":
    """What `connect()` gives, without touching the notebook's clock: for code that runs a loop of its own."""
    find_model(model)
    _check("simulated", max_retries, timeout)
    _check_seconds(seconds_per_call)
    _check_account(limits, faults)
    api = FakeApi(seed=seed, seconds_per_call=seconds_per_call, limits=limits, faults=faults)
    return _Simulated(model, max_retries, timeout, api) if sdk else _Direct(model, max_retries, timeout, api)


class Claude:
    """One connection: `ask`, the SDK's clients, and the log of every call made through either."""

    backend = ""

    def __init__(self, model: str, max_retries: int, timeout: float | None):
        self.model, self._max_retries, self._timeout = model, max_retries, timeout
        self.log = CallLog()

    async def ask(
        self,
        prompt: str,
        *,
        system: str | None = None,
        model: str | None = None,
        max_tokens: int = 1024,
        label: str | None = None,
    ) -> str:
        """The text of Claude's answer to one prompt.

        label: the call's name in the log and the timeline; by default the prompt's first words.
        An answer that was cut at `max_tokens` is handed over as it is; `log[-1].stop_reason` says so.
        Raises: the SDK's own errors (`anthropic.RateLimitError`, …) when its retries are used up.
        """
        request = self._request(prompt, system, model, max_tokens)
        if label is None:
            return await self._send(request)
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

    def _request(self, prompt, system, model, max_tokens) -> dict:
        if not isinstance(prompt, str) or not prompt.strip():
            raise BadInput(f"The prompt is {prompt!r}; write what you want to ask as a text, such as 'Is this spam? …'.")
        request = {
            "model": find_model(model or self.model).id,
            "max_tokens": max_tokens,
            "messages": [{"role": "user", "content": prompt}],
        }
        return request | ({"system": system} if system else {})

    async def _send(self, request: dict) -> str:
        message = await self.client.messages.create(**request)
        return "".join(block.text for block in message.content if block.type == "text")

    def ask_blocking(self, prompt: str, *, system: str | None = None, model: str | None = None,
                     max_tokens: int = 1024) -> str:
        """The same through the synchronous client: waits right here. For thread pools and plain scripts."""
        message = self.sync_client.messages.create(**self._request(prompt, system, model, max_tokens))
        return "".join(block.text for block in message.content if block.type == "text")

    def __repr__(self):
        name = find_model(self.model).name
        return f"<{name}, {self.backend}; {len(self.log)} calls so far>"

    def _settings(self) -> dict:
        settings = {"max_retries": self._max_retries}
        return settings if self._timeout is None else settings | {"timeout": self._timeout}


class _Simulated(Claude):
    backend = "simulated (no key, no network, simulated time)"

    def __init__(self, model, max_retries, timeout, api: FakeApi):
        super().__init__(model, max_retries, timeout)
        self._api = api

    @cached_property
    def client(self):
        """`anthropic.AsyncAnthropic`, talking to the simulated API."""
        from course_lib.simulation.sdk_clients import async_client

        return async_client(self._api, self.log, **self._settings())

    @cached_property
    def sync_client(self):
        """`anthropic.Anthropic`, talking to the simulated API; its threads share one simulated clock."""
        from course_lib.simulation.sdk_clients import sync_client

        return sync_client(self._api, self.log, ThreadClock(), **self._settings())


class _Direct(_Simulated):
    backend = "simulated, without the SDK"

    @cached_property
    def _way(self):
        return DirectClient(self._api, self.log, max_retries=self._max_retries, timeout=self._timeout)

    async def _send(self, request):
        return (await self._way.send(request)).text


class _Live(Claude):
    backend = "live (real time, real money)"

    @cached_property
    def client(self):
        """`anthropic.AsyncAnthropic` on the real API, its calls written down in the log."""
        from course_lib.live import async_client

        return async_client(self.log, **self._settings())

    @cached_property
    def sync_client(self):
        """`anthropic.Anthropic` on the real API, its calls written down in the log."""
        from course_lib.live import sync_client

        return sync_client(self.log, **self._settings())


def use_real_time_in_cells() -> None:
    """Plain `await` in cells waits for real again, in a notebook; nothing to do elsewhere."""
    with suppress(BadInput):
        use_real_time()


def _check(backend, max_retries, timeout):
    if backend not in BACKENDS:
        raise BadInput(f"There is no backend {backend!r}; write connect() for the simulated one or connect('live').")
    if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
        raise BadInput(f"max_retries={max_retries!r} is no count; write a whole number from 0 up, such as 2.")
    if timeout is not None and (isinstance(timeout, bool) or not (isinstance(timeout, (int, float)) and timeout > 0)):
        raise BadInput(f"timeout={timeout!r} is no time-out; write seconds above 0, such as 20, or None for the SDK's.")


def _check_seconds(seconds_per_call):
    if seconds_per_call is None or callable(seconds_per_call):
        return
    if isinstance(seconds_per_call, bool) or not (isinstance(seconds_per_call, (int, float)) and seconds_per_call >= 0):
        raise BadInput(
            f"seconds_per_call={seconds_per_call!r} is no duration; write seconds, such as 3.0, or a function of the prompt."
        )


def _check_account(limits, faults):
    if limits is not None and not isinstance(limits, Limits):
        raise BadInput(f"limits={limits!r} are no limits; write limits=Limits(requests_per_minute=50), for example.")
    if faults is not None and not isinstance(faults, Faults):
        raise BadInput(f"faults={faults!r} are no faults; write faults=Faults(overloaded=0.05), for example.")


def _check_live(seed, seconds_per_call, limits, faults, sdk):
    if seed or seconds_per_call is not None or limits or faults or not sdk:
        raise BadInput(
            "seed, seconds_per_call, limits, faults and sdk=False belong to the simulation; write connect('live') without them."
        )
    if not os.environ.get("ANTHROPIC_API_KEY"):
        raise CourseError(
            "The live backend needs a key and the environment variable ANTHROPIC_API_KEY is empty; "
            "set it before you start JupyterLab, or write connect() for the simulated backend."
        )

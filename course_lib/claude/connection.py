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

from course_lib.claude.backends import Backend, Clients, Live, Simulated, ThroughTheSdk, Way, answer_in, arguments
from course_lib.claude.budget import Budget, check_price
from course_lib.claude.call_context import labelled
from course_lib.claude.calls import CallLog
from course_lib.claude.notebook_errors import show_short_errors
from course_lib.claude.recording import Recorder, Replies
from course_lib.claude.settings import (
    check_account,
    check_backend,
    check_base_url,
    check_belongings,
    check_budget,
    check_model,
    check_seconds,
    check_temperature,
    checked_key,
)
from course_lib.claude.shapes import Answer, Shape, read_as, schema_of
from course_lib.claude.watching import Sent, Watch
from course_lib.data.models import DEFAULT_MODEL, MODELS, find_model
from course_lib.errors import BadInput
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.messages import FakeApi
from course_lib.simulation.api.rate_limits import Limits
from course_lib.simulation.clock.notebook_time import use_real_time, use_simulated_time
from course_lib.simulation.ways.replay import Replay

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

    >>> from course_lib import run_simulated
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
    check_account(limits, faults)
    check_budget(budget)
    core = FakeApi(seed=seed, seconds_per_call=seconds_per_call, limits=limits, faults=faults)
    witnesses = () if record is None else (Recorder(record),)
    # The simulation counts a token for four characters; no tokenizer of a real model makes more than one of each.
    watch = Watch(budget, witnesses, characters_per_token=4) if budget is not None or witnesses else None
    name = "simulated (no key, no network, simulated time)" if sdk else "simulated, without the SDK"
    return _in_process(name, core, watch, model, budget, sdk, max_retries, timeout)


def _replayed(model, seconds_per_call, max_retries, timeout, sdk, budget, replies) -> "Claude":
    check_model(model)
    check_seconds(seconds_per_call)
    check_budget(budget)
    if replies is None:
        raise BadInput("There is nothing to replay; write connect('replay', replies='replies.jsonl') with a recorded file.")
    core = Replay(Replies(replies), seconds_per_call)

    def look_it_up(sent: Sent) -> None:
        if sent.asks:
            core.check(sent.body)

    name = "replayed (recorded replies, simulated time)" if sdk else "replayed, without the SDK"
    return _in_process(name, core, Watch(budget, (look_it_up,)), model, budget, sdk, max_retries, timeout, any_model=True)


def _in_process(name, core, watch, model, budget, sdk, max_retries, timeout, any_model=False) -> "Claude":
    log = CallLog()
    backend = Simulated(name, core, log, watch, _settings(max_retries, timeout))
    way = None if sdk else backend.direct_way()
    return Claude(backend, log, model=model, budget=budget, way=way, any_model=any_model, max_retries=max_retries)


def _live(model, max_retries, timeout, budget, record, api_key, base_url) -> "Claude":
    base_url = base_url or os.environ.get("ANTHROPIC_BASE_URL") or None
    check_model(model)
    check_budget(budget)
    check_base_url(base_url)
    key = checked_key(api_key if api_key is not None else os.environ.get("ANTHROPIC_API_KEY"), base_url)
    budget = Budget(dollars=LIVE_DOLLARS) if budget is None else budget
    check_price(model, budget)
    witnesses = () if record is None else (Recorder(record, secrets=(key,)),)
    log = CallLog()
    backend = Live(key, base_url, log, budget, witnesses, _settings(max_retries, timeout))
    return Claude(backend, log, model=model, budget=budget, any_model=True, max_retries=max_retries)


def _settings(max_retries, timeout) -> dict:
    """As the SDK takes them; without a time-out, its own holds."""
    return {"max_retries": max_retries} | ({} if timeout is None else {"timeout": timeout})


class Claude:
    """One connection: `ask`, the SDK's clients, the log of every call made through either, and their budget.

    max_retries: how often the SDK tries each call again.
    """

    def __init__(self, backend: Backend, log: CallLog, *, model: str, budget: Budget | None, way: Way | None = None,
                 any_model: bool = False, max_retries: int = 0):
        self.backend, self.log, self.model, self.budget, self.max_retries = backend.name, log, model, budget, max_retries
        self._clients = Clients(backend)
        self.way = ThroughTheSdk(self._clients) if way is None else way
        self._any_model = any_model  # only the simulation knows all models there are

    @property
    def client(self):
        """`anthropic.AsyncAnthropic` on the same backend, its calls written down in the log."""
        return self._clients.asynchronous

    @property
    def sync_client(self):
        """`anthropic.Anthropic` on the same backend, its calls written down in the log."""
        return self._clients.synchronous

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
        return self.way.send(request) if label is None else self._send_labelled(request, label)

    async def _send_labelled(self, request, label) -> Answer:
        with labelled(label):
            return await self.way.send(request)

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
        if not self._any_model:
            return find_model(model).id
        check_model(model)
        return model

    def ask_blocking(self, prompt: str, *, system: str | None = None, model: str | None = None,
                     max_tokens: int = 1024, temperature: float | None = None) -> str:
        """The same through the synchronous client: waits right here. For thread pools and plain scripts."""
        request = self._request(prompt, system, model, max_tokens, temperature)
        return answer_in(self.sync_client.messages.create(**arguments(request))).text

    def __repr__(self):
        name = MODELS[self.model].name if self.model in MODELS else self.model
        spent = "" if self.budget is None else f"; {self.budget.in_words()} spent"
        return f"<{name}, {self.backend}; {len(self.log)} calls so far{spent}>"


def use_real_time_in_cells() -> None:
    """Plain `await` in cells waits for real again, in a notebook; nothing to do elsewhere."""
    with suppress(BadInput):
        use_real_time()

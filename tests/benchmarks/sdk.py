"""What the simulation adds to the SDK's own work: the SDK on the simulated API, and on a transport that does nothing.

The transport that does nothing gives a reply of the same shape as the simulation's and as the real API's. The simulated
client writes no OpenTelemetry spans, which saves the SDK some work; so it is measured against the SDK without spans, too.
"""

import asyncio

from course_lib.claude import connect, run_simulated
from course_lib.parallel import run_parallel
from tests.benchmarks.tables import Promise, Table
from tests.benchmarks.turns import seconds_in_turns

PROMPTS = {
    "a sum": "What is {} + 1?",
    "spam or not": "Is this spam? Yes or no only. <email>Hi Ann, lunch at noon? Your number {}</email>",
}

REPLY = (
    b'{"id": "msg_5b0ff5b3cfa2a0d3a1f5f9e4", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", '
    b'"content": [{"type": "text", "text": "No"}], "stop_reason": "end_turn", "stop_sequence": null, '
    b'"usage": {"input_tokens": 20, "output_tokens": 1, "service_tier": "standard"}}'
)
HEADERS = {"content-type": "application/json", "request-id": "req_5b0ff5b3cfa2a0d3a1f5f9e4"}


def on_nothing(**settings):
    """The SDK's own client on a transport that gives the same reply at once, whatever is asked."""
    import anthropic
    import httpx2

    class Empty(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request):
            await asyncio.sleep(0)
            return httpx2.Response(200, headers=HEADERS, content=REPLY, request=request)

    return anthropic.AsyncAnthropic(api_key="none", http_client=httpx2.AsyncClient(transport=Empty()), **settings)


def on_nothing_without_spans():
    return on_nothing(open_telemetry=False)


def on_the_simulation():
    return connect(seconds_per_call=3.0).client


EMPTY, SIMULATED = "the SDK on an empty transport", "the SDK on the simulation"
CLIENTS = {EMPTY: on_nothing, "the same without spans": on_nothing_without_spans, SIMULATED: on_the_simulation}


def calls(client, template: str, count: int, max_at_once: int) -> list[str]:
    """The answers to `count` prompts."""
    async def one(number):
        messages = [{"role": "user", "content": template.format(number)}]
        reply = await client.messages.create(model="claude-haiku-5-5", max_tokens=64, messages=messages)
        return reply.content[0].text

    return run_simulated(run_parallel(one, range(count), max_at_once=max_at_once))


def measure(count: int = 300, max_at_once: int = 20, rounds: int = 9) -> Table:
    """Microseconds per call of each, for prompts of two kinds."""
    rows, promises = {}, []
    for kind, template in PROMPTS.items():
        ways = {name: _way(client, template, count, max_at_once) for name, client in CLIENTS.items()}
        seconds = seconds_in_turns(ways, rounds)
        micros = {name: min(measured) / count * 1e6 for name, measured in seconds.items()}
        rows |= {f"{name}: {kind}": (micros[name], micros[name] / micros[EMPTY]) for name in ways}
        promises.append(Promise(f"simulation / empty transport: {kind}", micros[SIMULATED] / micros[EMPTY], 1.15))
    title = f"{count:,} calls through the SDK, at most {max_at_once} at once, best of {rounds} rounds in turns"
    return Table("sdk", title, ("µs per call", "times empty"), rows, tuple(promises))


def _way(client, template, count, max_at_once):
    return lambda: calls(client(), template, count, max_at_once)

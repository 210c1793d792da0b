"""The real SDK's clients, wired to the fake API."""

import anthropic
import httpx2

from course_lib.simulation.clock.thread_clock import ThreadClock
from course_lib.simulation.protocols import Core, Log
from course_lib.simulation.ways.direct import seconds_to_back_off
from course_lib.simulation.ways.transports import AsyncFakeTransport, FakeTransport

# Named outright, so that nothing in the reader's environment can send a simulated call elsewhere. No OpenTelemetry spans,
# either: they carry the real clock's times, which say nothing here, and would stand among those of real calls.
WHERE = {"api_key": "simulated", "base_url": "https://api.anthropic.com", "open_telemetry": False}


def async_client(core: Core, log: Log, **settings) -> anthropic.AsyncAnthropic:
    """`anthropic.AsyncAnthropic` whose requests end in the fake."""
    return _Async(http_client=httpx2.AsyncClient(transport=AsyncFakeTransport(core, log)), **WHERE, **settings)


def sync_client(core: Core, log: Log, clock: ThreadClock, **settings) -> anthropic.Anthropic:
    """`anthropic.Anthropic` whose requests end in the fake, and whose back-off passes on the simulated clock."""
    client = _Sync(http_client=httpx2.Client(transport=FakeTransport(core, log, clock)), **WHERE, **settings)
    client.simulated_clock = clock
    return client


class _SameEveryRun:
    """After a time-out no reply says how long to wait, and the SDK rolls dice; here the seconds are always the same."""

    def _calculate_retry_timeout(self, remaining_retries, options, response_headers=None):
        if response_headers is None:
            return seconds_to_back_off(options.get_max_retries(self.max_retries) - remaining_retries)
        return super()._calculate_retry_timeout(remaining_retries, options, response_headers)


class _Async(_SameEveryRun, anthropic.AsyncAnthropic):
    pass


class _Sync(_SameEveryRun, anthropic.Anthropic):
    """The SDK sleeps for real between attempts (`time.sleep`); here those seconds are simulated as well."""

    simulated_clock: ThreadClock

    def copy(self, **changes):
        other = super().copy(**changes)
        other.simulated_clock = self.simulated_clock
        return other

    with_options = copy

    def _sleep_for_retry(self, *, retries_taken, max_retries, options, response):
        headers = response.headers if response is not None else None
        self.simulated_clock.sleep(self._calculate_retry_timeout(max_retries - retries_taken, options, headers))

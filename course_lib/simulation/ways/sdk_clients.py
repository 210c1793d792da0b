"""The real SDK's clients on simulated time, and errors that they pass on as they are."""

from functools import cache

import anthropic
import httpx2

from course_lib.errors import CourseError
from course_lib.simulation.clock.thread_clock import ThreadClock
from course_lib.simulation.ways.direct import seconds_to_back_off

# Named outright, so that nothing in the reader's environment can send a simulated call elsewhere. No OpenTelemetry spans,
# either: they carry the real clock's times, which say nothing here, and would stand among those of real calls.
WHERE = {"api_key": "simulated", "base_url": "https://api.anthropic.com", "open_telemetry": False}


def async_client(transport: httpx2.AsyncBaseTransport, **settings) -> anthropic.AsyncAnthropic:
    """`anthropic.AsyncAnthropic` on a way to the fake."""
    return _Async(http_client=httpx2.AsyncClient(transport=transport), **WHERE, **settings)


def sync_client(transport: httpx2.BaseTransport, clock: ThreadClock, **settings) -> anthropic.Anthropic:
    """`anthropic.Anthropic` on a way to the fake; its back-off passes on the simulated clock."""
    client = _Sync(http_client=httpx2.Client(transport=transport), **WHERE, **settings)
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


def for_the_sdk(error: CourseError) -> CourseError:
    """The same error, of the SDK's own kind as well: any other it would take for a lost connection, and try again."""
    twin = _twin(type(error)).__new__(_twin(type(error)))
    twin.args = error.args
    vars(twin).update(vars(error))
    return twin


@cache
def _twin(kind: type[CourseError]) -> type:
    return type(kind.__name__, (kind, anthropic.AnthropicError), {"__doc__": kind.__doc__, "__module__": kind.__module__})

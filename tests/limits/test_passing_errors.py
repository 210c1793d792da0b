"""Which errors clear by themselves, known by what they carry and not by whose they are."""

import errno
import socket
from types import SimpleNamespace

import pytest

from course_lib.claude import connect, run_simulated
from course_lib.errors import BadInput, CourseError
from course_lib.limits import DeadlinePassed, retry_after, worth_retrying
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits


class StatusError(Exception):
    """Looks like an SDK's error: a status, and a response with headers."""

    def __init__(self, status_code, **headers):
        super().__init__(f"HTTP {status_code}")
        self.status_code = status_code
        self.response = SimpleNamespace(headers={name.replace("_", "-"): value for name, value in headers.items()})


class APIConnectionError(Exception):
    pass


class APITimeoutError(APIConnectionError):
    pass


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_these_statuses_may_clear(status):
    assert worth_retrying(StatusError(status))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_these_statuses_never_clear(status):
    assert not worth_retrying(StatusError(status))


@pytest.mark.parametrize(
    "error", [TimeoutError(), ConnectionResetError(), socket.gaierror(), OSError(errno.ENETUNREACH, "no network"),
              APIConnectionError(), APITimeoutError()],
)
def test_lost_connections_and_time_outs_may_clear(error):
    assert worth_retrying(error)


@pytest.mark.parametrize(
    "error", [KeyError("x"), TypeError(), ValueError(), BadInput("no"), CourseError("no"), DeadlinePassed("no"),
              FileNotFoundError(), PermissionError(), StatusError(None)],
)
def test_mistakes_in_a_program_never_clear(error):
    assert not worth_retrying(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry_after": "7"}, 7.0), ({"retry_after_ms": "250", "retry_after": "7"}, 0.25), ({"retry_after": "0"}, 0.0),
     ({"retry_after_ms": "soon", "retry_after": "2.5"}, 2.5), ({}, None), ({"retry_after": "-1"}, None),
     ({"retry_after": "nan"}, None), ({"retry_after": "inf"}, None),
     ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
     ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:27:30 GMT"}, 30.0),
     ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, 0.0),
     ({"retry_after": "soon", "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, None)],
)
def test_how_long_a_refusal_asks_us_to_wait(headers, seconds):
    assert retry_after(StatusError(429, **headers)) == seconds


@pytest.mark.parametrize(("kind", "clears"), [("overloaded_error", True), ("invalid_request_error", False), (None, False)])
def test_a_refusal_in_the_middle_of_a_stream_has_the_status_of_its_beginning(kind, clears):
    error = StatusError(200)
    error.type = kind
    assert worth_retrying(error) is clears


def test_an_error_without_a_response_names_no_time():
    assert retry_after(TimeoutError()) is None


@pytest.mark.parametrize("sdk", [True, False])
@pytest.mark.parametrize(
    ("settings", "ask", "clears"),
    [({"limits": Limits(requests_per_minute=1)}, {}, True), ({"faults": Faults(overloaded=1.0)}, {}, True),
     ({"faults": Faults(error=1.0)}, {}, True), ({"faults": Faults(silent=1.0), "timeout": 5}, {}, True),
     ({}, {"max_tokens": 0}, False), ({}, {"model": "claude-nobody"}, False)],
)
def test_the_errors_that_a_connection_really_raises(sdk, settings, ask, clears):
    claude = connect(sdk=sdk, max_retries=0, **settings)

    async def the_error():
        for _ in range(2):  # the first uses a limit of one request up
            try:
                await claude.ask("Hello", **ask)
            except Exception as error:
                return error

    error = run_simulated(the_error())
    assert worth_retrying(error) is clears
    if getattr(error, "status_code", None) in (429, 529):
        assert retry_after(error) >= 1

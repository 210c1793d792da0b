"""Which errors clear by themselves, and how long the API asks us to wait.

Errors are known by what they carry (a `status_code`, a response with headers) and by their class's name, so the same
code serves the SDK, the simulation and any other client.

Source: https://platform.claude.com/docs/en/api/errors
"""

import math

from course_lib.errors import CourseError

NOT_RIGHT_NOW = (408, 409, 429)
"""HTTP statuses below 500 that may clear: time-out, conflict, rate limit."""

LOST_ON_THE_WAY = {"APIConnectionError", "TransportError"}
"""Classes, the SDK's and httpx's, of errors in which no reply came at all."""

WRONG_FILE = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


def worth_retrying(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later: 408, 409, 429, 5xx, time-outs and lost connections.

    What never clears is not tried again: a bad request or key (400, 401, 403, 404, 413), a mistake in a program.

    >>> worth_retrying(TimeoutError()), worth_retrying(KeyError("answer"))
    (True, False)
    """
    if isinstance(error, CourseError):
        return False
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status in NOT_RIGHT_NOW or status >= 500
    if isinstance(error, OSError):  # Python's own TimeoutError and ConnectionError among them
        return not isinstance(error, WRONG_FILE)
    return any(kind.__name__ in LOST_ON_THE_WAY for kind in type(error).__mro__)


def retry_after(error: BaseException) -> float | None:
    """Seconds that the refusal asks us to wait: its `retry-after-ms` header, else `retry-after`; None if it names none."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name)) * unit
        except (TypeError, ValueError):  # not there, or a date
            continue
        if 0 <= seconds < math.inf:
            return seconds
    return None

"""What goes wrong on purpose: the same faults for the same requests, on every run."""

from collections.abc import Callable
from dataclasses import dataclass, fields

from course_lib.errors import BadInput, check_share
from course_lib.simulation.api.seeded import uniform


@dataclass(frozen=True)
class Faults:
    """Which requests fail, and how. Rates are shares of all attempts, from 0 to 1.

    Error replies:
        overloaded: 529, the API is too busy. error: 500. rate_limited: 429, whatever the account's limits say.
        gateway_timeout: 504. forbidden: 403, the key may not do this.
    Time:
        silent: no reply until the client's time-out. slow: ten times the usual seconds.
    The line:
        unreachable: no connection at all. dropped: the connection breaks off halfway through the reply.
        garbage: status 200 and a web page instead of JSON. truncated: status 200 and half of the reply.
        interrupted: a stream ends in an error event halfway; a plain request gets a 529.
    script: a function of (prompt, arrival) that names a fault or returns None; it is asked first.
    `arrival` counts, from 1, how often this very request has come in, retries and equal ballots alike.

    >>> Faults(overloaded=0.1).pick("Hello", attempt=1, seed=0) is None
    True
    """

    overloaded: float = 0.0
    error: float = 0.0
    silent: float = 0.0
    slow: float = 0.0
    rate_limited: float = 0.0
    gateway_timeout: float = 0.0
    forbidden: float = 0.0
    unreachable: float = 0.0
    dropped: float = 0.0
    garbage: float = 0.0
    truncated: float = 0.0
    interrupted: float = 0.0
    script: Callable[[str, int], str | None] | None = None

    def __post_init__(self):
        for kind in KINDS:
            check_share(getattr(self, kind), kind, 0.05, "is no rate")
        if self.script is not None and not callable(self.script):
            raise BadInput(f"script={self.script!r} is no function; write one of (prompt, arrival) that names a fault or None.")
        rates = {kind: rate for kind in KINDS if (rate := getattr(self, kind))}
        if sum(rates.values()) > 1:
            raise BadInput("The rates of all faults add up to more than 1; lower some of them.")
        object.__setattr__(self, "_rates", rates)

    def pick(self, prompt: str, *, attempt: int, seed: int) -> str | None:
        """The fault of this attempt, or None."""
        scripted = self.script(prompt, attempt) if self.script else None
        if scripted is not None and scripted not in KINDS:
            raise BadInput(f"The script names a fault {scripted!r}; it may return {', '.join(KINDS)} or None.")
        if scripted or not self._rates:
            return scripted
        roll = uniform(seed, "fault", prompt, attempt)
        for kind, rate in self._rates.items():
            roll -= rate
            if roll < 0:
                return kind
        return None


KINDS = tuple(field.name for field in fields(Faults) if field.name != "script")

ERROR_REPLIES = {
    "overloaded": (529, "Overloaded"),
    "error": (500, "Internal server error"),
    "rate_limited": (429, "This request would exceed your organization's rate limit. Please wait and try again."),
    "gateway_timeout": (504, "Request timed out while processing. Consider streaming for long requests."),
    "forbidden": (403, "Your API key does not have permission to use the specified resource."),
    "interrupted": (529, "Overloaded"),
}
"""Faults that are an error reply: status and message."""

WEB_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
"""What a proxy on the way may put in place of a reply; here with status 200, as some do."""

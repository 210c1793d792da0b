"""Requests and tokens per minute, as the real API limits them: buckets that refill all the time.

Requests are limited in short bursts as well: the documentation warns that 60 requests per minute
may be enforced as one per second, and leaves the size of a burst open. Here it is ten seconds'
worth (`Limits.requests_at_once`). Token buckets hold a whole minute's worth.

Source: https://platform.claude.com/docs/en/api/rate-limits (token buckets; requests, input
tokens and output tokens are limited separately; the reply says how long to wait).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from course_lib.errors import check_number


@dataclass(frozen=True)
class Limits:
    """What an account may use per minute; None means no limit."""

    requests_per_minute: int | None = None
    input_tokens_per_minute: int | None = None
    output_tokens_per_minute: int | None = None

    def __post_init__(self):
        for name, value in vars(self).items():
            check_number(value, name, "is no limit", 50, least=1, none="for no limit")

    @property
    def requests_at_once(self) -> float:
        """The most requests that pass at one moment: ten seconds' worth, at least 10, at most the minute's.

        >>> Limits(requests_per_minute=300).requests_at_once
        50.0
        >>> [Limits(requests_per_minute=limit).requests_at_once for limit in (4, 50, None)]
        [4.0, 10.0, inf]
        """
        if self.requests_per_minute is None:
            return math.inf
        return float(min(self.requests_per_minute, max(10, self.requests_per_minute / 6)))


class _Bucket:
    """Full at the start, refilled evenly, never above what it holds. It may run into debt."""

    __slots__ = ("_level", "_per_second", "_seen", "holds", "kind", "per_minute")

    def __init__(self, kind: str, per_minute: float, holds: float):
        self.kind, self.per_minute, self.holds = kind, per_minute, holds
        self._per_second = per_minute / 60
        self._level = holds
        self._seen = 0.0

    def level(self, now: float) -> float:
        if now > self._seen:  # a fresh clock starts at 0 again, and nothing refills backwards
            self._level = min(self.holds, self._level + (now - self._seen) * self._per_second)
        self._seen = now
        return self._level

    def take(self, amount: float, now: float) -> None:
        self._level = self.level(now) - amount

    def seconds_until(self, amount: float, now: float) -> float:
        """0.0 when `amount` is there already."""
        missing = amount - self.level(now)
        return missing / self._per_second if missing > 0 else 0.0


class Allowances:
    """Decides which requests an account may make now, and keeps what the headers report.

    epoch: seconds since 1970 at the clock's 0, for the times in the headers.
    """

    def __init__(self, limits: Limits | None, epoch: float = 0.0):
        limits = limits or Limits()
        self._epoch = epoch
        self._requests = _bucket("requests", limits.requests_per_minute, limits.requests_at_once)
        self._input = _bucket("input-tokens", limits.input_tokens_per_minute)
        self._output = _bucket("output-tokens", limits.output_tokens_per_minute)
        self._buckets = [bucket for bucket in (self._requests, self._input, self._output) if bucket]

    def admit(self, input_tokens: int, now: float) -> tuple[str, int] | None:
        """None when the request may pass (it is then counted), else which limit says no and whole seconds to wait."""
        needs = ((self._requests, 1), (self._input, input_tokens), (self._output, 1))
        waits = [
            (seconds, bucket.kind)
            for bucket, amount in needs
            if bucket is not None and (seconds := bucket.seconds_until(amount, now)) > 1e-9
        ]
        if waits:
            seconds, kind = max(waits)
            return kind, max(1, math.ceil(seconds - 1e-9))
        for bucket, amount in needs[:2]:
            if bucket is not None:
                bucket.take(amount, now)
        return None

    def charge_output(self, tokens: int, now: float) -> None:
        """Output is known only when it is written, so it is charged then, into debt if need be."""
        if self._output is not None:
            self._output.take(tokens, now)

    def limit(self, kind: str) -> int:
        """Per minute, of "requests", "input-tokens" or "output-tokens"."""
        return int(next(bucket.per_minute for bucket in self._buckets if bucket.kind == kind))

    def levels(self, now: float) -> list[float]:
        """What is left at this moment, for `headers` to put into words when somebody reads them."""
        return [bucket.level(now) for bucket in self._buckets]

    def headers(self, now: float, levels: list[float] | None = None) -> dict[str, str]:
        """`anthropic-ratelimit-*` as it stood at `now`; on a simulated clock the reset is counted from 1970 on."""
        headers = {}
        for bucket, level in zip(self._buckets, self.levels(now) if levels is None else levels, strict=True):
            name = f"anthropic-ratelimit-{bucket.kind}"
            full = self._epoch + now + (bucket.holds - level) * 60 / bucket.per_minute
            headers[f"{name}-limit"] = str(int(bucket.per_minute))
            headers[f"{name}-remaining"] = str(max(0, math.floor(level + 1e-9)))
            headers[f"{name}-reset"] = timestamp(math.ceil(full))
        return headers


def _bucket(kind: str, per_minute: float | None, holds: float | None = None) -> _Bucket | None:
    return None if per_minute is None else _Bucket(kind, per_minute, float(per_minute) if holds is None else holds)


@lru_cache(maxsize=1024)
def timestamp(seconds: int) -> str:
    """The API's way of writing a moment, from seconds since 1970.

    >>> timestamp(90)
    '1970-01-01T00:01:30Z'
    """
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Requests and tokens per minute, as the real API limits them: buckets that refill all the time.

Source: https://platform.claude.com/docs/en/api/rate-limits (token buckets; requests, input
tokens and output tokens are limited separately; the reply says how long to wait).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from course_lib.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """What an account may use per minute; None means no limit."""

    requests_per_minute: int | None = None
    input_tokens_per_minute: int | None = None
    output_tokens_per_minute: int | None = None

    def __post_init__(self):
        for name, value in vars(self).items():
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value < math.inf:
                raise BadInput(f"{name}={value!r} is no limit; write a number from 1 up, or None for no limit.")


class _Bucket:
    """Full at the start, refilled evenly, never above a minute's worth. It may run into debt."""

    def __init__(self, per_minute: float):
        self.per_minute = per_minute
        self._level = float(per_minute)
        self._seen = 0.0

    def level(self, now: float) -> float:
        passed = max(0.0, now - self._seen)  # a fresh clock starts at 0 again, and nothing refills backwards
        self._level = min(self.per_minute, self._level + passed * self.per_minute / 60)
        self._seen = now
        return self._level

    def take(self, amount: float, now: float) -> None:
        self._level = self.level(now) - amount

    def seconds_until(self, amount: float, now: float) -> float:
        """0.0 when `amount` is there already."""
        return max(0.0, (amount - self.level(now)) * 60 / self.per_minute)


class RateLimiter:
    """Decides which requests an account may make now, and keeps what the headers report."""

    KINDS = {
        "requests": "requests_per_minute",
        "input-tokens": "input_tokens_per_minute",
        "output-tokens": "output_tokens_per_minute",
    }

    def __init__(self, limits: Limits | None):
        limits = limits or Limits()
        self._buckets = {
            kind: _Bucket(per_minute)
            for kind, name in self.KINDS.items()
            if (per_minute := getattr(limits, name)) is not None
        }

    def admit(self, input_tokens: int, now: float) -> tuple[str, int] | None:
        """None when the request may pass (it is then counted), else which limit says no and whole seconds to wait."""
        needs = {"requests": 1, "input-tokens": input_tokens, "output-tokens": 1}
        waits = [
            (seconds, kind)
            for kind, bucket in self._buckets.items()
            if (seconds := bucket.seconds_until(needs[kind], now)) > 1e-9
        ]
        if waits:
            seconds, kind = max(waits)
            return kind, max(1, math.ceil(seconds - 1e-9))
        for kind in ("requests", "input-tokens"):
            if kind in self._buckets:
                self._buckets[kind].take(needs[kind], now)
        return None

    def charge_output(self, tokens: int, now: float) -> None:
        """Output is known only when it is written, so it is charged then, into debt if need be."""
        if "output-tokens" in self._buckets:
            self._buckets["output-tokens"].take(tokens, now)

    def headers(self, now: float) -> dict[str, str]:
        """`anthropic-ratelimit-*` as it stands now; reset is given in simulated time, from 1970 on."""
        headers = {}
        for kind, bucket in self._buckets.items():
            name = f"anthropic-ratelimit-{kind}"
            headers[f"{name}-limit"] = str(int(bucket.per_minute))
            headers[f"{name}-remaining"] = str(max(0, math.floor(bucket.level(now) + 1e-9)))
            headers[f"{name}-reset"] = _timestamp(now + bucket.seconds_until(bucket.per_minute, now))
        return headers


def _timestamp(seconds: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=math.ceil(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")

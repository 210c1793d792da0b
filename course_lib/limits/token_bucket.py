"""A limit per minute as a bucket: it refills evenly, never above what it holds, and may run into debt."""

A_MOMENT = 1e-9
"""Seconds that count as none: what rounding adds to a waiting time."""


class TokenBucket:
    """What may still be used of one limit. Times are seconds on the clock of whoever asks.

    >>> bucket = TokenBucket(per_minute=60, holds=10)
    >>> bucket.take(8, now=0.0)
    >>> bucket.seconds_until(5, now=0.0)
    3.0
    """

    __slots__ = ("_level", "_seen", "holds", "per_second")

    def __init__(self, per_minute: float, holds: float):
        self.per_second, self.holds = per_minute / 60, float(holds)
        self._level, self._seen = self.holds, 0.0

    def move_to(self, now: float) -> None:
        """Another clock counts from now on, on which it is `now`; what was used up stays used up."""
        self._seen = now

    def level(self, now: float) -> float:
        """What is in it; below 0 it is in debt."""
        if now > self._seen:
            self._level = min(self.holds, self._level + (now - self._seen) * self.per_second)
            self._seen = now
        return self._level

    def take(self, amount: float, now: float) -> None:
        """Use `amount` up, into debt if need be; a negative amount is given back."""
        self._level = min(self.holds, self.level(now) - amount)

    def seconds_until(self, amount: float, now: float) -> float:
        """How long until `amount` is there, or until it is full for an amount that it never holds. 0.0: at once."""
        lacking = min(amount, self.holds) - self.level(now)
        return lacking / self.per_second if lacking > 0 else 0.0

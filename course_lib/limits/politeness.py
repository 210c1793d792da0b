"""One line for a good citizen: pace every call, and try again what was refused, in the order that works."""

from collections.abc import Awaitable, Callable

from course_lib.limits.pacing import RateLimiter, within_limits
from course_lib.limits.retrying import Retries, with_retries


def polite(
    ask: Callable[..., Awaitable[str]],
    *,
    requests_per_minute: float | None = None,
    input_tokens_per_minute: float | None = None,
    output_tokens_per_minute: float | None = None,
    max_at_once: int | None = None,
    burst: float = 1,
    retries: Retries | None = None,
) -> Callable[..., Awaitable[str]]:
    """`ask` within these limits (None: no limit), and tried again when it was refused.

    A call that waits before its next attempt lets others go first: it counts neither towards `max_at_once` nor
    towards the requests per minute. Everything that is asked through it shares one limiter, and one `retry-after`
    makes all of it wait. Connect with `max_retries=0`, and give your account's own limits. For several asks on one
    account, share a `RateLimiter` instead.

    burst: how many requests may leave at once after a pause, 1 for evenly spaced ones.
    retries: how often, and how long to wait in between; None: `Retries()`, five attempts in all.

    >>> import asyncio
    >>> from course_lib import Limits, connect, run_simulated
    >>> claude = connect(sdk=False, seconds_per_call=3.0, max_retries=0, limits=Limits(requests_per_minute=60))
    >>> ask = polite(claude.ask, requests_per_minute=60)
    >>> async def all_at_once():
    ...     return await asyncio.gather(*(ask(f"What is {number} + 1?") for number in range(20)))
    >>> len(run_simulated(all_at_once())), claude.log.makespan  # the last one leaves after 19 s and takes 3
    (20, 22.0)
    """
    limiter = RateLimiter(
        requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, max_at_once, burst=burst
    )
    return with_retries(within_limits(ask, limiter), retries)

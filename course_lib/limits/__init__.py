"""Staying within limits: wrappers around an `ask`-like async function that give back one with the same signature.

    pacing      one line of waiting calls for a whole pool                   RateLimiter, within_limits, TokenBucket
                and the one door: pace, then retry, in the order that works  polite(claude.ask, requests_per_minute=300)
    retrying    exponential back-off, the same on every run                  Retries, with_retries, DeadlinePassed
                which errors clear by waiting, and after how long            worth_retrying, retry_after
    hedging     a second request for stragglers; the first of several        hedged, first_of

They know nothing of any backend, so they work on a simulated, a direct and a live connection alike. Connect with
`max_retries=0`: the SDK's own retries would hold a slot while they back off, and ask nobody's leave.

From the inside out: pace the call, retry what was refused, hedge what is slow.

>>> import asyncio
>>> from course_lib.claude import Limits, connect, run_simulated
>>> claude = connect(sdk=False, seconds_per_call=3.0, max_retries=0, limits=Limits(requests_per_minute=60))
>>> limiter = RateLimiter(requests_per_minute=60, max_at_once=5)
>>> ask = hedged(with_retries(within_limits(claude.ask, limiter), Retries(attempts=4)), after=10)
>>> async def thirty_at_once():
...     return await asyncio.gather(*(ask(f"What is {number} + 1?") for number in range(30)))
>>> len(run_simulated(thirty_at_once())), claude.log.makespan, claude.log.peak_in_flight
(30, 32.0, 3)
"""

from course_lib.limits.hedging import first_of, hedged
from course_lib.limits.pacing import RateLimiter, TokenBucket, polite, within_limits
from course_lib.limits.retrying import DeadlinePassed, Retries, retry_after, with_retries, worth_retrying

__all__ = [
    "DeadlinePassed", "RateLimiter", "Retries", "TokenBucket", "first_of", "hedged", "polite", "retry_after",
    "with_retries", "within_limits", "worth_retrying",
]

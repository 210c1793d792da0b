"""One line for a whole pool: every call waits its turn until the account's limits have room for it.

    limiter = RateLimiter(requests_per_minute=300, output_tokens_per_minute=80_000, max_at_once=40)
    ask = within_limits(claude.ask, limiter)

A call reserves what it will probably use when it leaves, and settles from its real usage when it is back. One line for a
good citizen, who is paced and also tries again what was refused, in the order that works:

    ask = polite(claude.ask, requests_per_minute=300)
"""

import asyncio
import functools
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from course_lib.claude import Call
from course_lib.claude.call_context import call_context, calls_inside, waiting_since
from course_lib.errors import BadInput, CourseError, check_callable, check_number, check_whole, shown
from course_lib.limits.retrying import Retries, retry_after, with_retries

USUAL_MAX_TOKENS = 1024
"""What `ask` allows an answer unless it is told otherwise."""

REMEMBERED_ANSWERS = 20
"""The running average of real output follows about the last so many answers."""

TOO_BUSY = (429, 529)
"""HTTP statuses that concern everybody on the account, or on the API."""

NOT_BY_WAITING = math.inf

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


@dataclass(slots=True, eq=False)
class Place:
    """One call's place in the line. `left` is the moment at which it left, None while it waits."""

    input_tokens: int
    max_tokens: int
    entered: float
    turn: asyncio.Future | None = None
    left: float | None = None
    output_tokens: float = 0.0


class RateLimiter:
    """Lets calls leave, first come, first served, as early as all limits allow; None is no limit.

    Requests leave evenly, one every 60 / `requests_per_minute` seconds, because 60 a minute may be enforced as one a
    second; after idling, up to `burst` leave at once. Tokens are a minute's worth that refills all the time: input is
    estimated from the text's length; output is the average of the answers so far, or `max_tokens` before the first one.
    A call that is larger than a whole minute's tokens waits until all of them are there, and leaves a debt.
    `max_at_once` counts calls on the wire, not those that wait. One limiter serves one event loop at a time.

    Source: https://platform.claude.com/docs/en/api/rate-limits
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        input_tokens_per_minute: float | None = None,
        output_tokens_per_minute: float | None = None,
        max_at_once: int | None = None,
        *,
        burst: float = 1,
    ):
        check_number(burst, "burst", "lets nothing leave", "10 at once", least=1)
        check_whole(max_at_once, "max_at_once", "lets nothing leave", 40, none="for no limit")
        self._requests = _bucket(requests_per_minute, "requests_per_minute", burst)
        self._input = _bucket(input_tokens_per_minute, "input_tokens_per_minute")
        self._output = _bucket(output_tokens_per_minute, "output_tokens_per_minute")
        self._slots = math.inf if max_at_once is None else max_at_once
        self._usual_output, self._answers = 0.0, 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forget_the_line()

    def __repr__(self):
        kinds = {"requests": self._requests, "input tokens": self._input, "output tokens": self._output}
        limits = [f"{60 * bucket.per_second:g} {kind} a minute" for kind, bucket in kinds.items() if bucket is not None]
        limits += [] if self._slots == math.inf else [f"{self._slots} at once"]
        return f"<RateLimiter: {', '.join(limits) or 'no limit'}; {self.waiting} waiting, {self.in_flight} in flight>"

    @property
    def waiting(self) -> int:
        """How many calls stand in the line."""
        return sum(1 for place in self._line if not place.turn.done())

    @property
    def in_flight(self) -> int:
        """How many have left and are not back."""
        return self._in_flight

    async def reserve(self, input_tokens: int = 0, max_tokens: int = USUAL_MAX_TOKENS) -> Place:
        """A place, once its turn has come; whoever gets it must `settle` it. Cancelled while it waits, it leaves no trace."""
        now = self._clock()
        place = Place(input_tokens, max_tokens, now)
        box = call_context().place  # where whoever hedges the call sees whether it still waits, or since when it is on the wire
        if box is not None:
            box[:] = [place]
        if not self._line and self._seconds_until(place, now) <= A_MOMENT:
            self._take(place, now)
            return place
        place.turn = self._loop.create_future()
        self._line.append(place)
        self._let_go()
        try:
            await place.turn
        except BaseException:
            place.turn.cancel()
            if place.left is not None:  # its turn had come, but it never left
                self._give_back(place)
            self._let_go()
            raise
        return place

    def settle(self, place: Place, *, requests: int = 1, input_tokens: int | None = None, output_tokens: int = 0) -> None:
        """The call is back: what it really used counts from now on. input_tokens=None: the estimate stands."""
        now = self._clock()
        self._in_flight -= 1
        self._expected_output -= place.output_tokens
        if not self._in_flight:
            self._expected_output = 0.0  # what rounding has left over would be waited for in vain
        if self._requests:
            self._requests.take(requests - 1, now)
        if self._input and input_tokens is not None:
            self._input.take(input_tokens - place.input_tokens, now)
        if self._output:
            self._output.take(output_tokens, now)
        if output_tokens:
            self._answers = min(self._answers + 1, REMEMBERED_ANSWERS)
            self._usual_output += (output_tokens - self._usual_output) / self._answers
        self._let_go()

    def pause_until(self, moment: float) -> None:
        """Nobody leaves before `moment` (seconds on the loop's clock). A shorter pause never ends a longer one."""
        self._clock()
        self._paused_until = max(self._paused_until, moment)

    # --- the line -----------------------------------------------------------------------------

    def _let_go(self) -> None:
        """Whoever may leave now leaves, and one timer is set for the next: nobody polls."""
        now = self._loop.time()
        while self._line:
            place = self._line[0]
            if not place.turn.done():
                seconds = self._seconds_until(place, now)
                if seconds > A_MOMENT and now + seconds > now:  # a clock far on can't tell so short a while from none
                    self._come_back_at(now + seconds)
                    return
                self._take(place, now)
                place.turn.set_result(None)
            self._line.popleft()

    def _come_back_at(self, moment: float) -> None:
        if self._timer is not None:
            if abs(self._timer.when() - moment) <= A_MOMENT:
                return
            self._timer.cancel()
            self._timer = None
        if moment < NOT_BY_WAITING:  # else somebody must come back first, and that is when we look again
            self._timer = self._loop.call_at(moment, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._let_go()

    def _seconds_until(self, place: Place, now: float) -> float:
        if self._in_flight >= self._slots:
            return NOT_BY_WAITING
        seconds = max(0.0, self._paused_until - now)
        if self._requests:
            seconds = max(seconds, self._requests.seconds_until(1, now))
        if self._input:
            seconds = max(seconds, self._input.seconds_until(place.input_tokens, now))
        if self._output:
            seconds = max(seconds, self._seconds_until_output(place, now))
        return seconds

    def _seconds_until_output(self, place: Place, now: float) -> float:
        """Output is charged when it is written, so what is expected of calls on the wire must stay in the bucket."""
        needed = min(self._output_of(place), self._output.holds) + self._expected_output
        if self._in_flight and needed > self._output.holds:
            return NOT_BY_WAITING
        return self._output.seconds_until(needed, now)

    def _output_of(self, place: Place) -> float:
        return min(place.max_tokens, self._usual_output) if self._answers else place.max_tokens

    def _take(self, place: Place, now: float) -> None:
        place.left, place.output_tokens = now, self._output_of(place)
        self._in_flight += 1
        self._expected_output += place.output_tokens
        if self._requests:
            self._requests.take(1, now)
        if self._input:
            self._input.take(place.input_tokens, now)

    def _give_back(self, place: Place) -> None:
        self.settle(place, requests=0, input_tokens=0)

    # --- the clock ----------------------------------------------------------------------------

    def _clock(self) -> float:
        """Now. On another event loop the line starts afresh; what has been used up stays used up."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop is not None and not self._loop.is_closed() and (self._in_flight or self.waiting):
                raise CourseError(
                    f"This limiter is at work in another event loop ({self._in_flight} calls on the wire, {self.waiting} "
                    "waiting), and cannot wait on two clocks; make a RateLimiter of its own for each loop."
                )
            self._loop = loop
            self._forget_the_line()
            for bucket in filter(None, (self._requests, self._input, self._output)):
                bucket.move_to(loop.time())
        return loop.time()

    def _forget_the_line(self) -> None:
        self._line: deque[Place] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._in_flight, self._expected_output, self._paused_until = 0, 0.0, 0.0


def within_limits(ask: Callable[..., Awaitable[str]], limiter: RateLimiter) -> Callable[..., Awaitable[str]]:
    """`ask`, with every call waiting in the limiter's line first. Several asks may share one limiter.

    When one call is refused with a `retry-after`, everyone who has not left yet waits until then.
    Connect with `max_retries=0`: the SDK's own retries would hold a slot while they back off.

    >>> async def echo(prompt):
    ...     return prompt
    >>> asyncio.run(within_limits(echo, RateLimiter(requests_per_minute=60))("hello"))
    'hello'
    """

    check_callable(ask, "ask", "claude.ask")
    if not isinstance(limiter, RateLimiter):
        raise BadInput(f"limiter={shown(limiter)} is no limiter; write within_limits(ask, RateLimiter(requests_per_minute=50)).")

    @functools.wraps(ask)
    async def paced(*args, **options):
        place = await limiter.reserve(estimated_tokens(args, options), _max_tokens(options))
        context = call_context()
        if place.left > place.entered and context.earlier is None:
            waiting_since(place.entered)
        answer = status = None
        with calls_inside() as calls:
            try:
                answer = await ask(*args, **options)
                return answer
            except Exception as error:
                status = getattr(error, "status_code", None)
                if status in TOO_BUSY and (seconds := retry_after(error)) is not None:
                    limiter.pause_until(asyncio.get_running_loop().time() + seconds)
                raise
            finally:
                limiter.settle(place, **_usage(place, calls or [call for call in [context.earlier] if call], answer, status))

    return paced


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


def estimated_tokens(args: tuple, options: dict) -> int:
    """Input tokens of a request, by the rule of thumb of four characters each, and a few per message for its frame.

    >>> estimated_tokens(("What is the capital of France?",), {"system": "Be brief."})
    19
    """
    texts = [text for text in (*args, options.get("system")) if isinstance(text, str)]
    return sum(math.ceil(len(text) / 4) + 4 for text in texts)


def _max_tokens(options: dict) -> int:
    max_tokens = options.get("max_tokens")
    return max_tokens if isinstance(max_tokens, int) and max_tokens > 0 else USUAL_MAX_TOKENS


def _usage(place: Place, calls: list[Call], answer: object, status: int | None) -> dict:
    """What `settle` is told. Only answers are billed; input that was sent in vain was counted, unless it was refused."""
    attempts = sum(attempt.started >= place.left for call in calls for attempt in call.attempts)
    usage = {"requests": max(1, attempts)}
    if any(call.status == "ok" for call in calls):
        input_tokens, output_tokens = (sum(getattr(call, kind) for call in calls) for kind in ("input_tokens", "output_tokens"))
        return usage | {"input_tokens": input_tokens, "output_tokens": output_tokens}
    if isinstance(answer, str):  # an `ask` that keeps no log
        return usage | {"output_tokens": math.ceil(len(answer) / 4)}
    return usage | {"input_tokens": 0 if status == 429 else None}


def _bucket(per_minute: float | None, name: str, holds: float | None = None) -> TokenBucket | None:
    """The bucket of a limit, a whole minute's worth unless `holds` says how much; None for no limit."""
    check_number(per_minute, name, "is no limit", 50, above=True, none="for no limit")
    return None if per_minute is None else TokenBucket(per_minute, holds or per_minute)

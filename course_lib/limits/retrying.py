"""Try again, later each time, but only what may succeed: exponential back-off that is the same on every run.

    ask = with_retries(within_limits(claude.ask, limiter), Retries(attempts=5, deadline=60))

Retries go around the limiter, never inside: so a call that backs off holds no slot, and each attempt waits its turn.
Errors are known by what they carry (a `status_code`, a response with headers) and by their class's name, so the same
code serves the SDK, the simulation and any other client.

Source: https://platform.claude.com/docs/en/api/errors
"""

import asyncio
import functools
import hashlib
import inspect
import itertools
import math
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from course_lib.claude import Call
from course_lib.claude.call_context import call_context, calls_inside, next_attempt_of
from course_lib.errors import BadInput, CourseError, check_callable, check_number, check_share, check_whole, shown

NOT_RIGHT_NOW = (408, 409, 429)
"""HTTP statuses below 500 that may clear: time-out, conflict, rate limit."""

LOST_ON_THE_WAY = {"APIConnectionError", "TransportError"}
"""Classes, the SDK's and httpx's, of errors in which no reply came at all."""

CLEARS = {"overloaded_error", "api_error", "rate_limit_error", "timeout_error"}
"""Types of errors that may come in the middle of a stream, whose status was 200 already."""

WRONG_FILE = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)


class DeadlinePassed(CourseError, TimeoutError):
    """The next wait would end too late. `__cause__` is the error of the last attempt."""


@dataclass(frozen=True)
class Retries:
    """How often, and how long to wait in between. `base`, `most` and `deadline` are seconds.

    attempts: all of them, the first included. The waits double from `base` up to `most`.
    jitter: the share of each wait that is left to chance, so that callers who failed together don't come back together: below
        the whole wait, and above what the API asks for, since that is the least.
    seed: another seed, another chance; the same seed, the same waits.
    deadline: no attempt starts later than so many seconds after the call began; None: no deadline. An attempt under
        way is let finish: how long one may take is `connect(timeout=…)`.

    >>> [Retries(jitter=0).seconds_after(failures, "Hello") for failures in range(1, 7)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    >>> 0.75 <= Retries(jitter=0.25).seconds_after(2, "Hello") <= 1.0
    True
    """

    attempts: int = 5
    base: float = 0.5
    most: float = 8.0
    jitter: float = 0.25
    seed: int = 0
    deadline: float | None = None

    def __post_init__(self):
        check_whole(self.attempts, "attempts", "tries nothing", 5)
        check_number(self.base, "base", "is no wait", 0.5, kind="seconds")
        check_number(self.most, "most", "is no wait", 8.0, kind="seconds")
        check_share(self.jitter, "jitter", 0.25, "is no share of a wait")
        check_number(self.deadline, "deadline", "leaves no time", 60, above=True, kind="seconds", none="")

    def seconds_after(self, failures: int, prompt: str, twin: int = 0) -> float:
        """The wait after so many failed attempts, when the API names none. Equal prompts that wait together are twins."""
        whole = min(self.base * 2.0 ** min(failures - 1, 60), self.most)
        return whole * (1 - self.jitter * _chance(self.seed, prompt, failures, twin))

    def seconds_after_being_asked(self, asked: float, failures: int, prompt: str, twin: int = 0) -> float:
        """The wait when the API asks for `asked` seconds: no less, and as much more as chance says, of `base` at least.

        >>> 7.0 <= Retries(jitter=0.25).seconds_after_being_asked(7.0, 1, "Hello") <= 8.75
        True
        """
        return asked + max(asked, self.base) * self.jitter * _chance(self.seed, prompt, failures, twin)


def with_retries(ask: Callable[..., Awaitable[str]], retries: Retries | None = None) -> Callable[..., Awaitable[str]]:
    """`ask`, tried again while the error may clear, never sooner than a `retry-after` asks. None: `Retries()`.

    In the log all attempts are one call; the timeline shows "backing off" between them.
    Use it with `connect(max_retries=0)`: else the SDK retries as well, inside each attempt of ours, and a warning says how often.
    Raises: the last attempt's own error, or DeadlinePassed. What never clears, such as a 400, is raised at once.

    >>> async def moody(prompt, weather=iter(["storm", "rain", "sun"])):
    ...     if next(weather) != "sun":
    ...         raise ConnectionError("no line")
    ...     return "here I am"
    >>> asyncio.run(with_retries(moody, Retries(base=0.001))("Hello?"))
    'here I am'
    """
    check_callable(ask, "ask", "claude.ask")
    retries = Retries() if retries is None else retries
    if not isinstance(retries, Retries):
        raise BadInput(f"retries={shown(retries)} are no Retries; write with_retries(ask, Retries(attempts=5)), for example.")
    _warn_of_two_layers(ask, retries.attempts)
    backing_off: Counter[str] = Counter()

    @functools.wraps(ask)
    async def patient(*args, **options):
        clock = asyncio.get_running_loop().time
        begun, call, prompt = clock(), call_context().earlier, _prompt(args)
        for attempt in itertools.count(1):
            with calls_inside() as calls, next_attempt_of(call):
                try:
                    return await ask(*args, **options)
                except Exception as error:
                    if attempt >= retries.attempts or not worth_retrying(error):
                        raise
                    asked, chance = retry_after(error), (attempt, prompt, backing_off[prompt])
                    seconds = (
                        retries.seconds_after(*chance) if asked is None else retries.seconds_after_being_asked(asked, *chance)
                    )
                    if retries.deadline is not None and clock() + seconds > begun + retries.deadline:
                        raise _too_late(retries.deadline, attempt, clock() - begun, seconds, error) from error
            call = _only_one(calls) or call
            backing_off[prompt] += 1
            try:
                await asyncio.sleep(seconds)  # out here, no slot is held
            finally:
                backing_off[prompt] -= 1
                if not backing_off[prompt]:
                    del backing_off[prompt]

    return patient


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
        return status in NOT_RIGHT_NOW or status >= 500 or (status == 200 and getattr(error, "type", None) in CLEARS)
    if isinstance(error, OSError):  # Python's own TimeoutError and ConnectionError among them
        return not isinstance(error, WRONG_FILE)
    return any(kind.__name__ in LOST_ON_THE_WAY for kind in type(error).__mro__)


def retry_after(error: BaseException) -> float | None:
    """Seconds that the refusal asks us to wait: its `retry-after-ms` header, else `retry-after`; None if it names none.

    A moment, which `retry-after` may name as well (RFC 9110, 10.2.3), is counted from the reply's own `date`.
    """
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name)) * unit
        except (TypeError, ValueError):  # not there, or a moment
            continue
        if 0 <= seconds < math.inf:
            return seconds
    try:
        moments = [parsedate_to_datetime(headers.get(name)) for name in ("retry-after", "date")]
        return max(0.0, (moments[0] - moments[1]).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _warn_of_two_layers(ask: Callable, attempts: int) -> None:
    """Say how many requests one call may become when the connection behind `ask` retries by itself."""
    inside = getattr(getattr(inspect.unwrap(ask), "__self__", None), "max_retries", 0)
    if inside and attempts > 1:
        warnings.warn_explicit(
            f"The SDK tries each call {inside} times again, inside each of these {attempts} attempts: one call may become "
            f"{attempts * (inside + 1)} requests. Write connect(max_retries=0), so that only one of them retries.",
            UserWarning, "with_retries", 1,
        )


def _only_one(calls: list[Call]) -> Call | None:
    """The call that failed, if the attempt was one call; an attempt of several is several calls again."""
    return calls[0] if len(calls) == 1 else None


def _too_late(deadline, attempt, passed, seconds, error) -> DeadlinePassed:
    return DeadlinePassed(
        f"Gave up after attempt {attempt} and {passed:g} s: the next wait of {seconds:g} s would end after "
        f"deadline={deadline:g} s, and the last error was {type(error).__name__}; allow more time, or send less at once."
    )


def _prompt(args: tuple) -> str:
    texts = [text for text in args if isinstance(text, str)]
    return texts[-1] if texts else ""


def _chance(*parts: object) -> float:
    """A number from 0 to 1 that depends on the parts alone: not on the clock, the machine or Python's hash seed."""
    text = "\x1f".join(map(str, parts))
    number = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest()
    return int.from_bytes(number, "big") / 2**56

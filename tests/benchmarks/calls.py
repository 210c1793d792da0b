"""Mass simulation: 10,000 calls on the direct way, without limits, under an account's limits, and with a limiter that keeps them.

The simulated model reads each new prompt once and remembers what it read. So ballots on one prompt show what the way costs,
which is what is promised; the rows below show what a limiter, and reading texts that nobody asked about before, add to it.
"""

import functools

from course_lib.claude import connect, run_simulated
from course_lib.limits import polite
from course_lib.parallel import run_parallel
from course_lib.simulation.api.rate_limits import Limits
from tests.benchmarks.tables import Promise, Table
from tests.benchmarks.turns import best

PER_MINUTE = 6_000
ACCOUNT = Limits(requests_per_minute=1_000_000, input_tokens_per_minute=1_000_000_000, output_tokens_per_minute=1_000_000_000)
STRICT = Limits(requests_per_minute=PER_MINUTE)

WAYS = {
    "one prompt, no limits": (10_000, None, False),
    "one prompt, under limits": (10_000, ACCOUNT, False),
    "one prompt, strict limits and a limiter": (10_000, STRICT, True),
    "ten votes on each prompt, under limits": (10, ACCOUNT, False),
    "each prompt once, under limits": (1, ACCOUNT, False),
}
"""Name → votes per prompt, the account's limits, whether a limiter keeps them."""

PROMISED = ("one prompt, no limits", "one prompt, under limits")


def many_calls(count: int, max_at_once: int, votes: int, limits: Limits | None, keeps_them: bool, start: int = 0) -> tuple:
    """(answers, refusals by 429, simulated seconds) of `count` calls. start: the number of the first prompt."""
    claude = connect(sdk=False, seconds_per_call=3.0, limits=limits, max_retries=0)
    ask = polite(claude.ask, requests_per_minute=PER_MINUTE) if keeps_them else claude.ask
    mails = (f"Lunch at noon? {start + number // votes}" for number in range(count))
    prompts = (f"Is this spam? Yes or no only. <email>{mail}</email>" for mail in mails)
    answers = run_simulated(run_parallel(ask, prompts, max_at_once=max_at_once))
    refused = sum(attempt.status == 429 for call in claude.log for attempt in call.attempts)
    return len(answers), refused, claude.log.makespan


def measure(count: int = 10_000, max_at_once: int = 400, rounds: int = 5) -> Table:
    """Real seconds for `count` simulated calls, and what became of them. No round asks what an earlier one has asked."""
    became: dict[str, tuple] = {}
    starts = iter(range(0, 10**9, count))

    def way(name):
        became[name] = many_calls(count, max_at_once, *WAYS[name], start=next(starts))

    seconds = best({name: functools.partial(way, name) for name in WAYS}, rounds)
    rows = {name: (seconds[name], seconds[name] / count * 1e6, *became[name]) for name in WAYS}
    promises = [Promise(f"seconds for {count:,} calls: {name}", seconds[name], 0.6) for name in PROMISED]
    columns = ("seconds", "µs per call", "answers", "refused", "simulated seconds")
    title = f"{count:,} simulated calls of 3 s on the direct way, at most {max_at_once} at once, best of {rounds} rounds"
    return Table("calls", title, columns, rows, tuple(promises))

"""Everything at once: random faults, policies, limiters, time-outs and a cancellation at a random moment.

Whatever happens, every input has one outcome, nobody is left running, the log is consistent, and a second run is the same.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.claude import connect, run_simulated
from course_lib.limits import Retries, hedged, polite
from course_lib.parallel import OutOfTime, QuorumMissed, run_parallel
from course_lib.simulation.api.faults import KINDS, Faults
from course_lib.simulation.api.rate_limits import Limits

STAND_IN = "a stand-in"
MOMENTS = st.sampled_from([0.0, 0.5, 1.0, 2.9, 3.0, 4.5, 7.0, 20.0, 61.0])


@dataclass(frozen=True)
class Plan:
    """One random run. `cancel_at`: when whoever started it calls it off, in simulated seconds; None: never."""

    questions: tuple[int, ...]
    faults: dict[str, float]
    seed: int
    policy: str
    at_least: int
    max_at_once: int
    requests_per_minute: int | None
    limiter: bool
    hedge: bool
    timeout: float | None
    seconds_per_item: float | None
    seconds: float | None
    cancel_at: float | None
    from_a_generator: bool


PLANS = st.builds(
    Plan,
    questions=st.lists(st.integers(0, 4), max_size=9).map(tuple),  # equal ones are asked several times
    faults=st.dictionaries(st.sampled_from(KINDS), st.sampled_from([0.05, 0.2, 0.3]), max_size=3),
    seed=st.integers(0, 99),
    policy=st.sampled_from(["raise", "collect", "skip", "quorum", "fallback"]),
    at_least=st.integers(1, 4),
    max_at_once=st.integers(1, 6),
    requests_per_minute=st.sampled_from([None, 6, 60, 600]),
    limiter=st.booleans(),
    hedge=st.booleans(),
    timeout=st.sampled_from([None, 2.0, 10.0]),
    seconds_per_item=st.sampled_from([None, 2.0, 5.0, 40.0]),
    seconds=st.sampled_from([None, 2.5, 6.0, 30.0]),
    cancel_at=st.none() | MOMENTS,
    from_a_generator=st.booleans(),
)


@dataclass
class Ending:
    """What a run came to, and what it left behind. outcomes: None where the policy gives values alone."""

    how: str
    values: list | None
    outcomes: list | None
    drawn: int
    tasks_left: int
    log: object

    def history(self) -> list:
        """Everything that must be the same when the run is repeated."""
        calls = [
            (call.prompt, call.status, call.reply, call.queued, call.input_tokens, call.output_tokens,
             [(attempt.started, attempt.ended, attempt.status) for attempt in call.attempts])
            for call in self.log
        ]
        became = [(o.index, o.item, o.status, o.value, type(o.error).__name__) for o in self.outcomes or ()]
        return [self.how, self.values, became, self.drawn, calls]


def carry_out(plan: Plan, sdk: bool) -> Ending:
    claude = connect(
        sdk=sdk, seed=plan.seed, seconds_per_call=3.0, faults=Faults(**plan.faults), timeout=plan.timeout,
        limits=None if plan.requests_per_minute is None else Limits(requests_per_minute=plan.requests_per_minute),
        max_retries=0 if plan.limiter else 2,
    )
    ask = claude.ask
    if plan.limiter:
        retries = Retries(attempts=3, deadline=90)
        ask = polite(ask, requests_per_minute=plan.requests_per_minute, max_at_once=plan.max_at_once, retries=retries)
    if plan.hedge:
        ask = hedged(ask, after=4.0)
    drawn = 0

    def source():
        nonlocal drawn
        for question in plan.questions:
            drawn += 1
            yield f"Is number {question} spam? Answer yes or no."

    policy = {"quorum": {"at_least": plan.at_least}, "fallback": {"fallback": STAND_IN}}.get(plan.policy, {})

    async def run():
        prompts = source() if plan.from_a_generator else list(source())
        return await run_parallel(
            ask, prompts, max_at_once=plan.max_at_once, on_error=plan.policy, seconds_per_item=plan.seconds_per_item,
            seconds=plan.seconds, **policy,
        )

    async def main():
        task = asyncio.ensure_future(run())
        if plan.cancel_at is not None:
            asyncio.get_running_loop().call_later(plan.cancel_at, task.cancel)
        values = outcomes = None
        try:
            values, how = await task, "finished"
            if plan.policy == "collect":
                values, outcomes = None, values
        except asyncio.CancelledError as error:
            how, outcomes = "cancelled", getattr(error, "outcomes", None)
        except Exception as error:
            how, outcomes = type(error).__name__, error.outcomes
        return how, values, outcomes, drawn, len(asyncio.all_tasks()) - 1

    return Ending(*run_simulated(main()), claude.log)


def check_outcomes(plan: Plan, ending: Ending) -> None:
    """One outcome for every input, in their order; of a generator, for every input that was drawn."""
    expected = ending.drawn if plan.from_a_generator else len(plan.questions)
    if ending.values is not None:
        check_values(plan, ending, expected)
        return
    if ending.how == "cancelled" and ending.outcomes is None:  # called off before it began
        assert plan.cancel_at == 0.0 and len(ending.log) == 0
        return
    assert [outcome.index for outcome in ending.outcomes] == list(range(expected))
    for outcome in ending.outcomes:
        assert (outcome.status == "ok") == (outcome.error is None) == (outcome.value is not None)
        assert outcome.status in ("ok", "failed", "cancelled")
    statuses = Counter(outcome.status for outcome in ending.outcomes)
    if plan.policy == "raise" and ending.how not in ("cancelled", OutOfTime.__name__):
        assert statuses["failed"] >= 1, "a failure was raised, so some item has failed"
    if plan.policy == "collect" and ending.how == "finished" and plan.seconds is None:
        assert statuses["cancelled"] == 0, "nobody called anything off"
    if ending.how == QuorumMissed.__name__:
        assert plan.policy == "quorum" and statuses["ok"] < plan.at_least


def check_values(plan: Plan, ending: Ending, expected: int) -> None:
    """The policy's own promise on how many values there are."""
    assert ending.how == "finished"
    assert all(isinstance(value, str) for value in ending.values)
    if plan.policy in ("raise", "fallback"):
        assert len(ending.values) == expected
    if plan.policy == "raise":
        assert expected == len(plan.questions) and STAND_IN not in ending.values
    if plan.policy == "quorum":
        assert len(ending.values) >= plan.at_least
    assert len(ending.values) <= expected


def check_log(plan: Plan, ending: Ending) -> None:
    """Every call has ended, its attempts follow each other, and what was answered is what was billed."""
    for call in ending.log:
        assert call.status in ("ok", "failed", "cancelled"), call
        moments = [call.queued, *(moment for attempt in call.attempts for moment in (attempt.started, attempt.ended))]
        assert None not in moments and moments == sorted(moments), call
        assert (call.status == "ok") == bool(call.reply), call
        assert (call.status == "ok") == (call.output_tokens > 0), call
        if call.status == "ok":
            assert call.attempts[-1].status == 200
    assert ending.log.peak_in_flight <= plan.max_at_once * (2 if plan.hedge and not plan.limiter else 1)
    answered = sum(call.status == "ok" for call in ending.log)
    received = ending.values if ending.outcomes is None else [o.value for o in ending.outcomes if o.status == "ok"]
    assert sum(value != STAND_IN for value in received or ()) <= answered, "no answer comes from nowhere"


def check(plan: Plan, sdk: bool) -> Ending:
    ending = carry_out(plan, sdk)
    assert ending.tasks_left == 0
    check_outcomes(plan, ending)
    check_log(plan, ending)
    assert carry_out(plan, sdk).history() == ending.history()
    return ending


@pytest.mark.filterwarnings("ignore:The seconds=")
@pytest.mark.parametrize("sdk, examples", [(False, 150), (True, 40)])
def test_whatever_happens_nothing_is_lost(sdk, examples):
    """And on the quick way every ending is met: the property would say little if all runs went well."""
    endings = Counter()

    @settings(max_examples=examples)
    @given(PLANS)
    def look(plan):
        ending = check(plan, sdk)
        endings[ending.how] += 1
        endings.update(outcome.status for outcome in ending.outcomes or ())

    look()
    assert sdk or {"finished", "cancelled", "OutOfTime", "QuorumMissed", "ok", "failed"} <= set(endings), endings

"""The budget stops before a request leaves, whatever runs at the same time, and says what to write."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.claude import Budget, BudgetSpent, connect, run_simulated
from course_lib.claude.budget import Amount, most_it_can_cost
from course_lib.data.models import MODELS
from course_lib.errors import BadInput, CourseError
from course_lib.parallel import run_parallel
from course_lib.simulation.api.faults import Faults

QUESTION = "Is this e-mail spam? Answer SPAM or HAM only. <email>Hello number {}, act now and win</email>"
QUESTIONS = [QUESTION.format(number) for number in range(60)]


def ran(claude, questions=QUESTIONS, max_at_once=50, **arguments):
    async def ask(question):
        return await claude.ask(question, **arguments)

    return run_simulated(run_parallel(ask, questions, max_at_once=max_at_once, on_error="collect"))


# --- one budget by itself ------------------------------------------------------------------------


def test_it_says_what_is_spent_and_what_is_left():
    budget = Budget(calls=10, tokens=1000, dollars=0.5)
    assert (budget.spent, budget.left, budget.reserved) == (Amount(0, 0, 0.0), Amount(10, 1000, 0.5), Amount(0, 0, 0.0))
    reservation = budget.reserve_blocking(Amount(1, 300, 0.1))
    assert (budget.spent, budget.reserved) == (Amount(1, 0, 0.0), Amount(0, 300, 0.1))
    reservation.settle(120, 0.04)
    assert (budget.spent, budget.left, budget.reserved) == (Amount(1, 120, 0.04), Amount(9, 880, 0.46), Amount(0, 0, 0.0))
    assert repr(budget) == "<Budget: 1 of 10 calls, 120 of 1,000 tokens, $0.040000 of $0.50 spent>"


def test_unlimited_only_counts():
    budget = Budget.unlimited()
    for _ in range(3):
        budget.reserve_blocking(Amount(1, 10**9, 10.0**6)).keep()
    assert budget.spent == Amount(3, 3 * 10**9, 3 * 10.0**6)
    assert (budget.left, Budget(calls=10).left) == (Amount(None, None, None), Amount(10, None, None))
    assert repr(budget) == "<Budget: no limit; 3 calls, 3,000,000,000 tokens, $3000000.000000 spent>"


@pytest.mark.parametrize(("how", "spent"), [("keep", 300), ("refund", 0), ("withdraw", 0)])
def test_how_a_request_can_end_without_an_answer(how, spent):
    budget = Budget(tokens=1000)
    reservation = budget.reserve_blocking(Amount(1, 300, 0.1))
    getattr(reservation, how)()
    getattr(reservation, how)()  # said twice, it counts once
    assert (budget.spent.tokens, budget.reserved.tokens) == (spent, 0)
    assert budget.spent.calls == (0 if how == "withdraw" else 1)


def test_a_limit_may_be_reached_exactly_but_not_passed():
    budget = Budget(tokens=300)
    budget.reserve_blocking(Amount(1, 300, 0.0)).settle(300, 0.0)
    with pytest.raises(BudgetSpent):
        budget.reserve_blocking(Amount(1, 1, 0.0))


def test_ten_times_ten_cents_are_a_dollar():
    budget = Budget(dollars=1.00)
    for _ in range(10):
        budget.reserve_blocking(Amount(1, 1, 0.1)).settle(1, 0.1)
    with pytest.raises(BudgetSpent):
        budget.reserve_blocking(Amount(1, 1, 0.001))


# --- waiting for what the others give back -------------------------------------------------------


def waiting_tasks(budget, needs, seconds):
    """When each of some tasks may go, or "refused"; each then holds what it reserved for its seconds and uses half."""
    async def one(needed, lasting):
        loop = asyncio.get_running_loop()
        try:
            reservation = await budget.reserve(Amount(1, needed, 0.0))
        except BudgetSpent:
            return "refused"
        left = loop.time()
        await asyncio.sleep(lasting)
        reservation.settle(needed // 2, 0.0)
        return left

    async def main():
        return await asyncio.gather(*(one(needed, lasting) for needed, lasting in zip(needs, seconds, strict=True)))

    return run_simulated(main())


def test_a_request_waits_while_others_may_give_back_enough():
    budget = Budget(tokens=1000)
    assert waiting_tasks(budget, [600, 600, 600, 600], [1, 1, 1, 1]) == [0.0, 1.0, "refused", "refused"]
    assert budget.spent == Amount(2, 600, 0.0)


def test_first_come_first_served_even_if_a_later_one_would_fit():
    assert waiting_tasks(Budget(tokens=1000), [600, 600, 100], [5, 1, 1]) == [0.0, 5.0, 5.0]


def test_what_can_never_fit_is_refused_at_once_and_waits_for_nobody():
    assert waiting_tasks(Budget(tokens=1000), [600, 1001, 300], [5, 1, 1]) == [0.0, "refused", 0.0]


def test_who_is_cancelled_in_line_leaves_nothing_behind():
    budget = Budget(tokens=1000)

    async def main():
        first = await budget.reserve(Amount(1, 900, 0.0))
        waiting = [asyncio.create_task(budget.reserve(Amount(1, 900, 0.0))) for _ in range(3)]
        await asyncio.sleep(1)
        waiting[0].cancel()  # it stands first in line
        await asyncio.sleep(1)
        first.settle(50, 0.0)
        waiting[1].cancel()  # it was let in this very moment
        second = await waiting[2]
        assert [task.cancelled() for task in waiting] == [True, True, False]
        second.settle(20, 0.0)

    run_simulated(main())
    assert (budget.spent, budget.reserved) == (Amount(2, 70, 0.0), Amount(0, 0, 0.0))


def test_nobody_waits_for_a_stream_whose_reader_may_be_the_one_who_asks():
    budget = Budget(tokens=1000)

    async def main():
        stream = await budget.reserve(Amount(1, 600, 0.0), stream=True)
        with pytest.raises(BudgetSpent, match="1,000 tokens left, of which the calls under way may still use 600"):
            await budget.reserve(Amount(1, 600, 0.0))
        stream.settle(100, 0.0)
        (await budget.reserve(Amount(1, 600, 0.0))).refund()

    run_simulated(main())


def test_a_blocking_call_does_not_wait_for_tasks_that_it_blocks():
    budget = Budget(tokens=1000)

    async def main():
        await budget.reserve(Amount(1, 600, 0.0))
        with pytest.raises(BudgetSpent):
            budget.reserve_blocking(Amount(1, 600, 0.0))

    run_simulated(main())


def test_threads_wait_for_threads():
    budget, let_go, order = Budget(tokens=1000), threading.Event(), []

    def one(number):
        reservation = budget.reserve_blocking(Amount(1, 900, 0.0))
        order.append(number)
        assert let_go.wait(60)
        reservation.settle(10, 0.0)

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(one, number) for number in range(3)]
        assert len(order) <= 1
        let_go.set()
        assert [future.result(60) for future in done] == [None] * 3
    assert sorted(order) == [0, 1, 2]
    assert (budget.spent, budget.reserved) == (Amount(3, 30, 0.0), Amount(0, 0, 0.0))


def test_a_task_hears_at_once_what_a_thread_gives_back():
    """The thread comes back while the loop has nothing to do until the task's own call ends, an hour later."""
    budget = Budget(tokens=100)
    in_a_thread = budget.reserve_blocking(Amount(1, 60, 0.0))

    async def main():
        loop = asyncio.get_running_loop()
        own = await budget.reserve(Amount(1, 30, 0.0))
        loop.call_later(3600, own.refund)
        with ThreadPoolExecutor(1) as pool:
            waiting = asyncio.create_task(budget.reserve(Amount(1, 30, 0.0)))
            await asyncio.sleep(0)
            pool.submit(in_a_thread.refund)
            async with asyncio.timeout(1800):
                return await waiting

    assert asyncio.run(main(), debug=True).held


@given(
    needs=st.lists(st.tuples(st.integers(1, 500), st.floats(0, 1), st.integers(0, 5), st.integers(0, 6)), max_size=30),
    limit=st.integers(1, 2000), calls=st.none() | st.integers(1, 20),
)
@settings(max_examples=150, deadline=None)
def test_it_is_never_overspent_and_nobody_is_left_waiting(needs, limit, calls):
    """Tasks that start at random moments, use part of what they reserve, some of them cancelled after a while."""
    budget = Budget(tokens=limit, calls=calls)

    async def one(needed, share, start, lasting):
        await asyncio.sleep(start)
        try:
            reservation = await budget.reserve(Amount(1, needed, 0.0))
        except BudgetSpent:
            spent, now = budget.spent, asyncio.get_running_loop().time()
            # A call that is cancelled before it left gives itself back, a moment after it stood in another's way.
            assert spent.tokens + budget.reserved.tokens + needed > limit or spent.calls == calls or now >= 4
            return
        try:
            assert budget.spent.tokens + budget.reserved.tokens <= limit
            await asyncio.sleep(lasting)
            reservation.settle(int(needed * share), 0.0)
        except asyncio.CancelledError:
            reservation.keep()
            raise

    async def main():
        tasks = [asyncio.create_task(one(*need)) for need in needs]
        await asyncio.sleep(4)
        for task in tasks[::3]:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert outcome is None or isinstance(outcome, asyncio.CancelledError), outcome

    run_simulated(main())
    assert budget.spent.tokens <= limit
    assert calls is None or budget.spent.calls <= calls
    assert budget.reserved == Amount(0, 0, 0.0)
    assert not budget._waiting


# --- the budget of a connection ------------------------------------------------------------------


@pytest.mark.parametrize("sdk", [True, False])
@pytest.mark.parametrize(("limit", "amount"), [({"calls": 7}, 7), ({"tokens": 2500}, 2500), ({"dollars": 0.0006}, 0.0006)])
def test_fifty_at_once_never_overspend_and_what_was_finished_is_kept(sdk, limit, amount):
    claude = connect(seconds_per_call=3.0, sdk=sdk, budget=Budget(**limit))
    outcomes = ran(claude)
    (kind,) = limit
    answered = [outcome for outcome in outcomes if outcome.status == "ok"]
    refused = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert 0 < len(answered) < len(QUESTIONS) == len(answered) + len(refused)
    assert {type(outcome.error).__name__ for outcome in refused} == {"BudgetSpent"}
    assert all(isinstance(outcome.error, BudgetSpent) for outcome in refused)
    assert all(outcome.value in ("SPAM", "HAM") for outcome in answered)
    assert len(claude.log) == len(answered), "what is refused has not left"
    assert getattr(claude.budget.spent, kind) <= amount
    assert claude.budget.reserved == Amount(0, 0, 0.0)
    spent = Amount(len(claude.log), claude.log.input_tokens + claude.log.output_tokens, pytest.approx(claude.log.cost))
    assert claude.budget.spent == spent


def test_the_budget_is_used_to_within_one_call():
    claude = connect(seconds_per_call=3.0, sdk=False, budget=Budget(tokens=3000))
    ran(claude, QUESTIONS * 3)
    refused = most_it_can_cost(
        {"model": claude.model, "max_tokens": 1024, "messages": [{"role": "user", "content": QUESTIONS[0]}]},
        again=False, characters_per_token=4, budget=claude.budget)
    assert claude.budget.left.tokens < refused.tokens < 1024 + 50


@pytest.mark.parametrize("sdk", [True, False])
def test_the_error_says_what_is_spent_left_and_to_write(sdk):
    claude = connect(sdk=sdk, budget=Budget(calls=2))
    *_, last = ran(claude, QUESTIONS[:3], max_at_once=1)
    assert str(last.error) == (
        "The budget is used up: 2 of 2 calls spent. No call is left for the next one, so it was not sent; what was "
        "finished is kept. To go on, write budget=Budget(calls=4) in connect()."
    )
    assert (last.error.budget, last.error.needed.calls) == (claude.budget, 1)


def test_the_error_of_a_budget_in_dollars():
    claude = connect(sdk=False, model="claude-opus-5-5", budget=Budget(dollars=0.025))
    *_, last = ran(claude, QUESTIONS[:60], max_at_once=1)
    message = str(last.error)
    assert "of $0.025 spent" in message
    assert "write budget=Budget(dollars=0.05) in connect(), or ask with a smaller max_tokens." in message
    assert "the next call may need up to $0.020644" in message


@pytest.mark.parametrize("sdk", [True, False])
def test_a_retried_call_counts_once_and_its_error_replies_cost_nothing(sdk):
    faults = Faults(script=lambda prompt, arrival: "overloaded" if arrival == 1 else None)
    claude = connect(sdk=sdk, faults=faults, budget=Budget(calls=3))
    outcomes = ran(claude, QUESTIONS[:5], max_at_once=1)
    assert [outcome.status for outcome in outcomes] == ["ok"] * 3 + ["failed"] * 2
    assert claude.budget.spent.tokens == claude.log.input_tokens + claude.log.output_tokens
    assert [len(call.attempts) for call in claude.log] == [2, 2, 2]


@pytest.mark.parametrize("sdk", [True, False])
def test_a_call_that_was_cancelled_counts_in_full(sdk):
    claude = connect(sdk=sdk, seconds_per_call=60.0, budget=Budget(tokens=10_000))

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(claude.ask(QUESTIONS[0]), 5)

    run_simulated(main())
    assert claude.budget.spent.tokens > 1024 > claude.log.input_tokens == 0
    assert claude.budget.reserved.tokens == 0


@pytest.mark.parametrize("sdk", [True, False])
def test_a_call_that_timed_out_counts_in_full_for_every_attempt(sdk):
    claude = connect(sdk=sdk, faults=Faults(silent=1.0), timeout=20, max_retries=1, budget=Budget(tokens=10_000))
    (outcome,) = ran(claude, QUESTIONS[:1])
    assert type(outcome.error).__name__ == "APITimeoutError"
    assert 2 * 1024 < claude.budget.spent.tokens < 3 * 1024
    assert claude.budget.spent.calls == 1


@pytest.mark.parametrize("sdk", [True, False])
def test_a_refusal_in_the_middle_of_retries_comes_through_as_itself(sdk):
    claude = connect(sdk=sdk, faults=Faults(silent=1.0), timeout=20, max_retries=5, budget=Budget(tokens=3000))
    (outcome,) = ran(claude, QUESTIONS[:1])
    assert isinstance(outcome.error, BudgetSpent)
    assert len(claude.log[0].attempts) == 2


def test_the_sdks_own_clients_are_held_to_it_too():
    claude = connect(seconds_per_call=1.0, budget=Budget(calls=2))
    question = {"model": claude.model, "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    claude.sync_client.messages.create(**question)
    run_simulated(claude.client.with_options(max_retries=5).messages.create(**question))
    with pytest.raises(BudgetSpent):
        claude.sync_client.messages.create(**question)
    with pytest.raises(BudgetSpent):
        run_simulated(claude.client.messages.create(**question))
    with pytest.raises(BudgetSpent):
        claude.ask_blocking("Hello")
    assert len(claude.log) == 2


def test_a_pool_of_threads_is_held_to_it_too():
    claude = connect(seconds_per_call=1.0, budget=Budget(tokens=1500))

    def ask(question):
        try:
            return claude.ask_blocking(question)
        except BudgetSpent:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, QUESTIONS[:24]))
    assert 0 < answers.count("refused") < 24
    assert claude.budget.spent.tokens == claude.log.input_tokens + claude.log.output_tokens <= 1500
    assert claude.budget.spent.calls == len(claude.log) == 24 - answers.count("refused")


def test_two_connections_may_share_one():
    budget = Budget(calls=5)
    first, second = (connect(sdk=sdk, budget=budget) for sdk in (True, False))
    ran(first, QUESTIONS[:3])
    assert [outcome.status for outcome in ran(second, QUESTIONS[:3])].count("ok") == 2
    assert first.budget is second.budget is budget


# --- the most that a request can cost ------------------------------------------------------------


@given(st.text(max_size=300), st.text(max_size=50))
@settings(max_examples=100, deadline=None)
def test_no_simulated_prompt_has_more_tokens_than_were_reserved(prompt, system):
    claude = connect(sdk=False, seconds_per_call=1.0, budget=Budget.unlimited())
    if not prompt.strip():
        return
    reserved = most_it_can_cost(
        {"model": claude.model, "max_tokens": 50, "system": system, "messages": [{"role": "user", "content": prompt}]},
        again=False, characters_per_token=4, budget=claude.budget)
    run_simulated(claude.ask(prompt, system=system, max_tokens=50))
    assert claude.log[0].input_tokens + claude.log[0].output_tokens <= reserved.tokens
    assert claude.log.cost <= reserved.dollars


def test_a_real_tokenizer_makes_no_more_tokens_than_bytes():
    body = {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "🚲" * 100}]}
    most = most_it_can_cost(body, again=False, characters_per_token=1, budget=Budget.unlimited())
    assert 400 + 10 < most.tokens < 400 + 10 + 100


def test_a_long_prompt_is_reserved_at_its_higher_price():
    body = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "a" * 200_000}]}
    most = most_it_can_cost(body, again=False, characters_per_token=1, budget=Budget.unlimited())
    assert most.dollars == pytest.approx(5 * (most.tokens - 1000) * 0.10 / 1e6 + 5 * 1000 * 0.50 / 1e6)


@pytest.mark.parametrize("body", [
    {}, {"model": "claude-haiku-5-5"}, {"model": "claude-haiku-5-5", "max_tokens": "many", "messages": 7},
])
def test_a_malformed_request_is_the_apis_to_refuse(body):
    most = most_it_can_cost(body, again=False, characters_per_token=1, budget=Budget(tokens=10))
    assert most.calls == 1


@pytest.mark.parametrize("sdk", [True, False])
def test_a_refused_request_is_the_apis_to_refuse(sdk):
    claude = connect(sdk=sdk, budget=Budget(dollars=1.0))
    with pytest.raises(Exception, match="max_tokens: Input should be greater"):
        run_simulated(claude.ask("Hello", max_tokens=-5))
    assert claude.budget.spent == Amount(1, 0, 0.0)


# --- bad input: the sentences themselves stand in messages.txt ------------------------------------


@pytest.mark.parametrize("limit", [
    {"calls": 0}, {"calls": True}, {"tokens": -1}, {"tokens": "many"},
    {"dollars": True}, {"dollars": float("nan")}, {"dollars": float("inf")}, {"dollars": "1.00"},
])
def test_limits_that_are_none(limit):
    with pytest.raises(BadInput):
        Budget(**limit)


def test_dollars_can_not_be_counted_without_a_price():
    claude = connect(budget=Budget(dollars=1.0))
    question = {"model": "somebody-elses-model", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    with pytest.raises(CourseError, match=r"has no price for 'somebody-elses-model'.*Budget\(calls=100\)") as caught:
        claude.sync_client.messages.create(**question)
    assert isinstance(caught.value, BadInput)
    assert all(model in str(caught.value) for model in MODELS)

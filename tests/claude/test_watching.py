"""Who is asked before a request leaves, and told how it ended."""

import pytest

from course_lib.claude import Budget, BudgetSpent, CallLog
from course_lib.claude.call_context import next_attempt_of
from course_lib.claude.watching import Watch
from course_lib.errors import CourseError


class Witness:
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def __call__(self, sent):
        self.told.append(("left", sent.path, sent.retry, sent.now))
        return self if sent.asks else None

    def answered(self, status, headers, body, now):
        self.told.append(("answered", status, now))

    def lost(self, error, now, *, left=True):
        self.told.append(("lost", str(error), now))


BODY = {"model": "claude-haiku-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}


def leaving(watch, path="/v1/messages", body=BODY, retry=0):
    return watch.leaving_blocking(path, body, retry, lambda: 2.0)


def test_a_witness_hears_when_a_request_left_and_how_it_ended():
    witness = Witness()
    watch = Watch(None, [witness])
    leaving(watch).answered(200, {}, {}, 3.0)
    leaving(watch, retry=1).lost(OSError("gone"), 4.0)
    leaving(watch, "/v1/messages/count_tokens").answered(200, {}, {}, 5.0)  # it did not want to hear more of this one
    assert witness.told == [
        ("left", "/v1/messages", 0, 2.0), ("answered", 200, 3.0),
        ("left", "/v1/messages", 1, 2.0), ("lost", "gone", 4.0), ("left", "/v1/messages/count_tokens", 0, 2.0),
    ]


@pytest.mark.parametrize(("status", "body", "tokens"), [
    (200, {"usage": {"input_tokens": 7, "output_tokens": 2}}, 9),
    (200, {"usage": {"input_tokens": 7, "cache_read_input_tokens": 30, "output_tokens": 2}}, 39),
    (529, {"error": {}}, 0),
    (200, "<html>", "all that was reserved"),
    (200, {"usage": None}, "all that was reserved"),
])
def test_an_answer_settles_the_budget_and_an_error_costs_nothing(status, body, tokens):
    budget = Budget(tokens=1000)
    under_way = leaving(Watch(budget))
    reserved = budget.reserved.tokens
    assert reserved > 10
    under_way.answered(status, {}, body, 3.0)
    assert budget.spent.tokens == (reserved if tokens == "all that was reserved" else tokens)
    assert (budget.reserved.tokens, budget.spent.calls) == (0, 1)


@pytest.mark.parametrize(("left", "costs"), [(True, True), (False, False)])
def test_a_lost_request_counts_in_full_if_it_may_have_arrived(left, costs):
    budget = Budget(tokens=1000)
    leaving(Watch(budget)).lost(OSError("gone"), 3.0, left=left)
    assert (budget.spent.tokens > 0) is costs


def test_a_further_attempt_is_no_further_call():
    budget = Budget(calls=1)
    watch = Watch(budget)
    leaving(watch).answered(529, {}, {}, 3.0)
    leaving(watch, retry=1).answered(529, {}, {}, 4.0)
    log = CallLog()
    refused = log.begin(prompt="Hello", model="claude-haiku-5-5", now=0.0)
    log.end(refused, now=1.0, status="failed")
    with next_attempt_of(refused):
        leaving(watch).answered(529, {}, {}, 5.0)
    with pytest.raises(BudgetSpent):
        leaving(watch)
    assert budget.spent.calls == 1


def test_counting_tokens_and_looking_at_batches_is_free():
    budget = Budget(calls=1)
    watch = Watch(budget)
    for path, body in (("/v1/messages/count_tokens", BODY), ("/v1/models", {}), ("/v1/messages/batches", {}),
                       ("/v1/messages/batches/b1/results", {})):
        leaving(watch, path, body).answered(200, {}, {}, 3.0)
    assert budget.spent == (0, 0, 0.0)


def test_every_request_of_a_batch_is_a_call_at_half_the_price():
    budget, one = Budget(calls=5), Budget(calls=5)
    leaving(Watch(one)).lost(OSError(), 3.0)
    leaving(Watch(budget), "/v1/messages/batches", {"requests": [{"custom_id": "a", "params": BODY}] * 3}).answered(
        200, {}, {"id": "b1"}, 3.0)
    assert budget.spent.calls == 3
    assert budget.spent.tokens == 3 * one.spent.tokens
    assert budget.spent.dollars == pytest.approx(3 * one.spent.dollars / 2)


def test_a_witness_who_objects_keeps_the_request_from_leaving():
    def objecting(sent):
        raise CourseError("not this one")

    budget = Budget(calls=1)
    with pytest.raises(CourseError, match="not this one"):
        leaving(Watch(budget, [objecting]))
    assert (budget.spent, budget.reserved) == ((0, 0, 0.0), (0, 0, 0.0))

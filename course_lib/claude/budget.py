"""A budget in calls, tokens or dollars that stops hard: before a request leaves, never after.

What a call will cost is only known when it has answered, and by then fifty others are under way. So each
request first reserves the most that it can cost: its prompt, and an answer as long as its `max_tokens`.
The answer then settles the account with what was really used. While what the calls under way hold back
may still return, the next request waits for it; when it can't return enough, the request is refused.
"""

import asyncio
import json
import math
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple

from course_lib.data.models import MODELS, PRICES_AS_OF, cost_of
from course_lib.errors import BadInput, CourseError, check_number, check_whole

THREADS = "threads"
"""Who waits for whom: threads for threads, and the tasks of an event loop for each other."""

NOBODY = "nobody"
"""A stream is read at its reader's pace, so nobody waits for it: its reader may be the next to ask."""


class Amount(NamedTuple):
    """Calls, tokens (input and output) and US dollars. In `Budget.left`, None where nothing limits them."""

    calls: int = 0
    tokens: int = 0
    dollars: float = 0.0


class BudgetSpent(CourseError):
    """The next call could cost more than what is left. It was not sent; what was finished is kept.

    budget: the budget, with what is spent and left. needed: the most that the refused call could cost.
    """

    def __init__(self, message: str, budget: "Budget | None" = None, needed: Amount | None = None):
        super().__init__(message)
        self.budget, self.needed = budget, needed


class Budget:
    """What a connection may use in all: whichever of the limits is reached first stops it.

    A call counts once, however often it is tried again; an error reply costs no tokens; a request that left and
    was never answered (a time-out, a cancelled task) counts in full, because it may have been billed.
    One budget may be given to several connections, which then share it.

    >>> Budget(calls=100, dollars=0.50)
    <Budget: 0 of 100 calls, $0.000000 of $0.50 spent>
    >>> Budget.unlimited()
    <Budget: no limit; 0 calls, 0 tokens, $0.000000 spent>
    """

    def __init__(self, calls: int | None = None, tokens: int | None = None, dollars: float | None = None):
        check_whole(calls, "calls", "is no budget", "calls=100", none="for no limit")
        check_whole(tokens, "tokens", "is no budget", "tokens=100_000", none="for no limit")
        check_number(dollars, "dollars", "is no budget", "dollars=1.00", above=True, kind="US dollars", none="for no limit")
        if calls is tokens is dollars is None:
            raise BadInput(
                "Budget() limits nothing; write Budget(dollars=1.00), Budget(calls=100) or Budget(tokens=50_000), "
                "or Budget.unlimited() if no limit is what you want."
            )
        self._begin(Amount(calls, tokens, dollars))

    @classmethod
    def unlimited(cls) -> "Budget":
        """No limit, said out loud: it only counts."""
        budget = cls.__new__(cls)
        budget._begin(Amount(None, None, None))
        return budget

    def _begin(self, limit: Amount):
        self.limit = limit
        self._spent = Amount()
        self._held: dict[object, _Held] = {}
        self._waiting: deque[Reservation] = deque()
        self._lock = threading.RLock()

    @property
    def spent(self) -> Amount:
        """What was used: answered calls by their real usage, unanswered ones in full."""
        return self._spent

    @property
    def reserved(self) -> Amount:
        """What the requests under way may still cost at most."""
        with self._lock:
            return _added(held.amount for held in self._held.values())

    @property
    def left(self) -> Amount:
        """What may still be spent; None where there is no limit. What is reserved is not taken off."""
        return Amount(*(None if most is None else most - used for most, used in zip(self.limit, self._spent, strict=True)))

    def __repr__(self):
        return f"<Budget: {self.in_words()} spent>"

    def in_words(self) -> str:
        """What is spent of what, the limits only: "3 of 100 calls, $0.001200 of $0.50"."""
        if self.limit == (None, None, None):
            return "no limit; " + ", ".join(_said(kind, used) for kind, used in self._spent._asdict().items())
        return ", ".join(
            _said_of(kind, used, most)
            for (kind, used), most in zip(self._spent._asdict().items(), self.limit, strict=True)
            if most is not None
        )

    # --- reserving: one request, from before it leaves until its answer is there -------------------

    async def reserve(self, needed: Amount, *, stream: bool = False) -> "Reservation":
        """The right to send one request, as soon as it surely fits. Raises: BudgetSpent when it never will."""
        reservation = self._ask_for(needed, asyncio.get_running_loop(), stream)
        if reservation.turn is not None:
            try:
                await asyncio.wrap_future(reservation.turn)
            except BaseException:
                self._leave_the_line(reservation)
                raise
        return reservation

    def reserve_blocking(self, needed: Amount, *, stream: bool = False) -> "Reservation":
        """The same for threads: waits right here."""
        reservation = self._ask_for(needed, THREADS, stream)
        if reservation.turn is not None:
            try:
                reservation.turn.result()
            except BaseException:  # refused, or the reader interrupted the cell
                self._leave_the_line(reservation)
                raise
        return reservation

    def _ask_for(self, needed, waits_for, stream) -> "Reservation":
        """Held already when it may go at once; else it stands in line, first come, first served, until its `turn`."""
        reservation = Reservation(self, needed, NOBODY if stream else waits_for, waits_for)
        with self._lock:
            if self._lacks(needed, waits_for):
                raise self._refusal(needed, waits_for)
            if not self._waiting and not self._lacks(needed):
                self._hold(reservation)
            else:
                reservation.turn = Future()
                reservation.turn.set_running_or_notify_cancel()  # a task that is cancelled leaves the line by itself
                self._waiting.append(reservation)
        return reservation

    def _leave_the_line(self, reservation):
        with self._lock:
            if reservation in self._waiting:
                self._waiting.remove(reservation)
            reservation.withdraw()  # it may have been granted in the very moment in which its task was cancelled
            self._serve()

    def _serve(self):
        """Let in whoever stands first in line as long as they fit; send away whom no settling can help any more."""
        while self._waiting:
            first = self._waiting[0]
            if not self._lacks(first.amount):
                self._hold(first)
                self._waiting.popleft().turn.set_result(None)
            elif self._lacks(first.amount, first.waits_for):
                self._waiting.popleft().turn.set_exception(self._refusal(first.amount, first.waits_for))
            else:
                return

    def _hold(self, reservation):
        """A call counts from the moment it leaves; its tokens and dollars are only held back."""
        self._spent = _added([self._spent, Amount(calls=reservation.amount.calls)])
        held = self._held.setdefault(reservation.home, _Held())
        held.requests += 1
        held.tokens += reservation.amount.tokens
        held.dollars += reservation.amount.dollars
        reservation.held = True

    def _lacks(self, needed: Amount, waits_for: object = None) -> str:
        """Which limit has no room: "calls", "tokens" or "dollars"; "" when it fits. Those `waits_for` may return all."""
        held = [held.amount for home, held in self._held.items() if home is not waits_for]
        would_be = _added([self._spent, needed, *held])
        for kind, amount, most in zip(Amount._fields, would_be, self.limit, strict=True):
            if most is not None and amount > most + 1e-12:
                return kind
        return ""

    def _settle(self, reservation, used: Amount):
        with self._lock:
            if not reservation.held:
                return
            reservation.held = False
            held = self._held[reservation.home]
            held.requests -= 1
            held.tokens -= reservation.amount.tokens
            held.dollars -= reservation.amount.dollars
            if not held.requests:
                del self._held[reservation.home]  # no loop is kept alive, and no rounding error either
            self._spent = _added([self._spent, used])
            self._serve()

    def _refusal(self, needed: Amount, waits_for: object) -> BudgetSpent:
        kind = self._lacks(needed, waits_for)
        left, more, held = (getattr(amount, kind) for amount in (self.left, needed, self.reserved))
        other_way = "" if kind == "calls" else ", or ask with a smaller max_tokens"
        return BudgetSpent(
            f"{_too_little(kind, left)}: {self.in_words()} spent. {_room(kind, left, more, held)}, so it was not sent; what "
            f"was finished is kept. To go on, write budget=Budget({kind}="
            f"{_suggested(kind, getattr(self.limit, kind), more)}) in connect(){other_way}.",
            self, needed,
        )


@dataclass(eq=False, slots=True)
class Reservation:
    """What one request may cost at most, held back until somebody says how it ended.

    home: who may wait for its end. waits_for: whom it may wait for itself; `turn` is over when it has waited.
    """

    budget: Budget
    amount: Amount
    home: object
    waits_for: object
    held: bool = False
    turn: Future | None = None

    def settle(self, tokens: int, dollars: float) -> None:
        """It was answered, and this is what it used."""
        self.budget._settle(self, Amount(tokens=tokens, dollars=dollars))

    def refund(self) -> None:
        """It cost nothing: it was refused, or it never left."""
        self.budget._settle(self, Amount())

    def withdraw(self) -> None:
        """It was not sent after all, and is no call."""
        self.budget._settle(self, Amount(calls=-self.amount.calls))

    def keep(self) -> None:
        """It left, and nobody knows what became of it: all of it may have been billed."""
        self.budget._settle(self, self.amount._replace(calls=0))


@dataclass(slots=True)
class _Held:
    """What the requests of one home hold back together."""

    requests: int = 0
    tokens: int = 0
    dollars: float = 0.0

    @property
    def amount(self) -> Amount:
        return Amount(0, self.tokens, self.dollars)


def most_it_can_cost(
    body: dict, *, again: bool, characters_per_token: int, budget: Budget, batch: bool = False
) -> Amount:
    """The most that a message request can cost. `again`: it is a further attempt of a call that counts already.

    Raises: BadInput for a budget in dollars and a model whose price nobody knows.
    """
    check_price(body.get("model"), budget)
    input_tokens, output_tokens = _most_input_tokens(body, characters_per_token), _most_output_tokens(body)
    dollars = cost_of(str(body.get("model")), input_tokens, output_tokens, batch=batch)
    return Amount(0 if again else 1, input_tokens + output_tokens, dollars)


def most_a_batch_can_cost(body: dict, **counted) -> Amount:
    """The same for a batch of requests, at the price of a batch: each of them is a call."""
    bodies = [request.get("params") or {} for request in body.get("requests") or () if isinstance(request, dict)]
    return _added(most_it_can_cost(one, batch=True, **counted) for one in bodies)


def check_price(model: object, budget: Budget) -> None:
    """Raises: BadInput if `budget` counts dollars and the table has no price for `model`."""
    if budget.limit.dollars is not None and model not in MODELS:
        raise BadInput(
            f"The table of {PRICES_AS_OF} has no price for {model!r}, so a budget in dollars can't be kept; write "
            f"budget=Budget(calls=100) or Budget(tokens=50_000), or choose one of {', '.join(MODELS)}."
        )


def used_by(body: dict, usage: dict) -> tuple[int, float]:
    """Tokens and dollars of an answered request, from the usage that the API reports."""
    input_tokens = sum(usage.get(name) or 0 for name in (
        "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"))
    output_tokens = usage.get("output_tokens") or 0
    return input_tokens + output_tokens, cost_of(str(body.get("model")), input_tokens, output_tokens)


def _most_input_tokens(body: dict, characters_per_token: int) -> int:
    """No tokenizer makes more tokens than bytes; a few more per message are its frame."""
    sent = {name: value for name, value in body.items() if name not in ("model", "max_tokens", "stream", "metadata", "tools")}
    size = len(json.dumps(sent, ensure_ascii=False).encode("utf-8", "surrogatepass")) + len(json.dumps(body.get("tools")))
    messages = body.get("messages")
    return math.ceil(size / characters_per_token) + 5 * (len(messages) if isinstance(messages, list) else 0)


def _most_output_tokens(body: dict) -> int:
    most = body.get("max_tokens")
    return most if isinstance(most, int) and most > 0 else 0  # the API refuses anything else


def _added(amounts: Iterable[Amount]) -> Amount:
    calls = tokens = 0
    dollars = 0.0
    for amount in amounts:
        calls, tokens, dollars = calls + amount.calls, tokens + amount.tokens, dollars + amount.dollars
    return Amount(calls, tokens, dollars)


def _too_little(kind: str, left: float) -> str:
    used_up = left < 0 or _said(kind, left) == _said(kind, 0)
    return "The budget is used up" if used_up else "The budget doesn't cover the next call"


def _room(kind: str, left: float, more: float, held: float) -> str:
    """What is left, and what the next call may need: for its own sake when it is the one call too many."""
    if kind == "calls" and left <= 0:
        return "No call is left for the next one"
    under_way = f", of which the calls under way may still use {_said(kind, held)}" if held else ""
    return f"{_said(kind, max(0, left))} left{under_way}, and the next call may need up to {_said(kind, more)}"


def _said(kind: str, amount: float) -> str:
    if kind == "dollars":
        return f"${amount:.6f}"
    return f"{amount:,} {kind if amount != 1 else kind.removesuffix('s')}"


def _said_of(kind: str, used: float, most: float) -> str:
    return f"${used:.6f} of {_price(most)}" if kind == "dollars" else f"{used:,} of {most:,} {kind}"


def _price(dollars: float) -> str:
    cents, finer = f"{dollars:.6f}"[:-4], f"{dollars:.6f}"[-4:]
    return f"${cents}{finer.rstrip('0')}"


def _suggested(kind: str, most: float, more: float) -> str:
    """Twice the budget, or as much more as the refused call needs."""
    if kind == "dollars":
        return f"{max(2 * most, most + more):.2f}" if most >= 0.01 else f"{max(2 * most, most + more):.6f}"
    return f"{max(2 * most, most + more):_}"

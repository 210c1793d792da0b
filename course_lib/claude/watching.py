"""Who must know of a request before it leaves and how it ended: the budget, and whoever records.

The same for every way to an API: the simulated and the live clients, synchronous or not, and the direct way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from course_lib.claude.budget import Amount, Budget, Reservation, most_a_batch_can_cost, most_it_can_cost, used_by
from course_lib.claude.call_context import call_context
from course_lib.simulation.protocols import RequestWitness


class Sent(NamedTuple):
    """A request at the moment in which it leaves. `retry` counts the SDK's attempts from 0; `now` is in seconds."""

    path: str
    body: dict
    retry: int
    now: float

    @property
    def asks(self) -> bool:
        """Whether it is a call: not a batch, not a count of tokens."""
        return self.path.endswith("/v1/messages")


class Onlooker(Protocol):
    """Who looks at each request as it leaves. None: how this one ends is of no interest. Raises: to keep it from leaving."""

    def __call__(self, sent: Sent) -> RequestWitness | None: ...


class Watch:
    """Whoever must know of each request: the budget before it leaves, the onlookers when it leaves and how it ended.

    characters_per_token: 4 in the simulation, which counts so; 1 for real models: no tokenizer makes more.
    """

    def __init__(self, budget: Budget | None, onlookers: Sequence[Onlooker] = (), characters_per_token: int = 1):
        self._budget, self._onlookers, self._characters = budget, onlookers, characters_per_token

    async def leaving(self, path: str, body: dict, retry: int, clock: Callable[[], float]) -> "UnderWay":
        """The request may leave now. Raises: BudgetSpent if it may not, and what an onlooker raises."""
        needed = self._needed(path, body, retry)
        reservation = None if needed is None else await self._budget.reserve(needed, stream=bool(body.get("stream")))
        return self._under_way(Sent(path, body, retry, clock()), reservation)

    def leaving_blocking(self, path: str, body: dict, retry: int, clock: Callable[[], float]) -> "UnderWay":
        """The same for threads."""
        needed = self._needed(path, body, retry)
        reservation = None if needed is None else self._budget.reserve_blocking(needed, stream=bool(body.get("stream")))
        return self._under_way(Sent(path, body, retry, clock()), reservation)

    def _needed(self, path, body, retry) -> Amount | None:
        """The most that it can cost; None for what is free."""
        if self._budget is None:
            return None
        most = {"/messages": most_it_can_cost, "/batches": most_a_batch_can_cost}.get(path[path.rfind("/"):])
        if most is None or not body:
            return None
        return most(body, again=retry > 0 or call_context().goes_on, characters_per_token=self._characters, budget=self._budget)

    def _under_way(self, sent, reservation):
        try:
            witnesses = [witness for look in self._onlookers if (witness := look(sent)) is not None]
        except BaseException:
            if reservation is not None:
                reservation.withdraw()
            raise
        return UnderWay(sent, reservation, witnesses)


@dataclass(slots=True)
class UnderWay:
    """One request between leaving and its end."""

    sent: Sent
    reservation: Reservation | None
    witnesses: list[RequestWitness]

    def answered(self, status: int, headers: Mapping[str, str], body: object, now: float) -> None:
        """A reply came, `body` its JSON or its text. An error costs nothing; a batch counts in full until its end is known."""
        if self.reservation is not None:
            usage = body.get("usage") if isinstance(body, dict) else None
            if status >= 400:
                self.reservation.refund()
            elif isinstance(usage, dict) and self.sent.asks:
                self.reservation.settle(*used_by(self.sent.body, usage))
            else:
                self.reservation.keep()
        for witness in self.witnesses:
            witness.answered(status, headers, body, now)

    def lost(self, error: BaseException, now: float, *, left: bool = True) -> None:
        """No reply came. `left`: the request may have reached the API all the same, and be billed."""
        if self.reservation is not None:
            (self.reservation.keep if left else self.reservation.refund)()
        for witness in self.witnesses:
            witness.lost(error, now, left=left)

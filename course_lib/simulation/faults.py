"""What goes wrong on purpose: the same faults for the same requests, on every run."""

from collections.abc import Callable
from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.simulation.seeded import uniform

KINDS = ("overloaded", "error", "silent", "slow")


@dataclass(frozen=True)
class Faults:
    """Which requests fail. Rates are shares of all attempts, from 0 to 1.

    overloaded: 529, the API is too busy. error: 500. silent: no reply until the client's
    time-out. slow: ten times the usual seconds.
    script: a function of (prompt, arrival) that names a fault or returns None; it is asked first.
    `arrival` counts, from 1, how often this very request has come in, retries and equal ballots alike.

    >>> Faults(overloaded=0.1).pick("Hello", attempt=1, seed=0) is None
    True
    """

    overloaded: float = 0.0
    error: float = 0.0
    silent: float = 0.0
    slow: float = 0.0
    script: Callable[[str, int], str | None] | None = None

    def __post_init__(self):
        for kind in KINDS:
            rate = getattr(self, kind)
            if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
                raise BadInput(f"{kind}={rate!r} is no rate; write a share between 0 and 1, such as 0.05.")
        if sum(getattr(self, kind) for kind in KINDS) > 1:
            raise BadInput("The rates of all faults add up to more than 1; lower some of them.")

    def pick(self, prompt: str, *, attempt: int, seed: int) -> str | None:
        """The fault of this attempt, or None."""
        scripted = self.script(prompt, attempt) if self.script else None
        if scripted is not None and scripted not in KINDS:
            raise BadInput(f"The script names a fault {scripted!r}; it may return {', '.join(KINDS)} or None.")
        if scripted:
            return scripted
        roll = uniform(seed, "fault", prompt, attempt)
        for kind in KINDS:
            roll -= getattr(self, kind)
            if roll < 0:
                return kind
        return None

"""What a workflow will cost and how long it will take, before it runs."""

import math
from dataclasses import dataclass

from course_lib.data.models import cost_of, find_model
from course_lib.errors import BadInput, check_number
from course_lib.workflow.soundness import problems
from course_lib.workflow.steps import FanOut


@dataclass(frozen=True)
class Estimate:
    """The most that a run can take. A planner or a router may make it less: `fewest_calls`.

    seconds: along the critical path. sequential_seconds: the same calls one after another.
    most_at_once: calls in flight at the same moment. rows: one dict per step, for a table.
    """

    calls: int
    fewest_calls: int
    input_tokens: int
    output_tokens: int
    cost: float
    seconds: float
    sequential_seconds: float
    most_at_once: int
    critical_path: tuple[str, ...]
    generations: tuple[tuple[str, ...], ...]
    rows: tuple[dict, ...]

    @property
    def speed_up(self) -> float:
        """The best possible: all work divided by the critical path; 1.0 when there is no work."""
        return self.sequential_seconds / self.seconds if self.seconds else 1.0

    def __str__(self):
        calls = f"{self.calls} call" + ("" if self.calls == 1 else "s")
        calls = calls if self.fewest_calls == self.calls else f"{self.fewest_calls} to {calls}"
        return (
            f"{calls} in {self.seconds:.1f} s instead of {self.sequential_seconds:.1f} s "
            f"({self.speed_up:.1f} times as fast at best), at most {self.most_at_once} at once; "
            f"${self.cost:.6f}; critical path: {' → '.join(self.critical_path)}"
        )


def estimate(flow, model: str, seconds_per_call: float, input_tokens: int, output_tokens: int) -> Estimate:
    """The estimate of `Workflow.estimate`. Raises: BadInput for a design with problems, or numbers below 0."""
    find_model(model)
    check_number(seconds_per_call, "seconds_per_call", "is no duration", 3.0, kind="seconds")
    check_number(input_tokens, "input_tokens", "is no number of tokens", 300)
    check_number(output_tokens, "output_tokens", "is no number of tokens", 100)
    raise_problems(flow, problems(flow))
    seconds = seconds_of(flow, seconds_per_call)
    prices = {step.name: math.fsum(_price(step, number, model, input_tokens, output_tokens) for number in range(step.calls))
              for step in flow.steps}
    cases = flow.cases
    slowest = max(cases, key=lambda case: (_length(flow, case, seconds), _work(flow, case, seconds)))
    calls = max(_calls(flow, case) for case in cases)
    return Estimate(
        calls=calls,
        fewest_calls=min(_calls(flow, case, fewest=True) for case in cases),
        input_tokens=calls * input_tokens,
        output_tokens=calls * output_tokens,
        cost=max(math.fsum(prices[name] for name in flow.order if name in case) for case in cases),
        seconds=_length(flow, slowest, seconds),
        sequential_seconds=_work(flow, slowest, seconds),
        most_at_once=max(_peak(flow, case, seconds) for case in cases),
        critical_path=tuple(critical_path(flow, seconds, slowest)),
        generations=tuple(map(tuple, flow.generations)),
        rows=tuple(_row(flow, name, seconds, prices) for name in flow.order),
    )


def seconds_of(flow, seconds_per_call: float) -> dict[str, float]:
    """What each step takes: as long as one of its calls, as all of them run at once; a join without a call takes none."""
    return {step.name: (seconds_per_call if step.seconds is None else step.seconds) if step.calls else 0.0
            for step in flow.steps}


def critical_path(flow, seconds: dict[str, float], case=None) -> list[str]:
    """The chain of steps, each waiting for the one before, that takes longest; of equals the one declared first."""
    ends = _ends(flow, flow.waits if case is None else case, seconds)
    last = max(ends.values())
    # Of the steps that end last the result, or else the final one: a join without a call belongs to the path as well.
    path = [max((name for name in ends if ends[name] == last), key=lambda name: (name == flow.result, flow.order.index(name)))]
    while before := [name for name in flow.waits[path[0]] if name in ends]:
        path.insert(0, max(before, key=lambda name: ends[name]))
    return path


def raise_problems(flow, found: list[str]) -> None:
    """Raises: BadInput with all problems, if there are any."""
    if found:
        lines = "\n".join(f"- {problem}" for problem in found)
        raise BadInput(f"The workflow {flow.name!r} can't be used yet:\n{lines}")


def _ends(flow, case, seconds) -> dict[str, float]:
    ends: dict[str, float] = {}
    for name in flow.order:
        if name in case:
            ends[name] = seconds[name] + max((ends[before] for before in flow.waits[name] if before in ends), default=0.0)
    return ends


def _length(flow, case, seconds) -> float:
    return max(_ends(flow, case, seconds).values())


def _calls(flow, case, fewest=False) -> int:
    steps = [flow[name] for name in flow.order if name in case]
    return sum(1 if fewest and isinstance(step, FanOut) else step.calls for step in steps)


def _work(flow, case, seconds) -> float:
    return math.fsum(flow[name].calls * seconds[name] for name in flow.order if name in case)


def _peak(flow, case, seconds) -> int:
    edges = [edge for name, end in _ends(flow, case, seconds).items() if seconds[name]
             for edge in ((end - seconds[name], 1, flow[name].calls), (end, 0, -flow[name].calls))]
    peak = now = 0
    for _, _, step in sorted((round(moment, 9), kind, change) for moment, kind, change in edges):  # ends come before starts
        now += step
        peak = max(peak, now)
    return peak


def _price(step, number, model, input_tokens, output_tokens) -> float:
    return cost_of(step.model_of(number) or model, input_tokens, output_tokens)


def _row(flow, name, seconds, prices) -> dict:
    generation = next(number for number, names in enumerate(flow.generations, start=1) if name in names)
    return {"step": name, "generation": generation, "calls": flow[name].calls, "seconds": seconds[name], "dollars": prices[name]}

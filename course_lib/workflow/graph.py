"""The workflow as a graph: who waits for whom, and what therefore runs side by side."""

import itertools
from collections.abc import Iterable, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from course_lib.data.models import DEFAULT_MODEL
from course_lib.errors import BadInput, check_text, shown
from course_lib.workflow.comparison import differences
from course_lib.workflow.estimate import Estimate, estimate
from course_lib.workflow.mermaid import mermaid
from course_lib.workflow.result import Result
from course_lib.workflow.run import run
from course_lib.workflow.soundness import problems
from course_lib.workflow.steps import Guardrail, Input, Join, Router, Step


class Workflow:
    """A declared workflow: it checks, draws and prices itself before it runs, on any `ask`.

    on_failure: the policy of every step that has none of its own.
    result: the name of the step whose answer is the workflow's; left out, the last one.

    >>> flow = Workflow("two looks", Input("text"), Step("style", reads="text"), Step("facts", reads="text"),
    ...                 Join("report", reads=["style", "facts"], strategy="concatenate"), on_failure="skip")
    >>> flow.check(), flow.generations
    ([], [['style', 'facts'], ['report']])
    >>> print(flow.estimate(seconds_per_call=3.0))
    2 calls in 3.0 s instead of 6.0 s (2.0 times as fast at best), at most 2 at once; $0.000160; critical path: style → report
    """

    def __init__(self, name: str, *steps: Input | Step, on_failure: str | None = None, result: str | None = None):
        check_text(name, "name", "names no workflow", "'moderation' in Workflow('moderation', …)")
        for step in steps:
            if not isinstance(step, (Input, Step)):
                kinds = "Input, Step, Vote, FanOut, Join, Router or Guardrail"
                raise BadInput(f"{shown(step)} is no part of a workflow; write {kinds}.")
        self.name, self.on_failure = name, on_failure
        self.parts = steps
        self.inputs = tuple(part.name for part in steps if isinstance(part, Input))
        self.steps = tuple(part for part in steps if isinstance(part, Step))
        if not self.steps:
            raise BadInput(f"The workflow {name!r} has no steps; write at least one Step('name', 'prompt').")
        self.result = self.steps[-1].name if result is None else result

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise BadInput(f"{self.name!r} has no step {name!r}; it has {', '.join(step.name for step in self.steps)}.")

    def __repr__(self):
        calls = sum(step.calls for step in self.steps)
        return f"<Workflow {self.name!r}: {len(self.steps)} steps, at most {calls} calls>"

    # --- who waits for whom ------------------------------------------------------------------

    @cached_property
    def router_of(self) -> dict[str, str]:
        """Every step that stands on a route → the router that chooses it."""
        return {name: step.name for step in self.steps if isinstance(step, Router) for name in step.routes.values()}

    @cached_property
    def guards_of(self) -> dict[str, tuple[str, ...]]:
        """Every step → its guardrails."""
        return {
            step.name: tuple(guard.name for guard in self.steps if isinstance(guard, Guardrail) and guard.guards == step.name)
            for step in self.steps
        }

    @cached_property
    def waits(self) -> dict[str, tuple[str, ...]]:
        """Every step → the steps that must be through before it starts: those it reads, their guardrails, its router."""
        waits = {}
        for step in self.steps:
            needed = [name for name in step.inputs if name in self.guards_of]
            needed += [guard for name in needed for guard in self.guards_of[name] if guard != step.name]
            needed += [self.router_of[step.name]] if step.name in self.router_of else []
            waits.setdefault(step.name, tuple(dict.fromkeys(needed)))
        return waits

    @property
    def circle(self) -> list[str]:
        """Steps that wait for each other in a circle, the first one again at the end; [] when there is none."""
        return _circle(self.waits)

    @property
    def guards_in_a_circle(self) -> list[str]:
        """The same of guardrails that hold each other's answers back, so that none of them is ever through."""
        guards = [step.name for step in self.steps if isinstance(step, Guardrail)]
        return _circle({name: [guard for guard in self.guards_of[name] if guard != name] for name in guards})

    @cached_property
    def generations(self) -> list[list[str]]:
        """Steps that can start together, wave by wave. Raises: BadInput when steps wait in a circle."""
        if self.circle:
            raise BadInput(f"{' → '.join(self.circle)}: these steps wait for each other; take one arrow out.")
        depth: dict[str, int] = {}
        for name in TopologicalSorter(self.waits).static_order():
            depth[name] = 1 + max((depth[before] for before in self.waits[name]), default=-1)
        return [[name for name in self.waits if depth[name] == number] for number in range(max(depth.values()) + 1)]

    @property
    def order(self) -> list[str]:
        """The steps so that each comes after those it waits for."""
        return [name for generation in self.generations for name in generation]

    @cached_property
    def cases(self) -> list[frozenset[str]]:
        """Which steps run, for every way in which the routers may decide; one case when there is no router."""
        routers = {step.name: list(dict.fromkeys(step.routes.values())) for step in self.steps if isinstance(step, Router)}
        return [self._case(dict(zip(routers, picks, strict=True))) for picks in itertools.product(*routers.values())]

    def _case(self, picks: dict[str, str]) -> frozenset[str]:
        running: set[str] = set()
        for name in self.order:
            step, read = self[name], [before for before in self[name].inputs if before in self.waits]
            there = any if isinstance(step, Join) and read else all
            router = self.router_of.get(name)
            if there(before in running for before in read) and (
                router is None or (router in running and picks[router] == name)
            ):
                running.add(name)
        return frozenset(running)

    def before(self, name: str) -> set[str]:
        """Every step that must be through before this one starts, however indirectly."""
        found, todo = set(), list(self.waits[name])
        while todo:
            step = todo.pop()
            if step not in found:
                found.add(step)
                todo += self.waits[step]
        return found

    def beside(self, name: str) -> list[str]:
        """The other steps that make calls and may run at the same time as this one."""
        return [
            other.name for other in self.steps
            if other.calls and other.name != name and name not in self.before(other.name)
            and other.name not in self.before(name) and any({name, other.name} <= case for case in self.cases)
        ]

    def policy_of(self, name: str) -> str | None:
        """What happens when this step fails: its own policy, or else the workflow's."""
        return self[name].on_failure or self.on_failure

    # --- what it can do ----------------------------------------------------------------------

    def check(self) -> list[str]:
        """Everything that is wrong with the design, a sentence each; [] when nothing is."""
        return problems(self)

    def mermaid(self) -> str:
        """The diagram as Mermaid text, for a Markdown cell, with a title and a description for screen readers."""
        return mermaid(self)

    def estimate(self, *, model: str = DEFAULT_MODEL, seconds_per_call: float = 3.0, input_tokens: int = 300,
                 output_tokens: int = 100) -> Estimate:
        """Calls, tokens, dollars and seconds before anything runs. Tokens and seconds: per call, assumed."""
        return estimate(self, model, seconds_per_call, input_tokens, output_tokens)

    async def run(self, ask, /, **inputs) -> Result:
        """Run it on any `await ask(prompt)`. Raises: BadInput for a design with problems."""
        return await run(self, ask, inputs)

    def differences(self, other: "Workflow") -> list[str]:
        """How this graph differs from another by structure, a sentence each; names and wording don't count."""
        return differences(self, other)


def _circle(needed: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        return error.args[1]
    return []

"""Running a workflow: each step starts as soon as what it waits for is there. No failure is dropped, none lets anything pass."""

import asyncio
from contextlib import suppress

from course_lib.aggregation import Part
from course_lib.claude import CallLog, labelled
from course_lib.claude.call_context import calls_inside
from course_lib.errors import BadInput, CourseError, check_callable
from course_lib.workflow.estimate import raise_problems
from course_lib.workflow.named_strategies import OK
from course_lib.workflow.result import Result, StepRun
from course_lib.workflow.soundness import problems_to_run
from course_lib.workflow.steps import Guardrail, Join
from course_lib.workflow.work import work


async def run(flow, ask, inputs: dict) -> Result:
    """What `Workflow.run` gives.

    When a step fails whose policy is "raise", the others are cancelled and awaited and its error is raised;
    `error.steps` then holds what was finished.
    """
    raise_problems(flow, problems_to_run(flow))
    _check(flow, ask, inputs)
    running = _Run(flow, ask, inputs)
    with calls_inside() as calls:
        failure = await running.all_steps()
    if failure is not None:  # raised out here, so that it doesn't carry the group it came in
        with suppress(Exception):  # an error that takes no attributes
            failure.steps = {step.name: running.done[step.name] for step in flow.steps if step.name in running.done}
        raise failure
    steps = {step.name: running.done[step.name] for step in flow.steps}
    return Result(steps[flow.result].answer, steps, CallLog(calls), flow.result)


_SAYABLE = (str, int, float, list, tuple, dict, Part)


class _Run:
    """One run under way: a task per step, and what is done so far."""

    def __init__(self, flow, ask, inputs):
        self.flow, self.ask, self.inputs = flow, ask, inputs
        self.done: dict[str, StepRun] = {}
        self.through = {step.name: asyncio.Event() for step in flow.steps}
        self.at_work: dict[str, asyncio.Task] = {}
        self.called_off: set[str] = set()

    async def all_steps(self) -> Exception | None:
        """The failure that ended the run early; None when it went to its end."""
        try:
            async with asyncio.TaskGroup() as steps:
                for step in self.flow.steps:
                    steps.create_task(self._step(step))
        except BaseExceptionGroup as failures:
            first, *others = failures.exceptions
            for other in others:
                with suppress(Exception):  # an error that takes no notes
                    first.add_note(f"At the same moment another step failed, too: {other!r}.")
            return first
        return None

    async def _step(self, step):
        await self._all_through(self.flow.waits[step.name])
        now = asyncio.get_running_loop().time
        state = StepRun(step.name, started=now())
        state.status, state.error = self._blocked(step)
        if state.status == "ok":
            await self._try(step, state)
        state.ended = now()
        self._settle(step, state)
        await self._pass_guards(step, state)
        self.done[step.name] = state
        self.through[step.name].set()

    async def _all_through(self, names):
        for name in names:
            await self.through[name].wait()

    def _blocked(self, step) -> tuple[str, Exception | None]:
        """("ok", None) when the step can run, or else its status and the reason."""
        router = self.flow.router_of.get(step.name)
        if router is not None:
            decision = self.done[router]
            if decision.answer is None and decision.status != "not chosen":
                return "not run", CourseError(f"{router!r} chose no route")
            if self.flow[router].routes.get(decision.answer) != step.name:
                return "not chosen", None
        read = self._read(step)
        unchosen = [one for one in read if one.status == "not chosen"]
        without = [one for one in read if one.answer is None and one not in unchosen]
        if isinstance(step, Join):  # it makes do with some of its parts; "flag if any" counts the missing ones, too
            some = len(unchosen) + len(without) < len(read)
            without = [] if some or step.strategy == "flag if any" else without
            unchosen = [] if some or without else unchosen
        if unchosen:
            return "not chosen", None
        if without:
            status = "withheld" if any(one.status == "withheld" for one in without) else "not run"
            return status, CourseError(f"{without[0].name!r} has no answer")
        return "ok", None

    def _read(self, step) -> list[StepRun]:
        return [self.done[name] for name in step.inputs if name in self.done]

    async def _try(self, step, state):
        """The step's work. Only a cancellation that is not meant for this run, or for this step, becomes a failure."""
        read = [one for one in self._read(step) if one.status != "not chosen"]
        values = {name: self.inputs[name] for name in step.inputs if name in self.inputs}
        values |= {one.name: one.answer for one in read}
        task = self.at_work[step.name] = asyncio.current_task()
        try:
            with labelled(step.name):
                await work(step, state, self.ask, values, read, self.flow.policy_of(step.name))
        except asyncio.CancelledError:
            if step.name in self.called_off and task.uncancel() == 0:
                return
            if task.cancelling():
                raise
            state.status, state.error = "failed", CourseError("its call was cancelled, but not by this run")
        except Exception as error:
            state.status, state.error = "failed", error
        finally:
            del self.at_work[step.name]

    def _settle(self, step, state):
        """What the policy makes of a failure; without any policy, it is raised. What can't run, because another step
        failed, raises nothing: that step's policy has been obeyed already."""
        before = [self.done[name] for name in self.flow.waits[step.name]]
        flagged = state.verdict is not None and isinstance(step, Join) and state.answer is not None
        if state.status != "not chosen" and not flagged:  # a flag stands, whoever could not look
            state.review = state.review or any(one.review for one in before)
        if state.status not in ("failed", "not run"):
            return
        policy = self.flow.policy_of(step.name)
        if policy in (None, "raise") and state.status == "failed":
            raise state.error
        if policy == "human review":
            state.review = True
        elif policy not in (None, "raise", "skip"):
            state.answer = policy

    async def _pass_guards(self, step, state):
        """Hold the answer back until each of the step's guardrails says "ok". A guardrail that does not calls its step off."""
        guards = self.flow.guards_of[step.name]
        await self._all_through(guards)
        against = [self.done[name] for name in guards if not _is_ok(self.done[name])]
        if against and state.status != "not chosen":
            said = f"said {against[0].answer!r}" if against[0].status == "ok" else "has no answer of its own"
            state.status, state.answer, state.verdict = "withheld", None, None
            state.error = CourseError(f"{against[0].name!r} {said}")
            state.review = state.review or any(guard.review for guard in against)
        if isinstance(step, Guardrail) and not _is_ok(state) and step.guards in self.at_work:
            self.called_off.add(step.guards)
            self.at_work[step.guards].cancel()


def _is_ok(guard: StepRun) -> bool:
    return guard.status == "ok" and guard.answer == OK


def _check(flow, ask, inputs):
    check_callable(ask, "ask", "claude.ask")
    wrong = [f"has no {name!r}" for name in flow.inputs if name not in inputs]
    wrong += [f"got {name!r}, which is no input" for name in inputs if name not in flow.inputs]
    if wrong:
        example = ", ".join(["claude.ask", *(f"{name}=…" for name in flow.inputs)])
        raise BadInput(f"The run {' and '.join(wrong)}; write `await flow.run({example})`.")
    for name, value in inputs.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            raise BadInput(f"The input {name!r} is {value!r}; there is nothing to work on.")
        for entry in value if isinstance(value, (list, tuple)) else [value]:
            if not isinstance(entry, _SAYABLE):  # its repr would go into the prompt, with the true labels in it
                kind = type(entry).__name__
                raise BadInput(f"The input {name!r} holds a {kind}; write what the prompt shall say of it, such as its text.")

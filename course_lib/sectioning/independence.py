"""Dependence: what each task needs and what it gives, checked before anything runs.

    draft   = Task("draft", needs=("report",), gives=("text",))
    shorten = Task("shorten", needs=("text",), gives=("summary",))

    check_independent([draft, shorten])   # DependentTasks: 'shorten' needs 'text', which 'draft' gives
    generations([draft, shorten])         # [[draft], [shorten]]: what can run at once, one group after another
"""

import difflib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, NamedTuple

from course_lib.aggregation import Part
from course_lib.claude import labelled
from course_lib.errors import BadInput, check_callable, check_text, shown
from course_lib.parallel import run_parallel


@dataclass(frozen=True)
class Task:
    """A section with its inputs and outputs by name. It can be fanned out like a Section: it has a title and a text."""

    name: str
    needs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    text: str = ""

    def __post_init__(self):
        check_text(self.name, "name", "names no task", "'shorten'")
        for what in ("needs", "gives"):
            object.__setattr__(self, what, _names(self.name, what, getattr(self, what)))

    @property
    def title(self) -> str:
        """Its name, as for a Section."""
        return self.name


class Flow(NamedTuple):
    """What ties two tasks together: `thing` goes from `giver` to `taker`, or both write it (`both_give`)."""

    thing: str
    giver: str
    taker: str
    both_give: bool = False

    def __str__(self):
        if self.both_give:
            return f"{self.giver!r} and {self.taker!r} both give {self.thing!r}, so whichever ends last would overwrite the other"
        if self.giver == self.taker:
            return f"{self.taker!r} needs {self.thing!r}, which it gives itself"
        return f"{self.taker!r} needs {self.thing!r}, which {self.giver!r} gives"


class DependentTasks(BadInput):
    """Tasks that must not run at once. `flows` holds every pair with what flows between them."""

    def __init__(self, flows: list[Flow], advice: str):
        self.flows = flows
        super().__init__(f"{'; '.join(map(str, flows))}. {advice}")


def flows_between(tasks: Iterable[Task]) -> list[Flow]:
    """Everything that ties one of these tasks to another, in the order of the tasks; [] when all are independent.

    >>> [str(flow) for flow in flows_between([Task("draft", gives=("text",)), Task("shorten", needs=("text",))])]
    ["'shorten' needs 'text', which 'draft' gives"]
    """
    tasks = _checked(tasks)
    needed = [
        Flow(thing, giver.name, taker.name)
        for giver in tasks for taker in tasks for thing in giver.gives if thing in taker.needs
    ]
    return needed + _written_twice(tasks)


def check_independent(tasks: Iterable[Task]) -> None:
    """Nothing, when these tasks may all run at once.

    Raises: DependentTasks, which names the pairs and what flows between them: one needs what another gives, or two give
    the same. A task may use and replace a thing that nobody else touches.
    """
    flows = [flow for flow in flows_between(tasks) if flow.giver != flow.taker]
    if flows:
        raise DependentTasks(
            flows, "Run them one after another, or all of them with run_in_generations; give each output a name of its own."
        )


def generations(tasks: Iterable[Task]) -> list[list[Task]]:
    """The tasks in groups that can run at once: each needs only what earlier groups give, or what was there before.

    Every task stands in the first group that it can; inside a group, tasks keep their order.

    Raises: DependentTasks for a cycle, which it spells out, or when two tasks give the same thing.
    """
    tasks = _checked(tasks)
    twice = _written_twice(tasks)
    if twice:
        raise DependentTasks(twice, "Give each output a name of its own.")
    givers = {thing: task.name for task in tasks for thing in task.gives}
    sorter = TopologicalSorter({task.name: [givers[thing] for thing in task.needs if thing in givers] for task in tasks})
    try:
        sorter.prepare()
    except CycleError as error:
        raise DependentTasks(_around(error.args[1], tasks), _circle(error.args[1])) from None
    groups = []
    while sorter.is_active():
        ready = sorter.get_ready()
        groups.append([task for task in tasks if task.name in ready])
        sorter.done(*ready)
    return groups


async def run_in_generations(
    ask: Callable[[str], Awaitable[Any]],
    tasks: Iterable[Task],
    write_prompt: Callable[[Task, Mapping[str, Any]], str],
    *,
    given: Mapping[str, Any] | None = None,
    max_at_once: int = 10,
) -> list[Part]:
    """One answer per task, in the order of the tasks; independent tasks run at once, the others wait for what they need.

    write_prompt(task, inputs): `inputs` holds what the task says it needs, and nothing else.
    given: what is there before anything runs. A task's answer then stands under each name that it gives.

    Raises: BadInput before the first call when something that is needed is neither given nor made.
    """
    tasks = _checked(tasks)
    check_callable(ask, "ask", "claude.ask")
    check_callable(write_prompt, "write_prompt", "lambda task, inputs: f'Shorten this: {inputs[\"draft\"]}'")
    groups, have = generations(tasks), dict(given or {})
    _check_all_there(tasks, have)
    parts: dict[str, Part] = {}

    async def do(task: Task) -> None:
        inputs = _Declared(task.name, {thing: have[thing] for thing in task.needs})
        with labelled(task.name):
            parts[task.name] = Part(task.name, await ask(write_prompt(task, inputs)))

    for group in groups:
        await run_parallel(do, group, max_at_once=max_at_once)
        have.update({thing: parts[task.name].answer for task in group for thing in task.gives})
    return [parts[task.name] for task in tasks]


class _Declared(dict):
    """A task's inputs: what it did not declare is not there, so nothing can flow past the check."""

    def __init__(self, task: str, things: Mapping[str, Any]):
        super().__init__(things)
        self._task = task

    def __missing__(self, thing):
        raise BadInput(f"{self._task!r} uses {thing!r} without saying so; write Task({self._task!r}, needs=({thing!r}, …)).")


def _names(task: str, what: str, names: Any) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) else tuple(names) if isinstance(names, (list, tuple)) else (names,)
    if not all(isinstance(name, str) and name for name in names):
        raise BadInput(f"Task {task!r} has {what}={names!r}; write names, such as {what}=('draft',).")
    return tuple(dict.fromkeys(names))


def _checked(tasks: Iterable[Task]) -> list[Task]:
    tasks = list(tasks)
    for task in tasks:
        if not isinstance(task, Task):
            example = "Task('draft', needs=('report',), gives=('text',))"
            raise BadInput(f"{shown(task)} declares no inputs and outputs; write {example}.")
    names = [task.name for task in tasks]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"Two tasks are called {name!r}; give each a name of its own.")
    return tasks


def _written_twice(tasks: list[Task]) -> list[Flow]:
    return [
        Flow(thing, one.name, other.name, both_give=True)
        for number, one in enumerate(tasks) for other in tasks[number + 1 :] for thing in one.gives if thing in other.gives
    ]


def _around(circle: list[str], tasks: list[Task]) -> list[Flow]:
    """The flows along a circle of names; its first name stands at its end again."""
    steps = set(pairwise(circle))
    return [flow for flow in flows_between(tasks) if (flow.giver, flow.taker) in steps]


def _circle(circle: list[str]) -> str:
    return f"That is a circle, {' → '.join(circle)}: none of them can start. Take away a need, or make two tasks of one."


def _check_all_there(tasks: list[Task], have: Mapping[str, Any]) -> None:
    made = [*have, *(thing for task in tasks for thing in task.gives)]
    for task in tasks:
        for thing in task.needs:
            if thing not in made:
                near = difflib.get_close_matches(thing, made, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"write given={{{thing!r}: …}}."
                raise BadInput(f"{task.name!r} needs {thing!r}, which no task gives and which was not given; {hint}")

"""What is wrong with a workflow's design, found before the first call: every problem is one sentence."""

import difflib

from course_lib.errors import BadInput
from course_lib.workflow.named_strategies import FLAG, OK, join_function, vote_function
from course_lib.workflow.steps import POLICIES, FanOut, Guardrail, Join, Router, Vote


def problems(flow) -> list[str]:
    """Every problem of the design, in the order of its steps; [] when there is none."""
    found = [*_names(flow), *_circle(flow)]
    for step in flow.steps:
        found += [*_reading(flow, step), *_kind(flow, step), *_policy(flow, step)]
    if not found:  # these need a graph that hangs together
        found += [*_groups(flow), *_unused(flow)]
    return list(dict.fromkeys(found))


def problems_to_run(flow) -> list[str]:
    """The problems of the design, and those that only matter when it really runs."""
    silent = [step.name for step in flow.steps if step.calls and not step.prompt]
    return problems(flow) + [f"{name!r} has no prompt; it can be drawn and priced, but not run." for name in silent]


def _names(flow):
    seen = set()
    for part in flow.parts:
        if part.name in seen:
            yield f"Two parts are called {part.name!r}, so nobody knows whose answer is read; rename one."
        seen.add(part.name)
    if flow.result not in flow.waits:
        yield f"The result is to be {flow.result!r}, which no step gives{_near(flow.result, flow.waits)}."


def _circle(flow):
    if flow.circle:
        yield f"{' → '.join(map(repr, flow.circle))}: these steps wait for each other, so none can start; take one arrow out."
    if flow.guards_in_a_circle:
        guards = " → ".join(map(repr, flow.guards_in_a_circle))
        yield f"{guards}: these guardrails wait for each other's word, so none gives its own; let one of them guard another step."


def _reading(flow, step):
    known = {part.name for part in flow.parts}
    for name in step.inputs:
        if name not in known:
            yield f"{step.name!r} reads {name!r}, which no step gives{_near(name, known)}; or declare it as Input({name!r})."
    if not step.inputs:
        yield f"{step.name!r} reads nothing; put {{post}} (or the like) into its prompt, or write reads='post'."
    if step.unmentioned and not isinstance(step, (Join, FanOut)):
        missing = ", ".join(f"{{{name}}}" for name in step.unmentioned)
        yield f"{step.name!r} says that it reads {', '.join(map(repr, step.unmentioned))}, but its prompt has no {missing}."


def _kind(flow, step):
    if isinstance(step, (Vote, Join)):
        yield from _strategy(flow, step)
    if isinstance(step, FanOut):
        if not step.over:
            yield f"{step.name!r} fans out over nothing; write over='plan', the name of the list."
        if step.at_most is None:
            yield f"{step.name!r} starts as many workers as the list is long; set a limit, such as at_most=5."
    if isinstance(step, Router):
        if not step.routes:
            yield f"{step.name!r} has no routes; write routes={{'an answer': 'a step', …}}."
        yield from _targets(flow, step, step.routes.values(), "sends work to")
        for name in step.routes.values():
            if flow.router_of[name] != step.name:
                yield f"{name!r} stands on the routes of {step.name!r} and of {flow.router_of[name]!r}; give it one router."
        if step.routes and set(step.answers.values()) != set(step.routes):
            yield f"{step.name!r} has a route for {_list(step.routes)} but answers {_list(set(step.answers.values()))}."
    if isinstance(step, Guardrail):
        yield from _targets(flow, step, [step.guards], "guards")
        if not flow.circle and step.guards in flow.waits and step.guards in flow.before(step.name):
            yield f"{step.name!r} waits for {step.guards!r}, so it can't guard it from beside; let it read what that step reads."
        if OK not in (step.answers or {}).values():
            yield f"{step.name!r} lets an answer out only when it says 'ok'; write answers=('flag', 'ok')."


def _targets(flow, step, names, does):
    for name in dict.fromkeys(names):
        if name not in flow.waits:
            yield f"{step.name!r} {does} {name!r}, which is no step{_near(name, flow.waits)}."
        elif name == step.name:
            yield f"{step.name!r} {does} itself; name another step."


def _strategy(flow, step):
    noun = "decides" if isinstance(step, Vote) else "joins"
    if step.strategy is None:
        example = "majority" if isinstance(step, Vote) else "concatenate"
        yield f"{step.name!r} {noun} without a strategy; write strategy='{example}', for example."
        return
    try:
        (vote_function if isinstance(step, Vote) else join_function)(step.strategy)
    except BadInput as error:
        yield f"{step.name!r}: {error}"
    if isinstance(step, Join) and bool(step.prompt) and step.strategy != "synthesis":
        yield f"{step.name!r} has a prompt, but only a join by 'synthesis' makes a call; leave the prompt out."
    if isinstance(step, Join) and step.strategy == "flag if any":
        for name in step.inputs:
            yield from _can_flag(flow, step, name)


def _can_flag(flow, join, name):
    if name not in flow.waits:
        return
    meant = set((flow[name].answers or {}).values())
    if meant != {FLAG, OK}:
        yield f"{join.name!r} flags if any check does, but {name!r} does not answer 'flag' or 'ok'; write answers=('flag', 'ok')."
    if flow.policy_of(name) in ("skip", OK):
        yield (f"When {name!r} fails, on_failure={flow.policy_of(name)!r} lets a post through that nobody checked; "
               f"write 'flag', 'human review' or 'raise'.")


def _policy(flow, step):
    policy, answers = flow.policy_of(step.name), set((step.answers or {}).values())
    if policy is None or policy in POLICIES or policy in answers:
        if isinstance(step, Guardrail) and policy in ("skip", OK):
            yield f"When {step.name!r} fails, on_failure={policy!r} would let the answer out; write 'human review' or 'raise'."
        return
    if step.on_failure is None and not step.calls:
        return  # the workflow's policy is none of a plain join's business
    yield f"{step.name!r} has on_failure={policy!r}; write {', '.join(map(repr, POLICIES))} or one of its answers."


def _groups(flow):
    bare = [step.name for step in flow.steps
            if step.calls and flow.policy_of(step.name) is None and (isinstance(step, (Vote, FanOut)) or flow.beside(step.name))]
    if bare:
        runs = "runs" if len(bare) == 1 else "run"
        yield (f"{', '.join(map(repr, bare))} {runs} in parallel without a failure policy; decide now what a failed call means: "
               f"on_failure='raise', 'skip', 'human review' or one of the answers, here or once for the workflow.")


def _unused(flow):
    read = {name for step in flow.steps for name in step.inputs}
    for name in flow.inputs:
        if name not in read:
            yield f"No step reads the input {name!r}; leave it out, or put {{{name}}} into a prompt."
    for step in flow.steps:
        if step.name not in read and step.name != flow.result and not isinstance(step, (Router, Guardrail)):
            yield f"Nobody reads {step.name!r}, and it is not the result; leave it out, or read it."


def _near(name, known) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?".removesuffix("?") if near else ""


def _list(names) -> str:
    return ", ".join(map(repr, sorted(names)))

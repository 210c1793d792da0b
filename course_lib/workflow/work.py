"""What each kind of step does when its turn comes: one call, a vote, workers, a join."""

import inspect
import json
import re

from course_lib.aggregation import MissingPart, Part
from course_lib.errors import shown
from course_lib.parallel import run_parallel
from course_lib.workflow.named_strategies import flag_if_any, join_function, vote_function
from course_lib.workflow.result import NoDecision, StepRun, UnreadableAnswer
from course_lib.workflow.steps import FanOut, Join, Router, Vote


async def work(step, state: StepRun, ask, values: dict, read: list[StepRun], policy: str | None) -> None:
    """Do the step's work and write what came of it into `state`. Raises: whatever its calls raise, UnreadableAnswer, NoDecision.

    values: what it reads, by name. read: the steps among them, with their failures. policy: the step's.
    """
    if isinstance(step, Vote):
        await _vote(step, state, ask, values)
    elif isinstance(step, FanOut):
        await _fan_out(step, state, ask, values, policy)
    elif isinstance(step, Join):
        await _join(step, state, ask, values, read)
    else:
        answer = await _call(step, ask, values)
        if isinstance(step, Router) and answer not in step.routes:
            raise UnreadableAnswer(f"there is no route for {answer!r}")
        state.answer = answer


async def _call(step, ask, values, number=0) -> str:
    model = step.model_of(number)
    texts = {name: _as_text(value) for name, value in values.items()}
    reply = await ask(step.prompt_of(number, texts), **({"model": model} if model else {}))
    meant = step.read(reply) if isinstance(reply, str) else None
    if meant is None:
        wanted = f"; the answers are {', '.join(map(repr, step.answers))}" if step.answers else ""
        raise UnreadableAnswer(f"the reply {shown(reply)} can't be read{wanted}")
    return meant


async def _vote(step, state, ask, values):
    async def voter(number):
        try:
            return await _call(step, ask, values, number)
        except UnreadableAnswer as unreadable:
            return unreadable

    outcomes = await run_parallel(voter, range(step.voters), max_at_once=step.voters, on_error="collect")
    ballots = [_ballot(outcome) for outcome in outcomes]
    lost = [(outcome.index, outcome.error or outcome.value) for outcome, ballot in zip(outcomes, ballots, strict=True)
            if not isinstance(ballot, str)]
    state.lost = [f"voter {index + 1} gave no ballot: {_said(error)}" for index, error in lost]
    quorum = {} if step.quorum is None or callable(step.strategy) else {"quorum": step.quorum}
    state.verdict = verdict = vote_function(step.strategy)(ballots, **quorum)
    read, needed = step.voters - verdict.abstentions - verdict.failures, step.quorum or step.voters // 2 + 1
    if read < step.voters - len(lost):
        state.lost.append(f"only {read} of {step.voters} ballots could be read")
    if read < needed:
        raise NoDecision(f"{read} of {step.voters} ballots could be read, the quorum is {needed}")
    if verdict.answer is None:
        raise NoDecision(f"the vote has no winner ({verdict.status}, {verdict.agreement})")
    state.answer = _meant(step, state.verdict.answer)


def _ballot(outcome):
    """A text, None for a reply that could not be read (an abstention), or the exception of a failed call."""
    if outcome.status != "ok":
        return outcome.error
    return None if isinstance(outcome.value, UnreadableAnswer) else outcome.value


def _meant(step, winner):
    """The winner as the step spells it: strategies may compare ballots in lower case."""
    spelled = {answer.casefold(): answer for answer in (step.answers or {}).values()}
    return spelled.get(winner, winner) if isinstance(winner, str) else winner


async def _fan_out(step, state, ask, values, policy):
    entries = read_list(values[step.over])
    if len(entries) > step.at_most:
        state.lost.append(f"{len(entries)} entries, but at_most={step.at_most}; not worked on: {entries[step.at_most:]}")
    entries = entries[: step.at_most]
    if not entries:
        raise NoDecision(f"{step.over!r} is an empty list, so there was nothing to work on")

    async def worker(entry):
        return Part(str(entry), await _call(step, ask, {**values, step.over: entry}))

    on_error = "raise" if policy == "raise" else "collect"
    outcomes = await run_parallel(worker, entries, max_at_once=len(entries), on_error=on_error)
    if on_error == "raise":
        state.answer = tuple(outcomes)
        return
    failed = [outcome for outcome in outcomes if outcome.status != "ok"]
    state.lost += [f"the worker for {outcome.item!r} failed: {_said(outcome.error)}" for outcome in failed]
    if len(failed) == len(entries):
        raise NoDecision(f"none of {len(entries)} workers succeeded")
    state.review = bool(failed) and policy == "human review"
    if policy in ("skip", "human review"):
        state.answer = tuple(outcome.value for outcome in outcomes if outcome.status == "ok")
    else:
        state.answer = tuple(outcome.value if outcome.status == "ok" else Part(str(outcome.item), policy) for outcome in outcomes)


async def _join(step, state, ask, values, read):
    if step.strategy == "flag if any":
        state.verdict = flag_if_any({one.name: one.answer for one in read if one.status == "ok"},
                                    {one.name: one.answer for one in read if one.status != "ok"})
        state.answer, state.review = state.verdict.answer, state.verdict.answer is None
        return
    state.lost = [f"{one.name!r} is missing from it" for one in read if one.answer is None]
    parts: list[Part] = []
    for name, value in values.items():
        if value is not None:
            parts += value if _is_parts(value) else [Part(name, value)]
        elif step.strategy == "concatenate":  # the other strategies have no place to say it
            parts.append(MissingPart(name, "(missing)"))
    if not parts:
        raise NoDecision("there was nothing to join")
    function = join_function(step.strategy)
    if function is None:
        state.answer = await _call(step, ask, values)
        return
    joined = function(parts)
    state.answer = await joined if inspect.isawaitable(joined) else joined


def read_list(entries) -> list:
    """The entries of a list, of a JSON list, or of a text with one entry per line; numbers and bullets in front come off.

    >>> read_list("1. the price\\n2. the 3 rivals"), read_list('["a", "b"]')
    (['the price', 'the 3 rivals'], ['a', 'b'])
    """
    if not isinstance(entries, str):
        return list(entries)
    try:
        listed = json.loads(entries)
    except ValueError:
        lines = (re.sub(r"^\s*([-*•]|\d+[.)])\s+", "", line).strip() for line in entries.splitlines())
        return [line for line in lines if line]
    if not isinstance(listed, list):
        raise UnreadableAnswer(f"{shown(entries)} is no list")
    return listed


def _is_parts(value) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(part, Part) for part in value)


def _as_text(value) -> str:
    """A value as it stands in a prompt: several parts under each other, nothing as "(no answer)"."""
    if _is_parts(value):
        return "\n\n".join(f"{part.title}: {part.answer}" for part in value)
    return "(no answer)" if value is None else str(value)


def _said(error) -> str:
    return str(error).strip() or type(error).__name__

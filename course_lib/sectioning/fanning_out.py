"""Fan-out: every section asked about at once, each answer under its section's name.

    sections = split_by_heading(document)
    parts = await fan_out(ask, sections, lambda section: f"Summarize. <text>{section.text}</text>")
    report = concatenate(parts)            # from course_lib.aggregation: the fan-in
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from operator import itemgetter
from typing import Any

from course_lib.aggregation import MissingPart, Part, concatenate
from course_lib.claude import labelled
from course_lib.errors import BadInput, check_callable, shown
from course_lib.parallel import Outcome, QuorumMissed, run_parallel
from course_lib.parallel.outcomes import check_policy
from course_lib.sectioning.independence import Task, check_independent
from course_lib.sectioning.splitters import Section


async def fan_out(
    ask: Callable[[str], Awaitable[str]],
    sections: Iterable[Section | Task],
    write_prompt: Callable[[Section], str],
    *,
    max_at_once: int = 10,
    longest_first: bool = False,
    on_error: str = "raise",
    at_least: int | None = None,
) -> list[Part]:
    """One answer per section, in the order of the sections, however they finish.

    Each section's prompt must say all that its call needs: the calls cannot see each other.
    Tasks, which declare what they need and give, are checked for that before anything runs.

    longest_first: begin with the longest text, so that no straggler starts last.
    on_error: "raise" stops at the first failure; "collect" puts a MissingPart in the place of a section
        that failed; "quorum" does so if `at_least` sections were answered (else QuorumMissed).
    """
    _check(ask, write_prompt, on_error, at_least)
    sections = _checked(sections)
    check_independent(section for section in sections if isinstance(section, Task))

    async def ask_about(section: Section) -> Part:
        with labelled(section.title):
            return Part(section.title, await ask(write_prompt(section)))

    places = _longest_first(sections) if longest_first else range(len(sections))
    policy = "raise" if on_error == "raise" else "collect"
    answers = await run_parallel(ask_about, [sections[place] for place in places], max_at_once=max_at_once, on_error=policy)
    in_order = [answer for _, answer in sorted(zip(places, answers, strict=True), key=itemgetter(0))]
    return in_order if on_error == "raise" else _with_gaps(in_order, at_least or 0)


async def map_reduce(
    ask: Callable[[str], Awaitable[str]],
    sections: Iterable[Section | Task],
    write_prompt: Callable[[Section], str],
    join: Callable[[list[Part]], Any] = concatenate,
    **how: Any,
) -> Any:
    """What `join` makes of one answer per section: fan-out and fan-in in one.

    join: takes the parts in the order of the sections, those without an answer included; it may be a call of its own,
        such as `lambda parts: synthesize(ask, parts, question)`.
    how: the settings of `fan_out`.

    >>> import asyncio
    >>> async def shout(prompt):
    ...     return prompt.upper()
    >>> asyncio.run(map_reduce(shout, [Section("a", "x"), Section("b", "y")], lambda section: section.text, join=list))
    [Part(title='a', answer='X'), Part(title='b', answer='Y')]
    """
    check_callable(join, "join", "concatenate")
    joined = join(await fan_out(ask, sections, write_prompt, **how))
    return await joined if inspect.isawaitable(joined) else joined


def _checked(sections: Iterable[Section | Task]) -> list[Section | Task]:
    checked = [sections] if isinstance(sections, str) else list(sections)
    for section in checked:
        if not isinstance(getattr(section, "title", None), str):
            what = "The sections are one text" if section is sections else "A section is no section"
            instead = "write Section('a title', 'its text'), or cut a text with split_by_heading."
            raise BadInput(f"{what}, {shown(section)}; {instead}")
    return checked


def _longest_first(sections: list[Section]) -> list[int]:
    """The places of the sections, that of the longest text first; of equal ones, the earlier first."""
    return sorted(range(len(sections)), key=lambda place: -len(sections[place].text))


def _with_gaps(outcomes: list[Outcome], at_least: int) -> list[Part]:
    """The parts, with a MissingPart in the place of each section that failed. Raises: QuorumMissed when too many did."""
    failed = [outcome.item.title for outcome in outcomes if outcome.status != "ok"]
    answered = len(outcomes) - len(failed)
    if answered < at_least:
        error = QuorumMissed(
            f"Only {answered} of {len(outcomes)} sections were answered, and at_least={at_least} were needed; "
            f"missing: {', '.join(map(repr, failed))}."
        )
        error.outcomes = [replace(outcome, index=place) for place, outcome in enumerate(outcomes)]
        raise error
    return [outcome.value if outcome.status == "ok" else _missing(outcome) for outcome in outcomes]


def _missing(outcome: Outcome) -> MissingPart:
    why = " ".join(f"{type(outcome.error).__name__}: {outcome.error}".split())
    return MissingPart(outcome.item.title, f"(missing: {why[:120]})", outcome.error)


def _check(ask: object, write_prompt: object, on_error: str, at_least: int | None) -> None:
    check_callable(ask, "ask", "claude.ask")
    check_callable(write_prompt, "write_prompt", 'lambda section: f"Summarize. <text>{section.text}</text>"')
    if on_error in ("skip", "fallback"):
        raise BadInput(
            f"on_error={on_error!r} would hide from the join that a section is missing; "
            "write on_error='collect', and the join gets a MissingPart in its place."
        )
    check_policy(on_error, at_least, None)

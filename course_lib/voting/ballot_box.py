"""The ballot box: ask several voters at once, get their ballots, one Outcome per voter, in order.

    ballots = await ask_n_times(claude.ask, question, 5)                  the same prompt many times
    ballots = await ask_varied_prompts(claude.ask, [strict, lenient])     as many prompts, one vote each
    ballots = await ask_varied_models(claude.ask, question, models)       as many models, one vote each
    ballots = await ask_varied_temperatures(claude.ask, question, [0.2, 0.6, 1.0])

A call that fails is a failed ballot, which every strategy of `voting` counts; it stops nobody else.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from course_lib.claude import labelled
from course_lib.errors import BadInput, check_callable, check_list, check_share, check_whole
from course_lib.parallel import Outcome, run_parallel


async def ask_n_times(
    ask: Callable[[str], Awaitable[str]], prompt: str, n: int = 5, *, label: str = "vote", max_at_once: int = 10
) -> list[Outcome]:
    """`n` ballots on the same prompt. They err together more often than varied ones do.

    label: the calls' names in the timeline: "vote 1", "vote 2", …

    >>> async def ask(prompt):
    ...     return "spam"
    >>> import asyncio
    >>> [ballot.value for ballot in asyncio.run(ask_n_times(ask, "Spam or ham? …", 3))]
    ['spam', 'spam', 'spam']
    """
    check_whole(n, "n", "is no number of votes", 5)
    check_callable(ask, "ask", "claude.ask")
    return await cast(lambda _: ask(prompt), [prompt] * n, label=label, max_at_once=max_at_once)


async def ask_varied_prompts(
    ask: Callable[[str], Awaitable[str]], prompts: Iterable[str], *, label: str = "vote", max_at_once: int = 10
) -> list[Outcome]:
    """One ballot per prompt: the same question in other words, so that one wording cannot mislead them all."""
    check_callable(ask, "ask", "claude.ask")
    return await cast(ask, _several(prompts, "prompts", "['Spam?', 'Unwanted mail?']"), label=label, max_at_once=max_at_once)


async def ask_varied_models(
    ask: Callable[..., Awaitable[str]], prompt: str, models: Iterable[str], *, label: str = "vote", max_at_once: int = 10
) -> list[Outcome]:
    """One ballot per model, by `ask(prompt, model=…)`; its `item` is the model, which `weighted_vote` can weigh."""
    check_callable(ask, "ask", "claude.ask")
    voters = _several(models, "models", "['claude-haiku-5-5', 'claude-sonnet-5-5']")
    return await cast(lambda model: ask(prompt, model=model), voters, label=label, max_at_once=max_at_once)


async def ask_varied_temperatures(
    ask: Callable[..., Awaitable[str]], prompt: str, temperatures: Iterable[float], *,
    model: str = "claude-haiku-4-5", label: str = "vote", max_at_once: int = 10,
) -> list[Outcome]:
    """One ballot per temperature, by `ask(prompt, temperature=…, model=…)`.

    Current models have no temperature and reject one: hence the older model. With them, vary prompts or models.
    """
    check_callable(ask, "ask", "claude.ask")
    voters = _several(temperatures, "temperatures", "[0.2, 0.6, 1.0]")
    for temperature in voters:
        check_share(temperature, "temperature", 0.7, "is no temperature")
    return await cast(
        lambda temperature: ask(prompt, temperature=temperature, model=model), voters, label=label, max_at_once=max_at_once
    )


async def cast(
    ask_voter: Callable[[Any], Awaitable[Any]], voters: Iterable[Any], *,
    label: str = "vote", max_at_once: int = 10, first: int = 1,
) -> list[Outcome]:
    """One ballot per voter, by `ask_voter(voter)`, in the order of the voters. What all of the above are made of.

    first: the number of the first vote, for labels. Raises: BadInput and TypeError, which no voter but the
    caller caused; every other error is that voter's failure.
    """

    async def vote(numbered: tuple[int, Any]) -> Any:
        number, voter = numbered
        with labelled(f"{label} {number}"):
            return await ask_voter(voter)

    voters = list(voters)
    ballots = await run_parallel(vote, list(enumerate(voters, first)), max_at_once=max_at_once, on_error="collect")
    for ballot in ballots:
        if isinstance(ballot.error, (BadInput, TypeError)):
            raise ballot.error
    return [replace(ballot, item=voter) for ballot, voter in zip(ballots, voters, strict=True)]


def _several(given: Iterable, name: str, example: str) -> list:
    check_list(given, name, example)
    voters = list(given)
    if not voters:
        raise BadInput(f"There are no {name}, so there would be no votes; write at least one.")
    return voters

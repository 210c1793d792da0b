"""Joins that need calls of their own: several answers written into one, and a judge who compares answers.

    report = await synthesize(ask, parts, question)            # one call, or a tree of calls when it would not fit
    verdict = await judge(ask, question, [one_answer, other])  # both orders, or the first place wins
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from course_lib.aggregation.parts import Part, answered, checked_parts, missing
from course_lib.claude import labelled
from course_lib.errors import BadInput, CourseError, check_callable, check_text, check_whole, shown
from course_lib.parallel import estimate_tokens, in_batches_of_tokens, run_parallel

Ask = Callable[[str], Awaitable[str]]

_CHOICE = re.compile(r"(?:the )?(?:better )?(?:answer)?(?: is)?\W*([ab])\W*(?: is (?:the )?better(?: (?:answer|one))?)?")


@dataclass(frozen=True)
class Synthesis:
    """One text made of several parts.

    parts: the sections whose answers went in, in order. missing: those that had none to give.
    calls, depth: how many calls it took, and how many of them one after another.
    """

    text: str
    parts: tuple[str, ...]
    missing: tuple[str, ...]
    calls: int
    depth: int


async def synthesize(
    ask: Ask, parts: Iterable[Part], question: str, *, most_tokens: int = 20_000, max_at_once: int = 10
) -> Synthesis:
    """The parts' answers combined into one answer to the question: by one call, if all of them fit.

    If not, groups of them are combined first, all groups at once, then what came of those, and so on up the tree.
    Nothing is cut off to make it fit: on the way up, each group is asked for a list so short that two of them fit.

    most_tokens: how long a prompt may be, estimated (see `estimate_tokens`).
    Raises: BadInput without any answer, or where one does not fit by itself; CourseError when what the model combined
        is too long to be combined again.
    """
    check_callable(ask, "ask", "claude.ask")
    parts = checked_parts(parts)
    notes = answered(parts)
    _check(question, notes, parts, most_tokens)
    names, calls, depth = tuple(note.title for note in notes), 0, 0
    room = most_tokens - estimate_tokens(synthesis_prompt(question, [], most_words=most_tokens))

    async def combine(group: list[Part]) -> Part:
        with labelled(f"synthesis: {_names_of(group)}"):
            return Part(_names_of(group), await ask(synthesis_prompt(question, group, _most_words(room))))

    while len(groups := _groups(notes, room)) > 1:
        combined = iter(await run_parallel(combine, [group for group in groups if len(group) > 1], max_at_once=max_at_once))
        notes = [next(combined) if len(group) > 1 else group[0] for group in groups]
        calls, depth = calls + sum(len(group) > 1 for group in groups), depth + 1
    with labelled("synthesis"):
        text = await ask(synthesis_prompt(question, notes))
    return Synthesis(text, names, tuple(missing(parts)), calls + 1, depth + 1)


def synthesis_prompt(question: str, notes: Iterable[Part], most_words: int | None = None) -> str:
    """What `synthesize` asks for one group of notes; with `most_words`, for a list that will be combined again."""
    shape = f" Answer as a list with dashes, in at most {most_words} words." if most_words else ""
    return (
        f"Combine these notes into one answer to this question: {question}\n"
        f"Say nothing twice and leave nothing out. Where notes disagree, say which of them says what.{shape}\n\n"
        "<notes>\n" + "\n\n".join(map(_written, notes)) + "\n</notes>"
    )


def _written(note: Part) -> str:
    return f"## {note.title}\n{note.answer}"


def _names_of(group: list[Part]) -> str:
    """A short name, or the names of a tall tree would take the room of its notes."""
    return f"{len(group)} notes, from {group[0].title[:40]!r} on"


def _most_words(room: int) -> int:
    """How many words leave a combined note small enough for two of them: about 7 characters a word, 60 for its name."""
    words = (room * 4 // 2 - 60) // 7
    if words < 20:
        raise BadInput(f"{room} tokens for notes leave no room to combine them step by step; allow a larger most_tokens.")
    return words


def _groups(notes: list[Part], room: int) -> list[list[Part]]:
    """The notes in groups of neighbours that fit into one prompt each, fewer groups than notes."""
    for note in notes:
        if estimate_tokens(_written(note)) > room:
            raise BadInput(
                f"The answer of {note.title!r} has about {estimate_tokens(_written(note))} tokens, and a prompt has room for "
                f"{max(room, 0)}; allow a larger most_tokens, or ask for shorter answers."
            )
    groups = in_batches_of_tokens(notes, max(room, 1), text=lambda note: f"{_written(note)}\n\n")
    if len(groups) == len(notes) > 1:
        raise CourseError(
            f"No two neighbours of the {len(notes)} notes fit into one prompt, which has room for {room} tokens, "
            "so they cannot be combined; allow a larger most_tokens, or ask for shorter answers."
        )
    return groups


class Duel(NamedTuple):
    """Two candidates before the judge, in both orders.

    winner: the name that won both times, or None. consistent: both replies name the same candidate; when they name the
    same *place*, the judge followed the position. answers: the raw replies, first with `one` as A, then with `other` as A.
    """

    one: str
    other: str
    winner: str | None
    consistent: bool
    answers: tuple[str, str]


@dataclass(frozen=True)
class Judgement:
    """What a judge prefers.

    winner: the candidate as it was given, or None. name: its name.
    status: "decided"; "no preference", where the judge follows the position; "tie", where several won most duels;
    "unreadable", where nobody won and a reply says neither A nor B.
    wins: duels won, by name, most first.
    """

    winner: str | Part | None
    name: str | None
    status: str
    wins: dict[str, int]
    duels: tuple[Duel, ...]

    @property
    def consistent(self) -> bool:
        """Whether no duel's result depended on the order."""
        return all(duel.consistent for duel in self.duels)

    @property
    def answers(self) -> tuple[str, ...]:
        """The judge's raw replies, two for each duel."""
        return tuple(answer for duel in self.duels for answer in duel.answers)


async def judge(
    ask: Ask, question: str, candidates: Iterable[str | Part] | Mapping[str, str], *, max_at_once: int = 10
) -> Judgement:
    """Which candidate answers the question best. Every two are compared in both orders, so that no place is an advantage.

    A duel is won by whoever is preferred in both orders; the most duels won decides, and equally many are a tie.
    n candidates take n × (n - 1) calls. A text is called by its number, "1" first; a Part by its title; those of a dict
    by their keys (each is a Part then).
    """
    check_callable(ask, "ask", "claude.ask")
    named = _named(candidates)
    check_text(question, "question", "asks nothing", "'What did the floods cost?'")
    pairs = list(combinations(named, 2))

    async def compare(pair: tuple[str, str]) -> str:
        with labelled(f"judge {pair[0]} | {pair[1]}"):
            return await ask(judging_prompt(question, *(_answer(named[name]) for name in pair)))

    both_orders = [order for pair in pairs for order in (pair, pair[::-1])]
    replies = await run_parallel(compare, both_orders, max_at_once=max_at_once)
    answers = zip(replies[::2], replies[1::2], strict=True)
    duels = tuple(_duel(pair, both) for pair, both in zip(pairs, answers, strict=True))
    return _judgement(named, duels)


def judging_prompt(question: str, a: str, b: str) -> str:
    """What `judge` asks about two answers."""
    return (
        "Which answer is better? Answer A or B only.\n\n"
        f"<question>\n{question}\n</question>\n<answer_a>\n{a}\n</answer_a>\n<answer_b>\n{b}\n</answer_b>"
    )


def _duel(pair: tuple[str, str], answers: tuple[str, str]) -> Duel:
    first, second = _preferred(answers[0], *pair), _preferred(answers[1], *pair[::-1])
    agreed = first is not None and first == second
    return Duel(*pair, first if agreed else None, agreed, answers)


def _preferred(reply: str, a: str, b: str) -> str | None:
    """Whom a reply names: "A", "b.", "**Answer A**"; None for anything else, "A or B" and a comparison included."""
    said = _CHOICE.fullmatch(reply.strip(" \t\r\n*_\"'`.:").casefold())
    return {"a": a, "b": b}[said.group(1)] if said else None


def _judgement(named: dict[str, str | Part], duels: tuple[Duel, ...]) -> Judgement:
    won = [duel.winner for duel in duels]
    wins = dict(sorted(((name, won.count(name)) for name in named), key=lambda entry: -entry[1]))
    most = max(wins.values())
    leaders = [name for name, count in wins.items() if count == most]
    if most and len(leaders) == 1:
        return Judgement(named[leaders[0]], leaders[0], "decided", wins, duels)
    readable = all(_preferred(answer, "a", "b") for duel in duels for answer in duel.answers)
    status = "tie" if most else "no preference" if readable else "unreadable"
    return Judgement(None, None, status, wins, duels)


def _answer(candidate: str | Part) -> str:
    return candidate.answer if isinstance(candidate, Part) else candidate


def _named(candidates) -> dict[str, str | Part]:
    if isinstance(candidates, Mapping):
        candidates = [Part(name, text) for name, text in candidates.items()]
    if isinstance(candidates, (set, frozenset)):
        raise BadInput("The candidates are a set, which has no order to number them in; write a list, or a dict with names.")
    one = isinstance(candidates, (str, Part)) or not isinstance(candidates, Iterable)
    candidates = [candidates] if one else list(candidates)
    if len(candidates) < 2:
        raise BadInput(f"A judge compares at least two candidates, not {shown(candidates)}; write [one_answer, other_answer].")
    named = {}
    for number, candidate in enumerate(candidates, start=1):
        name = candidate.title if isinstance(candidate, Part) else str(number)
        if not isinstance(_answer(candidate), str):
            raise BadInput(f"A candidate is {shown(candidate)}; write a text, or a Part with one.")
        if name in named:
            raise BadInput(f"Two candidates are called {name!r}; give each a name of its own.")
        named[name] = candidate
    return named


def _check(question, notes, parts, most_tokens) -> None:
    check_text(question, "question", "asks nothing", "'What did the floods cost?'")
    check_whole(most_tokens, "most_tokens", "leaves no room", "20_000")
    if not notes:
        raise BadInput(f"None of the {len(parts)} parts has an answer, so there is nothing to combine.")
    for note in notes:
        if not isinstance(note.answer, str):
            answer = shown(note.answer)
            raise BadInput(f"The answer of {note.title!r} is {answer}; write it as a text, or MissingPart where a call failed.")

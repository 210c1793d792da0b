"""Parts: one call's answer with the name of its section, how it is read, and what is said where there is none."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from course_lib.errors import BadInput, CourseError, shown


@dataclass(frozen=True)
class Part:
    """One call's answer and the name of the section that it answers for."""

    title: str
    answer: str


@dataclass(frozen=True)
class MissingPart(Part):
    """The place of a section whose call failed. Its answer says so, so that no join can look complete without it."""

    error: BaseException | None = None


@dataclass(frozen=True)
class Merged:
    """One entry of a union: the entry as it was said first, and the sections that said it, in order.

    mentions: every (section, entry) that was taken for it, in order, with its own wording.
    """

    entry: Any
    found_by: tuple[str, ...]
    mentions: tuple[tuple[str, Any], ...] = field(default=(), repr=False, compare=False)

    @property
    def support(self) -> int:
        """How many sections said it."""
        return len(self.found_by)


class UnreadablePart(CourseError, ValueError):
    """An answer that is not in the format that was asked for."""


def checked_parts(parts: Iterable[Part], kinds: type | tuple = Part) -> list[Part]:
    """The parts, as a list. Raises: BadInput for anything that is none, such as a bare text or a ballot."""
    if isinstance(parts, (str, Part)) or not isinstance(parts, Iterable):
        raise BadInput(f"The parts are {shown(parts)}; write a list of them, such as [Part('a title', 'an answer')].")
    parts = list(parts)
    for part in parts:
        if not isinstance(part, kinds):
            raise BadInput(f"A part is {shown(part)}; write Part('a title', 'an answer'), which says who answered.")
    return parts


def missing(parts: Iterable[Part]) -> list[str]:
    """The names of the sections that have no answer, because their call failed.

    >>> missing([Part("One", "Fine."), MissingPart("Two", "(missing)")])
    ['Two']
    """
    return [part.title for part in parts if isinstance(part, MissingPart)]


def answered(parts: Iterable[Part]) -> list[Part]:
    """The parts that have an answer. Whoever leaves the others out says so: see `missing`."""
    return [part for part in parts if not isinstance(part, MissingPart)]


_FENCED = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n`]*\n(?P<inside>.*?)^[ \t]*(?P=fence)[`~]*[ \t]*$", re.MULTILINE | re.DOTALL
)


def json_in(text: str) -> Any:
    """The JSON that a text is, or that its one fenced block holds, whatever the fence and whatever stands around it.

    >>> json_in("Here you are:\\n~~~json\\n[1, 2]\\n~~~\\nAnything else?")
    [1, 2]

    Raises: ValueError for a text without JSON, or with two blocks.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").strip()
    blocks = [found["inside"] for found in _FENCED.finditer(text)]
    try:
        return json.loads(blocks[0] if len(blocks) == 1 else text)
    except RecursionError:
        raise ValueError("brackets in brackets, too deep to be read") from None


def read_json(part: Part) -> Any:
    """The JSON that a part's answer holds (see `json_in`). Raises: UnreadablePart, which names the section."""
    _check_answered(part)
    try:
        return json_in(part.answer)
    except (ValueError, TypeError, AttributeError):  # no text at all has no lines either
        raise UnreadablePart(
            f"The answer for {part.title!r} is no JSON: {shown(part.answer)}; ask for JSON only, or ask again."
        ) from None


def read_record(part: Part) -> dict[str, Any]:
    """The fields of an answer: of a pydantic model (only those that were set), a dataclass, a dict, or a JSON object.

    >>> read_record(Part("bridge", '{"opened": 1931}'))
    {'opened': 1931}
    """
    _check_answered(part)
    answer = part.answer
    if hasattr(answer, "model_dump"):
        return answer.model_dump(exclude_unset=True)
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return dataclasses.asdict(answer)
    record = read_json(part) if isinstance(answer, str) else answer
    if not isinstance(record, Mapping):
        raise UnreadablePart(f"The answer for {part.title!r} is no record: {shown(part.answer)}; ask for a JSON object.")
    return dict(record)


def entries_of(part: Part, read: Callable[[Part], Iterable[Any]]) -> Iterable[Any]:
    """The entries of an answer that is a list. Raises: UnreadablePart for anything else."""
    _check_answered(part)
    entries = read(part)
    if entries is None or isinstance(entries, (dict, str, int, float)):
        raise UnreadablePart(f"The answer for {part.title!r} is no list: {shown(part.answer)}; ask for a JSON list.")
    return entries


def mentions_in(parts: Iterable[Part | Merged], read: Callable[[Part], Iterable[Any]]) -> Iterator[tuple[str, Any]]:
    """(section, entry) for everything that several parts say, in order; of a union, every single mention."""
    for part in checked_parts(parts, (Part, Merged)):
        if isinstance(part, Merged):
            yield from part.mentions or ((title, part.entry) for title in part.found_by)
        else:
            yield from ((part.title, entry) for entry in entries_of(part, read))


def frozen(value: Any) -> Any:
    """The value as something that can be looked up, the same for equal values; True is not 1.

    >>> frozen({"line": [3]}) == frozen({"line": [3]}), frozen([True]) == frozen([1])
    (True, False)
    """
    if isinstance(value, Mapping):
        return frozenset((key, frozen(inner)) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(frozen(inner) for inner in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(frozen(inner) for inner in value)
    if hasattr(value, "model_dump"):
        return frozen(value.model_dump())
    return ("bool", value) if isinstance(value, bool) else value


def _check_answered(part: Part) -> None:
    if isinstance(part, MissingPart):
        raise UnreadablePart(
            f"The section {part.title!r} has no answer: {shown(part.answer)}; "
            "join answered(parts), and tell your reader missing(parts)."
        )

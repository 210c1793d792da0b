"""Several records become one, field by field; and who contradicts whom."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from course_lib.aggregation.parts import Merged, Part, checked_parts, frozen, mentions_in, read_json, read_record
from course_lib.errors import CourseError, check_one_of

POLICIES = ("raise", "first", "most common", "list all")


@dataclass(frozen=True)
class Conflict:
    """Different things said about one subject: `said` holds each (value, sections that said it), in order."""

    about: Any
    said: tuple[tuple[Any, tuple[str, ...]], ...]

    def __str__(self):
        return f"{self.about}: " + " or ".join(f"{value!r} ({', '.join(titles)})" for value, titles in self.said)


@dataclass(frozen=True)
class MergedRecord:
    """One record made of several.

    fields: its values. found_by: for each field, such as "bridge.opened" or "sources[0]", the sections that said it.
    conflicts: what the sections did not agree on, whatever the policy made of it.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    found_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


class MergeConflict(CourseError, ValueError):
    """Sections did not agree. `conflicts` holds who said what."""

    def __init__(self, conflicts: list[Conflict]):
        self.conflicts = conflicts
        super().__init__(
            f"The sections contradict each other. {'; '.join(map(str, conflicts))}. Ask again, or decide beforehand: "
            f"merge(parts, conflicts={POLICIES[2]!r}), for example."
        )


def merge(
    parts: Iterable[Part],
    conflicts: str = "raise",
    *,
    same: Callable[[Any], Any] = lambda value: value,
    read: Callable[[Part], Mapping[str, Any]] = read_record,
) -> MergedRecord:
    """One record of several: what only one section says is kept, lists are united, and the rest must agree.

    An answer is a JSON object, a dict, a dataclass or a pydantic model; None says nothing. To have a model
    again, write `Model(**merged.fields)`.

    conflicts: "raise" names who said what (MergeConflict); "first" takes what the first section said;
        "most common" what more sections say than anything else, and leaves a tie open as None;
        "list all" keeps a list of everything that was said. Conflicts are reported in any case.
    same: values agree when `same(value)` is equal.

    >>> parts = [Part("a", '{"opened": 1931, "km": 2}'), Part("b", '{"opened": 1913}'), Part("c", '{"opened": 1931}')]
    >>> merged = merge(parts, conflicts="most common")
    >>> merged.fields, str(merged.conflicts[0])
    ({'opened': 1931, 'km': 2}, 'opened: 1931 (a, c) or 1913 (b)')
    """
    check_one_of(conflicts, "conflicts", "is no policy", POLICIES)
    merged = MergedRecord()
    said = [(part.title, read(part)) for part in checked_parts(parts)]
    merged.fields.update(_merge_mappings("", said, conflicts, same, merged))
    if merged.conflicts and conflicts == "raise":
        raise MergeConflict(merged.conflicts)
    return merged


def contradictions(
    parts: Iterable[Part | Merged],
    about: Callable[[Any], Hashable],
    value: Callable[[Any], Any],
    read: Callable[[Part], Iterable[Any]] = read_json,
) -> list[Conflict]:
    """Every subject about which different values were said, with who said which; [] when nobody contradicts.

    about, value: the subject and the value of an entry; None for either says nothing. Two values are the same
    when they are equal, so let `value` write "5 km" and "5 kilometres" alike first.

    >>> parts = [Part("a", '[{"bridge": "Old", "opened": 1931}]'), Part("b", '[{"bridge": "Old", "opened": 1913}]')]
    >>> [str(one) for one in contradictions(parts, lambda fact: fact["bridge"], lambda fact: fact["opened"])]
    ['Old: 1931 (a) or 1913 (b)']
    """
    said: dict[Hashable, tuple[Any, list]] = {}
    for title, entry in mentions_in(parts, read):
        subject = about(entry)
        if subject is not None and value(entry) is not None:
            said.setdefault(frozen(subject), (subject, []))[1].append((title, value(entry)))
    conflicts = [Conflict(subject, _by_value(values)) for subject, values in said.values()]
    return [conflict for conflict in conflicts if len(conflict.said) > 1]


def _merge_values(path: str, said: list[tuple[str, Any]], policy, same, merged: MergedRecord) -> Any:
    """What stands in one field. `said` is (section, value), in order."""
    said = [(title, value) for title, value in said if value is not None]
    if not said:
        return None
    if all(isinstance(value, Mapping) for _, value in said):
        return _merge_mappings(f"{path}.", said, policy, same, merged)
    if all(isinstance(value, (list, tuple)) for _, value in said):
        entries = _by_value([(title, entry) for title, entries in said for entry in entries], same)
        return _listed(path, entries, merged)
    values = _by_value(said, same)
    if len(values) > 1:
        merged.conflicts.append(Conflict(path, values))
        return _settled(path, values, policy, merged)
    return _taken(path, values[0], merged)


def _merge_mappings(path, said, policy, same, merged) -> dict[str, Any]:
    names = dict.fromkeys(name for _, record in said for name in record)
    return {
        name: _merge_values(f"{path}{name}", [(title, record.get(name)) for title, record in said], policy, same, merged)
        for name in names
    }


def _settled(path, values, policy, merged) -> Any:
    """What a conflict's policy makes of it."""
    if policy == "list all":
        return _listed(path, values, merged)
    if policy == "most common":
        most = max(len(titles) for _, titles in values)
        values = [said for said in values if len(said[1]) == most]
        if len(values) > 1:
            return None
    return _taken(path, values[0], merged)


def _taken(path, said, merged) -> Any:
    value, merged.found_by[path] = said
    return value


def _listed(path, said, merged) -> list:
    return [_taken(f"{path}[{number}]", one, merged) for number, one in enumerate(said)]


def _by_value(said, same=lambda value: value) -> tuple[tuple[Any, tuple[str, ...]], ...]:
    """Each value as it was said first, with the sections that said it, in order."""
    found: dict[Hashable, tuple[Any, dict[str, None]]] = {}
    for title, value in said:
        found.setdefault(frozen(same(value)), (value, {}))[1][title] = None
    return tuple((value, tuple(titles)) for value, titles in found.values())

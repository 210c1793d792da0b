"""JSON that fits a schema, filled with what the skills decided.

Types, enumerations, bounds, lengths, nullable unions, references and lists are kept to; `pattern` is not read.
What no skill knows is null where the schema allows it, else "unknown", the lowest number, false or an empty list.
"""

import math
import re
from dataclasses import dataclass, replace

from course_lib.simulation.model.decisions import DontKnow, Label, Listing, Number, Prompt, Text
from course_lib.simulation.model.scales import on_scale
from course_lib.simulation.model.skills.offered_labels import Offer, choose

DEEPEST = 7
"""Levels of a schema that refers to itself; below them lists are empty and what may be null is."""
_NOTHING = object()
_PLACE = re.compile(r"(?:id|no|nr|number|index|position|rank|order|priority|item|step)", re.I)
_NUMBERED = re.compile(r"(?:\w+_)?(?:id|no|nr|number|index|position|place)")
_TITLE = re.compile(r"(?:title|name|heading|label|topic)", re.I)
_GENERIC = re.compile(
    r"(?:the |final |my |is |predicted )*(?:answer|label|result|output|value|verdict|class|"
    r"classification|prediction|response|category|decision|text|content|items?|list|findings?|results|"
    r"points?|issues|"
    r"flag(?:ged)?|positive|match|report|winner|choice|root)",
    re.I,
)
_CONFIDENCE = re.compile(r"\b(?:confidence|certainty|probability|likelihood|sure|how sure)\b", re.I)
_REASON = re.compile(
    r"\b(?:reason(?:ing)?|explanation|why|rationale|justification|comment|thoughts?|thinking|"
    r"analysis|evidence)\b",
    re.I,
)
_SCORE = re.compile(r"\b(?:score|rating|level|scale|severity|points|grade|strength|degree)\b", re.I)
_FORMATS = {
    "date": "1970-01-01",
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "unknown@example.org",
    "uri": "https://example.org",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "ipv4": "0.0.0.0",
    "hostname": "example.org",
}


@dataclass(frozen=True)
class Filler:
    """What a schema is filled from: the answers of the skills, and how a field's name finds its answer.

    `field(key, answers)` gives a plain value; `about(key, answers)` the answers that a field's name means.
    """

    answers: list
    prompt: Prompt
    field: object
    about: object
    value: object
    definitions: dict
    place: int = 1

    def fill(self, schema: dict, key: str = "", given: object = _NOTHING, depth: int = 0):
        """A value that fits the schema; `given` is what an outer list has for it."""
        schema, nullable = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._option(schema["enum"], key, given, nullable)
        kind = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else None)
        if depth > DEEPEST and nullable:
            return None
        if kind == "object":
            return self._object(schema, given, depth)
        if kind == "array":
            return self._array(schema, key, given, depth)
        if kind == "null":
            return None
        found = given if given is not _NOTHING else self._known(key, schema)
        if found is _NOTHING or found is None:
            return None if nullable or kind is None else self._default(schema, kind, key)
        return self._coerced(found, schema, kind, key)

    def entry(self, part: dict, place: int):
        """The entry for one of several texts; a field such as "id" holds its place, counted from 1."""
        part, _ = self._resolved(part)
        fields = part.get("properties") or {}
        filler = replace(self, definitions=self.definitions | {"": tuple(fields)}, place=place)
        value = filler.fill(part)
        for name, schema in fields.items():
            kind = self._resolved(schema)[0].get("type")
            if (
                _NUMBERED.fullmatch(name)
                and kind in ("integer", "number", "string")
                and not self.about(name, self.answers)
            ):
                value[name] = filler.fill(schema, name, str(place) if kind == "string" else place)
        return value

    def _resolved(self, schema: dict) -> tuple[dict, bool]:
        """The schema with its reference put in place, and of "this or null" the one that is something."""
        nullable = False
        for _ in range(20):
            if not isinstance(schema, dict):
                return {}, nullable
            options = schema.get("anyOf") or schema.get("oneOf")
            if options:
                something = [
                    option for option in options if not (isinstance(option, dict) and option.get("type") == "null")
                ]
                nullable |= len(something) < len(options)
                schema = self._fitting(something) if something else {"type": "null"}
            elif "$ref" in schema:
                schema = self.definitions.get(str(schema["$ref"]).rpartition("/")[2], {"type": "string"})
            elif schema.get("allOf"):
                schema = _merged(schema, schema["allOf"])
            else:
                break
        kinds = schema.get("type")
        if isinstance(kinds, list):
            rest = [kind for kind in kinds if kind != "null"]
            schema = schema | {"type": rest[0] if rest else "null"}
            nullable |= "null" in kinds
        if "enum" in schema and None in schema["enum"]:
            nullable = True
        return schema, nullable

    def _fitting(self, options: list) -> dict:
        """Of several forms the first that takes what the skills decided: for findings, a list."""
        wants_list = len(self.answers) == 1 and isinstance(self.answers[0][1], Listing)
        for option in options:
            if wants_list and isinstance(option, dict) and option.get("type") == "array":
                return option
        return options[0]

    def _known(self, key: str, schema: dict):
        """What the skills know for a field, or that it is nothing: an answer, a score, a confidence or a reason."""
        words = _words(key)
        if not self.answers:
            return _NOTHING
        mine = self.about(key, self.answers) if key else []
        if not key:
            return self.value(self.answers[0][1])
        if not mine and not any(says.search(words) for says in (_CONFIDENCE, _SCORE, _REASON)):
            alone = len(self.answers) == 1
            counts = schema.get("type") in ("number", "integer") and not self._is_number(self.answers)
            if not alone or not _takes_all(key) and (counts or self._elsewhere(key)):
                return _NOTHING
        return self.field(key, self.answers)

    def _elsewhere(self, key: str) -> bool:
        """Whether some other field of the schema is about the only answer."""
        return any(self.about(name, self.answers) or _takes_all(name) for name in self.prompt_keys if name != key)

    @property
    def prompt_keys(self) -> tuple[str, ...]:
        return self.definitions.get("", ())

    @staticmethod
    def _is_number(answers: list) -> bool:
        return any(isinstance(decision, Number) for _, decision in answers)

    def _object(self, schema: dict, given, depth: int) -> dict:
        properties = schema.get("properties") or {}
        if depth > DEEPEST:
            properties = {name: part for name, part in properties.items() if name in (schema.get("required") or ())}
        if given is _NOTHING:
            return {name: self.fill(part, name, depth=depth + 1) for name, part in properties.items()}
        return {
            name: self.fill(part, name, self._part_of(given, name, part, properties), depth + 1)
            for name, part in properties.items()
        }

    def _part_of(self, entry, name: str, schema: dict, properties: dict):
        """One field of one entry of a list: its own, its place, or what the entry says."""
        schema, _ = self._resolved(schema)
        kind = schema.get("type")
        if isinstance(entry, dict):
            same = next((value for field, value in entry.items() if _plain(field) == _plain(name)), _NOTHING)
            if same is not _NOTHING or len(entry) > 1:
                return same if same is not _NOTHING else None
            entry = next(iter(entry.values()), None)
        if kind in ("integer", "number"):
            return self.place if _PLACE.fullmatch(name) else None
        if kind == "array":
            return []
        if kind == "string" and re.fullmatch(r"(?:id|key)", name, re.I):
            return str(self.place)
        texts = [
            field
            for field, part in properties.items()
            if self._resolved(part)[0].get("type") == "string" and not re.fullmatch(r"(?:id|key)", field, re.I)
        ]
        if _REASON.search(_words(name)) and len(texts) > 1:
            return None
        if kind == "string" and _TITLE.fullmatch(name) and len(texts) > 1:
            return " ".join(str(entry).split()[:5]).rstrip(",.;:?")
        return entry if kind in ("string", None) or "enum" in schema else None

    def _array(self, schema: dict, key: str, given, depth: int) -> list:
        part = schema.get("items") if isinstance(schema.get("items"), dict) else {}
        entries = (
            list(given)
            if isinstance(given, (list, tuple))
            else self._entries(key, part)
            if given is _NOTHING and depth <= DEEPEST
            else []
        )
        filled = [
            replace(self, place=place).fill(part, key, entry, depth + 1) for place, entry in enumerate(entries, start=1)
        ]
        if schema.get("uniqueItems"):
            filled = [value for place, value in enumerate(filled) if value not in filled[:place]]
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(filled))
        while len(filled) < min(least, 50):
            filled.append(replace(self, answers=[], place=len(filled) + 1).fill(part, key, None, depth + 1))
        return filled[: max(most, 0)]

    def _entries(self, key: str, part: dict) -> list:
        """What a list holds: the findings that its name means, else all findings, else the sentences of a text."""
        named = [
            (skill, decision) for skill, decision in self.about(key, self.answers) if isinstance(decision, Listing)
        ]
        lists = named or [(skill, decision) for skill, decision in self.answers if isinstance(decision, Listing)]
        if not named and key and len(lists) > 1 and not _takes_all(key):
            return []
        entries = [entry for _, decision in lists for entry in self.value(decision)]
        if not lists:
            steps = [
                step for _, decision in self.answers if isinstance(decision, Number) for step in decision.right.steps
            ]
            if steps:
                return steps
            entries = [
                fact.text for _, decision in self.answers if isinstance(decision, Text) for fact in decision.facts
            ]
        options = self._resolved(part)[0].get("enum")
        if options:
            known = {_plain(option) for option in options}
            entries = [entry for entry in entries if _plain(entry) in known]
        return entries

    def _option(self, options: list, key: str, given, nullable: bool):
        """The option that means the answer, by its spelling or by a synonym; else the one nearest to the text."""
        plain = {_plain(option): option for option in reversed(options) if option is not None}
        if given is not _NOTHING:
            return plain.get(_plain(given), None if nullable else next(iter(reversed(plain.values())), None))
        mine = (self.about(key, self.answers) if key else []) or self.answers
        words = [self.field(key, self.answers) if key else self.value(mine[0][1])] if mine else []
        for _, decision in mine:
            if isinstance(decision, Label):
                words += [decision.value, *decision.choices[decision.value]]
        for word in words:
            if _plain(word) in plain:
                return plain[_plain(word)]
        scaled = self._scaled_option(options, mine)
        if scaled is not None:
            return scaled
        slips = [decision.slip for _, decision in mine if isinstance(decision, Label) and decision.slip]
        near = next((plain[_plain(slip)] for slip in slips if _plain(slip) in plain), None)
        if near is not None:
            return near
        chosen = (
            choose(
                tuple(Offer(str(option).replace("_", " ")) for option in plain.values() if isinstance(option, str)),
                self.prompt.material,
            )
            if self.prompt.material
            else None
        )
        if isinstance(chosen, Label):
            return plain[_plain(chosen.value)]
        rest = next(
            (
                option
                for option in options
                if _plain(option) in ("other", "unknown", "none", "general", "unclear", "neutral")
            ),
            None,
        )
        return rest if rest is not None else None if nullable else next(iter(reversed(plain.values())), None)

    @staticmethod
    def _scaled_option(options: list, mine: list):
        """A number out of 1, 2, 3, 4, 5 for a label that has a level."""
        numbers = [option for option in options if isinstance(option, (int, float)) and not isinstance(option, bool)]
        if len(numbers) < 2 or len(mine) != 1 or not isinstance(mine[0][1], (Label, Number)):
            return None
        decision = mine[0][1]
        wanted = (
            decision.right.value
            if isinstance(decision, Number)
            else min(numbers) + level_of(decision) * (max(numbers) - min(numbers))
        )
        return min(numbers, key=lambda option: (abs(option - wanted), option))

    def _coerced(self, value, schema: dict, kind: str | None, key: str):
        if kind == "boolean":
            return value if isinstance(value, bool) else self._true(key)
        if kind in ("number", "integer"):
            return _within(self._numeric(value, schema, key), schema, kind)
        if kind == "string":
            return _sized(value if isinstance(value, str) else _said(value), schema)
        return value

    def _true(self, key: str) -> bool:
        mine = [
            decision for _, decision in (self.about(key, self.answers) or self.answers) if isinstance(decision, Label)
        ]
        return bool(mine) and (mine[0].value in ("true", "yes") or "yes" in mine[0].choices[mine[0].value])

    def _numeric(self, value, schema: dict, key: str):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            bounds = _bounds(schema)
            if _CONFIDENCE.search(_words(key)) and bounds and bounds[1] > 1 >= value:
                return on_scale(value, bounds) if bounds[1] <= 100 else value
            return value
        mine = [
            decision for _, decision in (self.about(key, self.answers) or self.answers) if isinstance(decision, Label)
        ]
        digits = re.search(r"-?\d+(?:\.\d+)?", str(value))
        if digits:
            number = float(digits.group())
            return int(number) if number == int(number) else number
        return on_scale(level_of(mine[0]), _bounds(schema) or (0, 1)) if mine else 0

    def _default(self, schema: dict, kind: str, key: str):
        if "default" in schema:
            return schema["default"]
        if kind == "boolean":
            return False
        if kind in ("number", "integer"):
            return _within(0, schema, kind)
        return _sized("unknown", schema)


def fill_each(fillers: list[Filler], schema: dict):
    """What is true of each text, under the schema's first list; the other fields from the first text."""
    first = fillers[0]
    whole, _ = first._resolved(schema)
    filled = first.fill(schema)
    if whole.get("type") == "array":
        return _one_each(fillers, whole, filled)
    fields = {name: first._resolved(part)[0] for name, part in (whole.get("properties") or {}).items()}
    name = next((name for name, part in fields.items() if part.get("type") == "array"), None)
    if name is not None and isinstance(filled, dict):
        filled[name] = _one_each(fillers, fields[name], filled[name])
    return filled


def _one_each(fillers: list[Filler], schema: dict, otherwise: list) -> list:
    """One entry per text, as many as the schema allows; `otherwise` where it wants more than there are texts."""
    part = schema.get("items") if isinstance(schema.get("items"), dict) else {}
    entries = [filler.entry(part, place) for place, filler in enumerate(fillers, start=1)]
    entries = entries[: max(0, schema.get("maxItems", len(entries)))]
    repeated = schema.get("uniqueItems") and any(entry in entries[:place] for place, entry in enumerate(entries))
    return otherwise if repeated or len(entries) < schema.get("minItems", 0) else entries


def level_of(label: Label) -> float:
    """Where a label stands between 0 and 1.

    Of two choices it is the probability of the first; of an ordered scale, the value's own place, drawn
    a little to the middle by its uncertainty.
    """
    names = list(label.choices)
    level = (
        label.levels.get(label.value) if label.levels else 1.0 - names.index(label.value) if len(names) == 2 else None
    )
    level = 0.5 if level is None else level
    sure = max(0.5, 1 - label.difficulty)
    return 0.5 + (level - 0.5) * (2 * sure - 1 if not label.levels else 0.6 + 0.4 * (2 * sure - 1))


def _takes_all(key: str) -> bool:
    return not key or bool(_GENERIC.fullmatch(_words(key)))


def _words(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).replace("_", " ").replace("-", " ").lower()


def _plain(word) -> str:
    return str(word).replace("_", " ").replace("-", " ").lower()


def _said(value) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(entry) for entry in value) or "none"
    return " · ".join(_said(part) for part in value.values()) if isinstance(value, dict) else str(value)


def _bounds(schema: dict) -> tuple[float, float] | None:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    return (low, high) if low is not None and high is not None else None


def _within(number, schema: dict, kind: str):
    """The number moved inside the schema's bounds, on its step, and whole for an integer."""
    step = schema.get("multipleOf") or (1 if kind == "integer" else None)
    small = step or 0.01
    low, high = schema.get("minimum"), schema.get("maximum")
    if schema.get("exclusiveMinimum") is not None:
        low = max(schema["exclusiveMinimum"] + small, low if low is not None else -math.inf)
    if schema.get("exclusiveMaximum") is not None:
        high = min(schema["exclusiveMaximum"] - small, high if high is not None else math.inf)
    if low is not None:
        number = max(number, low)
    if high is not None:
        number = min(number, high)
    if step:
        number = round(number / step) * step
        number += step if low is not None and number < low else -step if high is not None and number > high else 0
    return int(number) if kind == "integer" else number


def _sized(text: str, schema: dict) -> str:
    shape = schema.get("format")
    if shape in _FORMATS and not _looks_like(shape, text):
        return _FORMATS[shape]
    text = text[: schema["maxLength"]] if "maxLength" in schema else text
    return text + "." * max(0, schema.get("minLength", 0) - len(text))


def _looks_like(shape: str, text: str) -> bool:
    patterns = {
        "date": r"\d{4}-\d\d-\d\d",
        "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*",
        "time": r"\d\d:\d\d:\d\d.*",
        "email": r"[^@\s]+@[^@\s]+\.\w+",
        "uri": r"\w+://\S+",
    }
    return bool(re.fullmatch(patterns.get(shape, r"(?!)"), text))


def _merged(schema: dict, parts: list) -> dict:
    merged = {name: value for name, value in schema.items() if name != "allOf"}
    for part in parts:
        if isinstance(part, dict):
            merged = (
                {**part, **merged, "properties": {**part.get("properties", {}), **merged.get("properties", {})}}
                if "properties" in part or "properties" in merged
                else {**part, **merged}
            )
    return merged


def is_refusal(answers: list) -> bool:
    """Whether nothing was decided."""
    return all(isinstance(decision, DontKnow) for _, decision in answers)

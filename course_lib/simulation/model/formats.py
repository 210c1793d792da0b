"""How an answer is said: the formats that prompts ask for, read from the prompt and kept to.

Known: a JSON schema or the word JSON, `KEY: value` lines, lists, the labels that a prompt
offers ("SPAM or HAM"), and plain sentences when nothing is asked.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise

from course_lib.simulation.model.decisions import Decision, Finding, Findings, Label, Prompt, Text
from course_lib.simulation.model.mistakes import Mistakes

_STRICT = re.compile(r"\b(only|exactly|just|nothing else|one word|single word|no other|one label)\b", re.I)
_LIST = re.compile(r"\b(bullets?|bulleted|numbered|one per line|as a list|list of|list the|dash(es)?)\b", re.I)
_JSON = re.compile(r"\bjson\b", re.I)
_KEY_LINE = re.compile(r"^[ \t>*-]*([A-Z][A-Z _-]{2,24}):", re.M)
_INLINE_KEY = re.compile(r"[`'\"“]([A-Z][A-Z _-]{2,24}):")
_JSON_KEY = re.compile(r"[`'\"“](\w{2,30})[`'\"”]")
_KEY_WORDS = re.compile(r"\b(?:keys|fields|properties)\b:?\s+((?:\w+(?:,\s*|\s+and\s+|\s*,\s*and\s+))*\w+)", re.I)
_IF = re.compile(r"[\"'`”*]*\s+(?:if|when|for|means)\b|[\"'`”*]*\s*=")
_ROW = re.compile(r"[\s\"'`“”*(),;/|-]*(?:or|and|vs|otherwise|else)?[\s\"'`“”*(),;/|-]*")
_REASON = re.compile(r"\b(reason|explanation|why|rationale|justification|comment)\b", re.I)
_CONFIDENCE = re.compile(r"\b(confidence|certainty|probability)\b", re.I)


@dataclass(frozen=True)
class Format:
    """What the prompt asks for: `kind` is "schema", "json", "key lines", "list" or "free"."""

    kind: str
    keys: tuple[str, ...] = ()
    schema: dict | None = None
    strict: bool = False


def read_format(instruction: str, output_config: dict | None = None) -> Format:
    """The format that a request wants; `output_config` is the API's own way to ask for JSON."""
    schema = ((output_config or {}).get("format") or {}).get("schema")
    strict = bool(_STRICT.search(instruction))
    if schema:
        return Format("schema", tuple(schema.get("properties", ())), schema, strict)
    if _JSON.search(instruction):
        return Format("json", _json_keys(instruction), None, strict)
    keys = tuple(dict.fromkeys(_KEY_LINE.findall(instruction) + _INLINE_KEY.findall(instruction)))
    if keys:
        return Format("key lines", keys, None, strict)
    return Format("list" if _LIST.search(instruction) else "free", (), None, strict)


def _json_keys(instruction: str) -> tuple[str, ...]:
    listed = _KEY_WORDS.search(instruction)
    if listed:
        return tuple(word for word in re.split(r"\W+", listed.group(1)) if word not in ("", "and"))
    return tuple(dict.fromkeys(_JSON_KEY.findall(instruction)))


def say(answers: list, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    """The answers of all skills, in the wanted format. `answers` holds (skill, decision) pairs."""
    if wanted.kind == "schema":
        schema = _resolved(wanted.schema, wanted.schema.get("$defs") or {})
        return json.dumps(_fill(schema, answers, prompt), ensure_ascii=False)
    if wanted.kind == "json":
        return json.dumps(_as_json(answers, wanted.keys, prompt), ensure_ascii=False)
    if wanted.kind == "key lines":
        return "\n".join(f"{key}: {_flat(_field(key, answers, _line_of(key, answers, prompt)))}" for key in wanted.keys)
    if len(answers) == 1:
        return _say_one(*answers[0], wanted, prompt, mistakes)
    if all(isinstance(decision, Findings) for _, decision in answers):
        return _say_findings(_joined(answers), wanted, with_aspect=True)
    return "\n".join(f"{skill.name.capitalize()}: {_flat(_value(decision, prompt))}" for skill, decision in answers)


def say_each(answers_per_item: list, wanted: Format, prompt: Prompt) -> str:
    """One answer per text, in their order: a JSON list, or numbered lines."""
    single = len(answers_per_item[0]) == 1 and not wanted.keys
    if wanted.kind in ("json", "schema"):
        values = [_value(answers[0][1], prompt) if single else _as_json(answers, wanted.keys, prompt)
                  for answers in answers_per_item]
        return json.dumps(values, ensure_ascii=False)
    lines = [", ".join(_flat(_value(decision, prompt)) for _, decision in answers) for answers in answers_per_item]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def say_unknown(message: str, wanted: Format) -> str:
    """An honest "I don't know", in JSON where JSON was asked for."""
    return json.dumps({"error": message}) if wanted.kind in ("schema", "json") else message


def _say_one(skill, decision: Decision, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    if isinstance(decision, Findings):
        return _say_findings(decision, wanted, with_aspect=False)
    if isinstance(decision, Text):
        sentences = _sentences(decision)
        return "\n".join(f"- {sentence}" for sentence in sentences) if wanted.kind == "list" else " ".join(sentences)
    return _say_label(skill, decision, wanted, prompt, mistakes)


def _say_label(skill, label: Label, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    """One label as the prompt spells it; unless it insists on "only", a model sometimes dresses it up."""
    word = spelling(label, prompt.instruction)
    if wanted.strict or mistakes.draw("dress") < 0.6:
        return word
    if mistakes.draw("style") < 0.6:
        return f"{word.capitalize()}."
    return f"{skill.name.capitalize()}: **{word}**. The wording points that way."


def spelling(label: Label, instruction: str) -> str:
    """The prompt's own word for a label: the value, or a synonym that it offers as an answer.

    "YES if …" says it most clearly, then a row such as "yes or no", then the last mention of all.

    >>> label = Label("not spam", {"spam": ("yes",), "not spam": ("ham", "no")}, 0.1)
    >>> spelling(label, "Is this e-mail spam? Answer SPAM or HAM only.")
    'HAM'
    >>> spelling(label, "Yes or no: is this spam?")
    'no'
    """
    found = _mentions(label, instruction)
    if not _offers(found):
        return label.value  # the prompt offers no choice, it only names the question
    mine = [(_clearness(found, index, instruction), start, text)
            for index, (start, text, value) in enumerate(found) if value == label.value]
    return max(mine)[2] if mine else label.value


def _clearness(found: list, index: int, instruction: str) -> int:
    """How plainly a mention is an answer to give: 2 for "X if …", 1 for one of a row "X or Y", 0 for the rest."""
    start, text, _ = found[index]
    if _IF.match(instruction, start + len(text)):
        return 2
    gaps = [(before, after) for before, after in pairwise(found)
            if found[index] in (before, after) and before[2] != after[2]]
    rows = (instruction[before[0] + len(before[1]) : after[0]] for before, after in gaps)
    return int(any(_ROW.fullmatch(gap) for gap in rows))


def _offers(found: list) -> bool:
    return len({value for *_, value in found}) > 1


def _mentions(label: Label, text: str) -> list[tuple[int, str, str]]:
    """(position, word as written, value that it means), in reading order; a word inside a longer one is none."""
    words = sorted(
        ((word, value) for value, synonyms in label.choices.items() for word in (value, *synonyms)),
        key=lambda pair: -len(pair[0]),
    )
    masked, found = text, []
    for word, value in words:
        spaced = r"[_ -]".join(re.escape(part) for part in re.split(r"[_ -]", word))
        pattern = re.compile(rf"(?<![\w-]){spaced}(?![\w-])", re.I)
        for match in pattern.finditer(masked):
            found.append((match.start(), match.group(), value))
        masked = pattern.sub(lambda match: "\0" * len(match.group()), masked)
    return sorted(found)


def _say_findings(findings: Findings, wanted: Format, with_aspect: bool) -> str:
    if not findings.items:
        return findings.none
    lines = [_finding_line(item, with_aspect) for item in findings.items]
    single = all(len(item.fields) == 1 for item in findings.items)
    return ", ".join(lines) if single and wanted.kind != "list" else "\n".join(f"- {line}" for line in lines)


def _finding_line(finding: Finding, with_aspect: bool) -> str:
    fields = finding.fields
    if "line" not in fields:
        return " · ".join(str(value) for value in fields.values())
    aspect = f"[{fields['aspect']}] " if with_aspect and "aspect" in fields else ""
    return f"{aspect}line {fields['line']} ({fields['severity']}): {fields['message']}"


def _joined(answers: list) -> Findings:
    items = tuple(item for _, decision in answers for item in decision.items)
    return Findings(items, " ".join(decision.none for _, decision in answers))


def _sentences(text: Text) -> list[str]:
    return [fact.text for fact in text.facts]


def _value(decision: Decision, prompt: Prompt):
    """A decision as JSON would hold it."""
    if isinstance(decision, Label):
        return spelling(decision, prompt.instruction)
    if isinstance(decision, Text):
        return " ".join(_sentences(decision))
    return [next(iter(item.fields.values())) if len(item.fields) == 1 else dict(item.fields) for item in decision.items]


def _flat(value) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(entry) for entry in value) or "none"
    if isinstance(value, dict):
        return _finding_line(Finding(value, 0.0), with_aspect=True)
    return str(value)


def _as_json(answers: list, keys: tuple[str, ...], prompt: Prompt):
    findings_only = all(isinstance(decision, Findings) for _, decision in answers)
    if findings_only and (len(answers) == 1 or keys) and not _named(keys, answers):
        return [_pick(entry, keys) for _, decision in answers for entry in _value(decision, prompt)]
    if not keys:
        return {skill.name: _value(decision, prompt) for skill, decision in answers}
    return {key: _field(key, answers, prompt) for key in keys}


def _named(keys: tuple[str, ...], answers: list) -> bool:
    return any(key.lower() == skill.name for key in keys for skill, _ in answers)


def _pick(entry, keys: tuple[str, ...]):
    """A finding with the fields that were asked for, in that order; all of them when none was named."""
    if not isinstance(entry, dict):
        return entry
    chosen = {key: entry[key] for key in keys if key in entry}
    return chosen or entry


def _field(key: str, answers: list, prompt: Prompt):
    """The answer for one named field: a skill's, or a reason or confidence drawn from the skills' own certainty."""
    words = _words(key)
    for _, decision in _about(key, answers):
        return _value(decision, prompt)
    if _CONFIDENCE.search(words):
        difficulties = [decision.difficulty for _, decision in answers if isinstance(decision, Label)]
        return round(1 - max(difficulties, default=0.1), 2)
    if _REASON.search(words):
        return "The wording of the text points that way."
    if len(answers) == 1:
        return _value(answers[0][1], prompt)
    if all(isinstance(decision, Findings) for _, decision in answers):
        return [entry for _, decision in answers for entry in _value(decision, prompt)]
    return "unknown"


def _about(key: str, answers: list) -> list:
    """The answers of the skills that a field's name means, first come first."""
    return [(skill, decision) for skill, decision in answers
            if key and (skill.name == _words(key) or skill.cues.search(_words(key)))]


def _words(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").lower()


def _line_of(key: str, answers: list, prompt: Prompt) -> Prompt:
    """The prompt cut down to what it says after `KEY:`, where that line offers the words to choose from."""
    match = re.search(rf"\b{re.escape(key)}:(.*)", prompt.instruction)
    line = match.group(1) if match else ""
    offers = any(isinstance(decision, Label) and _offers(_mentions(decision, line)) for _, decision in _about(key, answers))
    return Prompt(line, prompt.material) if offers else prompt


def _fill(schema: dict, answers: list, prompt: Prompt, key: str = ""):
    """A value that fits the schema, filled from the skills."""
    kind = schema.get("type")
    if kind == "object":
        return {name: _fill(part, answers, prompt, name) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return _fill_array(schema.get("items") or {}, answers, prompt, key)
    answers = _about(key, answers) or answers
    value = _field(key, answers, prompt) if key else _value(answers[0][1], prompt)
    if "enum" in schema:
        return _nearest(value, schema["enum"], answers)
    return _coerced(value, kind, answers)


def _resolved(schema: dict, definitions: dict, depth: int = 8) -> dict:
    """The schema with its references put in place, and of "this or null" the one that is something."""
    if depth == 0:
        return {"type": "string"}
    for option in schema.get("anyOf") or ():
        if option.get("type") != "null":
            schema = option
            break
    schema = definitions.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    parts = {}
    if "properties" in schema:
        parts["properties"] = {name: _resolved(part, definitions, depth - 1) for name, part in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        parts["items"] = _resolved(schema["items"], definitions, depth - 1)
    return schema | parts


def _fill_array(part: dict, answers: list, prompt: Prompt, key: str):
    named = [(skill, decision) for skill, decision in answers
             if isinstance(decision, Findings) and skill.cues.search(key.replace("_", " "))]
    lists = named or [(skill, decision) for skill, decision in answers if isinstance(decision, Findings)]
    entries = [entry for _, decision in lists for entry in _value(decision, prompt)]
    if not lists:
        entries = [sentence for _, decision in answers if isinstance(decision, Text) for sentence in _sentences(decision)]
    if part.get("type") == "object":
        wanted = part.get("properties", {})
        return [{name: entry.get(name, "") if isinstance(entry, dict) else entry for name in wanted} for entry in entries]
    if "enum" in part:
        plain = {_plain(option): option for option in part["enum"]}
        return [plain[_plain(entry)] for entry in entries if _plain(entry) in plain]
    return [_flat(entry) if part.get("type") == "string" else entry for entry in entries]


def _nearest(value, options: list, answers: list):
    """The option that means the value, by its spelling or by a synonym of the label."""
    plain = {_plain(option): option for option in options}
    if _plain(value) in plain:
        return plain[_plain(value)]
    for _, decision in answers:
        if isinstance(decision, Label):
            for word in (decision.value, *decision.choices[decision.value]):
                if _plain(word) in plain:
                    return plain[_plain(word)]
    slips = [decision.slip for _, decision in answers if isinstance(decision, Label) and decision.value == value]
    return next((plain[_plain(slip)] for slip in slips if _plain(slip) in plain), options[0])


def _plain(word) -> str:
    return str(word).replace("_", " ").replace("-", " ").lower()


def _number_in(value):
    """The number that an answer is or holds, such as 4 in "4 stars"; 0 when it holds none."""
    if isinstance(value, (int, float)):
        return value
    found = re.search(r"\d+", str(value))
    return int(found.group()) if found else 0


def _coerced(value, kind: str | None, answers: list):
    if kind == "boolean":
        labels = [decision for _, decision in answers if isinstance(decision, Label)]
        return bool(labels) and (labels[0].value in ("true", "yes") or "yes" in labels[0].choices[labels[0].value])
    if kind in ("number", "integer"):
        return _number_in(value)
    return value if isinstance(value, str) or kind is None else _flat(value)

"""How an answer is said: the formats that prompts ask for, read from the prompt and kept to.

Known: a JSON schema (see `schemas`) or the word JSON, `KEY: value` lines, XML tags, CSV and tables, lists,
the labels that a prompt offers ("SPAM or HAM"), scores on a scale, a reason before the answer with a closing
line ("end with ANSWER: X"), capitals, and plain sentences when nothing is asked.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from course_lib.simulation.model.decisions import Decision, DontKnow, Finding, Label, Listing, Number, Prompt, Text
from course_lib.simulation.model.mistakes import Mistakes
from course_lib.simulation.model.scales import on_scale, scale_in
from course_lib.simulation.model.schemas import Filler, fill_each, level_of

_STRICT = re.compile(r"\b(only|exactly|just|nothing else|one word|single word|no other|one label)\b", re.I)
_LIST = re.compile(r"\b(bullets?|bulleted|numbered|one per line|as a list|list of|list the|dash(es)?)\b", re.I)
_JSON = re.compile(r"\bjson\b", re.I)
_KEY_LINE = re.compile(r"^[ \t>*-]*([A-Z][A-Z _-]{2,24}):", re.M)
_INLINE_KEY = re.compile(r"[`'\"“]([A-Z][A-Z _-]{2,24}):")
_BARE_KEY = re.compile(r"(?<![\w<])([A-Z][A-Z_]{2,24}): ?(?=[\w\[<{(.…\"'`])")
_JSON_KEY = re.compile(r"[`'\"“](\w{2,30})[`'\"”]")
_KEY_WORDS = re.compile(r"\b(?:keys|fields|properties)\b:?\s+((?:\w+(?:,\s*|\s+and\s+|\s*,\s*and\s+))*\w+)", re.I)
_IF = re.compile(r"[\"'`”*]*\s+(?:if|when|for|means)\b|[\"'`”*]*\s*=")
_ROW = re.compile(r"[\s\"'`“”*(),;/|-]*(?:or|and|vs|otherwise|else)?[\s\"'`“”*(),;/|-]*")
_REASON = re.compile(
    r"\b(reason(?:ing)?|explanation|why|rationale|justification|comment|thinking|thoughts?|analysis)\b", re.I
)
_CONFIDENCE = re.compile(r"\b(confidence|certainty|probability|likelihood)\b", re.I)
_SCORE = re.compile(r"\b(score|rating|scale|severity|level|grade)\b", re.I)
_WHOLE = re.compile(
    r"(?:final )?(?:answer|verdict|label|result|output|response|decision|category|class|"
    r"classification|prediction)",
    re.I,
)
_CLOSING = re.compile(
    r"\b(?:end|finish|conclude|close|(?:last|final) line|then (?:say|write|give)|(?:in|of) the "
    r"(?:form|format)|formatted as|as|with|saying)\b[^\n]{0,60}?[\"'`“]?"
    r"\b((?-i:(?:FINAL )?(?:ANSWER|VERDICT|RESULT|LABEL|DECISION|SCORE|CLASS|CATEGORY)|(?:Final "
    r")?(?:Answer|Verdict|Result|Label|Decision|Score|answer|verdict)):|[Tt]he (?:final )?answer is\b)",
    re.I,
)
_ENDS = re.compile(r"\b(?:end|finish|conclude|close|(?:last|final) line|then (?:say|write|give|answer))\b", re.I)
_REASONS = re.compile(
    r"\bstep[- ]by[- ]step\b|\bthink (?:it |this )?(?:through|aloud|out loud|first|carefully|about "
    r"it)\b|\bshow your (?:work|reasoning|steps|working)\b|"
    r"\b(?:explain|reason|justify|give (?:a |your |one |the )?(?:short |brief )?(?:reasons?|reasoning|"
    r"explanation))\b[^.\n]{0,60}\b(?:first|before|then|and then|followed by)\b|"
    r"\bfirst,? (?:explain|reason|think|write|give|state)\b[^.\n]{0,40}\b(?:reason\w*|why|thoughts|"
    r"thinking|explanation|analysis)\b|"
    r"\b(?:with|add|give|include|plus|and) (?:a |an |one |your |the )?(?:short |brief |one-sentence "
    r")?(?:reason|explanation|justification|rationale)\b|\bexplain (?:why|your)\b|\b(?:and|then) why\b|^why\b",
    re.I | re.M,
)
_CAPITALS = re.compile(r"\b(?:all[- ]caps|upper[- ]?case|capital letters|in capitals)\b", re.I)
_SMALL = re.compile(r"\blower[- ]?case\b|\bsmall letters\b", re.I)
_CSV = re.compile(r"\bcsv\b|\bcomma[- ]separated (?:values|lines|rows|columns)\b", re.I)
_TABLE = re.compile(
    r"\b(?:markdown )?table\b(?=[^.\n]*\b(?:columns?|with|of)\b|\W*\Z)|\b(?:as|in) a (?:markdown )?table\b", re.I
)
_COLUMNS = re.compile(
    r"\b(?:columns?|headers?|fields|csv|format(?:ted)?(?: as)?)\b:?\s*(?:with (?:the "
    r")?(?:columns?|headers?)\b:?\s*)?(?:are |named )?[`'\"(]*((?:\w+[`'\"]*(?:\s*[,|"
    r"]\s*(?:and )?[`'\"]*|\s+and\s+[`'\"]*))+\w+)",
    re.I,
)


@dataclass(frozen=True)
class Format:
    """What the prompt asks for: `kind` is "schema", "json", "key lines", "tags", "csv", "table", "list" or "free".

    reasons: whether a reason comes before the answer. closing: what the last line begins with, such as "ANSWER:".
    case: "upper", "lower" or "".
    """

    kind: str
    keys: tuple[str, ...] = ()
    schema: dict | None = None
    strict: bool = False
    reasons: bool = False
    closing: str = ""
    case: str = ""


def read_format(instruction: str, output_config: dict | None = None, tags: tuple[str, ...] = ()) -> Format:
    """The format that a request wants; `output_config` is the API's own way to ask for JSON.

    `tags` are those in which the prompt wants the answer: <verdict>…</verdict>.
    """
    schema = ((output_config or {}).get("format") or {}).get("schema")
    strict = bool(_STRICT.search(instruction))
    if schema:
        properties = schema.get("properties")
        return Format("schema", tuple(properties) if isinstance(properties, dict) else (), schema, strict)
    return _read_words(instruction, strict, tags)


@lru_cache(maxsize=4096)
def _read_words(instruction: str, strict: bool, tags: tuple[str, ...]) -> Format:
    if _JSON.search(instruction):
        return Format("json", _json_keys(instruction), None, strict)
    case = "upper" if _CAPITALS.search(instruction) else "lower" if _SMALL.search(instruction) else ""
    reasons = bool(_REASONS.search(instruction))
    if tags:
        return Format("tags", tags, None, strict, reasons, "", case)
    keys = tuple(dict.fromkeys(_KEY_LINE.findall(instruction) + _INLINE_KEY.findall(instruction)))
    bare = tuple(dict.fromkeys(_BARE_KEY.findall(instruction)))
    if len(keys) < 2 <= len(bare):
        keys = bare
    closing = "" if len(keys) > 1 else _closing(instruction)
    if closing:
        return Format("free", (), None, strict, reasons or bool(_ENDS.search(instruction)), closing, case)
    if keys:
        return Format("key lines", keys, None, strict, False, "", case)
    if _CSV.search(instruction) or _TABLE.search(instruction):
        kind = "csv" if _CSV.search(instruction) else "table"
        return Format(kind, _columns(instruction), None, strict, False, "", case)
    return Format("list" if _LIST.search(instruction) else "free", (), None, strict, reasons and not strict, "", case)


def _closing(instruction: str) -> str:
    """What the last line is to begin with; one key among several is a line of its own, not the end."""
    found = _CLOSING.search(instruction)
    keys = set(_KEY_LINE.findall(instruction) + _INLINE_KEY.findall(instruction)) - {
        found.group(1).rstrip(":") if found else ""
    }
    if (
        not found
        or keys
        or not (_ENDS.search(instruction) or _REASONS.search(instruction) or not found.group(1).isupper())
    ):
        return ""
    return found.group(1)


def _columns(instruction: str) -> tuple[str, ...]:
    listed = _COLUMNS.search(instruction)
    return tuple(word for word in re.split(r"\W+", listed.group(1)) if word not in ("", "and")) if listed else ()


def _json_keys(instruction: str) -> tuple[str, ...]:
    listed = _KEY_WORDS.search(instruction)
    if listed:
        return tuple(word for word in re.split(r"\W+", listed.group(1)) if word not in ("", "and"))
    return tuple(dict.fromkeys(_JSON_KEY.findall(instruction)))


def say(answers: list, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    """The answers of all skills, in the wanted format. `answers` holds (skill, decision) pairs."""
    if answers and all(isinstance(decision, DontKnow) for _, decision in answers):
        return say_unknown(answers[0][1].reason, wanted)
    if wanted.kind == "schema":
        return json.dumps(_filler(answers, prompt, wanted).fill(wanted.schema), ensure_ascii=False)
    if wanted.kind == "json":
        return json.dumps(_as_json(answers, wanted.keys, prompt), ensure_ascii=False)
    said = _said(answers, wanted, prompt, mistakes)
    if wanted.reasons and wanted.kind != "tags":
        said = _with_reasons(answers, said, prompt)
    return said


def _said(answers: list, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    if wanted.kind == "key lines":
        return "\n".join(f"{key}: {_flat(_field(key, answers, _line_of(key, answers, prompt)))}" for key in wanted.keys)
    if wanted.kind == "tags":
        return _in_tags(answers, wanted, prompt)
    if wanted.kind in ("csv", "table"):
        return _as_table(_rows(answers, wanted.keys, prompt), wanted)
    if wanted.closing:
        return f"{wanted.closing} {_cased(_flat(_value(answers[0][1], prompt)), wanted)}" + (
            "." if wanted.closing.lower().endswith(" is") else ""
        )
    if len(answers) == 1:
        return _cased(_say_one(*answers[0], wanted, prompt, mistakes), wanted)
    if all(isinstance(decision, Listing) for _, decision in answers):
        return _say_findings(_joined(answers), wanted, with_aspect=True)
    return "\n".join(f"{skill.name.capitalize()}: {_flat(_value(decision, prompt))}" for skill, decision in answers)


def say_each(answers_per_item: list, wanted: Format, prompt: Prompt) -> str:
    """One answer per text, in their order: a JSON list, the rows of a table, or numbered lines."""
    single = len(answers_per_item[0]) == 1 and not wanted.keys
    if wanted.kind == "schema":
        fillers = [
            _filler(answers, Prompt(prompt.instruction, item), wanted)
            for answers, item in zip(answers_per_item, prompt.items, strict=True)
        ]
        return json.dumps(fill_each(fillers, wanted.schema), ensure_ascii=False)
    if wanted.kind == "json":
        values = [
            _value(answers[0][1], prompt) if single else _as_json(answers, wanted.keys, prompt)
            for answers in answers_per_item
        ]
        return json.dumps(values, ensure_ascii=False)
    if wanted.kind in ("csv", "table"):
        rows = [
            row
            for number, answers in enumerate(answers_per_item, start=1)
            for row in _rows(answers, wanted.keys, prompt, number)
        ]
        return _as_table(rows, wanted)
    lines = [
        ", ".join(_cased(_flat(_value(decision, prompt)), wanted) for _, decision in answers)
        for answers in answers_per_item
    ]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def say_unknown(message: str, wanted: Format) -> str:
    """An honest "I don't know": in JSON where JSON was asked for, in the schema's first free text field if it has one."""
    if wanted.kind == "schema":
        properties = wanted.schema.get("properties") if isinstance(wanted.schema.get("properties"), dict) else {}
        asserts = any(_asserts(part) for part in properties.values())
        free = [
            name
            for name, part in properties.items()
            if isinstance(part, dict)
            and part.get("type") == "string"
            and not {"enum", "const", "format", "maxLength", "pattern"} & set(part)
        ]
        if free and not asserts:
            filled = _filler([], Prompt("", ""), wanted).fill(wanted.schema)
            return json.dumps(filled | {free[0]: message}, ensure_ascii=False)
    return json.dumps({"error": message}, ensure_ascii=False) if wanted.kind in ("schema", "json") else message


def _asserts(part: object) -> bool:
    """Whether a field can only be filled by claiming something: a choice, a number, true or false."""
    return isinstance(part, dict) and bool(
        {"enum", "const", "$ref", "allOf"} & set(part) or part.get("type") in ("boolean", "number", "integer", "object")
    )


def _filler(answers: list, prompt: Prompt, wanted: Format) -> Filler:
    known = [(skill, decision) for skill, decision in answers if not isinstance(decision, DontKnow)]
    return Filler(
        known,
        prompt,
        lambda key, among: _field(key, among, prompt),
        _about,
        lambda decision: _value(decision, prompt),
        _definitions(wanted.schema),
    )


def _definitions(schema: dict) -> dict:
    """The schema's own definitions by name, and under "" the names of its fields."""
    definitions = {**(schema.get("$defs") or {}), **(schema.get("definitions") or {})}
    return definitions | {"": tuple(schema.get("properties") or ()), "#": schema}


def _in_tags(answers: list, wanted: Format, prompt: Prompt) -> str:
    parts = []
    reasoned = any(_REASON.search(_words(tag)) for tag in wanted.keys)
    for tag in wanted.keys:
        words = _words(tag)
        if _REASON.search(words):
            value = _reasons(answers, prompt)
        elif _WHOLE.fullmatch(words) and not _about(tag, answers):
            value = (
                _flat(_value(answers[0][1], prompt))
                if len(answers) == 1
                else ", ".join(_flat(_value(decision, prompt)) for _, decision in answers)
            )
        else:
            value = _flat(_field(tag, answers, prompt))
        parts.append(f"<{tag}>{_cased(value, wanted) if not _REASON.search(words) else value}</{tag}>")
    reasons = f"{_reasons(answers, prompt)}\n" if wanted.reasons and not reasoned else ""
    return reasons + "\n".join(parts)


def _with_reasons(answers: list, said: str, prompt: Prompt) -> str:
    reasons = _reasons(answers, prompt)
    return f"{reasons}\n{said}" if reasons and reasons not in said else said


def _reasons(answers: list, prompt: Prompt) -> str:
    """Why, as far as the skills can tell: the steps of a sum, or what in the text speaks for a label."""
    reasons = []
    for _, decision in answers:
        if isinstance(decision, Number) and decision.right.steps:
            reasons.append(" ".join(f"{step}." for step in decision.right.steps))
        elif isinstance(decision, Label):
            reasons.append(
                f"I read it as {spelling(decision, prompt.instruction)}: "
                f"{decision.why or 'its wording points that way'}."
            )
    if not reasons and any(isinstance(decision, Listing) for _, decision in answers):
        return "I went through the text and noted what I found."
    return " ".join(reasons)


def _cased(text: str, wanted: Format) -> str:
    return text.upper() if wanted.case == "upper" else text.lower() if wanted.case == "lower" else text


def _rows(answers: list, columns: tuple[str, ...], prompt: Prompt, number: int | None = None) -> list[dict[str, str]]:
    """The rows of a table: one per finding, else one with all answers; a column named like a place holds the number."""
    findings = [
        entry for _, decision in answers if isinstance(decision, Listing) for entry in _value(decision, prompt)
    ]
    if findings and len(answers) == 1:
        name = answers[0][0].name
        entries = [entry if isinstance(entry, dict) else {name: entry} for entry in findings]
    else:
        entries = [{skill.name: _value(decision, prompt) for skill, decision in answers}]
    columns = columns or (
        *(("number",) if number is not None else ()),
        *dict.fromkeys(field for entry in entries for field in entry),
    )
    rows = []
    for place, entry in enumerate(entries, start=1):
        row = {}
        for column in columns:
            if re.fullmatch(r"(?:\w+_)?(?:id|no|nr|number|index|row|text)", column, re.I) and column not in entry:
                row[column] = str(number or place)
            elif column in entry or len(entry) == 1 and column == columns[-1]:
                row[column] = _flat(entry.get(column, next(iter(entry.values()))))
            else:
                row[column] = _flat(_field(column, answers, prompt))
        rows.append(row)
    return rows


def _as_table(rows: list[dict[str, str]], wanted: Format) -> str:
    columns = list(rows[0])
    if wanted.kind == "table":
        lines = [
            columns,
            ["---"] * len(columns),
            *([row[column].replace("|", "/").replace("\n", " ") for column in columns] for row in rows),
        ]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    lines = (
        [columns, *([row[column] for column in columns] for row in rows)]
        if wanted.keys
        else [[row[column] for column in columns] for row in rows]
    )
    return "\n".join(",".join(_quoted(cell) for cell in cells) for cells in lines)


def _quoted(cell: str) -> str:
    quoted = cell.replace('"', '""')
    return f'"{quoted}"' if re.search(r'[",\n]', cell) else cell


def _say_one(skill, decision: Decision, wanted: Format, prompt: Prompt, mistakes: Mistakes) -> str:
    if isinstance(decision, Listing):
        return _say_findings(decision, wanted, with_aspect=False)
    if isinstance(decision, Text):
        sentences = _sentences(decision)
        return "\n".join(f"- {sentence}" for sentence in sentences) if wanted.kind == "list" else " ".join(sentences)
    if isinstance(decision, Number):
        return _say_number(decision, wanted)
    if isinstance(decision, DontKnow):
        return decision.reason
    scale = _scale_for(decision, prompt)
    if scale is not None:
        return str(on_scale(level_of(decision), scale))
    return _say_label(skill, decision, wanted, prompt, mistakes)


def _say_number(number: Number, wanted: Format) -> str:
    """The number alone where the prompt insists, else in its sentence, after its steps."""
    value = number.right.value
    if wanted.strict or number.scale and not wanted.reasons:
        return str(value)
    steps = "" if wanted.reasons else "".join(f"{step}. " for step in number.right.steps)
    return f"{steps}{number.sentence.format(value)}"


def _scale_for(label: Label, prompt: Prompt) -> tuple[float, float] | None:
    """The scale on which a label is to be said; None where the prompt wants its words."""
    scale = _asked_scale(prompt.instruction)
    return None if scale is None or any(word.isdigit() for word in label.choices) else scale


@lru_cache(maxsize=1024)
def _asked_scale(instruction: str) -> tuple[float, float] | None:
    if not re.search(r"\d|percent|per cent", instruction):
        return None
    rates = re.search(
        r"\b(?:rate|score|scale|rating|number|points|how \w+|probability|likelihood|percent\w*|grade|level)\b",
        instruction,
        re.I,
    )
    return scale_in(instruction) if rates else None


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
    return _spelling(label.value, tuple(label.choices.items()), instruction)


@lru_cache(maxsize=4096)
def _spelling(wanted: str, choices: tuple, instruction: str) -> str:
    found = _mentions(choices, instruction)
    if not _offers(found):
        return wanted  # the prompt offers no choice, it only names the question
    mine = [
        (_clearness(found, index, instruction), start, text)
        for index, (start, text, value) in enumerate(found)
        if value == wanted
    ]
    return max(mine)[2] if mine else wanted


def _clearness(found: list, index: int, instruction: str) -> int:
    """How plainly a mention is an answer to give: 2 for "X if …", 1 for one of a row "X or Y", 0 for the rest."""
    start, text, _ = found[index]
    if _IF.match(instruction, start + len(text)):
        return 2
    gaps = [
        (before, after)
        for before, after in pairwise(found)
        if found[index] in (before, after) and before[2] != after[2]
    ]
    rows = (instruction[before[0] + len(before[1]) : after[0]] for before, after in gaps)
    return int(any(_ROW.fullmatch(gap) for gap in rows))


def _offers(found: list) -> bool:
    return len({value for *_, value in found}) > 1


@lru_cache(maxsize=1024)
def _mentions(choices: tuple, text: str) -> list[tuple[int, str, str]]:
    """(position, word as written, value that it means), in reading order; a word inside a longer one is none."""
    words = sorted(
        ((word, value) for value, synonyms in choices for word in (value, *synonyms)),
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


def _say_findings(findings: Listing, wanted: Format, with_aspect: bool) -> str:
    if not findings.items:
        return findings.none
    lines = [_finding_line(item, with_aspect) for item in findings.items]
    single = all(len(item.fields) == 1 for item in findings.items)
    asks = any(line.endswith("?") for line in lines)
    return (
        ", ".join(lines) if single and wanted.kind != "list" and not asks else "\n".join(f"- {line}" for line in lines)
    )


def _finding_line(finding: Finding, with_aspect: bool) -> str:
    fields = finding.fields
    if "line" not in fields or "message" not in fields:
        return " · ".join(str(value) for value in fields.values())
    aspect = f"[{fields['aspect']}] " if with_aspect and "aspect" in fields else ""
    return f"{aspect}line {fields['line']} ({fields['severity']}): {fields['message']}"


def _joined(answers: list) -> Listing:
    items = tuple(item for _, decision in answers for item in decision.items)
    return Listing(items, " ".join(decision.none for _, decision in answers))


def _sentences(text: Text) -> list[str]:
    return [fact.text for fact in text.facts]


def _value(decision: Decision, prompt: Prompt):
    """A decision as JSON would hold it."""
    if isinstance(decision, Label):
        scale = _scale_for(decision, prompt)
        return spelling(decision, prompt.instruction) if scale is None else on_scale(level_of(decision), scale)
    if isinstance(decision, Text):
        return " ".join(_sentences(decision))
    if isinstance(decision, Number):
        return decision.right.value
    if isinstance(decision, DontKnow):
        return "unknown"
    return [next(iter(item.fields.values())) if len(item.fields) == 1 else dict(item.fields) for item in decision.items]


def _flat(value) -> str:
    if isinstance(value, list):
        return ", ".join(_flat(entry) for entry in value) or "none"
    if isinstance(value, dict):
        return _finding_line(Finding(value, 0.0), with_aspect=True)
    return str(value)


def _as_json(answers: list, keys: tuple[str, ...], prompt: Prompt):
    findings_only = all(isinstance(decision, Listing) for _, decision in answers)
    if findings_only and (len(answers) == 1 or keys) and not _named(keys, answers):
        return [_pick(entry, keys) for _, decision in answers for entry in _value(decision, prompt)]
    if not keys:
        return {skill.name: _value(decision, prompt) for skill, decision in answers}
    return {key: _field(key, answers, prompt) for key in keys}


def _named(keys: tuple[str, ...], answers: list) -> bool:
    """Whether a key is the name of a whole answer, not of one of its entries' fields."""
    own = {key: [skill for skill, _ in _about(key, answers) if getattr(skill, "one_by_one", False)] for key in keys}
    return any(own[key] or key.lower() == skill.name for key in keys for skill, _ in answers)


def _pick(entry, keys: tuple[str, ...]):
    """A finding with the fields that were asked for, in that order; all of them when none was named."""
    if not isinstance(entry, dict):
        return entry
    chosen = {key: entry[key] for key in keys if key in entry}
    return chosen or entry


def _field(key: str, answers: list, prompt: Prompt):
    """The answer for one named field: a skill's, a score, a reason, or how sure the model is.

    A confidence is the share of such answers that are right: see `mistakes`.
    """
    words = _words(key)
    for skill, decision in _about(key, answers):
        value = _value(decision, prompt)
        if getattr(skill, "one_by_one", False) and isinstance(value, list) and not words.endswith("s"):
            return value[0] if value else "unknown"
        return value
    if _CONFIDENCE.search(words):
        return _confidence(answers, _scale_of(key, prompt))
    if _REASON.search(words):
        return _reasons(answers, prompt) or "The wording of the text points that way."
    labels = [decision for _, decision in answers if isinstance(decision, Label)]
    if _SCORE.search(words) and labels and len(answers) == 1:
        return on_scale(level_of(labels[0]), _scale_of(key, prompt) or (0, 1))
    if len(answers) == 1:
        return _value(answers[0][1], prompt)
    if _WHOLE.fullmatch(words) and labels:
        return _value(labels[0], prompt)
    if answers and all(isinstance(decision, Listing) for _, decision in answers):
        return [entry for _, decision in answers for entry in _value(decision, prompt)]
    return "unknown"


def _confidence(answers: list, scale: tuple[float, float] | None) -> float:
    """How often answers as hard as the hardest of these are right, between 0 and 1 or on the prompt's own scale."""
    difficulties = [decision.difficulty for _, decision in answers if isinstance(decision, (Label, Number))]
    sure = 1 - max(difficulties, default=0.1)
    return round(sure, 2) if scale is None or scale[1] <= 1 else on_scale(sure, (0, scale[1]))


def _scale_of(key: str, prompt: Prompt) -> tuple[float, float] | None:
    """The scale that the prompt names beside a field: "confidence (0-100)"."""
    place = re.search(rf"(?<!\w){re.escape(key)}(?!\w)|\b{re.escape(_words(key))}\b", prompt.instruction, re.I)
    near = prompt.instruction[place.start() : place.end() + 50].split("\n")[0] if place else ""
    return scale_in(f"score {near}") if near else None


def _about(key: str, answers: list) -> list:
    """The answers of the skills that a field's name means, first come first."""
    return [
        (skill, decision)
        for skill, decision in answers
        if key and (skill.name == _words(key) or skill.cues.search(_words(key)))
    ]


def _words(key: str) -> str:
    return key.replace("_", " ").replace("-", " ").lower()


def _line_of(key: str, answers: list, prompt: Prompt) -> Prompt:
    """The prompt cut down to what it says after `KEY:`, where that line offers the words to choose from."""
    match = re.search(rf"\b{re.escape(key)}:((?:(?!\b[A-Z_]{{3,}}:).)*)", prompt.instruction)
    line = match.group(1) if match else ""
    about = _about(key, answers) or (answers if _WHOLE.fullmatch(_words(key)) else [])
    offers = any(
        isinstance(decision, Label) and _offers(_mentions(tuple(decision.choices.items()), line))
        for _, decision in about
    )
    return Prompt(line, prompt.material) if offers else prompt

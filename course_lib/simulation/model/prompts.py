"""What a request asks, and about which text: the instruction and the material, told apart.

A prompt that marks its material (tags, a code fence, `Review:`) is always read right;
an unmarked one is read by its paragraphs, as a hurried reader would.
"""

import re
from dataclasses import replace
from functools import lru_cache

from course_lib.simulation.content import text_of
from course_lib.simulation.model.decisions import Prompt

_BLOCK = (
    re.compile(  # a tag alone on its line ends at the last such closing line: what it holds may name the tag itself
        r"^<([a-zA-Z][\w-]*)(?:\s[^<>]*)?>[ \t]*\n((?:(?!<\1(?:\s[^<>]*)?>[ \t]*$).*\n)*)</\1>[ \t]*$", re.M
    )
)
_TAGGED = re.compile(r"<([a-zA-Z][\w-]*)(?:\s[^<>]*)?>(.*?)</\1>", re.S)
_FENCED = re.compile(r"^```[\w+-]*[ \t]*\n(.*?)^```[ \t]*$", re.S | re.M)
_MARKER = re.compile(
    r"^(?:[ \t]*)(?:the |this |customer |source )?"
    r"(?:text|review|ticket|e-?mail|message|document|chapter|section|source|code|post|article|passage|report|notes|"
    r"input|content|snippet|comment|file|material)s?(?: [\w.-]{1,24})?:[ \t]*",
    re.I | re.M,
)
_ASKS = re.compile(
    r"\b(answer|reply|respond|return|classify|summar\w+|is (this|it)|what|which|list|find|give|use|"
    r"say|only|format|json)\b",
    re.I,
)
_EACH = re.compile(r"\b(each|every|one (line|entry|label|answer) per)\b", re.I)
_QUOTED = re.compile(r"[\"“”]([^\"“”]{12,})[\"“”]", re.S)
_AFTER_COLON = re.compile(r":\s+(\S+(?:\s+\S+){3,}.*)\Z", re.S)
_ABOUT_THIS = re.compile(r"\A([^?\n]{0,200}\b(?:this|these)\b[^?\n]{0,120}\?)\s+(\S.*)\Z", re.I | re.S)
_FIRST_SENTENCE = re.compile(r"\A.*?(?:[.!?](?=\s|\Z)|\n|\Z)", re.S)
_ON_THE_ANSWER = re.compile(
    r"\W*(?:(?:please|just|only|simply|briefly)\b\W*)*(?:answer|reply|respond|return|classify|label|rate|score|judge|"
    r"decide|choose|pick|one|two|three|a single|in|with|as|on a|if|yes|no|true|false|either|use|say|think|reason|"
    r"consider|be|and|or)\b",
    re.I,
)
_NAMES_A_FORM = re.compile(
    r"\b(?:or|words?|sentences?|json|labels?|letters?|format|scale|tags?|yes|no|explain|explanation)\b", re.I
)
_CLOSING_SENTENCE = re.compile(
    r"(?<=[.!?…])\s+((?:please )?answer (?:only |just |with |in |by )*(?:yes|no|true|one|a single|spam|json)\b"
    r"[^.!?\n]{0,60}[.!?]?)\s*\Z",
    re.I,
)
_WORDS_OF_A_TEXT = 5
"""So many words after a question may be a text; fewer are a remark on the question."""
_WORDS_OF_A_REMARK = 12
"""A first sentence shorter than this that names an answer's form is no text."""
_ANSWER_NAMES = (
    r"(?:final[_-]?)?(?:answer|verdict|label|result|output|response|decision|score|rating|confidence|"
    r"reason|reasoning|thinking|thoughts?|"
    r"explanation|rationale|summary|category|class|classification|sentiment|urgency|rewrite|"
    r"judg(?:e)?ment|plan|topics?)"
)
_TEMPLATE = re.compile(
    r"<(?P<one>[a-zA-Z][\w-]*)>[ \t]*(?:…|\.\.\.|\[[^\]\n]{0,60}\]|\{[^}\n]{0,60}\}|(?:your|the|a|"
    r"one) (?:\w+ ){0,3}(?:answer|label|word|number|score|verdict|category|reason\w*|explanation|"
    r"rating|letter|result|summary|thoughts?|here)|[A-Z]|)[ \t]*</(?P=one)>|"
    rf"<(?P<two>{_ANSWER_NAMES})>[ \t]*(?P<options>[^<>\n]{{0,80}}(?:\bor\b|[|/])[^<>\n]{{0,80}})</(?P=two)>|"
    r"<(?P<three>[a-zA-Z][\w-]*)>`?(?: ?…? ?| and | ?\.\.\. ?)`?</(?P=three)>",
    re.I,
)
_SHOWS = re.compile(
    r"(?:\b(?:in|as|within|inside|like|with|format|using|form|tags?|between|and|this)|:)[ \t]*\n?[`'\"(]*\Z", re.I
)
_TAG_NAMED = re.compile(
    rf"<(?P<tag>{_ANSWER_NAMES})>(?!.*</(?P=tag)>)[`'\"]*(?: (?:xml )?tags?)?|(?:in|inside|"
    rf"within|between|using) (?:an? |the )?[`'\"]?(?P<word>{_ANSWER_NAMES})[`'\"]? (?:xml )?tags?\b",
    re.I | re.S,
)
_ENTRY = re.compile(r"^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]+(?=\S)", re.M)
_NUMBERED = re.compile(r"^[ \t]*\d{1,3}[.)][ \t]+(?=\S)", re.M)
_AGAIN = re.compile(
    r"\W*(?:(?:and |now |then |so |also )?(?:are you (?:really |quite )?sure|really|why(?: (?:is that|"
    r"do you (?:think|say) so|so))?|explain(?: (?:why|that|your (?:answer|choice|reasoning)))?|again|once more|"
    r"(?:please )?(?:check|try|think|do it|answer|read it)(?: it| that)? again|say (?:it|that) again|"
    r"how (?:so|sure are you)|what do you mean|in one word|reason)[\w ,]{0,40})\W*",
    re.I,
)
_IMPERATIVE = re.compile(
    r"\W*(?:please |now |then |ok,? |and |can you |could you )*(?:write|tell|explain|translate|what|"
    r"why|how|who|when|where|which|make|create|give|list|draw|solve|compute|show|help|do|is|are|does|"
    r"say|answer|thanks|thank)\b",
    re.I,
)


def read_prompt(body: dict, knows, knows_role=None) -> Prompt:
    """Instruction and material of a request.

    `knows(text)` says whether a text asks for something that the model can do. When only the
    system prompt does, the whole message is material: "You are a spam filter" + an e-mail.
    (`knows_role` may accept more of a system prompt than `knows` accepts of a message.)

    In a conversation the last turn counts. What it leaves open is taken from the turns before it:
    the text ("Now summarize it."), or the question ("And this one: …", "Are you sure?").
    """
    system = text_of(body.get("system"))
    turns = [text_of(message["content"]).strip() for message in body["messages"] if message["role"] == "user"]
    prompt = _read_turn(system, turns[-1], knows, knows_role or knows)
    if len(turns) == 1:
        return prompt
    earlier = [_read_turn(system, turn, knows, knows_role or knows) for turn in reversed(turns[:-1]) if turn]
    return _in_context(prompt, turns[-1], earlier, knows)


def _read_turn(system: str, text: str, knows, knows_role) -> Prompt:
    text, tags = _answer_tags(text)
    if system:
        system, more = _answer_tags(system)
        tags = tuple(dict.fromkeys(tags + more))
    instruction, material = split(text)
    if system and knows_role(system) and not knows(instruction):
        rest, material = _marked(text)
        instruction = f"{system}\n{rest}".strip()
    else:
        instruction = "\n".join(part for part in (system, instruction) if part)
    return Prompt(instruction, material, _items(instruction, text, material), tuple(_parts(text)), tags, text)


def _in_context(prompt: Prompt, text: str, earlier: list[Prompt], knows) -> Prompt:
    """The last turn, completed by the turns before it (the latest first)."""
    asked = next((turn for turn in earlier if knows(turn.instruction)), None)
    shown = next((turn for turn in earlier if turn.material), None)
    if _AGAIN.fullmatch(text) and asked:
        material = asked if asked.material else shown or asked
        return replace(material, instruction=f"{asked.instruction}\n{text}", answer_tags=asked.answer_tags)
    if knows(prompt.instruction):
        return (
            prompt
            if prompt.material or shown is None
            else replace(shown, instruction=prompt.instruction, answer_tags=prompt.answer_tags)
        )
    if asked and not _IMPERATIVE.match(text):
        _, material = _marked(text)
        material = prompt.material or material
        return Prompt(asked.instruction, material, (), prompt.parts, asked.answer_tags, text)
    return prompt


def _answer_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the tags that only show where the answer is to stand, and the names of those."""
    if "<" not in text and " tag" not in text:
        return text, ()
    tags: list[str] = []
    texts = [match.span() for pattern in (_BLOCK, _FENCED, _TAGGED) for match in pattern.finditer(text)]

    def is_inside(match):  # a text that is marked as a whole
        return any(start < match.start() and match.end() < end for start, end in texts)

    def shown(match):
        name = match["one"] or match["two"] or match["three"]
        if is_inside(match) or not (
            re.fullmatch(_ANSWER_NAMES, name, re.I)
            or _SHOWS.search(match.string[max(0, match.start() - 40) : match.start()])
        ):
            return match.group()
        tags.append(name)
        return match["options"] or " "

    def named(match):
        if any(start < match.start() and match.end() < end for start, end in left):
            return match.group()
        tags.append(match["tag"] or match["word"])
        return " "

    without = _TEMPLATE.sub(shown, text)
    left = [match.span() for pattern in (_BLOCK, _FENCED, _TAGGED) for match in pattern.finditer(without)]
    without = _TAG_NAMED.sub(named, without)
    return (without, tuple(dict.fromkeys(tags))) if tags else (text, ())


def _parts(text: str) -> list[tuple[str, str]]:
    pattern = _BLOCK if _BLOCK.search(text) else _TAGGED
    return [(name, content.strip("\n")) for name, content in pattern.findall(text)] if "</" in text else []


def _items(instruction: str, text: str, material: str = "") -> tuple[str, ...]:
    """The texts to be judged one by one: several tags of one name, and an instruction about "each" of them."""
    tagged = _TAGGED.findall(text)
    if not tagged and _EACH.search(instruction):
        return _numbered(material)
    names = {name.lower() for name, _ in tagged}
    if len(names) != 1 or not _EACH.search(instruction):
        return ()
    if len(tagged) == 1 and not re.search(rf"\b(each|every) {re.escape(names.pop())}\b", instruction, re.I):
        return ()
    return tuple(content.strip("\n") for _, content in tagged)


def _numbered(material: str) -> tuple[str, ...]:
    """The entries of a numbered list, when the material is nothing else."""
    starts = [match.start() for match in _NUMBERED.finditer(material)]
    if len(starts) < 2 or material[: starts[0]].strip():
        return ()
    ends = [*starts[1:], len(material)]
    return tuple(
        _NUMBERED.sub("", material[start:end], count=1).strip() for start, end in zip(starts, ends, strict=True)
    )


@lru_cache(maxsize=256)
def split(text: str) -> tuple[str, str]:
    """(instruction, material); material is "" when the text holds none.

    >>> split("Is this spam? <email>You won!</email> Answer yes or no.")
    ('Is this spam?   Answer yes or no.', 'You won!')
    >>> split("Summarize in one sentence.\\n\\nThe river is 40 km long.")
    ('Summarize in one sentence.', 'The river is 40 km long.')
    """
    ways = (_by_paragraphs, _by_pattern(_QUOTED, 1), _by_pattern(_AFTER_COLON, 1), _by_list, _by_question)
    for way in (*_MARKS, *ways):
        instruction, material = way(text)
        if material.strip() and instruction.strip():
            return instruction.strip(), material.strip("\n")
    return text, ""


def _by_pattern(pattern, group):
    def way(text):
        found = [match.group(group).strip("\n") for match in pattern.finditer(text)]
        return pattern.sub(" ", text) if group == 2 else pattern.sub("\n", text), "\n\n".join(found)

    return way


def _marked(text):
    """(the rest, the marked material) of a message that asks for nothing; without marks all of it is material."""
    for way in _MARKS:
        rest, material = way(text)
        if material.strip():
            return rest.strip(), material.strip("\n")
    return "", text


def _by_marker(text):
    match = _MARKER.search(text)
    if match is None:
        return text, ""
    material, closing = _without_closing_request(text[match.end() :])
    return f"{text[: match.start()]}\n{closing}", material


def _by_tag_or_fence(text):
    """Whichever opens first: a fenced page may hold tags of its own, and a tagged one may hold fences."""
    tag, fence = _TAGGED.search(text), _FENCED.search(text)
    if fence and (tag is None or fence.start() < tag.start()):
        return _by_pattern(_FENCED, 1)(text)
    return _by_pattern(_BLOCK if _BLOCK.search(text) else _TAGGED, 2)(text)


_MARKS = (_by_tag_or_fence, _by_marker)


def _by_paragraphs(text):
    head, _, rest = text.partition("\n\n")
    if not rest:
        return text, ""
    material, closing = _without_closing_request(rest)
    if not _ASKS.search(head) and closing:
        return closing, f"{head}\n\n{material}"
    return f"{head}\n{closing}", material


def _by_list(text):
    """A list below the request is its material."""
    entry = _ENTRY.search(text)
    if entry is None or len(_ENTRY.findall(text)) < 2:
        return text, ""
    return text[: entry.start()], text[entry.start() :]


def _by_question(text):
    """What follows a question about "this …" is what it asks about, unless it goes on about the answer."""
    match = _ABOUT_THIS.match(text)
    if match is None or not _is_a_text(match[2]):
        return text, ""
    closing = _CLOSING_SENTENCE.search(match[2])
    if closing is None:
        return match[1], match[2]
    return f"{match[1]}\n{closing[1]}", match[2][: closing.start()]


def _is_a_text(rest: str) -> bool:
    first = _FIRST_SENTENCE.match(rest).group()
    if _IMPERATIVE.match(first) or _ON_THE_ANSWER.match(first) or len(rest.split()) < _WORDS_OF_A_TEXT:
        return False
    return len(first.split()) > _WORDS_OF_A_REMARK or not _NAMES_A_FORM.search(first)


def _without_closing_request(text):
    """A short last paragraph that asks for something belongs to the instruction."""
    body, gap, last = text.rstrip().rpartition("\n\n")
    if gap and len(last) < 300 and _ASKS.match(last.strip()):
        return body, last.strip()
    return text, ""

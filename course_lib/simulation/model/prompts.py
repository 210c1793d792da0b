"""What a request asks, and about which text: the instruction and the material, told apart.

A prompt that marks its material (tags, a code fence, `Review:`) is always read right;
an unmarked one is read by its paragraphs, as a hurried reader would.
"""

import re

from course_lib.simulation.model.decisions import Prompt
from course_lib.simulation.validation import text_of

_BLOCK = re.compile(  # a tag alone on its line ends at the last such closing line: what it holds may name the tag itself
    r"^<([a-zA-Z][\w-]*)(?:\s[^<>]*)?>[ \t]*\n((?:(?!<\1(?:\s[^<>]*)?>[ \t]*$).*\n)*)</\1>[ \t]*$", re.M
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
    r"\b(answer|reply|respond|return|classify|summar\w+|is (this|it)|what|which|list|find|give|use|say|only|format|json)\b",
    re.I,
)
_EACH = re.compile(r"\b(each|every|one (line|entry|label|answer) per)\b", re.I)
_QUOTED = re.compile(r"[\"“”]([^\"“”]{12,})[\"“”]", re.S)
_AFTER_COLON = re.compile(r":\s+(\S+(?:\s+\S+){3,}.*)\Z", re.S)


def read_prompt(body: dict, knows) -> Prompt:
    """Instruction and material of a request.

    `knows(text)` says whether a text asks for something that the model can do. When only the
    system prompt does, the whole message is material: "You are a spam filter" + an e-mail.
    """
    system = text_of(body.get("system"))
    turns = [text_of(message["content"]) for message in body["messages"] if message["role"] == "user"]
    text = turns[-1].strip()
    instruction, material = split(text)
    if system and knows(system) and not knows(instruction):
        rest, material = _marked(text)
        instruction = f"{system}\n{rest}".strip()
    else:
        instruction = "\n".join(part for part in (system, instruction) if part)
    return Prompt(instruction, material, _items(instruction, text))


def _items(instruction: str, text: str) -> tuple[str, ...]:
    """The texts to be judged one by one: several tags of one name, and an instruction about "each" of them."""
    tagged = _TAGGED.findall(text)
    names = {name.lower() for name, _ in tagged}
    if len(names) != 1 or not _EACH.search(instruction):
        return ()
    if len(tagged) == 1 and not re.search(rf"\b(each|every) {re.escape(names.pop())}\b", instruction, re.I):
        return ()
    return tuple(content.strip("\n") for _, content in tagged)


def split(text: str) -> tuple[str, str]:
    """(instruction, material); material is "" when the text holds none.

    >>> split("Is this spam? <email>You won!</email> Answer yes or no.")
    ('Is this spam?   Answer yes or no.', 'You won!')
    >>> split("Summarize in one sentence.\\n\\nThe river is 40 km long.")
    ('Summarize in one sentence.', 'The river is 40 km long.')
    """
    for way in (*_MARKS, _by_paragraphs, _by_pattern(_QUOTED, 1), _by_pattern(_AFTER_COLON, 1)):
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


def _without_closing_request(text):
    """A short last paragraph that asks for something belongs to the instruction."""
    body, gap, last = text.rstrip().rpartition("\n\n")
    if gap and len(last) < 300 and _ASKS.match(last.strip()):
        return body, last.strip()
    return text, ""

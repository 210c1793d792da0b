"""Planning: a question or task broken into parts that can be worked on side by side.

The parts are the aspects that the prompt names, or else those under which people usually look at such a thing.
A careless plan holds one part that needs the results of the others, or one that another has already.
"""

import re

from course_lib.simulation.model.decisions import DontKnow, Finding, Listing, Prompt
from course_lib.simulation.model.skills.reading import _NUMBERS

USUAL = 4
MOST = 10
_PARTS = (
    r"(?:sub-?(?:questions?|tasks?|topics?|problems?)|research questions?|(?:independent|separate|"
    r"smaller|parallel) (?:\w+ )?(?:questions?|tasks?|parts?|pieces|aspects?|steps?)|subtasks?|work packages)"
)
_HOW_MANY = re.compile(
    rf"\b(?:at most |up to |exactly |about )?(\d{{1,2}}|one|two|three|four|five|six|seven|"
    rf"eight|nine|ten)\b[\w\s,-]{{0,40}}?\b(?:{_PARTS}|questions|tasks|parts|pieces|aspects|"
    rf"steps|angles|items|researchers|workers)\b",
    re.I,
)
_GIVEN = re.compile(
    r"^[ \t]*(?:the |research |main |overall )*(?:question|task|topic|goal|request|problem)[ \t]*:[ \t]*(.+)$",
    re.I | re.M,
)
_AFTER = re.compile(
    r"\b(?:question|task|topic|goal|request|problem|research|plan)\b[^:\n]{0,60}:\s*(\S.{5,})", re.I | re.S
)
_CONCERNS = re.compile(
    r"\b(?:about|on|into|for|of|researching|research(?! questions?\b))\s+(?:the )?(?:question (?:of|whether) "
    r")?[\"“'`]?([^.?!\n:;\"”`]{4,120})",
    re.I,
)
_NAMED = re.compile(
    r"\b(?:aspects?|angles?|areas?|points of view|topics|with regard to|in terms of|regarding|"
    r"covering|cover)\b[^:\n.?!,]{0,20}?[: ]\s*((?:[\w' -]{3,40}?(?:,\s*(?:and )?|"
    r"\s+and\s+)){1,8}[\w' -]{3,40})",
    re.I,
)
_LISTED_IN = re.compile(
    r"\b(?:affects?|affected|change[ds]?|mean[st]? for|effects? (?:of .{3,60} )?on|impacts? "
    r"(?:of .{3,60} )?on|consequences .{0,40}for)\s+((?:[\w' -]{3,30}(?:,\s*(?:and )?|"
    r"\s+and\s+)){1,6}[\w' -]{3,30})\??",
    re.I,
)
_ABOUT = re.compile(
    r"^(?:please |can you |could you )*(?:how|why|what|when|where|who|which|whether|should|is|are|was|"
    r"were|did|does|do|has|have|find out|research|investigate|study|write|prepare|plan|organi[sz]e|create|"
    r"make|report on|compare|explain|describe|analy[sz]e|evaluate|assess)\b\s*",
    re.I,
)
_EFFECT = re.compile(
    r"\b(?:effects?|impacts?|consequences|influence|results?|outcomes?|benefits|advantages|"
    r"success)\s+(?:of|from)\s+",
    re.I,
)
_VERB = re.compile(
    r"\s+(?:affect(?:s|ed)?|change[ds]?|influence[ds]?|work(?:s|ed)?|help(?:s|ed)?|worth|"
    r"mean[st]?|succeed(?:ed)?|pay off|bring|brought|cost|good|bad|a success|for the better|for)\b",
    re.I,
)

_ASPECTS = (
    ("cost", "What did {} cost, and who paid for it?"),
    ("public opinion", "What did the public think of {}?"),
    ("wildlife and environment", "What were the effects of {} on wildlife and the environment?"),
    ("health", "What were the effects of {} on people's health?"),
    ("safety", "What were the effects of {} on safety?"),
    ("jobs", "What did {} mean for jobs and business?"),
    ("history", "When did {} begin, and who decided on it?"),
    ("obstacles", "What went wrong with {}, and how was it put right?"),
    ("elsewhere", "Where else was something like {} tried, and what came of it?"),
    ("law", "Which rules and permits did {} need?"),
)
_DEPENDENT = "What follows from the answers to all of the other questions?"


class Planner:
    """Independent sub-questions, each of which can be asked without the others' answers."""

    name = "subtasks"
    cues = re.compile(
        rf"\b(?:break|split|divide|decompose|turn|separate)\b[^.?!]{{0,120}}\b{_PARTS}|\b(?:plan|list|give|"
        rf"write|propose|suggest|find|create|generate|name|what|which)\b[^.?!\n]{{0,60}}\b{_PARTS}|"
        r"\b(?:break|split|divide|decompose)\b[^.?!\n]{0,60}\b(?:task|question|topic|problem|request|"
        r"research|project)\b|\byou are (?:a|the) (?:research )?planner\b|\bplan the research\b|"
        r"\A\W*(?:subtasks|sub-?questions|research questions)\W*\Z",
        re.I,
    )

    def needs_text(self, prompt: Prompt) -> bool:
        """The question may stand in the instruction."""
        return False

    def decide(self, prompt: Prompt) -> Listing | DontKnow:
        """As many parts as are asked for, four unless a number is named; at most ten."""
        question = _question(prompt)
        if not question:
            return DontKnow(
                "What shall I plan? Put the question into the prompt, for example between <question> and </question>."
            )
        count = _count(prompt.instruction)
        subject = _subject(question)
        named = _named(f"{prompt.instruction}\n{question}")
        parts = [_asked_about(aspect, subject) for aspect in named]
        parts += [
            asked.format(subject) for aspect, asked in _ASPECTS if not any(_same(aspect, given) for given in named)
        ]
        wanted = min(count or (len(named) if len(named) > 1 else USUAL), MOST, len(parts))
        chosen = tuple(Finding({"question": part}, 0.0) for part in parts[:wanted])
        return Listing(
            chosen,
            "There is nothing to plan.",
            (Finding({"question": _DEPENDENT}, 0.06),) if wanted > 1 and not count else (),
        )


def _question(prompt: Prompt) -> str:
    tagged = [
        content
        for name, content in prompt.parts
        if re.fullmatch(r"question|task|topic|goal|request|problem|query", name, re.I)
    ]
    if tagged:
        return tagged[0].strip()
    if prompt.material.strip():
        return re.sub(
            r"\A(?:the |research |main )*(?:question|task|topic|goal|request|problem)\s*:\s*",
            "",
            prompt.material.strip(),
            flags=re.I,
        )[:600]
    given = _GIVEN.search(prompt.instruction) or _AFTER.search(prompt.instruction)
    if given:
        return given.group(1).strip()
    questions = re.findall(r"[^.?!\n:]*\?", prompt.instruction)
    if questions:
        return max(questions, key=len).strip()
    return next(
        (
            match.group(1).strip()
            for match in reversed(list(_CONCERNS.finditer(prompt.instruction)))
            if not re.match(r"(?:\d|it\b|them\b|independent|sub)", match.group(1))
        ),
        "",
    )


def _count(instruction: str) -> int | None:
    found = _HOW_MANY.search(instruction)
    if not found:
        return None
    word = found.group(1).lower()
    return max(1, int(word) if word.isdigit() else _NUMBERS[word])


def _subject(question: str) -> str:
    """What the question is about: "the restoration of the Arrel" from "Was the restoration of the Arrel a success?"."""
    first = re.split(r"(?<=[.?!])\s", question.strip())[0].strip().rstrip("?.! ")
    first = re.split(r",? (?:covering|with regard to|in terms of|regarding|considering|looking at)\b", first)[0]
    first = re.split(r",? (?:as (?:a |an )?(?:\w+ )?(?:list|array|objects?|JSON)|in JSON)\b", first, flags=re.I)[0]
    about = _EFFECT.search(first)
    rest = first[about.end() :] if about else first
    while (shorter := _ABOUT.sub("", rest, count=1)) != rest:
        rest = shorter
    rest = re.split(r"\s+on\s+" if about else _VERB, rest, maxsplit=1)[0]
    rest = re.sub(
        r"^(?:a |an )?(?:report|essay|article|overview|summary) (?:about|on|of) ", "", rest, flags=re.I
    ).strip(' ,;:"“”')
    return re.sub(r"\s+(?:on|for|of|to|by|about|as to)$", "", rest) or first


def _named(text: str) -> list[str]:
    found = _NAMED.search(text) or _LISTED_IN.search(text)
    if not found:
        return []
    pieces = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", found.group(1))
    return [re.sub(r"^(?:the|its|their) ", "", piece.strip(" .?!")) for piece in pieces if piece.strip(" .?!")]


def _asked_about(aspect: str, subject: str) -> str:
    usual = next((asked for name, asked in _ASPECTS if _same(name, aspect)), "")
    return usual.format(subject) if usual else f"What is there to say about {aspect} in the case of {subject}?"


def _same(usual: str, aspect: str) -> bool:
    words = {
        "cost": "cost|price|money|financ|budget",
        "public opinion": "public|opinion|resident|people think|citizen",
        "wildlife and environment": "wildlife|animal|environment|nature|climate",
        "health": "health",
        "safety": "safe|accident",
        "jobs": "job|business|work|econom",
        "history": "history|when|begin",
        "obstacles": "problem|obstacle|risk|difficult",
        "elsewhere": "elsewhere|other (?:cities|places)",
        "law": "law|legal|permit|rules",
    }[usual]
    return bool(re.search(rf"\b(?:{words})", aspect, re.I))


SKILLS = (Planner(),)

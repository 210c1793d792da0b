"""Code review: security, performance and style of any Python code, found by parsing it.

The three aspects are separate skills, so that a prompt may ask for one or for all.
The rules are in `code_security`, `code_performance` and `code_style`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from course_lib.simulation.model.decisions import Finding, Label, Listing, Prompt
from course_lib.simulation.model.skills import code_performance, code_security, code_style
from course_lib.simulation.model.skills.code_source import Observation, Source, read_source

MOST_FINDINGS = 12
"""A reviewer of a large file reports the worst findings, not all of them."""
MOST_FALSE_ALARMS = 3
SEVERITIES = ("high", "medium", "low")

_CODE = (
    r"(?:(?<!postal )(?<!zip )(?<!discount )(?<!promo )(?<!voucher )(?<!dress )\bcode\b(?! of conduct)|"
    r"\b(?:source|python|functions?|modules?|snippets?|scripts?|programs?|class(?:es)?|pull requests?|diffs?|codebase|"
    r"source files?|py files?)\b|\.py\b)"
)
_REVIEWS = re.compile(
    rf"\b(?:review|audit|inspect|critique|check|examine|analy[sz]e|assess|look (?:at|over|through)|"
    rf"(?:find|list|report|spot|name|are there|any)\b[^.?!\n]{{0,30}}\b(?:bugs?|problems?|issues?|mistakes?|flaws?|findings?|weaknesses))\b"
    rf"[^.?!\n]{{0,40}}?{_CODE}|\b(?:wrong|improve[ds]?|improvements?)\b[^.?!\n]{{0,30}}?{_CODE}|\bcode[- ]review(?:er|ing)?\b|\breview(?:er)? of (?:python )?code\b",
    re.I,
)
_JOINS = re.compile(
    r"\b(?:combine|merge|join|unify|deduplicate|consolidate|synthesi[sz]e)\b[^.?!\n]{0,60}"
    r"\b(?:findings|reports|reviews|results|notes|lists|comments)\b",
    re.I,
)
_NOT_CODE = re.compile(
    r"\b(?:customers?|tickets?|e-?mails?|complaints?|hotel|product|guest|topics?|"
    r"(?:this|the|each|following|a) reviews?)\b",
    re.I,
)
_ABOUT_CODE = re.compile(_CODE, re.I)
_LEFT_OUT = re.compile(
    r"\b(?:ignore|ignoring|skip|leave out|leave aside|forget|not|nothing (?:on|about)|without|except(?: for)?|don't "
    r"(?:mention|report|comment on|look at|review|care about))\b[^.;:!?\n]*",
    re.I,
)
_MANNER = re.compile(
    r"\b(?:in|with|using|adopt|keep|use)\s+(?:an?|the|this|that|your|its)?\s*(?:[\w-]+\s+){0,2}style\b|\bstyle of (?:writing|your)\b|"
    r"\b[\w-]+[- ]style (?:report|list|answer|json)\b",
    re.I,
)
_PROBLEMS = (
    r"(?:problems?|issues?|bugs?|vulnerabilit(?:y|ies)|flaws?|risks?|holes?|weaknesses|findings?|mistakes?|violations?|concerns?|defects?|"
    r"bottlenecks?|review(?:er|ing)?|audit(?:or)?|checks?|checker|expert|specialist|engineer|inspector|aspects?|improvements?|only)"
)
_YES_OR_NO = re.compile(
    r"\byes\b.{0,12}\bno\b|\b(?:vulnerable|unsafe|insecure)\b.{0,20}\b(?:safe|secure)\b|\b(?:safe|secure)\b.{0,20}\b(?:vulnerable|unsafe|insecure)\b",
    re.I | re.S,
)


class AspectCues:
    """Finds in an instruction that one aspect of a code review is asked for.

    It is used like a compiled pattern: `search(instruction)` gives a match or None.
    An aspect is asked for by its name in the company of code or of problems ("look for
    security problems", "review this function for style"), or along with all others by a
    review of code that names none.
    """

    def __init__(self, words: str):
        self._word = re.compile(rf"\b(?:{words})\b", re.I)
        self._asked = re.compile(
            rf"\b(?:{words})\b[\w\s,/&-]{{0,40}}\b{_PROBLEMS}\b|\b{_PROBLEMS}\b[^.;!?\n]{{0,40}}\b(?:{words})\b|"
            rf"\b(?:look|check|review|judge|rate|search|focus|report|scan)\b[^.;!?\n]{{0,30}}\b(?:{words})\b",
            re.I,
        )

    def search(self, instruction: str) -> re.Match | None:
        """The place where the aspect is asked for, or None."""
        text = _MANNER.sub(" ", _LEFT_OUT.sub(" ", instruction))
        if _JOINS.search(text) and not re.search(r"\breview (?:this|the following)\b", text, re.I):
            return None
        named = [cues for cues in ASPECT_CUES if cues.names(text)]
        if not named:
            left_out = " ".join(match.group() for match in _LEFT_OUT.finditer(instruction))
            return None if self.names(left_out) else _REVIEWS.search(text)
        if self not in named:
            return None
        about_code = _ABOUT_CODE.search(text)
        if about_code is None and _NOT_CODE.search(text):
            return None
        return self._word.search(text) if about_code or self._is_bare(text) else self._asked.search(text)

    def names(self, text: str) -> bool:
        """Whether the aspect is mentioned at all."""
        return bool(self._word.search(text))

    def _is_bare(self, text: str) -> bool:
        """Whether the text is the aspect's name and little else, as a field of JSON is."""
        return len(re.findall(r"\w+", text)) <= 2


_SECURITY_CUES = AspectCues(
    r"secur(?:e|ity)|insecure|unsafe|vulnerab\w+|exploit\w*|injections?|hard-?coded secrets?|attack\w*"
)
_PERFORMANCE_CUES = AspectCues(
    r"performan(?:ce|t)|efficien(?:cy|t)|inefficien\w+|speed|slow(?:ness)?|bottlenecks?|optimi[sz]\w+"
)
_STYLE_CUES = AspectCues(
    r"style|stylistic|readab\w+|maintainab\w+|pep ?8|naming|conventions?|docstrings?|clean code|lint\w*"
)
ASPECT_CUES = (_SECURITY_CUES, _PERFORMANCE_CUES, _STYLE_CUES)


@dataclass(frozen=True, eq=False)
class CodeReview:
    """One aspect of a code review. `earlier` are the aspects that speak first when all are asked."""

    name: str
    cues: AspectCues
    observe: Callable[[Source], Iterator[Observation]]
    earlier: tuple[AspectCues, ...] = ()

    def decide(self, prompt: Prompt) -> Listing | Label:
        """The findings of this aspect, the most severe first, each with aspect, line, severity and message.

        Security answers a yes-or-no question ("Is this code vulnerable? YES or NO") with one label.
        """
        findings = self._findings(prompt)
        if self.name == "security" and _YES_OR_NO.search(prompt.instruction):
            return _vulnerable(findings, asks_for_safety=_asks_for_safety(prompt.instruction))
        return findings

    def _findings(self, prompt: Prompt) -> Listing:
        source = read_source(prompt.material)
        if not source.is_python:
            return Listing((), f"This is not Python code: there is nothing to review for {self.name}.")
        if source.tree is None:
            return self._does_not_parse(source, prompt)
        observations = _ranked(self.observe, prompt.material)
        true = [item for item in observations if item.certain][:MOST_FINDINGS]
        lines = {item.line for item in true}
        false = [item for item in observations if not item.certain and item.line not in lines][:MOST_FALSE_ALARMS]
        return Listing(
            tuple(map(self._finding, true)), f"No {self.name} problems found.", tuple(map(self._finding, false))
        )

    def _does_not_parse(self, source: Source, prompt: Prompt) -> Listing:
        if any(cues.search(prompt.instruction) for cues in self.earlier):
            return Listing((), "")  # an earlier aspect of the same review says it
        message = f"The code does not parse as Python at line {source.broken_line}, so the rest was not reviewed."
        return Listing((self._finding(Observation(source.broken_line, "high", message, 0.01)),), "")

    def _finding(self, seen: Observation) -> Finding:
        fields = {"aspect": self.name, "line": seen.line, "severity": seen.severity, "message": seen.message}
        return Finding(fields, seen.difficulty)


@lru_cache(maxsize=128)
def _ranked(observe: Callable[[Source], Iterator[Observation]], text: str) -> tuple[Observation, ...]:
    """What a reviewer sees, each thing once, the most severe first and then by line."""
    seen = dict.fromkeys(
        sorted(observe(read_source(text)), key=lambda item: (SEVERITIES.index(item.severity), item.line, item.message))
    )
    return tuple(seen)


def _asks_for_safety(instruction: str) -> bool:
    return bool(
        re.search(r"\b(?:is|are|does|looks?|whether)\b[^.?!\n]{0,40}\b(?<!un)(?:safe|secure)\b", instruction, re.I)
    )


def _vulnerable(findings: Listing, asks_for_safety: bool) -> Label:
    """Whether there is anything to exploit; as sure as the plainest finding makes it."""
    serious = [item for item in findings.items if item.fields["severity"] != "low"]
    yes, no = ("no", "yes") if asks_for_safety else ("yes", "no")
    choices = {
        "vulnerable": (yes, "unsafe", "insecure", "not safe", "not secure"),
        "safe": (no, "secure", "not vulnerable"),
    }
    if serious:
        return Label("vulnerable", choices, min(item.difficulty for item in serious))
    return Label("safe", choices, min(0.03 + sum(item.difficulty for item in findings.false_alarms), 0.4))


SKILLS = (
    CodeReview("security", _SECURITY_CUES, code_security.observe),
    CodeReview("performance", _PERFORMANCE_CUES, code_performance.observe, (_SECURITY_CUES,)),
    CodeReview("style", _STYLE_CUES, code_style.observe, (_SECURITY_CUES, _PERFORMANCE_CUES)),
)

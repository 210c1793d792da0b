"""Arithmetic: plain sums ("What is 17 * 24 + 3?") and word problems of a few steps (see `word_problems`).

The answer comes with its steps. A mistake goes wrong in one step and carries on, so that wrong answers
differ from each other while right ones agree: what self-consistency lives on (arXiv 2203.11171).
"""

import re
from fractions import Fraction

from course_lib.simulation.model.decisions import DontKnow, Number, Prompt
from course_lib.simulation.model.skills.sums import Operand, Sum
from course_lib.simulation.model.skills.word_problems import NotUnderstood, read_problem

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_OPERATION = r"(?:\+|-|−|–|\*|×|x|·|/|÷|plus|minus|times|multiplied by|divided by|over)"
_EXPRESSION = re.compile(rf"[-−(\s]*{_NUMBER}[)\s]*(?:\s*{_OPERATION}\s*[-−(\s]*{_NUMBER}[)\s]*)+", re.I)
_PERCENT_OF = re.compile(rf"({_NUMBER}) ?(?:%|percent|per cent) of ({_NUMBER})", re.I)
_TOKEN = re.compile(rf"\s*(?:({_NUMBER})|({_OPERATION})|([()]))", re.I)
_SIGN = {
    "+": "+",
    "plus": "+",
    "-": "-",
    "−": "-",
    "–": "-",
    "minus": "-",
    "*": "*",
    "×": "*",
    "x": "*",
    "·": "*",
    "times": "*",
    "multiplied by": "*",
    "/": "/",
    "÷": "/",
    "divided by": "/",
    "over": "/",
}
_ASKS_SUM = re.compile(
    r"\b(?:what(?:'s| is| are)|how much (?:is|are)|calculate|compute|evaluate|work out|solve|"
    r"result of|sum of|add up)\b|=\s*\??\s*\Z",
    re.I,
)
_ASKS_PROBLEM = re.compile(
    r"\bhow (?:many|much|far|long|old)\b[^.?!\n]*\?|\bwhat (?:is|was) (?:the )?(?:total|"
    r"remaining|sum|number|cost|price|change|average)\b[^.?!\n]*\?",
    re.I,
)
_TASK = re.compile(
    r"\b(?:solve|calculat\w+|math\w*|arithmetic|word problem|problem|step by step|work (?:it|"
    r"this) out|show your work\w*|the answer is|final answer|just the number|"
    r"number only|only (?:the|a) (?:final )?number|answer with (?:the|a|one) number)\b",
    re.I,
)
_FIGURE = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|"
    r"fifty|hundred|dozen|half|twice|double)\b",
    re.I,
)
_DEMAND = re.compile(
    r"(?:(?<=[.?!\n])|\A)\s*(?:answer|reply|respond|think|let's think|show|end|finish|give|"
    r"write|solve|return|put|explain|state|you are|first|then|only|reason|work through|do not|don't|"
    r"calculate the answer|use|say)\b[^\n]*?(?:[.!:](?=\s|\Z)|\n|\Z)",
    re.I,
)
UNREADABLE = (
    "I can't work this out: {}. I can do sums, and word problems of a few plain steps (has, buys, "
    "gives away, boxes of, shares equally, costs)."
)


class Arithmetic:
    """A number, worked out."""

    name = "answer"
    reads_all = True
    """Where the text of a problem begins, and where the request ends, does not show: both are read for both."""
    cues = re.compile(r"\A(?!)")

    def wants(self, prompt: Prompt) -> bool:
        """Whether the prompt is a sum or a word problem: in the instruction itself, or as the material of a prompt that says "solve"."""
        if prompt.material:
            whole = f"{prompt.instruction}\n{prompt.material}"
            if _reads_as_text(prompt):
                return False
            return bool(
                _TASK.search(prompt.instruction)
                and _is_problem(prompt.material)
                or not prompt.parts
                and len(whole) < 900
                and (_is_problem(whole) or _sum_in(whole))
            )
        return _sum_in(prompt.instruction) is not None or _is_problem(prompt.instruction)

    def needs_text(self, prompt: Prompt) -> bool:
        """The problem may be all that is in the prompt."""
        return False

    def decide(self, prompt: Prompt) -> Number | DontKnow:
        """The answer with its steps, or what was not understood."""
        text = prompt.material or prompt.instruction
        found = _sum_in(text)
        try:
            working, answer = _read_sum(found) if found else read_problem(_DEMAND.sub(" ", text))
        except NotUnderstood as error:
            return DontKnow(UNREADABLE.format(error))
        right = working.way(answer)
        if right is None:
            return DontKnow("There is no answer: it would mean dividing by zero.")
        steps = len(working.steps)
        size = max(
            (
                len(str(abs(int(part))))
                for step in working.steps
                for part in (step[0], step[2])
                if isinstance(part, Fraction)
            ),
            default=1,
        )
        difficulty = 0.01 + 0.05 * steps + 0.03 * max(0, steps - 2) + 0.03 * max(0, size - 2)
        return Number(right, working.slips(answer), round(min(difficulty, 0.6), 3))


def _reads_as_text(prompt: Prompt) -> bool:
    return bool(
        re.search(
            r"\b(?:according to|summari[sz]e|this (?:text|source|article|report|chapter|passage|"
            r"document)|sentiment|spam|review|source say)\b",
            prompt.instruction,
            re.I,
        )
    )


def _is_problem(text: str) -> bool:
    text = _DEMAND.sub(" ", text)
    return len(text) < 900 and bool(_ASKS_PROBLEM.search(text)) and len(_FIGURE.findall(text)) >= 2


def _sum_in(text: str) -> str | None:
    """The expression of a plain sum; a date such as 3-5-2026, asked about in passing, is none."""
    if len(text) > 400 or not _ASKS_SUM.search(text) and not _EXPRESSION.fullmatch(text.strip().rstrip("?=. ")):
        return None
    text = _PERCENT_OF.sub(r"\1 / 100 * \2", text)
    found = _EXPRESSION.search(text)
    rest = _EXPRESSION.sub(" ", text, count=1)
    return (
        found.group()
        if found
        and len(re.findall(r"\d+", _DEMAND.sub(" ", rest))) == 0
        and len(re.findall(r"\w+", _DEMAND.sub(" ", rest))) < 9
        else None
    )


def _read_sum(expression: str) -> tuple[Sum, Operand]:
    tokens = [
        number.replace(",", "") or _SIGN.get(sign.lower(), bracket)
        for number, sign, bracket in _TOKEN.findall(expression)
    ]
    working = Sum()
    answer, rest = _terms(tokens, working, depth=0)
    if rest:
        raise NotUnderstood(f"«{expression.strip()}» is no sum that I can read")
    return working, answer


def _terms(tokens: list[str], working: Sum, depth: int) -> tuple[Operand, list[str]]:
    left, tokens = _factors(tokens, working, depth)
    while tokens and tokens[0] in "+-":
        right, rest = _factors(tokens[1:], working, depth)
        left, tokens = working.add(left, tokens[0], right), rest
    return left, tokens


def _factors(tokens: list[str], working: Sum, depth: int) -> tuple[Operand, list[str]]:
    left, tokens = _single(tokens, working, depth)
    while tokens and tokens[0] in "*/":
        right, rest = _single(tokens[1:], working, depth)
        left, tokens = working.add(left, tokens[0], right), rest
    return left, tokens


def _single(tokens: list[str], working: Sum, depth: int) -> tuple[Operand, list[str]]:
    if not tokens or depth > 20:
        raise NotUnderstood("the sum breaks off")
    if tokens[0] == "(":
        inner, rest = _terms(tokens[1:], working, depth + 1)
        if not rest or rest[0] != ")":
            raise NotUnderstood("a bracket is not closed")
        return inner, rest[1:]
    if tokens[0] == "-" and len(tokens) > 1 and tokens[1][0].isdigit():
        return -Fraction(tokens[1]), tokens[2:]
    if not tokens[0][0].isdigit():
        raise NotUnderstood(f"«{tokens[0]}» is where a number should be")
    return Fraction(tokens[0]), tokens[1:]


SKILLS = (Arithmetic(),)

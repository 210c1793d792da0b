"""Scales of numbers that prompts ask for: 1 to 10, 0–1, 0 to 100, out of 5, percent."""

import re

_ENDS = re.compile(
    r"(?<![\w.])(?P<low>\d{1,3}(?:\.\d+)?)\s*(?:\([^()\n]{0,60}\)|=\s*[\w ]{1,30}?)?\s*(?:,\s*)?(?:to|"
    r"-|–|—|and|through|\.\.)\s*(?P<high>\d{1,3}(?:\.\d+)?)(?![\w.]*\d|[ -]?(?:words?|sentences?|"
    r"bullets?|points\b|lines?|items?|facts?|paragraphs?))",
    re.I,
)
_OUT_OF = re.compile(r"\b(?:out of|of|/)\s*(?P<high>5|10|100)\b(?!\s*words?)|/\s*(?P<slash>5|10|100)\b", re.I)
_PERCENT = re.compile(r"\b(?:as a |in )?(?:percentage|percent|per cent)\b|\d\s*%", re.I)
_ASKS = re.compile(
    r"\b(?:scale|rate|rating|score|scored|grade|number|how \w+|from|between|probability|"
    r"confidence|certainty|likelihood|chance|level|points|integer|value|urgency|severity)\b",
    re.I,
)


def scale_in(instruction: str) -> tuple[float, float] | None:
    """The lowest and highest value of the scale that an instruction names, or None.

    >>> scale_in("Rate the urgency from 1 (low) to 5 (high)."), scale_in("Score it 0-100."), scale_in("Is it spam?")
    ((1, 5), (0, 100), None)
    >>> scale_in("Summarize in 3 to 5 sentences.")
    """
    if not _ASKS.search(instruction):
        return None
    for ends in _ENDS.finditer(instruction):
        low, high = float(ends["low"]), float(ends["high"])
        if low < high and (low, high) != (0, 0) and low <= 1 and high <= 100:
            return _whole(low), _whole(high)
    out_of = _OUT_OF.search(instruction)
    if out_of:
        return 1, _whole(float(out_of["high"] or out_of["slash"]))
    return (0, 100) if _PERCENT.search(instruction) else None


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number


def on_scale(share: float, scale: tuple[float, float]) -> int | float:
    """A share between 0 and 1 as a value of the scale; whole numbers, but for scales up to 1.

    >>> on_scale(0.8, (1, 5)), on_scale(0.8, (0, 1)), on_scale(0.8, (0, 100))
    (4, 0.8, 80)
    """
    low, high = scale
    value = low + min(1.0, max(0.0, share)) * (high - low)
    return round(value, 2) if high <= 1 else round(value)

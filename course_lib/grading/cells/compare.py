"""Whether a case's value is right, and what to say about it: pure functions of two JSON values.

The learner's check and the grader both decide here, so they can never disagree.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from course_lib.grading.cells.marks import FAILED, NOT_ATTEMPTED, NOT_REACHED, PASSED
from course_lib.grading.cells.plain_values import shortened

RELATIVE_TOLERANCE = 1e-6

LONGEST_SHOWN = 100
"""Characters of a value in a message; a longer one is shown around its first difference."""

LONGEST_MESSAGE = 1_000

_ERROR_NAME = re.compile(r"[A-Za-z_]\w*(?=: |$)")


@dataclass(frozen=True)
class CaseResult:
    """The verdict on one case.

    status: "passed", "failed", "not attempted" or "not reached". `message` is everything there is to say, in one
    text; the fields after it are its parts, "" where they don't apply.
    """

    name: str
    passed: bool
    points: float
    earned: float
    message: str
    status: str = FAILED
    expected: str = ""
    came: str = ""
    advice: str = ""
    hint: str = ""


def compare_case(reference_case: dict, given_case: dict | None, *, reveal: bool = True) -> CaseResult:
    """The verdict on what a submission's check emitted, by what the solution's check emitted.

    Only status, value and error are taken from `given_case`, which may be any JSON at all; None means that the
    check never came to this case. With `reveal=False` the message names neither expected nor received values,
    nor an error's words, which may quote them: for hidden cases.
    """
    name, points = str(reference_case.get("name", "")), reference_case.get("points", 1)
    hint = reference_case.get("hint", "")

    def failed(status: str, *, expected="", came="", advice="") -> CaseResult:
        if not reveal:
            expected = came = ""
        return CaseResult(
            name, False, points, 0, _message(expected, came, advice, hint), status, expected, came, advice, hint
        )

    if not isinstance(given_case, dict):
        return failed(NOT_REACHED, advice="The check did not come this far.")
    status = given_case.get("status")
    if status == "not attempted":
        return failed(NOT_ATTEMPTED, advice=_not_done(reference_case, given_case))
    if status == "raised":
        return failed(FAILED, advice=_raised(given_case.get("error"), reveal))
    if status != "value" or "value" not in given_case:
        return failed(FAILED, advice="The check gave no value that can be read.")
    value = given_case["value"]
    if is_right(reference_case, value):
        return CaseResult(name, True, points, points, "", PASSED)
    expected, came = expected_and_came(reference_case, value)
    return failed(FAILED, expected=expected, came=came, advice=_author_message(reference_case, value))


def is_right(reference_case: dict, value) -> bool:
    """Whether the value fulfils the case: equal, at most, at least or near, as the case's `compare` says.

    >>> is_right({"value": 3.0, "compare": {"kind": "equal"}}, 3)
    True
    >>> is_right({"value": 5, "compare": {"kind": "at_most", "bound": 5}}, 6)
    False
    """
    rule = reference_case.get("compare") or {"kind": "equal"}
    if rule["kind"] == "equal":
        return equal(reference_case.get("value"), value)
    if not _is_number(value):
        return False
    if rule["kind"] == "at_most":
        return value <= rule["bound"]
    if rule["kind"] == "at_least":
        return value >= rule["bound"]
    return rule["target"] - rule["tolerance"] <= value <= rule["target"] + rule["tolerance"]


def equal(expected, came) -> bool:
    """Whether two JSON values are the same, numbers within a millionth.

    An integer equals a float of its value; True and False are no numbers; a dictionary's order does not count.

    >>> equal([1, {"a": 0.3}], [1.0, {"a": 0.1 + 0.2}]), equal(1, True), equal([1, 2], [2, 1])
    (True, False, False)
    """
    if _is_number(expected) and _is_number(came):
        return _equal_numbers(expected, came)
    if type(expected) is not type(came):
        return False
    if isinstance(expected, list):
        return len(expected) == len(came) and all(map(equal, expected, came))
    if isinstance(expected, dict):
        return expected.keys() == came.keys() and all(equal(expected[key], came[key]) for key in expected)
    return expected == came


def _equal_numbers(expected, came) -> bool:
    if isinstance(expected, int) and isinstance(came, int):
        return expected == came
    try:
        nan = math.isnan(expected) and math.isnan(came)
        return nan or math.isclose(expected, came, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-9)
    except OverflowError:  # an integer too large for a float
        return expected == came


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# --- words ---------------------------------------------------------------------------------------


def expected_and_came(reference_case: dict, value) -> tuple[str, str]:
    """What the case asks for and what came, both short enough to read.

    >>> expected_and_came({"compare": {"kind": "at_most", "bound": 5}}, 10)
    ('at most 5', '10')
    """
    rule = reference_case.get("compare") or {"kind": "equal"}
    if rule["kind"] == "equal":
        return show_difference(reference_case.get("value"), value)
    came = shortened(show(value), LONGEST_SHOWN)
    if rule["kind"] == "near":
        return f"{show(rule['target'])} (give or take {show(rule['tolerance'])})", came
    return f"{rule['kind'].replace('_', ' ')} {show(rule['bound'])}", came


def show(value, depth: int = 0) -> str:
    """The value as Python writes it; what lies more than eight levels deep is an ellipsis."""
    if depth > 8 and isinstance(value, (list, dict)):
        return "…"
    if isinstance(value, list):
        return "[" + ", ".join(show(item, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {show(item, depth + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    return repr(value)


def show_difference(expected, came) -> tuple[str, str]:
    """Both values as texts; long ones cut down to where they first differ.

    >>> show_difference([1, 2], [1, 3])
    ('[1, 2]', '[1, 3]')
    >>> show_difference(["the same long sentence"] * 9, ["the same long sentence"] * 8)
    ('9 items', '8 items')
    >>> show_difference({"a": "x" * 200, "b": 1}, {"a": "x" * 200, "b": 2})
    ("at ['b']: 1", "at ['b']: 2")
    """
    whole = show(expected), show(came)
    if max(map(len, whole)) <= LONGEST_SHOWN:
        return whole
    path, expected, came = _first_difference(expected, came)
    if isinstance(expected, list) and isinstance(came, list):
        texts = _items(len(expected)), _items(len(came))
    elif isinstance(expected, dict) and isinstance(came, dict):
        texts = _keys(expected), _keys(came)
    elif isinstance(expected, str) and isinstance(came, str):
        texts = _around_difference(expected, came)
    else:
        texts = shortened(show(expected), LONGEST_SHOWN), shortened(show(came), LONGEST_SHOWN)
    where = f"at {path}: " if path else ""
    return where + texts[0], where + texts[1]


def _first_difference(expected, came):
    """The way down to the first difference, and what stands there on either side."""
    path = ""
    while True:
        if isinstance(expected, list) and isinstance(came, list):
            steps = range(min(len(expected), len(came)))
        elif isinstance(expected, dict) and isinstance(came, dict) and expected.keys() == came.keys():
            steps = list(expected)
        else:
            return path, expected, came
        step = next((step for step in steps if not equal(expected[step], came[step])), None)
        if step is None:
            return path, expected, came
        path += f"[{step!r}]"
        expected, came = expected[step], came[step]


def _items(count: int) -> str:
    return "no items" if count == 0 else "1 item" if count == 1 else f"{count} items"


def _keys(value: dict) -> str:
    return shortened("the keys " + (", ".join(map(repr, value)) or "(none)"), LONGEST_SHOWN)


def _around_difference(expected: str, came: str) -> tuple[str, str]:
    same = next(
        (i for i, (a, b) in enumerate(zip(expected, came, strict=False)) if a != b), min(len(expected), len(came))
    )
    start = max(0, same - 30) if same > 40 else 0
    return tuple(
        ("…" if start else "") + repr(shortened(text[start:], LONGEST_SHOWN - 10)) for text in (expected, came)
    )


def _author_message(reference_case: dict, value) -> str:
    """What the author wrote for exactly this wrong value, or ""."""
    return next((message for wrong, message in reference_case.get("when") or [] if equal(wrong, value)), "")


def _raised(error, reveal: bool) -> str:
    error = error if isinstance(error, str) and error else "an error"
    kind = _ERROR_NAME.match(error)
    if not reveal:
        return f"It raised {kind[0]}." if kind else "It gave no value that can be compared."
    full_stop = "" if error.endswith((".", "!", "?")) else "."
    return ("It raised " if kind else "") + shortened(error, 600) + full_stop


def _not_done(reference_case: dict, given_case: dict) -> str:
    needed = given_case.get("error")
    if isinstance(needed, str) and needed.startswith("needs task "):
        return f"This {shortened(needed, 40)} first."
    return "Not done yet."


def _message(expected: str, came: str, advice: str, hint: str) -> str:
    """The author's message instead of the bare values; the values where there is none; the hint last."""
    values = f"Expected {expected}, but {came} came." if came and not advice else ""
    return shortened(
        " ".join(part for part in (values, advice, f"Hint: {hint}" if hint else "") if part), LONGEST_MESSAGE
    )

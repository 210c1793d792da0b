"""The friendly verdict on a task: the same words as plain text, for terminals, and as HTML, for notebooks.

The HTML is put together here, without a template engine: every learner's kernel shows it, and none should load one for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from course_lib.grading.cells.compare import CaseResult
from course_lib.grading.cells.marks import NOT_ATTEMPTED, PASSED
from course_lib.show.paragraphs import CODE_SPAN

SIGNS = {PASSED: "✓", NOT_ATTEMPTED: "○"}
FAILED_SIGN = "✗"

# JupyterLab's own colours, so that both themes read well; the fallbacks have enough contrast on white and on black.
_COLOURS = {
    "✓": "var(--jp-success-color1, #2e7d32)",
    "✗": "var(--jp-error-color1, #d32f2f)",
    "○": "var(--jp-ui-font-color2, #767676)",
}
_QUIET = "var(--jp-ui-font-color2, #767676)"
_CODE = "font-family:var(--jp-code-font-family, monospace);font-size:0.95em;white-space:pre-wrap;overflow-wrap:anywhere"


@dataclass(frozen=True)
class TaskVerdict:
    """All that is known about one task's visible cases, in their order."""

    task: str
    results: tuple[CaseResult, ...]

    @property
    def points(self) -> float:
        return sum(result.points for result in self.results)

    @property
    def earned(self) -> float:
        return sum(result.earned for result in self.results)

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def untouched(self) -> bool:
        """Whether no case was even attempted."""
        return all(result.status == NOT_ATTEMPTED for result in self.results)

    @property
    def first_line(self) -> str:
        """`Task 1.2 · 3 of 4 points`, or `Task 1.2 · not done yet`."""
        if self.untouched:
            return f"Task {self.task} · not done yet"
        done = " · done" if self.passed else ""
        return f"Task {self.task} · {self.earned:g} of {_points(self.points)}{done}"


def _points(points: float) -> str:
    return f"{points:g} point" + ("" if points == 1 else "s")


def sign_of(result: CaseResult) -> str:
    """✓ for a passed case, ○ for one that was not attempted, ✗ for any other."""
    return SIGNS.get(result.status, FAILED_SIGN)


def verdict_text(verdict: TaskVerdict) -> str:
    """The verdict as plain text: the first line, then a line per case with what it has to say below it."""
    lines = [verdict.first_line]
    for result in verdict.results:
        lines.append(f"  {sign_of(result)} {result.name} ({_points(result.points)})")
        if not (verdict.untouched and not result.hint):
            lines += [f"      {label + ': ' if label else ''}{words}" for label, words in _parts(result, verdict)]
    return "\n".join(lines)


def verdict_html(verdict: TaskVerdict) -> str:
    """The same as HTML; a heading, then a list whose items open with their sign."""
    items = "".join(_item(result, verdict) for result in verdict.results)
    accent = _COLOURS["✓" if verdict.passed else "○" if verdict.untouched else "✗"]
    return (
        f'<div style="border-left:4px solid {accent};padding:0.4em 0 0.4em 0.9em;margin:0.3em 0;'
        f'color:var(--jp-content-font-color1, inherit);font-family:var(--jp-content-font-family, sans-serif)">'
        f'<div style="font-weight:600">{escape(verdict.first_line)}</div>'
        f'<ul style="list-style:none;margin:0.3em 0 0 0;padding:0">{items}</ul></div>'
    )


def _item(result: CaseResult, verdict: TaskVerdict) -> str:
    sign = sign_of(result)
    rows = "".join(_row(label, words) for label, words in _parts(result, verdict))
    table = f'<div style="margin:0.1em 0 0.2em 1.6em">{rows}</div>' if rows else ""
    return (
        '<li style="margin:0.25em 0;padding:0">'
        f'<span style="display:inline-block;width:1.6em;font-weight:700;color:{_COLOURS[sign]}">{sign}</span>'
        f'{escape(result.name)} <span style="color:{_QUIET}">({_points(result.points)})</span>{table}</li>'
    )


def _row(label: str, words: str) -> str:
    if label in ("expected", "came"):
        words = f'<span style="{_CODE}">{escape(words)}</span>'
    else:
        words = CODE_SPAN.sub(rf'<span style="{_CODE}">\1</span>', escape(words))
    label = f'<span style="color:{_QUIET}">{label}: </span>' if label else ""
    return f"<div>{label}{words}</div>"


def _parts(result: CaseResult, verdict: TaskVerdict) -> list[tuple[str, str]]:
    """What there is to say about a case, as (label, words)."""
    if result.passed or (verdict.untouched and result.advice == "Not done yet."):
        return []
    parts = [("expected", result.expected), ("came", result.came), ("", result.advice), ("hint", result.hint)]
    return [(label, words) for label, words in parts if words]

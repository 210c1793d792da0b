"""Figures of a class as inline SVG: drawn from counts alone, so the same marks give the same bytes.

Colours come from the page, which has a light and a dark theme; every bar carries its sign or its number as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from course_lib.grading.reports.student_words import STATE_SIGNS

_WIDTH = 720
_LABEL, _ROW, _BAR = 210, 30, 22
_ROOM_FOR_NUMBER = 34  # pixels that a sign and a number take


def stacked_rows(title: str, rows: Mapping[str, Mapping[str, int]]) -> str:
    """A bar for each row, parted into states in the order of STATE_SIGNS; a row is a task's count of each state."""
    height = _ROW * (len(rows) + 1) + 8
    parts = [_legend(8)]
    for place, (label, counts) in enumerate(rows.items()):
        parts.append(_bar(label, counts, 8 + _ROW * (place + 1)))
    return _figure(title, height, parts)


def _legend(top: float) -> str:
    parts, left = [], 0.0
    for word, sign in STATE_SIGNS.items():
        parts.append(f'<rect class="{_kind(word)}" x="{left:g}" y="{top}" width="18" height="18" rx="3"/>')
        parts.append(f'<text class="on-bar" x="{left + 9:g}" y="{top + 13.5}" text-anchor="middle">{sign}</text>')
        parts.append(f'<text x="{left + 23:g}" y="{top + 13.5}">{word}</text>')
        left += 48 + 7.5 * len(word)
    return "".join(parts)


def _bar(label: str, counts: Mapping[str, int], top: float) -> str:
    total, left = sum(counts.values()) or 1, float(_LABEL)
    parts = [f'<text x="0" y="{top + 15.5}">{escape(_cut(label, 30))}</text>']
    for word, sign in STATE_SIGNS.items():
        count = counts.get(word, 0)
        width = (_WIDTH - _LABEL) * count / total
        if not count:
            continue
        parts.append(
            f'<rect class="{_kind(word)}" x="{left:.1f}" y="{top}" width="{max(width - 1.5, 1):.1f}" height="{_BAR}" rx="2">'
            f"<title>{escape(label)}: {count} {word}</title></rect>"
        )
        if width >= _ROOM_FOR_NUMBER:
            middle = left + width / 2 - 0.75
            parts.append(
                f'<text class="on-bar" x="{middle:.1f}" y="{top + 15.5}" text-anchor="middle">{sign} {count}</text>'
            )
        left += width
    return "".join(parts)


def columns(title: str, counts: Sequence[tuple[str, int]]) -> str:
    """A column for each (label, count), with the count above it."""
    height, floor, step = 190, 160, _WIDTH / max(len(counts), 1)
    tallest = max([count for _, count in counts], default=0) or 1
    parts = [f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{floor}" y2="{floor}"/>']
    for place, (label, count) in enumerate(counts):
        left, tall = place * step, 125 * count / tallest
        middle = left + step / 2
        if count:
            parts.append(
                f'<rect class="solved" x="{left + step * 0.15:.1f}" y="{floor - tall:.1f}" width="{step * 0.7:.1f}" '
                f'height="{tall:.1f}" rx="2"/>'
            )
        parts.append(f'<text x="{middle:.1f}" y="{floor - tall - 6:.1f}" text-anchor="middle">{count}</text>')
        parts.append(f'<text x="{middle:.1f}" y="{floor + 18}" text-anchor="middle">{escape(label)}</text>')
    return _figure(title, height, parts)


def _figure(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<figure>\n<figcaption>{escape(title)}</figcaption>\n<div class="scroll" role="region" tabindex="0" '
        f'aria-label="{escape(title)}"><svg role="img" aria-label="{escape(title)}" viewBox="0 0 {_WIDTH} {height:g}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg></div>\n</figure>\n'
    )


def _kind(word: str) -> str:
    return word.replace(" ", "-")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"

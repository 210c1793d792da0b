"""A few values beside each other: a bar per row, its number at the end."""

import math

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY

_SIZE = 13
_ROW = 32


def compare(rows, value_label: str, title: str, *, highlight: str | None = None) -> None:
    """Show one bar per row.

    rows: a dict name → value, or pairs, drawn in their order; values of 0 or more.
    value_label: what the numbers are, with its unit, such as "seconds" or "US dollars".
    title: the figure's claim. highlight: the row it is about; left out, every bar has the same colour.
    """
    style.present(draw_comparison(rows, value_label, title, highlight=highlight))


def draw_comparison(rows, value_label, title, *, highlight=None) -> style.Picture:
    """The figure that `compare` shows."""
    rows = [(str(name), value) for name, value in (rows.items() if hasattr(rows, "items") else rows)]
    _check(rows, highlight)
    texts = formatted([value for _, value in rows])
    words = f"{title}. {value_label}: {', '.join(f'{name} {text}' for (name, _), text in zip(rows, texts, strict=True))}."
    with style.drawing():
        return _draw(rows, texts, value_label, title, highlight).picture(words)


def formatted(values) -> list[str]:
    """The numbers with the same count of decimals: as few as keep three digits of the smallest.

    >>> formatted([30, 3]), formatted([30.0, 3.25]), formatted([0.00012, 0.004]), formatted([1234567, 20])
    (['30', '3'], ['30.00', '3.25'], ['0.000120', '0.004000'], ['1,234,567', '20'])
    """
    finite = [value for value in values if math.isfinite(value)]
    if all(float(value).is_integer() for value in finite):
        return [f"{value:,.0f}" for value in values]
    smallest = min(abs(value) for value in finite if value)
    decimals = 2
    while smallest * 10**decimals < 99.5 and decimals < 9:
        decimals += 1
    return [f"{value:,.{decimals}f}" for value in values]


def _draw(rows, texts, value_label, title, highlight) -> style.Sheet:
    top = style.title_height(title, style.WIDTH) + 20
    sheet = style.Sheet(style.WIDTH, top + _ROW * len(rows) + 6, title)
    left = min(max(style.text_width(name, _SIZE, bold=True) for name, _ in rows), style.WIDTH * 0.4) + 16
    number = max(style.text_width(text, _SIZE, bold=True) for text in texts)
    scale = (style.WIDTH - left - number - 20) / (max(value for _, value in rows) or 1)
    sheet.text(left, top - 12, value_label, size=12)
    for row, ((name, value), text) in enumerate(zip(rows, texts, strict=True)):
        y, bold = top + _ROW * (row + 0.5), name == highlight
        sheet.text(left - 14, y, style.fitted(name, left - 16, _SIZE, bold=True), size=_SIZE, bold=bold, align="right")
        color = BLUE if highlight in (None, name) else GREY
        sheet.rectangle(left, y - 9, max(value * scale, 1), 18, color, gid=name)
        sheet.text(left + max(value * scale, 1) + 8, y, text, size=_SIZE, bold=bold)
    return sheet


def _check(rows, highlight):
    if not rows:
        raise BadInput('compare() got no rows; write compare({"one after another": 30, "at once": 3}, "seconds", "…").')
    for name, value in rows:
        if not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise BadInput(f"compare() can't draw {value!r} for {name!r}; values are numbers of 0 or more.")
    if highlight is not None and highlight not in [name for name, _ in rows]:
        raise BadInput(f"compare() has no row {highlight!r} to highlight; it has {', '.join(name for name, _ in rows)}.")

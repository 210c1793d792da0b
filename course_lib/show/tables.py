"""A table that says the same as HTML and as plain text: text left, numbers right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.comparisons import formatted
from course_lib.show.paragraphs import with_code

# A number, perhaps with a sign, a currency and a short unit: "3.0 s", "$0.02", "10×", "2/3", "50 of 64"; a dash; an empty cell.
_LIKE_A_NUMBER = re.compile(r"([-+−~$]{0,2}\d[\d,.]*(/\d+| of \d[\d,]*)?( ?([^\W\d_]{1,3}|[%×]))?|–|)$")


@dataclass(frozen=True)
class Table:
    """Cells as text, row by row; `right` says for each column whether it stands on the right."""

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(self.columns, *self.cells, strict=True)]
        rule = tuple("─" * width for width in widths)
        lines = [self.columns, rule, *self.cells]
        return "\n".join("  ".join(self._padded(line, widths)).rstrip() for line in lines)

    def _padded(self, line, widths):
        for text, width, right in zip(line, widths, self.right, strict=True):
            yield text.rjust(width) if right else text.ljust(width)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        head = self._html_row("th", self.columns)
        body = "\n".join(self._html_row("td", row) for row in self.cells)
        # No colours: the page's own theme knows better. Style attributes survive JupyterLab's sanitiser.
        return f'<table style="margin-left:0">\n<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>'

    def _html_row(self, tag, texts) -> str:
        sides = ("right" if right else "left" for right in self.right)
        row = (
            f'<{tag} style="text-align:{side}">{with_code(text)}</{tag}>' for side, text in zip(sides, texts, strict=True)
        )
        return f"<tr>{''.join(row)}</tr>"


def table(rows, columns=None) -> None:
    """Show rows (sequences, or dicts with the columns as keys) as a table; see `table_of`."""
    style.put_on_page(table_of(rows, columns))


def table_of(rows, columns=None) -> Table:
    """The rows as a Table. Numbers of a column get the same decimals; None is a dash.

    columns: their headings; dicts bring their own. `code` in backticks is set as code.
    Raises: BadInput for a row of another length.

    >>> table_of([("one after another", 30.0, 10), ("at once", 3.0, 10)], ["way", "seconds", "calls"])
    way                seconds  calls
    ─────────────────  ───────  ─────
    one after another       30     10
    at once                  3     10
    """
    rows = list(rows)
    columns = _columns(rows, columns)
    values = [_values(row, columns) for row in rows]
    filled = [_texts([row[index] for row in values]) for index in range(len(columns))]
    right = tuple(bool(texts) and all(_LIKE_A_NUMBER.match(text) for text in texts) for texts in filled)
    return Table(columns, tuple(zip(*filled, strict=True)), right)


def _columns(rows, columns) -> tuple[str, ...]:
    if columns is None:
        if not rows or not hasattr(rows[0], "keys"):
            raise BadInput('table() needs the columns\' headings: table(rows, ["way", "seconds"]).')
        columns = rows[0].keys()
    columns = (columns,) if isinstance(columns, str) else tuple(str(column) for column in columns)
    if not columns:
        raise BadInput('table() got no columns; write their headings: table(rows, ["way", "seconds"]).')
    return columns


def _values(row, columns) -> list:
    if hasattr(row, "keys"):
        return [row.get(column) for column in columns]
    values = list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row]
    if len(values) != len(columns):
        raise BadInput(f"A row has {len(values)} cells but the table has {len(columns)} columns: {row!r}.")
    return values


def _texts(values) -> list[str]:
    numbers = [value for value in values if _is_number(value)]
    written = dict(zip((repr(number) for number in numbers), formatted(numbers), strict=True))
    return [
        written[repr(value)] if _is_number(value) else "–" if value is None else " ".join(str(value).split())
        for value in values
    ]


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

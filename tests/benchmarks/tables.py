"""What a benchmark gives: a table, the promises that it is held to, and who was missing."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Promise:
    """A figure that must not be above `at_most`. `measured` is None when the rival for it was not there."""

    words: str
    measured: float | None
    at_most: float

    @property
    def kept(self) -> bool | None:
        """None when it could not be measured."""
        return None if self.measured is None else self.measured <= self.at_most

    def __str__(self):
        if self.measured is None:
            return f"  [not measured] {self.words}: at most {self.at_most:g}"
        return f"  [{'kept' if self.kept else 'MISSED'}] {self.words}: {self.measured:.3g}, at most {self.at_most:g}"


@dataclass(frozen=True)
class Table:
    """One benchmark's result. rows: what was measured → its figures, in the order of `columns`; None: not there."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: dict[str, tuple]
    promises: tuple[Promise, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __str__(self):
        cells = [("", *self.columns), *((label, *map(in_words, figures)) for label, figures in self.rows.items())]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join([label.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))])
            for label, *rest in cells
        ]
        return "\n".join([f"{self.name}: {self.title}", *lines, *map(str, self.promises), *(f"  {note}" for note in self.notes)])

    def as_json(self) -> dict:
        """The same as plain data."""
        rows = [{"": label} | dict(zip(self.columns, figures, strict=True)) for label, figures in self.rows.items()]
        promises = [asdict(promise) | {"kept": promise.kept} for promise in self.promises]
        return {"name": self.name, "title": self.title, "rows": rows, "promises": promises, "notes": list(self.notes)}


def in_words(figure) -> str:
    """A figure as it stands in a cell: three digits that count, whole numbers in full.

    >>> [in_words(figure) for figure in (1.8342, 126.7, 10_000, 0.00412, None, True, "yes")]
    ['1.83', '127', '10,000', '0.00412', '-', 'yes', 'yes']
    """
    if figure is None:
        return "-"
    if isinstance(figure, bool):
        return "yes" if figure else "no"
    if isinstance(figure, str):
        return figure
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def ratio(one: float | None, other: float | None) -> float | None:
    """How many of `other` go into `one`; None when either is missing."""
    return None if one is None or other is None else one / other

"""Diagrams of a workflow's shape: fan-out and fan-in, a chain, voters. Boxes are as large as their text."""

from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY, PURPLE, RED

_SIZE = 13
_LINE = 18
_PAD_X, _PAD_Y = 16, 11
_ROW_GAP = 14
_NARROWEST_GAP = 28


def fan_out_diagram(splitter: str, workers, aggregator: str, *, title: str | None = None) -> None:
    """Show splitter → workers → aggregator. Every name may have two lines, split by a newline."""
    style.present(draw_fan_out(splitter, workers, aggregator, title=title))


def voters_diagram(question: str, voters, decision: str, *, title: str | None = None) -> None:
    """Show one question that goes to every voter, and the decision that their ballots lead to."""
    style.present(draw_voters(question, voters, decision, title=title))


def chain_diagram(steps, *, title: str | None = None) -> None:
    """Show steps of which each needs the one before it."""
    style.present(draw_chain(steps, title=title))


def draw_fan_out(splitter, workers, aggregator, *, title=None) -> style.Picture:
    """The figure that `fan_out_diagram` shows."""
    workers = _checked(workers, "fan_out_diagram", "worker")
    title = f"{style.plural(len(workers), 'piece')} of the work at once" if title is None else title
    words = f"{_flat(splitter)} → {len(workers)} side by side ({', '.join(map(_flat, workers))}) → {_flat(aggregator)}."
    return _draw_three_columns(splitter, workers, aggregator, title, words)


def draw_voters(question, voters, decision, *, title=None) -> style.Picture:
    """The figure that `voters_diagram` shows."""
    voters = _checked(voters, "voters_diagram", "voter")
    title = f"One question, {style.plural(len(voters), 'ballot')}, one decision" if title is None else title
    words = f"{_flat(question)} → asked {len(voters)} times ({', '.join(map(_flat, voters))}) → {_flat(decision)}."
    return _draw_three_columns(question, voters, decision, title, words)


def draw_chain(steps, *, title=None) -> style.Picture:
    """The figure that `chain_diagram` shows; a long chain goes on in the next row."""
    steps = _checked(steps, "chain_diagram", "step")
    title = "Each step waits for the one before it" if title is None and len(steps) > 1 else title or ""
    with style.drawing():
        rows = _rows([Box.of(step, BLUE) for step in steps], style.WIDTH)
        return _draw_rows(rows, title).picture(f"{' → '.join(map(_flat, steps))}.")


# --- boxes -----------------------------------------------------------------------------------


@dataclass
class Box:
    """A box with its text; (x, y) is its upper left corner, in page pixels."""

    lines: list[tuple[str, bool]]  # each with whether it is bold
    color: str
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0

    @classmethod
    def of(cls, name: str, color: str, widest: float = 230) -> "Box":
        """A box around `name`: its own line breaks, the first part bold, and more where a line is too wide."""
        lines = [
            (style.fitted(line, widest, _SIZE, bold=part == 0), part == 0)
            for part, text in enumerate(str(name).split("\n"))
            for line in style.wrapped(text, widest, _SIZE, bold=part == 0)
        ]
        text = max(style.text_width(line, _SIZE, bold) for line, bold in lines)
        return cls(lines, color, max(text + 2 * _PAD_X, 84), _LINE * len(lines) + 2 * _PAD_Y)

    @property
    def left(self):
        return self.x, self.y + self.height / 2

    @property
    def right(self):
        return self.x + self.width, self.y + self.height / 2

    def draw(self, sheet) -> None:
        """The box with its text on the sheet."""
        sheet.rounded(self.x, self.y, self.width, self.height, color=self.color)
        self.draw_text(sheet)

    def draw_text(self, sheet, *, color="white", width: float | None = None) -> None:
        """The text alone, in the middle of the box, or of a part of it that is `width` pixels wide."""
        middle = self.x + (self.width if width is None else width) / 2
        top = self.y + (self.height - _LINE * len(self.lines)) / 2
        for row, (line, bold) in enumerate(self.lines):
            y = top + _LINE * (row + 0.5)
            sheet.text(middle, y, line, size=_SIZE, bold=bold, color=color, align="center", zorder=4)


def arrow_look(critical: bool) -> tuple[str, float]:
    """The colour and the width, in pixels, of an arrow's line."""
    return (RED, 4.0) if critical else (GREY, 1.6)


def arrow(sheet, start, end, *, critical=False, head=True) -> None:
    """A line from `start` to `end` that leaves and arrives level, with a head; on the critical path thick and red."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, y0), (x1, y1) = start, end
    (color, width), (size, half, above) = arrow_look(critical), (11, 6.5, 0.5) if critical else (8, 5, 0.0)
    neck = x1 - size if head else x1
    bend = (neck - x0) * 0.5
    path = Path([(x0, y0), (x0 + bend, y0), (neck - bend, y1), (neck + (1 if head else 0), y1)],
                [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    sheet.axes.add_patch(PathPatch(path, facecolor="none", edgecolor=color, linewidth=style.points(width),
                                   zorder=1 + above, gid="critical" if critical else "arrow"))
    if head:
        sheet.polygon([(x1, y1), (neck - 1, y1 - half), (neck - 1, y1 + half)], color, zorder=2 + above)


# --- three columns ---------------------------------------------------------------------------


def _draw_three_columns(first, middle, last, title, description) -> style.Picture:
    with style.drawing():
        source, target = Box.of(first, PURPLE, 190), Box.of(last, PURPLE, 190)
        boxes = [Box.of(name, BLUE, 220) for name in middle]
        width = max(box.width for box in boxes)
        gap = max(_NARROWEST_GAP, min(120, (style.WIDTH - 4 - source.width - width - target.width) / 2))
        stacked = sum(box.height for box in boxes) + _ROW_GAP * (len(boxes) - 1)
        top = style.title_height(title, style.WIDTH) + 4
        tall = max(stacked, source.height, target.height)
        sheet = style.Sheet(style.WIDTH, top + tall + 10, title)

        source.x, source.y = 2, top + (tall - source.height) / 2
        target.x, target.y = 2 + source.width + gap + width + gap, top + (tall - target.height) / 2
        y = top + (tall - stacked) / 2
        for box in boxes:
            box.x, box.y, box.width = 2 + source.width + gap, y, width
            y += box.height + _ROW_GAP
            arrow(sheet, source.right, box.left)
            arrow(sheet, box.right, target.left)
        for box in [source, *boxes, target]:
            box.draw(sheet)
        return sheet.picture(description)


# --- rows ------------------------------------------------------------------------------------


def _rows(boxes, width) -> list[list[Box]]:
    """The boxes in reading order, as many to a row as fit beside each other with room for an arrow."""
    rows, used = [[]], 2.0
    for box in boxes:
        if rows[-1] and used + 44 + box.width > width - 2:
            rows.append([])
            used = 2.0
        used += box.width + (44 if rows[-1] else 0)
        rows[-1].append(box)
    return rows


def _draw_rows(rows, title) -> style.Sheet:
    top = style.title_height(title, style.WIDTH) + 4
    heights = [max(box.height for box in row) for row in rows]
    sheet = style.Sheet(style.WIDTH, top + sum(heights) + 40 * (len(rows) - 1) + 8, title)
    before = None
    for row, height in zip(rows, heights, strict=True):
        x = 2.0
        for box in row:
            box.x, box.y = x, top + (height - box.height) / 2
            x += box.width + 44
            if before is not None and before in row:
                arrow(sheet, before.right, box.left)
            elif before is not None:
                _next_row_arrow(sheet, before, box)
            before = box
        top += height + 40
    for row in rows:
        for box in row:
            box.draw(sheet)
    return sheet


def _next_row_arrow(sheet, before, box):
    """Down from the end of a row, back to the left, down into the first box of the next row."""
    x0, x1 = before.x + before.width / 2, box.x + box.width / 2
    middle = box.y - 22
    sheet.line([x0, x0, x1, x1], [before.y + before.height, middle, middle, box.y - 7], width=1.6)
    sheet.polygon([(x1, box.y), (x1 - 5, box.y - 9), (x1 + 5, box.y - 9)], GREY)


def _checked(names, function, noun) -> list[str]:
    names = [names] if isinstance(names, str) else list(names)
    if not names:
        raise BadInput(f'{function}() got no {noun}s; name at least one {noun}, as in ["first {noun}", "second {noun}"].')
    return [str(name) for name in names]


def _flat(name: str) -> str:
    return " ".join(str(name).split())

"""A declared workflow as a diagram: a column per generation, votes as stacks, joins as funnels, the critical path thick."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY, PURPLE, RED, TEXT
from course_lib.show.diagrams import Box, arrow, arrow_look
from course_lib.workflow.estimate import critical_path, seconds_of
from course_lib.workflow.mermaid import edges_of, in_words

_GAP = 20  # between boxes of a column
_PASS = 12  # the height that an arrow takes where it runs through a column
_NARROWEST, _WIDEST = 104, 200
_BETWEEN, _FARTHEST = 52, 150  # between columns
_STACK = 5  # how far a ballot lies behind the one before it
_COLORS = {
    "input": GREY, "step": BLUE, "vote": BLUE, "fan-out": BLUE,
    "join": PURPLE, "router": PURPLE, "guardrail": RED,
}


def workflow_diagram(flow, *, title: str | None = None) -> None:
    """Show a Workflow (see `course_lib.workflow`) with its critical path.

    title: the figure's claim; left out, it is taken from the estimate.
    """
    style.present(draw_workflow(flow, title=title))


def draw_workflow(flow, *, title=None) -> style.Picture:
    """The figure that `workflow_diagram` shows. Raises: BadInput when steps wait for each other in a circle."""
    if not hasattr(flow, "generations"):
        raise BadInput(f"workflow_diagram() draws a Workflow, not {type(flow).__name__}; write Workflow('name', Step(…), …).")
    path = critical_path(flow, seconds_of(flow, 1.0))
    title = _claim(flow, path) if title is None else title
    with style.drawing():
        return _draw(_Plan(flow), flow, path, title).picture(f"{in_words(flow)} Critical path: {' → '.join(path)}.")


def _claim(flow, path) -> str:
    calls = max(sum(flow[name].calls for name in case) for case in flow.cases)
    waits = sum(1 for name in path if flow[name].calls)
    if calls <= 1 or waits == calls:
        return f"{flow.name.capitalize()}: {style.plural(calls, 'call')}, one after another"
    at_most = "up to " if any(flow[name].kind == "fan-out" for name in flow.order) else ""
    return f"{flow.name[:1].upper()}{flow.name[1:]}: {at_most}{calls} calls in the time of {waits}"


# --- where everything stands -----------------------------------------------------------------


@dataclass(eq=False)
class _Stop:
    """A place in a column: a part's box, or a point where a long arrow passes (`box` is None)."""

    height: float
    box: Box | None = None
    kind: str = ""
    x: float = 0.0
    y: float = 0.0  # its middle
    width: float = 0.0

    @property
    def left(self):
        return self.x, self.y

    @property
    def right(self):
        return self.x + self.width, self.y


class _Plan:
    """Columns of stops, and the arrows between stops of neighbouring columns."""

    def __init__(self, flow):
        self.stops: dict[str, _Stop] = {}
        self.columns: list[list[_Stop]] = []
        self.arrows: list[tuple[list[_Stop], str, str, str]] = []  # the stops on its way, from, to, label
        self.above: defaultdict[_Stop, list[_Stop]] = defaultdict(list)
        self._fill(flow)
        self._arrange()

    def _fill(self, flow):
        names = ([list(flow.inputs)] if flow.inputs else []) + flow.generations
        widest = max(_NARROWEST, min(_WIDEST, (style.WIDTH - 8 - _BETWEEN * (len(names) - 1)) / len(names) - 32))
        parts = {part.name: part for part in reversed(flow.parts)}
        column_of = {}
        for number, column in enumerate(names):
            for name in column:
                self.stops[name] = _stop(parts[name], widest)
                column_of[name] = number
            self.columns.append([self.stops[name] for name in column])
            same = max(stop.width for stop in self.columns[-1])
            for stop in self.columns[-1]:
                stop.width = stop.box.width = same
        passes: dict[tuple[str, int], _Stop] = {}
        for start, end, kind, label in edges_of(flow):
            if kind == "guards" or start not in column_of or end not in column_of:
                continue
            way = [self.stops[start]]
            for number in range(column_of[start] + 1, column_of[end]):  # long arrows of one start share their way
                if (start, number) not in passes:
                    passes[start, number] = _Stop(_PASS)
                    self.columns[number].append(passes[start, number])
                way.append(passes[start, number])
            way.append(self.stops[end])
            self.arrows.append((way, start, end, label))
            for before, after in pairwise(way):
                self.above[after].append(before)
        self.between = [_BETWEEN] * (len(self.columns) - 1)  # at least; more where an arrow carries a word
        for way, _, end, label in self.arrows:
            if label and len(way) > 1:
                gap = column_of[end] - 1
                self.between[gap] = max(self.between[gap], _pill_width(label) + 44)

    def _arrange(self):
        """Order every column by where its arrows come from, then give everything its place."""
        for column in self.columns[1:]:
            now = {stop: place for stops in self.columns for place, stop in enumerate(stops)}
            wanted = {stop: fmean([now[other] for other in self.above[stop]] or [now[stop]]) for stop in column}
            column.sort(key=wanted.get)
        widths = [max(stop.width for stop in column) for column in self.columns]
        free = style.WIDTH - 8 - sum(widths)
        spare = max(0.0, free - sum(self.between)) / max(1, len(self.between))
        self.between = [min(gap + spare, max(gap, _FARTHEST)) for gap in self.between]
        self.width = max(style.WIDTH, 8 + sum(widths) + sum(self.between))
        self.height = max(_tall(column) for column in self.columns)
        x = 4.0
        for column, width, between in zip(self.columns, widths, [*self.between, 0], strict=True):
            y = (self.height - _tall(column)) / 2
            for stop in column:
                stop.x, stop.width, stop.y = x, width, y + stop.height / 2
                y += stop.height + _GAP
            x += width + between


def _stop(part, widest) -> _Stop:
    box = Box.of(getattr(part, "label", part.name), _COLORS[part.kind], widest)
    if part.kind == "join":
        box.width += 22  # a funnel is narrower where it ends
    box.height = max(box.height, 40.0)
    return _Stop(box.height + _behind(part) * _STACK, box, part.kind, width=box.width)


def _behind(part) -> int:
    """How many ballots, or workers, lie behind the first: at most three are drawn."""
    return min(part.calls - 1, 3) if part.kind in ("vote", "fan-out") else 0


def _tall(column) -> float:
    return sum(stop.height for stop in column) + _GAP * (len(column) - 1)


# --- how it is drawn -------------------------------------------------------------------------


def _draw(plan, flow, path, title) -> style.Sheet:
    top = style.title_height(title, plan.width) + 6
    sheet = style.Sheet(plan.width, top + plan.height + 34, title)
    for column in plan.columns:
        for stop in column:
            stop.y += top
    chain = set(pairwise(path))
    for way, start, end, _ in plan.arrows:
        _draw_way(sheet, way, (start, end) in chain)
    for way, *_, label in plan.arrows:
        if label:
            _draw_pill(sheet, way[-1], label)
    for step in flow.steps:
        if step.kind == "guardrail" and step.guards in plan.stops:
            _draw_guarding(sheet, plan.stops[step.name], plan.stops[step.guards])
    for name, stop in plan.stops.items():
        _draw_stop(sheet, stop, 0 if stop.kind == "input" else _behind(flow[name]))
    _draw_legend(sheet, top + plan.height + 20, {stop.kind for stop in plan.stops.values()}, bool(chain))
    return sheet


def _draw_way(sheet, way, critical):
    for before, after in pairwise(way):
        arrow(sheet, before.right, after.left, critical=critical, head=after is way[-1])
    color, width = arrow_look(critical)
    for stop in way[1:-1]:
        sheet.line([stop.x - 0.5, stop.x + stop.width + 0.5], [stop.y, stop.y], color=color, width=width)


def _pill_width(label) -> float:
    return min(style.text_width(label, 11), 120) + 14


def _draw_pill(sheet, stop, label):
    """The answer that leads to this step, on the last stretch of its arrow."""
    width = _pill_width(label)
    x = stop.x - 14 - width
    sheet.rounded(x, stop.y - 9, width, 18, color=PURPLE, radius=9)
    text = style.fitted(label, width - 12, 11)
    sheet.text(x + width / 2, stop.y, text, size=11, color="white", align="center", zorder=4)


def _draw_guarding(sheet, guard, guarded):
    """A dashed line that ends in a bar: nothing passes it without an "ok"."""
    down = 1 if guarded.y > guard.y else -1
    x0, x1 = guard.x + guard.width / 2, guarded.x + guarded.width / 2
    y0, y1 = guard.y + down * guard.height / 2, guarded.y - down * (guarded.height / 2 + 4)
    middle = guarded.y - down * (guarded.height / 2 + _GAP / 2)
    xs, ys = ([x0, x1], [y0, y1]) if guard.x == guarded.x else ([x0, x0, x1, x1], [y0, middle, middle, y1])
    sheet.line(xs, ys, color=RED, width=2, style=(0, (3, 2)))
    sheet.line([x1 - 12, x1 + 12], [y1, y1], color=RED, width=3)


def _draw_stop(sheet, stop, behind):
    box = stop.box
    box.x, box.y = stop.x, stop.y - box.height / 2 + behind * _STACK / 2
    box.width = stop.width
    for up in range(_STACK, behind * _STACK + 1, _STACK):
        # The upper edge of a ballot that lies behind. Only this strip: so nothing has to be white on any page.
        strip = (box.x + up + 2, box.y - up, box.width - 2 * up - 4, _STACK - 2)
        sheet.rectangle(*strip, box.color, zorder=2.5, gid="ballot")
    if stop.kind == "join":
        left, right, cut = box.x, box.x + box.width, min(9, box.height / 5)
        corners = [(left, box.y - 4), (right, box.y + cut), (right, box.y + box.height - cut), (left, box.y + box.height + 4)]
        sheet.polygon(corners, box.color, zorder=3, gid="funnel")
        box.draw_text(sheet, width=box.width - 12)
    elif stop.kind == "input":
        sheet.rounded(box.x, box.y, box.width, box.height, color=box.color, filled=False)
        box.draw_text(sheet, color=TEXT)
    else:
        box.draw(sheet)


def _draw_legend(sheet, y, kinds, path):
    """What the shapes mean: only those that appear."""
    words = [("stack: several calls at once", {"vote", "fan-out"}), ("funnel: joins answers", {"join"}),
             ("dashed: holds back unless ok", {"guardrail"})]
    x = 4.0
    if path:
        sheet.line([x, x + 26], [y, y], color=RED, width=4)
        x += 34
    for text in ["critical path"] * path + [text for text, needed in words if kinds & needed]:
        sheet.text(x, y, text, size=12)
        x += style.text_width(text, 12) + 26

"""The timeline: a Gantt chart of calls, every bar drawn from its own call's record."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from course_lib.errors import BadInput
from course_lib.kpis import critical_path
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY, PURPLE, RED, TEXT

LABELLED_ROWS = 40
"""Up to this many rows each carries its label and its seconds; beyond, rows are thin and bare."""

_LEGEND = {
    "queued": "waiting in line",
    "running": "running",
    "backing off": "backing off",
    "failed": "✕ failed",
    "cancelled": "⊘ cancelled",
    "unfinished": "… not finished yet",
}
_SYMBOL = {"failed": "✕", "cancelled": "⊘", "unfinished": "…"}
# A colour is never the only sign: hatching and symbols say the same.
_LOOKS = {
    "queued": {"color": (GREY, 0.45)},
    "running": {"color": BLUE},
    "backing off": {"color": "none", "edgecolor": GREY, "hatch": "/////"},
    "failed": {"color": RED},
    "wrong": {"color": RED},
    "cancelled": {"color": PURPLE},
    "unfinished": {"color": (BLUE, 0.45)},
}


@dataclass(frozen=True)
class Bar:
    """One stretch of one call. Times are seconds since the first call of its run stood in line.

    kind: "queued", "running", "backing off", "failed", "cancelled", "unfinished", or "wrong" for the mistake.
    note: what is written into the bar: the HTTP status of a request that was refused.
    """

    row: int
    kind: str
    started: float
    ended: float
    note: str = ""


def timeline(*runs, title: str | None = None, names=None, width: int = style.WIDTH) -> None:
    """Show one or several runs (CallLogs) on one time axis, and print what the figure says.

    names: one per run. title: the figure's claim; left out, it is taken from the numbers.
    Raises: BadInput without a run, for a run without calls, or for names that don't match the runs.
    """
    style.present(draw_timeline(*runs, title=title, names=names, width=width))


def wrong_timeline(log, *, width: int = style.WIDTH) -> None:
    """Show the timeline as a widely copied mistake draws it, with the truth as dashed outlines.

    The mistake: starts in launch order are paired with ends in completion order,
    as if calls ended in the order in which they were launched.
    """
    style.present(draw_wrong_timeline(log, width=width))


def draw_timeline(*runs, title=None, names=None, width=style.WIDTH) -> style.Picture:
    """The figure that `timeline` shows."""
    names = _checked_names(runs, names)
    charts = [_Chart(name, log, bars(log)) for name, log in zip(names, runs, strict=True)]
    description = "\n".join(describe(chart.log, chart.name) for chart in charts)
    with style.drawing():
        return _draw(charts, _claim(charts) if title is None else title, width).picture(description)


def draw_wrong_timeline(log, *, width=style.WIDTH) -> style.Picture:
    """The figure that `wrong_timeline` shows."""
    _checked_names((log,), None)
    wrong = wrong_bars(log)
    chart = _Chart("", log, wrong, truth=bars(log))
    seconds = _seconds_format(chart.end)
    drawn = ", ".join(seconds(bar.ended - bar.started) for bar in wrong)
    real = ", ".join(seconds(call.seconds) for call in log if call.ended is not None)
    words = f"Wrong on purpose: drawn as {drawn}; the calls really took {real} (dashed)."
    with style.drawing():
        return _draw([chart], "WRONG on purpose: starts in launch order, ends in completion order", width).picture(words)


# --- what is drawn ---------------------------------------------------------------------------


def bars(log) -> list[Bar]:
    """Every stretch of every call, a row per call in launch order.

    >>> from course_lib.claude.calls import Attempt, Call, CallLog
    >>> call = Call(0, "read", "m", "p", queued=5.0, attempts=[Attempt(6.0, 8.0)], status="ok")
    >>> [(bar.kind, bar.started, bar.ended) for bar in bars(CallLog([call]))]
    [('queued', 0.0, 1.0), ('running', 1.0, 3.0)]
    """
    zero, now = _span(log)
    return [bar for row, call in enumerate(log) for bar in _bars_of(call, row, zero, now)]


def wrong_bars(log) -> list[Bar]:
    """The mistake: the first start goes with the first end, the second with the second, and so on."""
    zero, _ = _span(log)
    launched = [call for call in log if call.ended is not None]
    pairs = enumerate(zip(launched, log.by_end(), strict=True))
    return [Bar(row, "wrong", first.started - zero, second.ended - zero) for row, (first, second) in pairs]


def _bars_of(call, row, zero, now):
    attempts = iter(call.attempts)
    for phase in call.phases:
        kind, ended, note = phase.kind, phase.ended, ""
        if kind == "running":
            attempt = next(attempts)
            kind, note = _how_it_went(call, attempt), _refusal(attempt)
            ended = now if attempt.ended is None else ended
        yield Bar(row, kind, phase.started - zero, ended - zero, note)


def _how_it_went(call, attempt) -> str:
    if attempt.ended is None:
        return "unfinished"
    if attempt is not call.attempts[-1]:
        return "failed"  # it was tried again
    return call.status if call.status in ("failed", "cancelled") else "running"


def _refusal(attempt) -> str:
    return str(attempt.status) if attempt.status is not None and attempt.status >= 400 else ""


def _span(log) -> tuple[float, float]:
    """The run's first moment, and the last one that it knows of."""
    moments = [moment for call in log for phase in call.phases for moment in (phase.started, phase.ended)]
    return min(call.queued for call in log), max(moments)


# --- what it says in words -------------------------------------------------------------------


def describe(log, name: str = "") -> str:
    """One line: makespan, calls, the most in flight, their seconds added up, how they ended, the critical path."""
    seconds = _seconds_format(log.makespan)
    statuses = Counter(call.status for call in log)
    parts = [
        f"{seconds(log.makespan)} for {style.plural(len(log), 'call')}",
        f"at most {log.peak_in_flight} in flight",
        f"{seconds(log.busy_seconds)} of calls added up",
    ]
    words = {"failed": "failed", "cancelled": "cancelled", "running": "not finished"}
    parts += [f"{statuses[status]} {word}" for status, word in words.items() if statuses[status]]
    return f"{name}: " * bool(name) + f"{', '.join(parts)}{_path_in_words(log)}."


def _path_in_words(log) -> str:
    names = {id(call): label for call, label in zip(log, row_labels(log), strict=True)}
    labels = [names[id(call)] for call in critical_path(log)]
    if len(labels) > 3:
        return f"; critical path: {labels[0]} → … → {labels[-1]} ({len(labels)} calls)"
    return f"; critical path: {' → '.join(labels)}" if labels else ""


def row_labels(log) -> list[str]:
    """A label per call, on one line; equal ones are numbered from the second on.

    >>> from types import SimpleNamespace
    >>> row_labels([SimpleNamespace(label=label) for label in ("vote", "join", "vote", "vote")])
    ['vote', 'join', 'vote (2)', 'vote (3)']
    """
    return [label + number for label, number in _numbered(log)]


def _numbered(log) -> Iterator[tuple[str, str]]:
    """Each call's label, and " (2)", " (3)", … where the same was there before."""
    seen: Counter = Counter()
    for call in log:
        label = " ".join(call.label.split())
        seen[label] += 1
        yield label, f" ({seen[label]})" if seen[label] > 1 else ""


def _claim(charts) -> str:
    """What the numbers show, for a figure that was given no title."""
    if len(charts) == 1:
        log = charts[0].log
        seconds = _seconds_format(log.makespan)
        if log.peak_in_flight <= 1:
            took = "took" if len(log) == 1 else "one after another took"
            return f"{style.plural(len(log), 'call')} {took} {seconds(log.makespan)}"
        return f"{len(log)} calls that add up to {seconds(log.busy_seconds)} took {seconds(log.makespan)}"
    slow = max(charts, key=lambda chart: chart.log.makespan)
    fast = min(charts, key=lambda chart: chart.log.makespan)
    seconds = _seconds_format(slow.log.makespan)
    if slow.log.makespan == fast.log.makespan:
        return f"The runs take the same time: {seconds(slow.log.makespan)}"
    return f"{fast.name}: {seconds(fast.log.makespan)} instead of {seconds(slow.log.makespan)}"


def _seconds_format(longest: float):
    """How seconds are written in a figure whose longest time this is: one decimal, two below two seconds."""
    decimals = 2 if longest < 2 else 1
    return lambda seconds: f"{seconds:.{decimals}f} s"


# --- how it is drawn -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chart:
    """One run on the page."""

    name: str
    log: object
    bars: list[Bar]
    truth: list[Bar] = field(default_factory=list)

    @cached_property
    def row_ends(self) -> dict[int, float]:
        """When the last bar of each row ends."""
        ends: dict[int, float] = {}
        for bar in [*self.bars, *self.truth]:
            ends[bar.row] = max(ends.get(bar.row, 0.0), bar.ended)
        return ends

    @property
    def end(self) -> float:
        return max(self.row_ends.values())

    def end_text(self, row: int, seconds) -> tuple[str, str]:
        """What stands to the right of a call's last bar, its seconds and how it ended if not well; and its colour."""
        call = self.log[row]
        if self.truth:
            drawn = sum(bar.ended - bar.started for bar in self.bars if bar.row == row)
            return f"drawn {seconds(drawn)}, took {seconds(call.seconds)}", TEXT
        kind = _how_it_went(call, call.attempts[-1])
        if kind == "unfinished":
            return "… not finished", TEXT
        how = "" if kind == "running" else f"{_SYMBOL[kind]} {kind} "
        return how + seconds(call.seconds), _ink(kind)


_SIZE = 12.5
_HEADER = 30
_GAP = 14
_AXIS = 34


def _draw(charts, title, width) -> style.Sheet:
    rows = sum(len(chart.log) for chart in charts)
    labelled = rows <= LABELLED_ROWS
    row_height = _row_height(rows)
    legend = _legend_kinds(charts)
    top = style.title_height(title, width) + (24 if legend else 0)
    header = _HEADER if any(chart.name for chart in charts) else 0
    heights = [header + row_height * len(chart.log) for chart in charts]
    height = top + sum(heights) + _GAP * (len(charts) - 1) + _AXIS

    sheet = style.Sheet(width, height, title)
    if legend:
        _draw_legend(sheet, legend, top - 16)
    left = _label_column(charts, width) if labelled else 10
    longest = max(chart.end for chart in charts) or 1.0
    seconds = _seconds_format(longest)
    scale = _scale(charts, seconds, width - left - 6) if labelled else (width - left - 30) / longest
    _draw_axis(sheet, left, top + header, height - _AXIS, longest, scale)
    for chart, chart_height in zip(charts, heights, strict=True):
        if header:
            _draw_header(sheet, chart, top + 12, seconds)
        area = sheet.plot_area(left, top + header, width - left, row_height * len(chart.log), (0, (width - left) / scale))
        _draw_bars(sheet, area, chart, row_height, labelled, scale)
        if labelled:
            _draw_labels(sheet, area, chart, row_height, left, seconds, scale)
        top += chart_height + _GAP
    return sheet


def _row_height(rows) -> float:
    if rows <= 12:
        return 26.0
    if rows <= LABELLED_ROWS:
        return 19.0
    return max(2.5, min(9.0, round(880 / rows) / 2))  # half page pixels: every thin row comes out equally thick


def _legend_kinds(charts):
    """The kinds that appear, when there is anything besides plain running."""
    if any(chart.truth for chart in charts):
        return []
    kinds = {bar.kind for chart in charts for bar in chart.bars}
    return [kind for kind in _LEGEND if kind in kinds] if kinds != {"running"} else []


def _draw_legend(sheet, kinds, y):
    x = 2.0
    for kind in kinds:
        sheet.rectangle(x, y - 6, 22, 12, **_LOOKS[kind])
        sheet.text(x + 30, y, _LEGEND[kind], size=12)
        x += 30 + style.text_width(_LEGEND[kind], 12) + 24


def _label_column(charts, width) -> float:
    longest = max(style.text_width(label, _SIZE) for chart in charts for label in row_labels(chart.log))
    return min(longest, width * 0.34) + 14


def _scale(charts, seconds, room) -> float:
    """Pixels per second, so that the longest bar and the text after it just fit."""
    scales = [
        (room - 20 - style.text_width(chart.end_text(row, seconds)[0], _SIZE)) / end
        for chart in charts
        for row, end in chart.row_ends.items()
        if end > 0
    ]
    return min(scales, default=room - 120)


def _draw_axis(sheet, left, top, bottom, longest, scale):
    step = _tick_step(longest)
    for index in range(int(longest / step + 1e-9) + 1):
        x = left + index * step * scale
        sheet.line([x, x], [top, bottom + 4], alpha=0.16)
        sheet.text(x, bottom + 17, f"{index * step:g} s" if index else "0", size=12, align="center")


def _tick_step(longest: float) -> float:
    """A round step that gives at most seven ticks.

    >>> [_tick_step(longest) for longest in (0.4, 3.0, 30.0, 144.0)]
    [0.1, 0.5, 5, 50]
    """
    for power in range(-4, 8):
        for digit in (1, 2, 5):
            step = digit * 10**power if power >= 0 else digit / 10**-power
            if longest / step <= 6:
                return step
    return longest


def _draw_header(sheet, chart, y, seconds):
    name = style.fitted(chart.name, sheet.width - 120, 13.5, bold=True)
    sheet.text(2, y, name, size=13.5, bold=True)
    sheet.text(2 + style.text_width(name, 13.5, bold=True) + 12, y, seconds(chart.end), size=13.5)


def _draw_bars(sheet, area, chart, row_height, labelled, scale):
    pad = 4.5 if row_height > 20 else 3.0 if labelled else 0.5
    tall = row_height - 2 * pad
    for bar in chart.bars:
        y, length = bar.row * row_height + pad, bar.ended - bar.started
        sheet.rectangle(bar.started, y, length, tall, axes=area, gid=f"{bar.kind} {bar.row}", **_LOOKS[bar.kind])
        last = labelled and bar.ended == chart.row_ends[bar.row]  # its text says it
        _draw_mark(sheet, area, bar, y + tall / 2, tall, scale, bar.note if last else _SYMBOL.get(bar.kind))
    for bar in chart.truth:
        outline = {"edgecolor": TEXT, "linewidth": 1.0, "linestyle": (0, (3, 2)), "zorder": 3, "gid": "truth"}
        y = bar.row * row_height + pad
        sheet.rectangle(bar.started, y, bar.ended - bar.started, tall, "none", axes=area, **outline)


def _draw_labels(sheet, area, chart, row_height, left, seconds, scale):
    """A call's label before its first bar, and after its last one how long it took."""
    for row, (label, number) in enumerate(_numbered(chart.log)):
        middle = (row + 0.5) * row_height
        label = style.fitted(label, left - 14 - style.text_width(number, _SIZE), _SIZE) + number
        sheet.text(-10 / scale, middle, label, size=_SIZE, align="right", axes=area)
        text, color = chart.end_text(row, seconds)
        sheet.text(chart.row_ends.get(row, 0.0) + 9 / scale, middle, text, size=_SIZE, color=color, axes=area)


def _ink(kind) -> str:
    return {"failed": RED, "cancelled": PURPLE}.get(kind, TEXT)


def _draw_mark(sheet, area, bar, y, height, scale, symbol):
    """The HTTP status inside a bar that ended badly, or else its symbol: inside where there is room, or at its end."""
    if bar.kind not in ("failed", "cancelled") or not symbol:
        return
    room = (bar.ended - bar.started) * scale
    fits = [note for note in (bar.note, symbol) if note and room >= style.text_width(note, 11, bold=True) + 6]
    if fits and height >= 12:
        middle = (bar.started + bar.ended) / 2
        sheet.text(middle, y, fits[0], size=11, bold=True, color="white", align="center", axes=area)
    else:
        area.plot([bar.ended], [y], marker="x" if bar.kind == "failed" else "o", markersize=style.points(7),
                  markeredgewidth=1.3, markerfacecolor="none", color=_ink(bar.kind), clip_on=False, zorder=4)


def _kind_of(thing) -> str:
    """What to call it: not by a private class's name."""
    kind = next(kind for kind in type(thing).__mro__ if not kind.__name__.startswith("_"))
    return "a connection" if hasattr(thing, "log") else f"a {kind.__name__}"


def _checked_names(runs, names) -> list[str]:
    if not runs:
        raise BadInput("timeline() got no run; record one with `with claude.record() as run:` and write timeline(run).")
    for number, log in enumerate(runs, start=1):
        if not hasattr(log, "by_end"):
            raise BadInput(f"timeline() draws call logs, not {_kind_of(log)}; write timeline(run) or timeline(claude.log).")
        if not len(log):
            which = f"Run {number}" if len(runs) > 1 else "The run"
            raise BadInput(f"{which} has no calls to draw; make some inside `with claude.record() as run:` first.")
    numbered = [f"Run {number}" for number in range(1, len(runs) + 1)] if len(runs) > 1 else [""]
    return style.one_name_each("timeline", runs, names, numbered)

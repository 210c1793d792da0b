"""Key figures of a run, as a table and as a figure: seconds and tokens beside their baselines, and two shares."""

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY
from course_lib.show.tables import Table, table_of

_SIZE = 13
_ROW = 28
_BAR = 16
_GAP = 16


def kpi_table(*runs, names=None) -> None:
    """Show the Kpis of one run (see `course_lib.kpis`), or of several, a column each. names: one per run."""
    style.put_on_page(kpi_table_of(*runs, names=names))


def kpi_table_of(*runs, names=None) -> Table:
    """The table that `kpi_table` shows."""
    names = _checked("kpi_table", runs, names)
    figures = list(dict.fromkeys(name for run in runs for name, _ in run.rows))
    values = [dict(run.rows) for run in runs]
    return table_of([(figure, *(value.get(figure) for value in values)) for figure in figures], ["figure", *names])


def kpi_chart(run, *, title: str | None = None) -> None:
    """Show the Kpis of one run beside their baselines. title: the figure's claim; left out, it is taken from the numbers."""
    style.present(draw_kpis(run, title=title))


def draw_kpis(run, *, title=None) -> style.Picture:
    """The figure that `kpi_chart` shows."""
    _checked("kpi_chart", (run,), None)
    words = "; ".join(f"{name} {value}" for name, value in run.rows)
    with style.drawing():
        return _draw(_groups(run), claim(run) if title is None else title).picture(f"{words[:1].upper()}{words[1:]}.")


def claim(run) -> str:
    """What the figures say, as a title."""
    times = run.speed_up
    if times >= 1.05:
        said = f"{times:.1f} times as fast"
    else:
        said = "No faster than one after another" if times > 0.95 else f"Slower: {1 / times:.1f} times the time"
    if run.token_multiplier is not None:
        said += f", for {run.token_multiplier:.1f} times the tokens"
    if run.failed:
        said += f", {run.failed} of {run.calls} calls without an answer"
    elif run.quality is not None:
        said += f", {100 * run.quality.accuracy:.0f} % right"
    return said


def _groups(run):
    """(heading, rows of (name, value, text, is it this run), the value of a full bar) for each stretch of the figure."""
    name = "one after another" if run.measured else "one after another (reckoned)"
    longest = max(run.sequential_seconds, run.makespan)
    yield "seconds", [(name, run.sequential_seconds, f"{run.sequential_seconds:.1f} s", False),
                      ("this run", run.makespan, f"{run.makespan:.1f} s", True)], longest
    if run.one_call_tokens:
        yield "tokens", [("one call per item", run.one_call_tokens, f"{run.one_call_tokens:,}", False),
                         ("this run", run.tokens, f"{run.tokens:,}", True)], max(run.one_call_tokens, run.tokens)
    shares = [("answered 429", run.throttle_rate, f"{100 * run.throttle_rate:.0f} % of {run.attempts} requests", True)]
    if run.quality is not None:
        quality = run.quality
        shares += [(word, value, f"{100 * value:.0f} %", True) for word, value in (
            ("accuracy", quality.accuracy), ("precision", quality.precision), ("recall", quality.recall)) if value is not None]
    yield "shares of 100 %", shares, 1.0


def _draw(groups, title) -> style.Sheet:
    groups = list(groups)
    top = style.title_height(title, style.WIDTH)
    height = top + sum(22 + _ROW * len(rows) + _GAP for _, rows, _ in groups)
    sheet = style.Sheet(style.WIDTH, height, title)
    left = 16 + max(style.text_width(name, _SIZE, bold=True) for _, rows, _ in groups for name, *_ in rows)
    right = 16 + max(style.text_width(text, _SIZE, bold=True) for _, rows, _ in groups for _, _, text, _ in rows)
    room = style.WIDTH - left - right
    y = top
    for heading, rows, full in groups:
        sheet.text(left, y + 8, heading, size=12)
        y += 22
        for name, value, text, ours in rows:
            middle, length = y + _ROW / 2, max(room * value / full if full else 0, 1)
            sheet.text(left - 12, middle, name, size=_SIZE, bold=ours, align="right")
            if full == 1.0:  # a share: what it is a part of stands behind it
                edge = {"edgecolor": GREY, "linewidth": style.points(1), "zorder": 1}
                sheet.rectangle(left, middle - _BAR / 2, room, _BAR, "none", gid="whole", **edge)
            sheet.rectangle(left, middle - _BAR / 2, length, _BAR, BLUE if ours else GREY, gid=name)
            sheet.text(left + (room if full == 1.0 else length) + 8, middle, text, size=_SIZE, bold=ours)
            y += _ROW
        y += _GAP
    return sheet


def _checked(function, runs, names) -> list[str]:
    if not runs:
        raise BadInput(f"{function}() got no figures; write {function}(kpis(run)).")
    for run in runs:
        if not hasattr(run, "latency_reduction"):
            raise BadInput(f"{function}() shows Kpis, not {type(run).__name__}; write {function}(kpis(run)).")
    numbered = ["this run"] if len(runs) == 1 else [f"run {number}" for number in range(1, len(runs) + 1)]
    return style.one_name_each(function, runs, names, numbered)

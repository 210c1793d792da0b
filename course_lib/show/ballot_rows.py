"""A vote on the page: every ballot a square in its answer's row, what gave no answer set apart."""

from collections.abc import Iterable

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, GREY, RED, TEXT
from course_lib.voting.counting import tally_of

_SIZE = 13
_ROW = 34
_SQUARE = 18
_STEP = 23


def ballots(verdict, *, title: str | None = None, width: int = style.WIDTH) -> None:
    """Show a Verdict (see `course_lib.voting.strategies`): its tally by answer, abstentions and failures apart.

    title: the figure's claim; left out, it is what was decided.
    """
    style.present(draw_ballots(verdict, title=title, width=width))


def draw_ballots(verdict, *, title=None, width=style.WIDTH) -> style.Picture:
    """The figure that `ballots` shows."""
    if not hasattr(verdict, "tally"):
        raise BadInput(f"ballots() draws a Verdict, not {type(verdict).__name__}; write ballots(majority_vote(votes)).")
    tally = sorted_tally(verdict.tally)
    abstentions, failures = count_of(verdict.abstentions), count_of(verdict.failures)
    if not tally and not abstentions and not failures and verdict.answer != ():
        raise BadInput("This verdict holds no ballots to draw; give the vote at least one ballot.")
    apart = [row for row in (("abstained", abstentions, "open"), ("failed", failures, "cross")) if row[1]]
    with style.drawing():
        sheet = _draw(tally, winners_of(verdict), apart, claim(verdict) if title is None else title, width)
        return sheet.picture(describe(verdict))


def sorted_tally(tally) -> list[tuple[object, float]]:
    """Answers with their votes, most votes first, equal ones by name: never by the order in which they came.

    >>> sorted_tally({"no": 1, "maybe": 2, "yes": 2})
    [('maybe', 2), ('yes', 2), ('no', 1)]
    """
    return list(tally_of(tally.items()).items())


def winners_of(verdict) -> list:
    """The answers that the verdict stands by: none, one, or several where a union was asked for."""
    answer = verdict.answer
    if answer is None:
        return []
    several = isinstance(answer, Iterable) and not isinstance(answer, str) and answer not in list(verdict.tally)
    return [choice for choice, _ in sorted_tally(verdict.tally) if choice in answer] if several else [answer]


def count_of(ballots) -> int:
    """How many: of a collection its length, a number as it is."""
    return len(ballots) if hasattr(ballots, "__len__") else int(ballots or 0)


def claim(verdict) -> str:
    """What was decided, as a title.

    >>> from types import SimpleNamespace
    >>> claim(SimpleNamespace(answer=None, status="tie", tally={"A": 1, "B": 1}, agreement="1/2"))
    'No decision: tie'
    >>> claim(SimpleNamespace(answer="ask a person", status="tie", tally={"A": 1, "B": 1}, agreement="1/2"))
    'Fallback: ask a person (tie)'
    """
    if verdict.answer == ():
        return "No findings"
    if isinstance(verdict.answer, str) and verdict.answer not in verdict.tally:
        return f"Fallback: {verdict.answer} ({_status(verdict)})"
    winners = winners_of(verdict)
    if not winners:
        return f"No decision: {_status(verdict)}"
    if len(winners) > 1:
        return f"{len(winners)} answers stand: {', '.join(str(winner) for winner in winners)}"
    status = "" if _status(verdict) == "decided" else f" ({_status(verdict)})"
    return f"{winners[0]} wins {verdict.agreement}{status}" if verdict.agreement else f"{winners[0]} wins{status}"


def describe(verdict) -> str:
    """The vote in one line: what was decided, the tally, what gave no answer, how sure it is."""
    tally = ", ".join(f"{answer} {votes:g}" for answer, votes in sorted_tally(verdict.tally)) or "no votes"
    abstentions, failures = count_of(verdict.abstentions), count_of(verdict.failures)
    parts = [f"{claim(verdict)}: {tally}", f"{style.plural(abstentions, 'abstention')}, {style.plural(failures, 'failure')}"]
    confidence, interval = getattr(verdict, "confidence", None), getattr(verdict, "interval", None)
    if confidence is not None:
        between = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
        parts.append(f"confidence {confidence:.2f}{between}")
    return "; ".join(parts) + "."


def _status(verdict) -> str:
    """The status as words, whether it came as text or as an enum."""
    return str(getattr(verdict.status, "value", verdict.status)).replace("_", " ")


# --- how it is drawn -------------------------------------------------------------------------


def _draw(tally, winners, apart, title, width) -> style.Sheet:
    top = style.title_height(title, width)
    height = top + _ROW * (len(tally) + len(apart)) + (16 if tally and apart else 0) + 8
    left = _label_column([str(answer) for answer, _ in tally] + [name for name, _, _ in apart], width)
    unit = _unit(tally, apart, width - left - 90)

    sheet = style.Sheet(width, height, title)
    y = top + _ROW / 2
    for answer, votes in tally:
        text, look = (" ✓", "won") if answer in winners else ("", "lost")
        _draw_row(sheet, left, y, str(answer), votes, style.plural(votes, "vote") + text, unit, look)
        y += _ROW
    if tally and apart:
        sheet.line([2, width - 2], [y - _ROW / 2 + 8] * 2, alpha=0.35)
        y += 16
    for name, count, mark in apart:
        _draw_row(sheet, left, y, name, count, str(count), unit, mark)
        y += _ROW
    return sheet


def _label_column(labels, width) -> float:
    return min(max((style.text_width(label, _SIZE, bold=True) for label in labels), default=0), width * 0.4) + 18


def _unit(tally, apart, room) -> tuple[str, float]:
    """Squares while every vote weighs one and all fit on the line; else bars, with the pixels of one vote."""
    most = max([votes for _, votes in tally] + [count for _, count, _ in apart], default=1)
    whole = all(float(votes).is_integer() for _, votes in tally)
    if whole and most * _STEP <= room:
        return "squares", _STEP
    return "bars", min(_STEP * 3, room / most)


def _draw_row(sheet, left, y, label, count, text, unit, look):
    ink = {"size": _SIZE, "bold": look == "won", "color": BLUE if look == "won" else TEXT}
    sheet.text(left - 16, y, style.fitted(label, left - 18, _SIZE, bold=True), align="right", **ink)
    shape, pixels = unit
    if shape == "squares":
        for index in range(int(count)):
            _draw_mark(sheet, left + index * pixels, y, _SQUARE, look)
        end = left + int(count) * pixels
    else:
        _draw_mark(sheet, left, y, max(count * pixels, 1), look)
        end = left + count * pixels + 6
    sheet.text(end + 6, y, text, **ink)


def _draw_mark(sheet, x, y, length, look):
    color, filled = {"won": (BLUE, True), "lost": (GREY, True), "open": (GREY, False), "cross": (RED, False)}[look]
    face = color if filled else "none"
    sheet.rectangle(x, y - _SQUARE / 2, length, _SQUARE, face, edgecolor=color, linewidth=1.0, gid=look)
    if look == "cross":
        inset, reach = 5, _SQUARE / 2 - 5
        for up in (-1, 1):
            sheet.line([x + inset, x + length - inset], [y + up * reach, y - up * reach], color=RED, width=2)

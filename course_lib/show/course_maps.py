"""The map of the course: its chapters in reading order, and where the reader stands."""

from course_lib.errors import BadInput
from course_lib.show import style
from course_lib.show.colours import BLUE, TEXT
from course_lib.show.diagrams import arrow

_COLUMNS = 4
_GAP_X, _GAP_Y = 26, 22
_LINE = 17


def course_map(
    chapters, *, here: str | None = None, title: str = "One road, from one call to a whole class of them"
) -> None:
    """Show the chapters as cards in reading order.

    chapters: ("00", "Start here") pairs, or plain file names such as "01_many_calls_at_once".
    here: the number of the chapter that the reader is in; its card is filled.
    """
    style.present(draw_course_map(chapters, here=here, title=title))


def draw_course_map(chapters, *, here=None, title="One road, from one call to a whole class of them") -> style.Picture:
    """The figure that `course_map` shows."""
    cards = [card_of(chapter) for chapter in chapters]
    if not cards:
        raise BadInput('course_map() got no chapters; write course_map([("00", "Start here"), ("01", "Many calls at once")]).')
    numbers = [number for number, _ in cards]
    if here is not None and here not in numbers:
        raise BadInput(f"There is no chapter {here!r} on this map; choose one of {', '.join(numbers)}.")
    stand = f" You are in {here}." if here is not None else ""
    words = " → ".join(f"{number} {name}" for number, name in cards) + "." + stand
    with style.drawing():
        return _draw(cards, here, title).picture(words)


def card_of(chapter) -> tuple[str, str]:
    """A chapter's number and name.

    >>> card_of("01_many_calls_at_once"), card_of(("02", "Sectioning"))
    (('01', 'Many calls at once'), ('02', 'Sectioning'))
    """
    if not isinstance(chapter, str):
        number, name = chapter
        return str(number), str(name)
    number, _, name = chapter.removesuffix(".ipynb").replace("_", " ").partition(" ")
    return number, name[:1].upper() + name[1:]


def _draw(cards, here, title) -> style.Sheet:
    columns = min(_COLUMNS, len(cards))
    width = (style.WIDTH - 4 - _GAP_X * (_COLUMNS - 1)) / _COLUMNS
    lines = [style.wrapped(name, width - 24, 13) for _, name in cards]
    height = 36 + _LINE * max(len(text) for text in lines) + 10
    rows = -(-len(cards) // columns)
    top = style.title_height(title, style.WIDTH) + 2
    sheet = style.Sheet(style.WIDTH, top + rows * height + (rows - 1) * _GAP_Y + 6, title)
    for index, ((number, _), text) in enumerate(zip(cards, lines, strict=True)):
        row, column = divmod(index, columns)
        x, y = 2 + column * (width + _GAP_X), top + row * (height + _GAP_Y)
        _draw_card(sheet, x, y, width, height, number, text, filled=number == here)
        if column + 1 < columns and index + 1 < len(cards):
            arrow(sheet, (x + width + 4, y + height / 2), (x + width + _GAP_X - 4, y + height / 2))
    return sheet


def _draw_card(sheet, x, y, width, height, number, lines, filled):
    sheet.rounded(x, y, width, height, color=BLUE, filled=filled)
    sheet.text(x + 12, y + 20, number, size=15, bold=True, color="white" if filled else BLUE, zorder=4)
    for row, line in enumerate(lines):
        sheet.text(x + 12, y + 44 + _LINE * row, line, size=13, color="white" if filled else TEXT, zorder=4)

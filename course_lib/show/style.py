"""One look for every figure: colours, type, the sheet it is drawn on, and how it reaches the page.

A figure is drawn on a `Sheet`, whose coordinates are the page's own pixels with y pointing down,
and leaves as a `Picture`: PNG bytes and a sentence that says the same. The background is
transparent and every colour is a mid-tone, so one file reads well on the light and the dark theme. (The most
that one colour can have with both is a contrast of 4.35; text has 4.5 with white and 4.2 with the dark page.)
"""

import io
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from course_lib.errors import BadInput
from course_lib.show.colours import TEXT
from course_lib.show.paragraphs import fill

WIDTH = 760
"""Pixels on the page: JupyterLab's output area on a small laptop."""

_PIXELS_PER_INCH = 100
_DENSITY = 2  # device pixels per page pixel
_FONT = "DejaVu Sans"  # comes with matplotlib, so the figure looks the same on every machine


@dataclass(frozen=True)
class Picture:
    """A finished figure: PNG bytes, its width on the page in pixels, and the same in words.

    The last line of a cell shows it. `figure` is the matplotlib figure behind it.
    """

    png: bytes = field(repr=False)
    width: int
    description: str
    figure: Any = field(default=None, repr=False, compare=False)

    def __repr__(self):
        return fill(self.description)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Only the width: the browser keeps the height in proportion on a narrow page.
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": {"width": self.width}}


def present(picture) -> None:
    """Show the picture on the page and print its description under it; in a script, print only."""
    if in_notebook():
        put_on_page(picture)
    print(fill(picture.description))


def put_on_page(item) -> None:
    """Show anything that has a plain-text form too; a script prints that."""
    if in_notebook():
        from IPython.display import display

        display(item)
    else:
        print(item)


def in_notebook() -> bool:
    """Whether there is a page that can show more than text."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


@contextmanager
def drawing():
    """Inside, matplotlib has our settings and only ours; the reader's own come back unchanged."""
    import matplotlib

    with matplotlib.rc_context(_settings()), warnings.catch_warnings():
        # A label in a script that the font lacks is drawn as boxes; that is no reason to stain the page.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


@lru_cache
def _settings() -> dict:
    from matplotlib import rcParamsDefault

    ours = {
        "font.family": _FONT,
        "text.color": TEXT,
        "text.parse_math": False,  # a prompt about $5 or $6 is not a formula
        "hatch.linewidth": 1.1,
        "path.snap": True,
    }
    # The reader's rcParams must not reach our figures; the backend is theirs and none of our business.
    return {key: value for key, value in dict.items(rcParamsDefault) if "backend" not in key} | ours


class Sheet:
    """A transparent page of `width` × `height` pixels, y pointing down. Make it inside `drawing()`.

    `axes` takes matplotlib artists in page pixels; `plot_area` adds axes with another scale.
    """

    TITLE_HEIGHT = 38

    def __init__(self, width: float, height: float, title: str = ""):
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH), dpi=_PIXELS_PER_INCH)
        self.figure.patch.set_alpha(0)
        self.axes = self.plot_area(0, 0, width, height, (0, width))
        for row, line in enumerate(title_lines(title, width)):
            self.text(2, 14 + 20 * row, line, size=15, bold=True)

    def plot_area(self, left, top, width, height, x_range):
        """Axes without any frame at this place of the page: x as given, y in pixels from its top."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.set_axis_off()
        axes.set_xlim(*x_range)
        axes.set_ylim(height, 0)
        return axes

    def text(self, x, y, text, *, size=12.5, bold=False, color=TEXT, align="left", zorder=3, axes=None):
        """One line of text, centred on `y`; `size` in pixels. On a box, `zorder` is 4."""
        (axes or self.axes).text(
            x, y, text, fontsize=points(size), fontweight="bold" if bold else "normal", color=color, ha=align,
            va="center_baseline", zorder=zorder,
        )

    def line(self, xs, ys, *, color=TEXT, width=1.0, alpha=1.0, style="-", axes=None):
        """A thin line through these points."""
        (axes or self.axes).plot(
            xs, ys, color=color, linewidth=points(width), alpha=alpha, linestyle=style, solid_capstyle="butt", zorder=1
        )

    def rectangle(self, x, y, width, height, color, *, axes=None, **look):
        """A rectangle whose upper left corner is (x, y), without an edge unless `look`, matplotlib's words, gives it one."""
        from matplotlib.patches import Rectangle

        look = {"facecolor": color, "linewidth": 0, "zorder": 2} | look
        (axes or self.axes).add_patch(Rectangle((x, y), width, height, **look))

    def polygon(self, corners, color, **look):
        """The area between these corners, without an edge."""
        from matplotlib.patches import Polygon

        self.axes.add_patch(Polygon(corners, closed=True, **{"facecolor": color, "linewidth": 0, "zorder": 2} | look))

    def rounded(self, x, y, width, height, *, color, radius=6.0, filled=True):
        """A box with round corners whose upper left corner is (x, y)."""
        from matplotlib.patches import FancyBboxPatch

        self.axes.add_patch(FancyBboxPatch(
            (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}", mutation_aspect=1,
            facecolor=color if filled else "none", edgecolor=color, linewidth=points(1.4), zorder=3,
        ))

    def picture(self, description: str) -> Picture:
        """The finished figure. The same drawing gives the same bytes: no date, no software name."""
        page = io.BytesIO()
        dpi = _PIXELS_PER_INCH * _DENSITY
        self.figure.savefig(page, format="png", dpi=dpi, transparent=True, metadata={"Software": None})
        return Picture(page.getvalue(), round(self.width), description, self.figure)


def points(pixels: float) -> float:
    """A length on the page in typographic points."""
    return pixels * 72 / _PIXELS_PER_INCH


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = 12.5, bold: bool = False) -> float:
    """How many page pixels this line takes."""
    renderer, font = _measure(size, bold)
    return renderer.get_text_width_height_descent(text, font, ismath=False)[0] / _DENSITY


def fitted(text: str, width: float, size: float = 12.5, bold: bool = False) -> str:
    """The text on one line, cut with an ellipsis where it would be wider than `width` pixels."""
    line = " ".join(str(text).split())
    if text_width(line, size, bold) <= width:
        return line
    while line and text_width(line + "…", size, bold) > width:
        line = line[:-1].rstrip()
    return line + "…"


def wrapped(text: str, width: float, size: float = 12.5, bold: bool = False) -> list[str]:
    """The text's lines, each at most `width` pixels wide unless a single word is wider."""
    lines = [""]
    for word in str(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def title_lines(title: str, width: float) -> list[str]:
    """A title's lines, as a `Sheet` of this width sets them."""
    return wrapped(title, width - 8, 15, bold=True) if title else []


def title_height(title: str, width: float) -> float:
    """Pixels from the sheet's top to where the drawing may begin."""
    lines = len(title_lines(title, width))
    return Sheet.TITLE_HEIGHT + 20 * (lines - 1) if lines else 8


@lru_cache
def _measure(size, bold):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    canvas = FigureCanvasAgg(Figure(dpi=_PIXELS_PER_INCH * _DENSITY))
    font = FontProperties(family=_FONT, size=points(size), weight="bold" if bold else "normal")
    return canvas.get_renderer(), font


def one_name_each(function: str, runs, names, otherwise: list[str]) -> list[str]:
    """A name for every run: those that were given, else `otherwise`. Raises: BadInput where they are not as many as the runs."""
    names = otherwise if names is None else [names] if isinstance(names, str) else [str(name) for name in names]
    if len(names) != len(runs):
        raise BadInput(f"{function}() got {len(runs)} runs but {len(names)} names; give one name per run.")
    return names


def plural(count: float, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "call"), plural(3, "call"), plural(2.5, "vote")
    ('1 call', '3 calls', '2.5 votes')
    """
    return f"{count:g} {noun}" if count == 1 else f"{count:g} {noun}s"

"""Demonstrations that a reader moves by hand, each with a static form that says the same.

An explorer is a pure function from settings to a run, a figure and a line of text; the sliders only
call it again. Nothing is printed while a slider moves: the figure and the line are replaced.
"""

from dataclasses import dataclass, field
from html import escape
from itertools import count

from course_lib.claude import CallLog, run_simulated, simulated
from course_lib.parallel import run_parallel
from course_lib.show import style
from course_lib.show.timelines import draw_timeline

_WHAT_FOLLOWS = (
    "Four sliders set how many documents there are, how long each takes, how many are read at once and how much they "
    "differ; the timeline, its title and the line below it follow."
)
"""Printed beside the sliders: true wherever they stand."""

_GOLDEN = 0.6180339887498949
_numbers = count(1)


@dataclass(frozen=True)
class LatencySettings:
    """What the sliders say. `variation` 0.5 spreads the calls' durations from half to one and a half times."""

    documents: int = 10
    seconds_per_call: float = 3.0
    max_at_once: int = 10
    variation: float = 0.0


@dataclass(frozen=True)
class LatencyRun:
    """The same documents read twice: one after another, and at most `max_at_once` at a time."""

    settings: LatencySettings
    sequential: CallLog = field(repr=False)
    parallel: CallLog = field(repr=False)

    @property
    def speed_up(self) -> float:
        return self.sequential.makespan / self.parallel.makespan

    @property
    def line(self) -> str:
        """What came out, in one line."""
        calls = style.plural(len(self.parallel), "call")
        return (
            f"One after another: {self.sequential.makespan:.1f} s. "
            f"At most {self.settings.max_at_once} at once: {self.parallel.makespan:.1f} s, "
            f"{self.speed_up:.1f} times as fast. Either way {calls} for ${self.parallel.cost:.6f}."
        )


def run_latency(settings: LatencySettings) -> LatencyRun:
    """Both runs, on the simulated API and its clock. The same settings always give the same run.

    >>> run = run_latency(LatencySettings(documents=10, seconds_per_call=3.0, max_at_once=5))
    >>> run.sequential.makespan, run.parallel.makespan, run.speed_up
    (30.0, 6.0, 5.0)
    """
    return LatencyRun(settings, _read_documents(settings, 1), _read_documents(settings, settings.max_at_once))


def latency_explorer(settings: LatencySettings | None = None) -> None:
    """Show sliders for the number of documents, their durations and how many are read at once, and what follows."""
    settings = LatencySettings() if settings is None else settings
    style.present(LatencyExplorer(settings) if style.in_notebook() else draw_latency(run_latency(settings)))


def draw_latency(run: LatencyRun) -> style.Picture:
    """The timeline of the parallel run; its title compares it with the sequential one."""
    documents = style.plural(run.settings.documents, "document")
    title = f"{documents}: {run.parallel.makespan:.1f} s instead of {run.sequential.makespan:.1f} s"
    if run.settings.documents == 1 or run.settings.max_at_once == 1:
        title = f"{documents}: {run.parallel.makespan:.1f} s, there is nothing to overlap"
    picture = draw_timeline(run.parallel, title=title)
    return style.Picture(picture.png, picture.width, run.line, picture.figure)


class LatencyExplorer:
    """Sliders, a figure and a line of text. `settings` and `run` are what it shows now."""

    description = _WHAT_FOLLOWS

    def __init__(self, settings: LatencySettings):
        import ipywidgets as widgets

        self._first = draw_latency(run_latency(settings))
        self.sliders = {
            "documents": _slider(widgets.IntSlider, settings.documents, 1, 30, 1),
            "seconds_per_call": _slider(widgets.FloatSlider, settings.seconds_per_call, 0.5, 6.0, 0.5),
            "max_at_once": _slider(widgets.IntSlider, settings.max_at_once, 1, 30, 1),
            "variation": _slider(widgets.FloatSlider, settings.variation, 0.0, 0.8, 0.1),
        }
        self._labels = {name: widgets.HTML(layout={"width": "270px"}) for name in self.sliders}
        self._image = widgets.Image(
            format="png", width=str(style.WIDTH), layout={"max_width": "100%", "object_fit": "contain"}
        )
        self._line = widgets.HTML()
        rows = [widgets.HBox([self._labels[name], slider]) for name, slider in self.sliders.items()]
        # A name of our own: the widget's random one would change the saved page at every run.
        self.box = widgets.VBox([*rows, self._image, self._line], model_id=f"latency-explorer-{next(_numbers)}")
        for slider in self.sliders.values():
            slider.observe(self._redraw, names="value")
        self._redraw()

    @property
    def settings(self) -> LatencySettings:
        return LatencySettings(**{name: slider.value for name, slider in self.sliders.items()})

    def _redraw(self, _change=None):
        self.run = run_latency(self.settings)
        self._image.value = draw_latency(self.run).png
        self._line.value = escape(self.run.line)
        for name, words in _in_words(self.settings).items():
            self._labels[name].value = words

    def _repr_mimebundle_(self, include=None, exclude=None):
        data, metadata = self._first._repr_mimebundle_()
        live = self.box._repr_mimebundle_()
        view = "application/vnd.jupyter.widget-view+json"
        return {view: live[view], **data}, metadata


def _slider(kind, value, low, high, step):
    # On release, not on the way: every value on the way would be another run.
    return kind(
        value=value, min=low, max=high, step=step, readout=False, continuous_update=False, layout={"width": "320px"}
    )


def _in_words(settings: LatencySettings) -> dict[str, str]:
    """A label per slider, with the value: sliders have no name that a screen reader could read."""
    low, high = (settings.seconds_per_call * (1 + sign * settings.variation) for sign in (-1, 1))
    spread = f"between {low:.1f} s and {high:.1f} s" if settings.variation else "all take the same time"
    return {
        "documents": f"Documents: <b>{settings.documents}</b>",
        "seconds_per_call": f"Seconds per call: <b>{settings.seconds_per_call:.1f}</b>",
        "max_at_once": f"At most at once: <b>{settings.max_at_once}</b>",
        "variation": f"Variation: <b>{settings.variation * 100:.0f} %</b>, {spread}",
    }


def _read_documents(settings: LatencySettings, max_at_once: int) -> CallLog:
    prompts = [_prompt(number) for number in range(1, settings.documents + 1)]
    seconds = dict(zip(prompts, _durations(settings), strict=True))
    claude = simulated(sdk=False, seconds_per_call=lambda prompt: seconds[prompt])

    async def read(item):
        number, prompt = item
        return await claude.ask(prompt, label=f"document {number}")

    run_simulated(run_parallel(read, enumerate(prompts, start=1), max_at_once=max_at_once))
    return claude.log


def _prompt(number: int) -> str:
    return (
        "Summarize this document in one sentence.\n\n"
        f"<document>Report {number:02d}. The library opened on time every day this month. "
        "Visitors borrowed more books than in the month before, and the reading room was full on Saturdays.</document>"
    )


def _durations(settings: LatencySettings) -> list[float]:
    """One per document: evenly spread around the mean, neighbours far apart, the mean kept as it is set."""
    places = [(number * _GOLDEN) % 1 for number in range(1, settings.documents + 1)]
    middle = sum(places) / len(places)
    return [settings.seconds_per_call * (1 + settings.variation * 2 * (place - middle)) for place in places]

"""The latency explorer: real runs on the simulated API, live and static form in one bundle."""

import asyncio
import re

import pytest

from course_lib.show import style
from course_lib.show.explorers import LatencyExplorer, LatencySettings, draw_latency, latency_explorer, run_latency


def test_ten_documents_of_three_seconds():
    run = run_latency(LatencySettings(10, 3.0, 10))
    assert (run.sequential.makespan, run.parallel.makespan, run.speed_up) == (30.0, 3.0, 10.0)
    assert (run.sequential.peak_in_flight, run.parallel.peak_in_flight) == (1, 10)
    assert run.sequential.cost == run.parallel.cost > 0
    assert run.line.startswith(
        "One after another: 30.0 s. At most 10 at once: 3.0 s, 10.0 times as fast. Either way 10 calls"
    )


def test_the_bound_is_kept():
    run = run_latency(LatencySettings(30, 2.0, 4, 0.8))
    assert run.parallel.peak_in_flight == 4
    assert run.sequential.makespan == pytest.approx(60.0)
    assert run.parallel.makespan >= 60.0 / 4


@pytest.mark.parametrize(
    "settings", [LatencySettings(1, 0.5, 30, 0.8), LatencySettings(30, 6.0, 1, 0.8), LatencySettings(30, 0.5, 30)]
)
def test_the_sliders_ends(settings):
    run = run_latency(settings)
    assert min(call.seconds for call in run.parallel) > 0
    assert draw_latency(run).description == run_latency(settings).line


def test_moving_a_slider_changes_figure_line_and_label_at_the_price_of_one_run(capfd, monkeypatch):
    explorer = LatencyExplorer(LatencySettings())
    before, drawn = explorer._image.value, []
    monkeypatch.setattr("course_lib.show.explorers.draw_latency", lambda run: drawn.append(run) or draw_latency(run))
    explorer.sliders["max_at_once"].value = 2
    assert len(drawn) == 1
    assert explorer.run.parallel.peak_in_flight == 2
    assert explorer._image.value != before
    assert "At most 2 at once: 15.0 s" in explorer._line.value
    assert "<b>2</b>" in explorer._labels["max_at_once"].value
    assert capfd.readouterr() == ("", "")


def test_it_redraws_while_another_loop_is_running():
    async def kernel():
        explorer = LatencyExplorer(LatencySettings())
        explorer.sliders["documents"].value = 5
        await asyncio.sleep(0)
        return explorer.run.sequential.makespan

    assert asyncio.run(kernel()) == 15.0


def test_live_and_static_form_travel_together():
    data, metadata = LatencyExplorer(LatencySettings())._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    static = draw_latency(run_latency(LatencySettings()))
    assert data["image/png"] == static.png and data["text/plain"] == repr(static)
    assert re.fullmatch(r"latency-explorer-\d+", data["application/vnd.jupyter.widget-view+json"]["model_id"])
    assert metadata == {"image/png": {"width": 760}}


def test_on_a_page_nothing_is_printed_that_a_slider_could_make_untrue(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(style, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", shown.append)
    latency_explorer()
    printed = " ".join(capsys.readouterr().out.split())
    assert [type(item) for item in shown] == [LatencyExplorer] and printed.startswith("Four sliders set")
    assert not any(character.isdigit() for character in printed), "a number would be that of the first position"


def test_a_script_prints_the_line(capsys):
    latency_explorer()
    assert capsys.readouterr().out.startswith("One after another: 30.0 s.")

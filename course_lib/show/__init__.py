"""Everything that draws: timelines, ballots, diagrams, tables, explorers, the quiz and the progress report.

`from course_lib import show` costs nothing; a name's module, and matplotlib or ipywidgets
with it, is imported when the name is first used.

Each verb (`timeline`, `ballots`, …) shows its figure and prints a line that says the same in words;
its `draw_…` twin gives the figure back as a `Picture` without showing it.
"""

from importlib import import_module

# Modules never carry the name of a function below: importing one would hide the function.
_HOME = {
    "timeline": "timelines",
    "draw_timeline": "timelines",
    "wrong_timeline": "timelines",
    "draw_wrong_timeline": "timelines",
    "ballots": "ballot_rows",
    "draw_ballots": "ballot_rows",
    "fan_out_diagram": "diagrams",
    "draw_fan_out": "diagrams",
    "voters_diagram": "diagrams",
    "draw_voters": "diagrams",
    "workflow_diagram": "workflow_pictures",
    "draw_workflow": "workflow_pictures",
    "kpi_chart": "kpi_pictures",
    "draw_kpis": "kpi_pictures",
    "kpi_table": "kpi_pictures",
    "chain_diagram": "diagrams",
    "draw_chain": "diagrams",
    "course_map": "course_maps",
    "draw_course_map": "course_maps",
    "compare": "comparisons",
    "draw_comparison": "comparisons",
    "table": "tables",
    "Table": "tables",
    "fill": "paragraphs",
    "latency_explorer": "explorers",
    "LatencyExplorer": "explorers",
    "quiz": "quizzes",
    "Quiz": "quizzes",
    "Question": "quizzes",
    "progress": "progress_report",
    "read_progress": "progress_report",
    "Picture": "style",
}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"course_lib.show has no {name!r}; it offers {', '.join(__all__)}.")
    value = getattr(import_module(f"course_lib.show.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__

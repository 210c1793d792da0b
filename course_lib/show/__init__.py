"""Everything that draws: timelines, ballots, diagrams, tables, explorers, the quiz and the progress report.

`from course_lib import show` costs nothing; a name's module, and matplotlib or ipywidgets
with it, is imported when the name is first used.

Each verb (`timeline`, `ballots`, …) shows its figure and prints a line that says the same in words;
its `draw_…` twin gives the figure back as a `Picture` without showing it. `colours` holds the four that everything shares.
"""

from course_lib import door

# Modules never carry the name of a function below: importing one would hide the function.
__getattr__, __dir__, __all__ = door(__name__, {
    "ballot_rows": ("ballots", "draw_ballots"),
    "comparisons": ("compare", "draw_comparison"),
    "course_maps": ("course_map", "draw_course_map"),
    "diagrams": ("chain_diagram", "draw_chain", "draw_fan_out", "draw_voters", "fan_out_diagram", "voters_diagram"),
    "explorers": ("LatencyExplorer", "latency_explorer"),
    "kpi_pictures": ("draw_kpis", "kpi_chart", "kpi_table"),
    "paragraphs": ("fill",),
    "quizzes": ("Question", "Quiz", "quiz"),
    "progress_report": ("progress",),
    "saved_results": ("read_progress",),
    "style": ("Picture",),
    "tables": ("Table", "table"),
    "timelines": ("draw_timeline", "draw_wrong_timeline", "timeline", "wrong_timeline"),
    "workflow_pictures": ("draw_workflow", "workflow_diagram"),
})

"""The face of `course_lib.show`, and that looking at it costs nothing."""

import subprocess
import sys

import pytest

from course_lib import show

NAMES = """
    LatencyExplorer Picture Question Quiz Table ballots chain_diagram compare course_map draw_ballots draw_chain
    draw_comparison draw_course_map draw_fan_out draw_kpis draw_timeline draw_voters draw_workflow
    draw_wrong_timeline fan_out_diagram fill kpi_chart kpi_table latency_explorer progress quiz read_progress
    table timeline voters_diagram workflow_diagram wrong_timeline
""".split()


def test_public_names():
    assert sorted(show.__all__) == NAMES == dir(show)
    assert all(callable(getattr(show, name)) for name in NAMES)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AttributeError, match=r"no 'gantt'; it offers .*timeline"):
        _ = show.gantt


def test_importing_a_module_pulls_nothing_heavy_and_never_hides_a_function():
    program = """
import importlib, pkgutil, sys
from course_lib import show
for module in pkgutil.iter_modules(show.__path__):
    importlib.import_module("course_lib.show." + module.name)
heavy = {"matplotlib", "ipywidgets", "anthropic", "numpy", "IPython"} & set(sys.modules)
assert not heavy, heavy
assert all(callable(getattr(show, name)) for name in show.__all__)
"""
    subprocess.run([sys.executable, "-c", program], check=True)

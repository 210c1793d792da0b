"""Rooms know only the rooms below them, and importing the course costs nothing."""

import ast
import gc
import json
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import course_lib


@pytest.fixture(autouse=True)
def nothing_left_of_other_tests():
    """Python 3.11's parser can't bear being called again by a finalizer while it runs (SystemError, "recursion depth")."""
    gc.collect()


PACKAGE = Path(__file__).parents[2] / "course_lib"

# From the top of the house to its ground floor. Rooms on one line don't know each other.
FLOORS = [
    {"cli"},
    {"grading"},
    {"show"},
    {"workflow", "kpis"},
    {"sectioning", "voting"},
    {"aggregation"},
    {"parallel"},
    {"limits"},
    {"claude"},
    {"simulation"},
    {"data"},
    {"errors"},
]
# The two large rooms have floors of their own.
FLOORS_WITHIN = {
    "grading": [
        {"authoring"}, {"running"}, {"kernels", "reports"}, {"collecting", "sandbox"}, {"cells"},
    ],
    "simulation": [{"ways"}, {"protocols"}, {"api"}, {"model", "clock"}, {"content"}],
}

HEAVY = (
    *("anthropic", "httpx2", "pydantic", "matplotlib", "numpy"),
    *("ipywidgets", "IPython", "jinja2", "nbformat", "nbval", "pytest"),
)


def imported(source: str, module: str) -> set[str]:
    """The modules of the course that a piece of source imports, at any depth of its functions; names by where they are written.

    >>> sorted(imported("from course_lib import show; import course_lib.claude.calls", "course_lib.cli"))
    ['course_lib.claude.calls', 'course_lib.show']
    >>> sorted(imported("def late():\\n    from .simulation.api import messages", "course_lib.kpis"))
    ['course_lib.simulation.api.messages']
    >>> imported("from course_lib import connect", "course_lib.cli")
    {'course_lib.claude.connection'}
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(module.split(".")[: -node.level]) + "." if node.level else ""
            found |= {home_of((above + (node.module or "")).rstrip("."), alias.name) for alias in node.names}
    return {name for name in found if name.startswith("course_lib.")}


def home_of(module: str, name: str) -> str:
    """The module in which a name is written that another module, or a room's door, offers."""
    if f"{module}.{name}" in MODULES or not module.startswith("course_lib"):
        return f"{module}.{name}"
    if module == "course_lib":
        room = next((room for room, names in course_lib._HOMES.items() if name in names), "")
        return home_of(f"{module}.{room}", name) if room else module
    value = getattr(import_module(module), name, None)
    home = getattr(value, "__module__", None) or ""
    return home if home in MODULES and module == room_of(home) else module  # what a door offers of another room is its own


def room_of(module: str) -> str:
    """The room in which a module lies.

    >>> room_of("course_lib.simulation.model.formats"), room_of("course_lib.cli")
    ('course_lib.simulation', 'course_lib.cli')
    """
    return ".".join(module.split(".")[:2])


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


MODULES = dict(modules())
IMPORTS = {module: imported(path.read_text("utf-8"), module) for module, path in MODULES.items()}


def upward(floors, part: int, within: str = "course_lib") -> list[str]:
    """The imports that do not lead down. part: which part of a dotted name is on the plan."""
    floor = {room: number for number, rooms in enumerate(floors) for room in rooms}
    return [
        f"{module} imports {other}"
        for module, others in IMPORTS.items()
        for other in others
        if module.count(".") >= part and other.count(".") >= part
        and module.startswith(within + ".") and other.startswith(within + ".")
        and module.split(".")[part] != other.split(".")[part]
        and floor[other.split(".")[part]] <= floor[module.split(".")[part]]
    ]


def test_every_room_is_on_the_plan():
    """A new room is put on a floor first; then its imports can be judged."""
    assert {module.split(".")[1] for module in MODULES if "." in module} == {room for rooms in FLOORS for room in rooms}
    for large, floors in FLOORS_WITHIN.items():
        within = {module.split(".")[2] for module in MODULES if module.startswith(f"course_lib.{large}.")}
        assert within == {room for rooms in floors for room in rooms}


def test_imports_go_downward_only():
    assert upward(FLOORS, part=1) == []


@pytest.mark.parametrize("large", FLOORS_WITHIN)
def test_imports_go_downward_within_a_large_room(large):
    assert upward(FLOORS_WITHIN[large], part=2, within=f"course_lib.{large}") == []


def test_every_rooms_door_names_its_files():
    """Who opens `__init__.py` knows where to look; a file that it doesn't name is lost."""
    doors = {path.parent: path.read_text("utf-8") for path in PACKAGE.rglob("__init__.py")}
    skills = PACKAGE / "simulation" / "model"  # its own doors name the kinds of skills, not each file
    unnamed = [
        f"{path.relative_to(PACKAGE)}"
        for path in MODULES.values()
        if path.stem != "__init__" and skills not in path.parents and not re.search(rf"\b{path.stem}\b", doors[path.parent])
    ]
    assert unnamed == []


def test_no_two_files_have_one_name():
    names = Counter(path.stem for path in MODULES.values() if path.stem != "__init__")
    assert [name for name, times in names.items() if times > 1] == []


def test_no_two_classes_have_one_name():
    """One that is written for one module's own use, `_Reply`, may be called as another's."""
    names = Counter(
        node.name
        for path in MODULES.values()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_only_claude_knows_the_simulation():
    knowing = {room_of(module) for module, others in IMPORTS.items() if "course_lib.simulation" in map(room_of, others)}
    assert knowing == {"course_lib.claude", "course_lib.simulation"}


def test_the_simulated_model_never_sees_the_answers():
    """The labels of the course's data sets are for the reader: a model that knew them would not read its prompt."""
    for module, others in IMPORTS.items():
        if room_of(module) == "course_lib.simulation":
            assert {other for other in others if room_of(other) == "course_lib.data"} <= {"course_lib.data.models"}, module


@pytest.mark.parametrize("room", ["sectioning", "voting", "aggregation", "parallel", "limits"])
def test_what_lectures_open_knows_only_an_ask_function(room):
    """`??` on these shows the whole idea: of Claude they know how a call is named and what was written down of it."""
    known = {"course_lib.claude.calls", "course_lib.claude.call_context"}
    for module, others in IMPORTS.items():
        if room_of(module) == f"course_lib.{room}":
            assert {other for other in others if room_of(other) == "course_lib.claude"} <= known, module


def test_an_upward_import_would_be_seen(monkeypatch):
    runs = "course_lib.parallel.runs"
    monkeypatch.setitem(IMPORTS, runs, imported("from course_lib.show import timeline", runs))
    assert upward(FLOORS, part=1) == ["course_lib.parallel.runs imports course_lib.show.timelines"]


@pytest.mark.parametrize(
    "statement", ["import course_lib", "from course_lib import *", "from course_lib import show, data, grading, cli"]
)
def test_importing_the_course_loads_nothing_heavy(statement):
    assert loaded_by(statement) == []


def test_the_direct_path_needs_no_sdk():
    """Grading and mass simulations run thousands of calls; `import anthropic` alone takes a second or two."""
    program = (
        "from course_lib import connect, run_simulated\n"
        "run_simulated(connect(sdk=False).ask('Is this spam? Answer spam or ham only. <email>Hello</email>'))"
    )
    assert not {"anthropic", "matplotlib", "ipywidgets", "IPython"} & set(loaded_by(program))


def test_a_heavy_import_would_be_seen():
    assert "pydantic" in loaded_by("import pydantic")


def loaded_by(program: str) -> list[str]:
    """The heavy packages that a fresh Python has loaded after a program, in alphabetical order."""
    report = f"{program}\nimport json, sys\nprint(json.dumps(sorted(set({HEAVY!r}) & set(sys.modules))))"
    child = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, timeout=60, cwd=PACKAGE.parent
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout.splitlines()[-1])

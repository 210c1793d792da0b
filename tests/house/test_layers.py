"""Rooms know only the rooms below them, and importing the course costs nothing."""

import ast
import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest


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
    {"early_stopping"},
    {"sectioning", "voting", "synthesis", "ballot_box"},
    {"counting"},
    {"splitting", "dependence", "voter_quality", "normalizing"},
    {"aggregation"},
    {"joins"},
    {"parallel"},
    {"pool"},
    {"limits"},
    {"claude"},
    {"live", "server", "recording", "shapes", "connect_settings"},
    {"simulation"},
    {"watching"},
    {"calls", "budget"},
    {"models"},
    {"data"},
    {"errors"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# A name and a docstring, no room: everybody may look at where the package lies and at its version.
THE_HOUSE = "course_lib"

HEAVY = (
    *("anthropic", "httpx2", "pydantic", "matplotlib", "numpy"),
    *("ipywidgets", "IPython", "nbformat", "nbval", "pytest"),
)


def room_of(module: str) -> str:
    """The room in which a module lies.

    >>> room_of("course_lib.simulation.model.formats"), room_of("course_lib.cli"), room_of("course_lib")
    ('simulation', 'cli', 'course_lib')
    """
    return module.split(".")[1] if "." in module else THE_HOUSE


def imported_rooms(source: str, module: str) -> set[str]:
    """The rooms whose modules a piece of source imports, at any depth of its functions.

    >>> sorted(imported_rooms("from course_lib import show; import course_lib.calls", "course_lib.cli"))
    ['calls', 'show']
    >>> sorted(imported_rooms("def late():\\n    from .simulation.api import FakeApi", "course_lib.claude"))
    ['simulation']
    >>> imported_rooms("from course_lib import connect", "course_lib.cli")
    {'claude'}
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {room_of(alias.name) for alias in node.names if alias.name.split(".")[0] == THE_HOUSE}
        elif isinstance(node, ast.ImportFrom):
            found |= {room_of(name) for name in _from(node, module)}
    return found


def _from(node, module):
    base = node.module or ""
    if node.level:
        above = module.split(".")[: -node.level]
        base = ".".join([*above, base]).rstrip(".")
    if base == THE_HOUSE:
        return [f"{THE_HOUSE}.{_home(alias.name)}" for alias in node.names]
    return [base] if base.startswith(THE_HOUSE + ".") else []


def _home(name):
    """The room from which the package's face takes a name."""
    import course_lib

    return course_lib._WHERE.get(name, name)


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE.parent).with_suffix("")
        yield ".".join(relative.parts), path


def test_every_room_is_on_the_plan():
    """A new room is put on a floor first; then its imports can be judged."""
    rooms = {room_of(module.removesuffix(".__init__")) for module, _ in modules()}
    assert rooms - {THE_HOUSE} <= FLOOR.keys()


def test_imports_go_downward_only():
    upward = []
    for module, path in modules():
        room = room_of(module)
        if room == "__init__":
            continue
        for other in imported_rooms(path.read_text("utf-8"), module) - {room, THE_HOUSE}:
            if FLOOR[other] <= FLOOR[room]:
                upward.append(f"{module} imports {other}")
    assert upward == []


def test_only_claude_knows_the_simulation():
    knowing = {
        room_of(module)
        for module, path in modules()
        if "simulation" in imported_rooms(path.read_text("utf-8"), module)
    }
    assert knowing == {"claude", "server", "simulation"}


def test_the_simulated_model_never_sees_the_answers():
    """The labels of the course's data sets are for the reader: a model that knew them would not read its prompt."""
    for module, path in modules():
        if room_of(module) == "simulation":
            assert "data" not in imported_rooms(path.read_text("utf-8"), module), module


def test_what_lectures_open_knows_only_an_ask_function():
    """`??` on these shows the whole idea: none of them knows a backend."""
    for name in ("sectioning", "voting", "aggregation", "parallel"):
        rooms = imported_rooms((PACKAGE / f"{name}.py").read_text("utf-8"), f"course_lib.{name}")
        assert not rooms & {"claude", "simulation", "live"}, name


def test_an_upward_import_would_be_seen():
    assert imported_rooms("from course_lib.show import timeline", "course_lib.parallel") == {"show"}
    assert FLOOR["show"] < FLOOR["parallel"]


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

"""What `import course_lib` costs: beside bare Python, in fresh processes that take turns, by their median."""

import statistics
import subprocess
import sys

from tests.benchmarks import fresh
from tests.benchmarks.tables import Promise, Table
from tests.benchmarks.turns import seconds_in_turns

HEAVY = ("anthropic", "httpx2", "pydantic", "matplotlib", "numpy", "ipywidgets", "IPython", "tqdm")

PROGRAMS = {
    "bare Python": "pass",
    "import course_lib": "import course_lib",
    "… and run_parallel": "from course_lib import run_parallel",
    "… and connect": "from course_lib import connect",
    "… and every public name": "import course_lib; [getattr(course_lib, name) for name in course_lib.__all__]",
}
PROMISED = "import course_lib"

LOADED = """
import json, sys
exec(sys.argv[1])
print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
"""


def measure(rounds: int = 15) -> Table:
    """Milliseconds over bare Python, and which heavy packages are loaded."""
    ways = {name: _start(program) for name, program in PROGRAMS.items()}
    medians = {name: statistics.median(taken) * 1000 for name, taken in seconds_in_turns(ways, rounds).items()}
    loaded = {name: fresh.run(LOADED, program, *HEAVY) for name, program in PROGRAMS.items()}
    rows = {name: (medians[name], medians[name] - medians["bare Python"], ", ".join(loaded[name]) or "none") for name in ways}
    promises = (
        Promise(f"milliseconds that `{PROMISED}` adds", rows[PROMISED][1], 60),
        Promise(f"heavy packages that `{PROMISED}` loads", len(loaded[PROMISED]), 0),
    )
    title = f"the whole process, median of {rounds} rounds in turns"
    return Table("importing", title, ("ms", "over bare Python", "heavy packages loaded"), rows, promises)


def _start(program: str):
    return lambda: subprocess.run([sys.executable, "-c", program], cwd=fresh.PROJECT, check=True)

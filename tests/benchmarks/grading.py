"""Seconds per submission of three graders on the same exercise and class: nbgrader, otter-grader and ours.

    python -m tests.benchmarks.grading [--submissions 36] [--rounds 1] [--nbgrader VENV] [--otter VENV]

Each has one worker. The other two live in environments of their own, because they need other versions of Jupyter; without
VENV they are made in the folder for temporary files, once, from the package index. In every round each grader grades the
whole class, one grader after the other; of the rounds, the fastest counts. Everything from the start of a grader to its
last mark is measured, so what a grader does once per class is shared by its submissions. nbgrader and ours write
a page of feedback per student and a table of grades; otter-grader gives marks only. The sandbox is on for ours; the other two
have none here. All three must give the points that are known beforehand.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from course_lib.grading.authoring.shelf import answered
from course_lib.grading.cells.exercises import exercise_from
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import notebook_text
from course_lib.grading.running.execution import execute_all
from course_lib.grading.running.grade import grade
from tests.benchmarks.four_questions import (
    EXERCISE,
    QUESTIONS,
    a_class,
    answered_for_otter,
    for_nbgrader,
    for_otter,
    our_solution,
    points_of,
)

HERE = Path(__file__).resolve().parent
OURS = "ours"
PACKAGES = {"nbgrader": ("nbgrader==0.9.6", "matplotlib"), "otter": ("otter-grader==7.0.0", "ipykernel", "matplotlib")}
AT_LEAST = 10
"""How many times as fast ours has to be."""
AT_MOST = 0.25
"""Seconds that a submission may take."""

Answers = dict[str, dict[str, str]]
Grader = Callable[[], tuple[float, dict[str, float]]]
"""Grades the class; gives seconds and points by student."""


class OtherGraderFailed(Exception):
    """One of the others could not be installed or run."""


def measure(graders: dict[str, Grader], expected: dict[str, float], rounds: int) -> dict[str, float]:
    """Seconds per submission by grader, the fastest of the rounds. Raises: AssertionError for wrong points."""
    seconds: dict[str, list[float]] = {name: [] for name in graders}
    for _ in range(rounds):
        for name, grader in graders.items():
            took, points = grader()
            assert points == expected, f"{name} gives other points: {_difference(points, expected)}"
            seconds[name].append(took / len(expected))
    return {name: min(took) for name, took in seconds.items()}


def _difference(points: dict, expected: dict) -> dict:
    return {student: (points.get(student), expected[student]) for student in expected if points.get(student) != expected[student]}


def table(measured: dict[str, float]) -> str:
    """One line per grader, with its ratio to ours."""
    lines = [f"{'':16}{'s per submission':>18}{'ratio':>8}"]
    lines += [f"{name:16}{seconds:18.3f}{seconds / measured[OURS]:7.1f}×" for name, seconds in measured.items()]
    return "\n".join(lines)


def verdict(measured: dict[str, float]) -> tuple[bool, str]:
    """Whether it shows what it must show, and that in a sentence."""
    ratio = min((seconds / measured[OURS] for name, seconds in measured.items() if name != OURS), default=0.0)
    good = ratio >= AT_LEAST and measured[OURS] <= AT_MOST
    return good, (
        f"{ratio:.1f} times as fast as the faster of the others (at least {AT_LEAST} are asked for), "
        f"{measured[OURS]:.3f} s per submission (at most {AT_MOST})."
    )


# --- the graders ---------------------------------------------------------------------------------


def ours(root: Path, answers: Answers) -> Grader:
    """Our grader; its key is built before."""
    solution, key = our_solution(), root / "solutions" / f"{EXERCISE}.ipynb"
    key.parent.mkdir(parents=True)
    (executed,) = execute_all([(solution, key)], {"COURSE_MODE": "build"})
    write_whole(key, notebook_text(executed))
    tasks = {question.name: f"1.{place}" for place, question in enumerate(QUESTIONS, start=1)}
    for student, by_question in answers.items():
        notebook = answered(exercise_from(solution), {tasks[name]: answer for name, answer in by_question.items()})
        write_whole(root / "submissions" / student / f"{EXERCISE}.ipynb", notebook_text(notebook))

    def run():
        with tempfile.TemporaryDirectory() as out:
            begun = time.perf_counter()
            report = grade(root / "submissions", Path(out), solutions=key.parent, jobs=1, progress=False)
            seconds = time.perf_counter() - begun
        levels = sorted({mark.sandbox for mark in report.marks})
        print(f"ours: sandbox {', '.join(levels)}", file=sys.stderr)
        return seconds, {mark.student: mark.earned for mark in report.marks}

    return run


def nbgrader(root: Path, answers: Answers, python: str) -> Grader:
    """nbgrader in the environment of this Python."""
    write_whole(root / "source" / "hw" / "hw.ipynb", notebook_text(for_nbgrader()))
    for student, by_question in answers.items():
        write_whole(root / "submitted" / student / "hw" / "hw.ipynb", notebook_text(for_nbgrader(by_question)))
    return lambda: _said(_run([python, str(HERE / "with_nbgrader.py")], root))


def otter(root: Path, answers: Answers, python: str) -> Grader:
    """otter-grader in the environment of this Python; its assignment is made before."""
    script = str(HERE / "with_otter.py")
    write_whole(root / "hw.ipynb", notebook_text(for_otter()))
    _run([python, script, "make", "hw.ipynb", "made"], root)
    (autograder,) = (root / "made" / "autograder").glob("*.zip")
    handed_out = json.loads((root / "made" / "student" / "hw.ipynb").read_text(encoding="utf-8"))
    for student, by_question in answers.items():
        write_whole(root / "handed_in" / f"{student}.ipynb", json.dumps(answered_for_otter(handed_out, by_question)))
    return lambda: _said(_run([python, script, "grade", str(autograder), "handed_in"], root))


def _run(command: list[str], folder: Path) -> str:
    ended = subprocess.run(command, cwd=folder, env=_environment(command[0]), capture_output=True, text=True, check=False)
    if ended.returncode:
        said = ended.stdout[-1000:] + ended.stderr[-2000:]
        raise OtherGraderFailed(f"{' '.join(command)} ended with {ended.returncode}:\n{said}")
    return ended.stdout


def _environment(python: str) -> dict[str, str]:
    """This one without what would lead another Python to our packages; its own commands come first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COURSE_"))}
    return kept | {"MPLBACKEND": "Agg", "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])}


def _said(output: str) -> tuple[float, dict[str, float]]:
    told = json.loads(output.splitlines()[-1])
    return told["seconds"], told["points"]


def python_of(tool: str, environment: Path | None) -> str:
    """The Python of an environment that has this grader; made if none is named."""
    folder = environment or Path(tempfile.gettempdir(), "course-benchmarks", tool)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"installing {PACKAGES[tool][0]} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES[tool]], check=True)
    return str(python)


def main() -> int:
    """Exit code 0 if ours is as fast as it has to be."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.grading", description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--nbgrader", type=Path, metavar="VENV")
    parser.add_argument("--otter", type=Path, metavar="VENV")
    options = parser.parse_args()
    answers = a_class(options.submissions)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        graders = {
            OURS: ours(root / OURS, answers),
            "nbgrader": nbgrader(root / "nbgrader", answers, python_of("nbgrader", options.nbgrader)),
            "otter-grader": otter(root / "otter", answers, python_of("otter", options.otter)),
        }
        measured = measure(graders, {student: points_of(by_question) for student, by_question in answers.items()}, options.rounds)
    print(f"{len(answers)} submissions of four questions, one worker each, best of {options.rounds}")
    print(table(measured))
    good, sentence = verdict(measured)
    print(sentence)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

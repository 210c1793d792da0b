"""Whether every Python gives the same marks: what the graded shelf came to with one is compared with another.

    python3.11 -m tests.grading.same_marks /tmp/marks.json --write
    python3.13 -m tests.grading.same_marks /tmp/marks.json

Compared is all that a mark consists of: status, remarks, and for each check its state, its points and its message. It takes
half a minute. Needed is what a learner installs. Ways to grade can be compared, too: `--kernels cold`, `--workers 1`.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.cells.notebooks import notebook_text
from course_lib.grading.running.grade import grade
from tests.grading import make_shelf

SECOND_EXERCISE = "02_sectioning"
CELL_SECONDS = 6
"""The messages name it, so it is the same for all who are compared."""


def main(given: list[str] | None = None) -> int:
    """0 if the marks are those in the file, or were written to it; 1 if they differ."""
    chosen = _asked_for(given)
    with tempfile.TemporaryDirectory(prefix="same-marks-") as folder:
        marks = marks_of_shelf(Path(folder), kernels=chosen.kernels, workers=chosen.workers)
    this = f"Python {platform.python_version()}, {chosen.kernels} kernels, {chosen.workers} at once"
    if chosen.write:
        chosen.file.write_text(json.dumps({"by": this, "marks": marks}, indent=1), encoding="utf-8")
        print(f"{this}: {len(marks)} results are in {chosen.file}.")
        return 0
    other = json.loads(chosen.file.read_text(encoding="utf-8"))
    found = differences(other["marks"], marks)
    print(f"{this}: {len(found) or 'no'} differences to {other['by']} in {len(marks)} results.")
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


def _asked_for(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.same_marks", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="the marks to compare with")
    parser.add_argument("--write", action="store_true", help="write that file instead of comparing with it")
    parser.add_argument("--kernels", choices=("auto", "fork", "cold"), default="auto")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="how many submissions at once (2)")
    return parser.parse_args(given)


def marks_of_shelf(folder: Path, *, kernels: str, workers: int) -> dict[str, dict]:
    """What each submission of the shelf came to, and two of the second exercise, by `<student>/<exercise>`."""
    handed_in = make_shelf.write_shelf(folder / "class")
    for student in (make_shelf.solved, make_shelf.untouched):
        path = handed_in / student.__name__ / f"{SECOND_EXERCISE}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook_text(student(SECOND_EXERCISE)), encoding="utf-8")
    report = grade(
        handed_in, folder / "report", cell_timeout=CELL_SECONDS, kernels=kernels, jobs=workers, progress=False
    )
    return {f"{mark.student}/{mark.exercise}": what_counts(mark) for mark in report.marks}


def what_counts(mark: SubmissionMark) -> dict:
    """The mark as plain values, without what may differ from run to run, such as its seconds."""
    written = mark.as_json()
    del written["run"]
    return written


def differences(one: dict[str, dict], other: dict[str, dict]) -> list[str]:
    """Every place where two collections of marks differ, in a line each.

    >>> differences({"ada/01": {"earned": 3, "tasks": []}}, {"ada/01": {"earned": 4, "tasks": []}})
    ['ada/01 earned: 3 became 4']
    """
    return list(_differing("", one, other))


def _differing(place: str, one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from _differing(f"{place} {name}".strip(), one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (ours, theirs) in enumerate(zip(one, other, strict=True), start=1):
            yield from _differing(f"{place} {number}", ours, theirs)
    elif one != other:
        yield f"{place}: {one!r} became {other!r}"


if __name__ == "__main__":
    sys.exit(main())

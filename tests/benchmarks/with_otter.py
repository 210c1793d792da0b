"""Run by the Python that has otter-grader: makes the assignment, or grades a folder and prints seconds and points.

    python with_otter.py make MASTER FOLDER
    python with_otter.py grade AUTOGRADER_ZIP SUBMISSIONS

All submissions are graded in one process through otter's own function, so its start is paid once and no container is started.
"""

import contextlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path


def make(master, folder):
    command = [sys.executable, "-m", "otter", "assign", master, folder, "--no-pdfs", "--no-run-tests"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(ended.stdout[-1000:] + ended.stderr[-2000:])


def grade(autograder, submissions):
    begun = time.perf_counter()
    from otter.api import grade_submission

    points = {}
    for path in sorted(Path(submissions).glob("*.ipynb")):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            points[path.stem] = grade_submission(str(path), autograder, quiet=True).total
    print(json.dumps({"seconds": time.perf_counter() - begun, "points": points}))


if __name__ == "__main__":
    {"make": make, "grade": grade}[sys.argv[1]](*sys.argv[2:])

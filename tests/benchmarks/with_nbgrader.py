"""Run by the Python that has nbgrader, in the folder of one of its courses: grades assignment `hw`, prints seconds and points.

    python with_nbgrader.py

Measured is what ours does as well: marks, a page of feedback for each student, a table of grades; each command runs once for
the whole class. Making the assignment comes before.
"""

import json
import subprocess
import sys
import time


def main():
    from nbgrader.api import Gradebook

    nbgrader = [sys.executable, "-m", "nbgrader"]
    subprocess.run([*nbgrader, "generate_assignment", "hw", "--create", "--force"], check=True, capture_output=True)
    begun = time.perf_counter()
    ended = subprocess.run([*nbgrader, "autograde", "hw", "--create", "--force"], check=False, capture_output=True, text=True)
    marked = time.perf_counter() - begun
    for command in (["generate_feedback", "hw", "--force"], ["export"]):
        subprocess.run([*nbgrader, *command], check=True, capture_output=True)
    seconds = time.perf_counter() - begun
    with Gradebook("sqlite:///gradebook.db") as book:
        points = {submission.student.id: submission.score for submission in book.assignment_submissions("hw")}
    print(json.dumps({"seconds": seconds, "marked": marked, "points": points, "said": ended.stderr[-300:]}))


if __name__ == "__main__":
    main()

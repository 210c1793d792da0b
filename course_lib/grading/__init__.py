"""Exercises with friendly checks, and their grading.

In a notebook: `check`, `case` and `observe`. In a terminal: `course check`, `course build`, `course grade`.
"""

from course_lib.grading.checks import CheckFailed, NotDone, case, check
from course_lib.grading.evidence import Evidence, observe

__all__ = ["CheckFailed", "Evidence", "NotDone", "case", "check", "observe"]

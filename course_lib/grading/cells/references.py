"""The expected values of the visible cases: what the solutions' checks emitted, stored beside the package.

One JSON file per solution notebook, written by `course build`, read by the learner's checks. Hidden cases
are not in it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from course_lib.errors import CourseError

FOLDER = Path(__file__).parents[1] / "references"

OVERRIDE = "COURSE_REFERENCES"
"""An environment variable that names another folder, for courses built elsewhere."""


def references_folder() -> Path:
    """Where this process finds its references."""
    return Path(os.environ.get(OVERRIDE) or FOLDER)


def find_reference(task: str, folder: Path | None = None) -> dict | None:
    """The stored task with this id: {"title", "defines": {name: task}, "cases"}; None if no solution was built for it.

    Raises: CourseError for a file that can't be read.
    """
    for path in sorted((folder or references_folder()).glob("*.json")):
        found = read_reference(path).get("tasks", {}).get(task)
        if found is not None:
            return found
    return None


def read_reference(path: Path) -> dict:
    """One file's content: {"notebook", "tasks": {id: {...}}}."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CourseError(f"The reference file {path} can't be read; run `course build` to write it again.") from None
    if not isinstance(data, dict) or not isinstance(data.get("tasks"), dict):
        raise CourseError(f"The reference file {path} holds no tasks; run `course build` to write it again.")
    return data


def reference_text(data: dict) -> str:
    """The file's text, byte-stable."""
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

"""Where a graded run takes place: in folders and an environment of its own."""

from __future__ import annotations

import os
import site
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import course_lib
from course_lib.grading.sandbox.family import TOKEN
from course_lib.grading.sandbox.removal import remove_all

# What a process needs to know about the machine. Keys, tokens and pytest's own switches are not on the list.
_ALLOWED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PATHEXT", "LD_LIBRARY_PATH", "VIRTUAL_ENV", TOKEN)


@contextmanager
def scratch_folders() -> Iterator[tuple[Path, Path]]:
    """Two temporary folders that are gone afterwards: one for the submission, one that only the grader knows."""
    with (
        tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as submission,
        tempfile.TemporaryDirectory(prefix="marks-", ignore_cleanup_errors=True) as grader,
    ):
        try:
            yield Path(submission).resolve(), Path(grader).resolve()
        finally:
            remove_all(Path(submission))


def clean_environment(home: Path) -> dict[str, str]:
    """The environment of a graded run: what `_ALLOWED` names, grading mode, and a home that is empty.

    PYTHONHASHSEED stays unset and no ANTHROPIC_* variable gets through.
    """
    environment = {name: os.environ[name] for name in _ALLOWED if name in os.environ}
    for name in ("tmp", "runtime"):
        (home / name).mkdir(parents=True, exist_ok=True)
    environment |= {
        "COURSE_MODE": "grade",
        "HOME": str(home),
        "USERPROFILE": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": str(Path(course_lib.__file__).resolve().parent.parent),
        "PYTHONSAFEPATH": "1",
        "TMPDIR": str(home / "tmp"),
        "TEMP": str(home / "tmp"),
        "TMP": str(home / "tmp"),
    }
    # With another HOME, Python would no longer see what was installed with `pip install --user`.
    return environment | {"PYTHONUSERBASE": site.getuserbase()}

"""One command in a clean environment, with a deadline that nothing it starts outlives."""

from __future__ import annotations

import os
import secrets
import site
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

import course_lib

LOOK_EVERY = 0.2  # seconds between two looks at the family of processes
_TOKEN = "COURSE_RUN"
# What a process needs to know about the machine. Keys, tokens and pytest's own switches are not on the list.
_ALLOWED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PATHEXT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


@contextmanager
def scratch_folders() -> Iterator[tuple[Path, Path]]:
    """Two temporary folders that are gone afterwards: one for the submission, one that only the grader knows."""
    with (
        tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as submission,
        tempfile.TemporaryDirectory(prefix="marks-", ignore_cleanup_errors=True) as grader,
    ):
        yield Path(submission).resolve(), Path(grader).resolve()


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


def run_before_deadline(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: Path, seconds: float
) -> bool:
    """Whether the command ended by itself within so many seconds. What it printed is in `log`.

    Either way, every process that came from it is dead afterwards, also those that left its process group.
    """
    token = secrets.token_hex(16)
    deadline = time.monotonic() + seconds
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**environment, _TOKEN: token},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        family: dict[int, psutil.Process] = {}
        try:
            return _wait(process, deadline, family)
        finally:
            _end_family(process, token, family)


def _wait(process: subprocess.Popen, deadline: float, family: dict[int, psutil.Process]) -> bool:
    while time.monotonic() < deadline:
        _meet(process.pid, family)
        try:
            process.wait(timeout=max(0.0, min(LOOK_EVERY, deadline - time.monotonic())))
            return True
        except subprocess.TimeoutExpired:
            continue
    return False


def _meet(pid: int, family: dict[int, psutil.Process]) -> None:
    """Remember the descendants of `pid`: once their parent is dead, nothing else tells whose they were."""
    try:
        for child in psutil.Process(pid).children(recursive=True):
            family.setdefault(child.pid, child)
    except psutil.Error:
        pass


def _end_family(process: subprocess.Popen, token: str, family: dict[int, psutil.Process]) -> None:
    for _ in range(5):  # a process may start another one while we look
        _meet(process.pid, family)
        strays = [one for one in psutil.process_iter() if _carries(one, token)]
        living = [one for one in {**family, **{one.pid: one for one in strays}}.values() if _lives(one)]
        if process.poll() is None:
            process.kill()
        for one in living:
            _kill(one)
        psutil.wait_procs(living, timeout=2)
        process.wait()
        if not living:
            return


def _carries(process: psutil.Process, token: str) -> bool:
    try:
        return process.environ().get(_TOKEN) == token
    except (psutil.Error, OSError):
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        process.kill()

"""A process beside a Dask worker that grades what it is told: `python -m course_lib.grading.running.cluster_process`.

Dask's own process has threads and event loops, and no kernel may come from such a one. One line of JSON comes in per
submission, one goes out. When nobody is there any more, everything that it has started and written is removed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import queue
import sys
import tempfile
import threading
from pathlib import Path

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.running.grade_one import Settings, Wanted, grade_each
from course_lib.grading.running.workers import Crew
from course_lib.grading.sandbox.removal import remove_all

IDLE_SECONDS = 60.0
"""Real seconds without a request after which it ends: whoever asked may have been lost."""


def request_for(wanted: Wanted) -> dict:
    """All that another machine has to know to grade this, as plain JSON: no path of this one helps there."""
    settings = wanted.settings
    return {
        "notebook": _packed(wanted.notebook),
        "key": _packed(wanted.key),
        "mark": wanted.mark.as_json(),
        "settings": [settings.cell_timeout, settings.submission_timeout, settings.kernels],
    }


class Desk:
    """The folder in which requests are worked on, and the crews that do it; one request at a time."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._crews: dict[Settings, Crew] = {}

    def grade(self, request: dict) -> dict:
        """The filled-in mark, as JSON, and what pytest said where there are no marks."""
        mark = SubmissionMark.from_json(request["mark"])
        settings = Settings(*request["settings"])
        crew = self._crews.setdefault(settings, Crew(1, kernels=settings.kernels, seconds=settings.submission_timeout))
        with tempfile.TemporaryDirectory(prefix="handed-in-") as folder:
            notebook = Path(folder, f"{mark.exercise}.ipynb")
            notebook.write_bytes(base64.b64decode(request["notebook"]))
            wanted = Wanted(notebook, self._key(mark.exercise, base64.b64decode(request["key"])), mark, settings)
            ((_, said),) = grade_each([wanted], crew)
        return {"mark": mark.as_json(), "said": said}

    def _key(self, exercise: str, content: bytes) -> Path:
        """Written once: whoever reads a key keeps what was read, by its path."""
        path = self.folder / f"key-{hashlib.sha256(content).hexdigest()}" / f"{exercise}.ipynb"
        if not path.exists():
            path.parent.mkdir()
            path.write_bytes(content)
        return path

    def clear(self) -> None:
        """End all that was started, also in the middle of its work, and remove all that was written."""
        for crew in self._crews.values():
            crew.__exit__()
        remove_all(self.folder)


def _packed(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    desk = Desk(Path(tempfile.mkdtemp(prefix="cluster-")).resolve())
    tempfile.tempdir = str(desk.folder)  # all that is written here and by those started from here goes with it
    requests: queue.SimpleQueue = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, desk), daemon=True).start()
    while True:
        try:
            line = requests.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            break
        print(json.dumps(desk.grade(json.loads(line))), file=answers, flush=True)
    desk.clear()


def _listen(requests: queue.SimpleQueue, desk: Desk) -> None:
    """Pass requests on; when the line is closed, whoever asked is gone, and what is being graded has no reader."""
    for line in sys.stdin:
        requests.put(line)
    desk.clear()
    os._exit(0)


if __name__ == "__main__":
    main()

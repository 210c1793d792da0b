"""One submission to grade, as it is handed to a worker; and how such a job can end."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FINISHED, TOO_LATE, BROKE_OFF = "finished", "too late", "broke off"
BEGUN, ENDED = "begun", "ended"
"""What a worker says of its job: its time counts from now; it is over."""


@dataclass(frozen=True)
class Job:
    """What a worker has to know.

    place: the folder that the kernel may write to. results: the file of the marks, where no kernel can write.
    cell_timeout: real seconds. closed: what no kernel may read, wherever it lies.
    """

    student: str
    notebook: Path
    key: Path
    results: Path
    place: Path
    cell_timeout: float
    closed: tuple[str, ...] = ()

    def to_line(self) -> str:
        """The job in one line of JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_line(cls, line: str) -> Job:
        """The job that `to_line` wrote."""
        given = json.loads(line)
        paths = {name: Path(given[name]) for name in ("notebook", "key", "results", "place")}
        return cls(**given | paths | {"closed": tuple(given["closed"])})

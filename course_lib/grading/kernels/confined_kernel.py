"""A graded notebook's kernel, started cold: `python -m course_lib.grading.kernels.confined_kernel -f CONNECTION_FILE`.

It confines itself, before it imports what a kernel needs, and then says nothing but results. A forked one does the same.
The policy comes in the environment variable COURSE_SANDBOX; what was achieved lies beside the connection file before the first
cell runs (see `level_of`).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from course_lib.grading.sandbox.confinement import POLICY, Level, Policy, confine


def main(argv: list[str]) -> None:
    """Confine this process and be a kernel until it is shut down."""
    confine_first(Path(argv[argv.index("-f") + 1]).resolve())
    from course_lib.grading.kernels.unheard_kernel import UnheardKernelApp

    UnheardKernelApp.launch_instance(argv)


def confine_first(connection: Path) -> None:
    """Confine this process to the policy in its environment, which is taken out of there, and leave word for `level_of`.

    connection: the kernel's own file, which names its sockets and which it has to read.
    """
    told = os.environ.pop(POLICY, None)
    if told is not None:
        policy = Policy.from_json(told)
        level = confine(replace(policy, readable=(*policy.readable, str(connection))))
        _beside(connection).write_text(json.dumps(level.to_json()), encoding="utf-8")


def level_of(connection: str | Path) -> Level | None:
    """What a kernel achieved when it confined itself, to be read before its first cell runs; None: it did not."""
    try:
        return Level.from_json(json.loads(_beside(Path(connection)).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _beside(connection: Path) -> Path:
    return connection.with_name(f"{connection.name}.sandbox.json")


if __name__ == "__main__":
    main(sys.argv[1:])

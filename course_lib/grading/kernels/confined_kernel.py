"""A notebook's kernel that confines itself first: `python -m course_lib.grading.kernels.confined_kernel -f FILE`.

The policy comes in the environment variable COURSE_SANDBOX. What was achieved lies beside the connection file before the
first cell runs (see `level_of`).
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from course_lib.grading.sandbox.confinement import POLICY, Level, Policy, confine

_ENDING = ".sandbox.json"


def main(argv: list[str]) -> None:
    """Confine this process and be a kernel until it is shut down."""
    confine_first(argv)
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance(argv)


def confine_first(argv: list[str]) -> None:
    """Confine this process, before it imports what a kernel needs, and leave word of it for `level_of`."""
    connection = Path(argv[argv.index("-f") + 1]).resolve()
    level = confine_by_environment(connection)
    if level is not None:
        _beside(connection).write_text(json.dumps(level.to_json()), encoding="utf-8")


def confine_by_environment(connection: Path | None = None) -> Level | None:
    """Confine this process to the policy in its environment, which is taken out of there; None without a policy.

    connection: the kernel's own file, which names its sockets and which it has to read.
    """
    told = os.environ.pop(POLICY, None)
    if told is None:
        return None
    policy = Policy.from_json(told)
    if connection is not None:
        policy = replace(policy, readable=(*policy.readable, str(connection)))
    return confine(policy)


def level_of(connection: str | Path) -> Level | None:
    """What a kernel achieved when it confined itself, to be read before its first cell runs; None: it did not."""
    try:
        return Level.from_json(json.loads(_beside(Path(connection)).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _beside(connection: Path) -> Path:
    return connection.with_name(connection.name + _ENDING)


if __name__ == "__main__":
    main(sys.argv[1:])

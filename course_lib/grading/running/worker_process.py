"""A worker's process: `python -m course_lib.grading.running.worker_process ARGUMENTS` is pytest with these arguments.

Before pytest is imported, the fork-server is started: what the two import takes equally long.
"""

from __future__ import annotations

import gc
import os
import sys

from course_lib.grading.kernels.fork_line import NAME, ForkServer
from course_lib.grading.sandbox.resource_limits import limit_resources


def main(arguments: list[str]) -> int:
    """Pytest's exit code."""
    gc.disable()  # what is imported stays; the session enables it again before its first job
    limit_resources()
    server = ForkServer(os.environ) if os.environ.get("JUPYTER_DEFAULT_PROVISIONER_NAME") == NAME else None
    import pytest

    if server is not None:
        from course_lib.grading.kernels.provisioner import use_server

        use_server(server)
    return pytest.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

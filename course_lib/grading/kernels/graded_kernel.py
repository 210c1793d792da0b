"""A kernel as graders start it: it confines itself first, then says nothing but results. Takes `-f CONNECTION_FILE`."""

from __future__ import annotations

import sys

from course_lib.grading.kernels.confined_kernel import confine_first


def main(argv: list[str]) -> None:
    """Confine this process and be a kernel until it is shut down."""
    confine_first(argv)
    from course_lib.grading.kernels.unheard_kernel import UnheardKernelApp

    UnheardKernelApp.launch_instance(argv)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The kernel that a graded notebook runs in: ipykernel's own, without what serves people who look at it.

Nobody reads what it prints, so nothing printed is sent; nobody asks for its history, so none is written down. For every cell
that saves a walk through three threads.
"""

from __future__ import annotations

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

_NO_HISTORY_FILE = Config({"HistoryManager": {"hist_file": ":memory:"}})


class Unheard(OutStream):
    """A standard stream that takes every text and passes on none."""

    def write(self, string: str) -> int:
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string)}")
        return len(string)

    def flush(self) -> None:
        """Nothing is waiting."""

    def fileno(self) -> int:
        """The number of the stream that it stands for, as with any kernel."""
        return {"stdout": 1, "stderr": 2}[self.name]


class UnheardKernelApp(IPKernelApp):
    """Takes `-f CONNECTION_FILE` and nothing else."""

    def __init__(self, **settings):
        super().__init__(
            outstream_class=f"{Unheard.__module__}.{Unheard.__qualname__}", capture_fd_output=False, **settings
        )
        self.update_config(_NO_HISTORY_FILE)

    def parse_command_line(self, argv=None) -> None:
        """The connection file, and that is all: reading every option of a kernel takes as long as three cells."""
        self.connection_file = argv[argv.index("-f") + 1]

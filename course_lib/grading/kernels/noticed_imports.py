"""What the author's notebook imports, the fork-server imports at the same time: kernels will need it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from course_lib.grading.kernels.fork_line import ForkFailed, ForkServer

WORTH_IT = ("anthropic", "ipywidgets", "pandas")
"""Slow to import, and none of them starts a thread, after which nothing could be forked any more."""


class _Notice:
    """The first to be asked for a module that is not there yet; it never has one."""

    def __init__(self, server: ForkServer):
        self._server = server

    def find_spec(self, name: str, path=None, target=None) -> None:
        if name in WORTH_IT:
            with suppress(ForkFailed):  # then there is no server any more, and kernels start cold
                self._server.preload(name)


@contextmanager
def telling_what_is_imported(server: ForkServer) -> Iterator[None]:
    """What is imported inside, and worth it, is imported by the server as well, side by side."""
    notice = _Notice(server)
    sys.meta_path.insert(0, notice)
    try:
        yield
    finally:
        sys.meta_path.remove(notice)

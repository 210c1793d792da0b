"""A course error in a cell shows the reader's own lines and its sentence; the way through our code and the SDK stays out.

Only what is shown is shorter: `%tb` and `%debug` have all of it. Errors of any other kind are shown as ever.
"""

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from course_lib.errors import CourseError

_COURSE = str(Path(__file__).parents[1])
_PYTHON = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_INSTALLED = ("site-packages", "dist-packages")


def show_short_errors() -> bool:
    """From now on, cells show course errors short. False outside a notebook, and where somebody else shows errors already."""
    ipython = sys.modules.get("IPython")  # a notebook has loaded it; a script need not
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return False
    if not shell.custom_exceptions:
        shell.set_custom_exc((CourseError,), _shown)
    return shell.custom_exceptions == (CourseError,)


def own_lines(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of the course, of installed packages and of Python itself."""
    frames = []
    while traceback is not None:
        if _is_own(traceback.tb_frame.f_code.co_filename):
            frames.append(traceback)
        traceback = traceback.tb_next
    kept = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return kept


def _is_own(path: str) -> bool:
    return not (path.startswith((_COURSE, *_PYTHON, "<frozen ")) or any(place in path for place in _INSTALLED))


def _shown(shell, kind, error, traceback, tb_offset=None) -> list[str]:
    """What IPython calls with the error of a cell. Gives back the lines that it has shown."""
    _remember(kind, error, traceback)
    kept = own_lines(traceback)
    with _without_its_cause(error):
        if kept is None:
            lines = shell.InteractiveTB.get_exception_only(kind, error)
        else:
            lines = shell.InteractiveTB.structured_traceback(kind, error, kept, tb_offset=0)
    shell._showtraceback(kind, error, lines)  # how a kernel sends an error to its page
    return lines


def _remember(kind, error, traceback) -> None:
    """Where `%tb` and `%debug` look."""
    sys.last_type, sys.last_value, sys.last_traceback, sys.last_exc = kind, error, traceback, error


@contextmanager
def _without_its_cause(error: BaseException) -> Iterator[None]:
    """Inside, nothing tells "During handling of the above exception, …"; afterwards it is as it was."""
    cause, suppressed = error.__cause__, error.__suppress_context__
    error.__cause__ = None
    try:
        yield
    finally:
        error.__cause__, error.__suppress_context__ = cause, suppressed

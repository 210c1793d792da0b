"""What the work of a run can be equipped with: a time-out for each item, a memory of finished ones, a progress bar."""

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from course_lib.errors import BadInput
from course_lib.parallel.checkpoints import remembering

Work = Callable[[Any], Awaitable[Any]]


@contextmanager
def equipped(
    function: Work, items: Any, *, seconds_per_item: float | None, progress: bool | str, checkpoint: str | Path | None
) -> Iterator[Work]:
    """`function` with a time-out, a memory and a progress bar, as far as they were asked for; what it gives can be awaited."""
    function = _asynchronous(function)
    with ExitStack() as stack:
        if seconds_per_item is not None:
            function = _limited(function, seconds_per_item)
        if checkpoint is not None:
            function = stack.enter_context(remembering(function, checkpoint))
        if progress:
            function = stack.enter_context(_counted(function, items, progress))
        yield function


def _asynchronous(function) -> Work:
    """The function. Raises, when it is called: BadInput, if it gives nothing that can be awaited."""

    @wraps(function)
    def started(item):
        answer = function(item)
        if not inspect.isawaitable(answer):
            name = getattr(function, "__name__", "the function")
            raise BadInput(f"{name}() gave {type(answer).__name__}, which cannot be awaited; write `async def {name}`.")
        return answer

    return started


def _limited(function, seconds: float):
    @wraps(function)
    async def limited(item):
        async with asyncio.timeout(seconds):
            return await function(item)

    return limited


@contextmanager
def _counted(function, items, words: bool | str):
    tqdm = _bar()
    total = len(items) if isinstance(items, Collection) else None
    # No rate and no time left: on simulated time they would be the machine's, not the run's.
    look = "{desc}{n_fmt} done{postfix}" if total is None else "{desc}{bar}| {n_fmt}/{total_fmt}{postfix}"
    failed = 0
    with tqdm(total=total, desc=f"{words}: " if isinstance(words, str) else "", bar_format=look) as bar:

        @wraps(function)
        async def counted(item):
            nonlocal failed
            try:
                return await function(item)
            except Exception:
                failed += 1
                bar.set_postfix_str(f"{failed} failed", refresh=False)
                raise
            finally:
                bar.update()

        yield counted


def _bar() -> type:
    """tqdm's bar for a page, or else for a terminal; tqdm itself takes every process that knows ipykernel for a page."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is not None:
        from tqdm.auto import tqdm
    else:
        from tqdm.std import tqdm
    return tqdm

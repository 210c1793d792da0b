"""What travels with calls: through tasks and wrappers, from whoever knows it down to the log.

A pool knows since when a call has stood in line, a section its name, a retry which call it continues. None of them
sees the request, so each says it here, and the log reads it when the request leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from course_lib.errors import BadInput

if TYPE_CHECKING:
    from course_lib.claude.calls import Call


class CallContext(NamedTuple):
    """What is known of the calls that this task makes, and the tasks that it starts.

    label: their name in the log and the timeline. waiting: since when the next of them has stood in line, and until when;
    whichever call leaves first takes it out of the list. earlier: the call of which the next request is a further attempt.
    witnesses: lists to which each new call is added. place: where a rate limiter puts the call's place in its line.
    """

    label: str | None = None
    waiting: list[tuple[float, float]] | None = None
    earlier: Call | None = None
    witnesses: tuple[list[Call], ...] = ()
    place: list[Any] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the next request is a further attempt of a call that counts already."""
        return self.earlier is not None and self.earlier.status != "ok"


_AT_ONCE = 0.01
"""Seconds between two lines, on real time, that count for nothing."""

_context: ContextVar[CallContext] = ContextVar("call_context", default=CallContext())  # noqa: B039 - nobody changes a tuple


def call_context() -> CallContext:
    """What is known here, in this task, of the calls that it makes."""
    return _context.get()


@contextmanager
def calls_with(**known) -> Iterator[None]:
    """Calls made inside carry what is known of them, by the names of CallContext's fields."""
    token = _context.set(_context.get()._replace(**known))
    try:
        yield
    finally:
        _context.reset(token)


def labelled(label: str):
    """Calls made inside `with labelled("…"):` carry this name in the log and the timeline."""
    if not isinstance(label, str):  # the `title` of a bare text is a method, for example
        raise BadInput(f"A name for a call is {type(label).__name__}; write a text, or Section('a title', …) for a bare text.")
    return calls_with(label=label)


@contextmanager
def calls_inside() -> Iterator[list[Call]]:
    """The calls that this block makes, and the tasks that it starts, in the order of their launch; other tasks' are not there.

    For whoever wraps an `ask` and must know what its call really used: limits, budgets, provenance.
    """
    calls: list[Call] = []
    with calls_with(witnesses=(*_context.get().witnesses, calls)):
        yield calls


def next_attempt_of(call: Call | None):
    """What is sent inside counts as a further attempt of `call`, not as a call of its own. For retries above the SDK's."""
    return calls_with(earlier=call)


class cancelled_with_its_caller:
    """Around the sending of one call: cancelled while it backs off between two attempts, it ends as cancelled, not as failed.

    For who can't tell whether an attempt was made; who can, says `CallLog.given_up`, which costs less.
    """

    def __enter__(self):
        self._calls: list[Call] = []
        context = _context.get()
        self._token = _context.set(context._replace(witnesses=(*context.witnesses, self._calls)))

    def __exit__(self, kind, error, traceback):
        _context.reset(self._token)
        if kind is asyncio.CancelledError:
            for call in self._calls:
                call.give_up()


def waiting_since(moment: float) -> None:
    """The next call of this task, or of a task it starts, has stood in line since `moment`, until now. For bounded pools.

    Who came here straight from another line has waited since the first.
    """
    context, now = _context.get(), asyncio.get_running_loop().time()
    if context.waiting and moment - context.waiting[0][1] < _AT_ONCE:
        moment = context.waiting[0][0]
    _context.set(context._replace(waiting=[(moment, now)]))  # a list, so that whichever task calls first takes it for all

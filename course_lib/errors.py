"""What the course says when something is asked of it that it can't do."""

import inspect
from typing import Any


class CourseError(Exception):
    """A mistake the reader can mend: what happened, the value, what to write instead.

    The `course` command prints it as one sentence and ends with exit code 2.
    """


class BadInput(CourseError, ValueError):
    """A value that can't be right, such as `max_at_once=0` or a model nobody has heard of."""


def check_callable(function: Any, name: str, example: str) -> None:
    """Nothing, when `function` can be called. Raises: BadInput, which says what stands in its place.

    >>> check_callable("claude", "ask", "claude.ask")
    Traceback (most recent call last):
    course_lib.errors.BadInput: ask='claude' can't be called; write a function, such as claude.ask.
    """
    if inspect.iscoroutine(function):
        called = function.__qualname__
        function.close()  # or Python would warn that nobody awaited it
        raise BadInput(f"{name} is {called}(…), called already; write the function itself, without brackets, such as {example}.")
    if not callable(function):
        raise BadInput(f"{name}={function!r} can't be called; write a function, such as {example}.")

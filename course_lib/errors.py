"""What the course says when something is asked of it that it can't do."""


class CourseError(Exception):
    """A mistake the reader can mend: what happened, the value, what to write instead.

    The `course` command prints it as one sentence and ends with exit code 2.
    """


class BadInput(CourseError, ValueError):
    """A value that can't be right, such as `max_at_once=0` or a model nobody has heard of."""

"""The answer's end of the line to the grader: asks for replies and for the time, and believes what it hears.

In a graded run a notebook's kernel inherits one end of a pair of sockets. Every call that an observed function makes
goes over it, and so does every step of its clock: both are kept at the other end (see `witness`).
"""

from __future__ import annotations

import asyncio
import json
import os
import socket

from course_lib.claude.shapes import Answer
from course_lib.errors import CourseError
from course_lib.grading.cells.errors_on_the_wire import error_from_the_wire

LINE = "COURSE_WITNESS"
"""The environment variable with the number of the inherited socket."""


class LineBroke(CourseError):
    """The grader no longer answers."""


class WitnessLine:
    """One run of a function, as the grader sees it. Also the run's clock (`next_moment`) and its way to the API (`send`)."""

    def __init__(self, words):
        self._words = words
        self._waiting: dict[int, asyncio.Future] = {}

    def open(self, place: dict) -> bool:
        """Begin the run of a case. False: the grader does not know it, so nobody watches."""
        return self._say("open", **place)["watched"]

    async def send(self, request: dict) -> Answer:
        """The answer to a request, as any way to the API gives it. Raises: the SDK's own errors."""
        ticket = self._say("send", body=request)["ticket"]
        answer = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        try:
            reply = await answer
        except asyncio.CancelledError:
            self._say("cancel", ticket=ticket)
            raise
        finally:
            self._waiting.pop(ticket, None)
        if "text" in reply:
            return Answer(**reply)
        raise error_from_the_wire(reply)

    def next_moment(self, due: float | None) -> float | None:
        """The moment at which something happens next, after the replies that have come until then were handed over."""
        if due is None and not self._waiting:
            return None
        heard = self._say("wait", until=due)
        for ticket, reply in heard["replies"]:
            answer = self._waiting.get(ticket)
            if answer is not None and not answer.done():
                answer.set_result(reply)
        return heard["now"]

    def finished(self) -> None:
        """The function has come to its end; what is still under way is being cancelled."""
        self._say("finished")

    def close(self) -> dict:
        """End the run. What the grader saw, by field."""
        return self._say("close")

    def _say(self, what: str, **more) -> dict:
        try:
            self._words.write(json.dumps({"say": what, **more}).encode() + b"\n")
            self._words.flush()
            heard = self._words.readline()
        except OSError:
            heard = b""
        if not heard:
            raise LineBroke("The grader no longer answers, so this run can't be judged.")
        answer = json.loads(heard)
        if "refused" in answer:
            raise LineBroke(answer["refused"])
        return answer


_words = None


def line_to_grader() -> WitnessLine | None:
    """A line for one run, if this is a graded kernel with a witness; None elsewhere."""
    global _words
    number = os.environ.get(LINE)
    if not number:
        return None
    if _words is None:
        _words = socket.socket(fileno=int(number)).makefile("rwb")
    return WitnessLine(_words)

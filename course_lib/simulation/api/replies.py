"""What goes over the wire, and after how many seconds."""

import json
from collections.abc import Callable
from dataclasses import dataclass

NEVER = 1e9
"""Seconds of a reply that does not come: longer than any time-out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a streamed reply: bytes that leave `seconds` after the request, and the words in them."""

    seconds: float
    content: bytes
    words: str = ""


class Reply:
    """One reply of the API.

    seconds: when it is complete. body: its JSON; {} if it is none.
    raw: the bytes that go over the wire, where they are not the body's JSON.
    pieces: the parts of a stream, in order; None for a reply in one piece.
    breaks: how the line fails at the end of those seconds: "unreachable", "dropped", or "" if it holds.
    fault: in words, why a reply with status 200 is worth nothing; "" for one that is.
    headers: may be given as a function, so that who needs none does not pay for them.
    """

    __slots__ = ("_headers", "body", "breaks", "fault", "pieces", "raw", "seconds", "status")

    def __init__(self, status: int, headers: dict[str, str] | Callable[[], dict[str, str]], body: dict, seconds: float, *,
                 raw: bytes | None = None, pieces: tuple[Piece, ...] | None = None, breaks: str = "", fault: str = ""):
        self.status, self._headers, self.body, self.seconds = status, headers, body, seconds
        self.raw, self.pieces, self.breaks, self.fault = raw, pieces, breaks, fault

    @property
    def headers(self) -> dict[str, str]:
        if callable(self._headers):
            self._headers = self._headers()
        return self._headers

    @property
    def text(self) -> str:
        """The model's words; "" for an error."""
        return "".join(block["text"] for block in self.body.get("content", ()) if block["type"] == "text")  # some think as well

    @property
    def content(self) -> bytes:
        """The bytes of a reply in one piece."""
        return json.dumps(self.body).encode() if self.raw is None else self.raw

    @property
    def begins(self) -> float:
        """Seconds until status and headers arrive: with the first piece of a stream, else with the whole reply."""
        return self.pieces[0].seconds if self.pieces else self.seconds

"""One attempt between take-off and landing: how long it flies, and what the log says of it.

The same for every way in: the SDK's two transports and the direct one.
"""

from course_lib.simulation.api.replies import Piece, Reply
from course_lib.simulation.api.tokens import count_tokens
from course_lib.simulation.protocols import Exchange, Log

BREAKS = {
    "unreachable": "no connection: the API can't be reached",
    "dropped": "the connection broke off in the middle of the reply",
}


class Flight:
    """An exchange on its way to its caller.

    call: its entry in the log; None for requests that ask no model. patience: seconds without a byte before the caller
    gives up. Whoever carries it waits `seconds`, then says `land` (or `cancel`, if the caller went away).
    """

    __slots__ = ("_call", "_complete", "_exchange", "_log", "_over", "_patience", "_started", "_words", "reply", "seconds")

    def __init__(self, exchange: Exchange, log: Log, call: object | None, patience: float, started: float):
        self._exchange, self._log, self._call = exchange, log, call
        self._patience, self._started = patience, started
        self._words, self._complete, self._over = "", False, False
        self.reply: Reply = exchange.reply
        begins = self.reply.seconds if self.reply.pieces is None else self.reply.begins
        self.seconds = begins if begins < patience else patience

    def land(self, now: float) -> str:
        """What became of it: "" when the reply is there, else "late", "unreachable" or "dropped".

        A stream lands with its headers; `end_stream` follows after its last piece.
        """
        reply = self.reply
        if reply.pieces is not None:
            return self._late(now) if reply.begins > self._patience else ""
        if reply.seconds > self._patience:
            return self._late(now)
        self._over = True
        if reply.breaks or reply.fault:
            self._failed(now, BREAKS.get(reply.breaks) or reply.fault, None if reply.breaks else reply.status)
            return reply.breaks
        self._exchange.finish(now)
        if self._call is not None:
            self._log.record_reply(self._call, reply.status, reply.body, now)
        return ""

    def seconds_until(self, piece: Piece, now: float) -> tuple[float, bool]:
        """How long to wait for a piece of the stream, and whether the caller gives up before it comes."""
        wait = max(0.0, self._started + piece.seconds - now)
        return (self._patience, True) if wait > self._patience else (wait, False)

    def sent(self, piece: Piece) -> None:
        """A piece of the stream has reached the caller."""
        self._words += piece.words
        self._complete = piece is self.reply.pieces[-1]

    def end_stream(self, now: float) -> str:
        """After the last piece: "" when the stream is whole or at least closed, "dropped" when the line broke."""
        self._over = True
        reply = self.reply
        if reply.breaks or reply.fault:
            self._broken(now, "failed", BREAKS.get(reply.breaks) or reply.fault)
            return reply.breaks
        self._exchange.finish(now)
        if self._call is not None:
            self._log.record_reply(self._call, reply.status, reply.body, now)
        return ""

    def give_up_stream(self, now: float) -> str:
        """The caller's time-out came before the next piece."""
        self._over = True
        self._broken(now, "failed", self._too_late)
        return self._too_late

    def cancel(self, now: float) -> None:
        """The caller went away, before the reply or in the middle of a stream; nothing to do after its end."""
        if self._over:
            return
        if self._complete:  # who has read the last event may leave without waiting for the end of the line
            self.end_stream(now)
            return
        self._over = True
        if self._words:
            self._broken(now, "cancelled", "cancelled by its caller")
            return
        self._end(now, "cancelled", "cancelled by its caller", None)
        self._exchange.abandon()

    @property
    def _too_late(self) -> str:
        return f"no reply within {self._patience:g} s"

    def _late(self, now) -> str:
        self._over = True
        self._failed(now, self._too_late, None)
        return "late"

    def _failed(self, now, error, http_status):
        self._end(now, "failed", error, http_status)
        self._exchange.abandon()

    def _broken(self, now, status, error):
        """A stream that ended too early: what was sent of it has been written, read and billed."""
        written = count_tokens(self._words) if self._words else 0
        read = self.reply.body["usage"]["input_tokens"]
        self._end(now, status, error, 200, reply=self._words, input_tokens=read, output_tokens=written)
        self._exchange.abandon(now, written)

    def _end(self, now, status, error, http_status, **more):
        if self._call is not None:
            self._log.end(self._call, now=now, status=status, error=error, http_status=http_status, **more)

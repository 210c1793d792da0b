"""One attempt between take-off and landing: how long it flies, and what the log says of it.

The same for every way in: the SDK's two transports and the direct one.
"""

from course_lib.simulation.api.replies import Piece, Reply
from course_lib.simulation.content import count_tokens, prompt_of
from course_lib.simulation.protocols import Core, Exchange, Log

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

    def __init__(self, exchange: Exchange, log: Log | None, call: object | None, patience: float, started: float):
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
        streamed = self.reply.pieces is not None
        if (self.reply.begins if streamed else self.reply.seconds) > self._patience:
            self._fail(now, "failed", self._too_late)
            return "late"
        return "" if streamed else self._arrive(now)

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
        return self._arrive(now)

    def give_up_stream(self, now: float) -> str:
        """The caller's time-out came before the next piece."""
        self._fail(now, "failed", self._too_late, 200, begun=True)
        return self._too_late

    def cancel(self, now: float) -> None:
        """The caller went away, before the reply or in the middle of a stream; nothing to do after its end."""
        if self._over:
            return
        if self._complete:  # who has read the last event may leave without waiting for the end of the line
            self._arrive(now)
            return
        begun = bool(self._words)
        self._fail(now, "cancelled", "cancelled by its caller", 200 if begun else None, begun=begun)

    @property
    def _too_late(self) -> str:
        return f"no reply within {self._patience:g} s"

    def _arrive(self, now: float) -> str:
        """All that will come is there. Gives back how the line broke, "" if it held."""
        reply = self.reply
        if reply.breaks or reply.fault:
            begun = reply.pieces is not None
            status = None if reply.breaks and not begun else reply.status
            self._fail(now, "failed", BREAKS.get(reply.breaks) or reply.fault, status, begun=begun)
            return reply.breaks
        self._over = True
        self._exchange.finish(now)
        if self._call is not None:
            self._log.record_reply(self._call, reply.status, reply.body, now)
        return ""

    def _fail(self, now: float, status: str, error: str, http_status: int | None = None, *, begun: bool = False) -> None:
        """It is lost. Of a stream that had begun, what was sent so far has been written, read and billed."""
        self._over = True
        written = count_tokens(self._words) if self._words else 0
        billed = {"input_tokens": self.reply.body["usage"]["input_tokens"], "output_tokens": written} if begun else {}
        if self._call is not None:
            self._log.end(
                self._call, now=now, status=status, error=error, http_status=http_status, reply=self._words, **billed
            )
        self._exchange.abandon(now, written)


def take_off(
    core: Core, log: Log, method: str, path: str, headers: dict[str, str], body: object, now: float, *,
    retry: int, patience: float,
) -> Flight:
    """A request leaves at `now`. Only questions to a model are written down. Raises: what the core raises."""
    exchange = core.handle(method, path, headers, body, now)
    call = None
    if path == "/v1/messages" and isinstance(body, dict):
        call = log.begin(prompt=prompt_of(body), model=str(body.get("model")), now=now, retry=retry)
    return Flight(exchange, log, call, patience, now)

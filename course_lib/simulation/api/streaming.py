"""A message as server-sent events: what is sent, in which order, and when.

Source: https://platform.claude.com/docs/en/build-with-claude/streaming
"""

import json
import re

from course_lib.simulation.api.replies import Piece

_CHUNK = re.compile(r".{1,24}(?=\s|$)\s?|.{1,24}", re.S)


def pieces_of(message: dict, first: float, last: float) -> tuple[Piece, ...]:
    """The whole stream of a message whose first words come after `first` seconds and whose last after `last`."""
    text = "".join(block["text"] for block in message["content"])
    chunks = chunks_of(text)
    step = (last - first) / max(1, len(chunks) - 1)
    return (
        Piece(first, _start(message)),
        *(Piece(first + number * step, _delta(chunk), chunk) for number, chunk in enumerate(chunks)),
        Piece(last, _end(message)),
    )


def chunks_of(text: str) -> list[str]:
    """A text as it comes: a few words at a time, nothing lost.

    >>> chunks_of("The river is forty kilometres long and flows to the sea.")
    ['The river is forty ', 'kilometres long and ', 'flows to the sea.']
    """
    return _CHUNK.findall(text)


def event(kind: str, **content) -> bytes:
    """One server-sent event.

    >>> event("ping")
    b'event: ping\\ndata: {"type": "ping"}\\n\\n'
    """
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode()


def error_event(body: dict) -> bytes:
    """The event that ends a stream in which something went wrong; `body` is that of an error reply."""
    return f"event: error\ndata: {json.dumps(body)}\n\n".encode()


def broken_off(pieces: tuple[Piece, ...], then: bytes = b"") -> tuple[Piece, ...]:
    """The first half of a stream, and what comes instead of the rest."""
    kept = pieces[: max(2, len(pieces) // 2)]
    return (*kept, Piece(kept[-1].seconds, then)) if then else kept


def _start(message):
    empty = {"content": [], "stop_reason": None, "stop_sequence": None}
    usage = message["usage"] | {"output_tokens": 1}  # the real count comes with the last event but one
    return (
        event("message_start", message=message | empty | {"usage": usage})
        + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        + event("ping")
    )


def _delta(chunk):
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": chunk})


def _end(message):
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    usage = {"input_tokens": message["usage"]["input_tokens"], "output_tokens": message["usage"]["output_tokens"]}
    return (
        event("content_block_stop", index=0)
        + event("message_delta", delta=stop, usage=usage)
        + event("message_stop")
    )

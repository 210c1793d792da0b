"""Real replies in a file, without secrets: written while they come in, looked up when they are replayed.

One line of JSON per reply: the request's essentials, the how-manieth of identical requests it was,
the status, the seconds that it took, and the body. Nothing of the request's headers is kept, and whatever
looks like a key is blacked out.
"""

import difflib
import json
import os
import re
import threading
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.claude.calls import first_words
from course_lib.claude.watching import Sent
from course_lib.errors import BadInput, CourseError
from course_lib.simulation.content import prompt_of

KEPT_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry", "request-id")
NOT_ESSENTIAL = ("stream", "metadata")
BLACKED_OUT = "[key removed]"
SHORTEST_SECRET = 8
"""Characters. A shorter key is a local server's placeholder, and blacking out every "none" would spoil the file."""

_LOOKS_LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{16,}|\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*")


class NotRecorded(CourseError):
    """A request whose reply is not in the file: it can't be replayed. `prompt` is what was asked."""

    def __init__(self, message: str, prompt: str = ""):
        super().__init__(message)
        self.prompt = prompt


@dataclass(frozen=True)
class Recorded:
    """One reply as it came. `number` counts identical requests from 0; `body` is the reply's JSON, or its text."""

    request: dict
    number: int
    status: int
    seconds: float
    headers: dict = field(default_factory=dict)
    body: object = None

    def line(self) -> str:
        """Its line in the file.

        >>> print(Recorded({"model": "m"}, 0, 200, 1.5, {}, {"content": []}).line())
        {"request": {"model": "m"}, "number": 0, "status": 200, "seconds": 1.5, "headers": {}, "body": {"content": []}}
        """
        return json.dumps(vars(self), ensure_ascii=False)


class Recorder:
    """Writes each reply into a file as it comes in; goes on with a file that is there already.

    A line is written in one piece, so that many threads and a sudden end spoil at most the last one.
    """

    def __init__(self, path: str | os.PathLike, secrets: tuple[str, ...] = ()):
        self.path = _checked_path(path, "record")
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._lock = threading.Lock()
        self._next: dict[str, int] = defaultdict(int)
        if not self.path.parent.is_dir():
            raise BadInput(f"There is no folder {str(self.path.parent)!r} to record in; make it first, or write another path.")
        if self.path.exists():
            self._go_on()
        self._append("")  # a file that can't be written is told now, not after the first paid reply

    def __call__(self, sent: Sent) -> "_Recording | None":
        """For `Watch`: numbers the request as it leaves."""
        if not sent.asks:
            return None
        request = without_secrets(essentials(sent.body), self._secrets)
        with self._lock:
            key = _key(request)
            number = self._next[key]
            self._next[key] += 1
        return _Recording(self, request, number, sent.now)

    def write(self, recorded: Recorded) -> None:
        """Append one reply; it is on the disk, as far as Python can tell, when this returns."""
        self._append(recorded.line() + "\n")

    def _append(self, text: str):
        try:
            with self._lock, open(self.path, "ab", buffering=0) as file:
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise CourseError(
                f"The replies can't be written to {str(self.path)!r} ({error.strerror}); choose another path."
            ) from error

    def _go_on(self):
        """Later replies get the next numbers; a line that was cut off is ended, so that the next one starts afresh."""
        content = _content(self.path)
        for recorded in _recorded_in(content, self.path):
            key = _key(recorded.request)
            self._next[key] = max(self._next[key], recorded.number + 1)
        if content and not content.endswith("\n"):
            self._append("\n")


@dataclass
class _Recording:
    recorder: Recorder
    request: dict
    number: int
    started: float

    def answered(self, status, headers, body, now):
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        secrets = self.recorder._secrets
        self.recorder.write(Recorded(
            self.request, self.number, status, round(now - self.started, 3),
            without_secrets(kept, secrets), without_secrets(body, secrets),
        ))

    def lost(self, error, now, *, left=True):
        """No reply, nothing to replay."""


class Replies:
    """The replies of one file, to be looked up by request.

    Raises: BadInput for a file that is not there or holds no replies. A line that was cut off is told and skipped.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = _checked_path(path, "replies")
        if not self.path.is_file():
            raise BadInput(
                f"There is no file {str(self.path)!r} to replay; record one with connect('live', record={str(self.path)!r})."
            )
        self._of: dict[str, list[Recorded]] = defaultdict(list)
        for recorded in _recorded_in(_content(self.path), self.path):
            self._of[_key(recorded.request)].append(recorded)
        if not self._of:
            raise BadInput(f"{str(self.path)!r} holds no replies; record some with connect('live', record=…).")
        for replies in self._of.values():
            replies.sort(key=lambda recorded: recorded.number)

    def __len__(self):
        return sum(map(len, self._of.values()))

    def key(self, body: dict) -> str:
        """What identical requests have in common."""
        return _key(without_secrets(essentials(body)))

    def get(self, body: dict, number: int) -> Recorded:
        """The reply to the how-manieth (from 0) of identical requests. Raises: NotRecorded, with the nearest prompt."""
        replies = self._of.get(self.key(body), ())
        if number < len(replies):
            return replies[number]
        prompt = prompt_of(body)
        if replies:
            raise NotRecorded(
                f"{first_words(prompt, 60)!r} was asked {number + 1} times of {body.get('model')}, and {self.path.name} holds "
                f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'} to it; ask it less often, or record more.", prompt)
        raise NotRecorded(
            f"{first_words(prompt, 60)!r} was never asked while {self.path.name} was recorded. {self._nearest(body, prompt)} "
            f"Ask exactly that, or record this request as well: connect('live', record={str(self.path)!r}).", prompt)

    def _nearest(self, body, prompt) -> str:
        requests = [replies[0].request for replies in self._of.values()]
        for request in requests:
            if prompt_of(request) == prompt:
                differing = [name for name in sorted({*request, *essentials(body)})
                             if request.get(name) != essentials(body).get(name)]
                was = ", ".join(f"{name}={_short(request.get(name))}" for name in differing)
                now = ", ".join(f"{name}={_short(body.get(name))}" for name in differing)
                return f"The same prompt was, but with {was} instead of {now}."
        by_prompt = {prompt_of(request): request for request in requests}
        near = difflib.get_close_matches(prompt, by_prompt, n=1, cutoff=0.0)
        return f"The nearest that was: {_difference(prompt, near[0])}."


def essentials(body: dict) -> dict:
    """What a reply depends on, of a request's body.

    >>> essentials({"model": "m", "messages": [], "stream": True})
    {'model': 'm', 'messages': []}
    """
    return {name: value for name, value in body.items() if name not in NOT_ESSENTIAL}


def without_secrets(value: object, secrets: tuple[str, ...] = ()) -> object:
    """The same JSON with everything blacked out that is one of `secrets`, or looks like a key.

    >>> without_secrets({"note": ["my key is sk-" "ant-api03-abcdefgh12345678"]})
    {'note': ['my key is [key removed]']}
    """
    if isinstance(value, dict):
        return {without_secrets(name, secrets): without_secrets(part, secrets) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_secrets(part, secrets) for part in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, BLACKED_OUT)
    return _LOOKS_LIKE_A_KEY.sub(BLACKED_OUT, value)


def _key(request: dict) -> str:
    return json.dumps(request, sort_keys=True)


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 40 else said[:39] + "…"


def _difference(asked: str, recorded: str) -> str:
    """The recorded prompt, from a little before the place where it leaves the one that was asked."""
    same = next((at for at, (one, other) in enumerate(zip(asked, recorded, strict=False)) if one != other), 0)
    start = max(0, same - 20) if len(recorded) > 60 else 0
    return repr(("…" if start else "") + first_words(recorded[start:], 60))


def _checked_path(path: object, name: str) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not str(path).strip():
        raise BadInput(f"{name}={path!r} is no path; write the name of a file, such as {name}='replies.jsonl'.")
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{name}={str(path)!r} is a folder; write a file in it, such as {str(path / 'replies.jsonl')!r}.")
    return path


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise CourseError(f"{str(path)!r} can't be read ({error.strerror}); choose another file.") from error


def _recorded_in(content: str, path: Path) -> list[Recorded]:
    """What the lines hold. One that is no JSON was cut off; one that is JSON of another kind makes this another file."""
    replies, cut = [], []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            replies.append(_read(json.loads(line), path, number))
        except ValueError as error:
            if isinstance(error, BadInput):
                raise
            cut.append(number)
    if cut:
        lines = ("Line " if len(cut) == 1 else "Lines ") + ", ".join(map(str, cut))
        warnings.warn(
            f"{lines} of {str(path)!r} can't be read, because the recording was cut off there; "
            f"the other {len(replies)} replies can be replayed.", stacklevel=5,
        )
    return replies


def _read(line: object, path: Path, number: int) -> Recorded:
    try:
        recorded = Recorded(**line)
    except TypeError:
        recorded = None
    if recorded is None or not _plausible(recorded):
        raise BadInput(f"Line {number} of {str(path)!r} is no recorded reply; give a file that connect(record=…) has written.")
    return recorded


def _plausible(recorded: Recorded) -> bool:
    kinds = ((recorded.request, dict), (recorded.number, int), (recorded.status, int), (recorded.headers, dict),
             (recorded.seconds, (int, float)))
    return all(isinstance(value, kind) and not isinstance(value, bool) for value, kind in kinds) and recorded.seconds >= 0

"""Cues with exceptions: what an instruction says when it asks for a skill, and what it says when it asks for another."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cues:
    """Several patterns, any of which is a cue, unless one of the exceptions is there too.

    Used like a compiled pattern, so that skills with plain and with careful cues look the same.

    >>> summary = Cues(asked=("summari[sz]e", "gist"), unless=("merge",))
    >>> bool(summary.search("Summarize this.")), bool(summary.search("Merge these and summarize them."))
    (True, False)
    """

    asked: tuple[str, ...]
    unless: tuple[str, ...] = ()

    def search(self, instruction: str) -> re.Match | None:
        """The first cue in the instruction, or None."""
        if any(re.search(pattern, instruction, re.I) for pattern in self.unless):
            return None
        matches = (re.search(pattern, instruction, re.I) for pattern in self.asked)
        return next((match for match in matches if match), None)


class AnyOf:
    """Several cues, each with exceptions of its own."""

    def __init__(self, *cues: Cues):
        self._cues = cues

    def search(self, instruction: str) -> re.Match | None:
        """The first match of any of them, or None."""
        return next((match for cues in self._cues if (match := cues.search(instruction))), None)

    def by_the_last_alone(self, instruction: str) -> bool:
        """Whether only the last of them, the vaguest, matches."""
        return not any(cues.search(instruction) for cues in self._cues[:-1])

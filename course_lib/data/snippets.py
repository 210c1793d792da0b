"""Twenty short Python programs as a reviewer meets them, with the findings that a careful reviewer reports."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class CodeFinding:
    """One true finding.

    aspect: security, performance or style.
    line: where it stands, from 1.
    severity: low, medium or high.
    name: what it is, in a few words.
    """

    aspect: str
    line: int
    severity: str
    name: str


@dataclass(frozen=True)
class Snippet:
    """A piece of code to review. It is never run, and lives in a `.py.txt` file. `findings` are in order of lines."""

    id: str
    title: str
    code: str
    findings: tuple[CodeFinding, ...]


def snippets() -> tuple[Snippet, ...]:
    """The twenty snippets, always in the same order; some of them have nothing wrong.

    >>> len(snippets()), [snippet.id for snippet in snippets() if not snippet.findings]
    (20, ['rate_limiter', 'safe_login', 'word_count'])
    """
    return _snippets()


@lru_cache(maxsize=1)
def _snippets() -> tuple[Snippet, ...]:
    return tuple(
        Snippet(
            row["id"],
            row["title"],
            _read(f"snippets/{row['id']}.py.txt"),
            tuple(CodeFinding(**finding) for finding in row["findings"]),
        )
        for row in json.loads(_read("snippets.json"))["snippets"]
    )


def _read(path: str) -> str:
    return files("course_lib.data").joinpath(path).read_text(encoding="utf-8")

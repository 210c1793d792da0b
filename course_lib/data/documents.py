"""Three long documents in chapters, the facts that a faithful summary keeps, and questions to ask all of them."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Fact:
    """Something that a chapter says.

    chapter: its number, from 1.
    statement: the fact in one sentence.
    key: a number or a name that every faithful summary of the fact contains, as the text writes it.
    """

    chapter: int
    statement: str
    key: str


@dataclass(frozen=True)
class Document:
    """A text in Markdown: a `# title` line, then chapters that start with `## 1. Heading`."""

    id: str
    title: str
    text: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class DocumentQuestion:
    """A question for every document.

    `keys` maps a document's id to what a good answer from it contains; an empty tuple
    means that the document is silent, and that an honest answer says so.
    """

    question: str
    keys: dict[str, tuple[str, ...]]


def documents() -> tuple[Document, ...]:
    """The three documents, in this order: a river's restoration, a lighthouse, a bicycle co-operative.

    >>> for document in documents():
    ...     print(f"{document.id}: {len(document.text.split())} words, {len(document.facts)} facts")
    river: 1111 words, 16 facts
    lighthouse: 1111 words, 17 facts
    bicycles: 974 words, 15 facts
    """
    return _documents()


def questions() -> tuple[DocumentQuestion, ...]:
    """Four questions to put to each document.

    >>> questions()[2].question, questions()[2].keys["bicycles"]
    ('What were the effects on wildlife?', ())
    """
    return _questions()


@lru_cache(maxsize=1)
def _documents() -> tuple[Document, ...]:
    return tuple(
        Document(
            row["id"], row["title"], _read(f"documents/{row['file']}"), tuple(Fact(**fact) for fact in row["facts"])
        )
        for row in json.loads(_read("documents.json"))["documents"]
    )


@lru_cache(maxsize=1)
def _questions() -> tuple[DocumentQuestion, ...]:
    return tuple(
        DocumentQuestion(row["question"], {document: tuple(keys) for document, keys in row["keys"].items()})
        for row in json.loads(_read("questions.json"))["questions"]
    )


def _read(path: str) -> str:
    return files("course_lib.data").joinpath(path).read_text(encoding="utf-8")

"""Splitting: a task cut into sections. Nothing is lost on the way.

    split_by_heading    where the author has cut it already
    split_by_page       scans and PDFs
    split_by_size       where nothing else marks a border
    split_by_file       code, mail, anything in a folder
    split_by_criterion  one text, several questions

Many small things are put into groups by `in_batches` and `in_batches_of_tokens` (course_lib.parallel.grouping).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from course_lib.errors import BadInput, check_list, check_whole, shown


@dataclass(frozen=True)
class Section:
    """One piece of a task: its name and its text."""

    title: str
    text: str


def split_by_heading(text: str, level: int = 2, preface: str | None = None) -> list[Section]:
    """The sections of a Markdown text, one per heading of this level.

    preface: the title of a section for what stands before the first heading; without one, that is left out.

    >>> [section.title for section in split_by_heading("# Book\\n## One\\nA.\\n## Two\\nB.")]
    ['One', 'Two']
    >>> split_by_heading("Hello.\\n## One\\nA.", preface="Preface")
    [Section(title='Preface', text='Hello.'), Section(title='One', text='A.')]
    """
    _check_text(text, "split_by_heading")
    check_whole(level, "level", "is no level of headings", "1 for chapters (#), 2 for their sections (##)")
    text = text.removeprefix("\ufeff")
    lines = re.findall(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z", text)
    headings = _headings(text, f"h{level}")
    if not headings:
        raise BadInput(f"The text has no heading that starts with {'#' * level + ' '!r}; choose another level, or split_by_size.")
    ends = [begins for _, begins, _ in headings[1:]] + [len(lines)]
    sections = [
        Section(title, "".join(lines[goes_on:end]).strip()) for (title, _, goes_on), end in zip(headings, ends, strict=True)
    ]
    before = "".join(lines[: headings[0][1]]).strip()
    return [Section(preface, before), *sections] if preface is not None and before else sections


def _headings(text: str, tag: str) -> list[tuple[str, int, int]]:
    """(title, its line, the line after it) of every heading; none in code, comments, lists or quotations."""
    from markdown_it import MarkdownIt  # whoever splits nothing by headings need not wait for it

    tokens = MarkdownIt().parse(text)
    return [(title.content, *heading.map) for heading, title in pairwise(tokens) if heading.type == "heading_open"
            and heading.tag == tag and heading.level == 0]


def split_by_page(text: str) -> list[Section]:
    """The pages of a text in which form feeds (`\\f`) end pages, as PDF converters write it. Empty pages are left out.

    >>> split_by_page("first\\fsecond\\f")
    [Section(title='page 1', text='first'), Section(title='page 2', text='second')]
    """
    _check_text(text, "split_by_page")
    pages = (Section(f"page {number}", page.strip()) for number, page in enumerate(text.split("\f"), start=1))
    return [page for page in pages if page.text]


def split_by_size(text: str, max_words: int, overlap: int = 0) -> list[Section]:
    """Pieces of at most `max_words` words, cut between sentences; each repeats the last `overlap` sentences before it.

    Inside a piece the text is as it was, lines and all. A sentence longer than `max_words`, such as a table or a list
    without a full stop, is cut between its lines, and a line that is longer still between words.

    >>> [piece.text for piece in split_by_size("One two. Three four. Five six.", max_words=4, overlap=1)]
    ['One two. Three four.', 'Three four. Five six.']
    """
    _check_text(text, "split_by_size")
    check_whole(max_words, "max_words", "makes no piece", 200)
    check_whole(overlap, "overlap", "is no number of sentences", 1, least=0)
    if not text.strip():
        return []
    pieces: list[list[str]] = []
    piece: list[str] = []
    fresh = 0
    for sentence in _sentences(text.strip(), max_words):
        if fresh and _words([*piece, sentence]) > max_words:
            pieces.append(piece)
            piece, fresh = _tail(piece, overlap, max_words - _words([sentence])), 0
        piece, fresh = [*piece, sentence], fresh + 1
    return [Section(f"part {number}", "".join(piece).strip()) for number, piece in enumerate([*pieces, piece], start=1)]


_BORDERS = (r"(?<=[.!?])\s+", r"\n\s*", r"\s+")
"""Of sentences, of lines, of words."""


def _sentences(text: str, max_words: int, borders: tuple[str, ...] = _BORDERS) -> Iterator[str]:
    """The text cut into sentences, those that are too long into lines, and these into words; each keeps the space after it."""
    border, *finer = borders
    starts = [0, *(found.end() for found in re.finditer(border, text))]
    for start, end in pairwise([*starts, len(text)]):
        if finer and _words([text[start:end]]) > max_words:
            yield from _sentences(text[start:end], max_words, tuple(finer))
        elif start < end:
            yield text[start:end]


def split_by_file(paths: Iterable[str | Path]) -> list[Section]:
    """One section per file, named after it, and after its folder where two files share a name.

    Raises: BadInput for a path that cannot be read as text.
    """
    check_list(paths, "paths", "['main.py', 'README.md']")
    paths = [Path(path) for path in paths]
    names = [path.name for path in paths]
    sections = []
    for path in paths:
        title = path.name if names.count(path.name) == 1 else str(path)
        try:
            sections.append(Section(title, path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"The file {str(path)!r} cannot be read as text ({error}); name a text file.") from None
    return sections


def split_by_criterion(text: str, criteria: Iterable[str]) -> list[Section]:
    """The same text once per criterion, each section named after its criterion.

    >>> [section.title for section in split_by_criterion("x = 1", ["security", "style"])]
    ['security', 'style']
    """
    check_list(criteria, "criteria", "['security', 'style']")
    return [Section(criterion, text) for criterion in criteria]


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        example = f"{name}(document.text, …)" if isinstance(getattr(text, "text", None), str) else f"{name}('# A text …')"
        raise BadInput(f"The text is {shown(text)}; write {example}, for example.")


def _words(sentences: list[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _tail(sentences: list[str], count: int, room: int) -> list[str]:
    """The last `count` sentences, or as many of them as leave room for the next one."""
    tail = sentences[-count:] if count else []
    while tail and _words(tail) > room:
        tail = tail[1:]
    return tail

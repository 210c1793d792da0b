"""Splitting loses nothing: not a word, not an item."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.parallel import estimate_tokens, in_batches, in_batches_of_tokens
from course_lib.sectioning import (
    Section,
    split_by_criterion,
    split_by_file,
    split_by_heading,
    split_by_page,
    split_by_size,
)

WORD = st.text("abcde,;", min_size=1, max_size=6)
SENTENCE = st.lists(WORD, min_size=1, max_size=12).map(lambda words: " ".join(words) + ".")
PROSE = st.lists(SENTENCE, min_size=1, max_size=15)


def words(sections):
    return [word for section in sections for word in section.text.split()]


# --- by heading ----------------------------------------------------------------------------------


def test_headings_name_the_sections_and_deeper_ones_stay_inside():
    text = "# Book\nPreface.\n\n## 1. One\nFirst.\n\n### 1.1 Detail\nMore.\n\n## 2. Two  \nSecond.\n"
    assert split_by_heading(text) == [
        Section("1. One", "First.\n\n### 1.1 Detail\nMore."), Section("2. Two", "Second."),
    ]
    assert [section.title for section in split_by_heading(text, level=1)] == ["Book"]
    assert [section.title for section in split_by_heading(text, level=3)] == ["1.1 Detail"]


def test_a_number_sign_inside_a_line_is_no_heading():
    assert split_by_heading("## One\nissue ## 5 and ##x\n") == [Section("One", "issue ## 5 and ##x")]


@pytest.mark.parametrize(("text", "titles"), [
    ("````\n```\n## not this\n````\n## One\n", ["One"]),
    ("~~~~python\n~~~\n## not this\n~~~~\n## One\n", ["One"]),
    ("<!--\n## not this\n-->\n\n## One\n", ["One"]),
    ("## One\n\n    ## not this\n\n> ## nor this\n", ["One"]),
    ("## One ##\n## `Two` #2\n##\tThree\n##Not this\n", ["One", "`Two` #2", "Three"]),
    ("One\n---\nFirst.\n\nTwo\n-----\n\n- a list\n---\n", ["One", "Two"]),
    ("\ufeff## One\n", ["One"]), ("## One\r\nFirst.\r\n## Two\r\n", ["One", "Two"]),
    ("## One\n```\nnever closed\n## not this\n", ["One"]),
])
def test_headings_are_those_of_markdown(text, titles):
    assert [section.title for section in split_by_heading(text)] == titles


def test_what_stands_before_the_first_heading_is_a_section_if_it_gets_a_title():
    text = "# Book\n\nRead this first.\n\n## One\nFirst.\n"
    assert split_by_heading(text, preface="Preface") == [
        Section("Preface", "# Book\n\nRead this first."), Section("One", "First."),
    ]
    assert [section.title for section in split_by_heading("\n## One\nFirst.\n", preface="Preface")] == ["One"]


BLOCK = st.one_of(
    PROSE.map(" ".join),
    st.lists(WORD, min_size=1, max_size=4).map(lambda names: "```python\n## no heading\n" + "\n\n".join(names) + "\n```"),
    st.lists(WORD, min_size=2, max_size=4).map(lambda names: "| a |\n|---|\n" + "\n".join(f"| {name}  |" for name in names)),
    st.lists(WORD, min_size=1, max_size=4).map(lambda names: "\n".join(f"- {name}" for name in names)),
    WORD.map(lambda name: f"### {name}"),
)
MARKDOWN = st.lists(st.tuples(WORD, st.lists(BLOCK, max_size=4)), min_size=1, max_size=5)


@given(MARKDOWN, st.sampled_from(["\n", "\n\n"]))
def test_the_sections_joined_are_the_text(chapters, space):
    bodies = ["\n\n".join(blocks) for _, blocks in chapters]
    text = space.join(f"## {title}\n\n{body}\n" for (title, _), body in zip(chapters, bodies, strict=True))
    sections = split_by_heading(text)
    assert [(section.title, section.text) for section in sections] == [
        (title, body) for (title, _), body in zip(chapters, bodies, strict=True)
    ]


@given(MARKDOWN, st.integers(1, 30))
def test_pieces_by_size_are_the_text_with_nothing_but_space_between_them(chapters, max_words):
    text = "\n\n".join("\n\n".join([f"## {title}", *blocks]) for title, blocks in chapters)
    place = 0
    for piece in split_by_size(text, max_words):
        found = text.index(piece.text, place)
        assert not text[place:found].strip()
        place = found + len(piece.text)
    assert place == len(text)


def test_sections_without_text_are_kept():
    assert split_by_heading("## One\n## Two\n") == [Section("One", ""), Section("Two", "")]


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=5), st.lists(SENTENCE, max_size=4)), min_size=1, max_size=6))
def test_no_word_under_a_heading_is_lost(chapters):
    text = "\n".join(f"## {title}\n{chr(10).join(body)}" for title, body in chapters)
    sections = split_by_heading(text)
    assert [section.title for section in sections] == [title for title, _ in chapters]
    assert [section.text.split() for section in sections] == [" ".join(body).split() for _, body in chapters]


# --- by page -------------------------------------------------------------------------------------


@given(st.lists(PROSE.map(" ".join) | st.just("  "), max_size=6))
def test_no_word_of_any_page_is_lost_and_pages_keep_their_numbers(pages):
    sections = split_by_page("\f".join(pages))
    assert words(sections) == " ".join(pages).split()
    assert [section.title for section in sections] == [
        f"page {number}" for number, page in enumerate(pages, start=1) if page.strip()
    ]


# --- by size -------------------------------------------------------------------------------------


@given(PROSE, st.integers(1, 30), st.sampled_from([" ", "\n", "\n\n"]))
def test_no_word_is_lost_or_doubled_without_overlap(sentences, max_words, space):
    text = space.join(sentences)
    assert words(split_by_size(text, max_words)) == text.split()


@given(PROSE, st.integers(1, 30), st.integers(0, 4))
def test_pieces_keep_to_their_size(sentences, max_words, overlap):
    for piece in split_by_size(" ".join(sentences), max_words, overlap):
        assert len(piece.text.split()) <= max_words


def test_a_text_without_a_full_stop_is_cut_between_lines_and_else_between_words():
    text = "one two\nthree four\nfive six seven eight"
    assert [piece.text for piece in split_by_size(text, max_words=4)] == ["one two\nthree four", "five six seven eight"]
    assert [piece.text for piece in split_by_size(text, max_words=3)] == ["one two", "three four\nfive", "six seven eight"]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12), st.integers(6, 25), st.integers(0, 4))
def test_with_overlap_every_sentence_is_there_in_order_and_only_the_last_ones_repeat(lengths, max_words, overlap):
    sentences = [" ".join([f"s{number}"] * length) + "." for number, length in enumerate(lengths)]
    pieces = [re.split(r"(?<=\.) ", piece.text) for piece in split_by_size(" ".join(sentences), max_words, overlap)]
    seen = []
    for piece in pieces:
        repeated = [sentence for sentence in piece if sentence in seen]
        fresh = [sentence for sentence in piece if sentence not in seen]
        assert piece == repeated + fresh
        assert fresh, "every piece brings something new"
        assert len(repeated) <= overlap
        assert repeated == seen[len(seen) - len(repeated):]
        seen += fresh
    assert seen == sentences


# --- by file, by criterion, in batches -----------------------------------------------------------


def test_files_are_named_and_read(tmp_path):
    for name, text in (("b.py", "x = 'é'\n"), ("a.py", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert split_by_file([tmp_path / "b.py", str(tmp_path / "a.py")]) == [Section("b.py", "x = 'é'\n"), Section("a.py", "")]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    for path in (tmp_path / "missing.py", tmp_path / "picture.png", tmp_path):
        with pytest.raises(BadInput) as caught:
            split_by_file([path])
        assert repr(str(path)) in str(caught.value)
        assert "name a text file" in str(caught.value)


def test_every_criterion_gets_the_whole_text():
    assert split_by_criterion("x = 1", iter(["security", "style"])) == [Section("security", "x = 1"), Section("style", "x = 1")]


@given(st.lists(st.integers(), max_size=50), st.integers(1, 12))
def test_batches_hold_every_item_once_and_only_the_last_is_smaller(items, size):
    batches = in_batches(items, size)
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)


def test_files_of_the_same_name_keep_apart(tmp_path):
    paths = [tmp_path / "a" / "notes.txt", tmp_path / "b" / "notes.txt", tmp_path / "c.txt"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text("text", encoding="utf-8")
    titles = [section.title for section in split_by_file(paths)]
    assert titles == [str(paths[0]), str(paths[1]), "c.txt"]


def test_windows_line_ends_stay_out_of_titles():
    assert [section.title for section in split_by_heading("## One\r\nA.\r\n## Two\r\nB.")] == ["One", "Two"]


def test_nothing_is_cut_into_no_pieces():
    assert split_by_size("  \n", 5) == []


# --- batches of tokens ---------------------------------------------------------------------------


@given(st.lists(st.text("ab ", max_size=40), max_size=30), st.integers(1, 12))
def test_token_batches_hold_every_item_once_in_order_and_keep_to_their_size(items, most):
    batches = in_batches_of_tokens(items, most)
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == 1 or sum(map(estimate_tokens, batch)) <= most for batch in batches)


@given(st.lists(st.text("ab ", max_size=40), max_size=30), st.integers(1, 12))
def test_no_token_batch_ends_before_it_must(items, most):
    batches = in_batches_of_tokens(items, most)
    for batch, following in pairwise(batches):
        assert sum(map(estimate_tokens, [*batch, following[0]])) > most


def test_an_item_over_the_limit_is_alone_and_neither_lost_nor_cut():
    assert in_batches_of_tokens(["a" * 8, "b" * 400, "c" * 8], 4) == [["a" * 8], ["b" * 400], ["c" * 8]]


def test_whatever_has_a_text_can_be_put_into_batches():
    sections = [Section("One", "a" * 8), Section("Two", "b" * 8), Section("Three", "c" * 8)]
    batches = in_batches_of_tokens(iter(sections), 4, text=lambda section: section.text)
    assert [[section.title for section in batch] for batch in batches] == [["One", "Two"], ["Three"]]


def test_tokens_are_estimated_as_the_simulation_counts_them():
    from course_lib.claude import connect, run_simulated

    claude = connect(sdk=False)
    prompts = [f"Summarize in one sentence. <text>{'The river is long. ' * n}</text>" for n in (1, 10, 100)]
    for prompt in prompts:
        run_simulated(claude.ask(prompt))
    estimates = [estimate_tokens(prompt) for prompt in prompts]
    assert all(abs(call.input_tokens - estimate) <= 8 for call, estimate in zip(claude.log, estimates, strict=True))

"""Fan-in: nothing lost, nothing doubled, and every entry says who found it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.aggregation import Merged, Part, UnreadablePart, concatenate, read_json, union
from course_lib.errors import CourseError

FINDERS = st.lists(st.lists(st.integers(0, 8), max_size=6), max_size=6)


def parts_of(lists):
    return [Part(f"part {number}", json.dumps(entries)) for number, entries in enumerate(lists)]


def itself(entry):
    return entry


# --- concatenate ---------------------------------------------------------------------------------


def test_every_answer_stands_under_its_title_in_order():
    assert concatenate([Part("B", "two\nlines"), Part("A", "")]) == "## B\ntwo\nlines\n\n## A\n"


def test_no_parts_no_text():
    assert concatenate([]) == ""


# --- union ---------------------------------------------------------------------------------------


@given(FINDERS)
def test_union_holds_every_entry_once_with_exactly_those_who_found_it(lists):
    merged = union(parts_of(lists), same=itself)
    assert [one.entry for one in merged] == list(dict.fromkeys(entry for entries in lists for entry in entries))
    for one in merged:
        finders = tuple(f"part {number}" for number, entries in enumerate(lists) if one.entry in entries)
        assert one.found_by == finders
        assert one.support == len(finders)


@given(FINDERS)
def test_the_order_of_the_parts_changes_neither_entries_nor_finders(lists):
    forwards = union(parts_of(lists), same=itself)
    backwards = union(reversed(parts_of(lists)), same=itself)

    def content(merged):
        return sorted((one.entry, sorted(one.found_by)) for one in merged)

    assert content(forwards) == content(backwards)


def test_who_says_it_twice_has_found_it_once():
    (merged,) = union([Part("a", "[3, 3]"), Part("b", "[3]"), Part("a", "[3]")], same=itself)
    assert merged == Merged(3, ("a", "b"))


def test_the_entry_is_kept_as_it_was_said_first():
    parts = [Part("a", '[{"line": 3, "message": "slow"}]'), Part("b", '[{"line": 3, "message": "quadratic"}]')]
    (merged,) = union(parts, same=lambda entry: entry["line"])
    assert (merged.entry["message"], merged.found_by) == ("slow", ("a", "b"))


def test_what_is_the_same_decides_between_double_counting_and_losing():
    parts = [Part("a", '[{"line": 3, "kind": "x"}]'), Part("b", '[{"line": 3, "kind": "y"}]')]
    assert len(union(parts, same=lambda entry: entry["line"])) == 1
    assert len(union(parts, same=lambda entry: (entry["line"], entry["kind"]))) == 2


def test_another_reader_reads_other_formats():
    merged = union([Part("a", "x, y"), Part("b", "y")], same=str.casefold, read=lambda part: part.answer.split(", "))
    assert [(one.entry, one.support) for one in merged] == [("x", 1), ("y", 2)]


@pytest.mark.parametrize("answer", ['{"error": "I don\'t know how"}', '"spam"', "5", "null", "true"])
def test_an_answer_that_is_no_list_has_no_entries_to_count(answer):
    with pytest.raises(UnreadablePart, match="answer for 'b' is no list") as caught:
        union([Part("a", "[1]"), Part("b", answer)], same=itself)
    assert "ask for a JSON list" in str(caught.value)


# --- reading -------------------------------------------------------------------------------------


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_json_is_read_as_it_was_written(value):
    assert read_json(Part("a", json.dumps(value))) == value


@pytest.mark.parametrize("answer", ["", "no findings", "[1, 2", "Here you are: [1]"])
def test_an_answer_that_is_no_json_names_its_section_and_shows_its_beginning(answer):
    with pytest.raises(CourseError) as caught:
        read_json(Part("security", answer))
    message = str(caught.value)
    assert "'security' is no JSON" in message
    assert repr(answer) in message
    assert "ask again" in message

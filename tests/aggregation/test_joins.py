"""Fan-in: nothing lost, nothing doubled, and every entry says who found it."""

import json
from dataclasses import dataclass
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.aggregation import (
    Conflict,
    MergeConflict,
    Merged,
    MissingPart,
    Part,
    UnreadablePart,
    concatenate,
    contradictions,
    count_once,
    likeness,
    merge,
    read_json,
    union,
)

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


# --- nearly the same -----------------------------------------------------------------------------

WORDING = st.lists(st.sampled_from(["query", "built", "from", "input", "not", "3", "4", "slow"]), max_size=6).map(" ".join)
WORDINGS = st.lists(st.lists(WORDING, max_size=4), max_size=4)


def findings(*messages, line=3):
    return json.dumps([{"line": line, "message": message} for message in messages])


def line_of(entry):
    return entry["line"]


def message_of(entry):
    return entry["message"]


def test_double_counting_the_naive_way_and_ours():
    parts = [
        Part("security", findings("The query is built from user input.")),
        Part("style", findings("Query is built from user input")),
    ]
    naive = {(finding["line"], finding["message"]) for part in parts for finding in read_json(part)}
    assert len(naive) == 2  # one problem looks like two
    (merged,) = union(parts, same=line_of, near=message_of)
    assert merged.found_by == ("security", "style")
    assert [entry["message"] for _, entry in merged.mentions] == [
        "The query is built from user input.", "Query is built from user input",
    ]


def test_lost_findings_the_naive_way_and_ours():
    parts = [
        Part("security", findings("The password is in the code.")),
        Part("style", findings("The name `l` looks like a one.")),
    ]
    naive = {finding["line"]: finding for part in parts for finding in read_json(part)}
    assert len(naive) == 1  # two problems in one line, and one of them is gone
    assert [merged.entry["message"] for merged in union(parts, same=line_of, near=message_of)] == [
        "The password is in the code.", "The name `l` looks like a one.",
    ]


def test_the_same_words_in_another_line_are_another_finding():
    parts = [Part("a", findings("A name is too short.", line=3)), Part("b", findings("A name is too short.", line=8))]
    assert len(union(parts, same=line_of, near=message_of)) == 2
    assert len(union(parts, near=message_of)) == 1


@given(WORDING, WORDING)
def test_likeness_is_symmetric_and_one_for_the_same_words(one, other):
    assert likeness(one, other) == likeness(other, one)
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, f" {one.upper()} .") == 1.0


@pytest.mark.parametrize(("one", "other"), [
    ("It opened in 1931", "It opened in 1913"),
    ("The limit is -5 degrees", "The limit is 5 degrees"),
    ("The limit is 5.0 degrees", "The limit is 50 degrees"),
    ("The query is safe", "The query is not safe"),
    ("The file does close", "The file doesn't close"),
    ("The file does close", "The file doesn’t close"),
    ("There are tests for it", "There are no tests for it"),
    ("", "Anything"),
])
def test_what_would_be_a_contradiction_is_never_alike(one, other):
    assert likeness(one, other) == 0.0


def test_a_word_order_turned_round_is_less_alike():
    assert likeness("the cat bit the dog", "the dog bit the cat") < 1.0
    assert likeness("otters eat fish", "fish eat otters") < 0.5


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_wordings_are_alike_through_others_too(order):
    middle, one, other = "one two three four five", "one two three four six", "zero two three four five"
    assert likeness(one, other) < 0.6 < min(likeness(middle, one), likeness(middle, other))
    said = [(middle, one, other)[place] for place in order]
    (merged,) = union([Part("a", json.dumps(said))], near=itself, threshold=0.6)
    assert [entry for _, entry in merged.mentions] == said


@given(WORDINGS, st.randoms(use_true_random=False))
def test_which_wordings_belong_together_does_not_depend_on_their_order(lists, shuffle):
    def groups(mixed):
        merged = union(parts_of(mixed), near=itself, threshold=0.5)
        return sorted(sorted({entry for _, entry in one.mentions}) for one in merged)

    mixed = [list(entries) for entries in lists]
    for entries in mixed:
        shuffle.shuffle(entries)
    shuffle.shuffle(mixed)
    assert groups(lists) == groups(mixed)


@given(WORDINGS, st.sampled_from([0.3, 0.5, 0.75, 1.0]))
def test_a_union_of_a_union_changes_nothing(lists, threshold):
    once = union(parts_of(lists), near=itself, threshold=threshold)
    assert union(once, near=itself, threshold=threshold) == once
    again = union([Part("all", json.dumps([one.entry for one in once]))], near=itself, threshold=threshold)
    assert [one.entry for one in again] == [one.entry for one in once]


@given(WORDINGS, st.sampled_from([0.3, 0.5, 0.75, 1.0]))
def test_no_mention_is_lost_and_groups_stand_in_order_of_appearance(lists, threshold):
    parts = parts_of(lists)
    said = [(part.title, entry) for part, entries in zip(parts, lists, strict=True) for entry in entries]
    merged = union(parts, near=itself, threshold=threshold)
    assert sorted(mention for one in merged for mention in one.mentions) == sorted(said)
    firsts = [said.index(one.mentions[0]) for one in merged]
    assert firsts == sorted(firsts)
    assert all(one.entry == one.mentions[0][1] for one in merged)


@given(WORDINGS, st.sampled_from([0.3, 0.5, 0.75, 1.0]))
def test_near_groups_are_what_a_slow_comparison_of_all_pairs_gives(lists, threshold):
    """Reference: the connected groups of "alike", grown one by one."""
    texts = [entry for entries in lists for entry in entries]
    left, groups = set(range(len(texts))), []
    while left:
        group, grown = {min(left)}, set()
        while group != grown:
            grown = set(group)
            group |= {b for a in grown for b in left if likeness(texts[a], texts[b]) >= threshold}
        left -= group
        groups.append(sorted(texts[place] for place in group))
    merged = union(parts_of(lists), near=itself, threshold=threshold)
    assert [sorted(entry for _, entry in one.mentions) for one in merged] == groups


@given(FINDERS, st.integers(1, 4))
def test_support_counts_sections_not_mentions(lists, at_least):
    everything = union(parts_of(lists), same=itself)
    supported = union(parts_of(lists), same=itself, at_least=at_least)
    assert supported == [one for one in everything if sum(one.entry in entries for entries in lists) >= at_least]


def test_entries_that_cannot_be_looked_up_are_compared_all_the_same():
    parts = [Part("a", '[{"line": 3, "tags": ["x"]}]'), Part("b", '[{"tags": ["x"], "line": 3}]')]
    (merged,) = union(parts, same=itself)
    assert merged.support == 2


# --- counting once -------------------------------------------------------------------------------


def test_what_stands_in_two_overlapping_sections_is_counted_once():
    parts = [Part("page 1", '["otter", "heron"]'), Part("page 2", '["heron", "newt"]')]
    naive = sum(len(read_json(part)) for part in parts)
    count = count_once(parts, same=str)
    assert naive == count.summed == 4
    assert (count.distinct, count.too_many) == (3, 1)
    assert [(one.entry, one.found_by) for one in count.repeated] == [("heron", ("page 1", "page 2"))]


def test_a_section_that_lists_a_thing_twice_is_told_as_well():
    count = count_once([Part("page 1", '["otter", "otter"]')], same=str)
    assert (count.distinct, count.summed) == (1, 2)
    assert [(one.entry, one.found_by, len(one.mentions)) for one in count.repeated] == [("otter", ("page 1",), 2)]


def test_claims_that_add_to_more_than_there_is():
    parts = [Part("page 1", '["otter", "heron"]'), Part("page 2", '["heron"]')]
    count = count_once(parts, same=str, claimed={"page 1": 2, "page 2": 3, "page 9": 1})
    assert (count.distinct, count.summed, count.too_many) == (2, 6, 4)
    assert count.miscounted == (("page 2", 3, 1), ("page 9", 1, 0))


@given(FINDERS)
def test_the_sum_is_too_large_by_exactly_what_is_repeated(lists):
    count = count_once(parts_of(lists), same=itself)
    assert count.distinct == len({entry for entries in lists for entry in entries})
    assert count.too_many == sum(len(one.mentions) - 1 for one in count.repeated)


# --- contradictions ------------------------------------------------------------------------------

FACTS = [
    Part("guide", '[{"bridge": "Old", "opened": 1931}, {"bridge": "New", "opened": 1990}]'),
    Part("letter", '[{"bridge": "Old", "opened": 1913}]'),
    Part("plaque", '[{"bridge": "Old", "opened": 1931}, {"bridge": "New", "opened": null}]'),
]


def bridge(entry):
    return entry["bridge"]


def opened(entry):
    return entry["opened"]


def test_contradictions_the_naive_way_and_ours():
    naive = {bridge(fact): opened(fact) for part in FACTS[:2] for fact in read_json(part)}
    assert naive["Old"] == 1913  # whoever speaks last is right, and nobody hears of it
    (conflict,) = contradictions(FACTS, about=bridge, value=opened)
    assert conflict == Conflict("Old", ((1931, ("guide", "plaque")), (1913, ("letter",))))
    assert str(conflict) == "Old: 1931 (guide, plaque) or 1913 (letter)"


def test_a_union_by_subject_still_knows_what_it_has_hidden():
    merged = union(FACTS, same=bridge)
    assert [opened(one.entry) for one in merged] == [1931, 1990]
    assert [str(one) for one in contradictions(merged, about=bridge, value=opened)] == [
        "Old: 1931 (guide, plaque) or 1913 (letter)"
    ]


def test_a_section_can_contradict_itself():
    (conflict,) = contradictions([Part("a", '[["x", 1], ["x", 2]]')], lambda entry: entry[0], lambda entry: entry[1])
    assert conflict.said == ((1, ("a",)), (2, ("a",)))


def test_values_written_alike_do_not_contradict():
    parts = [Part("a", '[["length", "5 km"]]'), Part("b", '[["length", "5km"]]'), Part("c", '[["length", 5]]')]

    def kilometres(entry):
        return float(str(entry[1]).removesuffix("km"))

    assert contradictions(parts, about=lambda entry: entry[0], value=kilometres) == []
    assert len(contradictions(parts, about=lambda entry: entry[0], value=lambda entry: entry[1])) == 1


def test_true_is_not_one():
    assert len(contradictions([Part("a", '[["x", true]]'), Part("b", '[["x", 1]]')], lambda e: e[0], lambda e: e[1])) == 1


# --- records -------------------------------------------------------------------------------------


def records(*texts):
    return [Part(name, text) for name, text in zip("abcdef", texts, strict=False)]


BRIDGES = records(
    '{"name": "Old Bridge", "built": {"year": 1931, "by": "Ash"}, "sources": ["guide"]}',
    '{"name": "Old Bridge", "built": {"year": 1913}, "length": 120, "sources": ["letter", "guide"]}',
    '{"name": "Old Bridge", "built": {"year": 1931, "by": null}}',
)


def test_what_one_section_says_is_kept_lists_are_united_and_everything_says_where_it_is_from():
    merged = merge(BRIDGES, conflicts="most common")
    assert merged.fields == {
        "name": "Old Bridge", "built": {"year": 1931, "by": "Ash"}, "sources": ["guide", "letter"], "length": 120,
    }
    assert merged.found_by == {
        "name": ("a", "b", "c"), "built.year": ("a", "c"), "built.by": ("a",), "sources[0]": ("a", "b"),
        "sources[1]": ("b",), "length": ("b",),
    }
    assert [str(conflict) for conflict in merged.conflicts] == ["built.year: 1931 (a, c) or 1913 (b)"]


@pytest.mark.parametrize(("policy", "year"), [("first", 1), ("most common", 2), ("list all", [1, 2])])
def test_the_policies_and_that_all_report_the_conflict(policy, year):
    merged = merge(records('{"year": 1}', '{"year": 2}', '{"year": 2}'), conflicts=policy)
    assert merged.fields == {"year": year}
    assert merged.conflicts == [Conflict("year", ((1, ("a",)), (2, ("b", "c"))))]


def test_raise_names_everything_that_is_in_conflict():
    with pytest.raises(MergeConflict) as caught:
        merge(records('{"year": 1, "by": "Ash"}', '{"year": 2, "by": "Elm"}'))
    assert "year: 1 (a) or 2 (b); by: 'Ash' (a) or 'Elm' (b). Ask again, or decide beforehand" in str(caught.value)
    assert [conflict.about for conflict in caught.value.conflicts] == ["year", "by"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_tie_is_left_open_whatever_the_order(order):
    merged = merge(records('{"year": 1}', '{"year": 2}')[::order], conflicts="most common")
    assert merged.fields == {"year": None}
    assert "year" not in merged.found_by
    assert len(merged.conflicts) == 1


def test_a_value_and_a_list_are_a_conflict():
    assert len(merge(records('{"by": "Ash"}', '{"by": ["Ash"]}'), conflicts="first").conflicts) == 1


def test_values_can_be_told_to_agree():
    parts = records('{"city": "Velmouth"}', '{"city": " velmouth "}')
    assert len(merge(parts, conflicts="first").conflicts) == 1
    merged = merge(parts, same=lambda value: value.strip().casefold())
    assert (merged.fields, merged.found_by) == ({"city": "Velmouth"}, {"city": ("a", "b")})


def test_pydantic_models_are_merged_field_by_field():
    from pydantic import BaseModel

    class Built(BaseModel):
        year: int | None = None
        by: str = "unknown"

    class Bridge(BaseModel):
        name: str
        built: Built = Built()
        sources: list[str] = []

    parts = [
        Part("guide", Bridge(name="Old", built=Built(year=1931), sources=["p. 3"])),
        Part("letter", Bridge(name="Old", built=Built(by="Ash"), sources=["p. 9"])),
    ]
    merged = merge(parts)  # a default that nobody set contradicts nobody
    assert Bridge(**merged.fields) == Bridge(name="Old", built=Built(year=1931, by="Ash"), sources=["p. 3", "p. 9"])
    assert merged.found_by["built.by"] == ("letter",)


def test_dataclasses_and_dicts_are_records_too():
    @dataclass
    class Fact:
        year: int | None = None
        by: str | None = None

    merged = merge([Part("a", Fact(year=1931)), Part("b", {"by": "Ash"})])
    assert Fact(**merged.fields) == Fact(1931, "Ash")


@given(st.lists(st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2)), max_size=5),
       st.sampled_from(["first", "most common", "list all"]))
def test_no_field_is_lost_and_every_value_was_said_by_those_it_names(said, policy):
    parts = [Part(str(number), json.dumps(record)) for number, record in enumerate(said)]
    merged = merge(parts, conflicts=policy)
    assert merged.fields.keys() == {name for record in said for name in record}
    assert {conflict.about for conflict in merged.conflicts} == {
        name for name in merged.fields if len({record[name] for record in said if name in record}) > 1
    }
    for name, value in merged.fields.items():
        if not isinstance(value, list) and value is not None:
            assert merged.found_by[name] == tuple(str(n) for n, record in enumerate(said) if record.get(name) == value)


@pytest.mark.parametrize("answer", ["[1]", '"x"', "3", "null"])
def test_an_answer_that_is_no_record_is_named(answer):
    with pytest.raises(UnreadablePart, match=r"The answer for 'a' is no record: .*; ask for a JSON object"):
        merge([Part("a", answer)])


def test_nothing_merged_is_nothing():
    assert merge([]).fields == {}
    assert union([], same=str) == contradictions([], str, str) == []


@pytest.mark.parametrize("join", [merge, lambda parts: union(parts, same=str), lambda parts: count_once(parts, same=str),
                                  lambda parts: contradictions(parts, str, str)])
def test_no_join_but_concatenation_passes_over_a_missing_part(join):
    with pytest.raises(UnreadablePart, match=r"'b' has no answer: '\(missing: Overloaded\)'; join answered\(parts\)"):
        join([MissingPart("b", "(missing: Overloaded)")])

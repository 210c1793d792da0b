import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.grading.cells.compare import LONGEST_SHOWN, compare_case, equal, expected_and_came, show_difference

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def reference(value=3.0, **more):
    return {
        "name": "a case",
        "status": "value",
        "value": value,
        "points": 2,
        "compare": {"kind": "equal"},
        "hint": "",
        "when": [],
    } | more


def given_value(value):
    return {"name": "a case", "status": "value", "value": value}


@given(JSON_VALUES)
def test_every_value_equals_itself_also_after_a_trip_through_json(value):
    assert equal(value, value)
    assert equal(value, json.loads(json.dumps(value)))


@given(JSON_VALUES, JSON_VALUES)
def test_equality_is_symmetric(one, other):
    assert equal(one, other) == equal(other, one)


@given(st.floats(min_value=1e-3, max_value=1e12))
def test_floats_are_equal_within_a_millionth_and_not_beyond(number):
    assert equal(number, number * (1 + 5e-7))
    assert not equal(number, number * (1 + 5e-6))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (3, 3.0, True), (True, 1, False), (False, 0.0, False), (True, True, True), ("3", 3, False),
        (None, False, False),
        ([1, 2], [2, 1], False), ([1], [1, 1], False), ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        (10**18, 10**18 + 1, False), (10**400, 1.5, False), (0.0, 1e-12, True), ([], {}, False),
    ],
)  # fmt: skip
def test_what_counts_as_equal(one, other, same):
    assert equal(one, other) is same


def test_a_right_value_earns_all_points_and_needs_no_words():
    result = compare_case(reference(), given_value(3))
    assert (result.passed, result.status, result.points, result.earned, result.message) == (True, "passed", 2, 2, "")


def test_a_wrong_value_is_told_with_what_was_expected_and_the_hint():
    result = compare_case(reference(hint="Await them together."), given_value(30.0))
    assert not result.passed
    assert result.earned == 0
    assert result.message == "Expected 3.0, but 30.0 came. Hint: Await them together."


def test_the_authors_message_replaces_the_bare_values():
    case = reference(when=[[30, "30 s is ten calls one after another."]], hint="Look for an `await` in the loop.")
    result = compare_case(case, given_value(30.0000001))
    assert result.message == "30 s is ten calls one after another. Hint: Look for an `await` in the loop."
    assert (result.expected, result.came) == ("3.0", "30.0000001")


@pytest.mark.parametrize(
    ("rule", "value", "passed"),
    [
        ({"kind": "at_most", "bound": 5}, 5, True), ({"kind": "at_most", "bound": 5}, 6, False),
        ({"kind": "at_least", "bound": 2}, 2, True), ({"kind": "at_least", "bound": 2}, 1.9, False),
        ({"kind": "near", "target": 3.0, "tolerance": 0.5}, 3.5, True),
        ({"kind": "near", "target": 3.0, "tolerance": 0.5}, 2.4, False),
        ({"kind": "near", "target": 3.0, "tolerance": 0.5}, 10**400, False),
        ({"kind": "at_most", "bound": 5}, True, False), ({"kind": "at_most", "bound": 5}, "5", False),
        ({"kind": "at_most", "bound": 5}, float("nan"), False),
    ],
)  # fmt: skip
def test_bounds(rule, value, passed):
    assert compare_case(reference(compare=rule), given_value(value)).passed is passed


def test_a_bound_is_told_in_words():
    assert expected_and_came({"compare": {"kind": "near", "target": 3.0, "tolerance": 0.5}}, 9) == (
        "3.0 (give or take 0.5)",
        "9",
    )
    assert expected_and_came({"compare": {"kind": "at_least", "bound": 2}}, 1) == ("at least 2", "1")


def test_an_error_is_told_and_a_task_nobody_began_is_no_error():
    raised = compare_case(reference(), {"status": "raised", "error": "KeyError: 'topic'"})
    assert raised.message == "It raised KeyError: 'topic'."
    assert raised.status == "failed"
    untouched = compare_case(reference(), {"status": "not attempted", "error": ""})
    assert (untouched.status, untouched.message) == ("not attempted", "Not done yet.")
    waiting = compare_case(reference(), {"status": "not attempted", "error": "needs task 1.1"})
    assert waiting.message == "This needs task 1.1 first."


def test_a_case_that_was_not_reached():
    assert compare_case(reference(), None).status == "not reached"


@pytest.mark.parametrize(
    "forged", [{}, {"status": "value"}, {"status": 7, "value": 3.0}, {"status": "passed", "value": 3.0, "points": 9}]
)
def test_whatever_a_submission_emits_only_its_value_can_earn_points(forged):
    result = compare_case(reference(), forged)
    assert not result.passed
    assert (result.points, result.earned) == (2, 0)


@given(JSON_VALUES)
def test_no_emitted_case_makes_the_comparison_fail(anything):
    result = compare_case(reference(value=["expected"]), anything)
    assert not result.passed
    assert result.message
    assert not compare_case(reference(value=["expected"]), {"status": "value", "value": anything}).passed


def test_a_hidden_case_gives_away_neither_values_nor_the_words_of_an_error():
    secret = reference(value="the secret answer")
    wrong = compare_case(secret, given_value("a wrong answer"), reveal=False)
    raised = compare_case(secret, {"status": "raised", "error": "KeyError: 'the secret input'"}, reveal=False)
    assert (wrong.message, wrong.expected, wrong.came) == ("", "", "")
    assert raised.message == "It raised KeyError."


def test_long_texts_are_shown_around_their_first_difference():
    expected, came = show_difference("x" * 300 + "spam" + "y" * 300, "x" * 300 + "ham" + "y" * 300)
    assert "spam" in expected
    assert "ham" in came
    assert max(len(expected), len(came)) <= LONGEST_SHOWN


def test_long_lists_are_shown_at_their_first_difference():
    right = [{"id": number, "label": "spam or not spam"} for number in range(20)]
    wrong = [*right[:7], {"id": 7, "label": "ham"}, *right[8:]]
    assert show_difference(right, wrong) == ("at [7]['label']: 'spam or not spam'", "at [7]['label']: 'ham'")
    assert show_difference(right, right[:19]) == ("20 items", "19 items")


@given(JSON_VALUES, JSON_VALUES)
def test_what_is_shown_is_never_long(one, other):
    for text in show_difference([one] * 9, [other] * 9):
        assert len(text) <= LONGEST_SHOWN + 60  # the value, and the way to it

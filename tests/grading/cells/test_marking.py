"""From emitted results to marks, without a kernel."""

import pytest
from nbformat.v4 import new_code_cell

from course_lib.grading.cells.marking import DIED, HIDDEN_SENTENCE, RAISED, RAN, STOPPED, CellRun, judge

CASES = [
    {"name": name, "status": "value", "value": number, "error": "", "points": number, "compare": {"kind": "equal"},
     "hint": "", "when": []}
    for number, name in enumerate(("one", "two", "three"), start=1)
]  # fmt: skip
REFERENCE = {"task": "1.1", "hidden": False, "cases": CASES}


def emitted(*values):
    names = ("one", "two", "three")
    cases = [
        {"name": name, "status": "value", "value": value, "error": ""}
        for name, value in zip(names, values, strict=False)
    ]
    return {"task": "1.1", "cases": cases}


def judged(run, *, hidden=False):
    cell = new_code_cell("", metadata={"tags": ["check", "hidden"] if hidden else ["check"], "course": {"task": "1.1"}})
    return judge(cell, REFERENCE, run, 10.0)


def outcome(run):
    return [(mark.status, mark.earned) for mark in judged(run)]


def test_each_case_for_itself():
    assert outcome(CellRun(RAN, bundles=[emitted(1, 0, 3)])) == [("passed", 1), ("failed", 0), ("passed", 3)]


def test_order_and_extra_cases_do_not_matter():
    bundle = emitted(1, 2, 3)
    bundle["cases"] = [*reversed(bundle["cases"]), {"name": "four", "points": 1000, "status": "value", "value": 1}]
    assert outcome(CellRun(RAN, bundles=[bundle])) == [("passed", 1), ("passed", 2), ("passed", 3)]


def test_points_and_expectations_of_the_submission_are_ignored():
    bundle = emitted(7, 7, 7)
    for case in bundle["cases"]:
        case.update(points=100, compare={"kind": "at_least", "bound": 0}, when=[[7, "fine"]], earned=100, passed=True)
    assert outcome(CellRun(RAN, bundles=[bundle])) == [("failed", 0)] * 3


def test_interrupted_in_the_middle_keeps_what_came_before():
    assert outcome(CellRun(STOPPED, bundles=[emitted(1)])) == [("passed", 1), ("timed out", 0), ("not reached", 0)]
    bundle = emitted(1)
    bundle["cases"].append({"name": "two", "status": "raised", "error": "KeyboardInterrupt"})
    assert outcome(CellRun(STOPPED, bundles=[bundle]))[:2] == [("passed", 1), ("timed out", 0)]


@pytest.mark.parametrize(
    ("state", "status"), [(STOPPED, "timed out"), (DIED, "crashed"), (RAISED, "failed"), (RAN, "failed")]
)
def test_nothing_emitted(state, status):
    assert outcome(CellRun(state)) == [(status, 0)] * 3


def test_an_error_of_the_check_is_told_unless_hidden():
    run = CellRun(RAISED, "ZeroDivisionError", "division\nby zero")
    assert judged(run)[0].message == "The check stopped with ZeroDivisionError: division by zero."
    assert "Zero" not in judged(run, hidden=True)[0].message


def test_two_results_are_one_too_many():
    marks = judged(CellRun(RAN, bundles=[emitted(1, 2, 3), emitted(1, 2, 3)]))
    assert [mark.status for mark in marks] == ["failed"] * 3
    assert marks[0].message.startswith("The check showed more than one result")


def test_a_result_for_another_task_is_none():
    assert outcome(CellRun(RAN, bundles=[emitted(1, 2, 3) | {"task": "9.9"}])) == [("failed", 0)] * 3


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [None, [], {}, {"a": []}, "1", True, nested(500), float("nan"), 10**400])
def test_any_json_can_come(value):
    assert outcome(CellRun(RAN, bundles=[emitted(value, 2, 3)])) == [("failed", 0), ("passed", 2), ("passed", 3)]


@pytest.mark.parametrize(
    "bundle", [None, [], 3, "x", {"task": "1.1"}, {"task": "1.1", "cases": {}}, {"task": "1.1", "cases": [1, None]}]
)
def test_any_json_can_be_the_result(bundle):
    assert outcome(CellRun(RAN, bundles=[bundle])) == [("failed", 0), *outcome(CellRun(RAN, bundles=[bundle]))[1:]]


def test_a_hidden_case_says_nothing_of_inputs_values_or_errors():
    marks = judged(CellRun(RAN, bundles=[emitted("secret", 2, 3)]), hidden=True)
    assert marks[0].message == HIDDEN_SENTENCE
    assert marks[0].hidden
    bundle = emitted(1, 2)
    bundle["cases"] += [{"name": "three", "status": "raised", "error": "secret_input: secret words"}]
    assert "secret" not in judged(CellRun(RAN, bundles=[bundle]), hidden=True)[2].message
    bundle["cases"][-1]["error"] = "KeyError: 'secret'"
    assert judged(CellRun(RAN, bundles=[bundle]), hidden=True)[2].message.startswith("It raised KeyError")
    assert "secret" not in judged(CellRun(RAN, bundles=[bundle]), hidden=True)[2].message

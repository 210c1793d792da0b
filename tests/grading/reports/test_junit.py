"""JUnit XML that CI systems can read, with no more in it than students may see."""

from xml.etree import ElementTree

from course_lib.grading.cells.marks import CaseMark, SubmissionMark, TaskMark
from course_lib.grading.reports.junit_report import junit_xml
from tests.grading.graded_class import graded_class


def read(marks):
    text = junit_xml(marks)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    return ElementTree.fromstring(text.encode())


def outcomes(root):
    return {case.get("name"): next((child.tag for child in case), "passed") for case in root.iter("testcase")}


def test_a_suite_for_each_submission_and_a_case_for_each_task():
    root = read(graded_class())
    assert [suite.get("name") for suite in root] == [f"{m.student}::{m.exercise}" for m in graded_class()]
    assert outcomes(root) == {
        "ada::1.1": "passed", "ada::1.2": "passed",
        "bob::1.1": "failure", "bob::1.2": "skipped",
        "cy::1.1": "failure", "cy::1.2": "passed", "cy::handed in": "error",
        "dee::handed in": "error", "eve::handed in": "skipped", "fay::1.1": "failure", "fay::1.2": "failure",
    }  # fmt: skip


def test_counts_are_those_of_the_cases():
    root = read(graded_class())
    for element in [root, *root]:
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.get(name)) == sum(case.find(tag) is not None for case in cases)
    assert root[0].get("time") == "0.250"


def test_messages_are_those_of_the_feedback_page():
    root = read(graded_class())
    failure = next(case for case in root.iter("testcase") if case.get("name") == "cy::1.1").find("failure")
    assert failure.get("message") == "0/3 points, not solved yet"
    assert "Start every call before you await the first." in failure.text
    text = junit_xml(graded_class())
    assert "unseen" not in text and "KeyError" not in text and "SECRET" not in text
    assert "is cut off" in text


def test_whatever_students_write_it_is_well_formed():
    nasty = "<&\"'>]]>\x00\x1b\x0b\ud800\ufffe \U0001f600 é"
    task = TaskMark(nasty, nasty, [CaseMark(nasty, False, 1, 0, "failed", nasty)], nasty)
    for mark in (SubmissionMark(nasty, nasty, "graded", [nasty], [task]), SubmissionMark(nasty, nasty, nasty, [nasty])):
        root = read([mark])
        assert "\U0001f600 é" in root[0].get("name")
    assert read([]).get("tests") == "0"

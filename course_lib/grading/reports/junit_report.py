"""The marks as JUnit XML, which CI systems show: a suite for each submission, a case for each task.

It says what students may read and no more: what CI prints, they see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from course_lib.grading.cells.marks import GRADED, MISSING, SubmissionMark, TaskMark
from course_lib.grading.reports.student_words import NOT_RUN, NOT_TRIED, SOLVED, case_lines, run_tasks, score, state

# What XML 1.0 can't hold, however it is escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(marks: Sequence[SubmissionMark]) -> str:
    """The XML: a task is a failure if it isn't solved, skipped if it wasn't attempted, and what can't be graded an error."""
    root = ElementTree.Element("testsuites", name="course grade")
    for mark in marks:
        _add_suite(root, mark)
    _count(root, list(root.iter("testcase")))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_suite(root: ElementTree.Element, mark: SubmissionMark) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_xml(f"{mark.student}::{mark.exercise}"))
    if mark.status != GRADED:
        words = " ".join([f"{mark.status}.", *mark.remarks])
        _add_case(suite, mark, "handed in", "skipped" if mark.status == MISSING else "error", words)
    for task in run_tasks(mark):
        _add_case(suite, mark, task.task, *_outcome(task))
    _count(suite, list(suite))
    suite.set("time", f"{mark.seconds:.3f}")


def _outcome(task: TaskMark) -> tuple[str, str, str]:
    kind = {SOLVED: "", NOT_TRIED: "skipped", NOT_RUN: "skipped"}.get(state(task), "failure")
    lines = [task.note] if task.note else []
    lines += [f"{sign} {name}" + (f": {said}" if said else "") for sign, name, said in case_lines(task)]
    return kind, f"{score(task)} points, {state(task)}", "\n".join(lines)


def _add_case(suite, mark: SubmissionMark, name: str, kind: str, message: str, text: str = "") -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=_xml(mark.exercise), name=_xml(f"{mark.student}::{name}"), time="0.000"
    )
    if kind:
        ElementTree.SubElement(case, kind, message=_xml(message)).text = _xml(text) or None


def _count(element: ElementTree.Element, cases: Sequence[ElementTree.Element]) -> None:
    element.set("tests", str(len(cases)))
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(kind) is not None for case in cases)))


def _xml(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)

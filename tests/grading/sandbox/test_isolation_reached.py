"""What protected the machine is told once for the class, layers and lacks, on the instructor's page and as JSON."""

import json

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.reports.feedback_page import feedback_html, feedback_markdown
from course_lib.grading.reports.overview import overview_html
from course_lib.grading.reports.report_files import Report, write_reports
from course_lib.grading.sandbox.confinement import BASIC, FULL, PARTIAL, Level
from course_lib.grading.sandbox.isolation_reached import ReachedIsolation, isolation_reached, sandbox_json
from tests.grading.graded_class import graded_class
from tests.grading.read_pages import Page

ALL_OF_IT = Level(FULL, {"files": True, "network": True}, ("Landlock 6", "a filter of system calls"))
NO_FILTER = Level(
    PARTIAL, {"files": True, "network": False}, ("Landlock 6",), ("A filter of <system> calls.", "Something else.")
)


def class_with(*levels):
    marks = graded_class()[: len(levels)]
    for mark, level in zip(marks, levels, strict=True):
        mark.sandbox, mark.isolation = (level.name, level.to_json()) if level else (BASIC, {})
    return marks


def test_those_who_reached_the_same_are_one_entry_the_weakest_first():
    assert isolation_reached(class_with(ALL_OF_IT, NO_FILTER, ALL_OF_IT, None)) == [
        ReachedIsolation(BASIC, 1, None),
        ReachedIsolation(PARTIAL, 1, NO_FILTER),
        ReachedIsolation(FULL, 2, ALL_OF_IT),
    ]
    assert isolation_reached([SubmissionMark("ada", "x", "missing")]) == []


def test_the_page_names_layers_and_lacks_once():
    text = Page(overview_html(class_with(ALL_OF_IT, ALL_OF_IT, NO_FILTER))).text
    assert "Isolation reached by the sandbox: full for 2, partial for 1." in text
    assert text.count("full, 2: files, network, by Landlock 6 and a filter of system calls. Missing: nothing.") == 1
    assert "partial, 1: files, by Landlock 6. Missing: A filter of <system> calls. Something else." in text
    nothing_held = Level(BASIC, {"files": False}, (), ("Everything.",))
    assert (
        "basic, 1: temporary folders only. Missing: Everything." in Page(overview_html(class_with(nothing_held))).text
    )
    assert "basic, 1: the kernel did not say" in Page(overview_html(class_with(None))).text


def test_as_json():
    assert json.loads(sandbox_json(class_with(NO_FILTER, None))) == [
        {"name": BASIC, "submissions": 1},
        {
            "name": PARTIAL,
            "submissions": 1,
            "layers": {"files": True, "network": False},
            "means": ["Landlock 6"],
            "missing": ["A filter of <system> calls.", "Something else."],
        },
    ]


def test_a_result_of_another_version_spoils_no_report(tmp_path):
    marks = class_with(ALL_OF_IT, ALL_OF_IT)
    marks[0].sandbox, marks[0].isolation = "stronger", {"kind": "moon"}
    write_reports(Report(tmp_path, tuple(marks)))
    assert [one["name"] for one in json.loads((tmp_path / "sandbox.json").read_text(encoding="utf-8"))] == [
        "stronger",
        FULL,
    ]
    assert "stronger for 1" in Page((tmp_path / "overview.html").read_text(encoding="utf-8")).text


def test_it_survives_the_file_and_no_student_reads_it(tmp_path):
    (mark,) = class_with(NO_FILTER)
    mark.write(tmp_path / "mark.json")
    written = json.loads((tmp_path / "mark.json").read_text(encoding="utf-8"))
    assert written["run"]["sandbox"] == PARTIAL
    assert SubmissionMark.from_json(written) == mark
    assert "Landlock" not in feedback_html(mark) + feedback_markdown(mark)

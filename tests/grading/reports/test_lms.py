"""The table of grades, and those that Canvas and Moodle import: their columns, their numbers for students, and no formulas."""

import csv
import io

import pytest

from course_lib.grading.cells.marks import CaseMark, SubmissionMark, TaskMark
from course_lib.grading.collecting.lms_names import canvas_name, moodle_name
from course_lib.grading.reports.grades_table import (
    CANVAS_COLUMNS,
    MOODLE_COLUMNS,
    canvas_table,
    moodle_table,
    write_grades,
    write_lms_tables,
)


def marked(student, exercise="01_calls", earned=2.5, status="graded", **fields):
    cases = [
        CaseMark("a", False, 4, earned, "passed" if earned == 4 else "failed", "Look again."),
        CaseMark("unseen", True, 1),
    ]
    return SubmissionMark(student, exercise, status, [], [TaskMark("1.1", "Read", cases)], **fields)


def rows(text):
    return list(csv.reader(io.StringIO(text)))


CLASS = [
    marked("ada", platform="canvas", platform_id="12"),
    marked("ada", "02_parts", earned=4, platform="canvas", platform_id="12"),
    marked("bob", status="missing", earned=0),
    marked("bob", "02_parts", status="unreadable", earned=0),
    marked("cy", "99_what", status="unknown exercise", earned=0),
]


def test_canvas_finds_its_columns_its_students_and_what_each_assignment_is_worth():
    head, worth, *students = rows(canvas_table(CLASS))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_calls", "02_parts"]
    assert tuple(head[:5]) == CANVAS_COLUMNS
    assert worth == ["    Points Possible", "", "", "", "", "5", "5"]
    assert students == [["ada", "12", "", "", "", "2.5", "4"], ["bob", "", "", "", "", "", "0"]]


def test_moodle_finds_its_columns_and_participants():
    class_ = [marked("Jane Doe", platform="moodle", platform_id="501", late=True), CLASS[2]]
    head, jane, bob = rows(moodle_table(class_))
    assert head == [
        "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
        "Last modified (submission)", "Last modified (grade)", "Feedback comments",
    ]  # fmt: skip
    assert tuple(head) == MOODLE_COLUMNS
    assert jane[:9] == [
        "Participant 501", "Jane Doe", "", "Submitted for grading - late", "2.5", "5.00", "Yes", "-", "-",
    ]  # fmt: skip
    assert "2.5/5 points." in jane[9] and "Task 1.1" in jane[9] and "unseen" not in jane[9]
    assert bob[:5] == ["", "bob", "", "No submission", ""]


def test_a_number_of_one_platform_is_none_of_the_others():
    moodle = [marked("jane", platform="moodle", platform_id="501")]
    assert rows(canvas_table(moodle))[2][1] == ""
    assert rows(moodle_table(CLASS[:1]))[1][0] == ""


def test_grades_have_a_column_per_task_in_the_order_of_people(tmp_path):
    cases = {"1.2": CaseMark("a", False, 3, 2, "failed"), "1.10": CaseMark("unseen", True, 1.5, 0, "failed")}
    ada = SubmissionMark("ada", "01_calls", "graded", [], [TaskMark(task, "", [case]) for task, case in cases.items()])
    write_grades(tmp_path / "grades.csv", [ada, SubmissionMark("bob", "x", "unreadable", ["cut off,", "sorry"])])
    assert rows((tmp_path / "grades.csv").read_text("utf-8")) == [
        ["student", "exercise", "1.2", "1.10", "total", "out of", "status", "remarks"],
        ["ada", "01_calls", "2", "0", "2", "4.5", "graded", ""],
        ["bob", "x", "", "", "0", "0", "unreadable", "cut off, sorry"],
    ]


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\n=1", "＝1", "-"])
def test_no_cell_of_any_table_is_a_formula(name, tmp_path):
    marks = [marked(name, exercise=name)]
    write_grades(tmp_path / "grades.csv", marks)
    for table in (canvas_table(marks), moodle_table(marks), (tmp_path / "grades.csv").read_text("utf-8")):
        cells = [cell for row in rows(table) for cell in row]
        assert not [c for c in cells if c != "-" and c.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝")]
        assert any(cell.endswith(name.replace("\r", "\n")) for cell in cells)


@pytest.mark.parametrize(
    ("exercises", "files"),
    [
        (["01_calls"], {"canvas.csv", "moodle.csv"}),
        (["01_calls", "../02"], {"canvas.csv", "moodle-01_calls.csv", "moodle-_02.csv"}),
        ([], {"canvas.csv"}),
    ],
)
def test_moodle_has_a_worksheet_for_each_assignment(tmp_path, exercises, files):
    write_lms_tables(tmp_path / "report", [marked("ada", exercise) for exercise in exercises])
    assert {path.name for path in (tmp_path / "report").iterdir()} == files
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("doejane_12_34_x.ipynb", ("doejane", "12", "x.ipynb", False)),
        ("doejane_LATE_12_34_my_x-1.ipynb", ("doejane", "12", "my_x-1.ipynb", True)),
        ("o3neil_12_34_x.ipynb", ("o3neil", "12", "x.ipynb", False)),
        ("müllerjörg_12_34_1_2_x.ipynb", ("müllerjörg", "12", "1_2_x.ipynb", False)),
        ("LATE_anon_Ab1cD_34_x.ipynb", ("anon_Ab1cD", "", "x.ipynb", True)),
        ("anon_Ab1cD_34_x.ipynb", ("anon_Ab1cD", "", "x.ipynb", False)),
    ],
)
def test_names_of_canvas(name, told):
    found = canvas_name(name)
    assert (found.student, found.number, found.rest, found.late) == told


@pytest.mark.parametrize("name", ["ada.ipynb", "ada_1.ipynb", "ada_01_02_x.ipynb", "_x", "", "ada_12_34_"])
def test_names_that_are_not_canvas(name):
    assert canvas_name(name) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Jane Doe_501_assignsubmission_file_", ("Jane Doe", "501", "")),
        ("Jane Doe_501_assignsubmission_file", ("Jane Doe", "501", "")),
        ("Jane_Van_Doe_501_assignsubmission_file_x_1.ipynb", ("Jane_Van_Doe", "501", "x_1.ipynb")),
        ("Participant_501_assignsubmission_onlinetext_", ("Participant", "501", "")),
    ],
)
def test_names_of_moodle(name, told):
    found = moodle_name(name)
    assert (found.student, found.number, found.rest) == told
    assert moodle_name(name.replace("assign", "")) is None

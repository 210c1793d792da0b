"""Grade the grader: a shelf of submissions, each with the marks and the message that it must get."""

import json
import re
import shutil

import pytest

from course_lib.grading.cells.marks import GRADED, MISSING, UNKNOWN
from course_lib.grading.cells.notebooks import HIDDEN_CHECK, read_notebook, role
from course_lib.grading.running.grade import grade
from tests.grading import make_shelf
from tests.grading.graded_course import write_notebook

EXPECTED = json.loads((make_shelf.HERE / "expected_marks.json").read_text(encoding="utf-8"))
FULL_MARKS = EXPECTED["full_marks"]
STUDENTS = EXPECTED["students"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The whole shelf, graded once, with the course's own solutions as keys."""
    # A busy machine takes seconds to import the SDK, whose errors task 1.4 needs: hence not less than 8 s for a cell.
    return grade(make_shelf.SHELF, tmp_path_factory.mktemp("report"), cell_timeout=8, jobs=2, progress=False)


@pytest.fixture(scope="module")
def mark_of(report):
    return {mark.student: mark for mark in report.marks if mark.exercise == make_shelf.EXERCISE}


def said_about(mark, task):
    """Every word that the student is told about one task."""
    return "\n".join([mark.task(task).note, *(case.message for case in mark.task(task).cases)])


TELLING = ("half_solved", "one_failure_ends_all", "os_exit", "patched_compare", "serial_in_disguise", "syntax_error")


def test_one_worker_and_cold_kernels_give_the_same_marks(mark_of, tmp_path):
    for student in TELLING:
        shutil.copytree(make_shelf.SHELF / student, tmp_path / "class" / student)
    cold = grade(tmp_path / "class", tmp_path / "cold", cell_timeout=8, jobs=1, kernels="cold", progress=False)
    compared = [mark for mark in cold.marks if mark.exercise == make_shelf.EXERCISE]
    assert [mark.student for mark in compared] == list(TELLING)
    for mark in compared:
        assert (mark.status, mark.remarks, mark.tasks) == (
            mark_of[mark.student].status,
            mark_of[mark.student].remarks,
            mark_of[mark.student].tasks,
        )


def test_every_submission_on_the_shelf_has_its_expected_marks():
    assert {path.parent.name for path in make_shelf.shelf()} == {*STUDENTS, "unknown_exercise"}


def test_shelf_is_as_its_script_writes_it():
    stale = [path.parent.name for path, text in make_shelf.shelf().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run `python tests/grading/make_shelf.py` and commit what it writes"
    assert {path for path in make_shelf.SHELF.rglob("*") if path.is_file()} == set(make_shelf.shelf())


@pytest.mark.parametrize("student", STUDENTS)
def test_marks_per_task(mark_of, student):
    expected = dict(zip(FULL_MARKS, STUDENTS[student]["marks"], strict=True))
    assert {task.task: task.earned for task in mark_of[student].tasks} == expected
    assert mark_of[student].status == STUDENTS[student].get("status", GRADED)


@pytest.mark.parametrize(
    ("student", "task"), [(student, task) for student in STUDENTS for task in STUDENTS[student].get("says", {})]
)
def test_wrong_answer_gets_its_intended_message(mark_of, student, task):
    assert STUDENTS[student]["says"][task] in said_about(mark_of[student], task)


@pytest.mark.parametrize("student", [student for student, expected in STUDENTS.items() if "remarks" in expected])
def test_remarks_about_the_file_as_a_whole(mark_of, student):
    assert STUDENTS[student]["remarks"] in "\n".join(mark_of[student].remarks)


@pytest.mark.parametrize("student", STUDENTS)
def test_every_lost_point_is_explained(mark_of, student):
    silent = [
        f"{task.task} {case.name}"
        for task in mark_of[student].tasks
        for case in task.cases
        if case.earned < case.points and not case.message and STUDENTS[student].get("status", GRADED) == GRADED
    ]
    assert not silent


def test_points_are_the_keys_own(mark_of):
    for student in STUDENTS:
        assert {task.task: task.points for task in mark_of[student].tasks} == FULL_MARKS


def test_exercise_that_nobody_knows(report):
    unknown = [mark for mark in report.marks if mark.student == "unknown_exercise"]
    assert {mark.status for mark in unknown} == {UNKNOWN, MISSING}
    remarks = "\n".join(remark for mark in unknown for remark in mark.remarks)
    assert "99_my_own_ideas.ipynb belongs to no exercise with a solution" in remarks


def test_feedback_never_shows_hidden_cases(report):
    key = read_notebook(make_shelf.COURSE / "solutions" / f"{make_shelf.EXERCISE}.ipynb")
    hidden = "\n".join(cell.source for cell in key.cells if role(cell) == HIDDEN_CHECK)
    shown = "\n".join(cell.source for cell in key.cells if role(cell) != HIDDEN_CHECK)
    secrets = [name for name in re.findall(r'case\("(.+?)"', hidden) if name not in shown]
    assert len(secrets) > len(FULL_MARKS)
    told = "\n".join(path.read_text(encoding="utf-8") for path in sorted((report.out / "feedback").rglob("*.*")))
    assert not [secret for secret in secrets if secret in told]


def test_grades_table_has_a_row_for_everybody(report):
    rows = report.grades.read_text(encoding="utf-8-sig").splitlines()
    assert all(any(row.startswith(student + ",") for row in rows) for student in [*STUDENTS, "unknown_exercise"])


def test_second_exercise_is_graded_too(tmp_path):
    for student in (make_shelf.solved, make_shelf.untouched):
        write_notebook(tmp_path / "handed_in" / student.__name__ / "02_sectioning.ipynb", student("02_sectioning"))
    solved, untouched = grade(tmp_path / "handed_in", tmp_path / "report", cell_timeout=8, progress=False).marks
    assert [task.task for task in solved.tasks] == ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]
    assert solved.earned == solved.points > 0
    assert (untouched.earned, untouched.points) == (0, solved.points)

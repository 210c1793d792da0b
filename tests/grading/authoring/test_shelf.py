"""Grade the grader: a shelf of submissions, each with the marks and the message that it must get."""

import json
import re
import shutil

import pytest

from course_lib.grading.authoring.shelf import judged, read_expected
from course_lib.grading.cells.marks import GRADED, MISSING, UNKNOWN
from course_lib.grading.cells.notebooks import HIDDEN_CHECK, notebook_text, read_notebook, role
from course_lib.grading.running.grade import grade
from tests.grading import make_shelf

FULL_MARKS = json.loads(make_shelf.EXPECTED.read_text(encoding="utf-8"))["full_marks"]
EXPECTED = {one.name: one for one in read_expected(make_shelf.EXPECTED.parent)}
OTHER_EXERCISE = "02_sectioning"
CELL_SECONDS = 60  # for a busy machine: nobody waits for their end but the one who never ends
ENDLESS = "infinite_loop"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """The whole shelf, and two submissions of another exercise."""
    folder = make_shelf.write_shelf(tmp_path_factory.mktemp("shelf"))
    for student in (make_shelf.solved, make_shelf.untouched):
        text = notebook_text(student(OTHER_EXERCISE))
        (folder / student.__name__ / f"{OTHER_EXERCISE}.ipynb").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def endless(shelf, tmp_path_factory):
    """The one submission that uses up its time, taken from the shelf and graded by itself with little of it."""
    folder = tmp_path_factory.mktemp("endless")
    shutil.copytree(shelf / ENDLESS, folder / "class" / ENDLESS)
    shutil.rmtree(shelf / ENDLESS)
    return grade(folder / "class", folder / "report", cell_timeout=4, progress=False)


@pytest.fixture(scope="module")
def report(shelf, endless, tmp_path_factory):
    """All others, graded once, with the course's own solutions as keys."""
    return grade(shelf, tmp_path_factory.mktemp("report"), cell_timeout=CELL_SECONDS, jobs=2, progress=False)


@pytest.fixture(scope="module")
def mark_of(report, endless):
    return {mark.student: mark for mark in [*report.marks, *endless.marks] if mark.exercise == make_shelf.EXERCISE}


# Each leaves its kernel in another way: a dead process, a patched library, an answer that is no Python.
TELLING = ("os_exit", "patched_compare", "syntax_error")


def test_one_worker_and_cold_kernels_give_the_same_marks(shelf, mark_of, tmp_path):
    for student in TELLING:
        shutil.copytree(shelf / student, tmp_path / "class" / student)
    cold = grade(tmp_path / "class", tmp_path / "cold", cell_timeout=CELL_SECONDS, jobs=1, kernels="cold", progress=False)
    assert [mark.student for mark in cold.marks] == list(TELLING)
    for mark in cold.marks:
        same = mark_of[mark.student]
        assert (mark.status, mark.remarks, mark.tasks) == (same.status, same.remarks, same.tasks)


def test_every_submission_on_the_shelf_has_its_expected_marks():
    assert {place.partition("/")[0] for place in make_shelf.shelf()} == {*EXPECTED, "unknown_exercise"}


@pytest.mark.parametrize("student", EXPECTED)
def test_marks_messages_and_remarks_are_as_expected(mark_of, student):
    mark, expected = mark_of[student], EXPECTED[student]
    assert {task.task: task.points for task in mark.tasks} == FULL_MARKS
    assert {task.task: task.earned for task in mark.tasks} == expected.marks
    assert list(judged(expected, [mark])) == []


@pytest.mark.parametrize("student", [name for name, one in EXPECTED.items() if one.status == GRADED])
def test_every_lost_point_is_explained(mark_of, student):
    cases = [case for task in mark_of[student].tasks for case in task.cases]
    assert [case.name for case in cases if case.earned < case.points and not case.message] == []


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
    students = {*EXPECTED, "unknown_exercise"} - {ENDLESS}
    assert all(any(row.startswith(student + ",") for row in rows) for student in students)


def test_second_exercise_is_graded_too(report):
    marks = {mark.student: mark for mark in report.marks if mark.exercise == OTHER_EXERCISE}
    solved, untouched = marks["solved"], marks["untouched"]
    assert [task.task for task in solved.tasks] == ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]
    assert solved.earned == solved.points > 0
    assert (untouched.earned, untouched.points) == (0, solved.points)

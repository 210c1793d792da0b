"""A grading that was stopped is taken up again: nothing is done twice, and the table is the same in the end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from course_lib.grading.cells.key import read_key
from course_lib.grading.cells.marks import GRADED, NOT_GRADED, SubmissionMark
from course_lib.grading.running import mark_book
from course_lib.grading.running.grade import grade
from course_lib.grading.running.workers import FINISHED, Crew, Ending
from tests.grading.graded_course import EXERCISE, filled, hand_in, solved, write_key

STUDENTS = ["ada", "bob", "cleo", "dan", "eve", "flo"]
HALF = filled({"1.1": "def double(number):\n    return number * 2"})


@pytest.fixture(scope="module")
def solutions(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("solutions"))


@pytest.fixture
def handed_in(tmp_path):
    for number, student in enumerate(STUDENTS):
        hand_in(tmp_path / "class", student, HALF if number % 2 else solved())
    return tmp_path / "class"


@pytest.fixture
def graded(monkeypatch):
    """The students whose notebooks were really run, in order."""
    run, names = Crew.grade, []

    def spied(crew, jobs):
        for job, ending in run(crew, jobs):
            names.append(job.student)
            yield job, ending

    monkeypatch.setattr(Crew, "grade", spied)
    return names


@pytest.fixture
def entered(monkeypatch):
    """The students who came to a crew that runs nothing: it gives a point for every byte, and gives up on Flo."""
    names = []

    def quick(crew, jobs):
        for job in jobs:
            names.append(job.student)
            tasks = read_key(job.key).unmarked()
            tasks[0].cases[0].earned = len(job.notebook.read_bytes())
            SubmissionMark(job.student, EXERCISE, GRADED if job.student != "flo" else NOT_GRADED, tasks=tasks).write(job.results)
            yield job, Ending(FINISHED, "", 0.0)

    monkeypatch.setattr(Crew, "grade", quick)
    return names


def test_a_killed_grading_goes_on_where_it_was(handed_in, solutions, tmp_path, graded):
    whole = grade(handed_in, tmp_path / "whole", solutions=solutions, progress=False)
    assert sorted(graded) == STUDENTS
    graded.clear()
    out = tmp_path / "killed"
    code = "from course_lib.grading.running.grade import grade; "
    code += f"grade({str(handed_in)!r}, {str(out)!r}, solutions={str(solutions)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    finished = out / mark_book.FINISHED
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and (not finished.exists() or finished.read_text().count("\n") < 2):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = finished.read_text(encoding="utf-8").count("\n")
    assert 2 <= done < len(STUDENTS)
    with open(finished, "a", encoding="utf-8") as file:
        file.write('{"name": "fl')  # a line that the kill cut off
    resumed = grade(handed_in, out, solutions=solutions, progress=False)
    assert len(graded) == len(STUDENTS) - done
    assert resumed.grades.read_bytes() == whole.grades.read_bytes()
    for path in (whole.out / "feedback").rglob("*.*"):
        assert (out / path.relative_to(whole.out)).read_bytes() == path.read_bytes()


def test_only_what_has_changed_is_graded_again(handed_in, solutions, tmp_path, entered, monkeypatch):
    def again(**options):
        entered.clear()
        report = grade(handed_in, tmp_path / "out", solutions=solutions, progress=False, **options)
        return sorted(set(entered) - {"flo"}), {mark.student: mark.earned for mark in report.marks}

    others = STUDENTS[:-1]
    ran, earned = again()
    assert ran == others
    assert len(set(earned.values())) == 2
    assert again(kernels="cold") == ([], earned), "which kernels they were does not matter"
    assert again(resume=False) == (others, earned)

    hand_in(handed_in, "bob", solved())
    assert again() == (["bob"], earned | {"bob": earned["ada"]})
    result = tmp_path / "out" / "results" / "cleo" / f"{EXERCISE}.json"
    result.write_text(result.read_text(encoding="utf-8").replace('"late": false', '"late": true'), encoding="utf-8")
    assert again()[0] == ["cleo"], "somebody has touched the result"
    (tmp_path / "out" / "results" / "dan" / f"{EXERCISE}.json").unlink()
    assert again()[0] == ["dan"]
    assert again(cell_timeout=9)[0] == others, "another setting"
    monkeypatch.setattr(mark_book, "grader_version", lambda: "another")
    assert again(cell_timeout=9)[0] == others, "another grader"


def test_what_was_not_graded_is_tried_again(handed_in, solutions, tmp_path, entered):
    first = grade(handed_in, tmp_path / "out", solutions=solutions, progress=False)
    assert [mark.student for mark in first.marks if mark.status != GRADED] == ["flo"]
    entered.clear()
    grade(handed_in, tmp_path / "out", solutions=solutions, progress=False)
    assert entered == ["flo"]


def test_the_version_of_the_grader_is_a_sum_over_its_files():
    assert mark_book.grader_version() == mark_book.grader_version.__wrapped__()
    assert len(mark_book.grader_version()) == 64


@pytest.mark.parametrize("text", ["", "{", "[]\n", '{"name": 1}\n', "\x00\n"])
def test_a_spoilt_list_of_finished_submissions_tells_nothing(text, tmp_path):
    path = tmp_path / "finished.jsonl"
    path.write_text(text, encoding="utf-8")
    assert mark_book._read_finished(path) == {}
    entry = {"name": "ada/01", "of": "a", "results": "b"}
    path.write_text(f"{text}\n{json.dumps(entry)}\n", encoding="utf-8")
    assert mark_book._read_finished(path) == {"ada/01": {"of": "a", "results": "b"}}

"""Workers that grade one submission after the other: marks alike however many there are, and none stops the others."""

import json
import sys

import psutil
import pytest

from course_lib.errors import BadInput
from course_lib.grading.kernels import fork_line
from course_lib.grading.running import workers
from course_lib.grading.running.grade import grade
from course_lib.grading.running.workers import BROKE_OFF, FINISHED, Crew, Job, Worker
from tests.grading.graded_course import EXERCISE, filled, hand_in, solved, write_key

ENDLESS = solved(total="def total(numbers):\n    while True: pass")
LEAVES_NAMES = solved(
    double="import json\njson.left = __builtins__.left = True\ndef double(number):\n    return 2 * number"
)
FINDS_NAMES = solved(
    double="import json\ndef double(number):\n    return 'left' in vars(json) or 'left' in dir(__builtins__) or 2 * number"
)
EXITS = solved(double="import os\ndef double(number):\n    os._exit(0)")
HALF = filled({"1.1": "def double(number):\n    return number * 2"})
CLASS = {"a_leaves": LEAVES_NAMES, "b_finds": FINDS_NAMES, "c_exits": EXITS, "d_half": HALF, "e_solved": solved()}
EARNED = {"a_leaves": 9, "b_finds": 9, "c_exits": 5, "d_half": 4, "e_solved": 9}


@pytest.fixture(scope="module")
def solutions(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("solutions"))


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for student, notebook in CLASS.items():
        hand_in(folder, student, notebook)
    return folder


def marks(report):
    """What counts of every mark, by student."""
    return {mark.student: [(task.status, task.note, task.cases) for task in mark.tasks] for mark in report.marks}


@pytest.fixture(scope="module")
def forked_alone(handed_in, solutions, tmp_path_factory):
    return grade(handed_in, tmp_path_factory.mktemp("report"), solutions=solutions, cell_timeout=5, progress=False)


def test_one_worker_grades_all_and_nothing_is_handed_on_from_one_to_the_next(forked_alone):
    assert {mark.student: mark.earned for mark in forked_alone.marks} == EARNED


@pytest.mark.parametrize(("jobs", "kernels"), [(2, "auto"), (1, "cold")])
def test_marks_are_the_same_with_more_workers_and_with_cold_kernels(
    jobs, kernels, forked_alone, handed_in, solutions, tmp_path
):
    report = grade(
        handed_in, tmp_path, solutions=solutions, cell_timeout=5, jobs=jobs, kernels=kernels, progress=False
    )
    assert marks(report) == marks(forked_alone)
    assert report.grades.read_bytes() == forked_alone.grades.read_bytes()


@pytest.fixture
def once_it_hangs(monkeypatch):
    """Do something with the worker of a submission as soon as its endless cell has run for a moment, however busy we are."""

    def arrange(student, action):
        look = Worker.look

        def looks(worker):
            look(worker)
            if worker.job.student == student and worker.job.results.exists():
                task = json.loads(worker.job.results.read_text(encoding="utf-8"))["tasks"][0]
                if task["cases"][0]["status"] == "passed":
                    action(worker)

        monkeypatch.setattr(workers, "LOOK_EVERY", 0.2)
        monkeypatch.setattr(Worker, "look", looks)

    return arrange


def test_a_late_submission_keeps_what_it_earned_and_all_that_it_started_is_ended(solutions, tmp_path, once_it_hangs):
    marker = f"course-test-{tmp_path.name}"
    child = f"[{sys.executable!r}, '-c', 'import time; time.sleep(600)', {marker!r}]"
    start = f"import subprocess\ntry:\n    subprocess.Popen({child}, start_new_session=True)\nexcept OSError:\n    pass"
    late = solved(total=f"{start}\ndef total(numbers):\n    while True: pass")
    for student, notebook in {"first": solved(), "late": late, "other": solved()}.items():
        hand_in(tmp_path / "class", student, notebook)
    once_it_hangs("late", lambda worker: setattr(worker, "deadline", 0.0))
    report = grade(
        tmp_path / "class", tmp_path / "report", solutions=solutions, cell_timeout=600, submission_timeout=600, jobs=2,
        progress=False,
    )  # fmt: skip
    assert {mark.student: mark.status for mark in report.marks} == {
        "first": "graded", "late": "out of time", "other": "graded",
    }  # fmt: skip
    mark = next(mark for mark in report.marks if mark.student == "late")
    assert mark.remarks == ["The 600 seconds for the whole submission were over before its end."]
    statuses = [[case.status for case in task.cases] for task in mark.tasks]
    assert statuses[0] == ["passed", "passed", "not reached"], "hidden checks come last"
    assert statuses[2] == ["not reached", "not reached"]
    assert [process for process in psutil.process_iter(["cmdline"]) if marker in (process.info["cmdline"] or [])] == []


def test_a_worker_that_dies_is_replaced_and_nothing_of_it_is_left(solutions, tmp_path, once_it_hangs):
    def jobs():
        for student, notebook in {"first": solved(), "struck": ENDLESS, "last": solved()}.items():
            place = tmp_path / "places" / student
            place.mkdir(parents=True)
            path, key = hand_in(tmp_path, student, notebook), solutions / f"{EXERCISE}.ipynb"
            yield Job(student, path, key, tmp_path / f"{student}.json", place, cell_timeout=600)

    before = {process.pid for process in psutil.Process().children(recursive=True)}
    once_it_hangs("struck", lambda worker: worker._process.kill())
    with Crew(1, kernels="auto", seconds=600) as crew:
        endings = {job.student: ending.how for job, ending in crew.grade(jobs())}
    assert endings == {"first": FINISHED, "struck": BROKE_OFF, "last": FINISHED}
    left = [process for process in psutil.Process().children(recursive=True) if process.pid not in before]
    assert left == []


def test_a_run_that_broke_off_says_so_and_the_others_are_graded(handed_in, solutions, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_command", lambda folder: ["false"])
    report = grade(handed_in, tmp_path, solutions=solutions, progress=False)
    assert {mark.status for mark in report.marks} == {"not graded"}
    assert all("The run ended before its time" in mark.remarks[0] for mark in report.marks)
    assert all(case.message == "The run ended before it came to this check." for case in report.marks[0].tasks[0].cases)


def test_kinds_of_kernels(monkeypatch):
    assert workers.kernels_provisioner("cold") == "local-provisioner"
    with pytest.raises(BadInput, match="write 'auto', 'fork' or 'cold'"):
        workers.kernels_provisioner("warm")
    monkeypatch.setattr(fork_line, "can_fork", lambda: False)
    assert workers.kernels_provisioner("auto") == "local-provisioner"
    with pytest.raises(BadInput, match="needs Linux"):
        workers.kernels_provisioner("fork")
    with pytest.raises(BadInput, match="jobs is 0"):
        grade("nowhere", "nowhere", jobs=0)


def test_a_job_survives_the_line(tmp_path):
    job = Job("Zoë\n", tmp_path / "a b.ipynb", tmp_path / "key", tmp_path / "marks", tmp_path, 2.5, ("/solutions",))
    assert Job.from_line(job.to_line()) == job
    assert "\n" not in job.to_line()

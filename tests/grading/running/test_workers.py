"""Workers that grade one submission after the other: marks alike however many there are, and none stops the others."""

import json
import os
import signal
import threading
import time

import psutil
import pytest

from course_lib.errors import BadInput
from course_lib.grading.kernels import fork_line
from course_lib.grading.running import workers
from course_lib.grading.running.grade import grade
from course_lib.grading.running.grade_one import Settings, grade_one
from course_lib.grading.running.workers import BROKE_OFF, FINISHED, TOO_LATE, Crew, Job
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


def test_the_same_submission_alone_as_a_cluster_grades_it(forked_alone, handed_in, solutions):
    notebook = (handed_in / "d_half" / f"{EXERCISE}.ipynb").read_bytes()
    settings = Settings(cell_timeout=5)
    alone = grade_one(notebook, EXERCISE, "d_half", solutions / f"{EXERCISE}.ipynb", settings)
    again = grade_one(notebook, EXERCISE, "d_half", solutions / f"{EXERCISE}.ipynb", settings)
    written = json.loads((forked_alone.out / "results" / "d_half" / f"{EXERCISE}.json").read_text(encoding="utf-8"))
    assert alone["tasks"] == again["tasks"] == written["tasks"]
    assert (alone["status"], alone["earned"]) == ("graded", 4)
    broken = grade_one(b"{", EXERCISE, "ada", solutions / f"{EXERCISE}.ipynb", settings)
    assert (broken["status"], broken["earned"]) == ("unreadable", 0)
    assert str(solutions) not in json.dumps(broken)


def jobs_for(folder, solutions, notebooks):
    for student, notebook in notebooks.items():
        place = folder / "places" / student
        place.mkdir(parents=True)
        path, key, results = hand_in(folder, student, notebook), solutions / f"{EXERCISE}.ipynb", folder / f"{student}.json"
        yield Job(student, path, key, results, place, cell_timeout=300)


def test_a_late_submission_ends_its_worker_and_no_other(solutions, tmp_path):
    notebooks = {"first": solved(), "late": ENDLESS, "last": solved()}
    with Crew(2, kernels="auto", seconds=12) as crew:
        endings = {job.student: ending.how for job, ending in crew.grade(jobs_for(tmp_path, solutions, notebooks))}
    assert endings == {"first": FINISHED, "late": TOO_LATE, "last": FINISHED}
    late = json.loads((tmp_path / "late.json").read_text(encoding="utf-8"))
    assert [task["status"] for task in late["tasks"]][:1] == ["not reached"], "its hidden check was still to come"
    assert [case["status"] for case in late["tasks"][0]["cases"]][:2] == ["passed", "passed"]


def test_a_worker_that_dies_is_replaced_and_nothing_of_it_is_left(solutions, tmp_path):
    notebooks = {"first": solved(), "struck": ENDLESS, "last": solved()}
    before = {process.pid for process in psutil.Process().children(recursive=True)}

    def strike(crew):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            time.sleep(0.1)
            for worker in list(crew._busy):
                if worker.job.student == "struck" and worker.seconds > 2 and (tmp_path / "struck.json").exists():
                    os.kill(worker._process.pid, signal.SIGKILL)
                    return

    with Crew(1, kernels="auto", seconds=60) as crew:
        killer = threading.Thread(target=strike, args=(crew,))
        killer.start()
        endings = {job.student: ending.how for job, ending in crew.grade(jobs_for(tmp_path, solutions, notebooks))}
        killer.join()
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

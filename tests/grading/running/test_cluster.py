"""The same marks from Dask's workers as from this machine, also when one of them is lost."""

import json
import os
import signal
import time

import psutil
import pytest

from course_lib.errors import CourseError
from course_lib.grading.cells.marks import GRADED, NOT_GRADED, SubmissionMark
from course_lib.grading.running import cluster
from course_lib.grading.running.grade import grade
from course_lib.grading.running.grade_one import Settings, Wanted
from tests.grading.graded_course import EXERCISE, hand_in, solved, write_key

distributed = pytest.importorskip("distributed", reason="grading on a cluster needs Dask, which is not installed")

ENDS_PYTHON = "import os\ndef total(numbers):\n    os._exit(0)"
HANDED_IN = {
    "ann": solved(),
    "bob": solved(double="def double(number):\n    return number ** 2"),
    "cy": solved(total=ENDS_PYTHON),
    "dee": solved(largest="def largest(numbers)\n    return 1"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with key and submissions."""
    root = tmp_path_factory.mktemp("course")
    write_key(root / "solutions")
    for student, notebook in HANDED_IN.items():
        hand_in(root / "submissions", student, notebook)
    return root


@pytest.fixture(scope="module")
def dask():
    """A cluster of two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, worker_dashboard_address=None
    ) as running:
        yield running


def graders() -> list[psutil.Process]:
    """The processes beside Dask's workers, and all that came from them."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if "course_lib.grading.running.cluster_process" in (process.info["cmdline"] or []):
            found += [process, *process.children(recursive=True)]
    return found


def told(report):
    """What the report says of everybody, without what every run has of its own."""
    return {mark.student: {name: part for name, part in mark.as_json().items() if name != "run"} for mark in report.marks}


def wanted(course, student) -> Wanted:
    notebook = course / "submissions" / student / f"{EXERCISE}.ipynb"
    return Wanted(notebook, course / "solutions" / f"{EXERCISE}.ipynb", SubmissionMark(student, EXERCISE), Settings())


def test_marks_are_those_of_this_machine_and_nothing_is_left(course, dask, tmp_path):
    options = {"solutions": course / "solutions", "progress": False}
    here = grade(course / "submissions", tmp_path / "here", **options)
    there = grade(course / "submissions", tmp_path / "there", cluster=dask.scheduler_address, **options)
    assert told(there) == told(here)
    assert (tmp_path / "there" / "grades.csv").read_bytes() == (tmp_path / "here" / "grades.csv").read_bytes()
    assert {mark.student: mark.status for mark in there.marks} == dict.fromkeys(HANDED_IN, GRADED)
    assert {mark.sandbox for mark in there.marks} == {mark.sandbox for mark in here.marks}
    assert graders() == []


def test_a_lost_worker_costs_no_marks(course, dask, tmp_path):
    lost = []

    def lose_one(graded):
        for one in graded:
            if not lost:
                lost.append(next(iter(dask.workers.values())).pid)
                os.kill(lost[0], signal.SIGKILL)
            yield one

    dask.wait_for_workers(2) if hasattr(dask, "wait_for_workers") else None
    several = [wanted(course, student) for student in ("ann", "ann", "ann", "ann")]
    graded = [one.mark for one, _ in lose_one(cluster.grade_on_cluster(several, dask.scheduler_address))]
    assert lost
    assert [(mark.status, mark.earned) for mark in graded] == [(GRADED, 9)] * 4
    ended = time.monotonic() + 10
    while graders() and time.monotonic() < ended:  # those of the lost worker notice by themselves
        time.sleep(0.1)
    assert graders() == []


class Elsewhere:
    """A cluster's client, as far as it is used, whose workers each do what a function says."""

    def __init__(self, threads, work):
        self.threads, self.work, self.given = threads, work, []

    def nthreads(self):
        return self.threads

    def run(self, function, *_, workers=(), on_error="raise"):
        return {worker: function() for worker in workers}

    def submit(self, function, session, request, *, workers, pure, retries):
        (worker,) = workers
        self.given.append(worker)
        return Future(self, lambda: self.work(worker, request))


class Future:
    def __init__(self, client, work):
        self.work, self.status, self.answer = work, "pending", None

    def add_done_callback(self, tell):
        try:
            self.answer, self.status = self.work(), "finished"
        except RuntimeError:
            self.status = "error"
        tell(self)

    def result(self):
        return self.answer

    def cancel(self):
        self.status = "cancelled"


def graded_by(client, wanted):
    return [one.mark for one, _ in cluster._Cluster(client, "tcp://there:8786").grade(wanted)]


def answered(request):
    return {"mark": request["mark"] | {"status": GRADED}, "said": ""}


def test_a_submission_that_every_worker_is_lost_with_is_named_after_two_retries(course):
    def work(worker, request):
        if request["mark"]["student"] == "ann":
            raise RuntimeError
        return answered(request)

    client = Elsewhere({"tcp://a": 1, "tcp://b": 1, "tcp://c": 1}, work)
    marks = {mark.student: mark for mark in graded_by(client, [wanted(course, "ann"), wanted(course, "bob")])}
    assert marks["bob"].status == GRADED
    assert marks["ann"].status == NOT_GRADED
    assert marks["ann"].remarks == ["It could not be graded: 3 times the machine at work on it was lost. Grade it again."]
    assert marks["ann"].private_remarks == ["The workers that were lost with it: tcp://a, tcp://b, tcp://c."]


def test_a_submission_goes_to_another_worker_than_the_one_that_was_lost_with_it(course):
    def work(worker, request):
        if worker == "tcp://a":
            raise RuntimeError
        return answered(request)

    client = Elsewhere({"tcp://a": 4, "tcp://b": 1}, work)
    (mark,) = graded_by(client, [wanted(course, "ann")])
    assert (mark.status, client.given) == (GRADED, ["tcp://a", "tcp://b"])


def test_no_more_at_once_than_there_are_threads(course):
    waiting = []

    class Slow(Future):
        def add_done_callback(self, tell):
            waiting.append((self, tell))
            assert len(waiting) <= 3
            if len(waiting) == 3:
                for one, tell_it in waiting[:]:
                    Future.add_done_callback(one, tell_it)
                waiting.clear()

    client = Elsewhere({"tcp://a": 2, "tcp://b": 1}, lambda worker, request: answered(request))
    client.submit = lambda function, session, request, **_: Slow(client, lambda: answered(request))
    assert [mark.status for mark in graded_by(client, [wanted(course, "ann")] * 6)] == [GRADED] * 6


def test_workers_of_another_version_are_refused(course):
    client = Elsewhere({"tcp://a": 1}, None)
    client.run = lambda *_, workers, on_error: {"tcp://a": "older"}
    with pytest.raises(CourseError, match="The worker tcp://a has another version of the course"):
        graded_by(client, [wanted(course, "ann")])


def test_a_cluster_without_workers_is_told_after_a_while(course, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.05)
    monkeypatch.setattr(cluster, "LOOK_EVERY", 0.02)
    with pytest.raises(CourseError, match=r"has had no workers for 0\.05 seconds"):
        graded_by(Elsewhere({}, None), [wanted(course, "ann")])


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_where_no_scheduler_is_it_is_told_in_a_sentence(monkeypatch, address):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(CourseError, match="There is no Dask scheduler at") as told:
        list(cluster.grade_on_cluster([], address))
    assert "\n" not in str(told.value)


def test_what_travels_is_plain_json_without_a_path(course):
    request = cluster.request_for(wanted(course, "ann"))
    assert str(course) not in json.dumps(request)

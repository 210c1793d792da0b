"""Graded kernels: confined, silent, out of each other's reach, and gone with all that was theirs."""

import json
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import psutil
import pytest

from course_lib.grading.kernels import fork_line, provisioner, unheard_kernel
from course_lib.grading.kernels.watched_kernel import start_in
from course_lib.grading.running.grade import grade
from course_lib.grading.running.witness import Witness
from course_lib.grading.sandbox.confinement import FULL
from course_lib.grading.sandbox.family import kill_all
from course_lib.grading.sandbox.isolated_run import clean_environment
from tests.grading.graded_course import hand_in, solved, write_key


@pytest.fixture
def two_kernels(tmp_path, monkeypatch):
    """Two graded kernels from one server, and the folder of each."""
    environment = clean_environment(tmp_path / "home")
    for name in provisioner._READ_AT_START:
        monkeypatch.delenv(name, raising=False)
        if name in environment:
            monkeypatch.setenv(name, environment[name])
    monkeypatch.setattr(provisioner.KernelProvisionerFactory.instance(), "default_provisioner_name", provisioner.NAME)
    monkeypatch.setattr(fork_line, "_server", None)
    provisioner.register()
    places = [tmp_path / "one", tmp_path / "other"]
    kernels = []
    for place in places:
        place.mkdir()
        witness = Witness({})
        kernels.append(start_in(place, (), witness.kernel_end, 60))
        witness.start()
    yield list(zip(kernels, places, strict=True))
    for kernel in kernels:
        kernel.stop()
    fork_line.close_server()


def told(kernel, place, expression):
    """The value of an expression in the kernel, as JSON, by way of the folder that it may write to."""
    path = place / "told.json"
    source = f"import json\nwith open({str(path)!r}, 'w') as told: told.write(json.dumps({expression}))"
    kernel.await_reply(kernel.execute_cell_input(source), timeout=60)
    return json.loads(path.read_text(encoding="utf-8"))


ATTACK = """
import os, signal
from pathlib import Path
def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return type(error).__name__
tried = {
    "kill": attempt(lambda: os.kill(%(pid)d, signal.SIGKILL)),
    "group": attempt(lambda: os.killpg(%(pid)d, signal.SIGKILL)),
    "read": attempt(lambda: sorted(Path(%(place)r, "home", "runtime").iterdir())),
    "plant": attempt(lambda: Path(%(place)r, "work", "json.py").write_text("")),
    "memory": attempt(lambda: open("/proc/%(pid)d/mem", "rb")),
    "environment": attempt(lambda: open("/proc/%(pid)d/environ", "rb")),
}
"""


@pytest.mark.skipif(not fork_line.can_fork(), reason="forking kernels needs Linux")
def test_a_submission_can_neither_end_nor_read_nor_change_another_kernel(two_kernels):
    (kernel, place), (other, others_place) = two_kernels
    assert kernel.forked
    assert kernel.level.name in ("full", "partial")
    assert told(kernel, place, "[__import__('os').getcwd(), get_ipython().history_manager.hist_file]") == [
        str(place / "work"), ":memory:",
    ]  # fmt: skip
    if kernel.level.name == FULL:
        source = ATTACK % {"pid": other.km.provisioner.pid, "place": str(others_place)}
        kernel.await_reply(kernel.execute_cell_input(source), timeout=60)
        assert set(told(kernel, place, "tried").values()) == {"PermissionError"}
        assert list((others_place / "work").iterdir()) == []
    process = kernel.km.provisioner.process
    kernel.stop()
    assert process.returncode is not None
    assert told(other, others_place, "6 * 7") == 42, "a kernel that is ended takes no other one along"


def test_no_path_of_a_temporary_folder_reaches_the_student_and_none_is_left(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    solutions = write_key(tmp_path / "solutions")
    says_where = solved(
        double="import os\ndef double(number):\n    raise ValueError(os.getcwd())",
    )
    for student in ("ada", "bert"):
        hand_in(tmp_path / "class", student, says_where)
    report = grade(tmp_path / "class", tmp_path / "report", solutions=solutions, cell_timeout=60, progress=False)
    told = [mark.message for one in report.marks for task in one.tasks for mark in task.cases]
    assert sum("ValueError: ./work" in message.replace("\\", "/") for message in told) == 4, "two visible cases each"
    assert "submission-" not in "".join(told)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before


def test_a_graded_kernel_sends_nothing_that_is_printed():
    sent = []
    stream = unheard_kernel.Unheard.__new__(unheard_kernel.Unheard)
    stream.name, stream.pub_thread = "stdout", SimpleNamespace(schedule=sent.append)
    assert stream.write("words") == 5
    print("words", file=stream, flush=True)
    assert (sent, stream.fileno()) == ([], 1)
    with pytest.raises(TypeError, match="must be str"):
        stream.write(b"words")


def test_whoever_is_killed_runs_no_more():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        kill_all([psutil.Process(process.pid)])
        assert not psutil.pid_exists(process.pid) or psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    finally:
        process.kill()
        process.wait()

"""Kernels that are started before they are needed: as good as others, and out of the reach of the one that is at work."""

import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from course_lib.grading.kernels import noticed_imports, provisioner, unheard_kernel
from course_lib.grading.kernels.fork_line import ForkServer
from course_lib.grading.kernels.spare_kernel import SpareKernel, Spares
from course_lib.grading.running import nbval_plugin
from course_lib.grading.running.grade import grade
from course_lib.grading.sandbox.confinement import FULL
from course_lib.grading.sandbox.family import kill_all
from course_lib.grading.sandbox.isolated_run import clean_environment
from tests.grading.graded_course import hand_in, solved, write_key

forking = pytest.mark.skipif(not provisioner.can_fork(), reason="forking kernels needs Linux")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = ForkServer(clean_environment(tmp_path_factory.mktemp("home")))
    yield server
    server.close()


@pytest.fixture
def forks(server, tmp_path, monkeypatch):
    """Kernels of this process come from the module's server."""
    monkeypatch.setattr(provisioner, "_server", server)
    environment = clean_environment(tmp_path / "home")
    for name in provisioner._READ_AT_START:
        monkeypatch.delenv(name, raising=False)
        if name in environment:
            monkeypatch.setenv(name, environment[name])
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", provisioner.NAME)
    monkeypatch.setattr(provisioner.KernelProvisionerFactory.instance(), "default_provisioner_name", provisioner.NAME)
    provisioner.register()
    return server


@pytest.fixture
def spares(forks):
    spares = Spares()
    yield spares
    spares.drop()
    spares.clear_up()


@pytest.fixture
def taken(spares):
    """A spare kernel at work, and another one waiting."""
    spares.prepare(())
    taken = spares.take(())
    spares.prepare(())
    yield taken
    if hasattr(taken.kernel, "km"):
        taken.kernel.stop()


def told(spare, expression):
    """The value of an expression in the kernel, as JSON, by way of the folder that it may write to."""
    kernel, path = spare.kernel, spare.place / "told.json"
    source = f"import json\nwith open({str(path)!r}, 'w') as told: told.write(json.dumps({expression}))"
    kernel.await_reply(kernel.execute_cell_input(source), timeout=30)
    return json.loads(path.read_text(encoding="utf-8"))


def waiting(spares):
    return spares._spare.kernel.km.provisioner.process


@forking
def test_a_spare_kernel_is_confined_and_has_a_folder_of_its_own(taken, spares):
    assert taken.kernel.forked
    assert taken.kernel.level.name in ("full", "partial")
    assert told(taken, "__import__('os').getcwd()") == str(taken.place / "work")
    assert spares._spare.place != taken.place
    assert waiting(spares).pid != taken.kernel.km.provisioner.pid


@forking
def test_one_is_prepared_and_no_more(spares):
    assert spares.take(()) is None
    spares.prepare(())
    first = spares._spare
    spares.prepare(())
    assert spares._spare is first


@forking
def test_a_kernel_that_is_ended_takes_no_waiting_one_along(taken, spares):
    taken.kernel.stop()
    assert waiting(spares).poll() is None
    following = spares.take(())
    assert told(following, "6 * 7") == 42
    following.kernel.stop()


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


@forking
def test_a_submission_can_neither_end_nor_read_nor_change_the_kernel_of_the_next_one(taken, spares):
    if taken.kernel.level.name != FULL:
        pytest.skip("no kernel waits beside one that is not fully confined")
    neighbour = spares._spare
    neighbour.kernel.wait_until_ready()
    source = ATTACK % {"pid": waiting(spares).pid, "place": str(neighbour.place)}
    taken.kernel.await_reply(taken.kernel.execute_cell_input(source), timeout=30)
    assert set(told(taken, "tried").values()) == {"PermissionError"}
    assert waiting(spares).poll() is None
    assert list((neighbour.place / "work").iterdir()) == []


@forking
@pytest.mark.parametrize("what", ["other places are closed", "it has died", "more was preloaded"])
def test_a_spare_kernel_that_will_not_do_is_ended(what, spares, forks):
    spares.prepare(())
    spare = spares._spare
    if what == "it has died":
        os.kill(waiting(spares).pid, signal.SIGKILL)
    if what == "more was preloaded":
        forks.preload("wave")
    assert spares.take(("/elsewhere",) if what == "other places are closed" else ()) is None
    assert not spare.place.exists()
    assert not psutil.Process(forks.process.pid).children()
    fresh = SpareKernel(())
    fresh.kernel.wait_until_ready()
    assert told(fresh, "'wave' in __import__('sys').modules") is (forks.additions > 0)
    fresh.end()


@forking
def test_a_killed_kernel_is_waited_for_later_and_its_folder_goes(taken, spares, forks):
    process = taken.kernel.km.provisioner.process
    spares.kill(taken.kernel)
    assert taken.place.exists()
    spares.clear_up(in_use=taken.place)
    assert process.returncode is not None
    assert taken.place.exists()
    spares.clear_up()
    assert not taken.place.exists()
    assert [child.pid for child in psutil.Process(forks.process.pid).children()] == [waiting(spares).pid]


@forking
def test_without_a_fork_server_there_just_is_none(spares, monkeypatch):
    monkeypatch.setattr(provisioner, "is_chosen", lambda: False)
    spares.prepare(())
    assert spares.take(()) is None


@pytest.mark.parametrize(("confined", "does"), [(True, []), (False, ["drop"])])
def test_beside_a_kernel_that_is_not_fully_confined_none_waits(confined, does):
    done = []
    notebook = SimpleNamespace(
        _can_have_neighbours=confined,
        _look_after_the_others=lambda: done.append("prepare"),
        kernel=SimpleNamespace(once_it_works=None),
        spares=SimpleNamespace(drop=lambda: done.append("drop")),
    )
    nbval_plugin.GradedNotebook._see_to_the_next_one(notebook)
    assert done == does
    assert (notebook.kernel.once_it_works is None) is not confined


def test_no_path_of_a_temporary_folder_reaches_the_student(tmp_path):
    solutions = write_key(tmp_path / "solutions")
    says_where = solved(
        double="import os\ndef double(number):\n    raise ValueError(os.getcwd())",
    )
    for student in ("ada", "bert"):
        hand_in(tmp_path / "class", student, says_where)
    report = grade(tmp_path / "class", tmp_path / "report", solutions=solutions, cell_timeout=5, progress=False)
    told = [mark.message for one in report.marks for task in one.tasks for mark in task.cases]
    assert sum("ValueError: ./work" in message.replace("\\", "/") for message in told) == 4, "two visible cases each"
    assert "submission-" not in "".join(told)


def test_what_the_authors_notebook_imports_is_told_while_it_is_imported(monkeypatch):
    for name in ("pandas", "anthropic"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.setattr(sys, "path", [])
    asked = []
    with noticed_imports.telling_what_is_imported(SimpleNamespace(preload=asked.append)):
        for name in ("pandas", "no_such_module_at_all", "anthropic"):
            with pytest.raises(ImportError):
                __import__(name)
    assert asked == ["pandas", "anthropic"]
    with pytest.raises(ImportError):
        __import__("pandas")
    assert asked == ["pandas", "anthropic"]


def test_a_graded_kernel_sends_nothing_that_is_printed():
    sent = []
    stream = unheard_kernel.Unheard.__new__(unheard_kernel.Unheard)
    stream.name, stream.pub_thread = "stdout", SimpleNamespace(schedule=sent.append)
    assert stream.write("words") == 5
    print("words", file=stream, flush=True)
    assert (sent, stream.fileno()) == ([], 1)
    with pytest.raises(TypeError, match="must be str"):
        stream.write(b"words")


@forking
def test_a_graded_kernel_leaves_no_history(taken):
    assert told(taken, "get_ipython().history_manager.hist_file") == ":memory:"
    assert not list(taken.place.rglob("history.sqlite"))


def test_whoever_is_killed_runs_no_more():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        kill_all([psutil.Process(process.pid)])
        assert not psutil.pid_exists(process.pid) or psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    finally:
        process.kill()
        process.wait()


def test_a_workers_process_is_pytest(tmp_path):
    environment = clean_environment(tmp_path / "home")
    command = [sys.executable, "-m", "course_lib.grading.running.worker_process", "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout + done.stderr).startswith("pytest ")

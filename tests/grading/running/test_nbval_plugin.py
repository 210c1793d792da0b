"""The plugin inside a plain pytest run: names of tests, what it writes, what it refuses; the kernel that it watches."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from queue import Empty
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from course_lib.errors import CourseError
from course_lib.grading.cells.key import read_key
from course_lib.grading.kernels.watched_kernel import BUNDLE_CHARACTERS, KernelDied, OutputMeter, WatchedKernel
from course_lib.grading.running import nbval_plugin
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.show.saved_results import CHECK_RESULT
from tests.grading.graded_course import EXERCISE, filled, hand_in, solved, write_key


@pytest.fixture(scope="module")
def key_path(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("course")) / f"{EXERCISE}.ipynb"


@pytest.fixture(scope="module")
def changed_key(key_path, tmp_path_factory):
    """A copy of the key in which one cell is changed."""

    def change(cell_id, **fields):
        notebook = json.loads(key_path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["id"] == cell_id:
                cell.update(fields)
        path = tmp_path_factory.mktemp("changed") / "key.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    return change


def run_pytest(folder, notebook, key, *more):
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [
        *(sys.executable, "-m", "pytest", "--color=no", "--noconftest", "-p", "no:cacheprovider", "-c", "pytest.ini"),
        *("-p", "nbval.plugin", "-p", "course_lib.grading.running.nbval_plugin", "--nbval", "--nbval-current-env"),
        *(f"--course-key={key}", "--course-results=marks.json", "--course-student=ada", "--junitxml=junit.xml"),
        *(*more, str(notebook)),
    ]
    environment = clean_environment(folder / "home")
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_tests_are_named_student_and_task_and_results_are_explicit(key_path, tmp_path):
    notebook = hand_in(tmp_path / "class", "ada", filled({"1.1": "def double(number):\n    return number ** 2"}))
    done = run_pytest(tmp_path, notebook, key_path, "-v")
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    outcomes = {
        f"{test.get('classname').rpartition('.')[2]}::{test.get('name')}": [child.tag for child in test]
        for test in suite.iter("testcase")
    }
    assert outcomes["ada::1.1"] == ["failure"]
    assert outcomes["ada::1.1 (2)"] == ["failure"]
    assert outcomes["ada::1.2"] == ["skipped"]
    assert outcomes["ada::1.1 answer"] == []
    assert not any("Cell" in name for name in outcomes)
    assert "01_small.ipynb::ada::1.1 FAILED" in done.stdout
    assert "a number: failed. That is the square: multiply by two. Hint: Once more itself." in done.stdout
    assert "seventeen" not in done.stdout
    assert "return 2 * number" not in done.stdout
    marks = json.loads((tmp_path / "marks.json").read_text(encoding="utf-8"))
    assert [task["status"] for task in marks["tasks"]] == ["failed", "not attempted", "not attempted"]
    assert marks["status"] == "graded"


def test_a_hidden_check_finds_what_visible_checks_define_in_a_fresh_kernel_too(tmp_path):
    def check(source, cell_id, *tags):
        return new_code_cell(source, id=cell_id, metadata={"tags": ["check", *tags], "course": {"task": "1.3"}})

    visible = check('pair = [1, 2]\nawait check("1.3", case("two", lambda: largest(pair)))', "check-two")
    hidden = check('await check("1.3", case("again", lambda: largest(pair)), hidden=True)', "hidden-two", "hidden")
    key = write_key(tmp_path / "course", visible, hidden) / f"{EXERCISE}.ipynb"
    double = "import os\ndef double(number):\n    return os._exit(0) if isinstance(number, list) else 2 * number"
    run_pytest(tmp_path, hand_in(tmp_path / "class", "ada", solved(double=double)), key)
    marks = json.loads((tmp_path / "marks.json").read_text(encoding="utf-8"))
    hidden_cases = [case for task in marks["tasks"] for case in task["cases"] if case["hidden"]]
    assert [case["status"] for case in hidden_cases] == ["crashed", "passed"]


def test_a_key_without_results_is_refused_by_the_plugin_itself(changed_key, tmp_path):
    notebook = hand_in(tmp_path / "class", "ada", solved())
    done = run_pytest(tmp_path, notebook, changed_key("check-total", outputs=[], execution_count=None))
    assert done.returncode != 0
    assert "the check of task 1.2 has no stored result" in done.stdout
    assert not (tmp_path / "marks.json").exists()


def test_without_a_key_the_plugin_leaves_nbval_alone(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), tmp_path / "plain.ipynb")
    command = [
        *(sys.executable, "-m", "pytest", "--collect-only", "-q", "-c", "pytest.ini", "-p", "no:cacheprovider"),
        *("-p", "nbval.plugin", "-p", "course_lib.grading.running.nbval_plugin", "--nbval", "plain.ipynb"),
    ]
    environment = clean_environment(tmp_path / "home")
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "plain.ipynb::Cell 0" in done.stdout


@pytest.mark.parametrize(
    ("cell_id", "fields", "words"),
    [
        ("check-total", {"execution_count": None}, r"check of task 1\.2 has no stored result"),
        ("hidden-double", {"outputs": []}, r"check of task 1\.1 has no stored result"),
        ("check-total", {"metadata": {"tags": ["check"], "course": {"task": "7.7"}}}, r"checks task 7\.7"),
        ("answer-total", {"metadata": {"tags": ["answer"]}}, "answer cell without a task"),
        (
            "answer-total",
            {"metadata": {"tags": ["answer"], "course": {"task": "1.1"}}},
            r"more than one answer cell for task 1\.1",
        ),
    ],
)
def test_keys_that_would_pass_everybody_are_refused(changed_key, cell_id, fields, words):
    with pytest.raises(CourseError, match=words):
        read_key(changed_key(cell_id, **fields))


def test_a_key_that_fails_its_own_check_is_refused(key_path, tmp_path):
    notebook = json.loads(key_path.read_text(encoding="utf-8"))
    bundle = next(cell for cell in notebook["cells"] if cell["id"] == "check-total")["outputs"][0]["data"][CHECK_RESULT]
    bundle["cases"][1].update(status="raised", value=None, error="TypeError: no")
    (tmp_path / "key.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(CourseError, match=r"task 1\.2 gives no value in the case 'no numbers' \(TypeError: no\)"):
        read_key(tmp_path / "key.ipynb")


def test_the_mark_sheet_of_a_key(key_path):
    sheet = read_key(key_path).unmarked()
    assert [(task.task, task.title, task.points, task.earned, task.status) for task in sheet] == [
        ("1.1", "Double", 4, 0, "not reached"),
        ("1.2", "Total", 3, 0, "not reached"),
        ("1.3", "Largest", 2, 0, "not reached"),
    ]
    assert [case.hidden for case in sheet[0].cases] == [False, False, True]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets not everybody make links")
def test_a_second_kernel_gets_a_folder_that_the_first_one_could_not_prepare(tmp_path, monkeypatch):
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    place.mkdir()
    elsewhere.mkdir()
    (place / "work").mkdir()
    (place / "home").symlink_to(elsewhere)
    given = []

    def start_in(folder, *_):
        clean_environment(folder / "home")
        given.append(folder)
        raise KernelDied

    monkeypatch.setattr(nbval_plugin, "start_in", start_in)
    notebook = SimpleNamespace(
        settings={},
        job=SimpleNamespace(place=place, closed=()),
        config=SimpleNamespace(option=SimpleNamespace(nbval_kernel_startup_timeout=60)),
    )
    with pytest.raises(KernelDied):
        nbval_plugin.GradedNotebook.start_kernel(notebook)
    notebook.witness.stop()
    assert list(place.iterdir()) == given
    assert list(elsewhere.iterdir()) == []
    assert (given[0] / "home" / "runtime").is_dir()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    kernel = WatchedKernel(tmp_path_factory.mktemp("cwd"))
    yield kernel
    kernel.stop()  # also when it is dead: its open sockets would block whoever collects them


@pytest.fixture
def fresh_kernel(tmp_path):
    kernel = WatchedKernel(tmp_path)
    yield kernel
    kernel.stop()


def test_a_flood_is_drained_and_a_dead_kernel_is_noticed_at_once(kernel):
    request = kernel.execute_cell_input("for n in range(2000): print('flood' * 100, flush=True)")
    kernel.await_reply(request, timeout=60)
    kinds = []
    while not kinds or kernel_is_busy(kinds):
        kinds.append(kernel.get_message("iopub", timeout=5))
    assert all(message["msg_type"] == "status" for message in kinds), "printed text is not kept"

    request = kernel.execute_cell_input("while True: pass")
    with pytest.raises(Empty):
        kernel.await_reply(request, timeout=0.3)
    kernel.interrupt()
    kernel.await_idle(request, 5)

    request = kernel.execute_cell_input("import os; os._exit(1)")
    with pytest.raises(KernelDied):
        kernel.await_reply(request, timeout=60)


def kernel_is_busy(messages) -> bool:
    return messages[-1]["content"].get("execution_state") != "idle"


def test_the_meter_keeps_check_results_only():
    meter = OutputMeter()
    shown = {"data": {CHECK_RESULT: {"task": "1.1"}, "text/html": "<b>long</b>"}, "metadata": {"long": "m"}}
    message = {"msg_type": "display_data", "content": shown}
    assert meter.keep(message)
    assert message["content"]["data"] == {CHECK_RESULT: {"task": "1.1"}}
    assert message["content"]["metadata"] == {}
    assert not meter.keep({"msg_type": "display_data", "content": {"data": {"image/png": "…"}}})
    assert not meter.keep({"msg_type": "stream", "content": {"text": "hello"}})
    huge = {"data": {CHECK_RESULT: {"task": "x" * BUNDLE_CHARACTERS}}}
    assert not meter.keep({"msg_type": "display_data", "content": huge})
    error = {"ename": "n" * 10_000, "evalue": "v" * 10_000, "traceback": ["t" * 10_000]}
    message = {"msg_type": "error", "content": error}
    assert meter.keep(message)
    assert message["content"] == {"ename": "n" * 2_000, "evalue": "v" * 2_000, "traceback": []}
    kept = [meter.keep({"msg_type": "display_data", "content": {"data": {CHECK_RESULT: {}}}}) for _ in range(100)]
    assert kept.count(True) < 100


def test_the_meter_keeps_one_end_of_a_cell_and_nothing_that_comes_with_it():
    meter = OutputMeter()
    idle = {"execution_state": "idle", "more": "x" * 10_000}
    messages = [{"msg_type": "status", "content": content} for content in ({"execution_state": "busy"}, idle, idle)]
    assert [meter.keep(message) for message in messages] == [False, True, False]
    assert messages[1]["content"] == {"execution_state": "idle"}


@pytest.mark.parametrize("content", [[], 7, None, {}, {"data": []}, {"data": None, "metadata": 3}])
@pytest.mark.parametrize("kind", ["display_data", "execute_result", "error", "status"])
def test_the_meter_keeps_nothing_that_is_no_message(kind, content):
    assert not OutputMeter().keep({"msg_type": kind, "content": content})


SAYS_WITHOUT_END = """
import time
kernel = get_ipython().kernel
end = time.time() + 20
while time.time() < end:
    kernel.session.send(kernel.shell_stream, "execute_reply", {}, parent={"msg_id": "other"}, ident=kernel._parent_ident["shell"])
"""
SAYS_WHAT_NOBODY_UNDERSTANDS = """
kernel = get_ipython().kernel
session = kernel.session
for content in (b"[]", b"7", b"{", b"[" * 5000, bytes([255])):
    for parent in (kernel.get_parent(), []):
        parts = [session.pack(session.msg_header("display_data")), session.pack(parent), b"{}", content]
        kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts])
kernel.iopub_socket.send_multipart([b"x", b"no message"])
kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", b"not signed", b"{}", b"{}", b"{}", b"{}"])
"""


def test_replies_to_others_do_not_put_off_a_cells_end(fresh_kernel):
    looks = []
    fresh_kernel.while_it_waits = lambda: looks.append(1)
    request = fresh_kernel.execute_cell_input(SAYS_WITHOUT_END)
    with pytest.raises(Empty):
        fresh_kernel.await_reply(request, timeout=1.5)
    assert len(looks) >= 5


def test_what_is_no_message_is_passed_over(fresh_kernel):
    request = fresh_kernel.execute_cell_input(SAYS_WHAT_NOBODY_UNDERSTANDS)
    fresh_kernel.await_reply(request, timeout=30)
    assert [message["msg_type"] for message in fresh_kernel._waiting] in ([], ["status"])
    fresh_kernel.await_idle(request, 5)

"""The adversarial shelf: every attack succeeds where there is no protection, and none does in `course grade`."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

import course_lib
from course_lib.grading.cells.key import read_key
from course_lib.grading.cells.marks import GRADED, UNREADABLE
from course_lib.grading.cells.notebooks import notebook_text, read_notebook
from course_lib.grading.cells.splice import splice
from course_lib.grading.running.grade import grade
from course_lib.grading.sandbox.landlock import SIGNALS, landlock_version
from tests.grading.attacked_course import (
    EXERCISE,
    HIDDEN_ANSWER,
    HONEST,
    OTHERS_WORK,
    SOLVED,
    executed_solution,
    filled,
)
from tests.grading.attacks import ATTACKS, FORGED, HARM, KILLED, LEFT_BEHIND, LOOT, MARKS, STAYS

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the attacks are written for Linux"),
    pytest.mark.skipif(landlock_version() < SIGNALS, reason="this kernel has no full sandbox"),
]

ON_PLAIN_NBVAL = [name for name, attack in ATTACKS.items() if not attack.plain]
HARMFUL = [name for name in ON_PLAIN_NBVAL if ATTACKS[name].shown_by == HARM]
WAITED_FOR = (HARMFUL, ["replaced_program"])  # in vain: nbval alone does not see that a kernel has gone
WAIT_SECONDS = 5
CELL_SECONDS = 3
SUBMISSION_SECONDS = 300  # for a busy machine: no attack ends by it
LOOTERS = "looters"
NEED_ALL_CELLS = ("reference_in_cwd", "shadowed_library")  # one reads the hidden check, the other waits to be imported
SECRETS = (HIDDEN_ANSWER, OTHERS_WORK, "token-of-the-instructor", "key-of-the-instructor")
CHECKS = {"1.1": ("Cell 2", "Cell 3"), "1.2": ("Cell 5",), "1.3": ("Cell 7",)}


class World:
    """All that an attack may reach for: an instructor's folders, with secrets in them, made for the test."""

    def __init__(self, root: Path, port: int):
        self.root, self.port = root, port
        for name in ("solutions", "submissions", "home", "loot", "plain", "site-packages"):
            (root / name).mkdir()
        (root / "home" / "token.txt").write_text("token-of-the-instructor")
        self.victim = root / "victim.txt"
        self.victim.write_text("everybody can read this")

    @property
    def key(self) -> Path:
        return self.root / "solutions" / f"{EXERCISE}.ipynb"

    def loot(self, name: str) -> str:
        path = self.root / "loot" / name
        return path.read_text() if path.exists() else ""

    def aimed(self, text: str) -> str:
        """An attack's file, with this world's places in it."""
        return text.replace("/srv/class", str(self.root)).replace("PORT = 9\\n", f"PORT = {self.port}\\n")

    def hand_in(self, folder: str, name: str, files: dict[str, str]) -> Path:
        place = self.root / folder / name
        place.mkdir()
        for file, text in files.items():
            (place / file).write_text(self.aimed(text))
        return place / f"{EXERCISE}.ipynb"

    def hand_in_answers(self, folder: str, name: str, answers: dict[str, str]) -> Path:
        return self.hand_in(folder, name, {f"{EXERCISE}.ipynb": notebook_text(filled(answers))})


@contextmanager
def a_world():
    # A short path, since the name of a socket has little room.
    with tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True) as root, ExitStack() as open_things:
        root = Path(root).resolve()
        heard: list[bytes] = []
        port = open_things.enter_context(listening(socket.AF_INET, ("127.0.0.1", 0), b"received", heard))
        world = World(root, port)
        open_things.enter_context(
            listening(socket.AF_UNIX, str(root / "fork-server.socket"), HIDDEN_ANSWER.encode(), heard)
        )
        world.heard = heard
        world.key.write_text(notebook_text(executed_solution("build")))
        try:
            yield world
        finally:
            for one in left_behind(world):
                one.kill()


@contextmanager
def listening(family, address, answer: bytes, heard: list):
    """A server that answers whoever connects; yields its port, for a network."""
    server = socket.socket(family)
    server.bind(address)
    server.listen()

    def serve():
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with line:
                    heard.append(line.recv(1000))
                    line.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1] if family == socket.AF_INET else 0
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def left_behind(world: World) -> list[psutil.Process]:
    """The processes that attacks have started and that still run."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cmdline()[-2:] == [str(world.root), LEFT_BEHIND] and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


# Without protection ------------------------------------------------------------------------------


class Plain:
    """The attacks spliced into the key and run by nbval alone, as somebody would who knows nothing of all this.

    Those that only take something stand one below the other in one answer: each shows its own loot.
    """

    def __init__(self, world: World):
        self.world = world
        self.passed: dict[str, set[str]] = {}
        self.codes: dict[str, int] = {}
        # As if it had been installed: the notebook's own folder comes before such places.
        (world.root / "site-packages" / "course_lib").symlink_to(Path(course_lib.__file__).resolve().parent)
        shown = executed_solution("grade")
        together, alone, looters = [LOOTERS, "link"], [], []
        for name in ON_PLAIN_NBVAL:
            attack = ATTACKS[name]
            at_once = attack.shown_by in (LOOT, STAYS, KILLED, FORGED) and name not in NEED_ALL_CELLS
            if at_once and not attack.alone:
                looters.append(attack.answers["1.1"])
                continue
            self.prepare(world.hand_in("plain", name, attack.files()), shown, only_answer=at_once)
            if name not in HARMFUL:
                (alone if attack.alone else together).append(name)
        looting = world.hand_in_answers("plain", LOOTERS, HONEST | {"1.1": "\n\n".join(looters)})
        self.prepare(looting, shown, only_answer=True)
        link = world.root / "plain" / "link" / f"{EXERCISE}.ipynb"
        link.parent.mkdir()
        (world.root / "shown.ipynb").write_text(notebook_text(shown))
        link.symlink_to(world.root / "shown.ipynb")
        runs = [(group, self.start(group)) for group in (together, *WAITED_FOR)]
        for name in alone:
            if [name] not in WAITED_FOR:
                self.finish([name], self.start([name]))
        for group, run in runs:
            self.finish(group, run)

    def prepare(self, handed_in: Path, shown, *, only_answer: bool) -> None:
        """Put the answers into the key, with the results beside its checks that nbval compares with.

        only_answer: nothing but the first answer's cell, which is all that the attack needs.
        """
        outputs = {cell.id: cell for cell in shown.cells}
        spliced = splice(read_notebook(handed_in), read_key(self.world.key)).notebook
        for cell in spliced.cells:
            if cell.cell_type == "code" and cell.id.startswith(("check", "hidden")):
                cell.outputs, cell.execution_count = outputs[cell.id].outputs, outputs[cell.id].execution_count
        if only_answer:
            spliced.cells = [cell for cell in spliced.cells if cell.id == "answer-sign"]
        handed_in.write_text(notebook_text(spliced))

    def report(self, group: list[str]) -> Path:
        return self.world.root / "plain" / f"{group[0] if len(group) == 1 else 'many-' + group[0]}.xml"

    def start(self, group: list[str]) -> subprocess.Popen:
        home = self.world.root / "home"
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        environment = keep | {
            "ANTHROPIC_API_KEY": "key-of-the-instructor",
            "COURSE_MODE": "grade",
            "HOME": str(home),
            "PYTHONPATH": str(self.world.root / "site-packages"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-p", "nbval.plugin", "--nbval", "--nbval-current-env"),
            *("-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(self.world.root / "plain")),
            *(f"--nbval-cell-timeout={WAIT_SECONDS if group in WAITED_FOR else 300}", f"--junitxml={self.report(group)}"),
            *(str(self.world.root / "plain" / name / f"{EXERCISE}.ipynb") for name in group),
        ]
        return subprocess.Popen(
            command,
            cwd=self.world.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def finish(self, group: list[str], run: subprocess.Popen) -> None:
        try:
            self.said = run.communicate(timeout=900)[0].decode(errors="replace")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
        for name in group:
            self.codes[name] = run.returncode
            self.passed[name] = self._passed(group, name)

    def _passed(self, group: list[str], name: str) -> set[str]:
        with suppress(OSError, ElementTree.ParseError):
            cases = ElementTree.parse(self.report(group)).iter("testcase")
            return {one.get("name") for one in cases if f"{name}." in one.get("classname") and len(one) == 0}
        return set()

    def has_succeeded(self, attack) -> bool:
        match attack.shown_by:
            case "loot":
                return attack.proof in self.world.loot(attack.name) != ""
            case "marks":
                return self.passed[attack.name].issuperset(CHECKS["1.2"])
            case "harm":
                return not self.passed[attack.name].issuperset(CHECKS["1.3"])
            case "stays":
                return any(attack.name in one.cmdline() for one in left_behind(self.world))
            case "killed":
                return self.codes[attack.name] == -signal.SIGKILL
            case "forged":
                psutil.wait_procs([one for one in left_behind(self.world) if "forged" in " ".join(one.cmdline())], 60)
                return "forged" in self.report([attack.name]).read_text()


@pytest.fixture(scope="module")
def plain():
    with a_world() as world:
        world.hand_in_answers("submissions", "solved", SOLVED)
        yield Plain(world)


@pytest.mark.parametrize("name", ON_PLAIN_NBVAL)
def test_attack_succeeds_on_nbval_alone(plain, name):
    assert plain.has_succeeded(ATTACKS[name])


def test_link_to_the_key_passes_on_nbval_alone(plain):
    assert plain.passed["link"] >= {check for checks in CHECKS.values() for check in checks}


# In `course grade` -------------------------------------------------------------------------------


class Graded:
    """The whole shelf, graded in one run together with honest submissions."""

    def __init__(self, world: World):
        self.world = world
        for name, attack in ATTACKS.items():
            world.hand_in("submissions", name, attack.files())
        for name, answers in {"honest": HONEST, "solved": SOLVED}.items():
            world.hand_in_answers("submissions", name, answers)
        (world.root / "submissions" / "symlink").mkdir()
        (world.root / "submissions" / "symlink" / f"{EXERCISE}.ipynb").symlink_to(world.key)
        self.before = everything_under(world.root, besides="report")
        self.temporary = world.root / "temporary"
        self.temporary.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(self.temporary))
            patch.setenv("ANTHROPIC_API_KEY", "key-of-the-instructor")
            self.report = grade(
                world.root / "submissions",
                world.root / "report",
                solutions=world.root / "solutions",
                cell_timeout=CELL_SECONDS,
                submission_timeout=SUBMISSION_SECONDS,
                jobs=2,
                progress=False,
            )
        self.after = everything_under(world.root, besides="report")
        self.left = left_behind(world)
        self.marks = {mark.student: mark for mark in self.report.marks}

    def earned(self, student: str) -> dict[str, float]:
        return {task.task: task.earned for task in self.marks[student].tasks}


def everything_under(root: Path, besides: str) -> dict[str, tuple]:
    """Every file below the folder: what is in it, and who may read it."""
    return {
        str(path.relative_to(root)): (path.stat().st_mode, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != besides
    }


@pytest.fixture(scope="module")
def graded():
    with a_world() as world:
        yield Graded(world)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_earns_no_more_than_its_honest_answers(graded, name):
    honest, earned = graded.earned("honest"), graded.earned(name)
    assert all(earned[task] <= honest[task] for task in honest), earned
    if not ATTACKS[name].ends_itself:
        assert earned["1.3"] == honest["1.3"]
        assert graded.marks[name].status == GRADED


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gets_nothing_into_or_out_of_the_grader(graded, name):
    assert not graded.world.loot(name)
    told = json.dumps(graded.marks[name].as_json())
    assert not [secret for secret in SECRETS if secret in told]


def test_others_are_graded_as_if_nobody_had_attacked(graded):
    assert graded.earned("solved") == {"1.1": 5, "1.2": 5, "1.3": 2}
    assert graded.earned("honest") == {"1.1": 0, "1.2": 1, "1.3": 2}
    assert {graded.marks[name].status for name in ("solved", "honest")} == {GRADED}


def test_written_results_say_what_the_grader_found(graded):
    for student, mark in graded.marks.items():
        path = graded.world.root / "report" / "results" / student / f"{EXERCISE}.json"
        assert json.loads(path.read_text())["tasks"] == mark.as_json()["tasks"]


def test_link_to_the_key_is_no_submission(graded):
    assert graded.marks["symlink"].status == UNREADABLE
    assert sum(graded.earned("symlink").values()) == 0


def test_nothing_outside_the_report_has_changed(graded):
    assert graded.after == graded.before


def test_no_process_and_no_folder_is_left(graded):
    assert graded.left == []
    assert os.listdir(graded.temporary) == []


def test_nobody_could_be_reached(graded):
    assert graded.world.heard == []


def test_every_attack_says_how_its_success_is_known():
    for attack in ATTACKS.values():
        assert attack.shown_by in (LOOT, MARKS, HARM, STAYS, KILLED, FORGED)
        assert bool(attack.proof) == (attack.shown_by == LOOT)

"""Each layer of the sandbox, on this machine: that it holds, that honest work goes on under it, and what is said without it."""

import errno
import json
import os
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import course_lib
from course_lib.grading.kernels.confined_kernel import confine_first, level_of
from course_lib.grading.sandbox import call_filter, landlock
from course_lib.grading.sandbox import confinement as sandbox
from course_lib.grading.sandbox.confinement import BASIC, FULL, LAYERS, PARTIAL, POLICY, Level, Policy, policy_for
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.grading.sandbox.needed_places import needed_places, without

CLONE = Path(course_lib.__file__).resolve().parent.parent

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux's own layers")
needs_landlock = pytest.mark.skipif(landlock.landlock_version() < landlock.SIGNALS, reason="an older kernel")
needs_filter = pytest.mark.skipif(not call_filter.can_filter(), reason="no filter of system calls here")

PROBE = """
import json, os, sys
from pathlib import Path

{machine}
from course_lib.grading.sandbox.confinement import Policy, confine

level = confine(Policy.from_json(sys.argv[1]))
own, other = sys.argv[2], int(sys.argv[3])
outcome = {{}}


def attempt(name, act):
    try:
        act()
        outcome[name] = "done"
    except OSError as error:
        outcome[name] = os.strerror(error.errno)
    except (MemoryError, ValueError) as error:
        outcome[name] = type(error).__name__


{attempts}
print(json.dumps([level.to_json(), outcome]))
"""


def confined(folder: Path, attempts: str = "", *, machine: str = "", **policy) -> tuple[Level, dict[str, str]]:
    """The level that a process of its own reached, and what came of the attempts that it made then.

    machine: what to do before, to take this machine for another.
    """
    code = PROBE.format(machine=textwrap.dedent(machine), attempts=textwrap.dedent(attempts))
    told = policy_for(folder, **policy).to_json()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-c", code, told, str(folder), str(other.pid)],
                env=clean_environment(folder / "home"),
                capture_output=True,
                text=True,
                timeout=600,
            )
        finally:
            other.kill()
    assert done.returncode == 0, done.stderr
    level, outcome = json.loads(done.stdout.splitlines()[-1])
    return Level.from_json(level), outcome


DENIED, FORBIDDEN = "Permission denied", "Operation not permitted"


@needs_landlock
@needs_filter
def test_all_layers_together_are_full(tmp_path):
    level, _ = confined(tmp_path)
    assert level.name == FULL
    assert level.layers == dict.fromkeys(LAYERS, True)
    assert level.missing == ()


@needs_landlock
def test_files_outside_are_closed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("an answer")
    own = tmp_path / "own"
    own.mkdir()
    _, outcome = confined(
        own,
        f"""
        attempt("reading", lambda: open({str(secret)!r}))
        attempt("writing", lambda: open({str(secret)!r}, "a"))
        attempt("listing", lambda: os.listdir({str(tmp_path)!r}))
        attempt("removing", lambda: os.remove({str(secret)!r}))
        attempt("moving", lambda: os.rename({str(secret)!r}, own + "/mine"))
        attempt("linking", lambda: open(os.symlink({str(secret)!r}, own + "/link") or own + "/link"))
        attempt("cutting", lambda: os.truncate({str(secret)!r}, 0))
        attempt("the clone", lambda: os.listdir({str(CLONE)!r}))
        attempt("the solutions", lambda: open({str(CLONE / "solutions" / "01_many_calls_at_once.ipynb")!r}))
        attempt("a home", lambda: os.listdir(os.path.expanduser("~root")))
        attempt("site-packages", lambda: open({json.__file__!r}, "a"))
        attempt("another's command", lambda: open(f"/proc/{{other}}/cmdline"))
        attempt("by way of itself", lambda: open(f"/proc/self/root{secret}"))
        """,
    )
    assert set(outcome.values()) <= {DENIED, "Invalid cross-device link"}, outcome
    assert secret.read_text() == "an answer"


@needs_landlock
@needs_filter
def test_honest_work_goes_on(tmp_path):
    _, outcome = confined(
        tmp_path,
        """
        import asyncio, shutil, socket, sqlite3, tempfile, threading, uuid

        def files():
            os.makedirs(own + "/a/b")
            Path(own, "a", "b", "one.txt").write_text("1")
            os.replace(own + "/a/b/one.txt", own + "/two.txt")
            shutil.copy(own + "/two.txt", own + "/three.txt")
            os.remove(own + "/three.txt")
            with tempfile.TemporaryDirectory() as folder:
                sqlite3.connect(folder + "/data.db").execute("create table t (x)")

        def threads():
            done = []
            thread = threading.Thread(target=done.append, args=(1,))
            thread.start()
            thread.join()
            assert done and asyncio.run(asyncio.to_thread(lambda: 5)) == 5

        def figures():
            import matplotlib.pyplot as plot
            plot.plot([1, 2])
            plot.savefig(own + "/figure.png")

        attempt("files", files)
        attempt("threads", threads)
        attempt("figures", figures)
        attempt("the library", lambda: __import__("course_lib.voting.strategies"))
        attempt("a pair of sockets", socket.socketpair)
        attempt("listening", lambda: socket.create_server(("127.0.0.1", 0)))
        attempt("chance", lambda: (os.urandom(8), uuid.uuid4()))
        attempt("nowhere", lambda: open(os.devnull, "w").write("x"))
        attempt("a signal to oneself", lambda: os.kill(os.getpid(), 0))
        """,
    )
    assert set(outcome.values()) == {"done"}, outcome


@needs_filter
def test_calls_that_no_answer_needs_fail(tmp_path):
    _, outcome = confined(
        tmp_path,
        """
        import socket, subprocess, signal, resource
        attempt("fork", os.fork)
        attempt("a program", lambda: subprocess.run([sys.executable, "-c", ""]))
        attempt("another program", lambda: os.execv(sys.executable, [sys.executable, "-c", "print('[[], []]')"]))
        attempt("a signal", lambda: os.kill(other, 0))
        attempt("a signal to all of a group", lambda: os.killpg(os.getpgid(other), 0))
        attempt("a signal by descriptor", lambda: signal.pidfd_send_signal(os.pidfd_open(other), 0))
        attempt("others' limits", lambda: resource.prlimit(other, resource.RLIMIT_CPU, (100, 100)))
        attempt("a datagram", lambda: socket.socket(type=socket.SOCK_DGRAM))
        attempt("a named socket", lambda: socket.socket(socket.AF_UNIX))
        attempt("a pair that can send elsewhere", lambda: socket.socketpair(type=socket.SOCK_DGRAM))
        attempt("a connection", lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
        attempt("a file that is only memory", lambda: os.memfd_create("file"))
        import array, fcntl
        pipe, _ = os.pipe()
        attempt("a signal by a file's news", lambda: fcntl.fcntl(pipe, fcntl.F_SETOWN, other))
        attempt("any signal", lambda: fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL))
        attempt("the same as a structure", lambda: fcntl.fcntl(pipe, 15, array.array("i", [1, other]).tobytes()))
        for call in (0x8901, 0x8902):
            attempt(hex(call), lambda: fcntl.ioctl(pipe, call, array.array("i", [other])))
        file = os.open(own + "/own", os.O_CREAT)
        attempt("keeping others from a file", lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK))
        """,
    )
    assert set(outcome.values()) <= {FORBIDDEN, DENIED}, outcome


@needs_filter
def test_space_on_the_disk_is_taken_by_writing_only(tmp_path):
    """Otherwise nobody would count it; where a library asks for it, the C library writes zeros instead."""
    _, outcome = confined(
        tmp_path,
        f"""
        from course_lib.grading.sandbox.system_calls import system_call
        file = open(own + "/file", "wb")
        attempt("the call", lambda: system_call({call_filter._number("fallocate")}, file.fileno(), 0, 0, 1 << 20))
        attempt("the library", lambda: os.posix_fallocate(file.fileno(), 0, 1 << 20))
        """,
    )
    assert outcome == {"the call": os.strerror(errno.EOPNOTSUPP), "the library": "done"}


@needs_filter
def test_filter_knows_the_calls_by_their_numbers(tmp_path):
    """Called with nothing useful, each would fail with another reason if the filter did not come first."""
    names = ("ptrace", "process_vm_readv", "bpf", "io_uring_setup", "unshare", "mount", "keyctl")
    numbers = {name: call_filter._number(name) for name in names}
    _, outcome = confined(
        tmp_path,
        f"""
        from course_lib.grading.sandbox.system_calls import system_call
        for name, number in {numbers}.items():
            attempt(name, lambda: system_call(number, 1 << 20, 1 << 20, 0, 0, 0, 0))
        """,
    )
    assert outcome == dict.fromkeys(names, FORBIDDEN)


@needs_filter
def test_modes_of_files_stay_and_nothing_stops(tmp_path):
    (tmp_path / "file").write_text("x")
    before = (tmp_path / "file").stat().st_mode
    _, outcome = confined(tmp_path, "attempt('chmod', lambda: os.chmod(own + '/file', 0))")
    assert outcome == {"chmod": "done"}
    assert (tmp_path / "file").stat().st_mode == before


@linux_only
def test_limits_hold_also_for_root(tmp_path):
    level, outcome = confined(
        tmp_path,
        """
        import resource

        def big_file():
            with open(own + "/big", "wb") as file:
                file.seek(2**20)
                file.write(b"x" * 2**20)

        attempt("memory", lambda: bytearray(6 * 2**30))
        attempt("a big file", big_file)
        attempt("more memory", lambda: resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40)))
        """,
        file_bytes=2**20,
    )
    assert outcome == {"memory": "MemoryError", "a big file": "File too large", "more memory": "ValueError"}
    assert level.layers["limits"]
    assert level.layers["privileges"]


# Machines with less ------------------------------------------------------------------------------


@linux_only
def test_without_landlock_the_level_says_what_stays_open(tmp_path):
    level, _ = confined(tmp_path, left_out=("Landlock",))
    assert level.name == (PARTIAL if call_filter.can_filter() else BASIC)
    assert not level.layers["files"]
    assert not level.layers["memory"]
    assert "Landlock" in str(level)
    assert platform.release() in str(level)
    assert "can read files of this account" in str(level)


@needs_landlock
def test_without_a_filter_landlock_still_holds(tmp_path):
    level, outcome = confined(
        tmp_path,
        """
        import socket
        attempt("a signal", lambda: os.kill(other, 0))
        attempt("a connection", lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
        attempt("the clone", lambda: os.listdir("/"))
        """,
        left_out=("call filter",),
    )
    assert level.name == PARTIAL
    assert set(outcome.values()) <= {FORBIDDEN, DENIED}
    assert "a submission can send datagrams and speak to named sockets." in str(level)


@needs_landlock
@pytest.mark.parametrize(
    "version, network, signals", [(1, False, False), (3, False, False), (4, True, False), (6, True, True)]
)
def test_older_kernels_achieve_what_they_can(tmp_path, version, network, signals):
    """Landlock of this kernel, asked for no more than an older one knows."""
    machine = f"""
    from course_lib.grading.sandbox import landlock
    landlock.landlock_version = lambda: {version}
    """
    level, _ = confined(tmp_path, machine=machine, left_out=("call filter",))
    assert (level.layers["files"], level.layers["network"], level.layers["signals"]) == (True, network, signals)
    assert level.name == PARTIAL


@needs_landlock
def test_threads_that_run_already_are_named(tmp_path):
    machine = """
    import threading, time
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    """
    level, _ = confined(tmp_path, machine=machine)
    assert level.name == PARTIAL
    assert "1 threads had been started before" in str(level)


@pytest.mark.parametrize("system, name", [("darwin", "macOS"), ("win32", "Windows")])
def test_other_systems_say_that_they_offer_no_sandbox(tmp_path, monkeypatch, system, name):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(
        sandbox, "limit_process", lambda **most: () if system == "win32" else ("address_space", "file_size")
    )
    level = sandbox.confine(policy_for(tmp_path))
    assert level.name == BASIC
    assert f"{name} offers no sandbox that a program can enter by itself" in str(level)
    assert level.layers["limits"] == (system == "darwin")
    assert (f"{name} sets no limits" in str(level)) == (system == "win32")
    assert not sandbox.hide_memory()
    assert landlock.landlock_version() == 0
    assert not call_filter.can_filter()


@needs_filter
def test_machine_whose_calls_have_other_numbers_gets_no_filter(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not call_filter.can_filter()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_fits_the_kernel_and_jumps_to_its_own_instructions(monkeypatch, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    program = b"".join(call_filter._filter(own_pid=4711))
    steps = [program[start : start + 8] for start in range(0, len(program), 8)]
    assert len(steps) < 4096
    for place, step in enumerate(steps):
        if step[0] in (call_filter._EQUAL, call_filter._AT_LEAST, call_filter._ANY_BIT):
            assert place + 1 + max(step[2], step[3]) < len(steps)
    assert steps[-1] == call_filter._step(call_filter._RETURN, call_filter._ALLOW)


# Which places --------------------------------------------------------------------------------------


def test_needed_places_hold_the_package_and_not_what_lies_beside_it():
    places = needed_places()
    assert any(place == CLONE / "course_lib" or place in (CLONE / "course_lib").parents for place in places)
    assert any(place in Path(pytest.__file__).parents for place in places)
    for neighbour in ("solutions", "tests", "exercises", ".git", "README.md"):
        assert not any(place == CLONE / neighbour or place in (CLONE / neighbour).parents for place in places)


def test_closed_folder_inside_a_needed_place_is_cut_out(tmp_path):
    for folder in ("usr/lib", "usr/src/course/solutions", "usr/src/course/course_lib", "usr/src/other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr" / "link").symlink_to(tmp_path / "usr" / "src")
    places = without([tmp_path / "usr"], [tmp_path / "usr" / "src" / "course" / "solutions"])
    names = [str(place.relative_to(tmp_path)) for place in places]
    assert names == ["usr/lib", "usr/src/course/course_lib", "usr/src/other"]


def test_needed_place_inside_a_closed_folder_stays(tmp_path):
    (tmp_path / ".venv" / "lib").mkdir(parents=True)
    assert without([tmp_path / ".venv" / "lib"], [tmp_path]) == ((tmp_path / ".venv" / "lib").resolve(),)
    assert without([tmp_path], [tmp_path]) == ()


# The contract ---------------------------------------------------------------------------------------


def test_policy_and_level_survive_their_journeys(tmp_path):
    policy = policy_for(tmp_path, closed=[CLONE / "solutions"], file_bytes=1000)
    assert Policy.from_json(policy.to_json()) == policy
    level = Level(PARTIAL, dict.fromkeys(LAYERS, True), ("Landlock 7",), ("Something.",))
    assert Level.from_json(json.loads(json.dumps(level.to_json()))) == level


def test_level_in_one_line():
    layers = dict.fromkeys(LAYERS, False) | {"limits": True, "files": True}
    level = Level(PARTIAL, layers, ("Landlock 1",), ("The network is open.",))
    assert str(level) == "partial (limits, files by Landlock 1); missing: The network is open."
    assert str(Level(BASIC, dict.fromkeys(LAYERS, False))) == "basic (temporary folders only)"


def test_without_a_policy_nothing_is_confined(monkeypatch, tmp_path):
    monkeypatch.delenv(POLICY, raising=False)
    confine_first(tmp_path / "kernel.json")
    assert level_of(tmp_path / "kernel.json") is None


@linux_only
def test_protected_process_keeps_its_memory_to_itself():
    code = "from course_lib.grading.sandbox.confinement import protect_grader as p; from pathlib import Path\n"
    code += (
        "print(p(), Path('/proc/self/mem').stat().st_uid, Path('/proc/self/limits').read_text().count('Max core'))\n"
    )
    code += "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["True", "0", "1", "0"]


@needs_landlock
@needs_filter
def test_cold_kernel_confines_itself_before_its_first_cell(tmp_path):
    from jupyter_client import KernelManager
    from jupyter_client.kernelspec import KernelSpec

    environment = clean_environment(tmp_path / "home") | {POLICY: policy_for(tmp_path).to_json()}
    manager = KernelManager(connection_file=str(tmp_path / "home" / "runtime" / "kernel.json"))
    module = "course_lib.grading.kernels.confined_kernel"
    manager._kernel_spec = KernelSpec(argv=[sys.executable, "-P", "-m", module, "-f", "{connection_file}"])
    manager.start_kernel(cwd=str(tmp_path), env=environment, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        assert level_of(manager.connection_file).name == FULL
        code = f"import os; assert {POLICY!r} not in os.environ; open({str(CLONE / 'README.md')!r})"
        reply = client.execute_interactive(code, timeout=20, output_hook=lambda message: None)
        assert reply["content"]["ename"] == "PermissionError"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

"""Kernels from the fork-server: as good as cold ones, alike in what they offer, and gone when they are ended."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from course_lib.grading.kernels import fork_line, provisioner
from course_lib.grading.kernels.fork_line import ForkFailed, ForkServer
from course_lib.grading.kernels.watched_kernel import WatchedKernel
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.grading.sandbox.orphans import end_children

pytestmark = pytest.mark.skipif(not fork_line.can_fork(), reason="forking kernels needs Linux")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return clean_environment(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(environment):
    server = ForkServer(environment)
    yield server
    server.close()


@pytest.fixture
def start(server, environment, tmp_path, monkeypatch):
    """Starts kernels from this module's server, or cold ones; ends them afterwards."""
    monkeypatch.setattr(fork_line, "_server", server)
    for name in provisioner._READ_AT_START:  # what a fork can't change must be the same here
        monkeypatch.delenv(name, raising=False)
        if name in environment:
            monkeypatch.setenv(name, environment[name])
    kernels = []

    def start(kind="fork", **options):
        factory = provisioner.KernelProvisionerFactory.instance()
        monkeypatch.setattr(factory, "default_provisioner_name", provisioner.NAME if kind == "fork" else "local-provisioner")
        provisioner.register()
        kernels.append(WatchedKernel(tmp_path, environment=environment, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.stop()


def told(kernel, tmp_path, expression):
    """The value of an expression in the kernel, as JSON."""
    path = tmp_path / "told.json"
    kernel.await_reply(kernel.execute_cell_input(f"import json\nopen({str(path)!r}, 'w').write(json.dumps({expression}))"))
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def no_ignored_signals():
    """What a shell leaves ignored in the background (nohup, &) a cold kernel inherits, and a forked one sets right."""
    ignored = [number for number in (signal.SIGHUP, signal.SIGQUIT) if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.usefixtures("no_ignored_signals")
def test_a_forked_kernel_is_in_all_that_a_page_sees_like_a_cold_one(start, tmp_path):
    expression = """dict(
        path=__import__("sys").path, argv=__import__("sys").argv[1:2], cwd=__import__("os").getcwd(), name=__name__,
        main=sorted(vars(__import__("__main__"))) == sorted(globals()), ahead=__import__("matplotlib").get_backend(),
        environment={name: value for name, value in __import__("os").environ.items() if name not in
            ("JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL", "JPY_SESSION_NAME")},
        signals=[str(__import__("signal").getsignal(number)) for number in sorted(__import__("signal").valid_signals())],
        threads=sorted({type(thread).__name__ + thread.name.partition("(")[2] for thread in __import__("threading").enumerate()}),
    )"""
    seen = {}
    for kind in ("fork", "cold"):
        kernel = start(kind)
        assert kernel.forked is (kind == "fork")
        seen[kind] = told(kernel, tmp_path, expression)
        kernel.stop()
    # A cold kernel asks once a second whether its parent lives; the system itself ends a forked one.
    seen["cold"]["threads"].remove("ParentPollerUnix")
    assert seen["fork"] == seen["cold"]


def test_kernels_share_neither_names_nor_chance(start, tmp_path):
    draws = []
    for _ in range(2):
        kernel = start()
        draw = "[__import__('random').random(), __import__('numpy').random.random(), 'left' in globals()]"
        draws.append(told(kernel, tmp_path, draw))
        kernel.await_reply(kernel.execute_cell_input("left = 1; import sys; sys.modules['json'].left = 1"))
        kernel.stop()
    assert draws[0][:2] != draws[1][:2]
    assert [draw[2] for draw in draws] == [False, False]


def test_an_endless_cell_is_interrupted_and_the_kernel_lives_on(start, tmp_path):
    kernel = start()
    request = kernel.execute_cell_input("while True: pass")
    time.sleep(0.3)
    kernel.interrupt()
    kernel.await_reply(request, timeout=10)
    assert told(kernel, tmp_path, "1 + 1") == 2


def test_an_ended_kernel_takes_along_whatever_hid_from_it(start, server, tmp_path):
    hide = "import subprocess, sys\n" + (
        "code = 'import os, time; os.fork() and os._exit(0); os.setsid(); os.environ.clear(); time.sleep(600)'\n"
        "subprocess.Popen([sys.executable, '-c', code], env={}, start_new_session=True).wait()"
    )
    kernel = start()
    kernel.await_reply(kernel.execute_cell_input(hide), timeout=30)
    below = psutil.Process(server.process.pid)
    deadline = time.monotonic() + 10
    while len(below.children(recursive=True)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(below.children(recursive=True)) == 2, "the kernel and the one that hides"
    kernel.stop()
    assert below.children(recursive=True) == []


def test_a_kernel_that_ends_itself_is_noticed(start):
    kernel = start()
    kernel.execute_cell_input("import os; os._exit(3)")
    deadline = time.monotonic() + 10
    while kernel.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not kernel.is_alive()


SOCKET_KINDS = """
import os, socket, stat
def kind(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode) and socket.socket(fileno=os.dup(fd)).type
    except OSError:
        return False
kinds = sorted({int(kind(fd)) for fd in range(3, 200) if kind(fd)})
"""


def test_the_kernel_has_no_line_to_the_server(start, server, tmp_path):
    assert server._line.type == socket.SOCK_SEQPACKET
    kernel = start()
    kernel.await_reply(kernel.execute_cell_input(SOCKET_KINDS))
    assert told(kernel, tmp_path, "kinds") == [socket.SOCK_STREAM], "its own, for the frontend"


def test_a_server_that_has_died_is_replaced(environment, start, monkeypatch, tmp_path):
    first = ForkServer(environment)
    monkeypatch.setattr(fork_line, "_server", first)
    first.wait_until_preloaded()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    kernel = start()
    assert kernel.forked
    assert told(kernel, tmp_path, "1") == 1
    kernel.stop()
    fork_line.the_server().close()


def test_a_server_with_a_second_thread_refuses_to_fork(environment, tmp_path):
    """What happens inside the server, with a thread started by an import."""
    code = (
        "import socket, threading, json, sys\n"
        "from course_lib.grading.kernels import fork_server\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "fork_server.fork(its, {}, [])\n"
        "print(ours.recv(10_000).decode())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["refused"] == (
        "The fork-server has 2 threads, and a fork would break all but one of them."
    )


def test_a_refused_fork_is_one_sentence(server, tmp_path, environment):
    with pytest.raises(ForkFailed, match="ended before its sockets were open"):
        server.fork(["kernel", "-f", str(tmp_path / "nothing.json"), "--no-such-thing"], cwd=str(tmp_path / "nowhere"),
                    environment=environment, streams={})  # fmt: skip


def test_children_are_ended_and_those_to_spare_are_not():
    processes = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(2)]
    others = {child.pid for child in psutil.Process().children()} - {process.pid for process in processes}
    try:
        end_children(spare={processes[0].pid, *others})
        assert processes[0].poll() is None
        assert not psutil.pid_exists(processes[1].pid)
    finally:
        processes[0].kill()
        processes[0].wait()


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        (["julia", "-f", "file"], {}),
        ([sys.executable, "-m", "other_kernel", "-f", "file"], {}),
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "file"], {"PYTHONPATH": "/elsewhere"}),
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "file"], {"PYTHONHASHSEED": "7"}),
    ],
)
def test_what_a_fork_could_not_do_the_same_starts_cold(command, changed):
    assert not provisioner._is_our_kernel(command, {**os.environ, **changed})
    ours = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "file"]
    assert provisioner._is_our_kernel(ours, dict(os.environ))


def test_plain_jupyter_client_uses_it_by_its_name(server, monkeypatch):
    from jupyter_client import AsyncKernelManager

    monkeypatch.setattr(fork_line, "_server", server)
    monkeypatch.setattr(provisioner.KernelProvisionerFactory.instance(), "default_provisioner_name", provisioner.NAME)
    provisioner.register()

    async def run():
        manager = AsyncKernelManager()
        await manager.start_kernel()
        forked = manager.provisioner.sockets_are_open
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        reply = await client.execute_interactive("1 + 1", timeout=30, output_hook=lambda message: None)
        client.stop_channels()
        await manager.shutdown_kernel()
        return forked, reply["content"]["status"]

    assert asyncio.run(run()) == (True, "ok")

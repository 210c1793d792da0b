"""Plain `await` in the cells of a real kernel: simulated time, interrupts, tracebacks, and real time again."""

import re
import sys

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

SWITCH = """
import asyncio
from course_lib.simulation.clock.notebook_time import use_real_time, use_simulated_time
def now(): return asyncio.get_running_loop().time()
print(use_simulated_time())
"""


class Notebook:
    """One kernel, asked cell by cell."""

    def __init__(self):
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                                               display_name="tests", language="python")
        self.manager.start_kernel(extra_arguments=["--IPKernelApp.exec_lines=import sys; sys.path[:0] = " + repr(sys.path)])
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, cell, interrupt_after=None):
        """(printed text, error): what the cell printed, and its "Name: message", or None."""
        number = self.client.execute(cell)
        printed, error = "", None
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != number:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                printed += content["text"]
                if interrupt_after and interrupt_after in printed:
                    self.manager.interrupt_kernel()
                    interrupt_after = None
            elif message["msg_type"] == "error":
                error = f"{content['ename']}: {content['evalue']}"
                self.traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed.rstrip("\n"), error

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel():
    notebook = Notebook()
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(kernel):
    """The kernel with a clock that starts at 0 and no tasks of the test before."""
    assert kernel.run("from course_lib.simulation.clock import notebook_time; notebook_time._loop = None") == ("", None)
    assert kernel.run(SWITCH) == ("True", None)
    return kernel


def test_await_in_a_cell_takes_simulated_time(notebook):
    assert notebook.run("await asyncio.sleep(86_400); print(now())") == ("86400.0", None)


def test_time_goes_on_in_the_next_cell(notebook):
    notebook.run("await asyncio.sleep(3)")
    assert notebook.run("await asyncio.sleep(4); print(now())") == ("7.0", None)


def test_cells_without_await_run_as_ever(notebook):
    assert notebook.run("print(1 + 1)") == ("2", None)


def test_async_for_and_async_with_work_at_the_top_of_a_cell(notebook):
    cell = """
async def ticks():
    for number in range(3):
        await asyncio.sleep(1)
        yield number
async for tick in ticks():
    print(tick, now())
async with asyncio.timeout(5):
    print(await asyncio.gather(asyncio.sleep(1, "a"), asyncio.sleep(1, "b")))
"""
    assert notebook.run(cell) == ("0 1.0\n1 2.0\n2 3.0\n['a', 'b']", None)


def test_a_background_task_goes_on_in_the_next_cell(notebook):
    notebook.run("task = asyncio.create_task(asyncio.sleep(10, 'done')); await asyncio.sleep(4)")
    assert notebook.run("print(task.done())") == ("False", None)
    assert notebook.run("print(await task, now())") == ("done 10.0", None)


def test_an_interrupt_stops_a_cell_that_never_ends_and_the_next_one_works(notebook):
    endless = """
try:
    print("started\\n", end="", flush=True)  # in one piece: the interrupt may come before a second one
    while True:
        await asyncio.sleep(1)
finally:
    print("cleaned up")
"""
    printed, error = notebook.run(endless, interrupt_after="started")
    assert error.startswith("KeyboardInterrupt")
    assert printed == "started\ncleaned up"
    assert notebook.run("before = now(); await asyncio.sleep(2); print(now() - before)") == ("2.0", None)


def test_an_error_shows_the_readers_own_lines(notebook):
    cell = """
async def divide(number):
    await asyncio.sleep(1)
    return 1 / number
await divide(0)
"""
    assert notebook.run(cell) == ("", "ZeroDivisionError: division by zero")
    assert "return 1 / number" in notebook.traceback
    assert "await divide(0)" in notebook.traceback


def test_a_stuck_cell_says_so_instead_of_hanging(notebook):
    printed, error = notebook.run("async def waiter():\n    await asyncio.Event().wait()\nawait waiter()")
    assert printed == ""
    assert error.startswith("StuckError: Nothing can happen any more")
    assert "waiter() waits at line 2 for Event.wait()" in error
    assert notebook.run("await asyncio.sleep(1); print('alive')") == ("alive", None)


def test_connecting_switches_by_itself(notebook):
    notebook.run("%autoawait asyncio")
    cell = "from course_lib import connect, run_parallel; claude = connect(seconds_per_call=3.0)"
    assert notebook.run(cell) == ("", None)
    cell = "replies = await run_parallel(claude.ask, ['Question'] * 10); print(len(replies), claude.log.makespan)"
    assert notebook.run(cell) == ("10 3.0", None)


def test_real_time_comes_back_with_one_line(notebook):
    def runs_on():
        return notebook.run("await asyncio.sleep(0); print(type(asyncio.get_running_loop()).__name__)")[0]

    assert runs_on() == "VirtualLoop"
    notebook.run("%autoawait asyncio")
    assert runs_on() != "VirtualLoop"
    assert notebook.run("print(use_simulated_time())") == ("True", None)
    assert runs_on() == "VirtualLoop"
    notebook.run("use_real_time()")
    assert runs_on() != "VirtualLoop"


def test_run_simulated_works_inside_a_cell_and_has_its_own_clock(notebook):
    cell = """
from course_lib import run_simulated
await asyncio.sleep(5)
async def nap():
    await asyncio.sleep(100)
    return now()
print(run_simulated(nap()), now())
"""
    assert notebook.run(cell) == ("100.0 5.0", None)


def test_what_asyncio_run_says_in_a_cell_is_pythons_own(notebook):
    cell = "await asyncio.sleep(0); asyncio.run(asyncio.sleep(1))"
    assert notebook.run(cell)[1] == "RuntimeError: asyncio.run() cannot be called from a running event loop"


def test_watching_an_answer_leaves_the_notebooks_clock_alone(notebook):
    printed, error = notebook.run(
        "%autoawait asyncio\n"
        "from course_lib.grading import observe\n"
        "async def answer(ask): return await ask('Hello there')\n"
        "before = get_ipython().loop_runner\n"
        "_ = observe(answer)\n"
        "print(get_ipython().loop_runner is before)"
    )
    assert (printed, error) == ("True", None)


def test_an_error_in_a_pool_ends_at_the_readers_own_line(notebook):
    cell = """
from course_lib import run_parallel
async def invert(number): return 1 / number
await run_parallel(invert, [1, 0, 2])
"""
    _, error = notebook.run(cell)
    assert error == "ZeroDivisionError: division by zero"
    assert "await run_parallel(invert, [1, 0, 2])" in notebook.traceback

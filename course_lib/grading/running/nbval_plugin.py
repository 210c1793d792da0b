"""A pytest plugin that grades submissions with nbval: `-p nbval.plugin -p course_lib.grading.running.nbval_plugin`.

nbval runs the cells; this plugin decides which ones (the key's, with the student's answers in them), what is compared
(the value that each check emits, here in pytest's own process) and what happens after a time-out or a dead kernel.

Hidden checks run after every other cell. An answer may keep what a hidden check gives it, so nothing that a student
can read is computed after the first of them.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from queue import Empty

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from course_lib.errors import CourseError
from course_lib.grading.cells.key import Key, bundles_in, read_key, unmarked_cases
from course_lib.grading.cells.marking import DIED, RAISED, RAN, STOPPED, CellRun, end_all, judge
from course_lib.grading.cells.marks import (
    CRASHED,
    FAILED,
    GRADED,
    NOT_ATTEMPTED,
    PASSED,
    TIMED_OUT,
    CaseMark,
    SubmissionMark,
    TaskMark,
)
from course_lib.grading.cells.notebooks import ANSWER, CHECK, HIDDEN_CHECK, OTHER, read_notebook, role, task_of
from course_lib.grading.cells.splice import splice
from course_lib.grading.cells.syntax import syntax_problem
from course_lib.grading.kernels.watched_kernel import KernelDied, start_in
from course_lib.grading.running.witness import Witness, trusted_settings
from course_lib.grading.running.workers import Job
from course_lib.grading.sandbox.confinement import BASIC, FULL, PARTIAL, Level
from course_lib.grading.sandbox.kernel_watch import DiskWatch, ThreadWatch, TooManyThreads, WroteTooMuch
from course_lib.grading.sandbox.removal import remove_all
from course_lib.grading.sandbox.resource_limits import limit_resources

PAGE_SECONDS = 60  # for the key's own cells, the first of which imports the library
KERNEL = "kernel-"  # how the name of each kernel's own folder begins
OUTPUT_SECONDS = 3  # how long an interrupted cell may take to come to its end before its kernel is killed


def pytest_addoption(parser):
    group = parser.getgroup("course", "Grading submissions of the course")
    group.addoption("--course-key", metavar="FILE", help="the executed solution notebook")
    group.addoption("--course-results", metavar="FILE", help="where the marks go, as JSON, while they are made")
    group.addoption("--course-student", metavar="NAME", default="student", help="whose submission it is")


def pytest_configure(config):
    if config.option.course_key and not config.option.course_results:
        raise pytest.UsageError("--course-key needs --course-results FILE as well, or the marks would be lost.")
    if config.option.course_key:
        limit_resources()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """nbval's collector for a notebook, replaced by ours when there is a key to grade it with."""
    collectors = yield
    if not parent.config.option.course_key:
        return collectors
    return [_graded(collector) if isinstance(collector, IPyNbFile) else collector for collector in collectors]


def _graded(notebook: IPyNbFile) -> GradedNotebook:
    """The same file, to be graded as pytest's options say."""
    option, place = notebook.config.option, Path(tempfile.mkdtemp(prefix="submission-")).resolve()
    notebook.config.add_cleanup(lambda: remove_all(place))
    job = Job(
        student=option.course_student,
        notebook=notebook.path,
        key=Path(option.course_key),
        results=Path(option.course_results),
        place=place,
        cell_timeout=option.nbval_cell_timeout,
        closed=(str(Path(option.course_key).resolve().parent),),
    )
    return GradedNotebook.from_parent(notebook.parent, path=notebook.path, job=job)


def prepared_key(path: Path) -> tuple[Key, dict]:
    """The key in this file and what its checks ask the simulated API for, read once as long as the file stays the same."""
    return _prepared_key(path, path.stat().st_mtime_ns)


@cache
def _prepared_key(path: Path, _changed: int) -> tuple[Key, dict]:
    key = read_key(path)
    return key, trusted_settings(key)


class GradedNotebook(IPyNbFile):
    """The key with one student's answers; its items are the code cells, which share a kernel while it lives."""

    def __init__(self, *, job: Job, **node):
        super().__init__(**node)
        self.job = job
        self.unsaved = True
        self.blocked: dict[str, tuple[str, str]] = {}
        self.unsafe: set[str] = set()

    def collect(self):
        try:
            key, self.settings = prepared_key(self.job.key)
            self.spliced = splice(read_notebook(self.path), key)
        except CourseError as error:
            raise pytest.Collector.CollectError(str(error)) from None
        self.references = {cell.id: bundle for cell, bundle in key.checks()}
        self.mark = SubmissionMark(self.job.student, key.exercise)
        self.mark.remarks += self.spliced.remarks
        self.tasks = {task.task: TaskMark(task.task, task.title, []) for task in key.unmarked()}
        self.nb = self.spliced.notebook
        self.items = list(self._items())
        self.in_turn = sorted(self.items, key=lambda item: item.role == HIDDEN_CHECK)
        self.save()
        return self.in_turn

    def _items(self):
        seen: dict[str, int] = defaultdict(int)
        for number, cell in enumerate(cell for cell in self.nb.cells if cell.cell_type == "code"):
            name = f"{self.job.student}::{_label(cell, number)}"
            seen[name] += 1
            name += f" ({seen[name]})" if seen[name] > 1 else ""
            # Comparison off: nbval runs the cell, and the plugin judges what came.
            options = defaultdict(bool, check=False)
            yield GradedCell.from_parent(self, name=name, cell_num=number, cell=cell, options=options)

    def save(self) -> None:
        """Write down all marks made so far, unless they are written down already.

        A worker that is killed while a cell is running loses none: this is called as soon as a cell takes its time. Killed
        between two cells it may lose those of the last few; its submission then counts as out of time or not graded, and
        the next run of `course grade` grades it anew, since it takes over nothing but submissions that were graded to their end.
        """
        if not self.unsaved:
            return
        self.unsaved = False
        for task in self.tasks.values():
            task.cases = [mark for item in self.items if item.task == task.task for mark in item.marks]
            for told, words in ((task, "note"), *((mark, "message") for mark in task.cases)):
                setattr(told, words, self._without_places(getattr(told, words)))
        self.mark.tasks = [task for task in self.tasks.values() if task.cases]
        self.mark.write(self.job.results)

    def _without_places(self, text: str) -> str:
        """No path of a temporary folder in what a student reads."""
        return re.sub(rf"{re.escape(str(self.job.place))}([/\\\\]{KERNEL}\w+)?", ".", text)

    def setup(self):
        self.start_kernel()

    def teardown(self):
        self.stop_kernel()
        if self.mark.sandbox:  # otherwise not one kernel has started
            self.mark.status = GRADED
        self.unsaved = True
        self.save()

    # The kernel ----------------------------------------------------------------------------------

    def start_kernel(self) -> None:
        self.timed_out = False
        self.gone_back_to = 0
        self.witness = Witness(self.settings)
        for left_by_an_earlier_kernel in self.job.place.iterdir():
            remove_all(left_by_an_earlier_kernel)
        # Not its folder again: what could not be removed may be a link by now, and would lead us elsewhere.
        place = Path(tempfile.mkdtemp(prefix=KERNEL, dir=self.job.place))
        timeout = self.config.option.nbval_kernel_startup_timeout
        self.kernel = start_in(place, self.job.closed, self.witness.kernel_end, timeout)
        self.disk = DiskWatch(self.kernel.km.provisioner.pid, place)
        self.threads = ThreadWatch(self.kernel.km.provisioner.pid)
        self.kernel.while_it_waits = self._look_after_it
        self.witness.start()
        self._note_level(self.kernel.level)

    def _look_after_it(self) -> None:
        self.save()
        self.threads.look()
        self.disk.look()

    def _note_level(self, level: Level | None) -> None:
        """The mark names the weakest level that one of the submission's kernels reached."""
        name = BASIC if level is None else level.name
        levels = (BASIC, PARTIAL, FULL)
        if not self.mark.sandbox or levels.index(name) < levels.index(self.mark.sandbox):
            self.mark.sandbox, self.mark.isolation = name, {} if level is None else level.to_json()

    def give_up_kernel(self, culprit: GradedCell) -> None:
        """End the kernel that a cell has spoilt; the cell is not run again."""
        self.unsafe.add(culprit.cell.id)
        self.stop_kernel()

    def stop_kernel(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()
            self.witness.stop()
        self.kernel = None

    def revive_kernel(self, before: GradedCell) -> None:
        """A fresh kernel, if there is none, in which everything before the cell has run: key cells and answers.

        For a hidden check the visible ones run as well: it may use what they define. What they say counts no more.
        """
        wanted = (OTHER, ANSWER, CHECK) if before.role == HIDDEN_CHECK else (OTHER, ANSWER)
        while self.kernel is None or not self.kernel.is_alive():
            self.stop_kernel()
            self.start_kernel()
            self._replay(item for item in self.in_turn[: self.in_turn.index(before)] if item.role in wanted)

    def go_back(self, before: GradedCell) -> None:
        """Run once more what stands before a hidden check in the notebook, so that each name means there what it meant.

        Two answers may each have a helper of the same name; without this the earlier task would meet the later one's.
        """
        place = self.items.index(before)
        between, self.gone_back_to = self.items[self.gone_back_to : place], place
        self._replay(item for item in between if item.role in (OTHER, ANSWER))

    def _replay(self, items: Iterable[GradedCell]) -> None:
        """Run the cells, except those that have spoilt a kernel before; stop when one spoils this one."""
        for item in items:
            if item.cell.id not in self.unsafe and item.execute().state in (STOPPED, DIED):
                return


class GradedCell(IPyNbCell):
    """One code cell of the key, run by nbval, whose result becomes marks."""

    def __init__(self, name, parent, cell_num, cell, options):
        super().__init__(name, parent, cell_num, cell, options)
        self.role = role(cell)
        self.task = task_of(cell)
        self.is_check = self.role in (CHECK, HIDDEN_CHECK)
        self.marks: list[CaseMark] = unmarked_cases(cell, parent.references[cell.id]) if self.is_check else []
        self.output_timeout = OUTPUT_SECONDS

    def setup(self):
        """Nothing: nbval would expect every cell after a time-out to fail."""

    def runtest(self):
        if self.is_check:
            self._run_check()
        elif self.role == ANSWER:
            self._run_answer()
        else:
            self._run_page_cell()

    def execute(self) -> CellRun:
        """Run the cell in the notebook's kernel, as nbval does, and say what it came to."""
        notebook = self.parent
        notebook.timed_out = False
        self.test_outputs = None
        state, why = RAN, ""
        notebook.witness.look_at(self.task if self.is_check else None, self.role == HIDDEN_CHECK)
        # Students' cells have the limit that was asked for; the key's own pages have time to import what they need.
        asked = notebook.job.cell_timeout
        self.config.option.nbval_cell_timeout = max(asked, PAGE_SECONDS) if self.role == OTHER else asked
        try:
            super().runtest()
        except NbCellError:
            state = STOPPED if notebook.timed_out else RAISED
        except (WroteTooMuch, TooManyThreads) as problem:
            state, why = DIED, str(problem)
        except (KernelDied, Empty, RuntimeError, AttributeError, OSError, MemoryError):
            # nbval meets a kernel that goes away in the middle of its last words in several ways.
            state = DIED
        outputs = self.test_outputs or []
        if state in (STOPPED, DIED):
            notebook.give_up_kernel(culprit=self)
        error = next((output for output in outputs if output.output_type == "error"), {})
        return CellRun(state, error.get("ename", ""), error.get("evalue", ""), bundles_in(outputs), why)

    def _run(self) -> CellRun:
        self.parent.revive_kernel(before=self)
        if self.role == HIDDEN_CHECK:
            self.parent.go_back(before=self)
            self.parent.revive_kernel(before=self)  # an answer that ran before may have ended the kernel this time
        return self.execute()

    def _run_page_cell(self) -> None:
        run = self._run()
        if run.state in (STOPPED, DIED):
            what = "took too long" if run.state == STOPPED else "ended Python"
            self.parent.mark.remarks.append(f"A cell of the notebook that uses the answers {what}; it was left out.")
        if run.state != RAN:
            pytest.skip("a cell of the page did not run with these answers")

    def _run_answer(self) -> None:
        run = self._run()
        task = self.parent.tasks[self.task]
        if self.task in self.parent.spliced.untouched:
            self._block(NOT_ATTEMPTED, "Not done yet.")
            pytest.skip(f"task {self.task} is not done yet")
        if run.state == RAN or (run.error_name == "NotImplementedError" and run.error_text.startswith("task ")):
            return
        if run.state == RAISED:
            problem = syntax_problem(self.cell.source)
            task.note = problem or f"Your answer cell stops with {run.error}."
            if problem:
                self._block(FAILED, problem)
        elif run.state == STOPPED:
            task.note = f"Your answer cell did not end within {self.parent.job.cell_timeout:g} seconds."
            self._block(TIMED_OUT, task.note)
        else:
            ended = "Your answer cell ended Python itself: look for exit calls and for very large data."
            task.note = run.why or ended
            self._block(CRASHED, task.note)
        raise NotPassed(f"Task {self.task}: {task.note}")

    def _block(self, status: str, message: str) -> None:
        """The checks of this task have nothing to run on; they get this status instead."""
        self.parent.blocked[self.task] = (status, message)

    def _run_check(self) -> None:
        notebook = self.parent
        if self.task in notebook.blocked:
            end_all(self.marks, *notebook.blocked[self.task])
        else:
            run = self._run()
            seen = partial(notebook.witness.evidence, self.task, self.role == HIDDEN_CHECK)
            self.marks = judge(self.cell, notebook.references[self.cell.id], run, notebook.job.cell_timeout, witness=seen)
        notebook.unsaved = True
        if all(mark.status == NOT_ATTEMPTED for mark in self.marks):
            pytest.skip(f"task {self.task} is not done yet")
        failed = [mark for mark in self.marks if mark.status != PASSED]
        if failed:
            told = [f"{'hidden check' if mark.hidden else mark.name}: {mark.status}. {mark.message}" for mark in failed]
            raise NotPassed("\n".join(told))

    def repr_failure(self, excinfo):
        """What a teacher reads in pytest's report: the verdict, never the key's source."""
        if isinstance(excinfo.value, NotPassed):
            return str(excinfo.value)
        return f"This cell could not be graded: {type(excinfo.value).__name__}."

    def reportinfo(self):
        return self.path, 0, f"{self.path.name}: {self.name}"


class NotPassed(Exception):
    """A check of which not every case passes."""


def _label(cell, number: int) -> str:
    kind = role(cell)
    if kind in (CHECK, HIDDEN_CHECK):
        return task_of(cell)
    return f"{task_of(cell)} answer" if kind == ANSWER else f"page cell {number + 1}"

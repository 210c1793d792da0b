"""A pytest plugin: one session that grades submission after submission, `-p course_lib.grading.running.long_session`.

Jobs come in on standard input, one line of JSON each; one word goes out on standard output when a job begins and when it
has ended. What pytest itself prints goes to standard error.

Between two jobs only the keys that were read are kept.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator

import pytest
from _pytest.runner import collect_one_node

from course_lib.grading.kernels import provisioner
from course_lib.grading.kernels.noticed_imports import telling_what_is_imported
from course_lib.grading.kernels.spare_kernel import Spares
from course_lib.grading.running.job import BEGUN, ENDED, Job
from course_lib.grading.running.nbval_plugin import GradedNotebook, prepared_key
from course_lib.grading.sandbox.confinement import protect_grader
from course_lib.grading.sandbox.family import TOKEN, carriers, kill_all
from course_lib.grading.sandbox.orphans import adopt_orphans, end_children
from course_lib.grading.sandbox.resource_limits import limit_resources


def pytest_addoption(parser):
    group = parser.getgroup("course", "Grading submissions of the course")
    group.addoption("--course-jobs", action="store_true", help="grade the jobs that come in on standard input")


def pytest_configure(config):
    if config.option.course_jobs:
        config.course_words = _words_apart_from_what_is_printed()
        limit_resources()
        protect_grader()
        adopt_orphans()
        if provisioner.is_chosen():
            provisioner.register()
            provisioner.the_server()  # its imports and ours go on side by side
        config.course_spares = Spares()


def _words_apart_from_what_is_printed():
    words = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return words


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """Nothing is collected beforehand: jobs come later."""
    return True if session.config.option.course_jobs else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    if not session.config.option.course_jobs:
        return None
    spares = session.config.course_spares
    for number, job in enumerate(_jobs()):
        _prepare(job, spares)
        if number == 0:
            _keep_for_good()
        print(BEGUN, file=session.config.course_words, flush=True)
        _run(session, job, spares)
        _end_strays()
        _forget(session)
        print(ENDED, file=session.config.course_words, flush=True)
    return True


def _jobs() -> Iterator[Job]:
    for line in sys.__stdin__:
        yield Job.from_line(line)


def _prepare(job: Job, spares: Spares) -> None:
    """What the first job with a key takes time for, and must not pay for."""
    if not provisioner.is_chosen():
        prepared_key(job.key)
        return
    server = provisioner.the_server()
    if server.is_preloaded():
        spares.prepare(job.closed)  # begins while the author's notebook runs here
    with telling_what_is_imported(server):
        prepared_key(job.key)
    server.wait_until_preloaded()
    spares.prepare(job.closed)


def _keep_for_good() -> None:
    """Let the collector of garbage pass over all that is here now: it stays, and going through it takes longer than a cell."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _run(session, job: Job, spares: Spares) -> None:
    session.config.option.nbval_cell_timeout = job.cell_timeout
    notebook = GradedNotebook.from_parent(session, path=job.notebook)
    notebook.job, notebook.spares = job, spares
    collected = collect_one_node(notebook)
    if collected.failed:
        print(collected.longrepr)
    items = collected.result
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


def _end_strays() -> None:
    """End what a cold kernel has left behind; the fork-server ends what its own have left."""
    server = provisioner.server_pid()
    if sys.platform == "linux":
        end_children(spare={server})
    else:
        kill_all([one for one in carriers(os.environ.get(TOKEN, "")) if one.pid not in (os.getpid(), server)])


def _forget(session) -> None:
    """Let go of what pytest keeps of every test for its last page, which nobody reads."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    terminal.stats.clear()
    terminal._progress_nodeids_reported.clear()
    session.testsfailed = 0
    gc.collect()

"""A worker's process, a pytest session that grades job after job: `python -m course_lib.grading.running.worker_process FOLDER`.

Jobs come in on standard input, one line of JSON each; one word goes out on standard output when a job begins and when it
has ended. What pytest itself prints goes to standard error. Between two jobs only the keys that were read are kept.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import TextIO

from course_lib.grading.kernels import fork_line
from course_lib.grading.running.workers import BEGUN, ENDED, Job
from course_lib.grading.sandbox.confinement import protect_grader
from course_lib.grading.sandbox.family import TOKEN, carriers, kill_all
from course_lib.grading.sandbox.orphans import adopt_orphans, end_children
from course_lib.grading.sandbox.resource_limits import limit_resources


def main(folder: str) -> int:
    """Grade until standard input is closed; pytest's exit code. folder: with an empty `pytest.ini`."""
    gc.disable()  # what is imported stays; enabled again before the first job
    words = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    limit_resources()
    if fork_line.is_chosen():
        fork_line.the_server()  # what it imports and what pytest imports takes equally long
    protect_grader()
    adopt_orphans()
    # nbformat imports jsonschema, which takes a second to compile a grammar of international web addresses, if it finds one.
    sys.modules.setdefault("rfc3987_syntax", None)
    import pytest

    arguments = [
        *("-q", "-s", "--color=no", "--noconftest", "-p", "no:cacheprovider", "-c", f"{folder}/pytest.ini", "--rootdir", folder),
        *("-p", "nbval.plugin", "-p", "course_lib.grading.running.nbval_plugin", "--nbval", "--nbval-current-env"),
    ]
    return pytest.main(arguments, plugins=[LongSession(words)])


class LongSession:
    """Pytest's loop over tests, replaced by one over jobs; nothing is collected beforehand."""

    def __init__(self, words: TextIO):
        self._words = words

    def pytest_collection(self) -> bool:
        return True

    def pytest_runtestloop(self, session) -> bool:
        # What it keeps of every test is for its last page, which nobody reads.
        session.config.pluginmanager.unregister(name="terminalreporter")
        for number, line in enumerate(sys.__stdin__):
            job = Job.from_line(line)
            _prepare(job)
            if number == 0:
                _keep_for_good()
            print(BEGUN, file=self._words, flush=True)
            _run(session, job)
            _end_strays()
            session.testsfailed = 0
            gc.collect()
            print(ENDED, file=self._words, flush=True)
        return True


def _prepare(job: Job) -> None:
    """What the first job with a key takes time for, and must not pay for."""
    from course_lib.grading.kernels import provisioner
    from course_lib.grading.running.nbval_plugin import prepared_key

    prepared_key(job.key)
    if not fork_line.is_chosen():
        return
    provisioner.register()
    with suppress(fork_line.ForkFailed):  # then kernels start cold
        if "anthropic" in sys.modules:  # the author's notebook needs it, so will every kernel
            fork_line.the_server().preload("anthropic")
        fork_line.the_server().wait_until_preloaded()


def _keep_for_good() -> None:
    """Let the collector of garbage pass over all that is here now: it stays, and going through it takes longer than a cell."""
    gc.freeze()
    gc.enable()


def _run(session, job: Job) -> None:
    from _pytest.runner import collect_one_node

    from course_lib.grading.running.nbval_plugin import GradedNotebook

    collected = collect_one_node(GradedNotebook.from_parent(session, path=job.notebook, job=job))
    if collected.failed:
        print(collected.longrepr)
    items = collected.result
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


def _end_strays() -> None:
    """End what a cold kernel has left behind; the fork-server ends what its own have left."""
    server = fork_line.the_server().process.pid if fork_line.is_chosen() else None
    if sys.platform == "linux":
        end_children(spare={server})
    else:
        kill_all([one for one in carriers(os.environ.get(TOKEN, "")) if one.pid != os.getpid()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

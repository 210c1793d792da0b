"""The watch over the threads of a kernel."""

import os
import sys
import threading

import pytest

from course_lib.grading.sandbox.thread_watch import MOST_THREADS, ThreadWatch, TooManyThreads


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows them")
def test_who_has_too_many_threads_is_stopped():
    end = threading.Event()
    before = len(os.listdir("/proc/self/task"))
    threads = [threading.Thread(target=end.wait) for _ in range(20)]
    watch = ThreadWatch(os.getpid(), most=before + 19)
    watch.look()
    for thread in threads:
        thread.start()
    try:
        with pytest.raises(TooManyThreads, match="threads, and was stopped"):
            watch.look()
        ThreadWatch(os.getpid()).look()
    finally:
        end.set()
        for thread in threads:
            thread.join()


def test_a_process_that_has_ended_has_none():
    ThreadWatch(2**22 + 1, most=0).look()


def test_limit_leaves_room_for_a_pool_of_threads():
    assert MOST_THREADS > 500

"""The watch over a kernel: it sees what lies in its folder, what is hidden from it, and its threads."""

import os
import subprocess
import sys
import threading

import pytest

from course_lib.grading.sandbox import kernel_watch
from course_lib.grading.sandbox.kernel_watch import DiskWatch, ThreadWatch, TooManyThreads, WroteTooMuch

MEGABYTE = 2**20
NOBODY = 2**22 + 1
"""No process has this number: Linux gives none so high."""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a process's writing and threads")


def test_files_together_count_however_deep_they_lie(tmp_path):
    watch = DiskWatch(NOBODY, tmp_path, most_bytes=3 * MEGABYTE)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    for number in range(2):
        (deep / str(number)).write_bytes(os.urandom(MEGABYTE))
    watch.look()
    (tmp_path / "third").write_bytes(os.urandom(MEGABYTE))
    with pytest.raises(WroteTooMuch, match="more than 3 MB to the disk, and was stopped: look for a loop"):
        watch.look()


def test_empty_files_count_by_their_number(tmp_path):
    watch = DiskWatch(NOBODY, tmp_path, most_files=20)
    for number in range(20):
        (tmp_path / str(number)).touch()
    watch.look()
    (tmp_path / "one more").mkdir()
    with pytest.raises(WroteTooMuch, match="more than 20 files"):
        watch.look()


def test_links_lead_nowhere(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "large").write_bytes(os.urandom(2 * MEGABYTE))
    (folder / "file").symlink_to(tmp_path / "large")
    (folder / "above").symlink_to(tmp_path)
    (folder / "nowhere").symlink_to(tmp_path / "missing")
    DiskWatch(NOBODY, folder, most_bytes=MEGABYTE).look()


def test_folders_too_deep_to_be_looked_into_count_as_too_much(tmp_path):
    here = tmp_path
    for _ in range(kernel_watch.MOST_DEEP):
        here = here / "in"
        here.mkdir()
    DiskWatch(NOBODY, tmp_path).look()
    (here / "in").mkdir()
    with pytest.raises(WroteTooMuch, match="folders inside each other"):
        DiskWatch(NOBODY, tmp_path).look()


def test_a_folder_that_is_gone_holds_nothing(tmp_path):
    DiskWatch(NOBODY, tmp_path / "missing").look()


@linux_only
def test_a_file_counts_that_was_deleted_while_it_was_open(tmp_path):
    code = f"""
import os
file = open("gone", "wb", buffering=0)
os.remove("gone")
print("begun", flush=True)
input()
file.write(bytes({2 * MEGABYTE}))
print("written", flush=True)
input()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "begun\n"
        watch = DiskWatch(process.pid, tmp_path, most_bytes=MEGABYTE)
        watch.look()
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "written\n"
        with pytest.raises(WroteTooMuch, match="more than 1 MB"):
            watch.look()
        process.communicate("\n")
    watch.look()  # the dead write no more; that they are dead is another's business


@linux_only
def test_who_hides_from_the_watch_is_stopped(tmp_path, monkeypatch):
    whatever_this_process_wrote = {"most_bytes": 2**60}
    watch = DiskWatch(os.getpid(), tmp_path, **whatever_this_process_wrote)
    watch.look()
    monkeypatch.setattr(DiskWatch, "_counted", lambda watch: None)
    with pytest.raises(WroteTooMuch, match="hid what it writes"):
        watch.look()
    DiskWatch(os.getpid(), tmp_path, **whatever_this_process_wrote).look()  # never told: only the folder's size is known


def test_limit_leaves_room_for_what_libraries_keep():
    assert 100 * MEGABYTE < kernel_watch.MOST_BYTES < 1000 * MEGABYTE


@linux_only
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


def test_a_process_that_has_ended_has_no_threads():
    ThreadWatch(NOBODY, most=0).look()

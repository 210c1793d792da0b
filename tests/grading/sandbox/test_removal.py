"""Removing folders in which a submission did as it liked."""

import os

import pytest

from course_lib.grading.sandbox.isolated_run import scratch_folders
from course_lib.grading.sandbox.removal import remove_all


def nest(folder, depth: int) -> None:
    """Folders in each other, so deep that no path leads to the last one."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(depth):
            os.mkdir("in")
            os.chdir("in")
        with open("file", "w"):
            pass
    finally:
        os.chdir(before)


def test_files_folders_and_links_go_but_not_what_links_lead_to(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept")
    folder = tmp_path / "folder"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file").write_text("x")
    try:
        (folder / "a" / "link").symlink_to(kept)
        (folder / "link").symlink_to(kept / "file")
    except OSError:
        pytest.skip("this system lets us make no links")
    remove_all(folder)
    assert os.listdir(tmp_path) == ["kept"]
    assert (kept / "file").read_text() == "kept"


def test_of_a_link_only_the_link_goes(tmp_path):
    (tmp_path / "kept").mkdir()
    try:
        (tmp_path / "link").symlink_to(tmp_path / "kept")
    except OSError:
        pytest.skip("this system lets us make no links")
    remove_all(tmp_path / "link")
    assert os.listdir(tmp_path) == ["kept"]


def test_what_is_not_there_needs_no_removing(tmp_path):
    remove_all(tmp_path / "missing")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_closed_folders_go(tmp_path):
    folder = tmp_path / "folder"
    (folder / "closed" / "within").mkdir(parents=True)
    (folder / "closed").chmod(0)
    folder.chmod(0o300)
    remove_all(folder)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="no process changes its folder so far down")
def test_folders_go_however_deep_they_lie(tmp_path):
    (tmp_path / "folder").mkdir()
    nest(tmp_path / "folder", 1_500)
    remove_all(tmp_path / "folder")
    assert os.listdir(tmp_path) == []
    with scratch_folders() as (submission, _):
        nest(submission, 1_500)
    assert not submission.exists()

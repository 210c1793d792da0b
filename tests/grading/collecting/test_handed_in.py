"""Who handed in what, in every layout that a learning platform exports, and nothing outside of it."""

import stat
import zipfile
from pathlib import Path

import pytest

from course_lib.errors import CourseError
from course_lib.grading.collecting.found_files import Found
from course_lib.grading.collecting.handed_in import find_submissions
from course_lib.grading.collecting.zipped import unpack

EXERCISES = ["01_calls", "02_sections"]


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return folder


def found(folder):
    return [
        (entry.student, entry.exercise, entry.path and entry.path.name) for entry in find_submissions(folder, EXERCISES)
    ]


@pytest.mark.parametrize("wrapper", ["", "export/"])
def test_folders_and_flat_names_wrapped_once_or_not(tmp_path, wrapper):
    touch(tmp_path, f"{wrapper}ada/01_calls.ipynb", f"{wrapper}ada/02_sections.ipynb", f"{wrapper}bo_b_01_calls.ipynb")
    assert found(tmp_path) == [
        ("ada", "01_calls", "01_calls.ipynb"),
        ("ada", "02_sections", "02_sections.ipynb"),
        ("bo_b", "01_calls", "bo_b_01_calls.ipynb"),
        ("bo_b", "02_sections", None),
    ]


def test_a_class_of_one_is_no_wrapper(tmp_path):
    touch(tmp_path, "ada/01_calls.ipynb")
    assert found(tmp_path) == [("ada", "01_calls", "01_calls.ipynb")]


def test_deeper_folders_still_belong_to_the_student(tmp_path):
    touch(tmp_path, "ada/homework/01_calls.ipynb", "bob/01_calls.ipynb")
    assert [row[0] for row in found(tmp_path)] == ["ada", "bob"]


def test_copies_are_graded_once_and_named(tmp_path):
    touch(tmp_path, "ada/01_calls (1).ipynb", "ada/01_calls.ipynb", "bob/01_calls-Copy1.ipynb")
    ada, bob = find_submissions(tmp_path, EXERCISES)
    assert ada.path.name == "01_calls.ipynb"
    assert ada.remarks == ["Handed in 2 times: 01_calls.ipynb was graded, not 01_calls (1).ipynb."]
    assert bob.path.name == "01_calls-Copy1.ipynb"
    assert bob.remarks == []


def test_unknown_missing_and_hidden(tmp_path):
    touch(
        tmp_path,
        "ada/01_calls.ipynb",
        "bob/99_what.ipynb",
        "ada/.ipynb_checkpoints/01_calls-checkpoint.ipynb",
        "cy/notes.txt",
    )
    entries = {(entry.student, entry.exercise): entry for entry in find_submissions(tmp_path, EXERCISES)}
    assert {pair: entry.status for pair, entry in entries.items()} == {
        ("ada", "01_calls"): "not graded",
        ("bob", "01_calls"): "missing",
        ("bob", "99_what"): "unknown exercise",
        ("cy", "01_calls"): "missing",
    }
    assert "01_calls, 02_sections" in entries["bob", "99_what"].remarks[0]


@pytest.fixture
def lock(monkeypatch):
    """Makes a folder unreadable, for root as well."""

    def lock(folder):
        listed = Path.iterdir

        def refuse(path):
            if path == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return listed(path)

        monkeypatch.setattr(Path, "iterdir", refuse)

    return lock


@pytest.mark.parametrize("inside", ["bob", "bob/homework"])
def test_a_students_folder_that_cannot_be_read_is_a_row(tmp_path, lock, inside):
    touch(tmp_path, "ada/01_calls.ipynb", f"{inside}/01_calls.ipynb", "cy/01_calls.ipynb")
    lock(tmp_path / inside)
    ada, bob, cy = find_submissions(tmp_path, EXERCISES)
    assert ada.path.exists() and cy.path.exists()
    assert (bob.student, bob.exercise, bob.path, bob.status) == ("bob", "01_calls", None, "unreadable")
    name = inside.rpartition("/")[2]
    assert bob.remarks == [
        f"The folder {name} can't be read (Permission denied): mend its permissions and grade again."
    ]


@pytest.mark.parametrize("locked", [".", "export"])
def test_at_the_top_the_folder_that_cannot_be_read_is_named(tmp_path, lock, locked):
    touch(tmp_path, "export/ada/01_calls.ipynb", "export/bob/01_calls.ipynb")
    lock(tmp_path / locked)
    with pytest.raises(CourseError) as refusal:
        find_submissions(tmp_path, EXERCISES)
    assert f"The submissions folder {tmp_path / locked} can't be read (Permission denied)" in str(refusal.value)


def test_a_class_in_which_nothing_can_be_read_names_a_folder(tmp_path, lock):
    touch(tmp_path, "ada/01_calls.ipynb", "bob/notes.txt")
    lock(tmp_path / "ada")
    with pytest.raises(CourseError, match=r"There is no notebook in .*: The folder ada can't be read"):
        find_submissions(tmp_path, EXERCISES)


def test_links_are_not_followed(tmp_path):
    secret = touch(tmp_path / "elsewhere", "01_calls.ipynb") / "01_calls.ipynb"
    folder = touch(tmp_path / "class", "ada/01_calls.ipynb")
    (folder / "bob").mkdir()
    (folder / "bob" / "01_calls.ipynb").symlink_to(secret)
    (folder / "cy").symlink_to(tmp_path / "elsewhere")
    entries = {entry.student: entry for entry in find_submissions(folder, EXERCISES)}
    assert entries["bob"].path is None
    assert "is a link" in entries["bob"].remarks[0]
    assert "cy" not in entries


def test_a_zip_writes_only_notebooks_and_only_below(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in (
            "ada/01_calls.ipynb",
            "../out.ipynb",
            "/abs.ipynb",
            "a/../../up.ipynb",
            "bob/virus.py",
            "C:\\x.ipynb",
        ):
            packed.writestr(name, "{}")
        packed.writestr("__MACOSX/ada/01_calls.ipynb", "{}")
        link = zipfile.ZipInfo("cy/01_calls.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    into = tmp_path / "deep" / "down"
    into.mkdir(parents=True)
    found = unpack(archive, into)
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["class.zip", "deep/down/00001/01_calls.ipynb"]
    assert found[0] == Found(("ada", "01_calls.ipynb"), into / "00001" / "01_calls.ipynb")
    assert [one.problem for one in found if one.is_stray and one.problem] == [
        f"class.zip holds `{name}`, which points out of the zip: it was left out."
        for name in ("../out.ipynb", "/abs.ipynb", "a/../../up.ipynb", "C:\\x.ipynb")
    ]
    assert found[-1].problem == "01_calls.ipynb is a link to another file: hand in the notebook itself."


def test_a_damaged_zip_and_a_bomb_are_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(CourseError, match="can't be unpacked"):
        unpack(tmp_path / "no.zip", tmp_path)
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("ada/01_calls.ipynb", "0" * 5000)
    (bomb,) = unpack(tmp_path / "bomb.zip", tmp_path)
    assert bomb.path is None
    assert "01_calls.ipynb is larger than" in bomb.problem

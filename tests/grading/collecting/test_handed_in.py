"""Who handed in what, in every layout that a learning platform exports, and nothing outside of it."""

from pathlib import Path

import pytest

from course_lib.errors import CourseError
from course_lib.grading.collecting.handed_in import collected
from course_lib.grading.collecting.recognising import KnownExercises

KNOWN = KnownExercises(Path("nowhere"))
KNOWN.names = ["01_calls", "02_sections"]


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return folder


def find_submissions(place):
    """The entries of a collection, of whose exercises nothing but the names is known."""
    with collected(place, KNOWN) as collection:
        return collection.entries


def found(folder):
    return [(entry.student, entry.exercise, entry.path and entry.path.name) for entry in find_submissions(folder)]


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


def test_unknown_missing_and_hidden(tmp_path):
    touch(
        tmp_path,
        "ada/01_calls.ipynb",
        "bob/99_what.ipynb",
        "ada/.ipynb_checkpoints/01_calls-checkpoint.ipynb",
        "cy/notes.txt",
    )
    entries = {(entry.student, entry.exercise): entry for entry in find_submissions(tmp_path)}
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
    ada, bob, cy = find_submissions(tmp_path)
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
        find_submissions(tmp_path)
    assert f"The submissions folder {tmp_path / locked} can't be read (Permission denied)" in str(refusal.value)


def test_a_class_in_which_nothing_can_be_read_names_a_folder(tmp_path, lock):
    touch(tmp_path, "ada/01_calls.ipynb", "bob/notes.txt")
    lock(tmp_path / "ada")
    with pytest.raises(CourseError, match=r"There is no notebook in .*: The folder ada can't be read"):
        find_submissions(tmp_path)


def test_a_file_that_is_no_zip_is_told_in_one_sentence(tmp_path):
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(CourseError, match="can't be unpacked"):
        find_submissions(tmp_path / "no.zip")

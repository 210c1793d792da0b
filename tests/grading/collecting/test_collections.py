"""Collections as they come: every layout, name, encoding and trick gives rows and named problems, never a traceback."""

import json
import os
import stat
import struct
import unicodedata
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from course_lib.errors import BadInput, CourseError
from course_lib.grading.cells.key import Key
from course_lib.grading.cells.notebooks import ANSWER, read_notebook, role, task_of
from course_lib.grading.cells.splice import splice
from course_lib.grading.collecting.handed_in import Collection, collected
from course_lib.grading.collecting.recognising import KnownExercises
from tests.grading import small_course
from tests.grading.collections_on_disk import from_colab, from_vs_code, lay_out, text_of, without_metadata, zip_of
from tests.grading.graded_course import SOLVED, exercise_notebook, solution_notebook, solved, write_notebook

EXERCISE, OTHER = "01_small", "02_other"


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Two exercises; nothing here runs them, so they need not be executed."""
    folder = tmp_path_factory.mktemp("solutions")
    write_notebook(folder / f"{EXERCISE}.ipynb", solution_notebook())
    other = small_course.small_solution()
    for cell in other.cells:
        if "course" in cell.metadata:
            cell.metadata.course.task = "2" + cell.metadata.course.task[1:]
    write_notebook(folder / f"{OTHER}.ipynb", other)
    return KnownExercises(folder)


def rows(collection: Collection):
    return [(one.student, one.exercise, one.status, one.handed_in) for one in collection.entries]


def look(place, known) -> Collection:
    with collected(place, known) as collection:
        for entry in collection.entries:
            assert (entry.path is None) == (entry.status != "not graded")
            assert entry.path is None or entry.path.is_file()
            assert all("\n" not in remark and remark.endswith(".") for remark in entry.remarks)
            assert entry.path is not None or entry.remarks
    return collection


def both_ways(tmp_path, files, known):
    """The same files as a folder and as a zip, which must say the same."""
    folder = look(lay_out(tmp_path / "class", files), known)
    (tmp_path / "class.zip").write_bytes(zip_of(files))
    packed = look(tmp_path / "class.zip", known)
    assert [vars(one) | {"path": None} for one in folder.entries] == [
        vars(one) | {"path": None} for one in packed.entries
    ]
    assert folder.problems == packed.problems
    return folder


CANVAS = {
    "doejane_12_901_01_small.ipynb": text_of(),
    "smithbob_LATE_13_902_01_small-1.ipynb": text_of(),
    "smithbob_14_903_my solution.ipynb": text_of(),
    "anon_X9y_904_01_small (1).ipynb": text_of(),
    "leeann_15_905_notes.txt": b"sorry",
}


def test_a_canvas_export(tmp_path, known):
    collection = both_ways(tmp_path, CANVAS, known)
    told = {one.student: (one.status, one.platform_id, one.late) for one in collection.entries}
    assert told == {
        "doejane": ("not graded", "12", False),
        "smithbob_13": ("not graded", "13", True),
        "smithbob_14": ("not graded", "14", False),
        "anon_X9y": ("not graded", "", False),
        "leeann": ("missing", "", False),
    }
    remarks = {one.student: one.remarks for one in collection.entries}
    assert remarks["smithbob_13"] == ["Handed in late."]
    assert remarks["smithbob_14"] == [
        "smithbob_14_903_my solution.ipynb was recognised as 01_small by its answer cells."
    ]
    assert remarks["leeann"] == ["No notebook was handed in, only leeann_15_905_notes.txt."]


def test_a_moodle_export(tmp_path, known):
    files = {
        "Jane Doe_501_assignsubmission_file_/01_small.ipynb": text_of(),
        "Zoë Øst_502_assignsubmission_file_/deep/bob_01_small.ipynb": text_of(),
        "Jane Doe_503_assignsubmission_file_/work.ipynb": text_of(exercise_notebook()),
        "Max_504_assignsubmission_file_01_small.ipynb": text_of(),
    }
    collection = both_ways(tmp_path, files, known)
    assert {(one.student, one.platform, one.platform_id) for one in collection.entries} == {
        ("Jane Doe_501", "moodle", "501"),
        ("Jane Doe_503", "moodle", "503"),
        ("Max", "moodle", "504"),
        ("Zoë Øst", "moodle", "502"),
    }


def test_a_participant_of_two_moodle_assignments_is_one_student(tmp_path, known):
    files = {
        "Jane Doe_501_assignsubmission_file_/01_small.ipynb": text_of(),
        "Jane Doe_777_assignsubmission_file_/02_other.ipynb": text_of(),
    }
    assert rows(both_ways(tmp_path, files, known)) == [
        ("Jane Doe", EXERCISE, "not graded", "Jane Doe_501_assignsubmission_file_/01_small.ipynb"),
        ("Jane Doe", OTHER, "not graded", "Jane Doe_777_assignsubmission_file_/02_other.ipynb"),
    ]


@pytest.mark.parametrize("wrapper", ["", "export/", "hw1 submissions/"])
def test_a_zip_for_each_student(tmp_path, known, wrapper):
    files = {
        f"{wrapper}ada.zip": zip_of({"01_small.ipynb": text_of()}),
        f"{wrapper}bob.zip": zip_of({"homework/my solution.ipynb": text_of(), "homework/data.csv": b"1"}),
        f"{wrapper}doejane_12_34_all.zip": zip_of({"01_small.ipynb": text_of(), "02_other.ipynb": text_of()}),
        f"{wrapper}cy.zip": b"PK no zip",
        f"{wrapper}dee.zip": zip_of({"notes.txt": b""}),
        f"{wrapper}eve.zip": zip_of({"inner.zip": zip_of({"01_small.ipynb": text_of()})}),
    }
    collection = both_ways(tmp_path, files, known)
    told = {(one.student, one.exercise): one for one in collection.entries}
    assert {student for student, _ in told} == {"ada", "bob", "doejane", "cy", "dee", "eve"}
    assert told["ada", EXERCISE].status == told["bob", EXERCISE].status == told["doejane", OTHER].status == "not graded"
    assert told["cy", EXERCISE].status == "unreadable"
    assert told["cy", EXERCISE].remarks == ["cy.zip can't be unpacked: hand in the notebook itself."]
    assert told["dee", EXERCISE].remarks[0] == "dee.zip holds no notebook: hand in the notebook itself."
    assert told["eve", EXERCISE].status == "unreadable"


@pytest.mark.parametrize(
    ("name", "exercise"),
    [
        ("01_small.ipynb", EXERCISE),
        ("01_small (1).ipynb", EXERCISE),
        ("01_Small-Copy2.ipynb", EXERCISE),
        ("01 small.ipynb", EXERCISE),
        ("01-small_final.ipynb", EXERCISE),
        ("ada_01_small.IPYNB", EXERCISE),
        ("01_small.ipynb.txt", EXERCISE),
        ("01_small.ipynb.json", EXERCISE),
        ("Untitled.ipynb", EXERCISE),
        ("101_smaller.ipynb", EXERCISE),  # by its cells: the name is another
        ("02_other.ipynb", OTHER),  # the name counts before the cells
    ],
)
def test_renamed_files(tmp_path, known, name, exercise):
    collection = both_ways(tmp_path, {f"ada/{name}": text_of(), "bob/01_small.ipynb": text_of()}, known)
    assert ("ada", exercise, "not graded", f"ada/{name}") in rows(collection)


SAVED_BY = {
    "jupyter": text_of(),
    "colab": from_colab(solved()),
    "vs code": from_vs_code(solved()),
    "utf-16": text_of().decode().encode("utf-16"),
    "utf-16 big": "\ufeff".encode("utf-16-be") + text_of().decode().encode("utf-16-be"),
    "utf-32": text_of().decode().encode("utf-32"),
    "bom": b"\xef\xbb\xbf" + text_of(),
    "windows": text_of().replace(b"# Small", "# Später".encode("cp1252")),
    "crlf": text_of().replace(b"\n", b"\r\n"),
} | {f"4.{minor}": without_metadata(solved(), minor) for minor in range(6)}


@pytest.mark.parametrize("editor", SAVED_BY)
def test_whatever_saved_it_its_answers_are_found(tmp_path, known, editor):
    place = lay_out(tmp_path, {"ada/something.ipynb": SAVED_BY[editor]})
    with collected(place, known) as collection:
        (entry,) = collection.entries
        assert (entry.exercise, entry.status) == (EXERCISE, "not graded")
        spliced = splice(read_notebook(entry.path), Key(EXERCISE, solution_notebook()))
    assert {task_of(cell): cell.source for cell in spliced.notebook.cells if role(cell) == ANSWER} == SOLVED
    assert spliced.remarks == []


def test_an_old_encoding_is_named(tmp_path, known):
    files = {"ada/01_small.ipynb": SAVED_BY["windows"], "bob/01_small.ipynb": SAVED_BY["utf-16"]}
    ada, bob = both_ways(tmp_path, files, known).entries
    assert ada.remarks == ["01_small.ipynb isn't saved as UTF-8: letters such as é may have come out wrong."]
    assert bob.remarks == []


def test_a_notebook_of_ones_own_is_recognised_as_nothing(tmp_path, known):
    own = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "def double(x): return x"}]}).encode()
    collection = both_ways(tmp_path, {"ada/ideas.ipynb": own, "bob/01_small.ipynb": text_of()}, known)
    assert ("ada", "ideas", "unknown exercise", "ada/ideas.ipynb") in rows(collection)


@pytest.mark.parametrize(
    ("names", "graded"),
    [
        (["01_small.ipynb", "01_small (1).ipynb"], "01_small.ipynb"),
        (["01_small.ipynb", "01_small-1.ipynb", "01_small-2.ipynb"], "01_small-2.ipynb"),
        (["01_small-10.ipynb", "01_small-9.ipynb"], "01_small-10.ipynb"),
        (["01_small.ipynb", "01_small_final.ipynb"], "01_small.ipynb"),
        (["01_small.ipynb", "zz.ipynb"], "01_small.ipynb"),
        (["old/01_small.ipynb", "01_small.ipynb"], "01_small.ipynb"),
        (["a.ipynb", "b.ipynb"], "b.ipynb"),
    ],
)
def test_of_several_the_newest_by_name_is_graded_and_all_are_named(tmp_path, known, names, graded):
    """Whatever the files' times: copying them changes those."""
    for order in (names, names[::-1]):
        place = lay_out(tmp_path / str(names.index(order[0])), {f"ada/{name}": text_of() for name in order})
        for seconds, name in enumerate(order):
            os.utime(place / "ada" / name, (1e9 + seconds, 1e9 + seconds))
        (entry,) = look(place, known).entries
        assert entry.handed_in == f"ada/{graded}"
        remark = entry.remarks[-1]
        assert remark.startswith(f"Handed in {len(names)} times: ")
        assert all(name.rpartition("/")[2] in remark for name in names)


def test_of_two_canvas_uploads_the_later_one_counts(tmp_path, known):
    files = {f"doejane_12_{upload}_01_small.ipynb": text_of() for upload in (99, 100)}
    (entry,) = both_ways(tmp_path, files, known).entries
    assert entry.handed_in == "doejane_12_100_01_small.ipynb"


def test_a_student_cannot_hand_in_for_another(tmp_path, known):
    files = {
        "ada/bob_1_2_01_small.ipynb": text_of(exercise_notebook()),
        "bob/01_small.ipynb": text_of(),
        "Eve_5_assignsubmission_file_/Bob_6_assignsubmission_file_/01_small.ipynb": text_of(exercise_notebook()),
    }
    assert {(one.student, one.handed_in) for one in both_ways(tmp_path, files, known).entries} == {
        ("ada", "ada/bob_1_2_01_small.ipynb"),
        ("bob", "bob/01_small.ipynb"),
        ("Eve", "Eve_5_assignsubmission_file_/Bob_6_assignsubmission_file_/01_small.ipynb"),
    }


def test_one_student_in_two_unicode_forms_is_one(tmp_path, known):
    names = [unicodedata.normalize(form, "Zoë Ångström") for form in ("NFC", "NFD")]
    (tmp_path / "class.zip").write_bytes(zip_of({f"{name}/01_small.ipynb": text_of() for name in names}))
    (entry,) = look(tmp_path / "class.zip", known).entries
    assert entry.student == names[0]
    assert "Handed in 2 times" in entry.remarks[0]


def test_names_that_meet_on_other_machines_are_kept_apart(tmp_path, known):
    twice = [("ada/01_small.ipynb", text_of()), ("Ada/01_small.ipynb", text_of()), ("ada/01_small.ipynb", text_of())]
    with pytest.warns(UserWarning, match="Duplicate name"):
        (tmp_path / "class.zip").write_bytes(zip_of(twice))
    big, small = look(tmp_path / "class.zip", known).entries
    assert (big.student, small.student) == ("Ada", "ada")
    assert "Handed in 2 times" in small.remarks[0]


def test_odd_names_are_told_as_text(tmp_path, known):
    files = {
        f"{student}/01_small.ipynb": text_of()
        for student in ("=1+1", "a\u202eb", "x\x07y", "s" * 300, "CON", "ab:c", "-rf")
    }
    (tmp_path / "class.zip").write_bytes(zip_of(files))
    students = {one.student for one in look(tmp_path / "class.zip", known).entries}
    assert students == {
        "=1+1",
        "a\N{REPLACEMENT CHARACTER}b",
        "x\N{REPLACEMENT CHARACTER}y",
        "s" * 300,
        "CON",
        "-rf",
        "ab:c",
    }


@pytest.mark.skipif(os.name == "nt" or not os.path.isdir("/proc"), reason="such names exist on Linux only")
def test_a_name_that_is_no_text(tmp_path, known):
    lay_out(tmp_path / "class", {"ada/01_small.ipynb": text_of()})
    os.mkdir(os.fsencode(tmp_path / "class") + b"/b\xffb")
    with open(os.fsencode(tmp_path / "class") + b"/b\xffb/01_small.ipynb", "wb") as file:
        file.write(text_of())
    students = [one.student for one in look(tmp_path / "class", known).entries]
    assert students == ["ada", "b\N{REPLACEMENT CHARACTER}b"]
    "".join(students).encode("utf-8")


def test_zips_that_forget_to_say_that_names_are_utf_8(tmp_path, known):
    data = bytearray(zip_of({"Zoë/01_small.ipynb": text_of()}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + flags
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] & ~0x800)
    (tmp_path / "class.zip").write_bytes(data)
    assert [one.student for one in look(tmp_path / "class.zip", known).entries] == ["Zoë"]


def test_what_is_no_notebook_on_disk_is_named(tmp_path, known):
    secret = lay_out(tmp_path / "elsewhere", {"01_small.ipynb": text_of()})
    place = lay_out(tmp_path / "class", {"ada/01_small.ipynb": text_of(), "gus/01_small.ipynb": b""})
    for student in ("bob", "cy", "dee", "eve", "fay"):
        (place / student).mkdir()
    (place / "bob" / "01_small.ipynb").symlink_to(secret / "01_small.ipynb")
    (place / "cy" / "01_small.ipynb").mkdir()
    os.mkfifo(place / "dee" / "01_small.ipynb")
    (place / "eve" / "01_small.ipynb").symlink_to(place / "nowhere")
    (place / "fay" / "all.zip").symlink_to(secret)
    os.mkfifo(place / "gil.zip")
    told = {one.student: (one.status, " ".join(one.remarks)) for one in look(place, known).entries}
    assert told["ada"][0] == told["gus"][0] == "not graded"
    assert told["bob"] == told["eve"]
    assert told["bob"] == ("unreadable", "01_small.ipynb is a link to another file: hand in the notebook itself.")
    assert told["cy"] == ("unreadable", "01_small.ipynb is a folder, not a notebook.")
    assert told["dee"] == ("unreadable", "01_small.ipynb is no ordinary file: hand in the notebook itself.")
    assert told["fay"] == ("missing", "No notebook was handed in, only all.zip.")
    assert told["gil"] == ("unreadable", "gil.zip is no ordinary file: hand in the notebook itself.")


def test_a_link_to_a_folder_is_named_and_not_followed(tmp_path, known):
    secret = lay_out(tmp_path / "elsewhere", {"01_small.ipynb": text_of()})
    place = lay_out(tmp_path / "class", {"ada/01_small.ipynb": text_of()})
    (place / "bob").symlink_to(secret)
    (place / "ada" / "round").symlink_to(place)
    (place / "cy").mkdir()
    (place / "cy" / "work").symlink_to(secret)
    collection = look(place, known)
    ada, cy = collection.entries
    assert (ada.student, ada.status, ada.handed_in) == ("ada", "not graded", "ada/01_small.ipynb")
    assert (cy.student, cy.status, cy.remarks) == ("cy", "missing", ["No notebook was handed in, only work."])
    assert collection.problems == ["bob is a link to another folder: what lies there was left out."]


def damaged(data: bytes) -> bytes:
    """The zip with other bytes where its second file's content is; the first stays whole."""
    start = data.rindex(b"PK\x03\x04")
    return data[: start + 60] + bytes(255 - byte for byte in data[start + 60 : start + 90]) + data[start + 90 :]


def encrypted(data: bytes) -> bytes:
    """The zip with the last file marked as encrypted."""
    data = bytearray(data)
    data[data.rindex(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(("spoil", "words"), [(damaged, "is damaged"), (encrypted, "is encrypted")])
def test_one_spoilt_entry_costs_only_itself(tmp_path, known, spoil, words):
    files = {"ada/01_small.ipynb": text_of(), "bob/01_small.ipynb": text_of()}
    (tmp_path / "class.zip").write_bytes(spoil(zip_of(files)))
    ada, bob = look(tmp_path / "class.zip", known).entries
    assert (ada.status, bob.status) == ("not graded", "unreadable")
    assert words in bob.remarks[0]


def test_bombs_stop_at_their_limits(tmp_path, known, monkeypatch):
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_BYTES", 100_000)
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_BYTES_TOGETHER", 250_000)
    files = {f"{student}/01_small.ipynb": b"0" * 10_000_000 for student in "abcdefgh"} | {"0/01_small.ipynb": text_of()}
    (tmp_path / "class.zip").write_bytes(zip_of(dict(sorted(files.items()))))
    first, *others = look(tmp_path / "class.zip", known).entries
    assert first.status == "not graded"
    assert {one.status for one in others} == {"unreadable"}
    assert any("is larger than" in one.remarks[0] for one in others)
    assert any("was not unpacked" in one.remarks[0] for one in others)
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_NOTEBOOKS", 5)
    with pytest.raises(CourseError, match="holds 9 entries; at most 5"):
        look(tmp_path / "class.zip", known)


def test_a_students_bomb_stops_nobody_else(tmp_path, known, monkeypatch):
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_BYTES", 100_000)
    monkeypatch.setattr("course_lib.grading.collecting.gathering.MOST_BYTES", 100_000)
    many = zip_of({f"{number}.txt": b"" for number in range(2001)})
    files = {
        "ada/01_small.ipynb": text_of(),
        "bob.zip": zip_of({"01_small.ipynb": b"0" * 50_000_000}),
        "cy.zip": os.urandom(120_000),
        "dee.zip": many[:-22] + many[-22:],
    }
    monkeypatch.setattr("course_lib.grading.collecting.zipped.MOST_NOTEBOOKS_OF_A_STUDENT", 5)
    told = {one.student: one for one in look(lay_out(tmp_path / "class", files), known).entries}
    assert told["ada"].status == "not graded"
    assert "is larger than" in told["bob"].remarks[0]
    assert "larger than" in told["cy"].remarks[0] or "can't be unpacked" in told["cy"].remarks[0]
    assert "larger than" in told["dee"].remarks[0] or "too many files" in told["dee"].remarks[0]


TRICKS = (
    "../x.ipynb",
    "a/../../x.ipynb",
    "/etc/x.ipynb",
    "C:/x.ipynb",
    "C:x.ipynb",
    "\\\\host\\x.ipynb",
    "..\\x.ipynb",
    "ada/..",
)


@pytest.mark.parametrize("name", TRICKS)
def test_names_that_point_out_of_a_zip(tmp_path, known, name):
    archive = tmp_path / "deep" / "class.zip"
    files = {"ada/01_small.ipynb": text_of(), "__MACOSX/bob/01_small.ipynb": b"", "cy.py": b"", name: text_of()}
    lay_out(tmp_path, {"deep/class.zip": zip_of(files)})
    before = sorted(path for path in tmp_path.rglob("*"))
    collection = look(archive, known)
    assert [(one.student, one.status) for one in collection.entries] == [("ada", "not graded")]
    assert collection.problems == [f"class.zip holds `{name}`, which points out of the zip: it was left out."]
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_thousands_of_tricks_are_told_in_few_lines(tmp_path, known):
    files = {"ada/01_small.ipynb": text_of()} | {f"../{number}.ipynb": b"" for number in range(3000)}
    (tmp_path / "class.zip").write_bytes(zip_of(files))
    problems = look(tmp_path / "class.zip", known).problems
    assert len(problems) == 51
    assert problems[-1] == "There are 2950 more problems of this kind."


def test_links_in_a_zip_are_named(tmp_path, known):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as packed:
        packed.writestr("ada/01_small.ipynb", text_of())
        link = zipfile.ZipInfo("bob/01_small.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    _, bob = look(tmp_path / "class.zip", known).entries
    assert (bob.student, bob.status) == ("bob", "unreadable")
    assert "is a link to another file" in bob.remarks[0]


def test_backslashes_of_old_windows_programs_part_folders(tmp_path, known):
    (tmp_path / "class.zip").write_bytes(zip_of({"ada\\01_small.ipynb": text_of(), "bob\\01_small.ipynb": text_of()}))
    assert [one.student for one in look(tmp_path / "class.zip", known).entries] == ["ada", "bob"]


@pytest.mark.parametrize(
    "layout", ["01_small/ada.ipynb 01_small/bob.ipynb", "01_small/ada/x.ipynb 01_small/bob/y.ipynb"]
)
def test_a_folder_for_each_exercise(tmp_path, known, layout):
    collection = both_ways(tmp_path, {name: text_of() for name in layout.split()}, known)
    assert [(one.student, one.exercise) for one in collection.entries] == [("ada", EXERCISE), ("bob", EXERCISE)]


def test_flat_files_that_tell_no_student_or_no_exercise(tmp_path, known):
    files = {
        "01_small.ipynb": text_of(),
        "Ada Lovelace.ipynb": text_of(),
        "01_small_bob.ipynb": text_of(),
        "x.ipynb": b"{}",
    }
    told = {one.handed_in: one for one in both_ways(tmp_path, files, known).entries if one.handed_in}
    assert told["01_small.ipynb"].status == "unknown exercise"
    assert told["01_small.ipynb"].remarks[0].startswith("01_small.ipynb tells no student: name it")
    assert (told["Ada Lovelace.ipynb"].student, told["Ada Lovelace.ipynb"].exercise) == ("Ada Lovelace", EXERCISE)
    assert told["01_small_bob.ipynb"].student == "bob"
    assert told["x.ipynb"].status == "unknown exercise"


def test_numbers_in_a_students_name_are_not_canvas(tmp_path, known):
    (entry,) = both_ways(tmp_path, {"ada_2_01_small.ipynb": text_of()}, known).entries
    assert (entry.student, entry.platform) == ("ada_2", "")


NAMES = st.sampled_from(
    ["ada", "Zoë", "..", ".", "", "a b", "01_small", "01_small.ipynb", "doejane_12_34_01_small", "J_1_assignsubmission_file_",
     "x.zip", "__MACOSX", "C:", "=1", "n" * 200, "\u202e", "-Copy1", "(1)", "LATE_1_2_x"]
)  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join).filter(bool)
CONTENTS = st.sampled_from(
    [text_of(), b"", b"{", b"\xff\xfe", b"PK\x03\x04", zip_of({"01_small.ipynb": text_of(), "../y.ipynb": b""}), b"[]"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(
        st.tuples(PATHS.flatmap(lambda p: st.sampled_from([p, p + ".ipynb", p + ".zip"])), CONTENTS), max_size=6
    )
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_any_zip_gives_rows(tmp_path_factory, known, files):
    place = tmp_path_factory.mktemp("any")
    (place / "class.zip").write_bytes(zip_of([*files, ("zz/01_small.ipynb", text_of())]))
    collection = look(place / "class.zip", known)
    assert len({(one.student, one.exercise) for one in collection.entries}) == len(collection.entries)
    assert [path.name for path in place.iterdir()] == ["class.zip"]
    assert all(one.student for one in collection.entries)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "tags", "course", "task", "data", "text"]), inner)
    ),
    max_leaves=6,
)
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw"]),
        "source": st.sampled_from(["x = 1", ["def double(n):\n", " return n"]]),
    },
    optional=dict.fromkeys(("id", "metadata", "outputs", "execution_count", "attachments", "language"), JUNK),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(CELLS, max_size=4),
    more=st.dictionaries(st.sampled_from(["metadata", "nbformat_minor", "worksheets"]), JUNK),
)
@example(cells=[{"cell_type": "code", "source": "x = 1", "outputs": [{"text": [None]}]}], more={})
def test_whatever_a_notebook_holds_in_the_wrong_place_it_is_read_or_refused(tmp_path_factory, cells, more):
    path = tmp_path_factory.mktemp("junk") / "junk.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": cells, **more}), encoding="utf-8")
    try:
        notebook = read_notebook(path)
    except BadInput:
        return
    spliced = splice(notebook, Key(EXERCISE, solution_notebook()))
    assert {task_of(cell) for cell in spliced.notebook.cells if role(cell) == ANSWER} == {"1.1", "1.2", "1.3"}

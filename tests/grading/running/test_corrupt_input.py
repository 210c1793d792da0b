"""Whatever lies in the folder of submissions: a problem with a name, marks for what can be graded, and nothing is touched.

Graded as an instructor does it, by the command, in one go.
"""

import io
import json
import os
import stat
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout

import pytest

from course_lib.cli import main
from course_lib.grading.cells.marks import GRADED, UNREADABLE, SubmissionMark
from course_lib.grading.cells.notebooks import LARGEST
from tests.grading.collections_on_disk import lay_out, text_of, zip_of
from tests.grading.graded_course import EXERCISE, write_key

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, links and pipes")

FILE = f"{EXERCISE}.ipynb"
GOOD = text_of()


def beginning_each_answer_with(text):
    notebook = json.loads(GOOD)
    for cell in notebook["cells"]:
        if "answer" in cell["metadata"].get("tags", []):
            cell["source"] = [text, "\n", *cell["source"]]
    return json.dumps(notebook).encode()


def with_a_cell_of(size):
    notebook = json.loads(GOOD)
    notebook["cells"][0]["source"] = "x" * size
    return json.dumps(notebook).encode()


def version_3(source):
    cell = {
        "cell_type": "code",
        "input": source,
        "language": "python",
        "outputs": [],
        "collapsed": False,
        "metadata": {},
    }
    sheets = [{"cells": [cell], "metadata": {}}]
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}).encode()


def zipped_link():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        link = zipfile.ZipInfo(FILE)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    return written.getvalue()


# What nobody can grade, with words that must be said about it.
UNREADABLES = {
    "cut_off": (GOOD[: len(GOOD) // 2], "is cut off"),
    "no_cells": (json.dumps({"nbformat": 4, "cells": []}).encode(), "has no cells"),
    "version_2": (json.dumps({"nbformat": 2, "worksheets": []}).encode(), "has nbformat 2"),
    "version_99": (json.dumps({"nbformat": 99, "cells": []}).encode(), "has nbformat 99"),
    "list": (b"[]", "is JSON but not a notebook"),
    "empty": (b"", "is empty"),
    "zeros": (bytes(1000), "is not a notebook"),
    "noise": (bytes(range(128, 256)) * 20, "is not a text file"),
    "page": (b"<!DOCTYPE html><html>Log in</html>", "is not a notebook"),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no program reads such JSON"),
    "too_large": (with_a_cell_of(LARGEST + 1), "is larger than 50 MB"),
}

# What can be graded, whatever it looks like, with the points that it earns.
READABLES = {
    "latin_1": (GOOD.replace(b"# Small", "# Größe".encode("latin-1")), 9),
    "utf_16": (GOOD.decode().encode("utf-16"), 9),
    "with_bom": (b"\xef\xbb\xbf" + GOOD, 9),
    "version_3": (version_3("def double(number):\n    return 2 * number"), 4),
    "half_a_character": (beginning_each_answer_with("# \ud800"), 9),
    "null_byte": (beginning_each_answer_with("x = 'a\0b'"), 0),
    "new\nline": (GOOD, 9),
    "quo\"te's; =1+1, -rf": (GOOD, 9),
    "\N{PARTY POPPER}": (GOOD, 9),
    "n" * 250: (GOOD, 9),
}


class Graded:
    """The class, graded by the command; what it printed, its exit code, and what it changed."""

    def __init__(self, root):
        self.root, self.out = root, root / "report"
        write_key(root / "solutions")
        files = {student: data for student, (data, _) in UNREADABLES.items()}
        files |= {student: data for student, (data, _) in READABLES.items()}
        self.place = lay_out(root / "class", {f"{student}/{FILE}": data for student, data in files.items()})
        lay_out(self.place, {
            "tricks.zip": zip_of({f"../../{FILE}": GOOD, f"/tmp/{FILE}": GOOD, FILE: GOOD}),
            "bomb.zip": zip_of({FILE: b"0" * (LARGEST + 1)}),
            "link_inside.zip": zipped_link(),
            "no_zip.zip": b"hello",
        })  # fmt: skip
        for student in ("folder", "pipe", "link", "locked"):
            (self.place / student).mkdir()
        (self.place / "folder" / FILE).mkdir()
        os.mkfifo(self.place / "pipe" / FILE)
        (self.place / "link" / FILE).symlink_to(root / "solutions" / FILE)
        (self.place / "linked_folder").symlink_to("/etc")
        (self.place / "locked" / FILE).write_bytes(GOOD)
        (self.place / "locked" / FILE).chmod(0)
        before = self._everything()
        words = ["grade", str(self.place), "--out", str(self.out), "--solutions", str(root / "solutions"), "-n", "2"]
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            self.code = main(words)
        self.said = said.getvalue()
        self.has_changed = self._everything() != before
        written = [json.loads(path.read_text(encoding="utf-8")) for path in self.out.glob("results/*/*.json")]
        self.marks = {one["student"]: SubmissionMark.from_json(one) for one in written}

    def _everything(self):
        """Every path beside the report, and when it was written."""
        paths = [path for path in self.root.rglob("*") if not path.is_relative_to(self.out)]
        return sorted((str(path), path.lstat().st_mtime_ns, path.lstat().st_mode) for path in paths)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return Graded(tmp_path_factory.mktemp("corrupt"))


@pytest.mark.parametrize("student", UNREADABLES)
def test_what_cannot_be_read_is_named_and_earns_nothing(once, student):
    mark = once.marks[student]
    assert (mark.status, mark.earned) == (UNREADABLE, 0)
    assert UNREADABLES[student][1] in " ".join(mark.remarks)
    assert str(once.root) not in " ".join(mark.remarks)


@pytest.mark.parametrize("student", READABLES)
def test_what_can_be_read_earns_its_points(once, student):
    shown = student.replace("\n", "\N{REPLACEMENT CHARACTER}")
    mark = once.marks[shown]
    assert (mark.status, mark.earned) == (GRADED, READABLES[student][1])
    assert once.said.count(f"\n{shown}  ") == 1


@pytest.mark.parametrize(
    ("student", "status", "words"),
    [
        ("tricks", GRADED, ""),
        ("bomb", UNREADABLE, "is larger than 50 MB"),
        ("link_inside", UNREADABLE, "is a link to another file"),
        ("no_zip", UNREADABLE, "can't be unpacked"),
        ("folder", UNREADABLE, "is a folder, not a notebook"),
        ("pipe", UNREADABLE, "is no ordinary file"),
        ("link", UNREADABLE, "is a link to another file"),
    ],
)
def test_tricks_are_named(once, student, status, words):
    assert once.marks[student].status == status
    assert words in " ".join(once.marks[student].remarks)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is locked for root")
def test_a_locked_file_is_named(once):
    assert "can't be read (Permission denied)" in " ".join(once.marks["locked"].remarks)


def test_what_belongs_to_nobody_is_named_in_the_terminal(once):
    assert f"tricks.zip holds `../../{FILE}`, which points out of the zip" in once.said
    assert f"tricks.zip holds `/tmp/{FILE}`, which points out of the zip" in once.said
    assert "Problem: linked_folder is a link to another folder: what lies there was left out." in once.said


def test_the_command_ends_with_1_and_never_with_a_traceback(once):
    assert once.code == 1
    assert "Traceback" not in once.said
    assert "unreadable" in once.said


def test_nothing_outside_the_report_is_touched(once):
    assert not once.has_changed
    assert not list(once.root.parent.glob("*.ipynb"))

"""An author's first hour: the skeleton is built at once, its wrong answers hear their words, students get it and are graded."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

from course_lib import cli
from course_lib.errors import BadInput, CourseError
from course_lib.grading.authoring.build import build
from course_lib.grading.authoring.classroom import write_classroom
from course_lib.grading.authoring.lint import source_problems
from course_lib.grading.authoring.new_exercise import new_exercise, skeleton
from course_lib.grading.authoring.shelf import answered, check_folder_shelf, check_notebook_shelves, right_answers
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import notebook_text, read_notebook
from tests.grading.small_course import small_solution

NAME = "07_pipelines"
WRONG = "async def read_notes(ask, notes):\n    return [await ask(question(note)) for note in notes]"
FULL = {"7.1": 6, "7.2": 5, "7.3": 4}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The skeleton in a course of its own, built, and what the build warned about."""
    root, warnings = tmp_path_factory.mktemp("course"), []
    folders = {name: root / name for name in ("solutions", "exercises", "references")}
    new_exercise(NAME, folders["solutions"])
    build(**folders, warn=warnings.append)
    return root, warnings


def test_the_skeleton_has_nothing_that_the_build_would_mind(course):
    root, warnings = course
    assert warnings == []
    assert {path.name for path in root.rglob("*.*")} == {f"{NAME}.ipynb", f"{NAME}.json"}


def test_the_skeleton_explains_what_an_author_has_to_know():
    words = "\n".join(cell.source for cell in skeleton(7, "Pipelines").cells if "solution-only" in cell.metadata.get("tags", []))
    for word in ("`answer`", "`check`", "`hidden`", "`solution-only`", "`wrong-answer`", "observe(", "at_most", "at_least",
                 "near=", "hint=", "when=", "points", "seconds_per_call", "walk-through", "difficulty", "--shelf",
                 "# >>> exercise", "peak_in_flight"):  # fmt: skip
        assert word in words, word


def test_the_exercise_shows_learners_nothing_of_what_is_the_authors(course):
    text = (course[0] / "exercises" / f"{NAME}.ipynb").read_text(encoding="utf-8")
    for secret in ("For authors", "wrong-answer", "says:", "hidden=True", "two notes of unequal length", "<<<"):
        assert secret not in text
    assert "| 7.1 All notes at once | 6 |" in text


@pytest.fixture(scope="module")
def clones(course, tmp_path_factory):
    """Two students' repositories, as they are cloned: the right answers, and a wrong one."""
    root, clones = course[0], tmp_path_factory.mktemp("clones")
    right = right_answers(read_notebook(root / "solutions" / f"{NAME}.ipynb"))
    for student, changed in {"ann": {}, "bob": {"7.1": WRONG}}.items():
        write_classroom(root / "exercises" / f"{NAME}.ipynb", clones / f"hw7-{student}", references=root / "references")
        path = clones / f"hw7-{student}" / f"{NAME}.ipynb"
        write_whole(path, notebook_text(answered(read_notebook(path), right | changed)))
    return clones


def test_wrong_answers_in_the_notebook_hear_their_words(course):
    assert check_notebook_shelves([course[0] / "solutions" / f"{NAME}.ipynb"]) == (3, [])


def test_clones_are_graded_hidden_checks_included_and_what_is_not_as_expected_is_told(course, clones, monkeypatch):
    """The clones as a shelf, about which somebody expects the wrong things; its path is relative, as people type it."""
    monkeypatch.chdir(clones.parent)
    expected = {
        "hw7-ann": {"marks": list(FULL.values())},
        "hw7-bob": {"marks": [3, 5, 4], "says": {"7.1": "12 s is a year"}, "remarks": "a word"},
        "hw7-cy": {"marks": [0, 0, 0]},
    }
    write_whole(clones / "expected_marks.json", json.dumps({"full_marks": FULL, "students": expected}))
    number, differences = check_folder_shelf(Path(clones.name), course[0] / "solutions")
    assert number == 3
    assert differences[0] == "hw7-bob earns 2 points in task 7.1, and should earn 3."
    assert differences[1].startswith("hw7-bob is not told '12 s is a year' in task 7.1; it hears: 12 s is the time of four calls")
    assert differences[2] == "hw7-bob has no remark 'a word'; its remarks are: none"
    assert differences[3] == "hw7-cy is expected, and there is no such submission with the tasks 7.1, 7.2, 7.3."
    assert len(differences) == 4


@pytest.mark.parametrize(
    ("source", "task", "words"),
    [
        ("def total(): pass", "1.2", "need not hear anything"),
        ("# says: a\n# points: many", "1.2", "`# points: many`; write a number"),
        ("# says: a", "1.9", "a wrong answer to task 1.9, which it does not set"),
    ],
)
def test_a_wrong_answer_that_says_too_little_is_refused(tmp_path, source, task, words):
    solution = small_solution()
    cell = nbformat.v4.new_raw_cell(source, metadata={"tags": ["solution-only", "wrong-answer"], "course": {"task": task}})
    solution.cells.append(cell)
    nbformat.write(solution, tmp_path / "01_small.ipynb")
    with pytest.raises(CourseError, match=words):
        check_notebook_shelves([tmp_path / "01_small.ipynb"])


def test_shelves_without_anything_are_refused(tmp_path):
    nbformat.write(small_solution(), tmp_path / "01_small.ipynb")
    with pytest.raises(CourseError, match="no wrong answers on their shelves"):
        check_notebook_shelves([tmp_path / "01_small.ipynb"])
    with pytest.raises(CourseError, match=r"There is no expected_marks\.json in"):
        check_folder_shelf(tmp_path / "nowhere" / "shelf", tmp_path)
    (tmp_path / "expected_marks.json").write_text('{"full_marks": {"1.1": 1}, "students": {"ann": {"marks": []}}}')
    with pytest.raises(CourseError, match="can't be read as expected marks"):
        check_folder_shelf(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [("pipelines", "can't be called 'pipelines'"), ("07 Pipelines", "can't be called"), ("../07_x", "can't be called"),
     ("01_other", "The number 01 is taken by")],
)  # fmt: skip
def test_names_that_no_exercise_can_have_are_refused(tmp_path, name, words):
    nbformat.write(small_solution(), tmp_path / "01_small.ipynb")
    with pytest.raises(BadInput, match=words):
        new_exercise(name, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["01_small.ipynb"]


def test_the_command_writes_a_notebook_without_problems(tmp_path, monkeypatch, capsys):
    (tmp_path / "solutions").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new-exercise", "08_waves"]) == 0
    assert "run `course build 08_waves`" in capsys.readouterr().out
    assert cli.main(["build", "--new", "09_tides"]) == 0
    for name in ("08_waves", "09_tides"):
        assert source_problems(read_notebook(tmp_path / "solutions" / f"{name}.ipynb")) == []


# The repository ----------------------------------------------------------------------------------


def test_the_repository_holds_what_students_need_and_no_more(course, tmp_path):
    root, out = course[0], tmp_path / "hw7"
    told = write_classroom(root / "exercises" / f"{NAME}.ipynb", out, references=root / "references")
    own = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {path.relative_to(out).as_posix() for path in told} <= own
    outside = {name for name in own if not name.startswith("course_lib/")}
    assert outside == {
        f"{NAME}.ipynb", "README.md", "requirements.txt", "constraints.txt", "pyproject.toml", ".gitignore",
        ".github/workflows/classroom.yml",
    }  # fmt: skip
    assert [name for name in own if name.startswith("course_lib/grading/references/")] == [
        f"course_lib/grading/references/{NAME}.json"
    ]
    everything = "\n".join(path.read_text(encoding="utf-8") for path in told)
    assert "two notes of unequal length" not in everything
    assert "hidden=True" not in everything


def test_the_workflow_is_the_one_that_classroom_knows_and_its_command_works_offline(clones, tmp_path):
    """Names and notices: see the README of classroom-resources/autograding-grading-reporter."""
    for student, code, earned in (("ann", 0, 9), ("bob", 1, 6)):
        clone = clones / f"hw7-{student}"
        workflow = yaml.safe_load((clone / ".github" / "workflows" / "classroom.yml").read_text(encoding="utf-8"))
        assert workflow["name"] == "Autograding Tests"
        assert list(workflow["jobs"]) == ["run-autograding-tests"]
        assert "push" in workflow["on"]
        command = workflow["jobs"]["run-autograding-tests"]["steps"][-1]["run"].split()
        assert command[0] == "python"
        page = tmp_path / f"{student}.md"
        hidden_course = {name: value for name, value in os.environ.items() if name != "COURSE_REFERENCES"}
        ended = subprocess.run(
            [sys.executable, *command[1:]], cwd=clone, env=hidden_course | {"GITHUB_STEP_SUMMARY": str(page)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ended.returncode, ended.stderr) == (code, "")
        notices = ended.stdout.splitlines()[-2:]
        assert notices[0] == f"::notice title=Autograding complete::Points {earned}/9"
        totals = json.loads(notices[1].removeprefix("::notice title=Autograding report::"))
        assert totals == {"totalPoints": earned, "maxPoints": 9}
        assert f"| 7.1 | {earned - 5} of 4 | {'done' if code == 0 else 'look again'} |" in page.read_text(encoding="utf-8")


def test_what_is_installed_is_named_exactly(clones):
    clone = clones / "hw7-ann"
    pinned = (clone / "constraints.txt").read_text().splitlines()
    assert all(line.count("==") == 1 for line in pinned)
    assert any(line.startswith("nbval==") for line in pinned)
    needed = tomllib.loads((clone / "pyproject.toml").read_text())["project"]["dependencies"]
    assert len(needed) == len(pinned)
    assert any(one.startswith("nbval") and "<" in one for one in needed)


def test_nothing_but_an_exercise_and_a_new_folder_will_do(course, tmp_path):
    root = course[0]
    exercise, solution = root / "exercises" / f"{NAME}.ipynb", root / "solutions" / f"{NAME}.ipynb"
    with pytest.raises(BadInput, match="is a solution"):
        write_classroom(solution, tmp_path / "out", references=root / "references")
    with pytest.raises(CourseError, match="There are no stored references for 07_pipelines"):
        write_classroom(exercise, tmp_path / "out", references=tmp_path)
    (tmp_path / "full").mkdir()
    Path(tmp_path, "full", "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="exists and is not empty"):
        write_classroom(exercise, tmp_path / "full", references=root / "references")
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "thesis.txt"]

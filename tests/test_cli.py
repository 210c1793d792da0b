import argparse
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import nbformat
import pytest

from course_lib import __version__, cli
from course_lib.errors import CourseError
from course_lib.grading.authoring.build import BuildFailed, Change
from course_lib.grading.cells.compare import CaseResult
from course_lib.grading.cells.exercises import exercise_from
from course_lib.grading.cells.verdicts import TaskVerdict
from course_lib.grading.running.checking import TaskReport
from tests.grading.small_course import small_solution, write_small_course


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course's folder with one exercise, which is where the command is run."""
    write_small_course(tmp_path)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "notebooks").mkdir()
    nbformat.write(exercise_from(small_solution()), tmp_path / "exercises" / "01_small.ipynb")
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_REFERENCES", str(tmp_path / "references"))
    return tmp_path


def report(*, passed):
    result = CaseResult("a case", passed, 2, 2 * passed, "", "passed" if passed else "failed")
    return TaskReport("1.1", TaskVerdict("1.1", (result,)))


def test_version_and_help(capsys):
    for arguments, words in (
        (["--version"], f"course {__version__}"),
        (["--help"], "Start here: course lab"),
        *(([command, "--help"], f"Example: course {command}") for command in cli.COMMANDS),
    ):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert end.value.code == 0
        assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "There is no command 'chekc'; did you mean `course check`?"),
        ([], "`course --help` shows how it is written."),
        (["check"], "The following arguments are required: NOTEBOOK"),
        (["check", "01_smol"], "There is no exercise '01_smol'; did you mean '01_small'?"),
        (["check", "zzz"], "There is no exercise 'zzz'; choose one of 01_small."),
        (["check", "exercises/01_smal.ipynb"], "did you mean exercises/01_small.ipynb?"),
        (["check", "exercises"], "exercises is a folder, not a notebook"),
        (["check", "notebooks/00_start_here.ipynb"], "it has no `nbformat`"),
        (["check", "01", "--cell-timeout", "0"], "'0' is not seconds above 0, such as 10"),
        (["lab", "--port", "http"], "'http' is not a port from 1 to 65535"),
        (["progress", "--exercises", "nowhere"], "There is no folder nowhere"),
        (["build", "02"], "There is no notebook '02' to build"),
        (["new-exercise", "small"], "An exercise can't be called 'small'"),
        (["new-exercise", "01_more"], "The number 01 is taken by"),
        (["build", "--new", "Seven"], "An exercise can't be called 'Seven'"),
        (["classroom", "01", "exercises"], "exercises exists and is not empty: name a new folder."),
        (["classroom", "solutions/01_small.ipynb", "out"], "is a solution: it holds what learners may not see."),
        (["serve", "--speed", "0"], "'0' is not a speed above 0, such as 60"),
        (["grade", "submissions", "--out", "report", "-n", "0"], "'0' is not a number of submissions, such as 2"),
        (["grade", "submissions", "--out", "report", "--kernels", "hot"], "invalid choice: 'hot'"),
        (["grade", "submissions"], "The following arguments are required: --out"),
        (["grade", "nowhere", "--out", "report", "--solutions", "solutions"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence_with_exit_code_2(course, capsys, arguments, words):
    before = sorted(course.rglob("*"))
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("course: ")
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(course.rglob("*")) == before


@pytest.fixture
def building(monkeypatch):
    """Called instead of the real build; it changes nothing unless a test says so."""
    replaced = Mock(return_value=[])
    monkeypatch.setattr("course_lib.grading.authoring.build.build", replaced)
    return replaced


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BuildFailed(["One.", "Two."]), 2, "course: One.\ncourse: Two.\n"),
        (PermissionError(13, "Permission denied", "exercises/01_small.ipynb"), 2, "course: The system refuses: "
         "Permission denied (exercises/01_small.ipynb); check the path and its permissions.\n"),
        (BrokenPipeError(), 1, ""),  # a reader who has seen enough
        (KeyboardInterrupt(), 130, "course: stopped.\n"),
    ],
)
def test_what_ends_a_command_is_no_traceback(course, capsys, monkeypatch, building, error, code, said):
    monkeypatch.setattr(cli, "_forget_output", lambda: None)
    building.side_effect = error
    assert cli.main(["build"]) == code
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("name", ["01", "01_small", "01_small.ipynb", "exercises/01_small.ipynb"])
def test_check_ends_with_0_when_all_is_done_and_with_1_when_not(course, capsys, monkeypatch, passed, code, name):
    monkeypatch.setattr(
        "course_lib.grading.running.checking.check_notebook", lambda path, cell_timeout: [report(passed=passed)]
    )
    assert cli.main(["check", name]) == code
    out = capsys.readouterr().out
    assert out.startswith("exercises/01_small.ipynb\nTask 1.1 · ")
    assert out.endswith(f"{int(passed)} of 1 task done · {2 * passed} of 2 points\n")


@pytest.mark.parametrize(
    ("arguments", "changed", "code"), [(["--check"], True, 1), (["--check"], False, 0), ([], True, 0)]
)
def test_build_ends_with_1_only_when_checking_finds_something_stale(course, capsys, building, arguments, changed, code):
    building.return_value = [Change(Path("exercises", "01_small.ipynb"), "-old\n+new")] if changed else []
    assert cli.main(["build", "01", *arguments]) == code
    out = capsys.readouterr().out
    assert building.call_args.args == (Path("solutions"), Path("exercises"), Path("references"))
    assert building.call_args.kwargs["only"] == ["01"]
    assert ("exercises/01_small.ipynb" in out) == changed
    assert ("    +new" in out) == (changed and bool(arguments))


@pytest.mark.parametrize(("status", "code"), [("graded", 0), ("unreadable", 1)])
def test_grade_hands_everything_on(course, capsys, monkeypatch, status, code):
    grade = Mock(return_value=SimpleNamespace(marks=[SimpleNamespace(status=status)], summary="1 of 1"))
    monkeypatch.setattr("course_lib.grading.running.grade.grade", grade)
    command = ["grade", "submissions", "--out", "report"]
    assert cli.main([*command, "--cell-timeout", "5"]) == code
    assert capsys.readouterr().out == "1 of 1\n"
    expected = {"solutions": None, "cell_timeout": 5, "submission_timeout": 120, "jobs": 1, "kernels": "auto",
                "resume": True, "cluster": None, "progress": True}
    grade.assert_called_once_with(Path("submissions"), Path("report"), **expected)
    cli.main([*command, "-n", "2", "--kernels", "cold", "--no-resume", "--cluster", "tcp://there:8786", "--quiet"])
    grade.assert_called_with(Path("submissions"), Path("report"), **expected | {
        "cell_timeout": 10, "jobs": 2, "kernels": "cold", "resume": False, "cluster": "tcp://there:8786", "progress": False})
    assert capsys.readouterr().out == ""


def test_serve_hands_port_and_speed_on(monkeypatch):
    seen = []
    monkeypatch.setattr("course_lib.claude.server.serve_forever", lambda port, speed: seen.append((port, speed)))
    assert cli.main(["serve"]) == cli.main(["serve", "--port", "8001", "--speed", "60"]) == 0
    assert seen == [(8000, 1.0), (8001, 60.0)]


@pytest.mark.parametrize(("differences", "code"), [([], 0), (["bob earns 2 points in task 1.1, and should earn 3."], 1)])
@pytest.mark.parametrize("folder", [None, "shelf"])
def test_build_tells_what_the_shelf_does_not_get(course, capsys, monkeypatch, building, differences, code, folder):
    check = Mock(return_value=(3, differences))
    name = "check_folder_shelf" if folder else "check_notebook_shelves"
    monkeypatch.setattr(f"course_lib.grading.authoring.shelf.{name}", check)
    assert cli.main(["build", "01", "--shelf"] + ([folder] if folder else [])) == code
    solutions = course / "solutions"
    check.assert_called_once_with(*([Path(folder), solutions] if folder else [[solutions / "01_small.ipynb"]]))
    out = capsys.readouterr().out.removeprefix("Everything is as built.\n")
    assert out == ("\n".join(differences) or "The shelf is as expected: 3 submissions.") + "\n"


def test_a_stale_course_is_not_measured_by_its_shelf(course, monkeypatch, building):
    building.return_value = [Change(course, "-old\n+new")]
    monkeypatch.setattr(cli, "_check_shelf", lambda *_: pytest.fail("the key is not built yet"))
    assert cli.main(["build", "--check", "--shelf"]) == 1


def test_warnings_of_a_build_go_to_standard_error_and_change_no_exit_code(course, capsys, building):
    building.side_effect = lambda *_, warn, **__: warn("One case is not seen.") or []
    assert cli.main(["build"]) == 0
    assert capsys.readouterr() == ("Everything is as built.\n", "course: warning: One case is not seen.\n")


def test_check_tells_its_points_to_github_when_asked(course, capsys, monkeypatch, tmp_path_factory):
    page = tmp_path_factory.mktemp("github") / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setattr(
        "course_lib.grading.running.checking.check_notebook",
        lambda path, cell_timeout: [report(passed=False), TaskReport("9.9", None)],
    )
    assert cli.main(["check", "01"]) == 1
    assert "::notice" not in capsys.readouterr().out
    assert cli.main(["check", "01", "--classroom"]) == 1
    assert capsys.readouterr().out.endswith(
        '::notice title=Autograding complete::Points 0/2\n'
        '::notice title=Autograding report::{"totalPoints": 0, "maxPoints": 2}\n'
    )
    assert "| 1.1 | 0 of 2 | look again |\n| 9.9 | 0 of 0 | not done yet |" in page.read_text(encoding="utf-8")


def test_classroom_says_what_it_wrote_and_how_to_go_on(course, capsys, monkeypatch):
    monkeypatch.setattr("course_lib.grading.authoring.classroom.write_classroom", lambda exercise, out: [out / exercise.name])
    assert cli.main(["classroom", "01", "assignment"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("wrote: assignment/01_small.ipynb\n")
    assert "course grade CLONES --out REPORT" in out


def test_progress_reads_the_saved_exercises(course, capsys):
    assert cli.main(["progress"]) == 0
    out = capsys.readouterr().out
    assert all(words in out for words in ("01_small", "1.1", "not yet", "saved in JupyterLab"))


def test_progress_of_a_folder_that_cannot_be_read_is_refused(course, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(cli.os, "listdir", refuse)
    assert cli.main(["progress", "--exercises", "exercises"]) == 2
    assert "Permission denied (exercises)" in capsys.readouterr().err


def test_lab_shows_its_command_from_any_folder_of_the_course(course, capsys, monkeypatch):
    (course / "solutions" / "deep").mkdir()
    monkeypatch.chdir(course / "solutions" / "deep")
    assert cli.main(["lab", "--print", "--no-browser", "--port", "8899"]) == 0
    words = capsys.readouterr().out.split()
    assert words[:4] == [sys.executable, "-m", "jupyterlab", str(course.resolve() / "notebooks" / "00_start_here.ipynb")]
    assert {"--LabApp.news_url=None", "--no-browser", "--port=8899"} <= set(words)


def test_lab_shows_a_command_that_a_shell_reads_as_it_is_meant(course, capsys, monkeypatch):
    monkeypatch.setattr(cli, "lab_command", lambda *_, **__: ["python", "my course/start.ipynb"])
    assert cli.main(["lab", "--print"]) == 0
    assert capsys.readouterr().out == "python 'my course/start.ipynb'\n"


def test_lab_replaces_this_process(course, monkeypatch):
    started = []
    monkeypatch.setattr("os.execv", lambda program, command: started.append((program, command)))
    cli.main(["lab"])
    assert started[0][0] == sys.executable
    assert "--no-browser" not in started[0][1]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there is no root on this system")
@pytest.mark.parametrize(("user", "told"), [(0, True), (1000, False)])
def test_lab_starts_in_a_container_too_where_everybody_is_root(course, monkeypatch, user, told):
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert ("--allow-root" in cli.lab_command(course)) is told


def test_lab_waits_for_jupyterlab_on_windows(course, monkeypatch):
    started = []
    monkeypatch.setattr(cli.os, "name", "nt")
    monkeypatch.setattr(cli.subprocess, "call", lambda command: started.append(command) or 7)
    monkeypatch.setattr(cli, "course_folder", lambda: course)
    monkeypatch.setattr(cli, "lab_command", lambda *_, **__: ["python", "-m", "jupyterlab"])
    assert cli.lab(argparse.Namespace(no_browser=True, port=None, print=False)) == 7
    assert started == [["python", "-m", "jupyterlab"]]


def test_a_folder_without_a_course_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(cli.course_lib, "__file__", str(tmp_path / "site-packages" / "course_lib" / "__init__.py"))
    with pytest.raises(CourseError, match=r"Neither .* nor a folder above it holds notebooks/00_start_here.ipynb"):
        cli.course_folder(tmp_path)

"""From a written solution to graded exercises: the few tests that start real kernels."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.errors import BadInput, CourseError
from course_lib.grading.authoring.build import BuildFailed, build, report_changes
from course_lib.grading.cells.notebooks import read_notebook
from course_lib.grading.running.checking import check_notebook, summary
from course_lib.show.saved_results import CHECK_RESULT
from tests.grading.small_course import small_solution, write_small_course


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The small course, built once: its folders, and what the build said it changed."""
    root = tmp_path_factory.mktemp("course")
    folders = write_small_course(root)
    chapter = new_notebook(cells=[
        new_markdown_cell("# Chapter", id="a"),
        new_code_cell("import sys\nprint('out')\nprint('err', file=sys.stderr)\n40 + 2", id="b"),
        new_code_cell("1 / 0", id="c", metadata={"tags": ["raises-exception"]}),
        new_code_cell("from course_lib.grading.cells.references import find_reference\nfind_reference('1.2')['title']", id="d"),
    ])  # fmt: skip
    folders["notebooks"] = root / "notebooks"
    folders["notebooks"].mkdir()
    nbformat.write(chapter, folders["notebooks"] / "01_small.ipynb")
    return folders, build(**folders)


def nbval(notebook, references, *options):
    """The exit code and output of plain pytest on a notebook."""
    command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "--nbval-lax", "--nbval-current-env", "-q", "-p",
               "no:cacheprovider", *options, "-c", os.devnull, "--rootdir",
               str(notebook.parent), str(notebook)]  # fmt: skip
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COURSE_REFERENCES": str(references), "PYTEST_ADDOPTS": "",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout


def test_a_build_writes_solution_exercise_reference_and_chapter(course):
    folders, changes = course
    assert [change.path.relative_to(folders["solutions"].parent).as_posix() for change in changes] == [
        "solutions/01_small.ipynb", "exercises/01_small.ipynb", "references/01_small.json", "notebooks/01_small.ipynb",
    ]  # fmt: skip


def test_references_hold_visible_cases_only_and_who_defines_what(course):
    folders, _ = course
    stored = json.loads((folders["references"] / "01_small.json").read_text())
    first, second = stored["tasks"]["1.1"], stored["tasks"]["1.2"]
    assert [(case["name"], case["value"]) for case in first["cases"]] == [("four at once", 3.0), ("no documents", [])]
    assert [(case["name"], case["value"]) for case in second["cases"]] == [("three numbers", 6)]
    assert second["defines"] == {"read_all": "1.1", "total": "1.2"}
    assert (stored["notebook"], first["title"]) == ("01_small", "Read all at once")


def test_the_executed_solution_holds_every_value_also_the_hidden_ones(course):
    solution = read_notebook(course[0]["solutions"] / "01_small.ipynb")
    emitted = [
        output.data[CHECK_RESULT]
        for cell in solution.cells
        for output in cell.get("outputs", [])
        if CHECK_RESULT in output.data
    ]
    assert [(one["task"], one["hidden"], one["cases"][0]["value"]) for one in emitted] == [
        ("1.1", False, 3.0), ("1.1", True, 2), ("1.2", False, 6), ("1.2", True, 0),
    ]  # fmt: skip
    assert [cell.execution_count for cell in solution.cells if cell.cell_type == "code"] == [1, 2, 3, 4, 5, 6, 7]


def test_a_chapter_keeps_its_planned_error_without_a_path(course):
    chapter = read_notebook(course[0]["notebooks"] / "01_small.ipynb")
    assert [(output.output_type, output.get("text")) for output in chapter.cells[1].outputs] == [
        ("stream", "out\n"), ("stream", "err\n"), ("execute_result", None),
    ]  # fmt: skip
    assert chapter.cells[2].outputs[0].traceback == ["\x1b[31mZeroDivisionError\x1b[39m: division by zero"]


def test_a_chapter_meets_the_references_that_are_built_with_it(course):
    chapter = read_notebook(course[0]["notebooks"] / "01_small.ipynb")
    assert chapter.cells[3].outputs[0].data["text/plain"] == "'Mend the total'"


def test_a_second_build_changes_no_byte_and_a_stale_file_is_named(course, capsys):
    folders, _ = course
    files = [path for folder in folders.values() for path in sorted(folder.iterdir())]
    before = {path: path.read_bytes() for path in files}
    exercise = folders["exercises"] / "01_small.ipynb"
    exercise.write_text(exercise.read_text().replace("Their sum.", "Their product."))
    (folders["exercises"] / "02_old.ipynb").write_text("{}")
    changes = build(**folders, check=True)
    assert [change.path.name for change in changes] == ["01_small.ipynb", "02_old.ipynb"]
    assert "Their product." in changes[0].difference
    assert "Their sum." in changes[0].difference
    assert changes[1].difference == "It follows from no solution; delete it."
    assert "Their product." in exercise.read_text()
    report_changes(changes, check=True)
    assert f"stale: {exercise}\n    --- as it is" in capsys.readouterr().out
    (folders["exercises"] / "02_old.ipynb").unlink()
    exercise.write_bytes(before[exercise])
    assert {path: path.read_bytes() for path in files} == before


def test_an_untouched_exercise_fails_each_check_under_plain_pytest(course):
    folders, _ = course
    code, output = nbval(folders["exercises"] / "01_small.ipynb", folders["references"])
    assert code == 1
    assert "2 failed, 3 passed" in output
    assert "Task 1.1 · not done yet" in output
    assert "Task 1.2 · 0 of 1 point" in output
    assert "NotImplementedError" not in output
    assert "checks.py" not in output


def test_the_solution_passes_strictly_outside_the_build(course):
    folders, _ = course
    code, output = nbval(folders["solutions"] / "01_small.ipynb", folders["references"], "--nbval")
    assert (code, "7 passed" in output) == (0, True)


def test_course_check_tells_it_task_by_task_and_leaves_the_file_alone(course, monkeypatch, tmp_path):
    folders, _ = course
    monkeypatch.setenv("COURSE_REFERENCES", str(folders["references"]))
    exercise = read_notebook(folders["exercises"] / "01_small.ipynb")
    exercise.cells[3].source = exercise.cells[3].source.replace(
        'raise NotImplementedError("task 1.1")', "return [await ask(document) for document in documents]"
    )
    exercise.cells[6].source = "def total(numbers)\n    return sum(numbers)"
    path = tmp_path / "01_small.ipynb"
    nbformat.write(exercise, path)
    before = path.read_bytes()
    reports = check_notebook(path)
    assert "\n".join(report.text for report in reports).splitlines() == [
        "Task 1.1 · 1 of 3 points",
        "  ✗ four at once (2 points)",
        "      expected: 3.0",
        "      came: 12.0",
        "      12 s is the time of four calls one after another.",
        "      hint: Start every call before you await the first.",
        "  ✓ no documents (1 point)",
        "Task 1.2 · 0 of 1 point",
        "  ✗ three numbers (1 point)",
        "      It raised NameError: `total` is not defined; run the answer cell of task 1.2 first.",
        "      hint: Where does the sum start?",
        "  Its answer cell ends with SyntaxError: expected ':' (line 1).",
    ]
    assert summary(reports) == "0 of 2 tasks done · 1 of 4 points"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_solution_whose_own_cell_fails_is_named_and_nothing_is_written(tmp_path):
    folders = write_small_course(tmp_path)
    solution = small_solution()
    solution.cells[1].source += "\nlevels[0]"
    path = folders["solutions"] / "01_small.ipynb"
    nbformat.write(solution, path)
    before = path.read_bytes()
    with pytest.raises(
        CourseError, match=r"stops at a cell with IndexError: .*\(in the cell `import asyncio`\); mend the cell"
    ):
        build(**folders)
    assert path.read_bytes() == before
    assert not folders["exercises"].exists()
    assert not folders["references"].exists()


@pytest.fixture
def changed_course(course, tmp_path):
    """A copy of the built course in which the solution has changed since, and the texts of its files."""
    for name, folder in course[0].items():
        shutil.copytree(folder, tmp_path / name)
    solution = tmp_path / "solutions" / "01_small.ipynb"
    solution.write_text(solution.read_text().replace("Mend the total", "Repair the total"))
    return {name: tmp_path / name for name in course[0]}


def contents(folders):
    return {path: path.read_bytes() for folder in folders.values() for path in sorted(folder.iterdir())}


def test_a_chapter_that_fails_leaves_every_file_as_it_was(changed_course):
    chapter = read_notebook(changed_course["notebooks"] / "01_small.ipynb")
    chapter.cells[2].metadata = {}
    nbformat.write(chapter, changed_course["notebooks"] / "01_small.ipynb")
    before = contents(changed_course)
    with pytest.raises(CourseError, match="stops at a cell with ZeroDivisionError"):
        build(**changed_course)
    assert contents(changed_course) == before


@pytest.mark.parametrize("locked", ["solutions", "exercises", "references", "notebooks"])
def test_a_folder_that_cannot_be_written_to_leaves_every_file_as_it_was(changed_course, monkeypatch, locked):
    executed = read_notebook(changed_course["solutions"] / "01_small.ipynb")
    executed.cells[0].source = "# More exercises"
    chapter = new_notebook(cells=[new_markdown_cell("# Another chapter", id="a")])
    results = {"solutions": executed, "notebooks": chapter}
    monkeypatch.setattr(
        "course_lib.grading.authoring.build.execute_all", lambda pairs, _: [results[path.parent.name] for _, path in pairs]
    )
    write_text = Path.write_text

    def refuse(path, *arguments, **options):
        if path.parent == changed_course[locked]:
            raise PermissionError(13, "Permission denied", str(path))
        return write_text(path, *arguments, **options)

    before = contents(changed_course)
    assert {change.path.parent.name for change in build(**changed_course, check=True)} >= {locked}
    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(PermissionError):
        build(**changed_course)
    assert contents(changed_course) == before


def test_a_solution_that_is_not_fit_is_refused_before_it_runs(tmp_path):
    folders = write_small_course(tmp_path)
    solution = small_solution()
    solution.cells[3].source = solution.cells[3].source.replace("# <<< solution", "")
    solution.cells[7].source = "No heading"
    nbformat.write(solution, folders["solutions"] / "01_small.ipynb")
    with pytest.raises(BuildFailed) as refusal:
        build(**folders)
    assert len(refusal.value.problems) == 2, refusal.value.problems
    assert str(refusal.value).endswith("(and 1 more)")


def test_names_that_no_notebook_has_are_refused(tmp_path):
    folders = write_small_course(tmp_path)
    with pytest.raises(BadInput, match=r"There is no notebook '01_smal' to build; did you mean '01_small'?"):
        build(**folders, only=["01_smal"])
    with pytest.raises(BadInput, match=r"There is nothing to build"):
        build(tmp_path / "nowhere", folders["exercises"], folders["references"])


def test_a_task_may_stand_in_one_notebook_only(tmp_path, monkeypatch):
    folders = write_small_course(tmp_path)
    folders["references"].mkdir()
    (folders["references"] / "02_other.json").write_text('{"notebook": "02_other", "tasks": {"1.2": {}}}')
    executed = small_solution()
    monkeypatch.setattr("course_lib.grading.authoring.build.execute_all", lambda *_: [executed])
    monkeypatch.setattr("course_lib.grading.authoring.build.output_problems", lambda _: [])
    monkeypatch.setattr("course_lib.grading.authoring.build.emitted", lambda _: {"cases": []})
    with pytest.raises(BuildFailed, match=r"Task 1.2 stands in 02_other and in 01_small; number one anew."):
        build(**folders)

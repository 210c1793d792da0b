import json

import nbformat
import pytest

from course_lib.errors import CourseError
from course_lib.grading.cells.references import find_reference, read_reference
from course_lib.grading.running.checking import check_notebook, reports_of, summary
from tests.grading.small_course import small_solution


def record(role, *, task="1.1", check=None, error="", first_line="x = 1"):
    return {"role": role, "task": task, "first_line": first_line, "check": check, "error": error}


def emitted(value):
    return {"task": "1.1", "cases": [{"name": "a case", "status": "value", "value": value, "error": "", "points": 2}]}


@pytest.fixture(autouse=True)
def references(monkeypatch, tmp_path):
    stored = {
        "notebook": "01",
        "tasks": {"1.1": {"cases": [{"name": "a case", "value": 3, "points": 2, "hint": "Look."}]}},
    }
    (tmp_path / "01.json").write_text(json.dumps(stored))
    monkeypatch.setenv("COURSE_REFERENCES", str(tmp_path))
    return tmp_path


def test_a_solved_task_is_done():
    reports = reports_of([record("answer"), record("check", check=emitted(3))])
    assert [report.done for report in reports] == [True]
    assert summary(reports) == "1 of 1 task done · 2 of 2 points"


def test_a_check_that_was_not_reached_says_why():
    ended = [record("answer", error="a time-out: it ran too long"), record("check", error="a dead kernel")]
    assert (
        reports_of(ended)[0].text == "Task 1.1 · not reached\n  Its answer cell ends with a time-out: it ran too long."
    )
    assert reports_of(ended[1:])[0].text == "Task 1.1 · not reached\n  Its check ends with a dead kernel."


def test_a_cell_of_the_notebook_itself_that_fails_is_named():
    broken = record("other", task="", error="ModuleNotFoundError: No module named 'course'", first_line="import course")
    report = reports_of([broken, record("answer"), record("check", check=emitted(4))])[0]
    assert report.text.splitlines()[-1] == (
        "  The cell `import course` ends with ModuleNotFoundError: No module named 'course'."
    )


def test_hidden_checks_and_tasks_without_a_check_are_not_told():
    assert reports_of([record("answer"), record("hidden check", check=emitted(3))]) == []


def test_a_notebook_without_checks_is_refused(tmp_path):
    chapter = small_solution()
    chapter.cells = chapter.cells[:2]
    nbformat.write(chapter, tmp_path / "chapter.ipynb")
    with pytest.raises(CourseError, match="has no checks; name an exercise"):
        check_notebook(tmp_path / "chapter.ipynb")


def test_references_are_found_by_task(references):
    assert find_reference("1.1")["cases"][0]["value"] == 3
    assert find_reference("7.7") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tasks": 3}'])
def test_a_broken_reference_file_says_how_to_mend_it(references, text):
    (references / "02.json").write_text(text)
    with pytest.raises(CourseError, match="run `course build` to write it again"):
        read_reference(references / "02.json")

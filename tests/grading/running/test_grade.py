"""A whole class, graded for real: every student's mark, status and message, and what the report tells whom."""

import copy
import csv
import json
import zipfile

import pytest
from nbformat.v4 import new_output

from course_lib.errors import BadInput, CourseError
from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.cells.notebooks import ANSWER, role, task_of
from course_lib.grading.running.grade import grade
from course_lib.grading.sandbox.isolated_run import clean_environment
from course_lib.show.saved_results import CHECK_RESULT
from tests.grading.graded_course import EXERCISE, SECRET, exercise_notebook, filled, hand_in, solved, write_key

CELL_TIMEOUT = 60.0  # for a busy machine
SHORT_TIMEOUT = 3.0
ENDLESS = ("endless", "endless_cell")

FORGED = {
    "task": "1.1",
    "hidden": False,
    "cases": [
        {"name": name, "status": "value", "value": value, "error": ""}
        for name, value in [("a number", 42), ("a word", "abab")]
    ],
}


def deleted_checks():
    notebook = solved(double="def double(x):\n    return x")
    notebook.cells = [cell for cell in notebook.cells if role(cell) == ANSWER]
    return notebook


def edited_checks():
    """Every check replaced by one that always passes, its forged result stored as the cell's output."""
    notebook = solved(double="def double(x):\n    return x * x", total="def total(numbers):\n    return 6")
    for cell in notebook.cells:
        if cell.id.startswith("check"):
            cell.source = "print('passed')"
            cell.outputs = [new_output("display_data", {CHECK_RESULT: FORGED, "text/plain": "passed"})]
            cell.execution_count = 4
    return notebook


def duplicated_and_missing():
    notebook = solved()
    by_task = {task_of(cell): cell for cell in notebook.cells if role(cell) == ANSWER}
    second = copy.deepcopy(by_task["1.1"])
    second.id, second.source = "second", "def double(number):\n    return 0"
    notebook.cells.append(second)
    notebook.cells.remove(by_task["1.2"])
    return notebook


def renamed_ids():
    notebook = solved()
    for number, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"renamed-{number}", {}
    return notebook


def another_way():
    return solved(
        double="def double(number):\n    from operator import mul\n    return mul(number, 2)",
        total="def total(numbers):\n    return numbers[0] + total(numbers[1:]) if numbers else 0",
        largest="largest = lambda numbers: sorted(numbers)[-1]",
    )


NEVER_ENDS = """def total(numbers):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""

FLOOD = """def total(numbers):
    for _ in range(1500):
        print("flood " * 50, flush=True)
    for _ in range(100_000):
        print("flood " * 50)
    return sum(numbers)"""

CHATTY = """import sys, warnings
from IPython.display import HTML, display
def double(number):
    print("before")
    print("to stderr", file=sys.stderr)
    warnings.warn("careful")
    display(HTML("<b>and a picture</b>"))
    return 2 * number"""

FORGED_INSIDE = f"""from IPython.display import display
def double(number):
    display({{"{CHECK_RESULT}": {FORGED!r}}}, raw=True)
    return 0"""

TALKATIVE = """def double(number):
    if isinstance(number, list):
        raise type(number[0].replace("-", "_"), (Exception,), {})(f"I was given {number}")
    return 2 * number"""

KEPT = "kept = []\ndef double(number):\n    kept.append(number)\n    return 2 * number"

TOLD = "def total(numbers):\n    raise ValueError(f'I have seen {kept}')"

TOLD_BY_VALUE = "def largest(numbers):\n    return repr(kept)"

HELPERS_OF_ONE_NAME = {
    "double": "def helper(value):\n    return 2 * value\ndef double(number):\n    return helper(number)",
    "total": "def helper(values):\n    return sum(values)\ndef total(numbers):\n    return helper(numbers)",
    "largest": "helper = max\ndef largest(numbers):\n    return helper(numbers)",
}

ENDS_AT_HIDDEN = """import os
def double(number):
    return os._exit(0) if isinstance(number, list) else 2 * number"""

CLASS = {
    "solved": solved(),
    "half": filled(
        {"1.1": "def double(number):\n    return number * 2", "1.3": "def largest(numbers):\n    return numbers[-1]"}
    ),
    "untouched": exercise_notebook(),
    "another": another_way(),
    "square": solved(double="def double(number):\n    return number ** 2"),
    "syntax": solved(double="def double(number)\n    return 2 * number"),
    "top": solved(total="numbers = undefined_thing\ndef total(numbers):\n    return sum(numbers)"),
    "endless": solved(total=NEVER_ENDS),
    "endless_cell": solved(double="def double(number):\n    return 2 * number\nwhile True:\n    pass"),
    "exits": solved(double="import os\ndef double(number):\n    os._exit(0)"),
    "deleted": deleted_checks(),
    "edited": edited_checks(),
    "twice": duplicated_and_missing(),
    "renamed": renamed_ids(),
    "flood": solved(total=FLOOD),
    "chatty": solved(double=CHATTY),
    "forged": solved(double=FORGED_INSIDE),
    "talkative": solved(double=TALKATIVE),
    "smuggler": solved(double=KEPT, total=TOLD, largest=TOLD_BY_VALUE),
    "helpers": solved(**HELPERS_OF_ONE_NAME),
    "exits_at_hidden": solved(double=ENDS_AT_HIDDEN),
    "=cmd()": solved(),
}


@pytest.fixture(scope="module")
def solutions(tmp_path_factory):
    return write_key(tmp_path_factory.mktemp("course") / "solutions")


@pytest.fixture(scope="module")
def report(tmp_path_factory, solutions):
    folder = tmp_path_factory.mktemp("class")
    for student in CLASS.keys() - set(ENDLESS):
        hand_in(folder, student, CLASS[student])
    for shadow in ("json.py", "course_lib.py", "conftest.py", "sitecustomize.py", "nbformat.py"):
        (folder / "solved" / shadow).write_text("raise SystemExit('shadowed')")
    (folder / "corrupt").mkdir()
    (folder / "corrupt" / f"{EXERCISE}.ipynb").write_text('{"cells": [', encoding="utf-8")
    (folder / "nothing").mkdir()
    (folder / "stranger").mkdir()
    (folder / "stranger" / "99_other.ipynb").write_text("{}")
    return grade(folder, folder.parent / "report", solutions=solutions, cell_timeout=CELL_TIMEOUT, progress=False)


@pytest.fixture(scope="module")
def endless(tmp_path_factory, solutions):
    """Those who use up all the time that a cell has, with little of it."""
    folder = tmp_path_factory.mktemp("endless")
    for student in ENDLESS:
        hand_in(folder / "class", student, CLASS[student])
    return grade(folder / "class", folder / "report", solutions=solutions, cell_timeout=SHORT_TIMEOUT, progress=False)


def of(report, student) -> SubmissionMark:
    return next(mark for mark in report.marks if mark.student == student)


def cases(report, student, task):
    return [(case.status, case.earned) for case in of(report, student).task(task).cases]


def message(report, student, task, case=0):
    return of(report, student).task(task).cases[case].message


def test_every_total(report, endless):
    marks = [mark for mark in [*report.marks, *endless.marks] if mark.student != "stranger"]
    totals = {mark.student: (mark.earned, mark.points, mark.status) for mark in marks}
    assert totals == {
        "solved": (9, 9, "graded"),
        "half": (5, 9, "graded"),
        "untouched": (0, 9, "graded"),
        "another": (9, 9, "graded"),
        "square": (5, 9, "graded"),
        "syntax": (5, 9, "graded"),
        "top": (6, 9, "graded"),
        "endless": (6, 9, "graded"),
        "endless_cell": (5, 9, "graded"),
        "exits": (5, 9, "graded"),
        "deleted": (5, 9, "graded"),
        "edited": (4, 9, "graded"),
        "twice": (6, 9, "graded"),
        "renamed": (9, 9, "graded"),
        "flood": (9, 9, "graded"),
        "chatty": (9, 9, "graded"),
        "forged": (5, 9, "graded"),
        "talkative": (7, 9, "graded"),
        "smuggler": (4, 9, "graded"),
        "helpers": (9, 9, "graded"),
        "exits_at_hidden": (7, 9, "graded"),
        "=cmd()": (9, 9, "graded"),
        "corrupt": (0, 9, "unreadable"),
        "nothing": (0, 9, "missing"),
    }
    rows = [mark for mark in report.marks if mark.student == "stranger"]
    assert sorted((row.exercise, row.status, row.earned) for row in rows) == [
        (EXERCISE, "missing", 0),
        ("99_other", "unknown exercise", 0),
    ]


def test_half_solved_is_partial_credit_and_an_untouched_task_is_no_failure(report):
    assert cases(report, "half", "1.1") == [("passed", 1), ("passed", 1), ("passed", 2)]
    assert cases(report, "half", "1.2") == [("not attempted", 0), ("not attempted", 0)]
    assert cases(report, "half", "1.3") == [("failed", 0), ("passed", 1)]
    assert {task.status for task in of(report, "untouched").tasks} == {"not attempted"}


def test_a_foreseen_wrong_value_gets_the_authors_message(report):
    assert message(report, "square", "1.1") == "That is the square: multiply by two. Hint: Once more itself."


def test_a_syntax_error_names_line_and_text_and_costs_one_task(report):
    expected = "Python can't read line 1 of your answer, `def double(number)`: expected ':'."
    assert of(report, "syntax").task("1.1").note == expected
    assert cases(report, "syntax", "1.1") == [("failed", 0)] * 3
    assert cases(report, "syntax", "1.2") == [("passed", 2), ("passed", 1)]


def test_an_error_in_the_answer_cell_is_told(report):
    assert of(report, "top").task("1.2").note == (
        "Your answer cell stops with NameError: name 'undefined_thing' is not defined."
    )


def test_an_endless_loop_costs_its_task_and_earlier_answers_come_back(endless):
    assert cases(endless, "endless", "1.1") == [("passed", 1), ("passed", 1), ("passed", 2)]
    assert cases(endless, "endless", "1.2") == [("timed out", 0), ("timed out", 0)]
    assert cases(endless, "endless", "1.3") == [("passed", 1), ("passed", 1)]
    assert message(endless, "endless", "1.2").startswith("Stopped after 3 seconds")


def test_an_endless_answer_cell_is_not_run_again(endless):
    assert cases(endless, "endless_cell", "1.1") == [("timed out", 0)] * 3
    assert cases(endless, "endless_cell", "1.2") == [("passed", 2), ("passed", 1)]
    assert of(endless, "endless_cell").task("1.1").note == "Your answer cell did not end within 3 seconds."


def test_an_exit_is_a_crash_of_its_task(report):
    assert cases(report, "exits", "1.1") == [("crashed", 0)] * 3
    assert cases(report, "exits", "1.2") == [("passed", 2), ("passed", 1)]


def test_checks_of_the_submission_mean_nothing(report):
    assert cases(report, "deleted", "1.1") == [("failed", 0)] * 3
    assert cases(report, "edited", "1.1") == [("failed", 0)] * 3
    assert cases(report, "edited", "1.2") == [("passed", 2), ("failed", 0)]
    assert of(report, "deleted").remarks == []
    assert of(report, "edited").remarks == []


def test_a_result_shown_by_the_answer_itself_is_refused(report):
    assert cases(report, "forged", "1.1") == [("failed", 0)] * 3
    assert message(report, "forged", "1.1").startswith("The check showed more than one result")


def test_doubled_and_missing_answers_are_named(report):
    assert of(report, "twice").remarks == [
        "Task 1.1 was answered in 2 cells; the original one was graded.",
        "Task 1.2: the answer cell is missing.",
    ]
    assert cases(report, "twice", "1.2") == [("not attempted", 0), ("not attempted", 0)]


def test_what_cannot_be_graded_is_named(report):
    assert of(report, "corrupt").remarks == [
        f"{EXERCISE}.ipynb is cut off: it stops being JSON at line 1; save the notebook again in JupyterLab "
        "or take an earlier copy."
    ]
    assert of(report, "nothing").remarks == ["Nothing was handed in."]
    assert "99_other.ipynb belongs to no exercise" in " ".join(" ".join(mark.remarks) for mark in report.marks)


def test_hidden_inputs_and_names_reach_no_students_page(report):
    pages = [path.read_text(encoding="utf-8") for path in (report.out / "feedback").rglob("*.*")]
    assert len(pages) == 2 * len(report.marks) + len({mark.student for mark in report.marks})
    assert not any(SECRET in page or SECRET.replace("-", "_") in page for page in pages)
    assert message(report, "talkative", "1.1", 2).endswith("Hint: Think of lists, too.")
    assert of(report, "talkative").task("1.1").cases[2].status == "failed"
    assert not any("return 2 * number" in page or "WALK" in page for page in pages)


def test_what_a_hidden_check_hands_out_is_told_by_no_later_case(report):
    assert "I have seen [21, 'ab']" in message(report, "smuggler", "1.2")
    assert "[21, 'ab']" in message(report, "smuggler", "1.3")
    written = json.loads((report.out / "results" / "smuggler" / f"{EXERCISE}.json").read_text(encoding="utf-8"))
    told = [*written["remarks"], *(task["note"] for task in written["tasks"])]
    told += [case["message"] for task in written["tasks"] for case in task["cases"]]
    told += [path.read_text(encoding="utf-8") for path in (report.out / "feedback" / "smuggler").iterdir()]
    assert not [words for words in told if SECRET in words]


def test_a_kernel_that_ends_at_a_hidden_check_costs_that_check_only(report):
    assert cases(report, "exits_at_hidden", "1.1") == [("passed", 1), ("passed", 1), ("crashed", 0)]
    assert cases(report, "exits_at_hidden", "1.2") == [("passed", 2), ("passed", 1)]


def test_grades_csv(report):
    with open(report.grades, encoding="utf-8", newline="") as file:
        rows = {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}
    half = rows["half", EXERCISE]
    assert list(half) == ["student", "exercise", "1.1", "1.2", "1.3", "total", "out of", "status", "remarks"]
    assert [half[name] for name in ("1.1", "1.2", "1.3", "total", "out of")] == ["4", "0", "1", "5", "9"]
    assert ("'=cmd()", EXERCISE) in rows, "a name must not become a formula in a spreadsheet"


def test_json_of_a_submission(report):
    written = json.loads((report.out / "results" / "half" / f"{EXERCISE}.json").read_text(encoding="utf-8"))
    assert (written["earned"], written["points"], written["status"]) == (5, 9, "graded")
    assert [task["status"] for task in written["tasks"]] == ["passed", "not attempted", "failed"]
    assert SubmissionMark.from_json(written) == of(report, "half")
    assert not list(report.out.rglob("*.part"))


def test_a_zip_graded_again_gives_the_same_bytes(report, solutions, tmp_path):
    again = ("chatty", "square", "twice")
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for student in again:
            path = hand_in(tmp_path / "unpacked", student, CLASS[student])
            packed.write(path, f"export/{student}_{EXERCISE}.ipynb")
    second = grade(archive, tmp_path / "report", solutions=solutions, cell_timeout=CELL_TIMEOUT, progress=False)
    assert [mark.student for mark in second.marks] == sorted(again)
    for student in again:
        for ending in ("html", "md"):
            name = f"feedback/{student}/{EXERCISE}.{ending}"
            assert (second.out / name).read_bytes() == (report.out / name).read_bytes()
        results = [json.loads((one.out / f"results/{student}/{EXERCISE}.json").read_text()) for one in (report, second)]
        assert all(one.pop("run")["seconds"] >= 0 for one in results)
        assert results[0] == results[1]


def test_the_environment_is_clean(monkeypatch, tmp_path):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "PYTHONHASHSEED", "PYTEST_ADDOPTS", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "leak")
    environment = clean_environment(tmp_path)
    assert "leak" not in environment.values()
    assert environment["COURSE_MODE"] == "grade"
    assert environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
    assert environment["HOME"] == str(tmp_path)
    assert environment["PYTHONSAFEPATH"] == "1"


def test_a_key_without_outputs_is_refused_and_nothing_is_written(solutions, tmp_path):
    source = (solutions / f"{EXERCISE}.ipynb").read_text(encoding="utf-8")
    notebook = json.loads(source)
    for cell in notebook["cells"]:
        if cell["id"] == "check-total":
            cell["outputs"], cell["execution_count"] = [], None
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / f"{EXERCISE}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    hand_in(tmp_path / "class", "ada", solved())
    with pytest.raises(CourseError, match=r"the check of task 1\.2 has no stored result\. Run `course build`"):
        grade(tmp_path / "class", tmp_path / "report", solutions=tmp_path / "solutions", progress=False)
    assert not (tmp_path / "report").exists()


def test_places_that_cannot_be_are_one_sentence(solutions, tmp_path):
    (tmp_path / "empty").mkdir()
    hand_in(tmp_path / "class", "ada", solved())
    (tmp_path / "file").write_text("here")
    refused = [
        (tmp_path / "nowhere", tmp_path / "out", solutions, "There is no folder or zip"),
        (
            tmp_path / "class" / "ada" / f"{EXERCISE}.ipynb",
            tmp_path / "out",
            solutions,
            "name the folder of submissions",
        ),
        (tmp_path / "empty", tmp_path / "out", solutions, "There is no notebook in"),
        (tmp_path / "file", tmp_path / "out", solutions, "can't be unpacked"),
        (tmp_path / "class", tmp_path / "file", solutions, "can't be written"),
        (tmp_path / "class", tmp_path / "out", tmp_path / "nowhere", "There is no folder"),
        (tmp_path / "class", tmp_path / "out", tmp_path / "empty", "no solution notebooks"),
    ]
    for submissions, out, keys, words in refused:
        with pytest.raises(CourseError, match=words) as caught:
            grade(submissions, out, solutions=keys, progress=False)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(BadInput, match="cell_timeout is 0"):
        grade(tmp_path / "class", tmp_path / "out", solutions=solutions, cell_timeout=0)

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.grading.authoring.lint import output_problems, output_warnings, source_problems
from course_lib.show.saved_results import CHECK_RESULT
from tests.grading.small_course import READ_ALL, marked, small_solution

ANSWER, CHECK, HIDDEN, WALK_THROUGH, HEADING = 3, 4, 5, 6, 2


def changed(number, **changes):
    """The small solution with one cell changed."""
    notebook = small_solution()
    notebook.cells[number].update(NotebookNode(changes))
    return notebook


def test_a_good_solution_has_no_problems():
    assert source_problems(small_solution()) == []


@pytest.mark.parametrize(
    ("number", "changes", "words"),
    [
        (HEADING, {"source": "Task 1.1"}, "Task 1.1 has no heading"),
        (HEADING, {"source": "## Task 1.10"}, "Task 1.1 has no heading"),
        (ANSWER, {"source": "def read_all(): pass"}, "marks no solution"),
        (ANSWER, {"source": READ_ALL.replace("# <<< solution", "")}, "its `# <<< solution` is missing"),
        (ANSWER, {"source": "# >>> solution\nplan = 1\n# <<< solution"}, "would stop Run All"),
        (ANSWER, {"source": READ_ALL + "\n)"}, "The exercise of task 1.1 would not run."),
        (ANSWER, {"metadata": {"tags": ["answer"]}}, "is tagged 'answer' but names no task"),
        (ANSWER, {"metadata": {"tags": ["answer"], "course": {"task": "1.1"}}}, "has no title"),
        (ANSWER, {"metadata": {"tags": ["answer"], "course": {"task": "1.2", "title": "t"}}}, "two answer cells"),
        (ANSWER, {"metadata": {}}, "has a check but no answer cell"),
        (HEADING, {"source": "## Task 1.1"}, "Task 1.1 does not say how much work it is"),
        (HEADING, {"source": "## Task 1.1\n\ndifficulty 6/5 · importance 1/5 · 3 minutes"}, "does not say how much work it is"),
        (HIDDEN, {"metadata": {}}, "Task 1.1 has no hidden check"),
        (WALK_THROUGH, {"source": "That is all."}, "Task 1.1 has no walk-through"),
    ],
)
def test_each_problem_of_the_source_is_named(number, changes, words):
    assert any(words in problem for problem in source_problems(changed(number, **changes)))


def test_a_plain_value_with_a_starting_point_does_not_stop_run_all():
    source = "# >>> solution\nplan = 1\n# <<< solution\n# >>> exercise\n# plan = ...\n# <<< exercise"
    assert source_problems(changed(ANSWER, source=source)) == []


def executed(**case):
    """The small solution as if its visible check had emitted one case."""
    notebook = small_solution()
    for number, task, hidden in ((CHECK, "1.1", False), (HIDDEN, "1.1", True), (9, "1.2", False), (10, "1.2", True)):
        emitted = {"name": "a case", "status": "value", "value": 3.0, "error": "", "points": 1,
                   "compare": {"kind": "equal"},
                   "hint": "Look here.", "when": [[12.0, "One after another."]]}  # fmt: skip
        if number == CHECK:
            emitted |= case
        payload = NotebookNode({"task": task, "hidden": hidden, "cases": [emitted]})
        notebook.cells[number].outputs = [new_output("display_data", {CHECK_RESULT: payload})]
    return notebook


def test_a_good_run_has_no_problems():
    assert output_problems(executed()) == []


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"hint": ""}, "The check of task 1.1 has no case with a hint"),
        ({"when": []}, "The check of task 1.1 foresees no mistake"),
        ({"points": 0.125}, "The points of task 1.1 sum up to 1.125"),
        ({"status": "raised", "error": "KeyError: 1"}, "gives no value in the solution itself: KeyError: 1"),
        ({"compare": {"kind": "at_most", "bound": 2}}, "is not passed by the solution itself"),
        ({"when": [[3, "wrong"]]}, "explains 3.0 as a mistake, and it is the right answer"),
    ],
)
def test_each_problem_of_a_case_is_named(case, words):
    assert any(words in problem for problem in output_problems(executed(**case)))


def test_checks_that_emit_nothing_or_something_else_are_named():
    silent, other, twice, unhidden = executed(), executed(), executed(), executed()
    silent.cells[CHECK].outputs = []
    other.cells[CHECK].outputs[0].data[CHECK_RESULT].task = "1.2"
    twice.cells.append(marked(new_code_cell("", outputs=twice.cells[CHECK].outputs), ["check"], "1.1"))
    unhidden.cells[HIDDEN].outputs[0].data[CHECK_RESULT].hidden = False
    for notebook, words in (
        (silent, "emits no result"), (silent, "Task 1.1 has no visible check"), (other, "checks task '1.2'"),
        (twice, "stands in two check cells"), (unhidden, "`hidden=True`, but not both"),
    ):  # fmt: skip
        assert any(words in problem for problem in output_problems(notebook))


TABLE = """| task | points |
|---|---|
| [1.1](#a) Read all at once | {first} |
| Task 1.2 | 2 |
| **total** | **{whole}** |"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE.format(first=2, whole=4), None),
        (TABLE.format(first=3, whole=4), "promises 3 points for task 1.1, and its checks give 2"),
        (TABLE.format(first=2, whole=5), "promises 5 points for the whole exercise, and its checks give 4"),
        ("| 1.1 | points |\n|---|---|\n\n| 1.1 | 9 |", None),  # a blank line ends a table
        ("## Task 1.2\n\ndifficulty 1/5 · importance 2/5 · 3 minutes · 2 points", None),
        ("## Task 1.2\n\ndifficulty 1/5 · importance 2/5 · 3 minutes · 1 point", "promises 1 points for task 1.2"),
    ],
)
def test_points_that_the_page_promises_are_those_that_its_checks_give(text, words):
    notebook = executed()
    notebook.cells.append(new_markdown_cell(text))
    problems = output_problems(notebook)
    assert (problems == []) if words is None else any(words in problem for problem in problems)


def test_a_case_that_works_on_the_log_is_warned_about_unless_it_was_seen():
    direct, seen, by_way, own_word = executed(name="four at once"), executed(name="four at once"), executed(), executed()
    seen.cells[CHECK].outputs[0].data[CHECK_RESULT].cases[0].seen = [0, "seconds"]
    by_way.cells[1].source += "\ndef pace(want):\n    return round(observe(read_all, [], want=want))"
    by_way.cells[CHECK].source = 'await check("1.1", case("a case", lambda: pace("seconds")))'
    own_word.cells[CHECK].source = 'await check("1.1", case("a case", lambda: observe(read_all, [], want="answer")))'
    for notebook, warned in ((direct, True), (seen, False), (by_way, True), (own_word, False)):
        notebook.cells[HIDDEN].source = ""
        warnings = output_warnings(notebook)
        assert [("works on `seconds` from `observe`" in warning) for warning in warnings] == [True] * warned

"""The instructor's page: right counts, who is behind them, and what nobody may miss."""

import random
import re

from course_lib.grading.cells.marks import SubmissionMark
from course_lib.grading.reports.overview import (
    WrongAnswer,
    overview_html,
    slowest,
    states_per_task,
    stopped,
    tenths,
    worth_a_look,
    wrong_answers,
)
from course_lib.grading.reports.report_files import file_names
from tests.grading.graded_class import SERIAL, graded_class
from tests.grading.read_pages import Page

STATES = ("solved", "partly solved", "not solved yet", "not attempted", "not run")


def page(marks=None, problems=()):
    marks = graded_class() if marks is None else marks
    return overview_html(marks, problems, file_names(marks))


def test_states_are_counted_for_those_who_ran():
    assert states_per_task(graded_class()) == {
        "1.1 All at once": dict(zip(STATES, (1, 1, 2, 0, 0), strict=True)),
        "1.2 Total": dict(zip(STATES, (2, 0, 1, 1, 0), strict=True)),
    }


def test_tenths_count_everybody_who_ran_once():
    counts = tenths(graded_class())
    assert sum(counts.values()) == 4
    assert {label: count for label, count in counts.items() if count} == {
        "0–9 %": 1, "20–29 %": 1, "40–49 %": 1, "90–100 %": 1,
    }  # fmt: skip


def test_the_most_common_wrong_answer_comes_first_with_who():
    first, *others = wrong_answers(graded_class())
    assert first == WrongAnswer("1.1", "unseen", True, "It raised KeyError.", ("bob", "cy", "fay"))
    assert WrongAnswer("1.1", "four", False, SERIAL, ("cy", "fay")) in others
    assert all(len(one.students) <= 3 for one in others)


def test_the_slowest_and_the_stopped():
    assert [mark.student for mark in slowest(graded_class(), 3)] == ["cy", "fay", "bob"]
    assert [(mark.student, where) for mark, where in stopped(graded_class())] == [
        ("cy", "out of time, 1.1 timed out"),
        ("fay", "1.2 crashed"),
    ]
    assert [mark.student for mark in worth_a_look(graded_class()) if not mark.private_remarks] == ["dee", "eve"]


def test_the_page_tells_all_that_an_instructor_needs():
    shown = Page(page(problems=["class.zip holds `../x.ipynb`."]))
    assert (
        "3 of 6 submissions by 6 students graded; 1 missing; 1 out of time; 1 unreadable; 1 handed in late."
        in shown.text
    )
    assert "Isolation reached by the sandbox: full for 4." in shown.text
    assert "class.zip holds ../x.ipynb." in shown.text
    assert "Fewest solved 1.1 All at once: 1 of 4 did" in shown.text
    assert shown.tables["Submissions per task and state, 01_calls"] == [
        ["Task", "Together", "✓ solved", "◐ partly solved", "✗ not solved yet", "○ not attempted", "… not run"],
        ["1.1 All at once", "✓◐✗", "1", "1", "2", "0", "0"],
        ["1.2 Total", "✓✗○", "2", "0", "1", "1", "0"],
    ]  # fmt: skip
    assert shown.tables["Most common wrong answers"][1] == ["1.1", "unseen (hidden)", "It raised KeyError.", "3", "bob, cy, fay"]
    assert shown.tables["Slowest submissions"][1] == ["cy", "01_calls", "15.00"]
    assert ["fay", "01_calls", "graded, late", "Handed in late. SECRET remark."] in shown.tables[
        "Submissions with a remark"
    ]
    assert len(shown.tables["All submissions"]) == 7
    assert "feedback/ada/01_calls.html" in shown.links


def test_same_marks_same_bytes_and_the_order_of_names_does_not_count():
    assert page() == page()
    again = graded_class()
    random.Random(1).shuffle(again)
    assert wrong_answers(again) == wrong_answers(graded_class())
    assert slowest(again, 3) == slowest(graded_class(), 3)


def test_a_page_of_nobody_and_of_one_without_marks():
    assert "0 of 0 submissions" in Page(page([])).text
    assert "Nothing: every submission" in Page(page([])).text
    lonely = Page(page([SubmissionMark("ada", "x", "missing", ["Nothing was handed in."])]))
    assert "Nothing was handed in." in lonely.text


def test_a_large_class_stays_readable():
    marks = [mark for number in range(30) for mark in graded_class()]
    for number, mark in enumerate(marks):
        mark.student += str(number)
    shown = Page(page(marks))
    assert shown.tables["Most common wrong answers"][1][3] == "90"
    assert shown.tables["Most common wrong answers"][1][4].endswith(" and 78 more")
    assert len(shown.tables["Slowest submissions"]) == 11


def test_what_students_write_is_text():
    nasty = "<script>alert(1)</script>\"'&"
    marks = graded_class()
    for mark in marks:
        mark.student += nasty
        mark.exercise = nasty
        mark.remarks, mark.handed_in = [nasty], nasty
        mark.tasks[0].title = mark.tasks[0].cases[0].message = nasty
    text = page(marks, [nasty])
    assert "<script" not in text
    assert nasty in Page(text).text


def test_bars_and_columns_are_in_proportion():
    text = page()
    bars = re.findall(r'<span class="([\w-]+)" style="flex-grow: (\d+)" title="([^"]+)">(.)</span>', text)
    assert bars[:3] == [
        ("solved", "1", "1 solved", "✓"), ("partly-solved", "1", "1 partly solved", "◐"),
        ("not-solved-yet", "2", "2 not solved yet", "✗"),
    ]  # fmt: skip
    heights = re.findall(r'<li>(\d+)<span style="height: ([\d.]+)rem"></span>', text)
    assert [float(height) for _, height in heights] == [8 * int(count) for count, _ in heights]
    assert len(heights) == 10

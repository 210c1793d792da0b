import re

from course_lib.grading.cells.compare import CaseResult
from course_lib.grading.cells.verdicts import TaskVerdict, verdict_html, verdict_text
from tests.grading.read_pages import Page

PASSED = CaseResult("no documents", True, 1, 1, "", "passed")
WRONG = CaseResult(
    "ten <documents> & more", False, 2, 0, "", "failed", "[1, 2]", "[1, 3]", "One is late.", "Look at the `gather`."
)
UNTOUCHED = CaseResult("at most five", False, 1.5, 0, "Not done yet.", "not attempted", advice="Not done yet.")


def test_text_and_html_say_the_same_words_in_the_same_order():
    verdict = TaskVerdict("1.2", (PASSED, WRONG, UNTOUCHED))
    assert re.sub(r"\s", "", Page(verdict_html(verdict)).text) == re.sub(r"[\s`]", "", verdict_text(verdict))


def test_every_colour_is_jupyterlabs_own_with_a_fallback():
    page = verdict_html(TaskVerdict("1.2", (PASSED, WRONG, UNTOUCHED)))
    assert re.findall(r"color:(?!var\(--jp-[a-z0-9-]+, )", page) == []


def test_what_a_learner_wrote_is_escaped():
    page = verdict_html(TaskVerdict("1.2", (CaseResult("x", False, 1, 0, "", "failed", "'a'", "'<script>'"),)))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_code_in_an_authors_words_is_set_as_code():
    page = verdict_html(TaskVerdict("1.2", (WRONG,)))
    assert re.search(r'Look at the <span style="font-family:[^"]+">gather</span>\.', page)


def test_the_first_line_counts_points():
    assert TaskVerdict("1.2", (PASSED, WRONG, UNTOUCHED)).first_line == "Task 1.2 · 1 of 4.5 points"
    assert TaskVerdict("1.2", (UNTOUCHED,)).first_line == "Task 1.2 · not done yet"


def test_a_case_that_was_left_out_of_a_begun_task_says_so():
    assert "○ at most five (1.5 points)\n      Not done yet." in verdict_text(TaskVerdict("1.2", (PASSED, UNTOUCHED)))

"""What people read: kind, complete, and harmless whatever students write."""

import itertools
import json
import re

import pytest

from course_lib.grading.cells.marking import HIDDEN_SENTENCE
from course_lib.grading.cells.marks import CaseMark, SubmissionMark, TaskMark
from course_lib.grading.collecting.safe_names import safe_names
from course_lib.grading.reports.feedback_page import feedback_html, feedback_markdown, index_html
from course_lib.grading.reports.overview import overview_html
from course_lib.grading.reports.report_files import Report, file_names, write_feedback, write_reports
from course_lib.grading.reports.student_words import case_lines, opening
from tests.grading.read_pages import Page
from tests.show.test_style import contrast

NASTY = "<script>alert(1)</script> [x](javascript:1) `*_#|"


def submission(student="ada", message="Expected 3, but 4 came.", **fields):
    tasks = [
        TaskMark("1.2", "Read", [CaseMark("a", False, 2, 2, "passed"), CaseMark("b", False, 1, 0, "failed", message)]),
        TaskMark("1.10", "Sum", [CaseMark("unseen", True, 1.5, 0, "failed", "Think of lists.")]),
    ]
    return SubmissionMark(student, "01_calls", "graded", [], tasks, **fields)


def test_the_page_says_mark_message_and_how_to_go_on():
    page = feedback_markdown(submission())
    assert page.startswith(
        "# 01\\_calls: ada\n\n**2/4.5 points.** 0 of 2 tasks are solved; here is how to go on with the others.\n"
    )
    assert "- ✗ b: Expected 3, but 4 came." in page
    assert "- ✓ a" in page
    assert page.count("How to go on:") == 2
    text = Page(feedback_html(submission())).text
    assert "✗ b: Expected 3, but 4 came." in text
    assert text.count("How to go on:") == 2
    assert "Task 1.2 Read" in text and "◐ partly solved · 2/3 points" in text


def test_of_a_hidden_case_only_the_authors_words_appear():
    page = feedback_markdown(submission()) + feedback_html(submission())
    assert "unseen" not in page
    assert "Think of lists." in page
    silent = TaskMark("1.1", "", [CaseMark("unseen", True, 1, 0, "failed", "")])
    told = "A hidden check does not pass yet: try your answer on other inputs, also on empty and unusual ones."
    assert case_lines(silent) == [("✗", "a hidden check", told)]


HINT = "Think of lists."


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        ("failed", f"It raised KeyError. Hint: {HINT}", f"{HIDDEN_SENTENCE} Hint: {HINT}"),
        ("failed", "It raised ZeroDivisionError.", HIDDEN_SENTENCE),
        ("failed", "It gave no value that can be compared.", HIDDEN_SENTENCE),
        ("timed out", "Stopped after 10 seconds: look for a loop that never ends.", HIDDEN_SENTENCE),
        ("crashed", "Python itself ended while your answer ran: look for exit calls.", HIDDEN_SENTENCE),
        ("failed", f"Hint: {HINT}", f"{HIDDEN_SENTENCE} Hint: {HINT}"),
        ("failed", f"You count the title, too. Hint: {HINT}", f"You count the title, too. Hint: {HINT}"),
        ("failed", "Not a Hint: of it", "Not a Hint: of it"),
        ("not attempted", "Not done yet.", "Not done yet."),
    ],
)
def test_what_a_hidden_check_met_stays_hidden(status, message, told):
    """Neither an error's name nor a time-out: both tell about the hidden input."""
    task = TaskMark("1.1", "", [CaseMark("a", False, 1, 1, "passed"), CaseMark("unseen", True, 1, 0, status, message)])
    assert case_lines(task)[1][1:] == ("a hidden check", told)
    pages = feedback_html(SubmissionMark("ada", "01", "graded", [], [task]))
    pages += feedback_markdown(SubmissionMark("ada", "01", "graded", [], [task]))
    for word in ("KeyError", "ZeroDivision", "Stopped after", "Python itself", "timed out", "crashed", "unseen"):
        assert word not in pages


def test_which_of_several_hidden_checks_fails_is_not_told():
    one_way = [CaseMark("u", True, 1, 1, "passed"), CaseMark("v", True, 1, 0, "failed", "It raised KeyError.")]
    lines = [case_lines(TaskMark("1.1", "", cases)) for cases in (one_way, one_way[::-1])]
    assert lines[0] == lines[1] == [("✗", "2 hidden checks", HIDDEN_SENTENCE)]
    assert case_lines(TaskMark("1.1", "", one_way[:1] * 2)) == [("✓", "2 hidden checks", "")]


PRIVATE = ("LEVEL", "123.25", "PLACE", "SECRET", "PROBLEM", "unseen")


def test_private_details_reach_no_student(tmp_path):
    mark = submission(sandbox="LEVEL", seconds=123.25, handed_in="PLACE/x.ipynb", private_remarks=["SECRET remark"])
    report = Report(tmp_path, (mark,), ("PROBLEM",))
    write_feedback(tmp_path / "feedback", mark, *file_names([mark])[mark.student, mark.exercise])
    write_reports(report)
    told = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "feedback").rglob("*.*"))
    assert not [word for word in PRIVATE if word in told]
    overview = (tmp_path / "overview.html").read_text(encoding="utf-8")
    assert all(word in overview for word in PRIVATE)


def test_each_student_has_a_list_of_exercises(tmp_path):
    marks = [submission(), submission(student="bo/b"), SubmissionMark("ada", "index", "missing", ["Nothing."])]
    report = Report(tmp_path, tuple(marks))
    for mark in marks:
        write_feedback(tmp_path / "feedback", mark, *file_names(marks)[mark.student, mark.exercise])
    write_reports(report)
    ada = (tmp_path / "feedback" / "ada" / "index.html").read_text(encoding="utf-8")
    assert "01_calls.html" in ada and "_index.html" in ada and "2/4.5 points" in ada and "missing" in ada
    assert {path.name for path in (tmp_path / "feedback" / "bo_b").iterdir()} == {
        "index.html", "01_calls.html", "01_calls.md",
    }  # fmt: skip
    assert report.left_over == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: feedback_html(submission(student=NASTY)),
        lambda: index_html("ada", [submission()], {"01_calls": "x"}),
        lambda: overview_html([submission(student=NASTY)], [NASTY]),
    ],
)
def test_pages_have_headings_in_order_table_headings_and_nothing_to_load(make):
    page = make()
    tags = Page(page).tags
    levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert not {"script", "img", "iframe", "link"} & set(tags)
    assert "http" not in page and "url(" not in page
    assert page.count("<table") == page.count("<caption>") == page.count("<thead>")
    assert 'lang="en"' in page and "prefers-color-scheme: dark" in page and "@media print" in page


def test_both_themes_have_contrast():
    themes = re.findall(r":root \{([^}]*--ground[^}]*)\}", feedback_html(submission()))
    assert len(themes) == 3, "light, dark and print"
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", theme))
        for ground in (colours["ground"], colours["soft"]):
            assert contrast(colours["text"], ground) >= 7
            assert contrast(colours["quiet"], ground) >= 6.5
            assert contrast(colours["link"], ground) >= 4.5
    bars = re.findall(r"--(?:solved|partly|not-yet|open): (#[0-9a-f]{6})", themes[0])
    assert len(bars) == 4 and all(contrast(bar, "#ffffff") >= 4.4 for bar in bars)


@pytest.mark.parametrize("status", ["failed", "timed out", "crashed"])
def test_when_only_hidden_cases_are_open_the_check_is_said_to_pass(status):
    task = TaskMark("1.1", "", [CaseMark("a", False, 1, 1, "passed"), CaseMark("unseen", True, 1, 0, status, "No.")])
    page = feedback_markdown(SubmissionMark("ada", "01", "graded", [], [task]))
    assert "How to go on: The visible checks pass. Try the answer on other inputs" in page
    task.cases[0] = CaseMark("a", False, 1, 0, "failed", "No.")
    page = feedback_html(SubmissionMark("ada", "01", "graded", [], [task]))
    assert "The visible checks pass" not in page


def test_an_answer_that_leans_on_another_cell_is_to_be_checked_in_a_fresh_kernel():
    remark = "Task 1.1 uses `helper` from a cell that is not graded: move it into the answer cell."
    tasks = [TaskMark(number, "", [CaseMark("a", False, 1, 0, "failed", "No.")]) for number in ("1.1", "1.10")]
    mark = SubmissionMark("ada", "01", "graded", [remark], tasks)
    for page in (feedback_markdown(mark), feedback_html(mark)):
        assert page.count("restart the kernel and run only the set-up cells, this answer cell and its check") == 1
        assert page.count("then run its check again") == 1
    tasks[0].cases[0].status = "passed"
    assert "restart the kernel" not in feedback_markdown(mark)


@pytest.mark.parametrize("status", ["unreadable", "missing", "unknown exercise"])
def test_of_what_never_ran_only_the_remark_is_told(status):
    tasks = [TaskMark("1.1", "Read", [CaseMark("a", False, 1), CaseMark("unseen", True, 1)])]
    mark = SubmissionMark("ada", "01", status, ["It is cut off."], tasks)
    assert feedback_markdown(mark) == (
        "# 01: ada\n\n**0/2 points.** This exercise could not be graded yet.\n\n- It is cut off.\n"
    )
    text = Page(feedback_html(mark)).text
    assert "It is cut off." in text
    assert "Task 1.1" not in text


def test_a_hidden_case_that_was_not_reached_is_not_said_to_fail():
    task = TaskMark("1.1", "", [CaseMark("a", False, 1, 1, "passed"), CaseMark("unseen", True, 1)])
    assert case_lines(task)[1] == ("…", "a hidden check", "This case was not reached.")


def test_code_in_backticks_is_set_as_code():
    mark = submission(message="Use `await` and `a < b`, `x_1` too; a ` alone, *stars*.")
    mark.remarks = ["Task 1.2 uses `helper`."]
    page = feedback_html(mark)
    assert "Use <code>await</code> and <code>a &lt; b</code>, <code>x_1</code> too; a ` alone, *stars*." in page
    assert "uses <code>helper</code>." in page
    markdown = feedback_markdown(mark)
    assert "Use `await` and `a < b`, `x_1` too; a \\` alone, \\*stars\\*." in markdown
    assert "uses `helper`." in markdown


def test_what_students_write_is_text():
    mark = submission(student=NASTY, message=NASTY)
    page = Page(feedback_html(mark))
    assert "script" not in page.tags
    assert NASTY in page.text
    markdown = feedback_markdown(mark)
    assert "<script>" not in markdown.replace("\\<", "").replace("\\>", "")
    assert "\\[x\\](javascript" in markdown


def test_a_note_is_said_once():
    note = "Python can't read line 1 of your answer."
    cases = [CaseMark(name, False, 1, 0, "failed", note) for name in "ab"]
    mark = SubmissionMark("ada", "01", "graded", [], [TaskMark("1.1", "", cases, note)])
    assert feedback_markdown(mark).count(note) == 1
    assert Page(feedback_html(mark)).text.count(note) == 1


def test_openings_are_kind_and_true():
    done = SubmissionMark("a", "x", "graded", [], [TaskMark("1.1", "", [CaseMark("a", False, 1, 1, "passed")])])
    none = SubmissionMark("a", "x", "graded", [], [TaskMark("1.1", "", [CaseMark("a", False, 1, 0, "failed")])])
    assert opening(done) == "Every task is solved. Well done!"
    assert opening(none).startswith("Nothing passes yet.")
    assert opening(SubmissionMark("a", "x", "missing", [], none.tasks)) == "This exercise could not be graded yet."


def test_files_stay_in_the_report_whatever_the_student_is_called(tmp_path):
    students = ["../../ada", "/etc/passwd", "..", "CON", "a" * 300, "Zoë", "Zoe\u0308", "ada", "ADA", "x\0y"]
    marks = [submission(student=student) for student in students]
    names = file_names(marks)
    for mark in marks:
        write_feedback(tmp_path / "feedback", mark, *names[mark.student, mark.exercise])
    pages = list((tmp_path / "feedback").rglob("*.html"))
    assert len(pages) == len(students)
    assert [path.name for path in tmp_path.iterdir()] == ["feedback"]
    assert len({name.casefold() for name in safe_names(students).values()}) == len(students)


def test_marks_of_an_older_and_of_a_newer_grader_can_be_read():
    mark = submission(late=True, platform="canvas", platform_id="7", sandbox="full", seconds=0.5, private_remarks=["x"])
    written = json.loads(json.dumps(mark.as_json()))
    assert SubmissionMark.from_json(written) == mark
    assert written["run"] == {"sandbox": "full", "isolation": {}, "seconds": 0.5, "handed_in": "", "private_remarks": ["x"]}
    for name in ("run", "late", "platform", "platform_id"):
        del written[name]
    written["tasks"][0]["cases"][0]["invented"] = written["invented"] = "later"
    assert SubmissionMark.from_json(written) == submission()
    with pytest.raises(KeyError):
        SubmissionMark.from_json({"student": "ada"})


def test_the_summary_counts(tmp_path):
    report = Report(tmp_path, (submission(), SubmissionMark("bob", "01_calls", "missing", ["Nothing was handed in."])))
    assert report.summary.splitlines() == [
        "ada  01_calls  2/4.5  graded",
        "bob  01_calls  0/0  missing",
        f"1 of 2 graded; the table is {tmp_path / 'grades.csv'}",
    ]


def test_what_an_earlier_grading_left_is_named_and_kept(tmp_path):
    earlier = [submission(student=student) for student in ("ada", "cy", "../bob")]
    for mark in earlier:
        write_feedback(tmp_path / "feedback", mark, *file_names(earlier)[mark.student, mark.exercise])
    (tmp_path / "logs" / "dee").mkdir(parents=True)
    (tmp_path / "logs" / "dee" / "01_calls.txt").write_text("…")
    report = Report(tmp_path, (submission(),))
    assert report.summary.splitlines()[-1] == (
        f"Left in {tmp_path} by an earlier grading, not in the table: _bob/01_calls, cy/01_calls, dee/01_calls"
    )
    assert len(list((tmp_path / "feedback").rglob("*.html"))) == 3

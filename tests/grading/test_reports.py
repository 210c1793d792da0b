"""What people read: kind, complete, and harmless whatever students write."""

import csv
from html.parser import HTMLParser

from course_lib.grading.marks import CaseMark, SubmissionMark, TaskMark
from course_lib.grading.reports import (
    Report,
    case_lines,
    feedback_html,
    feedback_markdown,
    file_names,
    opening,
    write_feedback,
    write_grades,
)
from course_lib.grading.safe_names import safe_names

NASTY = "<script>alert(1)</script> [x](javascript:1) `*_#|"


def submission(student="ada", message="Expected 3, but 4 came.", **fields):
    tasks = [
        TaskMark("1.2", "Read", [CaseMark("a", False, 2, 2, "passed"), CaseMark("b", False, 1, 0, "failed", message)]),
        TaskMark("1.10", "Sum", [CaseMark("unseen", True, 1.5, 0, "failed", "Think of lists.")]),
    ]
    return SubmissionMark(student, "01_calls", "graded", [], tasks, **fields)


class Tags(HTMLParser):
    """Collects the tags of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_grades_have_a_column_per_task_in_the_order_of_people(tmp_path):
    write_grades(
        tmp_path / "grades.csv", [submission(), SubmissionMark("bob", "x", "unreadable", ["cut off,", "sorry"])]
    )
    with open(tmp_path / "grades.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["student", "exercise", "1.2", "1.10", "total", "out of", "status", "remarks"],
        ["ada", "01_calls", "2", "0", "2", "4.5", "graded", ""],
        ["bob", "x", "", "", "0", "0", "unreadable", "cut off, sorry"],
    ]


def test_no_cell_of_the_table_is_a_formula(tmp_path):
    write_grades(tmp_path / "grades.csv", [submission(student=name) for name in ("=1+1", "+1", "-1", "@x", "\tx")])
    with open(tmp_path / "grades.csv", encoding="utf-8", newline="") as file:
        assert all(row[0].startswith("'") for row in list(csv.reader(file))[1:])


def test_the_page_says_mark_message_and_how_to_go_on():
    page = feedback_markdown(submission())
    assert page.splitlines()[:3] == [
        "# 01\\_calls: ada",
        "",
        "**2/4.5 points.** 0 of 2 tasks are solved; here is how to go on with the others.",
    ]
    assert "- ✗ b: Expected 3, but 4 came." in page
    assert "- ✓ a" in page
    assert page.count("How to go on:") == 2
    text = Tags(feedback_html(submission())).text
    assert "✗ b: Expected 3, but 4 came." in text
    assert text.count("How to go on:") == 2


def test_of_a_hidden_case_only_the_authors_words_appear():
    page = feedback_markdown(submission()) + feedback_html(submission())
    assert "unseen" not in page
    assert "Think of lists." in page
    silent = TaskMark("1.1", "", [CaseMark("unseen", True, 1, 0, "failed", "")])
    assert case_lines(silent) == [
        (
            "✗",
            "a hidden check",
            "A hidden check does not pass yet: try your answer on other inputs, also on empty and unusual ones.",
        )
    ]


def test_what_students_write_is_text():
    mark = submission(student=NASTY, message=NASTY)
    page = Tags(feedback_html(mark))
    assert "script" not in page.tags
    assert NASTY in page.text
    markdown = feedback_markdown(mark)
    assert "<script>" not in markdown.replace("\\<", "").replace("\\>", "")
    assert "\\[x\\](javascript" in markdown


def test_a_note_is_said_once():
    note = "Python can't read line 1 of your answer."
    task = TaskMark(
        "1.1", "", [CaseMark("a", False, 1, 0, "failed", note), CaseMark("b", False, 1, 0, "failed", note)], note
    )
    mark = SubmissionMark("ada", "01", "graded", [], [task])
    assert feedback_markdown(mark).count(note) == 1
    assert feedback_html(mark).count("Python can&#x27;t read line 1") == 1


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


def test_the_summary_counts(tmp_path):
    report = Report(tmp_path, (submission(), SubmissionMark("bob", "01_calls", "missing", ["Nothing was handed in."])))
    assert report.summary.splitlines() == [
        "ada  01_calls  2/4.5  graded",
        "bob  01_calls  0/0  missing",
        f"1 of 2 graded; the table is {tmp_path / 'grades.csv'}",
    ]

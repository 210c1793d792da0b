"""What Python can't read is told alike by every Python."""

import pytest

from course_lib.grading.cells.syntax import syntax_problem

NO_PROGRAM = "Python can't read your answer: it holds characters or nesting that no program can have."


@pytest.mark.parametrize("source", ["x = 'a\0b'", "x = '\ud800'", "(" * 5000 + ")" * 5000])
def test_what_no_program_can_hold_has_no_line(source):
    problem = syntax_problem(source)
    assert problem == NO_PROGRAM or ("nested" in problem and "None" not in problem)


def test_the_line_and_its_text_are_named():
    assert syntax_problem("x = 1\nx = = 2") == "Python can't read line 2 of your answer, `x = = 2`: invalid syntax."

"""The exercise of the grading benchmark: right answers are right, wrong ones wrong, and our grader says so."""

import pytest

from tests.benchmarks.four_questions import QUESTIONS, SET_UP, a_class, points_of
from tests.benchmarks.grading import measure, ours


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_right_answers_have_the_values_and_wrong_ones_do_not(question):
    for answer, right in ((question.right, True), (question.also_right, True), (question.wrong, False)):
        names = {}
        exec(f"import matplotlib\nmatplotlib.use('Agg')\n{SET_UP}\n{answer}", names)
        try:
            values = tuple(eval(call, names) for call in question.calls)
        except ValueError:
            values = None
        assert (values == question.values) is right


def test_our_grader_gives_the_points_that_are_known(tmp_path):
    answers = a_class(3)
    expected = {student: points_of(by_question) for student, by_question in answers.items()}
    assert measure({"ours": ours(tmp_path, answers)}, expected, rounds=1).keys() == {"ours"}

"""The exercise of the grading benchmark says the same to all three graders, and the table says what was measured."""

import pytest

from tests.benchmarks.four_questions import (
    POINTS,
    QUESTIONS,
    SET_UP,
    a_class,
    answered_for_otter,
    for_nbgrader,
    for_otter,
    points_of,
)
from tests.benchmarks.grading import measure, ours, table, verdict


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


def test_the_class_errs_as_often_as_a_class_does():
    answers = a_class(36)
    points = [points_of(by_question) for by_question in answers.values()]
    assert points.count(POINTS * len(QUESTIONS)) == 20
    assert set(points) == {POINTS * len(QUESTIONS), POINTS * (len(QUESTIONS) - 1)}


def test_each_grader_gets_every_answer():
    (answers,) = a_class(1).values()
    student = answered_for_otter(for_otter(), answers)
    for question in QUESTIONS:
        assert answers[question.name] in [cell.source for cell in for_nbgrader(answers).cells]
        assert student["cells"] != for_otter().cells
    assert sum(cell.metadata.nbgrader.get("points", 0) for cell in for_nbgrader().cells[1:]) == POINTS * len(QUESTIONS)


def test_our_grader_gives_the_points_that_are_known(tmp_path):
    answers = a_class(3)
    expected = {student: points_of(by_question) for student, by_question in answers.items()}
    measured = measure({"ours": ours(tmp_path, answers)}, expected, rounds=1)
    assert measured["ours"] > 0


def test_other_points_end_the_measurement():
    with pytest.raises(AssertionError, match="slow gives other points"):
        measure({"slow": lambda: (1.0, {"ann": 1})}, {"ann": 2}, rounds=1)


def test_the_fastest_round_counts_for_each_submission():
    seconds = iter([9.0, 6.0])
    assert measure({"ours": lambda: (next(seconds), {"ann": 1, "bob": 1})}, {"ann": 1, "bob": 1}, rounds=2) == {"ours": 3.0}


@pytest.mark.parametrize(
    ("measured", "good"),
    [
        ({"ours": 0.2, "nbgrader": 3.0, "otter": 2.0}, True),
        ({"ours": 0.2, "nbgrader": 3.0, "otter": 1.9}, False),
        ({"ours": 0.26, "nbgrader": 3.0, "otter": 3.0}, False),
    ],
)
def test_the_verdict_asks_for_both_the_ratio_and_the_seconds(measured, good):
    assert verdict(measured)[0] is good
    lines = table(measured).splitlines()
    assert lines[2].split() == ["nbgrader", "3.000", f"{3.0 / measured['ours']:.1f}×"]

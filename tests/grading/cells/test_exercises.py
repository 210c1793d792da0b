import pytest

from course_lib.errors import BadInput
from course_lib.grading.cells.exercises import exercise_from, without_answer
from course_lib.grading.cells.notebooks import notebook_text
from tests.grading.small_course import READ_ALL, TOTAL, small_solution


def test_a_stub_keeps_signature_and_docstring_and_its_indentation():
    assert without_answer(READ_ALL, "1.1") == (
        "async def read_all(ask, documents):\n"
        '    """Every document\'s answer, in the documents\' order."""\n'
        '    raise NotImplementedError("task 1.1")'
    )


def test_an_exercise_block_is_uncommented_in_place_of_the_stub():
    assert without_answer(TOTAL, "1.2") == (
        'def total(numbers):\n    """Their sum."""\n    result = 1\n'
        "    for number in numbers:\n        result += number\n\n    return result"
    )


def test_text_around_and_between_blocks_stays_to_the_character():
    marked = "{0}# >>> solution\n{0}b = 2\n{0}# <<< solution\n"
    source = "a = 1  # >>> not a mark\n" + marked.format("") + "\nc = 3\n" + marked.format("  ") + "\n"
    assert without_answer(source, "2.1") == (
        'a = 1  # >>> not a mark\nraise NotImplementedError("task 2.1")\n\n'
        'c = 3\n  raise NotImplementedError("task 2.1")\n\n'
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# >>> solution\nx", "its `# <<< solution` is missing"),
        ("x\n# <<< solution", "`# <<< solution` in line 2, but no block of this name is open"),
        ("# >>> solution\n# >>> solution\n# <<< solution", "the block of line 1 is still open"),
        ("# >>> solution\n# <<< exercise", "no block of this name is open"),
        ("# >>> exercise\n# x\n# <<< exercise", "must stand right below a `# <<< solution`"),
        ("# >>> solution\n# <<< solution\n\n# >>> exercise\n# <<< exercise", "must stand right below"),
        ("# >>> solution\n# <<< solution\n# >>> exercise\nx = 1\n# <<< exercise", "write `# ` before the line"),
    ],
)
def test_marks_that_do_not_fit_together_are_refused(source, words):
    with pytest.raises(BadInput, match=r"The answer cell of task 3.1 has") as refusal:
        without_answer(source, "3.1")
    assert words in str(refusal.value)


def test_the_exercise_has_no_answers_no_hidden_checks_no_walk_throughs_and_no_outputs():
    solution = small_solution()
    before = notebook_text(solution)
    exercise = exercise_from(solution)
    assert [cell.id for cell in exercise.cells] == [f"small-{n}" for n in (0, 1, 2, 3, 4, 7, 8, 9)]
    assert all(
        cell.outputs == [] and cell.execution_count is None for cell in exercise.cells if cell.cell_type == "code"
    )
    text = notebook_text(exercise)
    assert "gather" not in text
    assert "two at once" not in text
    assert ">>>" not in text
    assert notebook_text(solution) == before

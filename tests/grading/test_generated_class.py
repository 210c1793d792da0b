"""The class that is made up for long runs, and how such runs are judged: without grading anything."""

from collections import Counter

import pytest

from course_lib.grading.cells.marks import SubmissionMark, TaskMark
from tests.grading import same_marks
from tests.grading.big_class import MEGABYTE, Memory
from tests.grading.generated_class import ALL, EXERCISES, NONE, NOT_ALL, generated_class, write_class
from tests.grading.graded_class import graded_class


@pytest.fixture(scope="module")
def hundred():
    return list(generated_class(100))


def test_it_is_always_the_same_and_a_smaller_one_is_its_beginning(hundred):
    assert list(generated_class(30)) == hundred[:30]


def test_there_is_something_of_every_kind(hundred, tmp_path):
    kinds = Counter(earned for one in hundred for earned in one.earns.values())
    assert kinds[ALL] > kinds[NOT_ALL] > kinds[NONE] > 0
    assert {one.exercise for one in hundred} == set(EXERCISES)
    assert sum(not one.earns for one in hundred) == 2, "files that can't be read"
    assert sum("while True" in one.text for one in hundred) == 1, "each costs seconds"
    write_class(tmp_path, hundred)
    assert len(list(tmp_path.glob("*/*.ipynb"))) == 100


def test_what_a_task_should_not_have_earned_is_said(hundred):
    one = next(one for one in hundred if set(one.earns.values()) == {ALL})
    tasks = [TaskMark(task, "", graded_class()[0].tasks[1].cases) for task in one.earns]
    assert one.complaints(SubmissionMark(one.student, one.exercise, tasks=tasks)) == []
    tasks[0].cases = graded_class()[1].tasks[0].cases
    (complaint,) = one.complaints(SubmissionMark(one.student, one.exercise, tasks=tasks))
    assert complaint == f"{one.student}: task {tasks[0].task} earned 1 of 3, not all of them."


@pytest.mark.parametrize(("last", "grew"), [(105, False), (130, True)])
def test_memory_is_flat_or_it_grew(last, grew):
    memory = Memory([(done, (100 if done < 75 else last) * MEGABYTE) for done in range(100)])
    assert memory.grew == grew
    assert str(memory).endswith(f"100, 100, {last}, {last} MB.") or str(memory).endswith(f"100, 100, 100, {last} MB.")
    assert not Memory().grew


def test_differences_between_two_gradings_are_named_by_their_place():
    one = {mark.student: same_marks.what_counts(mark) for mark in graded_class()}
    again = graded_class()
    again[0].seconds = 99
    assert same_marks.differences(one, {mark.student: same_marks.what_counts(mark) for mark in again}) == []
    again[1].tasks[0].cases[0].message = "Another word."
    (found,) = same_marks.differences(one, {mark.student: same_marks.what_counts(mark) for mark in again})
    assert found == "bob tasks 1 cases 1 message: '' became 'Another word.'"
    assert len(same_marks.differences(one, {})) == len(one)

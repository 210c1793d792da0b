"""A run that is stopped and taken up again does nothing twice and loses nothing."""

import asyncio
import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.claude import run_simulated
from course_lib.errors import BadInput, CourseError
from course_lib.parallel import run_parallel, stream_parallel


class Work:
    """Doubles numbers, fails where it is told to, and counts what it did."""

    def __init__(self, fails=()):
        self.fails, self.done = set(fails), []

    async def __call__(self, item):
        await asyncio.sleep(1)
        if item in self.fails:
            raise ValueError(f"item {item}")
        self.done.append(item)
        return [item, item]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.jsonl"


def test_a_function_that_is_not_asynchronous_is_refused_as_without_a_checkpoint(file):
    def double(number):
        return 2 * number

    with pytest.raises(BadInput, match=r"double\(\) gave int, which cannot be awaited; write `async def double`"):
        run_simulated(run_parallel(double, [1], checkpoint=file))


def test_the_second_run_does_the_rest_only(file):
    first, second = Work(fails={3}), Work()
    with pytest.raises(ValueError, match="item 3"):
        run_simulated(run_parallel(first, range(6), max_at_once=1, checkpoint=file))
    assert first.done == [0, 1, 2]
    assert run_simulated(run_parallel(second, range(6), checkpoint=file)) == [[n, n] for n in range(6)]
    assert second.done == [3, 4, 5]


@given(st.lists(st.integers(0, 3), max_size=12), st.sets(st.integers(0, 3)), st.integers(0, 12), st.integers(1, 4))
def test_however_it_was_stopped_the_results_are_those_of_one_run(tmp_path_factory, items, fails, stop_after, max_at_once):
    file = tmp_path_factory.mktemp("run") / "run.jsonl"
    run_simulated(run_parallel(Work(fails), items[:stop_after], max_at_once=max_at_once, on_error="skip", checkpoint=file))
    before = file.read_text().count("\n")
    rest = Work()
    assert run_simulated(run_parallel(rest, items, max_at_once=max_at_once, checkpoint=file)) == [[n, n] for n in items]
    assert len(rest.done) == len(items) - before


def test_equal_items_are_done_once_each(file):
    """Five ballots on one question are five calls, in this run and in the next."""
    work = Work()
    run_simulated(run_parallel(work, ["q"] * 3, checkpoint=file))
    run_simulated(run_parallel(work, ["q"] * 5, checkpoint=file))
    assert len(work.done) == 5


def test_a_line_cut_off_by_a_kill_is_done_again(file):
    run_simulated(run_parallel(Work(), range(3), checkpoint=file))
    file.write_bytes(file.read_bytes()[:-9])
    again = Work()
    assert run_simulated(run_parallel(again, range(4), checkpoint=file)) == [[n, n] for n in range(4)]
    assert again.done == [2, 3]
    assert [json.loads(line)["value"] for line in file.read_text().splitlines()] == [[0, 0], [1, 1], [2, 2], [3, 3]]


def test_a_stream_takes_up_where_it_was(file):
    async def streamed(work):
        return sorted([o.value async for o in stream_parallel(work, range(4), checkpoint=file)])

    assert run_simulated(streamed(Work())) == run_simulated(streamed(second := Work()))
    assert second.done == []


@dataclass
class Ticket:
    number: int
    text: str


def test_dataclasses_are_known_by_what_they_hold(file):
    async def read(ticket):
        calls.append(ticket.number)
        return ticket.text.upper()

    calls = []
    for _ in range(2):
        tickets = [Ticket(1, "über"), Ticket(2, "b")]
        assert run_simulated(run_parallel(read, tickets, checkpoint=file)) == ["ÜBER", "B"]
    assert calls == [1, 2]


def test_an_item_that_could_not_be_recognised_again(file):
    with pytest.raises(BadInput, match="cannot recognise object items again"):
        run_simulated(run_parallel(Work(), [object()], checkpoint=file))


@pytest.mark.parametrize("value", [{1, 2}, (1, 2), Ticket(1, "a"), {1: 2}, float("nan")], ids=str)
def test_a_value_that_would_come_back_changed(file, value):
    async def work(item):
        return value

    with pytest.raises(CourseError, match=f"returned {type(value).__name__}: .*let it return texts"):
        run_simulated(run_parallel(work, [1], checkpoint=file))
    assert file.read_text() == ""


@pytest.mark.parametrize("content", ["hello\nworld\n", "hello", '[1]\n{"item": 3}\n'])
def test_a_file_that_is_no_checkpoint_is_left_alone(file, content):
    file.write_text(content)
    with pytest.raises(BadInput, match="is no "):
        run_simulated(run_parallel(Work(), [1], checkpoint=file))
    assert file.read_text() == content

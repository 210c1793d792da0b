import asyncio
import dataclasses
import enum
import json
import math
from collections import Counter, deque, namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.grading.cells.plain_values import NotPlain, error_sentence, to_plain


class Status(enum.Enum):
    DECIDED = "decided"


@dataclasses.dataclass
class Ballot:
    answer: str
    status: Status


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Ballot("spam", Status.DECIDED), {"answer": "spam", "status": "decided"}),
        (namedtuple("Pair", "a b")(1, 2), [1, 2]),
        ({3, 1, 2.5, "b", "a"}, [1, 2.5, 3, "a", "b"]),
        (Counter("aab"), {"a": 2, "b": 1}),
        (deque([1]), [1]),
        ({"a": 1}.values(), [1]),
        (range(3), [0, 1, 2]),
        (0.1 + 0.2, 0.3),
        (-0.0, 0.0),
        (math.inf, "inf"),
        (b"text", "text"),
        (ValueError("no number"), "ValueError: no number"),
        ({Status.DECIDED: 1, 2: 3, None: 4}, {"decided": 1, "2": 3, "None": 4}),
    ],
)
def test_what_values_become(value, plain):
    assert to_plain(value) == plain
    assert json.loads(json.dumps(to_plain(value))) == plain


def test_minus_zero_does_not_survive():
    assert math.copysign(1, to_plain(-0.0)) == 1


@given(st.floats())
def test_every_float_becomes_valid_json(number):
    json.dumps(to_plain(number), allow_nan=False)


async def answer():
    return 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (answer, "write `await` before it"),
        (lambda: [answer()], "a call of `answer` that nobody awaited"),
        (lambda: answer, "call it: `answer(...)`"),
        (lambda: (n for n in range(3)), "wrap it in `list(...)`"),
        (lambda: Ballot, "make one of it: `Ballot(...)`"),
        (object, "give numbers, texts, lists, dictionaries"),
        (asyncio.Future, "`gather` them all"),
    ],
)
@pytest.mark.filterwarnings("error")  # a coroutine that is refused is closed, not left to complain later
def test_what_is_no_value_yet_is_refused_with_the_way_out(make, words):
    async def refused():
        with pytest.raises(NotPlain) as error:
            to_plain(make())
        return str(error.value)

    assert words in asyncio.run(refused())


def test_a_list_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotPlain, match="contain itself"):
        to_plain(endless)


def test_an_error_is_one_line_without_addresses():
    assert error_sentence(ValueError("a\n  b")) == "ValueError: a b"
    assert error_sentence(KeyError()) == "KeyError"
    assert error_sentence(TypeError("<object at 0x7f12ab34cd>")) == "TypeError: <object at 0x…>"
    assert error_sentence(ExceptionGroup("two", [ValueError("a"), OSError("b")])) == (
        "ExceptionGroup: two: ValueError: a; OSError: b"
    )


def test_an_error_names_the_line_of_the_cell_it_came_from():
    namespace = {}
    exec(compile("def double(x):\n    return [2 / n for n in x]", "/tmp/ipykernel_1/2.py", "exec"), namespace)
    with pytest.raises(ZeroDivisionError) as error:
        namespace["double"]([0])
    assert error_sentence(error.value) == "ZeroDivisionError: division by zero (in double, line 2)"

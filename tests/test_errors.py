"""What every check lets pass and refuses, whatever it is that is checked."""

from functools import partial

import pytest

from course_lib.errors import BadInput, check_list, check_number, check_one_of, check_share, check_text, check_whole

NAN, INFINITE = float("nan"), float("inf")
CHECKS = {
    "whole": (check_whole, [1, 5, 10**400], [0, -3, 1.5, 2.0, "3", True, None, NAN]),
    "whole from 0": (partial(check_whole, least=0, none=""), [0, 7, None], [-1, False, 0.0]),
    "number": (check_number, [0, 0.5, 10**400], [-1, "50", True, None, NAN, INFINITE]),
    "above 0": (partial(check_number, above=True, none="for no limit"), [0.001, None], [0, 0.0, -INFINITE, "None"]),
    "above 0, up to 1": (partial(check_number, above=True, most=1), [0.75, 1], [0, 1.01, 75]),
}
WORDS = {
    "share": (partial(check_share, example=0.7), [0, 1, 0.5], [-0.1, 1.5, 70, "0.5", True, None, NAN]),
    "text": (partial(check_text, fault="says nothing", example="'Why?'"), ["Why?"], ["", " \n", None, 3, ["Why?"]]),
    "list": (partial(check_list, example="['a']"), [[], ("a",), {"a": 1}, iter("a")], ["a", b"a", {"a"}, 5, None]),
    "one of": (partial(check_one_of, fault="is no policy", choices=("raise", "skip")), ["skip"], ["", None, True, "Skip"]),
}
CASES = {name: (partial(check, fault="is wrong", example=5), *values) for name, (check, *values) in CHECKS.items()} | WORDS


@pytest.mark.parametrize("check, right, wrong", CASES.values(), ids=CASES)
def test_what_is_right_passes_and_what_is_wrong_is_refused_with_its_name_and_value(check, right, wrong):
    for value in right:
        assert check(value, name="it") is None
    for value in wrong:
        with pytest.raises(BadInput) as caught:
            check(value, name="it")
        assert str(caught.value).startswith(f"it={value!r} ") and "; write " in str(caught.value)


def test_a_long_value_is_cut():
    with pytest.raises(BadInput) as caught:
        check_whole("word " * 1000, "size", "makes no batch", 20)
    assert len(str(caught.value)) < 150 and "wo…word" in str(caught.value)

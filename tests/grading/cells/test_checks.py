import asyncio
import json

import pytest

from course_lib.errors import BadInput
from course_lib.grading import CheckFailed, NotDone, case, check, observe
from course_lib.grading.cells import checks as checks_module

STORED = {
    "notebook": "01_small",
    "tasks": {
        "1.1": {
            "title": "Total",
            "defines": {"total": "1.1"},
            "cases": [
                {"name": "three numbers", "status": "value", "value": 6, "error": "", "points": 2,
                 "compare": {"kind": "equal"},
                 "hint": "Where does the sum start?", "when": [[7, "7 is one too many."]]},
                {"name": "no numbers", "status": "value", "value": 0, "error": "", "points": 1,
                 "compare": {"kind": "equal"},
                 "hint": "", "when": []},
            ],
        }
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def learner(monkeypatch, tmp_path):
    """A learner's notebook: no mode, no pytest, references for task 1.1."""
    monkeypatch.delenv("COURSE_MODE", raising=False)
    monkeypatch.setattr(checks_module, "_under_pytest", lambda: False)
    monkeypatch.setenv("COURSE_REFERENCES", str(tmp_path))
    (tmp_path / "01_small.json").write_text(json.dumps(STORED))


@pytest.fixture
def emitted(monkeypatch):
    """What checks display: (payload, text, html)."""
    shown = []
    monkeypatch.setattr(checks_module, "_emit", lambda payload, text, html=None: shown.append((payload, text, html)))
    return shown


def run_check(total, **options):
    asyncio.run(
        check(
            "1.1",
            case("three numbers", lambda: total([1, 2, 3]), points=2, hint="Where does the sum start?",
                 when={7: "7 is one too many."}),
            case("no numbers", lambda: total([])),
            **options,
        )
    )  # fmt: skip


def unsolved(numbers):
    raise NotImplementedError("task 1.1")


async def awaited(numbers):
    await asyncio.sleep(3600)
    return sum(numbers)


def test_a_right_answer_reads_well(capsys):
    run_check(sum)
    assert capsys.readouterr().out == (
        "Task 1.1 · 3 of 3 points · done\n  ✓ three numbers (2 points)\n  ✓ no numbers (1 point)\n"
    )


def test_a_wrong_answer_says_what_was_expected_what_came_and_where_to_look(capsys):
    run_check(lambda numbers: sum(numbers) + (numbers != []))
    assert capsys.readouterr().out.splitlines() == [
        "Task 1.1 · 1 of 3 points",
        "  ✗ three numbers (2 points)",
        "      expected: 6",
        "      came: 7",
        "      7 is one too many.",
        "      hint: Where does the sum start?",
        "  ✓ no numbers (1 point)",
    ]


def test_an_untouched_task_is_told_as_such_and_nothing_else(capsys):
    run_check(unsolved)
    assert (
        capsys.readouterr().out == "Task 1.1 · not done yet\n  ○ three numbers (2 points)\n  ○ no numbers (1 point)\n"
    )


@pytest.mark.parametrize("empty", [..., {"letters": ..., "story": ("parallel", "A")}])
def test_an_answer_that_still_holds_three_dots_is_untouched_too(emitted, empty):
    run_check(lambda numbers: empty)
    assert {one["status"] for one in emitted[0][0]["cases"]} == {"not attempted"}


def test_one_failure_is_no_other_cases_failure(emitted):
    run_check(lambda numbers: numbers[0] and 6)
    first, second = emitted[0][0]["cases"]
    assert (first["status"], first["value"], second["status"]) == ("value", 6, "raised")
    assert second["error"] == "IndexError: list index out of range"


def test_what_is_awaitable_is_awaited_on_simulated_time(emitted):
    run_check(awaited)
    assert [one["value"] for one in emitted[0][0]["cases"]] == [6, 0]


def test_the_payload_holds_what_a_grader_needs(emitted):
    run_check(sum)
    payload = emitted[0][0]
    assert (payload["task"], payload["hidden"]) == ("1.1", False)
    assert payload["cases"][0] == {
        "name": "three numbers", "status": "value", "value": 6, "error": "", "points": 2, "compare": {"kind": "equal"},
        "hint": "Where does the sum start?", "when": [[7, "7 is one too many."]], "passed": True,
    }  # fmt: skip
    json.dumps(payload, allow_nan=False)


def test_a_name_that_an_answer_cell_defines_sends_the_reader_there(emitted):
    asyncio.run(check("1.1", case("three numbers", lambda: total([1])), case("no numbers", lambda: sums([]))))  # noqa: F821
    first, second = emitted[0][0]["cases"]
    assert first["error"] == "NameError: `total` is not defined; run the answer cell of task 1.1 first"
    assert second["error"] == "NameError: name 'sums' is not defined"


def test_a_task_that_builds_on_another_says_which(emitted):
    def needs_another(numbers):
        raise NotImplementedError("task 1.0")

    run_check(needs_another)
    assert "This needs task 1.0 first." in emitted[0][1]


def test_building_takes_the_values_as_they_are(monkeypatch, emitted):
    monkeypatch.setenv("COURSE_MODE", "build")
    run_check(lambda numbers: 99)
    payload, text, html = emitted[0]
    assert [one["value"] for one in payload["cases"]] == [99, 99]
    assert text.splitlines()[0] == "Task 1.1 · 3 of 3 points · done"
    assert html


def test_a_build_and_a_right_answer_show_the_same(monkeypatch, emitted):
    run_check(sum)
    monkeypatch.setenv("COURSE_MODE", "build")
    run_check(sum)
    assert emitted[0] == emitted[1]


def test_grading_emits_values_and_neither_verdict_nor_error(monkeypatch, emitted):
    monkeypatch.setenv("COURSE_MODE", "grade")
    monkeypatch.setattr(checks_module, "_under_pytest", lambda: True)
    run_check(lambda numbers: 99)
    payload, text, html = emitted[0]
    assert (text, html) == ("check, task 1.1", None)
    assert "passed" not in payload["cases"][0]


@pytest.mark.parametrize("mode", ["", "build", "grade"])
def test_a_hidden_check_shows_the_same_words_in_every_mode(monkeypatch, emitted, mode):
    monkeypatch.setenv("COURSE_MODE", mode)
    monkeypatch.setattr(checks_module, "_under_pytest", lambda: True)
    run_check(lambda numbers: 99, hidden=True)
    payload, text, html = emitted[0]
    assert (payload["hidden"], text, html) == (True, "hidden check, task 1.1", None)


def test_under_pytest_a_check_that_does_not_pass_raises_after_it_displayed(monkeypatch, emitted):
    monkeypatch.setattr(checks_module, "_under_pytest", lambda: True)
    run_check(sum)
    with pytest.raises(NotDone):
        run_check(unsolved)
    with pytest.raises(CheckFailed) as failure:
        run_check(lambda numbers: 7)
    assert not isinstance(failure.value, NotDone)
    assert failure.value._render_traceback_() == emitted[-1][1].splitlines()
    assert len(emitted) == 3


def test_a_case_without_a_stored_answer_tells_its_author_what_to_do(emitted):
    asyncio.run(check("9.9", case("new", lambda: 5)))
    assert "There is no stored answer to compare with yet; run `course build`." in emitted[0][1]


def test_an_observed_run_can_be_a_case(emitted):
    async def two(ask):
        await asyncio.gather(ask("Is this spam? Yes or no. a"), ask("Is this spam? Yes or no. b"))

    asyncio.run(check("1.1", case("three numbers", lambda: observe(two, seconds_per_call=3.0, want="seconds"))))
    assert emitted[0][0]["cases"][0]["value"] == 3.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: case("", sum), "A case's name is ''"),
        (lambda: case("x", 3), "write `lambda:` before it"),
        (lambda: case("x", sum, points=0), "points=0; write a number above 0"),
        (lambda: case("x", sum, at_most=1, at_least=0), "judged by at_most and at_least"),
        (lambda: case("x", sum, near=3), "near=3; write a number, or near=(target, tolerance)"),
        (lambda: asyncio.run(check("1", case("x", sum))), "The task is called '1'"),
        (lambda: asyncio.run(check("1.1")), "has no cases"),
        (lambda: asyncio.run(check("1.1", sum)), "which is no case"),
        (lambda: asyncio.run(check("1.1", case("x", sum), case("x", sum))), "two cases named 'x'"),
    ],
)
def test_a_check_that_cannot_be_computed_is_refused(make, words):
    with pytest.raises(BadInput) as refusal:
        make()
    assert words in str(refusal.value)


def test_an_unknown_mode_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_MODE", "grading")
    with pytest.raises(BadInput, match="COURSE_MODE is 'grading'"):
        run_check(sum)

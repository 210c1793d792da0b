"""Errors in the cells of a real kernel: the course's own short, the reader's own whole, and all of it in `%tb`."""

import sys

import pytest

from course_lib.claude.notebook_errors import own_lines, show_short_errors
from tests.simulation.clock.test_notebook_time import Notebook

CONNECTED = "from course_lib import *; claude = connect(budget=Budget(calls=1))"
OVERSPENT = """
async def question(number):
    return await claude.ask(f"What is {number} + 1?")
await run_parallel(question, range(3), max_at_once=1)
"""
NOT_THE_READERS = ("course_lib", "site-packages", "asyncio", "During handling", "direct cause")


@pytest.fixture(scope="module")
def kernel():
    notebook = Notebook()
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(kernel):
    assert kernel.run(CONNECTED) == ("", None)
    return kernel


def test_a_course_error_shows_the_readers_lines_and_its_sentence(notebook):
    _, error = notebook.run(OVERSPENT)
    shown = notebook.traceback
    assert error.startswith("BudgetSpent: ")
    assert 'return await claude.ask(f"What is' in shown, "the function that the reader wrote"
    assert "await run_parallel(question" in shown, "and the line that started it"
    assert shown.rstrip().endswith(error)
    assert not [words for words in NOT_THE_READERS if words in shown.replace("from course_lib import", "")]
    assert len(shown.splitlines()) < 25


def test_an_error_that_was_handled_on_the_way_is_not_told(notebook):
    notebook.run("try:\n    {}['a key']\nexcept KeyError:\n    majority_vote('spam')")
    assert "BadInput" in notebook.traceback and "majority_vote('spam')" in notebook.traceback
    assert "KeyError: " not in notebook.traceback and "During handling" not in notebook.traceback


def test_all_of_it_is_in_tb(notebook):
    notebook.run(OVERSPENT)
    short = notebook.traceback
    notebook.run("%tb")
    assert "course_lib" in notebook.traceback and len(notebook.traceback) > 3 * len(short)
    # %debug reads the same place
    printed, _ = notebook.run("import sys, traceback; print(len(traceback.extract_tb(sys.last_traceback)) > 5)")
    assert printed == "True"


def test_the_cause_is_still_the_cause(notebook):
    notebook.run(
        "try:\n    {}['a key']\nexcept KeyError as missing:\n    raise CourseError('It is not there.') from missing"
    )
    assert "KeyError" not in notebook.traceback.partition("CourseError")[0]
    assert notebook.run("print(repr(sys.last_value.__cause__))") == ("KeyError('a key')", None)


def test_errors_of_the_readers_own_code_are_shown_as_ever(notebook):
    _, error = notebook.run("import json\njson.loads('{')")
    assert error.startswith("JSONDecodeError") and "json/decoder.py" in notebook.traceback.replace("\\", "/")


def test_even_connecting_wrongly_is_told_in_short(notebook):
    notebook.run("get_ipython().set_custom_exc((), None)")
    _, error = notebook.run("connect('simulatd')")
    assert error.startswith("BadInput: There is no backend 'simulatd'") and "settings.py" not in notebook.traceback


def test_whoever_shows_errors_already_goes_on_doing_so(notebook):
    notebook.run("get_ipython().set_custom_exc((ZeroDivisionError,), lambda *_, tb_offset=None: print('mine') or [])")
    notebook.run("claude = connect()")
    assert notebook.run("1 / 0")[0] == "mine"
    notebook.run("get_ipython().set_custom_exc((), None)")


def test_outside_a_notebook_nothing_changes(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert show_short_errors() is False


def test_only_own_frames_are_kept():
    import json

    try:
        json.loads("{")
    except ValueError as error:
        kept = own_lines(error.__traceback__)
    assert kept.tb_frame.f_code.co_name == "test_only_own_frames_are_kept" and kept.tb_next is None
    assert own_lines(None) is None

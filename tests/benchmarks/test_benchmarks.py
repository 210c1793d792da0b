"""Tiny rounds: every benchmark runs and fills its table. No time is asserted; counts, orders and memory are."""

import json
import re
import subprocess
import sys

import pytest

from tests.benchmarks import calls, fresh, importing, memory, pools, rivals, sdk, timers, turns
from tests.benchmarks.__main__ import NAMES, main
from tests.benchmarks.tables import Promise, Table, ratio


@pytest.fixture
def no_rivals(monkeypatch):
    """Whether rivals are installed must not matter here, and they are slow to import."""
    monkeypatch.setattr(rivals, "load", lambda module: None)


def column(table, name):
    return {label: figures[table.columns.index(name)] for label, figures in table.rows.items()}


# --- the benchmarks ------------------------------------------------------------------------------


def test_pools(no_rivals):
    table = pools.measure(items=200, max_at_once=20, rounds=1)
    assert list(table.rows) == ["run_parallel", "stream_parallel", "gather + Semaphore"]
    assert all(figure > 0 for figures in table.rows.values() for figure in figures)
    assert set(column(table, "times run_parallel").values()) >= {1.0}
    assert [promise.measured is None for promise in table.promises] == [False, False] + [True] * 6
    absent = "aiometer, langchain-core abatch, dspy.Parallel"
    assert table.notes == (f"Not installed, so left out: {absent}. To install: {rivals.HOW}",)


def test_memory_is_the_pools_own_and_nothing_is_read_ahead():
    table = memory.measure(items=5_000, max_at_once=7, gathered=5_000)
    assert column(table, "read ahead") == {"run_parallel": 7, "stream_parallel": 7, "gather + Semaphore": 5_000}
    peak = column(table, "peak MiB")
    assert max(peak["run_parallel"], peak["stream_parallel"]) < peak["gather + Semaphore"] / 2
    assert all(promise.kept for promise in table.promises)


def test_timers_are_exact_and_in_order(no_rivals):
    table = timers.measure(count=300, rounds=1, runs=4, every_python=False)
    assert list(table.rows) == ["course_lib"]
    assert column(table, "inexact") == column(table, "out of order") == {"course_lib": 0}
    assert [promise.kept for promise in table.promises] == [None, None, True, True, True, True]


def test_calls_are_all_answered():
    table = calls.measure(count=60, max_at_once=20, rounds=1)
    assert set(column(table, "answers").values()) == {60}
    assert set(column(table, "refused").values()) == {0}
    assert column(table, "simulated seconds")["one prompt, under limits"] == 9.0


def test_the_sdk_on_nothing_and_on_the_simulation():
    table = sdk.measure(count=10, max_at_once=5, rounds=1)
    assert len(table.rows) == 6
    assert [round(times, 2) for times in list(column(table, "times empty").values())[::3]] == [1.0, 1.0]
    assert [promise.at_most for promise in table.promises] == [1.15, 1.15]
    assert sdk.calls(sdk.on_nothing(), "Hello {}", 3, 2) == ["No"] * 3
    assert len(sdk.calls(sdk.on_the_simulation(), "Hello {}", 3, 2)) == 3


def test_importing_loads_nothing_heavy():
    table = importing.measure(rounds=1)
    assert column(table, "heavy packages loaded")["import course_lib"] == "none"
    assert table.promises[1].kept
    assert fresh.run(importing.LOADED, "import pydantic", *importing.HEAVY) == ["pydantic"]


# --- what they measure with ----------------------------------------------------------------------


def test_inexact_and_disordered_timers_are_counted():
    plan = [2.0, 1.0, 1.0]
    assert timers.inexact(plan, [(1, 1.0), (2, 1.0), (0, 2.0)]) == 0
    assert timers.inexact(plan, [(1, 1.0), (2, 1.001), (0, 2.0)]) == 1
    assert timers.disordered(plan, [(1, 1.0), (2, 1.0), (0, 2.0)]) == 0
    assert timers.disordered(plan, [(2, 1.0), (1, 1.0), (0, 2.0)]) == 1


def test_the_plan_of_timers_has_equal_deadlines_and_different_ones():
    plan = timers.delays(300)
    assert plan == timers.delays(300)
    assert len(set(plan[::3])) == 10
    assert len(set(plan)) > 200
    assert plan != sorted(plan)


def test_histories_are_told_apart(monkeypatch):
    assert len(timers.histories(sys.executable, 4)) == 1
    monkeypatch.setattr(timers, "HISTORY", "import json; print(json.dumps([hash('text') for _ in range(2)]))")
    assert len(timers.histories(sys.executable, 4)) == 4, "four hash seeds"


def test_only_pythons_that_run_are_taken(tmp_path):
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    version = ".".join(map(str, sys.version_info[:2]))
    candidates = [str(shim), str(tmp_path / "none"), sys.executable, "/again"]
    assert timers.first_of_each_version(candidates) == {version: sys.executable}


def test_a_fresh_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        fresh.run("1 / 0")


def test_ways_take_turns_and_the_first_round_is_not_counted():
    order = []
    seconds = turns.seconds_in_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b"] * 3
    assert {name: len(measured) for name, measured in seconds.items()} == {"a": 2, "b": 2}


def test_a_rival_that_is_not_there_is_none_and_one_that_is_broken_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "broken_rival.py").write_text("import a_package_that_is_nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    assert rivals.load("a_rival_that_is_nowhere") is None
    assert rivals.load("json.decoder").__name__ == "json.decoder"
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_nowhere"):
        rivals.load("broken_rival")


def test_every_rival_is_listed_with_a_bound_and_none_is_a_dependency():
    listed = [line for line in rivals.LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z-]+>=[\d.]+,<\d+", line) for line in listed), listed
    names = [re.match(r"[a-z-]+", line)[0] for line in listed]
    assert names == ["aiometer", "aiotools", "async-solipsism", "dspy", "langchain-core", "looptime"]
    pyproject = (fresh.PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    assert not [name for name in names if name in pyproject]


# --- what they say -------------------------------------------------------------------------------


TABLE = Table(
    "pools", "per item", ("µs", "ratio"), {"ours": (1.5, 1.0), "theirs": (None, None)},
    (Promise("ours", 1.5, 2), Promise("theirs", 3.0, 2), Promise("nobody's", None, 2)), ("A note.",),
)


def test_a_table_in_words():
    assert str(TABLE).splitlines() == [
        "pools: per item",
        "         µs  ratio",
        "ours    1.5      1",
        "theirs    -      -",
        "  [kept] ours: 1.5, at most 2",
        "  [MISSED] theirs: 3, at most 2",
        "  [not measured] nobody's: at most 2",
        "  A note.",
    ]


def test_a_table_as_data():
    data = json.loads(json.dumps(TABLE.as_json()))
    assert data["rows"] == [{"": "ours", "µs": 1.5, "ratio": 1.0}, {"": "theirs", "µs": None, "ratio": None}]
    assert [promise["kept"] for promise in data["promises"]] == [True, False, None]


def test_a_ratio_of_nothing_is_nothing():
    assert (ratio(1, 2), ratio(None, 2), ratio(1, None)) == (0.5, None, None)


def test_the_command_prints_what_was_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(pools, "measure", lambda: TABLE)
    main(["--only", "pools"])
    printed = capsys.readouterr().out
    assert printed.startswith(f"{TABLE}\n\n") and "1 of 3 promises missed in this run." in printed
    main(["--only", "pools", "--json"])
    assert json.loads(capsys.readouterr().out)["tables"] == [TABLE.as_json()]


def test_the_command_helps():
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks", "--help"], cwd=fresh.PROJECT, capture_output=True, text=True)
    assert done.returncode == 0 and rivals.HOW in " ".join(done.stdout.split())
    assert all(name in done.stdout for name in NAMES)

"""Tiny rounds: every benchmark runs and fills its table. No time is asserted; counts and orders are."""

import json

import pytest

from tests.benchmarks import calls, importing, memory, pools, rivals, sdk, timers
from tests.benchmarks.__main__ import main
from tests.benchmarks.tables import Promise, Table

SMALL = {
    pools: {"items": 200, "rounds": 1},
    memory: {"items": 2_000, "max_at_once": 7, "gathered": 2_000},
    timers: {"count": 300, "rounds": 1, "runs": 2, "every_python": False},
    calls: {"count": 60, "max_at_once": 20, "rounds": 1},
    sdk: {"count": 10, "max_at_once": 5, "rounds": 1},
    importing: {"rounds": 1},
}
WHAT_DOES_NOT_DEPEND_ON_THE_MACHINE = {
    "read ahead": {7, 2_000},  # of the pools; gather reads everything
    "inexact": {0},
    "out of order": {0},
    "answers": {60},
    "refused": {0},
}


def column(table, name):
    return [figures[table.columns.index(name)] for figures in table.rows.values()]


@pytest.mark.parametrize("benchmark", SMALL, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_benchmark_fills_its_table(benchmark, monkeypatch):
    monkeypatch.setattr(rivals, "load", lambda module: None)  # whether rivals are installed must not matter here
    table = benchmark.measure(**SMALL[benchmark])
    assert table.rows and table.promises
    assert all(len(figures) == len(table.columns) for figures in table.rows.values())
    for name in WHAT_DOES_NOT_DEPEND_ON_THE_MACHINE.keys() & set(table.columns):
        assert set(column(table, name)) == WHAT_DOES_NOT_DEPEND_ON_THE_MACHINE[name]


def test_timers_that_are_late_or_change_places_are_counted():
    plan = [2.0, 1.0, 1.0]
    assert timers.inexact(plan, [(1, 1.0), (2, 1.001), (0, 2.0)]) == 1
    assert timers.disordered(plan, [(2, 1.0), (1, 1.0), (0, 2.0)]) == 1


TABLE = Table(
    "pools", "per item", ("µs", "ratio"), {"ours": (1.5, 1.0), "theirs": (None, None)},
    (Promise("ours", 1.5, 2), Promise("theirs", 3.0, 2), Promise("nobody's", None, 2)), ("A note.",),
)


def test_the_command_says_what_was_measured_and_what_was_missed(monkeypatch, capsys):
    monkeypatch.setattr(pools, "measure", lambda: TABLE)
    main(["--only", "pools"])
    printed = capsys.readouterr().out
    assert printed.splitlines()[:8] == [
        "pools: per item",
        "         µs  ratio",
        "ours    1.5      1",
        "theirs    -      -",
        "  [kept] ours: 1.5, at most 2",
        "  [MISSED] theirs: 3, at most 2",
        "  [not measured] nobody's: at most 2",
        "  A note.",
    ]
    assert "1 of 3 promises missed in this run." in printed
    main(["--only", "pools", "--json"])
    assert json.loads(capsys.readouterr().out)["tables"] == [TABLE.as_json()]

"""The benchmark runs, and what it says about memory holds: a pool doesn't hold every item at once."""

from tests.benchmarks.__main__ import WAYS, measure, table


def test_a_small_round_measures_every_way():
    measured = measure(items=5_000, max_at_once=20, rounds=1)
    assert list(measured) == list(WAYS)
    assert all(micros > 0 for micros, _ in measured.values())
    assert measured["stream_parallel"][1] < measured["run_parallel"][1] < measured["gather + Semaphore"][1] / 3


def test_the_table_gives_ratios_to_run_parallel():
    lines = table({"run_parallel": (2.0, 4.0), "other": (5.0, 6.0)}).splitlines()
    assert lines[1].split() == ["run_parallel", "2.00", "1.0×", "4.0", "1.0×"]
    assert lines[2].split() == ["other", "5.00", "2.5×", "6.0", "1.5×"]

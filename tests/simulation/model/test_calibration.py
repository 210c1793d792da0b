"""What is measured on labelled data is what the model documents."""

import math
from statistics import NormalDist

import pytest

from course_lib.simulation.model import calibration
from tests.simulation.model import calibration as measured

TASKS = measured.tasks()
SEEDS = 16
IDS = [task.name for task in TASKS]


@pytest.mark.parametrize("task", TASKS, ids=IDS)
def test_accuracy_by_model(task):
    for _, own, own_measured, labels, labels_measured in measured.accuracy_rows(task, SEEDS):
        assert own_measured == pytest.approx(own, abs=0.03)
        assert labels_measured == pytest.approx(labels, abs=0.03)


@pytest.mark.parametrize("task", TASKS, ids=IDS)
def test_correlation_of_errors(task):
    rows = measured.correlation_rows(task, SEEDS)
    for name, documented, found in rows:
        assert found == pytest.approx(documented, abs=0.12), name
    same, wordings, models, both, *temperatures = [documented for _, documented, _ in rows]
    assert same > max(wordings, models) > min(wordings, models) > both > 0
    assert temperatures == sorted(temperatures, reverse=True)
    assert temperatures[0] == pytest.approx(1.0)


@pytest.mark.parametrize("task", TASKS, ids=IDS)
def test_stated_confidence_holds(task):
    rows = measured.confidence_rows(task, SEEDS)
    assert len(rows) >= 4
    for name, count, stated, right in rows:
        assert right == pytest.approx(stated, abs=max(0.04, 3 * math.sqrt(0.25 / count))), name


@pytest.mark.parametrize(
    "h, k, rho, expected",
    [
        (0.5, 0.5, 0.5, 1 / 4 + math.asin(0.5) / (2 * math.pi)),
        (0.5, 0.5, 0.9, 1 / 4 + math.asin(0.9) / (2 * math.pi)),
        (0.2, 0.7, 0.0, 0.14),
        (0.2, 0.7, 1.0, 0.2),
    ],
)
def test_both_wrong_against_closed_forms(h, k, rho, expected):
    assert calibration.both_wrong(h, k, rho) == pytest.approx(expected, abs=1e-6)


def test_both_wrong_against_plain_summing():
    """P(X < h, Y < k) = ∫ φ(x) Φ((k − ρx) / √(1 − ρ²)) dx, summed in small steps."""
    normal = NormalDist()
    for p, q, rho in ((0.1, 0.3, 0.35), (0.3, 0.3, 0.5), (0.05, 0.6, 0.2)):
        h, k = normal.inv_cdf(p), normal.inv_cdf(q)
        step = 0.001
        total = math.fsum(
            normal.pdf(x) * normal.cdf((k - rho * x) / math.sqrt(1 - rho * rho)) * step
            for x in (h - step * (n + 0.5) for n in range(9000))
        )
        assert calibration.both_wrong(p, q, rho) == pytest.approx(total, abs=1e-4)


def test_the_command_prints_its_tables(capsys, monkeypatch):
    monkeypatch.setattr(measured, "tasks", lambda: TASKS[:1])
    measured.main(seeds=2)
    printed = capsys.readouterr().out
    assert "documented" in printed
    assert printed.count("claude-") == 4
    assert "stated confidence" in printed

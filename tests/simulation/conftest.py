import re

import pytest

from course_lib.simulation.model import simulated_model
from course_lib.simulation.model.decisions import Label


class Coin:
    """A question that the model gets wrong half of the time, so that every sample number shows in the reply."""

    name = "coin"
    cues = re.compile(r"\bcoin\b", re.I)

    def decide(self, prompt):
        return Label("heads", {"heads": (), "tails": ()}, 0.5)


@pytest.fixture
def coin(monkeypatch):
    """The model knows one thing only: how to toss a coin about any text. Returns the prompt for a text."""
    monkeypatch.setattr(simulated_model, "SKILLS", (Coin(),))
    return lambda text: f"Toss a coin, heads or tails only. <text>{text}</text>"

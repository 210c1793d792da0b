import re
import threading

import pytest

from course_lib.simulation.clock import busy_threads
from course_lib.simulation.model import simulated_model
from course_lib.simulation.model.decisions import Label


@pytest.fixture(autouse=True)
def _no_threads_of_other_tests():
    """One that a test has left behind, blocked for ever, would be waited for in real seconds, as long as patience lasts."""
    busy_threads.leave_out([thread for thread in threading.enumerate() if thread is not threading.current_thread()])


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

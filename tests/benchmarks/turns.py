"""Taking turns: every way once per round, so that whatever else the machine does slows them all alike."""

import gc
import time
from collections.abc import Callable, Mapping


def seconds_in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Way → its seconds, round by round. A first round is run and not counted: it loads what is loaded once."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            took = _seconds(way)
            if number:
                seconds[name].append(took)
    return seconds


def _seconds(way: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()  # or the garbage collector would walk through all that the rivals' packages have loaded, at each way's expense
    try:
        begun = time.perf_counter()
        way()
        return time.perf_counter() - begun
    finally:
        gc.unfreeze()


def best(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Way → the seconds of its fastest round: the one that the machine disturbed least."""
    return {name: min(measured) for name, measured in seconds_in_turns(ways, rounds).items()}

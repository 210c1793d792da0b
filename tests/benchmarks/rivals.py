"""The rivals that are installed here. None is a dependency of the project; who is missing is left out, and named."""

import importlib
import os
from pathlib import Path

LIST = Path(__file__).with_name("rivals.txt")
HOW = "python -m pip install -r tests/benchmarks/rivals.txt"


def load(module: str):
    """The rival's module; None when it isn't installed."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or dspy's import would fetch a price list from the net
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        return None


def missing(modules: dict[str, object]) -> tuple[str, ...]:
    """A note on those that are not there; () when all are."""
    absent = [name for name, module in modules.items() if module is None]
    return (f"Not installed, so left out: {', '.join(absent)}. To install: {HOW}",) if absent else ()

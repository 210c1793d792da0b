"""What holds for every test: no network, and nobody's API key."""

import importlib.util
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# Everybody's run draws the same examples (hypothesis's own profile for CI), and none is late on a busy machine.
# Other examples at every run: python -m pytest tests -m hypothesis --hypothesis-profile random
settings.register_profile("random", settings.get_profile("ci"), derandomize=False)
settings.load_profile("ci")

_BLOCK = Path(__file__).parent / "house" / "blocked_network"


def _the_block():
    """The module that blocks, as the start of this process loaded it (a worker's does), or loaded now."""
    path = _BLOCK / "sitecustomize.py"
    loaded = sys.modules.get("sitecustomize")
    if loaded is not None and Path(loaded.__file__) == path:
        return loaded
    specification = importlib.util.spec_from_file_location("blocked_network", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


network = _the_block()


def pytest_configure(config):
    """Block this process and the ones that tests start; forget keys that somebody's shell has set.

    A shell starts what it runs in the background with interrupts switched off; tests need them, here and in kernels.
    """
    network.block()
    # With -n 2: file by file as they lie, the slow ones of grading early, so that no worker ends long before the other.
    config.option.loadscopereorder = False
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_BLOCK), os.environ.get("PYTHONPATH", "")]))
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "COURSE_"))]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def no_real_network():
    """Gives the list of addresses outside this machine that the test tried to reach; it must be empty at the end."""
    network.attempts.clear()
    yield network.attempts
    assert not network.attempts, f"the test tried to reach {network.attempts}"

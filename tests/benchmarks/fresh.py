"""A piece of Python in a process of its own, which has loaded and used nothing before."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]

PEAK = """
def peak_bytes():
    try:
        with open("/proc/self/status") as status:  # unlike getrusage, it forgets what the parent process needed
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import psutil
        memory = psutil.Process().memory_info()
        return getattr(memory, "peak_wset", memory.rss)
"""
"""Defines `peak_bytes()`: the most memory that the process has needed so far."""


def run(code: str, *arguments: object, python: str = sys.executable, hash_seed: int | None = None) -> object:
    """What the code prints, read as JSON. `arguments` are its sys.argv[1:]. Raises: RuntimeError with what it said last."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = str(hash_seed)
    command = [python, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{python} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])

"""The command line of the benchmarks: `python -m tests.benchmarks --help`."""

import argparse
import json
import platform
import sys
from importlib import import_module

NAMES = ("pools", "memory", "timers", "calls", "sdk", "importing")


def main(arguments: list[str] | None = None) -> None:
    """Measure what was asked for, and print each table as soon as it is there."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="The library beside its rivals, as tables.",
        epilog="Rivals are not installed with the project: python -m pip install -r tests/benchmarks/rivals.txt",
    )
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}; repeatable")
    parser.add_argument("--json", action="store_true", help="all tables as one JSON list, at the end")
    options = parser.parse_args(arguments)
    tables = []
    for name in options.only or NAMES:
        table = import_module(f"tests.benchmarks.{name}").measure()
        tables.append(table)
        if not options.json:
            print(f"{table}\n", flush=True)
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if options.json:
        json.dump({"machine": machine, "tables": [table.as_json() for table in tables]}, sys.stdout, indent=2)
        print()
    else:
        missed = [promise for table in tables for promise in table.promises if promise.kept is False]
        print(f"{machine}; {len(missed)} of {sum(len(table.promises) for table in tables)} promises missed in this run.")


if __name__ == "__main__":
    main()

"""`course serve`, tried with clients that know nothing of this course: an old Python SDK, the TypeScript SDK, curl.

    python -m tests.other_clients

Each client is installed from its package registry into a folder of its own that is gone afterwards, is pointed at the
server by ANTHROPIC_BASE_URL alone, and does four things: a message, a stream, an error, a batch. What isn't on this
machine (npm, curl) is left out, and said so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course_lib.claude.server import serving

HERE = Path(__file__).parent
EXPECTED = ["message: not spam", "stream: not spam", "error: 404 not_found_error", "batch: 2 succeeded, spam"]
OLD_PYTHON_SDK = "anthropic==0.40.0"
"""Of the days when `temperature` was a parameter (November 2024); it needs the httpx of then."""
TYPESCRIPT_SDK = "@anthropic-ai/sdk@^1"


def old_python(folder: Path) -> list[str]:
    """The command that runs the program for the old SDK."""
    run([sys.executable, "-m", "venv", folder / "venv"])
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", OLD_PYTHON_SDK, "httpx<0.28"])
    return [str(python), str(HERE / "old_python.py")]


def typescript(folder: Path) -> list[str] | None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    run([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, TYPESCRIPT_SDK])
    shutil.copy(HERE / "typescript.mjs", folder)
    return [node, str(folder / "typescript.mjs")]


def curl(_folder: Path) -> list[str] | None:
    return ["bash", str(HERE / "curl.sh")] if shutil.which("curl") and shutil.which("bash") else None


CLIENTS = {OLD_PYTHON_SDK: old_python, TYPESCRIPT_SDK: typescript, "curl": curl}


def run(command: list) -> str:
    """What a command prints. Raises: CalledProcessError, after showing what it said."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    done.check_returncode()
    return done.stdout


def tried() -> Iterator[tuple[str, str]]:
    """(client, "passed", "failed" or "skipped") one by one."""
    for name, prepare in CLIENTS.items():
        with tempfile.TemporaryDirectory(prefix="client-") as folder:
            command = prepare(Path(folder))
            if command is None:
                yield name, "skipped"
                continue
            with serving(speed=1000) as address:
                os.environ |= {"ANTHROPIC_BASE_URL": address, "ANTHROPIC_API_KEY": "any key will do"}
                said = run(command).splitlines()
            for line in said:
                print(f"  {line}")
            yield name, "passed" if said == EXPECTED else "failed"


def main() -> int:
    results = []
    for name, result in tried():
        print(f"{name}: {result}")
        results.append(result)
    print(f"{results.count('passed')} passed, {results.count('failed')} failed, {results.count('skipped')} skipped")
    return 1 if "failed" in results else 0


if __name__ == "__main__":
    sys.exit(main())

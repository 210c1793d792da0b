"""The course's files as tests look at them."""

import subprocess
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]

CHAPTERS = ["00_start_here", "01_many_calls_at_once", "02_sectioning"]
WITH_EXERCISES = ["01_many_calls_at_once", "02_sectioning"]


def notebooks_in(folder: str) -> list[Path]:
    """The notebooks of a folder, in the order of their names."""
    return sorted((ROOT / folder).glob("*.ipynb"))


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook, valid by its format's own schema."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def named(path: Path) -> str:
    """`folder/stem`, for the names of tests."""
    return f"{path.parent.name}/{path.stem}"


def committed_files() -> list[str]:
    """The paths that git tracks, from the root; empty outside a clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]

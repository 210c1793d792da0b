"""A repository for one exercise, as GitHub Classroom wants its assignments: students push, GitHub runs the visible checks.

It holds neither solutions nor hidden checks: those stay with whoever runs `course grade` on the students' clones.
"""

from __future__ import annotations

import json
import re
import shutil
from importlib import metadata
from pathlib import Path

import course_lib
from course_lib.errors import BadInput, CourseError
from course_lib.grading.cells.marks import write_together
from course_lib.grading.cells.notebooks import (
    ANSWER,
    CHECK,
    HIDDEN_CHECK,
    SOLUTION_ONLY,
    notebook_text,
    read_notebook,
    role,
)
from course_lib.grading.cells.references import read_reference, reference_text, references_folder

DISTRIBUTION = "parallelization-course"
PYTHON = "3.13"
_NAME = re.compile(r"[A-Za-z0-9._-]+")

WORKFLOW = """\
# GitHub Classroom knows these two names and no others: the workflow's and its only job's. Choose "custom YAML" there, so that it
# leaves this file as it is.
name: Autograding Tests

"on":
  push:
  workflow_dispatch:
  repository_dispatch:

permissions:
  contents: read

jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
          cache: pip
          cache-dependency-path: "*.txt"
      - name: Install the course
        run: python -m pip install --quiet --requirement requirements.txt --constraint constraints.txt
      - name: Run the checks
        run: {command}
"""

COMMAND = "python -m course_lib.cli check {exercise}.ipynb --classroom"

README = """\
# {title}

Your work is in [{exercise}.ipynb]({exercise}.ipynb): {tasks}, in place of every `raise NotImplementedError(...)`.

Set up (Python 3.11 or newer) and open it:

```bash
python3 -m venv .venv && .venv/bin/python -m pip install --quiet --requirement requirements.txt --constraint constraints.txt
.venv/bin/python -m jupyterlab {exercise}.ipynb
```

On Windows, write `python` for `python3` and `.venv\\Scripts\\` for `.venv/bin/`. No account, no API key: Claude is simulated.

Run the check below each task as often as you like; it says which case failed and where to look. The same for all tasks:

```bash
.venv/bin/course check {exercise}.ipynb
```

Save the notebook, commit it and push. GitHub then runs the same checks: in the tab **Actions**, the run's page shows your points per task. Grading also tries other inputs, and takes nothing but your answer cells from your notebook; so keep your work in them.
"""  # noqa: E501 (Markdown wraps by itself)

GITIGNORE = """\
__pycache__/
*.egg-info/
.venv/
.ipynb_checkpoints/
"""

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.25,<2"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = {dependencies}

[project.scripts]
course = "course_lib.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["course_lib"]
"""


def write_classroom(exercise: Path, out: Path, *, references: Path | None = None) -> list[Path]:
    """Write the repository of one exercise to a new folder; returns its files beside the library, in order.

    exercise: the notebook that `course build` made. references: the folder of its stored references; the
    course's own if left out.

    Raises: BadInput for a notebook that is no exercise, or a folder that is not empty; CourseError for references that are
    missing, or a course that is not installed.
    """
    notebook = read_notebook(exercise)
    tasks = _tasks_of(notebook, exercise)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out} exists and is not empty: name a new folder.")
    reference = (references or references_folder()) / f"{exercise.stem}.json"
    if not reference.is_file():
        raise CourseError(f"There are no stored references for {exercise.stem}, so nothing could be checked: run `course build`.")
    dependencies = _dependencies()
    fields = {
        "exercise": exercise.stem,
        "title": _title(notebook, exercise),
        "tasks": "one task" if tasks == 1 else f"{tasks} tasks",
    }
    command = COMMAND.format(exercise=exercise.stem)
    texts = {
        exercise.name: notebook_text(notebook),
        "README.md": README.format(**fields),
        "requirements.txt": "--editable .\n",
        "constraints.txt": "".join(f"{name}=={metadata.version(name)}\n" for name in dependencies),
        "pyproject.toml": PYPROJECT.format(
            name=DISTRIBUTION, version=course_lib.__version__, dependencies=json.dumps(list(dependencies.values()), indent=2)
        ),
        ".gitignore": GITIGNORE,
        ".github/workflows/classroom.yml": WORKFLOW.format(python=PYTHON, command=command),
        f"course_lib/grading/references/{exercise.stem}.json": reference_text(read_reference(reference)),
    }
    _copy_library(out / "course_lib")
    files = {out / name: text for name, text in texts.items()}
    write_together(files)
    return list(files)


def _tasks_of(notebook, path: Path) -> int:
    roles = [role(cell) for cell in notebook.cells]
    if HIDDEN_CHECK in roles or SOLUTION_ONLY in roles:
        raise BadInput(f"{path} is a solution: it holds what learners may not see. Name the exercise that the build made.")
    if ANSWER not in roles or CHECK not in roles:
        raise BadInput(f"{path} is no exercise: it has no answer cells or no checks.")
    if _NAME.fullmatch(path.stem) is None:
        raise BadInput(f"The exercise {path.name!r} has a name that a shell would have to quote; use letters, digits and _.")
    return roles.count(ANSWER)


def _title(notebook, path: Path) -> str:
    headings = (re.match(r"# (.+)", cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return next((heading[1] for heading in headings if heading), path.stem)


def _dependencies() -> dict[str, str]:
    """What the course needs, by name: its bounds, as installed with it."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        raise CourseError(
            "The course is not installed, so its requirements are not known: `pip install --editable .` first."
        ) from None
    named = {_NAME.match(one)[0]: one for one in wanted if "extra ==" not in one}
    return dict(sorted(named.items()))


def _copy_library(target: Path) -> None:
    """The course's package, without what runs leave in it and without the references of other exercises."""
    source = Path(course_lib.__file__).resolve().parent
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "references", "*.pyc", ".*"))

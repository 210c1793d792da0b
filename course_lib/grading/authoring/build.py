"""`course build`: solutions are executed, exercises and references follow from them, chapters are executed again.

Everything is written byte-stably, so a second build changes nothing, and `--check` can say what is stale.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from course_lib.errors import BadInput, CourseError
from course_lib.grading.authoring.lint import emitted, output_problems, output_warnings, source_problems
from course_lib.grading.cells.defined_names import defined_names
from course_lib.grading.cells.exercises import exercise_from
from course_lib.grading.cells.marks import write_together, write_whole
from course_lib.grading.cells.notebooks import ANSWER, CHECK, notebook_text, read_notebook, role, task_of, title_of
from course_lib.grading.cells.plain_values import shortened
from course_lib.grading.cells.references import OVERRIDE, read_reference, reference_text
from course_lib.grading.running.execution import execute_all

EXCERPT = 12
"""Lines of the first difference that are shown."""


class BuildFailed(CourseError):
    """Solutions that are not fit to be built; `problems` holds one sentence each."""

    def __init__(self, problems: Sequence[str]):
        self.problems = tuple(problems)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(problems[0] + more)


@dataclass(frozen=True)
class Change:
    """A file that is not what the build makes of it, and how it differs, as a few lines of a diff."""

    path: Path
    difference: str


def build(
    solutions: Path,
    exercises: Path,
    references: Path,
    *,
    notebooks: Path | None = None,
    only: Sequence[str] = (),
    check: bool = False,
    warn: Callable[[str], None] = lambda sentence: None,
) -> list[Change]:
    """The files that changed, after writing them; with `check`, those that would, and nothing is written.

    Every solution is executed, linted and written back with its outputs, its exercise and its references are
    generated, and every chapter in `notebooks` is executed in place. `only` picks notebooks by name or path;
    `warn` is told what is not wrong, but could be better.

    Raises: BuildFailed for solutions that are not fit, CourseError for a cell that fails, BadInput for a name that
    no notebook has, OSError for a place that can't be written to; nothing is written then.
    """
    solutions, exercises, references = Path(solutions), Path(exercises), Path(references)
    chosen, chapters = _chosen(solutions, exercises, notebooks, only)
    texts = _built_solutions(chosen, exercises, references, warn)
    with _references_to_be(texts, references) as folder:  # chapters may hold a check of their own
        texts |= _built_chapters(chapters, folder)
    changes = _settle(texts, check)
    if check and not only:
        changes += _orphans(chosen, exercises, references)
    return changes


def _settle(texts: dict[Path, str], check: bool) -> list[Change]:
    changes = [Change(path, _excerpt(path, text)) for path, text in texts.items() if _differs(path, text)]
    if not check:
        write_together({change.path: texts[change.path] for change in changes})
    return changes


def _built_solutions(
    paths: Sequence[Path], exercises: Path, references: Path, warn: Callable[[str], None]
) -> dict[Path, str]:
    """The text of every file that follows from these solutions."""
    read = [read_notebook(path) for path in paths]
    _refuse(paths, [source_problems(notebook) for notebook in read])
    executed = execute_all(list(zip(read, paths, strict=True)), {"COURSE_MODE": "build"})
    _refuse(paths, [output_problems(notebook) for notebook in executed])
    stored = [reference_of(notebook, path.stem) for notebook, path in zip(executed, paths, strict=True)]
    _refuse_shared_tasks(stored, references)
    texts = {}
    for path, notebook, reference in zip(paths, executed, stored, strict=True):
        for warning in output_warnings(notebook):
            warn(f"{path}: {warning}")
        texts[path] = notebook_text(notebook)
        texts[exercises / path.name] = notebook_text(exercise_from(notebook))
        texts[references / f"{path.stem}.json"] = reference_text(reference)
    return texts


@contextmanager
def _references_to_be(texts: dict[Path, str], references: Path) -> Iterator[Path]:
    """A temporary folder with the references as they will be: those that are built now, and the others as they are."""
    with tempfile.TemporaryDirectory(prefix="references-") as folder:
        for path in references.glob("*.json"):
            shutil.copyfile(path, Path(folder, path.name))
        for path, text in texts.items():
            if path.parent == references:
                write_whole(Path(folder, path.name), text)
        yield Path(folder)


def _built_chapters(paths: Sequence[Path], references: Path) -> dict[Path, str]:
    read = [(read_notebook(path), path) for path in paths]
    executed = execute_all(read, {OVERRIDE: str(Path(references).resolve())})
    return {path: notebook_text(notebook) for path, notebook in zip(paths, executed, strict=True)}


def reference_of(executed: NotebookNode, stem: str) -> dict:
    """What the learner's checks compare with: the visible cases of an executed solution, by task.

    A task's `defines` names what its answer cell and those before it define, and by which task's cell.
    """
    tasks, defines = {}, {}
    for cell in executed.cells:
        task = task_of(cell)
        if role(cell) == ANSWER:
            defines = defines | dict.fromkeys(sorted(defined_names(cell.source)), task)
            tasks[task] = {"title": title_of(cell), "defines": defines, "cases": []}
        elif role(cell) == CHECK and task in tasks:
            cases = emitted(cell)["cases"]
            tasks[task]["cases"] += [{key: value for key, value in case.items() if key != "passed"} for case in cases]
    return {"notebook": stem, "tasks": tasks}


# --- choosing and refusing -----------------------------------------------------------------------


def _chosen(solutions: Path, exercises: Path, notebooks: Path | None, only: Sequence[str]):
    every_solution, every_chapter = _notebooks_in(solutions), _notebooks_in(notebooks) if notebooks else []
    if not every_solution and not every_chapter:
        raise BadInput(f"There is nothing to build: {solutions} holds no notebooks; run this in the course's folder.")
    if not only:
        return every_solution, every_chapter
    picked = set()
    for name in only:
        found = {path for path in every_solution + every_chapter if _is_named(path, name)}
        found |= {path for path in every_solution if (exercises / path.name).resolve() == Path(name).resolve()}
        if not found:
            near = difflib.get_close_matches(
                Path(name).stem, [path.stem for path in every_solution + every_chapter], 1, 0.3
            )
            raise BadInput(
                f"There is no notebook {name!r} to build; "
                + (f"did you mean {near[0]!r}?" if near else "check the name.")
            )
        picked |= found
    return [path for path in every_solution if path in picked], [path for path in every_chapter if path in picked]


def chosen_solutions(solutions: Path, only: Sequence[str] = ()) -> list[Path]:
    """The solution notebooks that these names pick; all of them for none. Raises: BadInput for a name that no notebook has."""
    return _chosen(solutions, solutions, None, only)[0]


def _notebooks_in(folder: Path) -> list[Path]:
    return sorted(Path(folder).glob("*.ipynb"))


def _is_named(path: Path, name: str) -> bool:
    """By stem (`01_many_calls_at_once`, or just `01`: the chapter and the solution) or by path (just one)."""
    given = Path(name)
    if len(given.parts) > 1:
        return given.resolve() == path.resolve()
    return given.name.removesuffix(".ipynb") in (path.stem, path.stem.partition("_")[0])


def _refuse(paths: Sequence[Path], problems: Sequence[Sequence[str]]) -> None:
    named = [f"{path}: {problem}" for path, found in zip(paths, problems, strict=True) for problem in found]
    if named:
        raise BuildFailed(named)


def _refuse_shared_tasks(stored: Sequence[dict], references: Path) -> None:
    """A check knows its task's id, not its notebook: an id may stand in one notebook only."""
    building = {reference["notebook"] for reference in stored}
    others = [read_reference(path) for path in sorted(references.glob("*.json")) if path.stem not in building]
    owner = {task: other["notebook"] for other in others for task in other["tasks"]}
    for reference in stored:
        for task in reference["tasks"]:
            if task in owner:
                raise BuildFailed(
                    [f"Task {task} stands in {owner[task]} and in {reference['notebook']}; number one anew."]
                )
            owner[task] = reference["notebook"]


def _orphans(solutions: Sequence[Path], exercises: Path, references: Path) -> list[Change]:
    stems = {path.stem for path in solutions}
    generated = [*sorted(exercises.glob("*.ipynb")), *sorted(references.glob("*.json"))]
    return [Change(path, "It follows from no solution; delete it.") for path in generated if path.stem not in stems]


# --- differences ---------------------------------------------------------------------------------


def _text_now(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None


def _differs(path: Path, text: str) -> bool:
    return _text_now(path) != text


def _excerpt(path: Path, text: str) -> str:
    """The first difference between the file and what it should hold."""
    now = _text_now(path)
    if now is None:
        return "It does not exist yet."
    lines = difflib.unified_diff(now.splitlines(), text.splitlines(), "as it is", "as built", lineterm="", n=2)
    shown = []
    for line in lines:
        if len(shown) == EXCERPT or (line.startswith("@@") and any(kept.startswith("@@") for kept in shown)):
            break
        shown.append(shortened(line, 160))
    return "\n".join(shown) or "It ends its lines in another way."


def report_changes(changes: Sequence[Change], *, check: bool, say: Callable[[str], None] = print) -> None:
    """Tell what a build changed, or would change."""
    for change in changes:
        say(f"{'stale' if check else 'wrote'}: {change.path}")
        if check:
            say("\n".join("    " + line for line in change.difference.splitlines()))
    if not changes:
        say("Everything is as built.")
    elif check:
        files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
        say(f"{files} would change; run `course build` and commit the result.")

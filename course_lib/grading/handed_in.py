"""Who handed in what: notebooks found in a folder of submissions, whatever its layout."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.grading.marks import MISSING, NOT_GRADED, UNKNOWN, UNREADABLE

_SKIPPED_FOLDERS = {"__MACOSX", "__pycache__", "node_modules"}
# What browsers and JupyterLab add to the name of a second copy.
_COPY_MARK = re.compile(r"( ?\(\d+\)|-Copy\d*| - Copy| copy)+$", re.IGNORECASE)


@dataclass
class HandedIn:
    """One notebook to grade, or the reason why there is none (then `path` is None)."""

    student: str
    exercise: str
    path: Path | None
    status: str = NOT_GRADED
    remarks: list[str] = field(default_factory=list)


def find_submissions(folder: Path, exercises: Iterable[str]) -> list[HandedIn]:
    """Every student's notebook of every exercise that somebody handed in, sorted by student and exercise.

    Understood: `FOLDER/<student>/<exercise>.ipynb` and `FOLDER/<student>_<exercise>.ipynb`, also one folder further
    down, as learning platforms pack them. A notebook that belongs to no exercise, an exercise that a student left out,
    and a student's folder that can't be read come back without a path and with a remark.

    Raises CourseError when the folder itself can't be read or holds no notebook.
    """
    exercises = sorted(exercises)
    locked: dict[Path, OSError] = {}
    try:
        root = _top(folder, exercises)
        notebooks = _notebooks_under(root, locked)
        students = {child.name for child in root.iterdir() if _is_student_folder(child)}
    except OSError as error:
        raise CourseError(
            f"The submissions folder {error.filename or folder} can't be read ({error.strerror}): "
            "name a folder or zip of notebooks."
        ) from None
    if locked and not notebooks:
        raise CourseError(f"There is no notebook in {folder}: {_locked_remark(*next(iter(locked.items())))}")
    if not notebooks:
        raise CourseError(
            f"There is no notebook in {folder}: put <student>/<exercise>.ipynb or <student>_<exercise>.ipynb into it."
        )
    found = _one_each([_identify(path, root, exercises) for path in notebooks])
    unread = {path.relative_to(root).parts[0]: _locked_remark(path, error) for path, error in locked.items()}
    return sorted(found + _left_out(found, students, unread), key=lambda entry: (entry.student, entry.exercise))


def _locked_remark(folder: Path, error: OSError) -> str:
    return f"The folder {folder.name} can't be read ({error.strerror}): mend its permissions and grade again."


def _is_student_folder(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.name in _SKIPPED_FOLDERS
    return not hidden and path.is_dir() and not path.is_symlink()


def _notebooks_under(folder: Path, locked: dict[Path, OSError]) -> list[Path]:
    """All notebooks below the folder, in a fixed order; folders that are links are not followed.

    Folders in it that can't be read are added to `locked`, with the reason.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if _is_student_folder(path):
            try:
                found += _notebooks_under(path, locked)
            except OSError as error:
                locked[path] = error
        elif path.suffix.lower() == ".ipynb" and not path.name.startswith("."):
            found.append(path)
    return found


def _top(folder: Path, exercises: list[str]) -> Path:
    """The folder whose children are students: `folder`, or the only one in it when a zip wrapped it once more."""
    inside = [path for path in folder.iterdir() if _is_student_folder(path) or path.suffix.lower() == ".ipynb"]
    if len(inside) != 1 or not inside[0].is_dir():
        return folder
    wrapper = inside[0]
    names_a_student = any(_exercise_of(path.stem, exercises)[0] is not None for path in wrapper.glob("*.ipynb"))
    wraps_students = any(path.parent != wrapper for path in _notebooks_under(wrapper, {}))
    is_flat = any(_exercise_of(path.stem, exercises)[1] for path in wrapper.glob("*.ipynb"))
    return wrapper if is_flat or (wraps_students and not names_a_student) else folder


def _exercise_of(stem: str, exercises: list[str]) -> tuple[str | None, str]:
    """(exercise, student) as a file name tells them; the student is empty when the name is the exercise's alone."""
    plain = _COPY_MARK.sub("", stem).strip()
    for exercise in sorted(exercises, key=len, reverse=True):
        if plain == exercise:
            return exercise, ""
        if plain.endswith("_" + exercise):
            return exercise, plain[: -len(exercise) - 1]
    return None, ""


def _identify(path: Path, root: Path, exercises: list[str]) -> HandedIn:
    exercise, student_in_name = _exercise_of(path.stem, exercises)
    folders = path.relative_to(root).parts[:-1]
    student = folders[0] if folders else student_in_name
    if exercise is None or not student:
        return _unknown(path, student or path.stem, exercises)
    if path.is_symlink():
        remark = f"{path.name} is a link to another file: hand in the notebook itself."
        return HandedIn(student, exercise, None, UNREADABLE, [remark])
    return HandedIn(student, exercise, path)


def _unknown(path: Path, student: str, exercises: list[str]) -> HandedIn:
    known = ", ".join(exercises)
    remark = f"{path.name} belongs to no exercise with a solution ({known}): name it <student>/<exercise>.ipynb."
    return HandedIn(student, path.stem, None, UNKNOWN, [remark])


def _one_each(entries: list[HandedIn]) -> list[HandedIn]:
    """One entry per student and exercise: the file with the plain name if there is one, otherwise the last by name."""
    groups: dict[tuple[str, str], list[HandedIn]] = {}
    for entry in entries:
        groups.setdefault((entry.student, entry.exercise), []).append(entry)
    return [_choose(group) for group in groups.values()]


def _choose(group: list[HandedIn]) -> HandedIn:
    readable = [entry for entry in group if entry.path is not None]
    if len(readable) < 2:
        return readable[0] if readable else group[0]
    plain = [entry for entry in readable if not _COPY_MARK.search(entry.path.stem)]
    chosen = (plain or readable)[-1]
    others = ", ".join(entry.path.name for entry in readable if entry is not chosen)
    chosen.remarks.append(f"Handed in {len(readable)} times: {chosen.path.name} was graded, not {others}.")
    return chosen


def _left_out(found: list[HandedIn], students: set[str], unread: dict[str, str]) -> list[HandedIn]:
    """An entry for each exercise that somebody handed in and a student did not, or not so that it could be read."""
    exercises = sorted({entry.exercise for entry in found if entry.status != UNKNOWN})
    everybody = sorted(students | {entry.student for entry in found if entry.status != UNKNOWN})
    present = {(entry.student, entry.exercise) for entry in found}
    return [
        HandedIn(student, exercise, None, UNREADABLE, [unread[student]])
        if student in unread
        else HandedIn(student, exercise, None, MISSING, ["Nothing was handed in."])
        for student in everybody
        for exercise in exercises
        if (student, exercise) not in present
    ]

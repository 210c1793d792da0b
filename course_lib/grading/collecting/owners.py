"""Whose file it is, and which exercise: told by folders, file names and the names that learning platforms give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from course_lib.grading.collecting.found_files import Found, is_notebook, is_zip
from course_lib.grading.collecting.lms_names import CANVAS, LmsName, canvas_name, moodle_name

# What browsers and JupyterLab add to the name of a second copy.
_COPY_MARK = re.compile(r"( ?\(\d+\)|-Copy\d*| - Copy| copy)+$", re.IGNORECASE)
# What Canvas adds to a file of a name that the student has handed in before.
_AGAIN = re.compile(r"-(\d{1,3})$")
_SEPARATOR, _EDGES = "_", " _-"


@dataclass(frozen=True)
class ExerciseName:
    """What a name tells: the exercise, what stands before and after it, and which copy it is."""

    exercise: str
    before: str = ""
    after: str = ""
    again: int = 0
    is_copy: bool = False


def exercise_in(stem: str, exercises: Sequence[str]) -> ExerciseName | None:
    """The exercise in a file name without its ending, whatever browsers, platforms and students have done to it.

    None if there is none. Upper and lower case, blanks, hyphens and underscores count as the same. Of two exercises
    whose names begin alike, the longer one counts.

    >>> exercise_in("01 Calls (1)", ["01_calls"])
    ExerciseName(exercise='01_calls', before='', after='', again=0, is_copy=True)
    >>> exercise_in("bo_b_01_calls-2", ["01_calls"])
    ExerciseName(exercise='01_calls', before='bo_b', after='', again=2, is_copy=False)
    >>> exercise_in("calls", ["01_calls"])
    """
    plain = _COPY_MARK.sub("", stem.strip()).strip()
    again = _AGAIN.search(plain)
    for exercise in sorted(exercises, key=len, reverse=True):
        before, number = _before(plain, exercise), 0
        if before is None and again:
            before, number = _before(plain[: again.start()], exercise), int(again[1])
        if before is not None:
            return ExerciseName(exercise, before, "", number, plain != stem.strip())
        if _even(plain).startswith(_even(exercise) + _SEPARATOR):
            after = plain[len(exercise) + 1 :].strip(_EDGES)
            return ExerciseName(exercise, "", after, 0, plain != stem.strip())
    return None


def _before(words: str, exercise: str) -> str | None:
    """What stands before the exercise that ends the words, set off from it; None if they don't end in it."""
    line, wanted = _even(words), _even(exercise)
    if line == wanted:
        return ""
    return words[: -len(wanted) - 1].strip(_EDGES) if line.endswith(_SEPARATOR + wanted) else None


def _even(words: str) -> str:
    """The words in lower case with one kind of separator, each character at its place."""
    return "".join(
        _SEPARATOR if character in _EDGES else lower if len(lower := character.lower()) == 1 else character
        for character in words
    )


@dataclass(frozen=True)
class Owner:
    """The student of one file, "" if nothing tells; its exercise, None where the file's name, a folder's, or its cells
    don't tell; and what the platform says.
    """

    student: str
    named: ExerciseName | None = None
    folder_exercise: str | None = None
    recognised: str | None = None
    platform: str = ""
    number: str = ""
    late: bool = False
    upload: int = 0

    @property
    def exercise(self) -> str | None:
        """The exercise, as the first of these three tells it."""
        return self.named.exercise if self.named else self.folder_exercise or self.recognised


def owner_of(parts: tuple[str, ...], exercises: Sequence[str], *, is_folder: bool = False) -> Owner:
    """Who handed in the file (or folder) with these folders and this name.

    What a platform or the instructor named counts before what the student named: a Moodle folder, the first folder or
    the front of a Canvas file tell the student, never a name deeper down.

    >>> owner_of(("ada", "homework", "bob_01_calls.ipynb"), ["01_calls"]).student
    'ada'
    """
    given = _platform_name(parts, exercises, is_folder)
    folder_exercise = next((part for part in (parts if is_folder else parts[:-1]) if part in exercises), None)
    if parts[0] == folder_exercise and given is None:
        parts = parts[1:]
    folders = parts if is_folder else parts[:-1]
    own_name = given.rest if given and len(parts) == 1 and given.rest else parts[-1] if parts else ""
    named = None if is_folder else exercise_in(_stem(own_name), exercises)
    if given:
        return Owner(
            given.student, named, folder_exercise, None, given.platform, given.number, given.late, given.upload
        )
    if not folders and parts and is_zip(parts[0]):
        folders = (_stem(parts[0]),)
    if folders:
        return Owner(folders[0], named, folder_exercise)
    if folder_exercise and not is_folder and named is None:  # <exercise>/<student>.ipynb
        return Owner(_stem(own_name), None, folder_exercise)
    return Owner((named.before or named.after) if named else "", named, folder_exercise)


def _platform_name(parts: tuple[str, ...], exercises: Sequence[str], is_folder: bool) -> LmsName | None:
    for part in parts[: len(parts) if is_folder else -1]:
        if moodle := moodle_name(part):
            return moodle
    first = parts[0]
    if len(parts) > 1 or is_folder:
        return canvas_name(first)
    return moodle_name(first) or _canvas_file(first, exercises)


def _canvas_file(name: str, exercises: Sequence[str]) -> LmsName | None:
    """Canvas's name, unless it is a student's whose own name has numbers in it, as in `ada_2_01_calls.ipynb`."""
    canvas = canvas_name(name)
    if canvas and exercise_in(_stem(name), exercises) and not exercise_in(_stem(canvas.rest), exercises):
        return None
    return canvas


def _stem(name: str) -> str:
    return Found((name,)).stem if is_notebook(name) else name[: -len(".zip")] if is_zip(name) else name


def told_apart(owned: Sequence[tuple[Found, Owner]]) -> dict[tuple[str, str], str]:
    """What to call each student of a platform, by name and number: the name, and the number where names coincide.

    Canvas's numbers are the course's: two numbers are two students. Moodle's are one assignment's, so there only two
    numbers for one exercise are two students.
    """
    numbers: dict[tuple[str, str], set[str]] = {}
    for one, owner in owned:
        if owner.platform and not one.is_folder:
            exercise = "" if owner.platform == CANVAS else owner.exercise
            numbers.setdefault((owner.student, exercise), set()).add(owner.number)
    shared = {student for (student, _), different in numbers.items() if len(different) > 1}
    return {
        (owner.student, owner.number): f"{owner.student}_{owner.number}"
        for _, owner in owned
        if owner.platform and owner.student in shared
    }


def is_wrapper(found: Sequence[Found], exercises: Sequence[str]) -> int:
    """How many leading folders only wrap the collection: 1 if a single folder holds the whole class, otherwise 0."""
    tops = {one.parts[0] for one in found if one.is_folder or len(one.parts) > 1 or is_notebook(one.name)}
    if len(tops) != 1 or any(len(one.parts) == 1 and not one.is_folder and is_notebook(one.name) for one in found):
        return 0
    (top,) = tops
    if top in exercises or moodle_name(top) or canvas_name(top):
        return 0
    work = [one for one in found if not one.is_folder and is_notebook(one.name)]
    direct = [owner_of(one.parts[1:], exercises) for one in work if len(one.parts) == 2]
    holds_flat_files = any(owner.platform or (owner.named and owner.named.before) for owner in direct)
    holds_folders = any(len(one.parts) > 2 for one in work)
    return int(holds_flat_files or (holds_folders and not any(owner.named for owner in direct)))

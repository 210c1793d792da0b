"""Who handed in what: one entry per student and exercise, whatever the collection's layout."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.grading.cells.marks import MISSING, NOT_GRADED, UNKNOWN, UNREADABLE, SubmissionMark, TaskMark
from course_lib.grading.cells.notebooks import LARGEST, OLD_ENCODING, encoding_of
from course_lib.grading.collecting.found_files import Found
from course_lib.grading.collecting.gathering import gather
from course_lib.grading.collecting.owners import Owner, is_wrapper, owner_of, told_apart
from course_lib.grading.collecting.recognising import KnownExercises
from course_lib.grading.collecting.zipped import unpack

_LAYOUTS = "<student>/<exercise>.ipynb or <student>_<exercise>.ipynb"
_MOST_NAMED = 5  # files in one remark
_MOST_PROBLEMS = 50


@dataclass
class HandedIn:
    """One notebook to grade, or the reason why there is none (then `path` is None).

    handed_in: the file as it lay in the collection. platform, platform_id: the learning platform whose export it came
    in, and its number for the student.
    """

    student: str
    exercise: str
    path: Path | None
    status: str = NOT_GRADED
    remarks: list[str] = field(default_factory=list)
    late: bool = False
    handed_in: str = ""
    platform: str = ""
    platform_id: str = ""

    def mark(self, tasks: list[TaskMark]) -> SubmissionMark:
        """The mark sheet before grading, with these tasks."""
        known = {name: value for name, value in vars(self).items() if name != "path"}
        return SubmissionMark(**known | {"remarks": list(self.remarks)}, tasks=tasks)


@dataclass(frozen=True, order=True)
class Version:
    """How new a file is, as far as names tell; the greater, the newer.

    Time stamps don't count: copying, unpacking or cloning a collection changes them, and with them the marks.

    In this order: a file that is named after its exercise comes before one that had to be recognised; then the
    platform's upload number; then the number of a further attempt (`-1`, `-2`); then the plain name before a
    browser's or JupyterLab's copy; then the file that lies less deep; then the name.
    """

    is_named: bool
    upload: int
    attempt: int
    is_plain: bool
    height: int
    place: str

    @classmethod
    def of(cls, one: Found, owner: Owner) -> Version:
        """The version that the names of a found file tell."""
        named = owner.named
        return cls(
            is_named=named is not None and not named.after,
            upload=owner.upload,
            attempt=named.again if named else 0,
            is_plain=named is not None and not named.is_copy,
            height=-len(one.parts),
            place=one.place,
        )


@dataclass
class Collection:
    """Everything that was handed in, by student and exercise, and what is wrong with what belongs to nobody."""

    entries: list[HandedIn]
    problems: list[str] = field(default_factory=list)


@contextmanager
def collected(submissions: Path, known: KnownExercises) -> Iterator[Collection]:
    """Every student's notebook of every exercise that somebody handed in, sorted by student and exercise.

    The place is a folder or a zip; the entries' files are there until the context ends. Understood:
    `<student>/<exercise>.ipynb` and `<student>_<exercise>.ipynb`, also one folder further down; exports of Canvas and
    Moodle; a zip of any of these, or a zip per student. Where a file's name tells no exercise, its cells do. A notebook
    that belongs to no exercise, an exercise that a student left out, and what can't be read come back without a path and
    with a remark.

    Raises CourseError when the place can't be read or holds no notebook.
    """
    with tempfile.TemporaryDirectory(prefix="unpacked-") as scratch:
        yield _sort_out(Path(submissions), known, Path(scratch))


def _sort_out(submissions: Path, known: KnownExercises, scratch: Path) -> Collection:
    found, locked = _look(submissions, scratch)
    strip = is_wrapper(found, known.names)
    found = [replace(one, parts=one.parts[strip:]) for one in found if len(one.parts) > strip]
    locked = {parts[strip:]: remark for parts, remark in locked.items()}
    pieces = _Pieces(found, known)
    if not pieces.entries and not pieces.troubles:
        why = "".join(f" {remark}" for remark in list(locked.values())[:1]) or f" put {_LAYOUTS} into it."
        raise CourseError(f"There is no notebook in {submissions}:{why}")
    for parts, remark in locked.items():
        pieces.trouble(owner_of(parts, known.names, is_folder=True).student, remark)
    return pieces.collection()


def _look(submissions: Path, scratch: Path) -> tuple[list[Found], dict[tuple[str, ...], str]]:
    if not submissions.is_dir():
        return unpack(submissions, scratch), {}
    try:
        gathered = gather(submissions, scratch)
        for parts, error in gathered.locked.items():
            _must_be_a_students(parts, gathered.found, error)
    except OSError as error:
        raise CourseError(
            f"The submissions folder {error.filename or submissions} can't be read ({error.strerror}): "
            "name a folder or zip of notebooks."
        ) from None
    return gathered.found, {
        parts: f"The folder {parts[-1]} can't be read ({error.strerror}): mend its permissions and grade again."
        for parts, error in gathered.locked.items()
    }


def _must_be_a_students(locked: tuple[str, ...], found: Sequence[Found], error: OSError) -> None:
    """A locked folder beside nothing else is the class itself, not one student's."""
    if len(locked) == 1 and not any(one.parts[0] != locked[0] for one in found):
        raise error


class _Pieces:
    """The found files, each given to its owner."""

    def __init__(self, found: list[Found], known: KnownExercises):
        self.known = known
        self.students: set[str] = set()
        self.entries: list[tuple[HandedIn, Version]] = []
        self.troubles: dict[str, list[str]] = {}
        self.strays: dict[str, list[str]] = {}
        self.problems: list[str] = []
        owned = [(one, self._owner(one)) for one in found]
        names = told_apart(owned)
        for one, owner in owned:
            self._take(one, replace(owner, student=names.get((owner.student, owner.number), owner.student)))

    def _owner(self, one: Found) -> Owner:
        owner = owner_of(one.parts, self.known.names, is_folder=one.is_folder)
        unclear = owner.exercise is None and one.path is not None
        return replace(owner, recognised=self.known.recognise(one.path)) if unclear else owner

    def _take(self, one: Found, owner: Owner) -> None:
        if one.is_folder:
            self.students |= {owner.student} - {""}
        elif one.is_stray:
            self._take_stray(one, owner)
        else:
            self._take_work(one, owner)

    def _take_stray(self, one: Found, owner: Owner) -> None:
        if one.problem:
            self.problems.append(one.problem)
        elif owner.student and (owner.platform or len(one.parts) > 1):
            self.students.add(owner.student)
            self.strays.setdefault(owner.student, []).append(one.name)

    def _take_work(self, one: Found, owner: Owner) -> None:
        exercise = owner.exercise
        remarks = ["Handed in late."] if owner.late else []
        if owner.recognised:
            remarks.append(f"{one.name} was recognised as {exercise} by its answer cells.")
        remarks += _encoding_remarks(one)
        student = owner.student or (one.stem if owner.recognised else "")
        if not student or (exercise is None and not one.problem):
            self._add(_unknown(one, student, owner.named is not None, self.known.names), one, owner)
        elif exercise is None:
            self.trouble(student, one.problem)
        else:
            status = UNREADABLE if one.problem else NOT_GRADED
            remarks += [one.problem] if one.problem else []
            self._add(HandedIn(student, exercise, one.path, status, remarks, owner.late), one, owner)

    def _add(self, entry: HandedIn, one: Found, owner: Owner) -> None:
        entry.handed_in, entry.platform, entry.platform_id = one.place, owner.platform, owner.number
        self.students |= {entry.student} if entry.status != UNKNOWN else {owner.student} - {""}
        self.entries.append((entry, Version.of(one, owner)))

    def trouble(self, student: str, problem: str) -> None:
        """Note what is wrong with something of a student's of which nobody can tell the exercise."""
        self.students.add(student)
        self.troubles.setdefault(student, []).append(problem)

    def collection(self) -> Collection:
        """The entries, one per student and exercise, and a row for what a student left out."""
        chosen = _one_each(self.entries)
        left_out = self._left_out(chosen)
        told = {entry.student for entry in left_out}
        untold = [
            (student, words) for student, several in self.troubles.items() for words in several if student not in told
        ]
        problems = _not_too_many(self.problems + [f"{student}: {words}" for student, words in untold])
        return Collection(sorted(chosen + left_out, key=lambda entry: (entry.student, entry.exercise)), problems)

    def _left_out(self, chosen: list[HandedIn]) -> list[HandedIn]:
        """An entry for each exercise that somebody handed in and a student did not, or not so that it could be read."""
        exercises = sorted({entry.exercise for entry in chosen if entry.status != UNKNOWN})
        if not exercises and self.troubles:
            exercises = self.known.names
        present = {(entry.student, entry.exercise) for entry in chosen}
        numbers = {entry.student: (entry.platform, entry.platform_id) for entry in chosen}
        rows = [
            self._absent(student, exercise)
            for student in sorted(self.students)
            for exercise in exercises
            if (student, exercise) not in present
        ]
        for row in rows:
            row.platform, row.platform_id = numbers.get(row.student, ("", ""))
        return rows

    def _absent(self, student: str, exercise: str) -> HandedIn:
        if student in self.troubles:
            return HandedIn(student, exercise, None, UNREADABLE, list(self.troubles[student]))
        if student in self.strays:
            names = self.strays[student]
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            remark = f"No notebook was handed in, only {', '.join(names[:_MOST_NAMED])}{more}."
            return HandedIn(student, exercise, None, MISSING, [remark])
        return HandedIn(student, exercise, None, MISSING, ["Nothing was handed in."])


def _encoding_remarks(one: Found) -> list[str]:
    try:
        readable = one.path is not None and one.path.stat().st_size <= LARGEST
        old = readable and encoding_of(one.path.read_bytes()) == OLD_ENCODING
    except OSError:  # who reads it for grading says so
        return []
    return [f"{one.name} isn't saved as UTF-8: letters such as é may have come out wrong."] if old else []


def _not_too_many(problems: list[str]) -> list[str]:
    more = len(problems) - _MOST_PROBLEMS
    return problems if more <= 0 else [*problems[:_MOST_PROBLEMS], f"There are {more} more problems of this kind."]


def _unknown(one: Found, student: str, is_exercise: bool, exercises: Sequence[str]) -> HandedIn:
    if is_exercise and not student:
        remark = f"{one.name} tells no student: name it {_LAYOUTS}."
    else:
        known = ", ".join(exercises)
        remark = f"{one.name} belongs to no exercise with a solution ({known}): name it <student>/<exercise>.ipynb."
    problem = [one.problem] if one.problem else []
    return HandedIn(student or one.stem, one.stem, None, UNKNOWN, [*problem, remark])


def _one_each(entries: list[tuple[HandedIn, Version]]) -> list[HandedIn]:
    """One entry per student and exercise: the newest that can be read, with a remark that names the others."""
    groups: dict[tuple[str, str], list[tuple[HandedIn, Version]]] = {}
    for entry, version in entries:
        groups.setdefault((entry.student, entry.exercise), []).append((entry, version))
    for group in groups.values():
        group.sort(key=lambda pair: pair[1], reverse=True)
    return [_choose([entry for entry, _ in group]) for group in groups.values()]


def _choose(group: list[HandedIn]) -> HandedIn:
    readable = [entry for entry in group if entry.path is not None]
    chosen = (readable or group)[0]
    others = [entry for entry in group if entry is not chosen]
    if others and chosen.status != UNKNOWN:
        names = [entry.handed_in.rpartition("/")[2] for entry in (chosen, *others)]
        if names[0] in names[1:]:
            names = [entry.handed_in for entry in (chosen, *others)]
        what = "was graded" if readable else "counts"
        chosen.remarks.append(f"Handed in {len(group)} times: {names[0]} {what}, not {', '.join(names[1:])}.")
    return chosen

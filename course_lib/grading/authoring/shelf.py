"""The shelf of wrong answers: submissions that are graded to see whether the checks say what they should.

There are two kinds of shelf. In a solution notebook, a raw cell with the tags `solution-only` and `wrong-answer` and a task in
its metadata holds one wrong answer; lines at its top that begin with `# says: ` are words that its author must hear, and a
line `# points: 3` is what it still earns. And a folder holds whole submissions, `<name>/<exercise>.ipynb`, with a file
`expected_marks.json` in it or beside it:

    {"full_marks": {"1.1": 8, "1.2": 7},
     "students": {"serial": {"marks": [4, 7], "says": {"1.1": "30 s is the time of ten calls one after another"},
                             "status": "graded", "remarks": "words about the file as a whole"}}}

`says`, `status` and `remarks` may be left out.
"""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from course_lib.errors import CourseError
from course_lib.grading.cells.exercises import exercise_from, marked_blocks
from course_lib.grading.cells.marks import GRADED, SubmissionMark, write_whole
from course_lib.grading.cells.notebooks import ANSWER, cell_tags, notebook_text, read_notebook, role, task_of
from course_lib.grading.running.grade import grade

WRONG_ANSWER = "wrong-answer"
EXPECTED_MARKS = "expected_marks.json"

_TOLD = re.compile(r"^#\s*(says|points):\s*(.+?)\s*$")


@dataclass(frozen=True)
class Expected:
    """What must become of one submission: points per task (None: anything below the full ones), and words about tasks."""

    name: str
    marks: dict[str, float | None]
    says: dict[str, list[str]] = field(default_factory=dict)
    status: str = GRADED
    remarks: str = ""


def check_notebook_shelves(solutions: Sequence[Path], jobs: int = 1) -> tuple[int, list[str]]:
    """How many wrong answers the built solution notebooks hold, and every difference as a sentence.

    Raises: CourseError when there are none, or for one without a task.
    """
    with tempfile.TemporaryDirectory(prefix="shelf-") as folder:
        expected = []
        for path in solutions:
            for one, notebook in _wrong_submissions(path):
                write_whole(Path(folder, "submissions", one.name, path.name), notebook_text(notebook))
                expected.append(one)
        if not expected:
            raise CourseError(
                "The notebooks have no wrong answers on their shelves: put one in a raw cell with the tags `solution-only` and "
                "`wrong-answer`, or name a folder of submissions: --shelf FOLDER."
            )
        return len(expected), _differences(Path(folder, "submissions"), expected, Path(solutions[0]).parent, jobs)


def check_folder_shelf(folder: Path, solutions: Path, jobs: int = 1) -> tuple[int, list[str]]:
    """How many submissions the folder's expected marks name, and every difference as a sentence.

    Raises: CourseError for a folder without expected marks, or with some that can't be read.
    """
    expected = list(read_expected(folder))
    return len(expected), _differences(folder, expected, solutions, jobs)


def _differences(submissions: Path, expected: list[Expected], solutions: Path, jobs: int) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="shelf-report-") as out:
        report = grade(submissions, Path(out), solutions=solutions, jobs=jobs, progress=False)
    graded: dict[str, list[SubmissionMark]] = {}
    for mark in report.marks:
        graded.setdefault(mark.student, []).append(mark)
    sentences = [sentence for one in expected for sentence in judged(one, graded.get(one.name, []))]
    names = {one.name for one in expected}
    unexpected = sorted(name for name in graded.keys() - names if any(one.tasks and one.status == GRADED for one in graded[name]))
    return sentences + [f"{name} lies on the shelf, and no marks are expected of it; write them down." for name in unexpected]


def judged(expected: Expected, marks: list[SubmissionMark]) -> Iterator[str]:
    """A sentence for everything that is not as expected; a student may have several exercises, one of which is meant."""
    mark = next((one for one in marks if expected.marks.keys() <= {task.task for task in one.tasks}), None)
    if mark is None:
        yield f"{expected.name} is expected, and there is no such submission with the tasks {', '.join(expected.marks)}."
        return
    if mark.status != expected.status:
        yield f"{expected.name} is {mark.status}, and should be {expected.status}. {' '.join(mark.remarks)}".rstrip()
        return
    for name, points in expected.marks.items():
        task = mark.task(name)
        if points is None and task.earned == task.points:
            yield f"{expected.name} earns all {task.points:g} points of task {name}, though its answer is wrong."
        elif points is not None and task.earned != points:
            yield f"{expected.name} earns {task.earned:g} points in task {name}, and should earn {points:g}."
    for name, wanted in expected.says.items():
        task = mark.task(name)
        heard = "\n".join([task.note, *(case.message for case in task.cases)])
        for words in wanted:
            if words not in heard:
                told = " / ".join(dict.fromkeys(filter(None, heard.splitlines()))) or "nothing"
                yield f"{expected.name} is not told {words!r} in task {name}; it hears: {told}"
    if expected.remarks not in "\n".join(mark.remarks):
        yield f"{expected.name} has no remark {expected.remarks!r}; its remarks are: {' '.join(mark.remarks) or 'none'}"


# --- the two kinds of shelf ----------------------------------------------------------------------


def _wrong_submissions(path: Path) -> Iterator[tuple[Expected, NotebookNode]]:
    """Each wrong answer of a solution notebook, as an exercise that is right in every other task."""
    solution = read_notebook(path)
    right = right_answers(solution)
    counts: dict[str, int] = {}
    for cell in solution.cells:
        if WRONG_ANSWER not in cell_tags(cell):
            continue
        task = task_of(cell)
        if task not in right:
            raise CourseError(f"{path} has a wrong answer to task {task or '(none)'}, which it does not set; mend course.task.")
        counts[task] = counts.get(task, 0) + 1
        answer, says, points = _read_wrong(cell.source, path, task)
        name = f"task {task} wrong answer {counts[task]}"
        expected = Expected(name, {task: points}, {task: says})
        yield expected, answered(exercise_from(solution), right | {task: answer})


def _read_wrong(source: str, path: Path, task: str) -> tuple[str, list[str], float | None]:
    """(the answer, the words that it must hear, the points that it earns or None)."""
    lines, says, points = source.strip("\n").split("\n"), [], None
    while lines and (told := _TOLD.match(lines[0])):
        lines.pop(0)
        if told[1] == "says":
            says.append(told[2])
            continue
        try:
            points = float(told[2])
        except ValueError:
            raise CourseError(f"{path} has a wrong answer to task {task} with `# points: {told[2]}`; write a number.") from None
    if not says:
        raise CourseError(
            f"{path} has a wrong answer to task {task} that need not hear anything; begin it with `# says: ` and its words."
        )
    return "\n".join(lines), says, points


def read_expected(folder: Path) -> Iterator[Expected]:
    place = next((one for one in (folder / EXPECTED_MARKS, folder.parent / EXPECTED_MARKS) if one.is_file()), None)
    if place is None:
        raise CourseError(f"There is no {EXPECTED_MARKS} in {folder} or beside it; it tells what the shelf should earn.")
    try:
        data = json.loads(place.read_text(encoding="utf-8"))
        tasks = list(data["full_marks"])
        for name, one in data["students"].items():
            marks = dict(zip(tasks, one["marks"], strict=True))
            says = {task: [words] if isinstance(words, str) else list(words) for task, words in one.get("says", {}).items()}
            yield Expected(name, marks, says, one.get("status", GRADED), one.get("remarks", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{place} can't be read as expected marks ({type(error).__name__}: {error}).") from None


def right_answers(solution: NotebookNode) -> dict[str, str]:
    """The solution's answers by task, as a student would have typed them: no marks, and not what the exercise starts from."""
    return {task_of(cell): _as_typed(cell.source, task_of(cell)) for cell in solution.cells if role(cell) == ANSWER}


def _as_typed(source: str, task: str) -> str:
    dropped = set()
    for block in marked_blocks(source, task):
        dropped |= {block.first, *range(block.end, block.last + 1)}
    return "\n".join(line for number, line in enumerate(source.split("\n")) if number not in dropped)


def answered(exercise: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    """The exercise with these answers typed in, by task."""
    notebook = copy.deepcopy(exercise)
    for cell in notebook.cells:
        if role(cell) == ANSWER and task_of(cell) in answers:
            cell.source = answers[task_of(cell)].strip("\n")
    return notebook

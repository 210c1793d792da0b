"""The `course` command: lab, check, progress, serve, grade, build, new-exercise, classroom.

Exit codes: 0 all is well; 1 something is not done, not as built or not graded; 2 the command could not do what
it was asked, told in one sentence on standard error.
"""

import argparse
import difflib
import math
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import course_lib
from course_lib.errors import BadInput, CourseError

DONE, NOT_DONE, REFUSED = 0, 1, 2
INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""

COMMANDS = ("lab", "check", "progress", "serve", "grade", "build", "new-exercise", "classroom")

FIRST_PAGE = Path("notebooks", "00_start_here.ipynb")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code. `arguments` are those after `course`."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that can't print ✓ shows a question mark instead of failing
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        chosen = _parser().parse_args(arguments)
        return chosen.run(chosen)
    except CourseError as error:
        for problem in getattr(error, "problems", None) or [error]:
            print(f"course: {problem}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("course: stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `course progress | head`: the reader has seen enough
        _forget_output()
        return NOT_DONE
    except OSError as error:
        what = f"{error.strerror or error} ({error.filename})" if error.filename else error.strerror or error
        print(f"course: The system refuses: {what}; check the path and its permissions.", file=sys.stderr)
        return REFUSED


def _forget_output() -> None:
    """Let Python's own last flush go nowhere, or it would complain about the closed pipe once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# --- the commands --------------------------------------------------------------------------------


def lab(chosen) -> int:
    """Become JupyterLab, on the first page."""
    course = course_folder()
    command = lab_command(course, browser=not chosen.no_browser, port=chosen.port)
    if chosen.print:
        print(shlex.join(command))
        return DONE
    sys.stdout.flush()
    os.chdir(course)
    if os.name == "nt":  # there, exec returns to the shell at once and loses the quotes around spaces
        return subprocess.call(command)
    os.execv(command[0], command)


def lab_command(course: Path, *, browser: bool = True, port: int | None = None) -> list[str]:
    """What starts JupyterLab in the course's folder, without its questions about news and updates."""
    return [
        sys.executable, "-m", "jupyterlab", str(course / FIRST_PAGE), f"--ServerApp.root_dir={course}",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *([] if browser else ["--no-browser"]),
        *([] if port is None else [f"--port={port}"]),
        # In a container, everybody is root; JupyterLab would refuse to start there without being told.
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]


def check(chosen) -> int:
    """Run exercises and tell how far they are; 1 unless all their tasks are done."""
    from course_lib.grading.authoring.classroom_report import classroom_notices, write_summary
    from course_lib.grading.running.checking import check_notebook, summary

    all_done = True
    for path in [find_notebook(name) for name in chosen.notebook]:  # all are found before the first one runs
        reports = check_notebook(path, cell_timeout=chosen.cell_timeout)
        print(path)
        for report in reports:
            print(report.text)
        print(summary(reports))
        if chosen.classroom:
            print(classroom_notices(reports))
            write_summary(path, reports)
        all_done &= all(report.done for report in reports)
    return DONE if all_done else NOT_DONE


def progress(chosen) -> int:
    """Tell how far the saved exercises are, without running them."""
    from course_lib.grading.cells.checks import verdict_on
    from course_lib.grading.cells.references import find_reference
    from course_lib.show import read_progress
    from course_lib.show.progress_report import progress_table

    folder = chosen.exercises or course_folder(marker=Path("exercises")) / "exercises"
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}; name the one that holds your exercises with --exercises.")
    os.listdir(folder)  # raises if the folder can't be read, where a search for notebooks would just find none

    def passed(result: dict) -> list[bool]:
        """Judged anew: the references may have changed since the notebook was saved."""
        try:
            return [one.passed for one in verdict_on(result, find_reference(result["task"])).results]
        except (KeyError, TypeError, AttributeError):
            return [False]

    print(progress_table(read_progress(folder, judge=passed)))
    print("This counts checks that were run and saved in JupyterLab; `course check` runs them without saving.")
    return DONE


def serve(chosen) -> int:
    """Serve the simulated API over HTTP until Ctrl-C."""
    from course_lib.claude.server import serve_forever

    serve_forever(chosen.port, chosen.speed)
    return DONE


def build(chosen) -> int:
    """Execute the solutions and write what follows from them; 1 for --check if anything is stale, for --shelf if a wrong answer
    does not get what it should.
    """
    from course_lib.grading.authoring.build import build as build_course
    from course_lib.grading.authoring.build import report_changes
    from course_lib.grading.cells.references import references_folder

    if chosen.new:
        return _begin_exercise(chosen.new)
    course = course_folder(marker=Path("solutions"))
    changes = build_course(
        _from_here(course / "solutions"), _from_here(course / "exercises"), _from_here(references_folder()),
        notebooks=_from_here(course / "notebooks"), only=chosen.notebook, check=chosen.check,
        warn=lambda warning: print(f"course: warning: {warning}", file=sys.stderr),
    )
    report_changes(changes, check=chosen.check)
    if chosen.check and changes:
        return NOT_DONE
    return _check_shelf(chosen.shelf, course / "solutions", chosen.notebook) if chosen.shelf is not None else DONE


def _check_shelf(folder: str, solutions: Path, names: Sequence[str]) -> int:
    """Tell which wrong answers do not get what they should; `folder` is "" for those in the solution notebooks."""
    from course_lib.grading.authoring.build import chosen_solutions
    from course_lib.grading.authoring.shelf import check_folder_shelf, check_notebook_shelves

    if folder:
        number, differences = check_folder_shelf(Path(folder), solutions)
    else:
        number, differences = check_notebook_shelves(chosen_solutions(solutions, names))
    for difference in differences:
        print(difference)
    if not differences:
        print(f"The shelf is as expected: {number} {'submission' if number == 1 else 'submissions'}.")
    return NOT_DONE if differences else DONE


def new_exercise(chosen) -> int:
    """Write a solution notebook to start from."""
    return _begin_exercise(chosen.name)


def _begin_exercise(name: str) -> int:
    from course_lib.grading.authoring.new_exercise import new_exercise as write_skeleton

    course = course_folder(marker=Path("solutions"))
    path = _from_here(write_skeleton(name, course / "solutions"))
    print(f"wrote: {path}\nIt explains itself: open it, make it yours, and run `course build {path.stem}`.")
    return DONE


def classroom(chosen) -> int:
    """Write the repository of one exercise for GitHub Classroom."""
    from course_lib.grading.authoring.classroom import write_classroom

    for path in write_classroom(find_notebook(chosen.exercise), chosen.out):
        print(f"wrote: {path}")
    print(
        "Push this folder to GitHub as a template repository, choose it as the assignment's starter code, and let its own "
        "workflow be the autograding. Grade the students' clones with `course grade CLONES --out REPORT`, hidden checks included."
    )
    return DONE


def grade(chosen) -> int:
    """Grade a folder of submissions; 1 if one of them could not be graded."""
    from course_lib.grading.running.grade import grade as grade_submissions

    report = grade_submissions(
        chosen.submissions,
        chosen.out,
        solutions=chosen.solutions,
        cell_timeout=chosen.cell_timeout,
        submission_timeout=chosen.submission_timeout,
        jobs=chosen.jobs,
        kernels=chosen.kernels,
        resume=not chosen.no_resume,
        cluster=chosen.cluster,
        progress=not chosen.quiet,
    )
    if not chosen.quiet:
        print(report.summary)
    return DONE if all(mark.status == "graded" for mark in report.marks) else NOT_DONE


# --- finding things ------------------------------------------------------------------------------


def course_folder(start: Path | None = None, *, marker: Path = FIRST_PAGE) -> Path:
    """The folder that holds the course: here, or the nearest one above, or where the package was installed from.

    Raises: CourseError when none of them holds `marker`.
    """
    here = (start or Path.cwd()).resolve()
    package_home = Path(course_lib.__file__).resolve().parents[1]
    for folder in (here, *here.parents, package_home):
        if (folder / marker).exists():
            return folder
    raise CourseError(
        f"Neither {here} nor a folder above it holds {marker}; change to the course's folder, the one with its "
        f"{marker.parts[0]}, and try again."
    )


def find_notebook(name: str) -> Path:
    """The notebook of this path, or the exercise of this name: `03_voting`, or just `03`.

    Raises: BadInput for an unknown one; it names the nearest.
    """
    path = Path(name)
    if path.exists() or len(path.parts) > 1:
        return path  # whatever is wrong with a path, its reader says best
    exercises = course_folder(marker=Path("exercises")) / "exercises"
    stem = name.removesuffix(".ipynb")
    known = {path.stem: path for path in sorted(exercises.glob("*.ipynb"))}
    found = [known[one] for one in known if stem in (one, one.partition("_")[0])]
    if found:
        return _from_here(found[0])
    near = difflib.get_close_matches(stem, known, n=1, cutoff=0.3)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known) or 'none: the folder is empty'}."
    raise BadInput(f"There is no exercise {name!r}; {hint}")


def _from_here(path: Path) -> Path:
    """The path as short as people write it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve())
    except ValueError:
        return path


# --- arguments -----------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """argparse with this command's errors: one sentence, the nearest word, exit code 2."""

    def error(self, message):
        unknown = re.search(r"argument COMMAND: invalid choice: '([^']*)'", message)
        if unknown:
            near = difflib.get_close_matches(unknown[1], COMMANDS, n=1, cutoff=0.4)
            hint = f"did you mean `course {near[0]}`?" if near else f"choose one of {', '.join(COMMANDS)}."
            raise BadInput(f"There is no command {unknown[1]!r}; {hint}")
        raise BadInput(f"{message[:1].upper()}{message[1:]}; `{self.prog} --help` shows how it is written.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="course",
        description="Learn parallelization with LLMs, offline: open the course, check exercises, write them, grade a class.",
        epilog="Start here: course lab",
    )
    parser.add_argument("--version", action="version", version=f"course {course_lib.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, run: Callable, summary: str, example: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".",
                                      epilog=f"Example: {example}")  # fmt: skip
        command.set_defaults(run=run)
        return command

    cell_timeout = {"type": _seconds, "default": 10.0, "metavar": "S", "help": "real seconds for one cell (10)"}

    command = add("lab", lab, "open JupyterLab on the course's first page", "course lab --no-browser --port 8889")
    command.add_argument("--no-browser", action="store_true", help="start the server, open no browser")
    command.add_argument("--port", type=_port, help="the server's port; by default the first free one from 8888 on")
    command.add_argument("--print", action="store_true", help="show the command that would be run, and run nothing")

    command = add("check", check, "run an exercise notebook and tell, task by task, what is done",
                  "course check exercises/01_many_calls_at_once.ipynb")  # fmt: skip
    command.add_argument("notebook", nargs="+", metavar="NOTEBOOK", help="a path, or an exercise's name or number")
    command.add_argument("--cell-timeout", **cell_timeout)
    command.add_argument("--classroom", action="store_true", help="also tell the points to GitHub, inside one of its workflows")

    command = add("progress", progress, "show how far your saved exercises are", "course progress --exercises my_work")
    command.add_argument("--exercises", type=Path, metavar="FOLDER", help="the folder of exercises; by default the course's")

    command = add("serve", serve, "serve the simulated API over HTTP on this machine, for programs in any language",
                  "course serve --port 8000 --speed 60")  # fmt: skip
    command.add_argument("--port", type=_port, default=8000, help="where it listens (8000)")
    command.add_argument("--speed", type=_speed, default=1.0, metavar="F", help="how many times as fast as real time (1)")

    command = add("grade", grade, "grade a folder or zip of submissions with nbval", "course grade submissions --out report")
    command.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="holds <student>/<exercise>.ipynb")
    command.add_argument("--out", type=Path, required=True, metavar="REPORT", help="the folder for grades and feedback")
    command.add_argument("--solutions", type=Path, metavar="FOLDER", help="the executed solutions; by default the course's")
    command.add_argument("--cell-timeout", **cell_timeout)
    command.add_argument("--submission-timeout", type=_seconds, default=120.0, metavar="S",
                         help="real seconds for one submission (120)")  # fmt: skip
    command.add_argument("-n", "--jobs", type=_jobs, default=1, metavar="N", help="how many submissions at once (1)")
    command.add_argument("--kernels", choices=("auto", "fork", "cold"), default="auto",
                         help="how kernels are started: forked on Linux, cold elsewhere (auto); changes no mark")  # fmt: skip
    command.add_argument("--no-resume", action="store_true", help="grade everything anew, also what REPORT has already")
    command.add_argument("--cluster", metavar="ADDRESS", help="let the workers of this Dask scheduler grade, such as "
                         "tcp://10.0.0.7:8786 (needs the extra `cluster`)")  # fmt: skip
    command.add_argument("--quiet", action="store_true", help="say nothing but errors")

    command = add("build", build, "execute solutions and chapters, and generate the exercises", "course build 01 --check")
    command.add_argument("notebook", nargs="*", metavar="NOTEBOOK", help="names or paths; by default all")
    command.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file is stale")
    command.add_argument("--shelf", nargs="?", const="", metavar="FOLDER",
                         help="afterwards grade the wrong answers in the solutions, or the submissions in FOLDER with their "
                         "expected_marks.json; exit code 1 unless each gets its marks and its message")  # fmt: skip
    command.add_argument("--new", metavar="NAME", help="write a new exercise to start from, and build nothing")

    command = add("new-exercise", new_exercise, "write a solution notebook that works and explains how to write exercises",
                  "course new-exercise 07_pipelines")  # fmt: skip
    command.add_argument("name", metavar="NAME", help="two digits and words, such as 07_pipelines")

    command = add("classroom", classroom, "write a repository of one exercise, ready for GitHub Classroom",
                  "course classroom 01 assignment")  # fmt: skip
    command.add_argument("exercise", metavar="NOTEBOOK", help="an exercise's path, name or number")
    command.add_argument("out", type=Path, metavar="OUT", help="the new folder")
    return parser


def _number(kind: type, wanted: str, below: float = math.inf) -> Callable[[str], float]:
    """What reads an argument that is a number above 0."""

    def read(text: str):
        try:
            number = kind(text)
        except ValueError:
            number = 0
        if not 0 < number < below:
            raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
        return number

    return read


_seconds = _number(float, "seconds above 0, such as 10")
_speed = _number(float, "a speed above 0, such as 60")
_port = _number(int, "a port from 1 to 65535, such as 8889", below=65536)
_jobs = _number(int, "a number of submissions, such as 2", below=1000)


if __name__ == "__main__":
    sys.exit(main())

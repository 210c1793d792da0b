"""A new exercise to start from: a solution notebook that works, and tells its author how it works.

Three tasks show the three patterns of the course: a function to write, a bug to find, a decision to justify. Cells with the tag
`solution-only` explain; `course build` leaves them out of what learners get.
"""

# ruff: noqa: E501 (most of this is pages, which wrap by themselves)

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from course_lib.errors import BadInput
from course_lib.grading.authoring.shelf import WRONG_ANSWER
from course_lib.grading.cells.marks import write_whole
from course_lib.grading.cells.notebooks import notebook_text

_NAME = re.compile(r"(\d\d)_([a-z0-9]+(?:_[a-z0-9]+)*)")

INTRODUCTION = """# Exercise {number} · {title}

You practise what chapter {number} shows: say in one sentence what for. Three tasks, about 20 minutes.

Write your answer in place of `raise NotImplementedError(...)`, run the cell, then run the folded check below it. Claude is simulated: a call of three seconds takes no time, and nothing costs money.

| task | points |
|---|---|
| {number}.1 All notes at once | 6 |
| {number}.2 Bug clinic | 5 |
| {number}.3 Decide, and say why | 4 |
| total | 15 |"""

GUIDE = """> **For authors.** This is the solution notebook, the only source of an exercise. `course build {number}` runs it and writes the exercise and its references; it says in sentences what is missing. Cells with the tag `solution-only`, such as this one, stay here. Change everything below to your own, and delete these notes when you no longer need them.

**What a cell is for** is said by its tags; the task's number stands in its metadata (JupyterLab: the gears at the right, "Cell metadata"):

| cell | tags | metadata |
|---|---|---|
| answer: what learners write | `answer` | `"course": {{"task": "{number}.1", "title": "All notes at once"}}` |
| check, which learners run | `check` | `"course": {{"task": "{number}.1"}}` |
| hidden check, for grading only | `check`, `hidden` | the same; `hidden=True` in its call as well |
| wrong answer, a raw cell | `solution-only`, `wrong-answer` | the same |
| anything for authors only | `solution-only` | |
| all others | | they are part of the page |

**What every task needs**, or the build refuses it: a heading `## Task {number}.1 · …`; a line `difficulty 1/5 · importance 5/5 · 5 minutes`; an answer cell; a visible check with a hint and a message for a foreseen mistake (`when`); a hidden check; a walk-through. Give hints in steps: `<details>` folds them.

**Points** are those of the cases. A table with a column "points", as above, is optional; if there is one, it has to be right."""

MATERIAL = """import asyncio

from course_lib import connect, run_parallel
from course_lib.grading import case, check, observe

claude = connect()

notes = [
    "The bakery opens at 6 and sells 80 loaves.",
    "The ferry leaves every 40 minutes.",
    "The library lends 12 ukuleles.",
    "The market needs 30 stalls.",
]


def question(note):
    \"\"\"The prompt that asks for a summary of one note.\"\"\"
    return f"Summarize this note in one sentence. <note>{note}</note>\""""

FIRST = """## Task {number}.1 · All notes at once

difficulty 1/5 · importance 5/5 · 5 minutes

Ask about **all notes at once**, and return the summaries **in the order of the notes**."""

FIRST_ANSWER = '''async def read_notes(ask, notes):
    """The summary of every note, in the order of the notes; all calls run at once."""
    # >>> solution
    return await asyncio.gather(*(ask(question(note)) for note in notes))
    # <<< solution'''

ANSWER_GUIDE = """> **The answer cell** holds the solution. What stands between `# >>> solution` and `# <<< solution` becomes `raise NotImplementedError("task {number}.1")`; the signature, the docstring and the rest stay. A function can be graded on any input, so let learners write functions."""

FIRST_CHECK = '''def reading(want):
    return observe(read_notes, notes, seconds_per_call=3.0, want=want)


await check(
    "{number}.1",
    case("seconds for four notes of 3 s", lambda: reading("seconds"), points=2,
         hint="Start every call before you await the first answer.",
         when={{12.0: "12 s is the time of four calls one after another."}}),
    case("calls on the wire at the same moment", lambda: reading("peak_in_flight"),
         when={{1: "Never more than one call was on its way.", 0: "No call went through the `ask` that was given."}}),
    case("no notes at all", lambda: observe(read_notes, [], want="answer")),
)'''

CHECK_GUIDE = """> **The check** computes a value per case; the build stores the values of your solution, and a learner's values are compared with them outside the learner's reach. So a check asserts nothing.
>
> `case(name, lambda: value, points=1, hint="…", when={{wrong value: "what it means"}})`. The `lambda` keeps a failure inside its case. Instead of equality: `at_most=10`, `at_least=3`, `near=(2.5, 0.1)`. The hint is shown with every failure; `when` with the one wrong value that it names, so it can say exactly what went wrong. Wrong values that are lists or dictionaries: `when=[(value, "what it means"), …]`.
>
> `observe(function, *args, want="seconds")` calls the function with an `ask` of its own and tells what the API's log says: `seconds`, `calls`, `peak_in_flight`, `prompts`, `replies`, `cancelled`, `input_tokens`, `output_tokens`; also `answer` and `error`. Options: `seconds_per_call=3.0` or a function of the prompt, `seed`, `limits`, `faults`. **Give a figure from the log as it is**, or in a list: a grader then reads it in its own log, and no answer can forge it. After `round(...)` or a sum it has to believe the kernel, and the build warns you."""

FIRST_HINTS = """<details><summary>Hint</summary>

`asyncio.gather(a, b, c)` starts them all and waits for the last one. Put a `*` before a list of arguments.

</details>

<details><summary>Solution walk-through</summary>

One expression makes a coroutine per note, none of them started. `gather` starts them in the same moment, so the whole takes as long as the slowest call, and it keeps the order of the notes.

</details>"""

FIRST_HIDDEN = '''await check(
    "{number}.1",
    case("two notes of unequal length",
         lambda: observe(read_notes, notes[1:3], seconds_per_call=lambda prompt: 5.0 if "ferry" in prompt else 2.0, want="seconds"),
         hint="Whatever the calls take, nobody waits for a sum.", when={{7.0: "These calls ran one after another."}}),
    case("as many calls as notes", lambda: observe(read_notes, notes * 3, want="calls")),
    hidden=True,
)'''

HIDDEN_GUIDE = """> **The hidden check** tries other inputs and is never handed out: it tells an answer that understood the task from one that was written for the visible cases. Students read its hints and messages in their feedback, never its cases, so let them not give it away."""

FIRST_WRONG = """# says: 12 s is the time of four calls one after another.
# says: Never more than one call was on its way.
# points: 2
async def read_notes(ask, notes):
    return [await ask(question(note)) for note in notes]"""

WRONG_GUIDE = """> **The shelf of wrong answers.** The raw cell above is a mistake that people make. `# says: ` are the words that it has to hear, `# points: ` (optional) what it still earns. `course build {number} --shelf` grades all of them and tells which message is not heard. Write one for every message that you foresee: a message that nobody can get is a message that nobody has tried."""

SECOND = """## Task {number}.2 · Bug clinic: the labels that moved

difficulty 2/5 · importance 4/5 · 8 minutes

This function is quick, and its answers belong to the wrong notes as soon as one call is slow. Repair it and keep the speed."""

SECOND_ANSWER = '''async def labelled_notes(ask, notes):
    """A pair (note, answer) for every note, in the order of the notes; all calls run at once."""
    # >>> solution
    answers = await run_parallel(lambda note: ask(question(note)), notes)
    return list(zip(notes, answers))
    # <<< solution
    # >>> exercise
    # answers = []
    # for call in asyncio.as_completed([ask(question(note)) for note in notes]):
    #     answers.append(await call)
    # return list(zip(notes, answers))
    # <<< exercise'''

CLINIC_GUIDE = """> **Bug clinic.** The lines between `# >>> exercise` and `# <<< exercise`, each behind `# `, are what learners start from: code that runs and is wrong. The block stands right below the solution's."""

SECOND_CHECK = '''def echoing(function):
    """`function`, given an `ask` that really calls and then answers with the note in the prompt: mix-ups are easy to see."""
    async def run(ask, notes):
        async def echo(prompt):
            await ask(prompt)
            return next(note for note in notes if note in prompt)
        return await function(echo, notes)
    return run


def bakery_is_slow(prompt):
    return 9.0 if "bakery" in prompt else 3.0


def mixed_up(notes):
    return [note.split()[1] for note, answer in observe(echoing(labelled_notes), notes, seconds_per_call=bakery_is_slow, want="answer")
            if note != answer]


await check(
    "{number}.2",
    case("notes with the answer to another, when the bakery is slow", lambda: mixed_up(notes), points=2,
         hint="Which call belongs to which note, once they have finished?",
         when=[(["bakery", "ferry", "library", "market"], "Every pair is wrong: answers stand in the order in which they finished.")]),
    case("seconds, still all at once", lambda: observe(labelled_notes, notes, seconds_per_call=3.0, want="seconds"),
         when={{12.0: "The order is right now, and the speed is gone: 12 s is four calls one after another."}}),
)'''

SECOND_HINTS = """<details><summary>Hint</summary>

`as_completed` gives the quickest call first. What gives answers in the order in which it got the calls?

</details>

<details><summary>Solution walk-through</summary>

`run_parallel` writes each answer to the place of its item, whichever finishes first. With `as_completed` one has to carry the note along with its call.

</details>"""

SECOND_HIDDEN = '''await check(
    "{number}.2",
    case("another note is slow", lambda: mixed_up(notes[::-1]), points=2, hint="Any call can be the slowest."),
    hidden=True,
)'''

SECOND_WRONG = """# says: The order is right now, and the speed is gone
# points: 4
async def labelled_notes(ask, notes):
    return [(note, await ask(question(note))) for note in notes]"""

THIRD = """## Task {number}.3 · Decide, and say why

difficulty 2/5 · importance 5/5 · 7 minutes

Decide `"parallel"` or `"one after another"`, and give the letter of the reason.

| workflow | what is to be done |
|---|---|
| `menu` | Twelve dishes need a description each, and the printer is waiting. |
| `saga` | Four chapters; each goes on from the last sentence of the one before. |

| | reason |
|---|---|
| A | **independence**: no call needs another's answer |
| B | **dependence**: a call needs the answer of an earlier one |"""

THIRD_ANSWER = """# Replace each ... by a pair such as ("parallel", "A").
# >>> solution
decisions = {
    "menu": ("parallel", "A"),
    "saga": ("one after another", "B"),
}
# <<< solution
# >>> exercise
# decisions = {
#     "menu": ...,
#     "saga": ...,
# }
# <<< exercise"""

DECISION_GUIDE = """> **Design decision.** An answer can be a value. Start it with `...` in an exercise block: a value that still holds `...` counts as not attempted. Do not compare the decision itself, because the stored answer would stand in the learner's own installation; compute what speaks against it, and let `when` explain."""

THIRD_CHECK = '''def objection(name, wrong):
    """What speaks against a decision: "nothing", "the decision" or "the reason"."""
    if decisions[name] is ...:
        return ...
    decision, reason = decisions[name]
    return "the decision" if decision == wrong else "the reason" if (decision == "parallel") != (reason == "A") else "nothing"


await check(
    "{number}.3",
    case("menu: what speaks against it", lambda: objection("menu", "one after another"),
         hint="Could this call start now, without any other call's answer?",
         when={{"the decision": "No dish needs another dish's description.", "the reason": "Parallel is right. What allows it?"}}),
    case("saga: what speaks against it", lambda: objection("saga", "parallel"),
         when={{"the decision": "Chapter 2 goes on from a sentence that nobody has written yet.",
               "the reason": "One after another is right. What does each chapter need?"}}),
)'''

THIRD_HINTS = """<details><summary>Hint</summary>

Imagine that all calls start in the same moment. Which of them would not know what to write?

</details>

<details><summary>Solution walk-through</summary>

The dishes know nothing of each other: parallel. Every chapter of the saga needs the end of the one before: one after another, however long it takes.

</details>"""

THIRD_HIDDEN = '''await check(
    "{number}.3",
    case("both", lambda: decisions, points=2, hint="A pair of a decision and a letter for each workflow."),
    hidden=True,
)'''

THIRD_WRONG = """# says: Chapter 2 goes on from a sentence that nobody has written yet.
decisions = {"menu": ("parallel", "A"), "saga": ("parallel", "A")}"""

ENDING = """## What you can now do

- say in a line per task what learners take along"""


def new_exercise(name: str, solutions: Path) -> Path:
    """Write a solution notebook to start from, `<name>.ipynb` in the folder of solutions; returns its path.

    name: number and words, such as "07_pipelines"; its tasks are 7.1 to 7.3.

    Raises: BadInput for another kind of name, or a number that is taken.
    """
    found = _NAME.fullmatch(name.removesuffix(".ipynb"))
    if found is None:
        raise BadInput(f"An exercise can't be called {name!r}; write two digits and words in small letters, such as 07_pipelines.")
    taken = sorted(path.name for path in solutions.glob(f"{found[1]}_*.ipynb"))
    if taken:
        raise BadInput(f"The number {found[1]} is taken by {solutions / taken[0]}; choose another one.")
    path = solutions / f"{found[0]}.ipynb"
    write_whole(path, notebook_text(skeleton(int(found[1]), found[2].replace("_", " ").capitalize())))
    return path


def skeleton(number: int, title: str) -> NotebookNode:
    """The notebook, not executed yet."""
    first, second, third = (f"{number}.{place}" for place in (1, 2, 3))

    def filled(text: str) -> str:
        return text.format(number=number, title=title)

    def note(text: str) -> NotebookNode:
        return new_markdown_cell(filled(text), metadata={"tags": ["solution-only"]})

    def answer(source: str, task: str, called: str) -> NotebookNode:
        return new_code_cell(source, metadata={"tags": ["answer"], "course": {"task": task, "title": called}})

    def check(source: str, task: str) -> NotebookNode:
        metadata = {"tags": ["check"], "course": {"task": task}, "jupyter": {"source_hidden": True}}
        return new_code_cell(filled(source), metadata=metadata)

    def hidden(source: str, task: str) -> NotebookNode:
        return new_code_cell(filled(source), metadata={"tags": ["check", "hidden"], "course": {"task": task}})

    def wrong(source: str, task: str) -> NotebookNode:
        return new_raw_cell(source, metadata={"tags": ["solution-only", WRONG_ANSWER], "course": {"task": task}})

    cells = [
        new_markdown_cell(filled(INTRODUCTION)), note(GUIDE), new_code_cell(MATERIAL),
        new_markdown_cell(filled(FIRST)), note(ANSWER_GUIDE), answer(FIRST_ANSWER, first, "All notes at once"),
        note(CHECK_GUIDE), check(FIRST_CHECK, first), new_markdown_cell(FIRST_HINTS),
        note(HIDDEN_GUIDE), hidden(FIRST_HIDDEN, first), wrong(FIRST_WRONG, first), note(WRONG_GUIDE),
        new_markdown_cell(filled(SECOND)), note(CLINIC_GUIDE), answer(SECOND_ANSWER, second, "Bug clinic: the labels that moved"),
        check(SECOND_CHECK, second), new_markdown_cell(SECOND_HINTS), hidden(SECOND_HIDDEN, second), wrong(SECOND_WRONG, second),
        new_markdown_cell(filled(THIRD)), note(DECISION_GUIDE), answer(THIRD_ANSWER, third, "Decide, and say why"),
        check(THIRD_CHECK, third), new_markdown_cell(THIRD_HINTS), hidden(THIRD_HIDDEN, third), wrong(THIRD_WRONG, third),
        new_markdown_cell(ENDING),
    ]  # fmt: skip
    for place, cell in enumerate(cells):
        cell.id = f"exercise-{number}-{place}"
    return new_notebook(cells=cells)

"""Every committed notebook is complete: executed, without leftovers, readable by anybody, linked to its neighbours."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from tests.house.course_files import CHAPTERS, WITH_EXERCISES, named, notebooks_in, read_notebook

LESSONS = notebooks_in("notebooks")
SOLUTIONS = notebooks_in("solutions")
EXERCISES = notebooks_in("exercises")
EXECUTED = LESSONS + SOLUTIONS
ALL = EXECUTED + EXERCISES

MOST_LINES = 25
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


def code_cells(notebook):
    """The code cells that hold something."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def text_of(notebook) -> str:
    """All Markdown cells, in order."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def code_lines(source: str) -> int:
    """Lines that are neither blank nor only a comment.

    >>> code_lines("a = 1\\n\\n# why\\nb = 2  # two")
    2
    """
    return sum(1 for line in source.splitlines() if line.strip() and not line.strip().startswith("#"))


# --- the set ---------------------------------------------------------------------------------------


def test_the_chapters_and_their_exercises_are_there():
    assert [path.stem for path in LESSONS] == CHAPTERS
    assert [path.stem for path in SOLUTIONS] == WITH_EXERCISES
    assert [path.stem for path in EXERCISES] == WITH_EXERCISES


# --- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXECUTED, ids=named)
def test_every_code_cell_was_executed_in_order(path):
    """nbval compares nothing where `execution_count` is null: a stripped notebook would pass whatever it says."""
    counts = [cell.execution_count for cell in code_cells(read_notebook(path))]
    assert counts == list(range(1, len(counts) + 1))
    assert counts


@pytest.mark.parametrize("path", EXECUTED, ids=named)
def test_errors_are_planned(path):
    unplanned = [
        f"{cell.id}: {output.ename}"
        for cell in code_cells(read_notebook(path))
        for output in cell.outputs
        if output.output_type == "error" and "raises-exception" not in tags(cell)
    ]
    assert unplanned == []


@pytest.mark.parametrize("path", EXECUTED, ids=named)
def test_planned_errors_happen(path):
    quiet = [
        cell.id
        for cell in code_cells(read_notebook(path))
        if "raises-exception" in tags(cell) and not any(output.output_type == "error" for output in cell.outputs)
    ]
    assert quiet == []


@pytest.mark.parametrize("path", EXERCISES, ids=named)
def test_exercises_are_handed_out_clean(path):
    for cell in code_cells(read_notebook(path)):
        assert cell.outputs == [], cell.id
        assert cell.execution_count is None, cell.id


@pytest.mark.parametrize("path", ALL, ids=named)
def test_the_file_holds_nothing_of_one_machine(path):
    notebook = read_notebook(path)
    assert notebook.nbformat == 4
    assert notebook.nbformat_minor >= 5
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}, "no widget state, no editor's leftovers"
    assert notebook.metadata.language_info.name == "python"
    assert "version" not in notebook.metadata.language_info
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "course", "jupyter"}, (cell.id, "no timings, no editor's leftovers")


@pytest.mark.parametrize("path", ALL, ids=named)
def test_cell_ids_are_unique_and_speak(path):
    """Answers are found by their cells' ids, so an id must survive and mean something to whoever reads a report."""
    raw = json.loads(path.read_text("utf-8"))
    ids = [cell.get("id") for cell in raw["cells"]]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    random = [one for one in ids if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]+)?", one)]
    assert random == []


@pytest.mark.parametrize("path", ALL, ids=named)
def test_the_file_is_written_as_nbformat_writes_it(path):
    """So that a person who saves it in JupyterLab changes no line that they didn't change."""
    text = path.read_text("utf-8")
    assert text == nbformat.writes(nbformat.reads(text, as_version=4)).rstrip("\n") + "\n"


@pytest.mark.parametrize("path", EXECUTED, ids=named)
def test_no_output_holds_an_address_or_somebodys_folder(path):
    for cell in code_cells(read_notebook(path)):
        for output in cell.outputs:
            words = json.dumps({name: value for name, value in output.get("data", {}).items() if "image" not in name})
            words += output.get("text", "") + "".join(output.get("traceback", []))
            assert not re.search(r"\b0x[0-9a-f]{6,}|/(?:home|Users|root|tmp|site-packages)/", words), cell.id


# --- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXECUTED, ids=named)
def test_every_picture_is_followed_by_its_description(path):
    """A picture in an output has no alternative text: the sentence printed under it is what a screen reader reads."""
    for cell in code_cells(read_notebook(path)):
        for number, output in enumerate(cell.outputs):
            if not any(name.startswith("image/") for name in output.get("data", {})):
                continue
            following = cell.outputs[number + 1 : number + 2]
            assert following, f"{cell.id}: nothing follows the picture"
            assert following[0].output_type == "stream", cell.id
            assert len(following[0].text.split()) >= 3, cell.id
            assert "<Figure" not in output.data.get("text/plain", ""), f"{cell.id}: a bare matplotlib figure"


@pytest.mark.parametrize("path", ALL, ids=named)
def test_pictures_in_the_text_say_what_they_show(path):
    for is_picture, words, target in LINK.findall(text_of(read_notebook(path))):
        assert not is_picture or len(words) > 10, target


@pytest.mark.parametrize("path", LESSONS, ids=named)
def test_cells_are_short(path):
    """One idea per cell: a cell that doesn't fit is two cells, or a function of the library."""
    counts = {cell.id: code_lines(cell.source) for cell in code_cells(read_notebook(path))}
    assert {cell: lines for cell, lines in counts.items() if lines > MOST_LINES} == {}
    assert sorted(counts.values())[len(counts) // 2] <= 5, "half of the cells should have five lines or fewer"


@pytest.mark.parametrize("path", LESSONS, ids=named)
def test_a_chapter_opens_with_objectives_minutes_and_prerequisites(path):
    cells = read_notebook(path).cells
    assert re.match(r"# (?:\d+ · )?\S", cells[0].source)
    opening = "\n".join(cell.source for cell in cells[:3] if cell.cell_type == "markdown").lower()
    assert re.search(r"you can|you will", opening)
    assert re.search(r"\d+ minutes", opening)
    assert re.search(r"you need|prerequisites", opening)
    assert opening.count("\n- ") >= 3


@pytest.mark.parametrize("path", LESSONS, ids=named)
def test_a_chapter_ends_with_takeaways_quiz_exercises_and_the_next_chapter(path):
    notebook = read_notebook(path)
    ending = "\n".join(cell.source for cell in notebook.cells[-8:])
    assert re.search(r"^## Key takeaways", ending, re.MULTILINE)
    assert "show.quiz(" in ending
    own = path.name if path.stem in WITH_EXERCISES else f"{WITH_EXERCISES[0]}.ipynb"
    assert f"(../exercises/{own})" in ending
    number = int(path.stem[:2])
    assert re.search(rf"\*\*Next chapter:?\*\*.*\({number + 1:02d}_\w+\.ipynb\)|Next chapter.*", ending)
    for chapter in CHAPTERS:
        if int(chapter[:2]) == number + 1:
            assert f"({chapter}.ipynb)" in ending


@pytest.mark.parametrize("path", ALL, ids=named)
def test_links_lead_somewhere(path):
    missing = []
    for _, _, target in LINK.findall(text_of(read_notebook(path))):
        place = target.partition("#")[0]
        if place and not re.match(r"[a-z]+:", place) and not (path.parent / place).exists():
            missing.append(target)
    assert missing == []


@pytest.mark.parametrize("path", ALL, ids=named)
def test_folds_open_in_every_viewer(path):
    """`<details>` shows Markdown inside only if blank lines surround it."""
    for cell in read_notebook(path).cells:
        if cell.cell_type != "markdown" or "<details>" not in cell.source:
            continue
        assert cell.source.count("<details>") == cell.source.count("</details>"), cell.id
        assert not re.search(r"</summary>\n?[^\n]", cell.source), cell.id
        assert not re.search(r"[^\n]\n?</details>", cell.source), cell.id


@pytest.mark.parametrize("path", ALL, ids=named)
def test_markdown_is_plain_enough_for_jupyterlab(path):
    words = text_of(read_notebook(path))
    assert not re.search(r"^> \[!|^:::|^```\{", words, re.MULTILINE), "JupyterLab shows these as raw text"


# --- the exercises ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOLUTIONS, ids=named)
def test_every_task_says_its_difficulty_importance_and_minutes(path):
    notebook = read_notebook(path)
    tasks = [cell.metadata.course.task for cell in notebook.cells if "answer" in tags(cell)]
    assert 3 <= len(set(tasks)) <= 6
    words = text_of(notebook)
    for task in tasks:
        goal = re.search(rf"^## Task {re.escape(task)} · .*\n\n(.*)$", words, re.MULTILINE)
        assert goal, task
        assert re.search(r"difficulty [1-5]/5 · importance [1-5]/5 · \d+ minutes", goal.group(1)), task


@pytest.mark.parametrize("path", EXERCISES, ids=named)
def test_no_exercise_gives_its_answer_away(path):
    """Nothing between the solution's marks stands in the exercise."""
    solution = read_notebook(Path(str(path).replace("exercises", "solutions")))
    exercise = read_notebook(path)
    assert ">>> solution" not in path.read_text("utf-8")
    assert not any({"hidden", "solution-only"} & set(tags(cell)) for cell in exercise.cells)
    handed_out = {cell.id: cell.source for cell in exercise.cells}
    for cell in solution.cells:
        if "answer" in tags(cell):
            assert "NotImplementedError" in handed_out[cell.id] or "# >>> exercise" in cell.source, cell.id

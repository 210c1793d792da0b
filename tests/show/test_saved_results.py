"""Progress: what the saved checks say, task by task; what can't be read is said, not raised."""

import json

from course_lib.show import progress, read_progress
from course_lib.show.saved_results import CHECK_RESULT, TaskProgress


def answer(task, title):
    return {"cell_type": "code", "metadata": {"tags": ["answer"], "course": {"task": task, "title": title}}, "outputs": []}


def check(task, *passed, tags=("check",)):
    result = {"task": task, "cases": [{"name": str(i), "status": "value", "passed": one} for i, one in enumerate(passed)]}
    outputs = [{"output_type": "display_data", "data": {CHECK_RESULT: result, "text/plain": "…"}}] if passed else []
    return {"cell_type": "code", "metadata": {"tags": list(tags), "course": {"task": task}}, "outputs": outputs}


def save(folder, name, *cells):
    (folder / name).write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")


def test_solved_partly_and_not_yet(tmp_path):
    tasks = [("Warm up", (True, True)), ("Bound it", (True, False)), ("Explain", (False,)), ("Later", ())]
    cells = [(answer(f"1.{n}", title), check(f"1.{n}", *passed)) for n, (title, passed) in enumerate(tasks, start=1)]
    save(tmp_path, "01_x.ipynb", *[cell for pair in cells for cell in pair])
    assert read_progress(tmp_path) == [
        TaskProgress("01_x", "1.1", "Warm up", "solved", 2, 2),
        TaskProgress("01_x", "1.2", "Bound it", "partly", 1, 2),
        TaskProgress("01_x", "1.3", "Explain", "not yet", 0, 1),
        TaskProgress("01_x", "1.4", "Later", "not yet", 0, 0),
    ]


def test_a_task_with_two_checks_is_solved_by_both(tmp_path):
    save(tmp_path, "01_x.ipynb", answer("1.1", "t"), check("1.1", True), check("1.1"))
    save(tmp_path, "02_x.ipynb", answer("2.1", "t"), check("2.1", True), check("2.1", True))
    assert [task.status for task in read_progress(tmp_path)] == ["partly", "solved"]


def test_hidden_checks_and_plain_cells_do_not_count(tmp_path):
    hidden = check("1.1", False, tags=("check", "hidden"))
    save(tmp_path, "01_x.ipynb", {"cell_type": "markdown", "metadata": {}}, answer("1.1", "t"), check("1.1", True), hidden)
    assert [task.status for task in read_progress(tmp_path)] == ["solved"]


def test_a_judge_decides_instead_of_the_saved_verdict(tmp_path):
    save(tmp_path, "01_x.ipynb", answer("1.1", "t"), check("1.1", True, True))
    judged = read_progress(tmp_path, judge=lambda result: [case["name"] == "0" for case in result["cases"]])
    assert judged == [TaskProgress("01_x", "1.1", "t", "partly", 1, 2)]


def test_what_cannot_be_read_is_a_row(tmp_path):
    (tmp_path / "01_cut.ipynb").write_text('{"cells": [', encoding="utf-8")
    (tmp_path / "02_list.ipynb").write_text("[]", encoding="utf-8")
    (tmp_path / "03_bytes.ipynb").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "04_dir.ipynb").mkdir()
    forged = check("5.1") | {"outputs": [{"data": {CHECK_RESULT: "forged"}}, 7]}
    save(tmp_path, "05_odd.ipynb", "no cell", {"metadata": None}, {"metadata": {"course": 3, "tags": "x"}}, forged)
    rows = read_progress(tmp_path)
    assert [row.exercise for row in rows] == ["01_cut", "02_list", "03_bytes", "04_dir", "05_odd"]
    assert [row.status for row in rows] == ["unreadable"] * 4 + ["not yet"]
    assert all(row.note.endswith(".") for row in rows[:4])


def test_a_missing_or_empty_folder_is_a_row(tmp_path):
    assert [row.status for row in read_progress(tmp_path)] == ["unreadable"]
    assert "no such folder" in read_progress(tmp_path / "nowhere")[0].note


def test_the_folder_is_found_from_the_notebooks(tmp_path, monkeypatch, capsys):
    (tmp_path / "exercises").mkdir()
    (tmp_path / "notebooks").mkdir()
    save(tmp_path / "exercises", "01_x.ipynb", answer("1.1", "Warm up"), check("1.1", True, False))
    for place in (tmp_path, tmp_path / "notebooks"):
        monkeypatch.chdir(place)
        progress()
        assert capsys.readouterr().out.splitlines()[-1] == "01_x       1.1  Warm up  ◐ partly (1 of 2)"

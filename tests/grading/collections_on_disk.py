"""Collections of submissions as they come: folders and zips with whatever names and bytes a test asks for."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from nbformat import NotebookNode

from course_lib.grading.cells.notebooks import notebook_text
from tests.grading.graded_course import solved


def text_of(notebook: NotebookNode | None = None) -> bytes:
    """A solved notebook's file, or that of the notebook given."""
    return notebook_text(notebook or solved()).encode()


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The files on disk, below the folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zip_of(files: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    """A zip of the files; a list of pairs may hold a name twice."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            packed.writestr(name, content)
    return data.getvalue()


def from_colab(notebook: NotebookNode) -> bytes:
    """As Colab saves it: nbformat 4.0, ids in the metadata, its own metadata on the file, outputs and cells."""
    data = json.loads(notebook_text(notebook))
    data["nbformat_minor"] = 0
    data["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(data["cells"]):
        cell["metadata"]["id"] = cell.pop("id")
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"outputId": f"out-{number}", "colab": {"base_uri": "https://localhost:8080/"}}
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": ["seen\n"]},
                {"output_type": "colab"},
                "?",
            ]
    return json.dumps(data).encode()


def from_vs_code(notebook: NotebookNode) -> bytes:
    """As VS Code saves it: every id new, tags kept, its own metadata, a cell of another language."""
    notebook = copy.deepcopy(notebook)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{number:08x}"
        cell.metadata["vscode"] = {"languageId": "python"}
    notebook.metadata = NotebookNode(language_info=NotebookNode(name="python", version="3.12.1"))
    return text_of(notebook)


def without_metadata(notebook: NotebookNode, minor: int) -> bytes:
    """As a script leaves it: nbformat 4.`minor` without ids, tags, tasks and language."""
    data = json.loads(notebook_text(notebook)) | {"nbformat_minor": minor, "metadata": {}}
    for cell in data["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    return json.dumps(data).encode()

"""Notebook files: reading them whatever they hold, knowing each cell's part, their byte-stable text."""

from __future__ import annotations

import codecs
import difflib
import io
import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.errors import BadInput

ANSWER, CHECK, HIDDEN_CHECK, SOLUTION_ONLY, OTHER = "answer", "check", "hidden check", "solution-only", "other"

LARGEST = 50_000_000
"""Bytes of the largest file that is still read as a notebook."""

OLD_ENCODING = "cp1252"
"""Windows's own, which a notebook is taken for when it isn't UTF-8."""

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")
_CELL_TYPES = ("code", "markdown", "raw")


def read_notebook(path: Path | str) -> NotebookNode:
    """The notebook in a file, as nbformat 4.5: every cell has its id, its metadata and one string of source.

    Older notebooks (nbformat 3 and 4.0 to 4.4) are brought up to date; the ids that they lack follow
    from the cells' order, so two readings give the same notebook.

    Raises: BadInput, in one sentence, for whatever else the file may be.
    """
    path = Path(path)
    return parse_notebook(_text_of(path), str(path))


def parse_notebook(text: str, name: str) -> NotebookNode:
    """The notebook in a text; `name` is what an error calls it. Raises: BadInput."""
    data = _up_to_date(_json_of(text, name), name)
    _check_cells(data, name)
    notebook = nbformat.from_dict(data)
    _join_lines(notebook)
    _complete(notebook)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """The file's text: sorted keys, one space of indent, readable characters, a newline at the end."""
    notebook = nbformat.from_dict(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.v4.nbjson.writes(notebook) + "\n"


def role(cell: NotebookNode) -> str:
    """What the cell is for: ANSWER, CHECK, HIDDEN_CHECK, SOLUTION_ONLY or OTHER, by its tags.

    >>> role(nbformat.from_dict({"cell_type": "code", "metadata": {"tags": ["check", "hidden"]}}))
    'hidden check'
    """
    tags = cell_tags(cell)
    if SOLUTION_ONLY in tags:
        return SOLUTION_ONLY
    if cell.get("cell_type") != "code":
        return OTHER
    if ANSWER in tags:
        return ANSWER
    if CHECK in tags:
        return HIDDEN_CHECK if "hidden" in tags else CHECK
    return OTHER


def cell_tags(cell: NotebookNode) -> list[str]:
    """The cell's tags; none when its metadata holds something else in their place."""
    tags = cell.get("metadata", {}).get("tags", [])
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def task_of(cell: NotebookNode) -> str:
    """The id of the cell's task, such as "1.2"; "" for a cell that belongs to none."""
    return _course_field(cell, "task")


def title_of(cell: NotebookNode) -> str:
    """The task's title in the cell's metadata, or ""."""
    return _course_field(cell, "title")


def _course_field(cell, name):
    course = cell.get("metadata", {}).get("course", {})
    value = course.get(name, "") if isinstance(course, dict) else ""
    return value if isinstance(value, str) else ""


# --- reading -------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise BadInput(f"{path} is a folder, not a notebook; name one file in it, such as {path / 'notebook.ipynb'}.")
    if not path.exists():
        raise BadInput(f"There is no notebook {path}; {_nearest(path)}")
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(
                f"{path} is larger than {LARGEST // 1_000_000} MB; clear its outputs in JupyterLab and save it."
            )
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}); check the file's permissions.") from None
    try:
        # In universal newlines, as every text file is read.
        return io.TextIOWrapper(io.BytesIO(data), encoding=encoding_of(data)).read()
    except UnicodeDecodeError:
        raise BadInput(
            f"{path} is not a text file, so it is no notebook; hand over a file that JupyterLab saved."
        ) from None


def encoding_of(data: bytes) -> str:
    """How a notebook's bytes are to be read: as UTF-8, unless their beginning says that they are something else.

    Some editors save UTF-16, with a mark at the beginning. Text that opens a JSON object but isn't UTF-8 is taken for
    Windows-1252, so that a few wrong letters in a comment cost nobody the exercise.

    >>> encoding_of(b"{}"), encoding_of("{}".encode("utf-16")), encoding_of(b'{"a": "' + bytes([233]) + b'"}')
    ('utf-8-sig', 'utf-16', 'cp1252')
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return OLD_ENCODING if data.lstrip().startswith(b"{") else "utf-8-sig"
    return "utf-8-sig"


def _nearest(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either: check the path."
    names = sorted(other.name for other in folder.glob("*.ipynb"))
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.4)
    if near:
        return f"did you mean {folder / near[0]}?"
    return f"the folder {folder} holds {', '.join(names[:5])}." if names else f"the folder {folder} holds no notebooks."


def _json_of(text: str, name: str) -> dict:
    if not text.strip():
        raise BadInput(f"{name} is empty; save the notebook again in JupyterLab.")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except _NotANumber as error:
        raise BadInput(
            f"{name} holds {error}, which JSON does not know; write a number or null in its place."
        ) from None
    except json.JSONDecodeError as error:
        cut_off = not text.rstrip().endswith("}")
        what = "is cut off" if cut_off and text.lstrip().startswith("{") else "is not a notebook"
        raise BadInput(
            f"{name} {what}: it stops being JSON at line {error.lineno}; save the notebook again in JupyterLab "
            "or take an earlier copy."
        ) from None
    except (RecursionError, ValueError):  # nested a thousand deep, or a number with thousands of digits
        raise BadInput(f"{name} is not a notebook: no program reads such JSON; save it again in JupyterLab.") from None
    if not isinstance(data, dict) or "nbformat" not in data:
        raise BadInput(
            f"{name} is JSON but not a notebook: it has no `nbformat`; hand over a file that JupyterLab saved."
        )
    return data


class _NotANumber(Exception):
    pass


def _refuse_constant(constant: str):
    raise _NotANumber(constant)


def _up_to_date(data: dict, name: str) -> dict:
    version, minor = data["nbformat"], data.get("nbformat_minor", 0)
    if version == 4 and not isinstance(version, bool):
        return data
    if version == 3 and not isinstance(version, bool):
        try:
            # JSON in between leaves plain dictionaries, as a fresh file would.
            upgraded = json.loads(json.dumps(nbformat.v4.upgrade(nbformat.v3.nbjson.to_notebook(data), 3, minor)))
            for cell in upgraded["cells"]:
                cell.pop("id", None)  # drawn at random by nbformat
            return upgraded
        except Exception:
            raise BadInput(f"{name} claims nbformat 3 but isn't; open it in JupyterLab and save it again.") from None
    raise BadInput(
        f"{name} has nbformat {version!r}, and the course reads 3 and 4; open it in today's JupyterLab and save it."
    )


def _check_cells(data: dict, name: str) -> None:
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise BadInput(f"{name} has no list of cells; save the notebook again in JupyterLab.")
    if not cells:
        raise BadInput(f"{name} has no cells; save the notebook again in JupyterLab, with your work in it.")
    for number, cell in enumerate(cells, 1):
        if (
            not isinstance(cell, dict)
            or cell.get("cell_type") not in _CELL_TYPES
            or not isinstance(_joined(cell.get("source", "")), str)
        ):
            raise BadInput(
                f"{name} has a cell {number} that no notebook can have; delete it and save again in JupyterLab."
            )


def _joined(value):
    """One string for a list of lines; whatever else it is comes back as it is."""
    lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "".join(value) if lines else value


def _join_lines(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        # Half of a character, which JSON can spell, is nothing that could be sent to a kernel.
        cell.source = _HALF_A_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", _joined(cell.get("source", "")))
        for output in _outputs_of(cell):
            if "text" in output:
                output.text = _joined(output.text)
            if isinstance(output.get("data"), dict):
                output.data |= {mime: _joined(value) for mime, value in output.data.items() if not _is_json(mime)}


def _is_json(mime: str) -> bool:
    return mime == "application/json" or mime.endswith("+json")


def _outputs_of(cell) -> list:
    outputs = cell.get("outputs")
    return [output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []


def _complete(notebook: NotebookNode) -> None:
    """What nbformat 4.5 asks for and hand-edited files lack."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    if not isinstance(notebook.get("metadata"), dict):
        notebook.metadata = NotebookNode()
    taken = set()
    for number, cell in enumerate(notebook.cells, 1):
        if not isinstance(cell.get("metadata"), dict):
            cell.metadata = NotebookNode()
        # Colab keeps the ids of cells in their metadata.
        cell.id = _free_id(cell.get("id", cell.metadata.get("id")), number, taken)
        taken.add(cell.id)
        if cell.cell_type == "code":
            cell.outputs = _outputs_of(cell)
            cell.setdefault("execution_count", None)


def _free_id(wanted, number: int, taken: set[str]) -> str:
    wanted = wanted if isinstance(wanted, str) and _CELL_ID.fullmatch(wanted) else f"cell-{number}"
    candidate, copy = wanted, 1
    while candidate in taken:
        copy += 1
        candidate = f"{wanted[:56]}-{copy}"
    return candidate

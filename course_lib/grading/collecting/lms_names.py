"""Who handed in what, as the names tell that Canvas and Moodle give to the files of an export.

Canvas packs flat files, `doejane_LATE_12345_67890_my file.ipynb`: the student's sortable name without blanks, LATE if
it was, the student's number, the upload's number, the student's own file name. With anonymous grading,
`anon_Ab1cD_67890_…`. A student's second upload of one name ends in `-1`, the third in `-2`.

Moodle packs a folder for each student, `Jane Doe_1234567_assignsubmission_file_`, whose number is the participant's;
or, if folders are switched off, files that begin so.

Source: instructure/canvas-lms, lib/content_zipper.rb; moodle/moodle, mod/assign/locallib.php.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CANVAS, MOODLE = "canvas", "moodle"

_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)??(?:(?P<late>LATE)_)?(?:(?P<id>[1-9]\d*)|anon_(?P<anonymous>[A-Za-z0-9]+))"
    r"_(?P<upload>[1-9]\d*)_(?P<rest>.+)",
    re.DOTALL,
)
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>.*))?", re.DOTALL)


@dataclass(frozen=True)
class LmsName:
    """What a platform says in the name of a file or folder; `rest` is the student's own part of it, "" for a folder."""

    platform: str
    student: str
    number: str
    rest: str = ""
    late: bool = False
    upload: int = 0


def canvas_name(name: str) -> LmsName | None:
    """What Canvas says in a file's name; None if it isn't one of Canvas's.

    >>> canvas_name("doejane_LATE_12345_67890_01_calls-1.ipynb")
    LmsName(platform='canvas', student='doejane', number='12345', rest='01_calls-1.ipynb', late=True, upload=67890)
    >>> canvas_name("ada_01_calls.ipynb")
    """
    found = _CANVAS.fullmatch(name)
    if not found:
        return None
    student = found["name"] or f"anon_{found['anonymous'] or found['id']}"
    return LmsName(CANVAS, student, found["id"] or "", found["rest"], bool(found["late"]), int(found["upload"]))


def moodle_name(name: str) -> LmsName | None:
    """What Moodle says in the name of a folder, or of a file; None if it isn't one of Moodle's.

    >>> moodle_name("Jane Doe_1234567_assignsubmission_file_")
    LmsName(platform='moodle', student='Jane Doe', number='1234567', rest='', late=False, upload=0)
    """
    found = _MOODLE.fullmatch(name)
    return LmsName(MOODLE, found["name"], found["id"], found["rest"] or "") if found else None

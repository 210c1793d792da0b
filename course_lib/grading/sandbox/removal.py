"""Removing a folder in which somebody else's code did as it liked: a thousand folders in each other, closed ones, links."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def remove_all(folder: Path) -> None:
    """Remove the folder with all that is in it, as far as the system lets us; a link there, and not what it leads to.

    `shutil.rmtree` goes down by recursion, with an open file for every step, and fails where folders lie too deep. Here each
    folder is lifted to the top before it is emptied. No process may be at work in it any more.
    """
    top = os.fspath(folder)
    with suppress(OSError):
        if not stat.S_ISDIR(os.lstat(top).st_mode):
            os.unlink(top)
            return
        os.chmod(top, stat.S_IRWXU)
    name = os.path.join(top, secrets.token_hex(8))
    met, waiting, emptied = 0, [top], []
    while waiting:
        here = waiting.pop()
        emptied.append(here)
        for entry in _entries(here):
            with suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, stat.S_IRWXU)
                met += 1
                lifted = f"{name}-{met}"
                os.rename(entry.path, lifted)
                waiting.append(lifted)
    for one in reversed(emptied):
        with suppress(OSError):
            os.rmdir(one)


def _entries(folder: str) -> list[os.DirEntry]:
    with suppress(OSError), os.scandir(folder) as entries:
        return list(entries)
    return []

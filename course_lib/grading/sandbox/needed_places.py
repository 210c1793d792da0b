"""Where Python and its libraries lie: the files that a confined notebook may read."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import course_lib

_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/lib", "/usr/local/share"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone"),
    *("/etc/nsswitch.conf", "/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/mime.types", "/etc/fonts"),
    *("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/pki/ca-trust"),
    *("/etc/alternatives", "/etc/python3", "/etc/matplotlibrc", "/etc/locale.conf", "/etc/default/locale"),
    *("/dev/urandom", "/dev/random", "/dev/zero", "/sys/devices/system/cpu", "/var/cache/fontconfig"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/filesystems", "/nix/store"),
)
_OF_A_PREFIX = ("lib", "lib64", "share", "etc", "pyvenv.cfg")
_SPLIT_AT_MOST = 2_000


@functools.cache
def needed_places() -> tuple[Path, ...]:
    """Every place that a notebook's imports need, this course's package included, its neighbours in a clone not."""
    package = Path(course_lib.__file__).resolve().parent
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    found = [Path(prefix, part) for prefix in sorted(prefixes) for part in _OF_A_PREFIX]
    paths = sysconfig.get_paths()
    libraries = [Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    libraries += [Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())]
    # Folders that somebody added to Python's path hold what is installed "editable", and often much besides: the
    # course's own clone is left out, where the solutions lie beside the package.
    given = sys.path if sys.flags.safe_path else sys.path[1:]  # not the script's own folder
    added = [Path(entry) for entry in given if entry and not _holds(Path(entry), package)]
    found += [*libraries, *added, package, *map(Path, _SYSTEM)]
    return _outermost(path.resolve() for path in found if path.exists())


def without(places: Iterable[Path], closed: Iterable[Path]) -> tuple[Path, ...]:
    """The places, split so that nothing closed lies in any of them.

    Rights are given to folders with all that is in them. Where a closed folder lies inside, its neighbours are named
    one by one instead, at every level on the way to it. A place inside a closed folder stays: the course itself, or the
    Python that runs it, may lie in the same folder as the solutions.
    """
    shut = [Path(path).resolve() for path in closed]
    return tuple(part for place in places for part in _around(Path(place).resolve(), shut))


def _around(place: Path, shut: list[Path]) -> Iterator[Path]:
    if place in shut:
        return
    if not any(_holds(place, one) for one in shut):
        yield place
        return
    try:
        children = sorted(place.iterdir())[:_SPLIT_AT_MOST]
    except OSError:
        return
    for child in children:
        if not child.is_symlink():  # what it leads to has a place of its own
            yield from _around(child, shut)


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    chosen: list[Path] = []
    for path in sorted(set(paths), key=lambda path: (len(path.parts), path)):
        if not any(_holds(one, path) for one in chosen):
            chosen.append(path)
    return tuple(chosen)


def _holds(folder: Path, path: Path) -> bool:
    """Whether `path` is the folder itself or lies in it."""
    return os.path.normpath(path) == os.path.normpath(folder) or folder in path.parents

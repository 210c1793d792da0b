"""How much of the machine a process and its children may take: the limits that Unix keeps for each process."""

from __future__ import annotations

from contextlib import suppress

MEMORY = 4 * 2**30  # bytes of address space, of which a notebook with matplotlib uses less than a quarter
FILE_SIZE = 200 * 2**20  # bytes of one written file

_KINDS = {
    "address_space": "RLIMIT_AS",
    "file_size": "RLIMIT_FSIZE",
    "core": "RLIMIT_CORE",
    "cpu": "RLIMIT_CPU",
    "open_files": "RLIMIT_NOFILE",
    "processes": "RLIMIT_NPROC",
}


def limit_resources() -> None:
    """Limit this process and all that it starts to what a graded run may take; no core files."""
    limit_process(address_space=MEMORY, file_size=FILE_SIZE, core=0)


def limit_process(**most: int) -> tuple[str, ...]:
    """Lower the limits named, such as `address_space=4 * 2**30`; returns the names of those that hold now.

    Names: address_space, file_size and core (bytes), cpu (seconds), open_files, processes (of the whole account).
    A limit is never raised. None hold on Windows, and macOS refuses some.
    """
    try:
        import resource
    except ImportError:
        return ()
    held = []
    for name, wanted in most.items():
        kind = getattr(resource, _KINDS[name], None)
        if kind is None:
            continue
        with suppress(ValueError, OSError):
            _, ceiling = resource.getrlimit(kind)
            lowest = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
            resource.setrlimit(kind, (lowest, lowest))
            held.append(name)
    return tuple(held)


def tasks_of_account() -> int:
    """How many processes and threads this account has now, as far as can be seen: what a limit on them starts from."""
    import psutil

    own, count = psutil.Process().username(), 0
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ours = process.username() == own
            count += process.num_threads() if ours else 0
    return count

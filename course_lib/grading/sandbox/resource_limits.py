"""How much of the machine a graded run may take."""

from __future__ import annotations

MEMORY = 4 * 2**30  # bytes of address space, of which a notebook with matplotlib uses less than a quarter
FILE_SIZE = 200 * 2**20  # bytes of one written file


def limit_resources() -> None:
    """Limit this process and all that it starts, as far as the operating system lets us; no core files."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for name, most in (("RLIMIT_AS", MEMORY), ("RLIMIT_FSIZE", FILE_SIZE), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, ceiling = resource.getrlimit(kind)
        most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS refuses some of them
            continue

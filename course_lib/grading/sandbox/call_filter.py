"""A filter on a Linux process's system calls (seccomp): what the code of an answer never needs fails with an error.

Landlock knows files and TCP. This closes what lies beside it: new processes, other sockets, tracing, other processes'
memory, ways around both filters. The filter is a small program for the kernel, written here as jumps over returns.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html, https://docs.kernel.org/networking/filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Sequence

from course_lib.grading.sandbox.system_calls import on_linux, process_control

_SET_SECCOMP, _FILTER_MODE, _GET_SECCOMP = 22, 2, 21

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # where they stand in what the kernel shows to a filter
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_OTHER_X86_NUMBERS = 0x40000000  # the same calls under a second set of numbers

# By what becomes of them; the numbers of each: (x86_64, aarch64), None where the machine has no such call.
# fmt: off
# Fail as if they were not allowed.
_OTHERS_MEMORY = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
}
_AROUND_THE_SANDBOX = {
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "open_by_handle_at": (304, 265), "unshare": (272, 97),
    "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "chroot": (161, 51), "acct": (163, 89), "quotactl": (179, 60),
    "swapon": (167, 224), "reboot": (169, 142), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "sethostname": (170, 161), "setdomainname": (171, 162), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "memfd_create": (319, 279),
}
# Say that they worked and do nothing: by number they reach every process of the account, but threads start with them.
_PLACES_IN_THE_QUEUE = {
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
}
# The same: copying a file sets its mode, and that must not stop an honest answer.
_MARKS_ON_FILES = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}
# Says that the file system can't do it: space that is taken without writing is in nobody's count (see `kernel_watch`).
_SPACE_UNWRITTEN = {"fallocate": (285, 47)}
# Fail or not, by what is asked of them.
_LOOKED_AT = {
    "pidfd_send_signal": (424, 424), "prlimit64": (302, 261), "socket": (41, 198), "socketpair": (53, 199),
    "connect": (42, 203), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269), "fork": (57, None),
    "vfork": (58, None), "clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tkill": (200, 130),
    "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "fcntl": (72, 25),
    "ioctl": (16, 29),
}
# fmt: on
_NUMBERS = _OTHERS_MEMORY | _AROUND_THE_SANDBOX | _PLACES_IN_THE_QUEUE | _MARKS_ON_FILES | _SPACE_UNWRITTEN | _LOOKED_AT

_INTERNET, _INTERNET_6, _ADDRESSES = 2, 10, 16  # families of sockets; the last one speaks to the system only
_STREAM, _SOCKET_TYPE = 1, 0xF
# Whose signal it is when a file has news (SIGIO or any other one): F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP.
# And leases: whoever else opens the file, a library's perhaps, waits for 45 seconds (F_SETLEASE).
_SIGNALS_BY_FILES, _SIGNALS_BY_DEVICES = (8, 10, 15, 1024), (0x8901, 0x8902)
_THREAD = 0x00010000  # CLONE_THREAD: a thread, not a process
_FAST_OPEN = 0x20000000  # MSG_FASTOPEN: connecting by sending


def can_filter() -> bool:
    """Whether this machine's kernel takes such a filter, and its numbers of the calls are known here."""
    if not on_linux() or platform.machine() not in _MACHINES or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    try:
        return process_control(_GET_SECCOMP) >= 0
    except OSError:
        return False


def forbid_calls(own_pid: int) -> None:
    """Let this process make these calls no more; it can't be undone. It may send signals to `own_pid` only: itself.

    Raises OSError with the kernel's reason; then nothing is forbidden.
    """
    program = b"".join(_filter(own_pid))
    code = ctypes.create_string_buffer(program, len(program))
    described = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    process_control(_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(described))


def _filter(own_pid: int) -> Iterable[bytes]:
    yield _step(_LOAD, _MACHINE)
    yield _step(_EQUAL, _MACHINES[platform.machine()], yes=1)
    yield _fail(errno.EPERM)
    yield _step(_LOAD, _NUMBER)
    if platform.machine() == "x86_64":
        yield _step(_AT_LEAST, _OTHER_X86_NUMBERS, no=1)
        yield _fail(errno.ENOSYS)
    yield from _each((*_OTHERS_MEMORY, *_AROUND_THE_SANDBOX), _fail(errno.EPERM))
    yield from _each((*_PLACES_IN_THE_QUEUE, *_MARKS_ON_FILES), _fail(0))
    yield from _each(_SPACE_UNWRITTEN, _fail(errno.EOPNOTSUPP))
    own = [_argument(0), _step(_EQUAL, 0, yes=2), _step(_EQUAL, own_pid, yes=1), _fail(errno.EPERM)]
    yield from _only("prlimit64", own)
    for name in ("kill", "tgkill"):
        yield from _only(name, [_argument(0), _step(_EQUAL, own_pid, yes=1), _fail(errno.EPERM)])
    yield from _each(("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"), _fail(errno.EPERM))
    yield from _only("fcntl", _none_of(1, _SIGNALS_BY_FILES))
    yield from _only("ioctl", _none_of(1, _SIGNALS_BY_DEVICES))
    yield from _no_processes()
    yield from _no_connections()
    yield _step(_RETURN, _ALLOW)


def _no_processes() -> Iterable[bytes]:
    """Threads only."""
    yield from _each(("fork", "vfork"), _fail(errno.EPERM))
    yield from _only("clone", [_argument(0), _step(_ANY_BIT, _THREAD, yes=1), _fail(errno.EPERM)])
    yield from _each(("clone3",), _fail(errno.ENOSYS))  # its flags can't be seen from here: use the older call


def _no_connections() -> Iterable[bytes]:
    """Of all sockets only listening ones and pairs, and the list of this machine's own addresses.

    A notebook's kernel listens by TCP, and asks for the addresses first.
    """
    yield from _each(("connect",), _fail(errno.EPERM))
    addresses = [_argument(0), _step(_EQUAL, _ADDRESSES, no=2), _argument(2), _step(_EQUAL, 0, yes=6, no=5)]
    internet = [_step(_EQUAL, _INTERNET, yes=1), _step(_EQUAL, _INTERNET_6, no=3)]
    stream = [_step(_AND, _SOCKET_TYPE), _step(_EQUAL, _STREAM, yes=1), _fail(errno.EPERM)]
    yield from _only("socket", [*addresses, *internet, _argument(1), *stream])
    yield from _only("socketpair", [_argument(1), *stream])  # other pairs can send to any address
    for name, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
        yield from _only(name, [_argument(flags), _step(_ANY_BIT, _FAST_OPEN, no=1), _fail(errno.EPERM)])


def _each(names: Iterable[str], answer: bytes) -> Iterable[bytes]:
    """The answer to each of these calls."""
    for name in names:
        if (number := _number(name)) is not None:
            yield _step(_EQUAL, number, no=1)
            yield answer


def _only(name: str, steps: Sequence[bytes]) -> Iterable[bytes]:
    """Steps for one call only; behind them the call is allowed."""
    if (number := _number(name)) is not None:
        yield _step(_EQUAL, number, no=len(steps) + 1)
        yield from steps
        yield _step(_RETURN, _ALLOW)


def _none_of(place: int, forbidden: Sequence[int]) -> list[bytes]:
    """Steps for a call whose argument must be none of these."""
    last = len(forbidden) - 1
    compared = [_step(_EQUAL, one, yes=last - at, no=at == last) for at, one in enumerate(forbidden)]
    return [_argument(place), *compared, _fail(errno.EPERM)]


def _number(name: str) -> int | None:
    return _NUMBERS[name][platform.machine() == "aarch64"]


def _argument(place: int, high: bool = False) -> bytes:
    """Load the lower, or the higher, half of an argument; both machines store the lower one first."""
    return _step(_LOAD, _ARGUMENTS + 8 * place + 4 * high)


def _fail(reason: int) -> bytes:
    """The call is not made; 0 says that it worked."""
    return _step(_RETURN, _FAIL | reason)


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; a comparison goes on `yes` or `no` instructions further down."""
    return struct.pack("HBBI", code, yes, no, value)

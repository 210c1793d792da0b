"""No test reaches the network: this process refuses every address but this machine's own.

Python imports a module of this name at start-up, so every Python process that a test starts with this folder on
`PYTHONPATH` (notebook kernels among them) is blocked as well. `tests/conftest.py` blocks pytest's own process.
An audit hook can't be removed, and it speaks before a name is looked up or a packet leaves.
"""

import ipaddress
import socket
import sys

attempts = []
"""The hosts that this process tried to reach, in order; `tests/conftest.py` fails a test that leaves some here."""

_WATCHED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
_installed = False


class NetworkBlocked(OSError):
    """A test tried to reach another machine."""


def block():
    """Refuse other machines from now on, for as long as this process lives."""
    global _installed
    if not _installed:
        _installed = True
        sys.addaudithook(_watch)


def is_this_machine(address) -> bool:
    """Whether an address, as `socket` takes it, stays on this machine.

    >>> list(map(is_this_machine, [("127.0.0.1", 80), ("::1", 80, 0, 0), "/run/a.socket", ("localhost", 1)]))
    [True, True, True, True]
    >>> list(map(is_this_machine, [("192.0.2.1", 80), ("example.com", 443), ("10.0.0.1", 1)]))
    [False, False, False]
    """
    if not isinstance(address, tuple):  # a socket that is a file, or no address at all
        return True
    host = address[0]
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):  # the kernel's own families (netlink and the like) have numbers here
        return True
    if host in ("", "localhost", "0.0.0.0", "::") or host == socket.gethostname():
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event, arguments):
    if event not in _WATCHED:
        return
    looks_up = event in ("socket.getaddrinfo", "socket.gethostbyname")
    address = (arguments[0],) if looks_up else arguments[1]
    if not is_this_machine(address):
        attempts.append(address[0])
        raise NetworkBlocked(
            f"This test tried to reach {address[0]}. Tests run without a network: use connect(), which simulates Claude."
        )


if __name__ == "sitecustomize":
    block()

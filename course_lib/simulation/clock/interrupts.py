"""An interrupt (■ in JupyterLab, Ctrl-C) that reaches a simulated loop only where it does no harm.

Python raises KeyboardInterrupt between any two steps of the main thread. Between "taken off the
queue" and "run", the event loop would lose a task's wake-up for ever, and a loop on simulated time
is busy there nearly always. So: inside the reader's code the interrupt is raised at once, inside
asyncio's own it waits for the loop's next safe point.
"""

import asyncio
import heapq
import selectors
import signal
import threading
from pathlib import Path

_MACHINERY = (str(Path(asyncio.__file__).parent), selectors.__file__, heapq.__file__, str(Path(__file__).parent))


class Interrupts:
    """The SIGINT handler of one loop, which calls `raise_waiting` at its safe points."""

    def __init__(self):
        self.waiting = False

    def __call__(self, _signal, frame):
        if frame is not None and frame.f_code.co_filename.startswith(_MACHINERY):
            self.waiting = True
        else:
            raise KeyboardInterrupt

    def raise_waiting(self) -> None:
        """Raises: KeyboardInterrupt if one came at a bad moment since the last time."""
        if self.waiting:
            self.waiting = False
            raise KeyboardInterrupt

    def handled(self) -> "_Handled":
        """Inside `with` this, interrupts come here, if this is the main thread and nobody else has asked for them."""
        return _Handled(self)


class _Handled:
    """A class, since contextlib's generators write on every exception that passes, and some take no attributes."""

    def __init__(self, interrupts: Interrupts):
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._before = signal.getsignal(signal.SIGINT)
        ours = self._before is signal.default_int_handler or isinstance(self._before, Interrupts)
        self._on = ours and threading.current_thread() is threading.main_thread()
        if self._on:
            signal.signal(signal.SIGINT, self._interrupts)

    def __exit__(self, kind, error, traceback) -> None:
        if self._on:
            signal.signal(signal.SIGINT, self._before)
            if kind is None:
                self._interrupts.raise_waiting()

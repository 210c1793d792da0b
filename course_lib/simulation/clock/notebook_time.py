"""Plain `await` in notebook cells on simulated time, through IPython's own hook for running coroutines.

IPython hands every cell with a top-level `await` to its `loop_runner`. Ours steps aside from the
kernel's loop and drives one long-lived virtual loop, so tasks started in one cell go on in the next.
Interrupts, tracebacks and Run All work as ever; `%autoawait asyncio` brings real time back.
"""

import sys

from course_lib.errors import BadInput
from course_lib.simulation.clock.virtual_time import VirtualLoop, run_until_complete, stepping_aside

_loop: VirtualLoop | None = None


def use_simulated_time() -> bool:
    """From the next cell on, `await` runs on simulated time. False outside a notebook, where it changes nothing."""
    shell = _shell()
    if shell is None:
        return False
    if shell.loop_runner is not run_cell:
        shell.loop_runner = run_cell
        shell.autoawait = True
    return True


def use_real_time() -> None:
    """From the next cell on, `await` waits for real again: what `%autoawait asyncio` does."""
    shell = _shell()
    if shell is None:
        raise BadInput("There is no notebook here to switch to real time; run your script with asyncio.run(main()).")
    shell.run_line_magic("autoawait", "asyncio")


def run_cell(coroutine):
    """What IPython calls with a cell's coroutine."""
    global _loop
    if _loop is None or _loop.is_closed():
        _loop = VirtualLoop()
    with stepping_aside():
        return run_until_complete(_loop, coroutine)


def _shell():
    ipython = sys.modules.get("IPython")  # a notebook has loaded it; a script need not
    shell = ipython.get_ipython() if ipython else None
    # A terminal's shell has no kernel loop to step aside from; the hook works there all the same.
    return shell if hasattr(shell, "loop_runner") else None

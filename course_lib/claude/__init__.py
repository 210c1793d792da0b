"""`connect()`: Claude, simulated, live or replayed, behind one `ask`; the log of its calls, and their budget.

    connection        connect, and what it gives: ask, ask_for, the SDK's clients, the log, the budget
    backends          where requests end (simulated, live), and the ways that lead there (SDK, direct)
    settings          what `connect` is given, checked before anything else happens
    calls             what one call was, and the log of them
    call_context      what travels with a call: its name, its waiting, which call it continues, who witnesses it
    budget            a hard limit in calls, tokens or dollars
    watching          who must know of a request: the budget, the log, and whoever records
    live, recording   the real API, and its replies in a file
    shapes            answers of a shape: pydantic models out and in
    notebook_errors   a course error in a cell, shown short
    server            the simulated API for any client, over HTTP on this machine

Names are loaded when they are first used: whoever only labels a call does not load the simulation.
"""

from course_lib import door

__getattr__, __dir__, __all__ = door(__name__, {
    "budget": ("Budget", "BudgetSpent"),
    "call_context": ("labelled",),
    "calls": ("Call", "CallLog"),
    "connection": ("Claude", "connect", "simulated"),
    "shapes": ("DoesNotFit",),
    # What a reader says of the simulation, and of its time.
    ".simulation.api.faults": ("Faults",),
    ".simulation.api.rate_limits": ("Limits",),
    ".simulation.clock.notebook_time": ("use_real_time", "use_simulated_time"),
    ".simulation.clock.virtual_time": ("StuckError", "VirtualLoop", "run_simulated"),
})

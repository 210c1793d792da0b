"""What a bounded run is made of; `parallel` puts it together.

    waiting_line   the items, drawn one at a time, never ahead of time
    outcomes       what became of each, and the five failure policies
    equipment      a time-out for each item, a progress bar
    checkpoints    a file of finished items, for taking a run up again
"""

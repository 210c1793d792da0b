"""What an answer can't reach, and how much of the machine it may take.

    confinement       the layers, and which of them held; landlock, call_filter, system_calls: what they do
    isolated_run      folders and an environment of its own; needed_places: what must be readable
    resource_limits   what Unix limits, and how much; kernel_watch: what it doesn't
    family, orphans   whom to end; removal: what to clear away; isolation_reached: what the report says
"""

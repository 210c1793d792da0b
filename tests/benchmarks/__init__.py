"""What the library costs, beside what others cost: measured side by side, in one run, with one command.

    python -m pip install -r tests/benchmarks/rivals.txt      # once; the project itself depends on none of them
    python -m tests.benchmarks                                # everything, as tables
    python -m tests.benchmarks --only pools --only timers     # some of it
    python -m tests.benchmarks --json                         # the same, for a program

    pools       overhead per item of run_parallel and stream_parallel
    memory      a million items from a generator: peak memory, and how far ahead they are read
    timers      the event loop on simulated time: speed, exactness, order, the same on every Python
    calls       10,000 simulated calls under rate limits
    sdk         the SDK on the simulation, beside the SDK on a transport that does nothing
    importing   `import course_lib` beside bare Python

The graders have a command of their own: `python -m tests.benchmarks.grading`.

Ways are run in turns, round after round, so that a busy machine slows them all alike, and the fastest round
counts. Seconds differ from machine to machine; the ratios are what to compare. No test asserts a time: the tests
beside this file only run tiny rounds.
"""

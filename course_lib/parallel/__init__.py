"""Many calls at once: a bounded pool of workers, with one outcome for every input.

    results = await run_parallel(ask, prompts, max_at_once=10)

    runs          run_parallel, stream_parallel: all results in order, or each as it comes
    outcomes      what became of every input, and the five ways to deal with failures
    checkpoints   a run that can be stopped and taken up again
    equipment     a time-out for each item, a progress bar
    grouping      many small items in groups: in_batches, in_batches_of_tokens
"""

from course_lib.parallel.grouping import estimate_tokens, in_batches, in_batches_of_tokens
from course_lib.parallel.outcomes import Outcome, OutOfTime, QuorumMissed
from course_lib.parallel.runs import run_parallel, stream_parallel

__all__ = [
    "OutOfTime", "Outcome", "QuorumMissed", "estimate_tokens", "in_batches", "in_batches_of_tokens", "run_parallel",
    "stream_parallel",
]

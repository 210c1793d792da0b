"""What stands in a notebook's cells, and what it is worth.

    notebooks       files read whatever they hold; exercises: made from solutions; splice: answers put into the key
    checks          check, case; evidence: observe; witness_line: who asks the grader for replies, and
                    hears the SDK's errors as errors_on_the_wire
    plain_values    answers as JSON; compare: right or wrong, and in which words; seen: what the log knows better
    marking         from what a check emitted to marks; verdicts: the friendly words
    key, references what is expected; defined_names, syntax: an answer read without running it
"""

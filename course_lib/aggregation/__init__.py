"""Aggregation: how answers of several calls become one. Every result says which part it came from.

    joins        concatenate, union, count_once: one text, one list, one number
    merging      merge, contradictions: one record of several, and what they did not agree on
    parts        Part, MissingPart: an answer with its section's name; missing, read_json, read_record
    similarity   likeness: which entries are the same
    synthesis    synthesize, judge: another call joins, or chooses

A section whose call failed is a MissingPart: `concatenate` shows it, the others ask you to say `missing(parts)`.
"""

from course_lib.aggregation.joins import Count, concatenate, count_once, union
from course_lib.aggregation.merging import Conflict, MergeConflict, MergedRecord, contradictions, merge
from course_lib.aggregation.parts import (
    Merged,
    MissingPart,
    Part,
    UnreadablePart,
    answered,
    missing,
    read_json,
    read_record,
)
from course_lib.aggregation.similarity import likeness
from course_lib.aggregation.synthesis import Judgement, Synthesis, judge, synthesize

__all__ = [
    "Conflict", "Count", "Judgement", "MergeConflict", "Merged", "MergedRecord", "MissingPart", "Part", "Synthesis",
    "UnreadablePart", "answered", "concatenate", "contradictions", "count_once", "judge", "likeness", "merge", "missing",
    "read_json", "read_record", "synthesize", "union",
]

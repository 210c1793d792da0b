"""Sectioning: split a task into independent pieces, ask about all of them at once, join the answers.

    sections = split_by_heading(document)
    parts = await fan_out(ask, sections, lambda section: f"Summarize. <text>{section.text}</text>")
    report = concatenate(parts)            # from course_lib.aggregation: the fan-in

    fanning_out    every section asked about at once: fan_out, map_reduce
    splitters      by heading, page, size, file or criterion
    independence   what each task needs and gives, checked before anything runs
"""

from course_lib.sectioning.fanning_out import fan_out, map_reduce
from course_lib.sectioning.independence import (
    DependentTasks,
    Task,
    check_independent,
    flows_between,
    generations,
    run_in_generations,
)
from course_lib.sectioning.splitters import (
    Section,
    split_by_criterion,
    split_by_file,
    split_by_heading,
    split_by_page,
    split_by_size,
)

__all__ = [
    "DependentTasks", "Section", "Task", "check_independent", "fan_out", "flows_between", "generations", "map_reduce",
    "run_in_generations", "split_by_criterion", "split_by_file", "split_by_heading", "split_by_page", "split_by_size",
]

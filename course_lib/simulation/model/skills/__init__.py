"""What the simulated model can do: one module per skill, each registered here.

A skill is what `decisions.Skill` says.

TASKS answer alone and are asked first. SKILLS may be asked for several at once; of two with one name
the later reads the more special kind of text. GENERAL are asked when nothing else was.
"""

from course_lib.simulation.model.skills import (
    arithmetic,
    code_review,
    customer_texts,
    extraction,
    judging,
    moderation,
    offered_labels,
    planning,
    reading,
    rewriting,
    small_talk,
    spam,
    word_counts,
    yes_or_no,
)

TASKS = (
    *small_talk.SKILLS, *judging.SKILLS, *planning.SKILLS, *rewriting.SKILLS, *arithmetic.SKILLS,
    *word_counts.SKILLS, *extraction.SKILLS,
)
SKILLS = (*spam.SKILLS, *customer_texts.SKILLS, *code_review.SKILLS, *reading.SKILLS, *moderation.SKILLS)
GENERAL = (*offered_labels.SKILLS, *yes_or_no.SKILLS)

"""What the simulated model can do: one module per skill, each registered here.

A skill is any object with
- `name`: its field name in an answer, such as "sentiment";
- `cues`: a compiled pattern (or anything with `search`) that finds it in an instruction;
- `decide(prompt)`: what is true of `prompt.material`, as one of the `decisions`.
  It reads the text and nothing else: never an item's identity;
- optionally `wants(prompt)`, where a glance at the text is needed to know that it is asked for,
  and `needs_text(prompt)`, False where it answers without any material.

TASKS answer alone and are asked first. SKILLS may be asked for several at once; of two with one name
the later reads the more special kind of text. GENERAL are asked when nothing else was.
"""

from course_lib.simulation.model.skills import (
    arithmetic,
    code_review,
    counting,
    extraction,
    judging,
    moderation,
    offered_labels,
    planning,
    reading,
    reviews,
    rewriting,
    small_talk,
    spam,
    yes_or_no,
)

TASKS = (
    *small_talk.SKILLS, *judging.SKILLS, *planning.SKILLS, *rewriting.SKILLS, *arithmetic.SKILLS, *counting.SKILLS, *extraction.SKILLS,
)
SKILLS = (*spam.SKILLS, *reviews.SKILLS, *code_review.SKILLS, *reading.SKILLS, *moderation.SKILLS)
GENERAL = (*offered_labels.SKILLS, *yes_or_no.SKILLS)

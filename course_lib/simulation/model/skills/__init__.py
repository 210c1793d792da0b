"""What the simulated model can do: one module per skill, each registered here.

A skill is any object with
- `name`: its field name in an answer, such as "sentiment";
- `cues`: a compiled pattern that finds it in an instruction;
- `decide(prompt)`: what is true of `prompt.material`, as a Label, Findings or Text
  (see `decisions`). It reads the text and nothing else: never an item's identity.
"""

from course_lib.simulation.model.skills import code_review, reading, reviews, spam

SKILLS = (*spam.SKILLS, *reviews.SKILLS, *code_review.SKILLS, *reading.SKILLS)

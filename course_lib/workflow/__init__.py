"""Workflows declared as a graph: they check, draw, price and run themselves, and can be compared.

    flow = Workflow("moderation",
        Input("post"),
        Vote("hate speech", "Hate speech? yes or no only. <post>{post}</post>", voters=3, strategy="majority", answers=CHECK),
        Step("spam", "Spam? yes or no only. <post>{post}</post>", answers=CHECK),
        Join("report", reads=["hate speech", "spam"], strategy="flag if any"),
        on_failure="human review")                       # CHECK = {"yes": "flag", "no": "ok"}
    flow.check()                                         # what is wrong with the design, before any call
    print(flow.estimate())                               # calls, seconds, dollars, before any call
    result = await flow.run(claude.ask, post="…")

    steps              the parts that a workflow is declared of: Input, Step, Vote, FanOut, Join, Router, Guardrail
    graph              the workflow itself; soundness: what is wrong with it; mermaid: its diagram as text
    estimate           calls, seconds and dollars beforehand; comparison: what two designs have in common
    work, run          what one part does, and all of them in their order; result: what came of it
    named_strategies   how ballots and answers are joined, by name
"""

from course_lib.workflow.comparison import Difference
from course_lib.workflow.estimate import Estimate
from course_lib.workflow.graph import Workflow
from course_lib.workflow.named_strategies import Flags, flag_if_any
from course_lib.workflow.result import NoDecision, Result, StepRun, UnreadableAnswer
from course_lib.workflow.steps import FanOut, Guardrail, Input, Join, Router, Step, Vote

__all__ = [
    "Difference", "Estimate", "FanOut", "Flags", "Guardrail", "Input", "Join", "NoDecision", "Result", "Router", "Step",
    "StepRun", "UnreadableAnswer", "Vote", "Workflow", "flag_if_any",
]

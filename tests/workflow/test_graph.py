"""Declared workflows: what check() finds, what estimate() promises, what differs between two graphs."""

import itertools
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.voting import majority_vote
from course_lib.workflow import FanOut, Guardrail, Input, Join, Router, Step, Vote, Workflow
from course_lib.workflow.mermaid import edges_of

CHECK = {"yes": "flag", "no": "ok"}
CHECKS = ["hate speech", "spam", "personal information", "copyright"]


def moderation(*, voters=3, strategy="majority", on_failure="human review", joined=CHECKS, names=CHECKS, turned=False):
    hate, *others = names
    checks = [
        Vote(hate, f"{hate}? yes or no. {{post}}", voters=voters, strategy=strategy, answers=CHECK),
        *(Step(name, f"{name}? yes or no. {{post}}", answers=CHECK) for name in others),
    ]
    join = Join("report", reads=joined, strategy="flag if any")
    return Workflow("moderation", Input("post"), *(reversed(checks) if turned else checks), join, on_failure=on_failure)


def research(at_most=4, on_failure="skip"):
    return Workflow(
        "research",
        Input("topic"),
        Step("plan", "Plan {topic}"),
        FanOut("findings", "Find out: {plan}", over="plan", at_most=at_most, on_failure=on_failure),
        Join("report", "Report on {topic}: {findings}", strategy="synthesis"),
    )


def support(routes=None):
    return Workflow(
        "support",
        Input("ticket"),
        Router("triage", "Which? {ticket}", routes=routes or {"money": "billing", "machine": "technical"}),
        Step("billing", "Money: {ticket}", seconds=5.0),
        Step("technical", "Machine: {ticket}"),
        Step("details", "More: {technical}"),
        Join("draft", reads=["billing", "details"], strategy="chosen"),
        on_failure="human review",
    )


def guarded():
    return Workflow(
        "chat",
        Input("question"),
        Step("answer", "Answer: {question}"),
        Guardrail("safety", "Safe? {question}", guards="answer", answers=("flag", "ok")),
        Step("polish", "Polish: {answer}"),
        on_failure="human review",
    )


FLOWS = [moderation, research, support, guarded]


# --- check -----------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS)
def test_sound_designs_have_no_problems(flow):
    assert flow().check() == []


def steps(*parts, **settings):
    return Workflow("w", Input("text"), *parts, **settings)


# --- graph and estimate ----------------------------------------------------------------------


def test_moderation_in_figures():
    flow = moderation()
    estimate = flow.estimate(model="claude-haiku-5-5", seconds_per_call=3.0, input_tokens=200, output_tokens=10)
    assert flow.generations == [CHECKS, ["report"]]
    assert (estimate.calls, estimate.fewest_calls, estimate.most_at_once) == (6, 6, 6)
    assert (estimate.seconds, estimate.sequential_seconds, estimate.speed_up) == (3.0, 18.0, 6.0)
    assert (estimate.input_tokens, estimate.output_tokens) == (1200, 60)
    assert estimate.cost == pytest.approx(6 * (200 * 0.10 + 10 * 0.50) / 1e6)
    assert estimate.critical_path == ("hate speech", "report")
    assert [row["calls"] for row in estimate.rows] == [3, 1, 1, 1, 0]
    assert str(estimate).startswith("6 calls in 3.0 s instead of 18.0 s (6.0 times as fast at best), at most 6 at once; $")
    assert flow.beside("spam") == ["hate speech", "personal information", "copyright"]


def test_a_planner_makes_the_estimate_a_range():
    estimate = research(at_most=5).estimate(seconds_per_call=2.0)
    assert (estimate.fewest_calls, estimate.calls, estimate.most_at_once) == (3, 7, 5)
    assert (estimate.seconds, estimate.sequential_seconds) == (6.0, 14.0)
    assert str(estimate).startswith("3 to 7 calls in 6.0 s")


def test_a_router_takes_one_route_and_the_estimate_the_longest():
    flow = support()
    estimate = flow.estimate(seconds_per_call=2.0)
    assert [sorted(case) for case in flow.cases] == [["billing", "draft", "triage"], ["details", "draft", "technical", "triage"]]
    assert (estimate.fewest_calls, estimate.calls) == (2, 3)
    assert (estimate.seconds, estimate.critical_path) == (7.0, ("triage", "billing", "draft"))
    assert flow.beside("billing") == []


def test_a_guardrail_costs_no_time_and_is_waited_for():
    flow = guarded()
    assert flow.generations == [["answer", "safety"], ["polish"]]
    assert flow.waits["polish"] == ("answer", "safety") and flow.beside("safety") == ["answer"]
    assert flow.estimate(seconds_per_call=2.0).seconds == 4.0


def test_prices_of_a_mixed_jury():
    models = ["claude-haiku-5-5", "claude-opus-5-5", "claude-haiku-4-5"]
    flow = steps(Vote("a", "{text}", model=models, strategy="majority"), on_failure="raise")
    assert flow["a"].voters == 3
    expected = 1000 * (0.10 + 4 + 1) / 1e6 + 100 * (0.5 + 20 + 5) / 1e6
    assert flow.estimate(input_tokens=1000, output_tokens=100).cost == pytest.approx(expected)


@st.composite
def graphs(draw):
    """A random graph without circles, its steps declared in any order; no step is left unread."""
    count = draw(st.integers(1, 8))
    names = list(string.ascii_lowercase[:count])
    parents = {name: [other for other in names[:place] if draw(st.booleans())] for place, name in enumerate(names)}
    seconds = {name: draw(st.sampled_from([0.5, 1.0, 2.0, 4.0])) for name in names}
    made = [Step(name, reads=["text", *parents[name]], seconds=seconds[name]) for name in draw(st.permutations(names))]
    unread = [name for name in names if not any(name in above for above in parents.values())]
    flow = Workflow("w", Input("text"), *made, Join("end", reads=unread, strategy="concatenate"), on_failure="raise")
    return flow, parents, seconds


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_random_graphs_against_brute_force(made):
    flow, parents, seconds = made
    assert flow.check() == []
    paths = [chain for length in range(1, len(parents) + 1) for chain in itertools.combinations(parents, length)
             if all(first in parents[second] for first, second in itertools.pairwise(chain))]
    depth = {name: max(len(chain) for chain in paths if chain[-1] == name) - 1 for name in parents}
    for number, generation in enumerate(flow.generations[:-1]):
        assert set(generation) == {name for name in parents if depth[name] == number}
    assert flow.generations[-1] == ["end"]
    estimate = flow.estimate()
    assert estimate.seconds == max(sum(seconds[name] for name in chain) for chain in paths)
    assert estimate.sequential_seconds == sum(seconds.values())
    assert sum(seconds[name] for name in estimate.critical_path[:-1]) == estimate.seconds
    assert estimate.critical_path[:-1] in paths


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_mermaid_has_every_part_and_every_arrow(made):
    flow, parents, _ = made
    lines = flow.mermaid().splitlines()
    ids = {found[2]: found[1] for line in lines if (found := re.match(r'\s+(n\d+)\W+"([\w ]+)', line))}
    assert ids.keys() == {"text", *parents, "end"}
    arrows = {tuple(line.split(" --> ")) for line in map(str.strip, lines) if " --> " in line}
    assert arrows == {(ids[start], ids[end]) for start, end, *_ in edges_of(flow)}
    assert len(arrows) == sum(map(len, parents.values())) + len(parents) + len(flow["end"].reads)


def test_mermaid_of_every_kind():
    text = guarded().mermaid()
    assert text.startswith("flowchart LR\n    accTitle: chat\n    accDescr: question → answer and safety side by side → polish.")
    assert 'n2{{"safety"}}' in text and "n2 -. guards .-> n1" in text
    assert 'n1[["hate speech<br/>3 voters, majority"]]' in moderation().mermaid()
    assert '[/"report<br/>flag if any"\\]' in moderation().mermaid()
    assert 'n1 -- "money" --> n2' in support().mermaid()
    assert "findings (one per entry, at most 4) → report (synthesis)" in research().mermaid()
    assert "billing or technical" in support().mermaid()


def test_mermaid_of_a_circle_still_shows_it():
    text = steps(Step("a", "{text} {b}"), Step("b", "{a}")).mermaid()
    assert "n2 --> n1" in text and "n1 --> n2" in text and "critical" not in text


def test_what_means_something_to_mermaid_is_written_as_a_number():
    flow = Workflow('a "b"; c\nd', Input("x"), Router("r", "{x}", routes={'"q"': "s"}), Step("s", "{x}"))
    assert "accTitle: a #34;b#34;#59; c d" in flow.mermaid() and '-- "#34;q#34;" -->' in flow.mermaid()


def test_json_in_a_prompt_is_no_placeholder():
    step = Step("a", 'Answer as {"line": 3}. {post}')
    assert step.inputs == ("post",)
    assert step.prompt_of(0, {"post": "{secret} {post}"}) == 'Answer as {"line": 3}. {secret} {post}'


# --- comparison ------------------------------------------------------------------------------


def about(flow, other):
    return [difference.about for difference in flow.differences(other)]


@pytest.mark.parametrize("flow", FLOWS)
def test_a_graph_equals_itself(flow):
    assert flow().differences(flow()) == []


def test_names_wording_and_order_make_no_difference():
    words = ["hatred", "advertising", "privacy", "rights"]
    other = moderation(names=words, joined=[words[2], words[0], words[3], words[1]], turned=True)
    assert moderation().differences(other) == [] == other.differences(moderation())


def test_voters_strategy_and_policy_are_told():
    assert moderation(voters=5).differences(moderation()) == ["'hate speech' has 5 voters; in the other graph it has 3 voters."]
    assert about(moderation(strategy="unanimous"), moderation()) == ["strategy"]
    assert about(moderation(strategy=majority_vote), moderation()) == ["strategy"]
    assert about(moderation(on_failure="flag"), moderation()) == ["policy"] * 4


def test_a_missing_check_is_told():
    less = moderation(names=CHECKS[:3], joined=CHECKS[:3])
    assert less.differences(moderation()) == ["Step 'copyright' of the other graph has no counterpart here."]
    assert moderation().differences(less) == ["Step 'copyright' has no counterpart in the other graph."]


def test_a_check_that_the_report_never_reads():
    assert moderation(joined=CHECKS[:3]).differences(moderation()) == [
        "'copyright' is read by 'report' in the other graph, but not here."
    ]


def test_one_call_instead_of_a_vote():
    single = Workflow(
        "moderation", Input("post"), *(Step(name, "{post}", answers=CHECK) for name in CHECKS),
        Join("report", reads=CHECKS, strategy="flag if any"), on_failure="human review")
    assert single.differences(moderation()) == ["'hate speech' is a step; in the other graph it is a vote."]


def test_one_check_drawn_downstream_of_another():
    chained = Workflow(
        "moderation", Input("post"),
        Vote("hate speech", "{post}", voters=3, strategy="majority", answers=CHECK),
        Step("spam", "{post} {hate speech}", answers=CHECK),
        *(Step(name, "{post}", answers=CHECK) for name in CHECKS[2:]),
        Join("report", reads=CHECKS, strategy="flag if any"), on_failure="human review")
    (difference,) = chained.differences(moderation())
    assert difference == "'spam' waits for 'hate speech'; in the other graph the two run side by side."
    assert difference.about == "parallel"
    assert about(moderation(), chained) == ["parallel"]


def test_the_step_that_is_guarded_matters():
    def chat(guards):
        return steps(Step("a", "{text}"), Step("b", "{text}"), Guardrail("g", "{text}", guards=guards, answers=("ok", "flag")),
                     Join("j", reads=["a", "b"], strategy="concatenate"), on_failure="skip")
    assert chat("a").differences(chat("b")) == []  # a and b are alike
    flow = guarded()
    other = Workflow("chat", Input("question"), Step("answer", "{question}"), Step("polish", "{answer}"),
                     Guardrail("safety", "{question}", guards="polish", answers=("flag", "ok")),
                     on_failure="human review", result="polish")
    assert "'safety' guards 'answer' here, but not in the other graph." in flow.differences(other)


@settings(max_examples=40, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_random_graphs_equal_their_renamed_copies_only(made, chance):
    flow, parents, _ = made
    names = [f"step {number}" for number in range(len(parents))]
    chance.shuffle(names)
    new = dict(zip(parents, names, strict=True))
    renamed = [Step(new[name], reads=["text", *(new[above] for above in parents[name])]) for name in parents]
    chance.shuffle(renamed)
    end = Join("the end", reads=[new[name] for name in flow["end"].reads], strategy="concatenate")
    copy = Workflow("copy", Input("text"), *renamed, end, on_failure="raise")
    assert flow.differences(copy) == [] == copy.differences(flow)
    edges = [(above, name) for name in parents for above in parents[name]]
    if edges:
        above, name = chance.choice(edges)
        parents = {step: [one for one in read if (one, step) != (above, name)] for step, read in parents.items()}
        less = Workflow("less", Input("text"), *(Step(step, reads=["text", *read]) for step, read in parents.items()),
                        Join("end", reads=list(flow["end"].reads), strategy="concatenate"), on_failure="raise")
        assert flow.differences(less) and less.differences(flow)

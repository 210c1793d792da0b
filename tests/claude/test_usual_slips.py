"""What goes wrong while one writes a chapter: each slip is told in a sentence, and none gives a quiet, wrong result."""

import inspect
from functools import partial

import pytest

from course_lib.aggregation import (
    Part,
    UnreadablePart,
    concatenate,
    contradictions,
    count_once,
    judge,
    merge,
    synthesize,
    union,
)
from course_lib.claude import connect, run_simulated
from course_lib.data.documents import documents
from course_lib.data.posts import posts
from course_lib.errors import BadInput
from course_lib.kpis import label_quality
from course_lib.limits import RateLimiter, first_of, hedged, polite, with_retries, within_limits
from course_lib.parallel import Outcome, in_batches, run_parallel, stream_parallel
from course_lib.sectioning import (
    Section,
    Task,
    fan_out,
    map_reduce,
    run_in_generations,
    split_by_criterion,
    split_by_heading,
)
from course_lib.sectioning import splitters as splitting
from course_lib.voting import (
    ask_n_times,
    ask_varied_models,
    ask_varied_prompts,
    ask_varied_temperatures,
    first_to_lead_by,
    log_odds_weights,
    majority_vote,
    measure_voters,
    union_vote,
    vote_in_waves,
    vote_with_fallback,
    weighted_vote,
)
from course_lib.voting.early_stopping import waves_for
from course_lib.workflow import FanOut, Input, Step, Workflow

SECTIONS = [Section("a", "x"), Section("b", "y")]
PARTS = [Part("a", "[1]"), Part("b", "[1, 2]")]
BALLOT = Outcome(0, "voter", "ok", "spam")
FLOW = Workflow("w", Input("post"), Step("spam", "Spam? {post}"))


async def echo(prompt, **_):
    return prompt


def write(section):
    return section.text


ASKS = {
    "run_parallel": lambda ask: run_parallel(ask, ["x"], on_error="skip"),
    "stream_parallel": lambda ask: anext(stream_parallel(ask, ["x"])),
    "ask_n_times": lambda ask: ask_n_times(ask, "x"),
    "ask_varied_prompts": lambda ask: ask_varied_prompts(ask, ["x"]),
    "ask_varied_models": lambda ask: ask_varied_models(ask, "x", ["m"]),
    "ask_varied_temperatures": lambda ask: ask_varied_temperatures(ask, "x", [0.5]),
    "vote_in_waves": lambda ask: vote_in_waves(ask, 5),
    "first_to_lead_by": lambda ask: first_to_lead_by(ask, 2),
    "run_in_generations": lambda ask: run_in_generations(ask, [Task("a")], lambda task, inputs: "x"),
    "synthesize": lambda ask: synthesize(ask, PARTS, "What?"),
    "judge": lambda ask: judge(ask, "Which?", ["a", "b"]),
    "workflow": lambda ask: FLOW.run(ask, post="x"),
    "polite": lambda ask: polite(ask, requests_per_minute=60),
    "within_limits": lambda ask: within_limits(ask, RateLimiter(60)),
    "with_retries": with_retries,
    "hedged": lambda ask: hedged(ask, 5),
}


def outcome_of(call):
    """What a call gives, awaited if it must be."""

    async def waited():
        given = call()
        return await given if inspect.isawaitable(given) else given

    return run_simulated(waited())


@pytest.mark.parametrize("name", ASKS)
def test_the_connection_instead_of_its_ask(name):
    with pytest.raises(BadInput, match=r"=<Claude Haiku 5\.5, simulated.*> can't be called; write a function, such as "):
        outcome_of(lambda: ASKS[name](connect(sdk=False)))


@pytest.mark.parametrize("name", ASKS)
def test_a_call_instead_of_a_function(name, recwarn):
    with pytest.raises(BadInput, match=r"is echo\(…\), called already; write the function itself, without brackets"):
        outcome_of(lambda: ASKS[name](echo("x")))
    assert not [warning for warning in recwarn if "never awaited" in str(warning.message)]


@pytest.mark.parametrize(
    "call, message",
    {
        # sections
        "texts for sections": (lambda: fan_out(echo, ["a", "b"], write), r"A section is no section, 'a'; write Section\("),
        "a name for a join": (lambda: map_reduce(echo, SECTIONS, write, join="union"), "join='union' can't be called"),
        "one criterion": (lambda: split_by_criterion("x", "style"), "criteria='style' is no list; write one"),
        "a document for its text": (lambda: split_by_heading(documents()[0]), r"write split_by_heading\(document\.text"),
        "nothing for a text": (lambda: splitting.split_by_page(None), "The text is None; write split_by_page"),
        "a number in words": (lambda: split_by_heading("# a", level="1"), "level='1' is no level of headings"),
        # parts
        "texts for parts": (lambda: concatenate(["a"]), r"A part is 'a'; write Part\("),
        "ballots for parts": (lambda: union([BALLOT], same=str), r"A part is Outcome\(.*; write Part\("),
        "records for parts": (lambda: merge([{"a": 1}]), "A part is {'a': 1}"),
        "one part": (lambda: contradictions(PARTS[0], str, str), "The parts are Part.*; write a list"),
        "notes without answers": (lambda: synthesize(echo, [Part("a", None)], "What?"), "The answer of 'a' is None; write it as"),
        "a key that some entries lack": (lambda: union([Part("a", '[{"x": 1}]')], same=lambda one: one["line"]),
                                         r"same\(entry\) can't read the entry {'x': 1} \(KeyError: 'line'\)"),
        "a key's name": (lambda: union(PARTS, same="line"), "same='line' can't be called"),
        "a claim of nobody": (lambda: count_once(PARTS, same=str, claimed=3), "claimed=3 does not say whose"),
        "candidates without order": (lambda: judge(echo, "Which?", {"a", "b"}), "The candidates are a set"),
        "no candidates": (lambda: judge(echo, "Which?", None), r"at least two candidates, not \[None\]"),
        # votes
        "ballots without number": (lambda: majority_vote({"spam"}), "a set, {'spam'}, which keeps equal votes only once"),
        "a normaliser's name": (lambda: majority_vote(["a"], normalize="plain"), "normalize='plain' can't be called"),
        "a reader's name": (lambda: union_vote([["a"]], read="json"), "read='json' can't be called"),
        "a vote's name": (lambda: vote_with_fallback(["a"], "b", decide="majority"), "decide='majority' can't be called"),
        "one weight": (lambda: weighted_vote(["a"], 3), "weights=3 is no list; write one"),
        "findings that lack the key": (lambda: union_vote([[{"x": 1}]], normalize=lambda one: one["y"]), "cannot be compared"),
        "waves of unions": (lambda: vote_in_waves(echo, 5, union_vote), "union_vote counts more than heads"),
        "waves of weights": (lambda: waves_for(["a"], partial(weighted_vote, weights=[1])), "weighted_vote counts more"),
        "a vote's name in waves": (lambda: vote_in_waves(echo, 5, "majority"), "decide='majority' can't be called"),
        # measuring
        "outcomes for labels": (lambda: measure_voters({"a": [BALLOT]}, ["spam"]), "An answer of 'a' is Outcome; write"),
        "no truth": (lambda: measure_voters({"a": ["spam"]}, None), "The truth is empty"),
        "verdicts for labels": (lambda: label_quality([majority_vote(["a"])], ["a"]), "An answer is Verdict; write what it says"),
        "one accuracy": (lambda: log_odds_weights(0.8), "accuracies=0.8 is no list; write one"),
        # running
        "a number for a file": (lambda: run_parallel(echo, ["x"], checkpoint=5), "checkpoint=5 is no file; write its path"),
        "a rate for a limiter": (lambda: within_limits(echo, 50), r"limiter=50 is no limiter; write .*RateLimiter\("),
        "one to race": (lambda: first_of(echo), "has nobody to race; write a list"),
        "a post for its text": (lambda: FLOW.run(echo, post=posts()[0]), "The input 'post' holds a Post; write what the prompt"),
        "posts for their texts": (
            lambda: Workflow("w", Input("all"), FanOut("each", "Spam? {all}", over="all", at_most=9), on_failure="raise").run(
                echo, all=posts()[:2]),
            "The input 'all' holds a Post"),
    }.values(),
)
def test_a_slip_is_told(call, message):
    with pytest.raises(BadInput, match=message):
        outcome_of(call)


def test_a_part_without_an_answer_does_not_read_as_none():
    with pytest.raises(UnreadablePart, match="The section 'a' has no answer, None; write MissingPart there"):
        concatenate([Part("a", None)])


def test_headings_in_code_are_comments():
    text = "## One\n```python\n## a comment\nx = 1\n```\n~~~\n## another\n~~~\n## Two\nLast.\n```\n## never closed"
    assert [section.title for section in split_by_heading(text)] == ["One", "Two"]
    assert split_by_heading(text)[0].text.endswith("## another\n~~~") and split_by_heading(text)[1].text.startswith("Last.")


def test_batches_of_a_generator():
    assert in_batches((letter for letter in "abc"), 2) == [["a", "b"], ["c"]]


def test_findings_by_line_stand_in_the_order_of_the_lines():
    lines = [[14, 6, 13], [14, 6, 13], [100]]
    found = union_vote(lines, normalize=lambda line: line)
    assert found.answer == (6, 13, 14, 100) and list(found.tally.values()) == [2, 2, 2, 1]

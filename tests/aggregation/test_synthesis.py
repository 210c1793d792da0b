"""Synthesis loses no note and keeps to its room; a judge's place counts for nothing."""

import asyncio
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import data
from course_lib.aggregation import MissingPart, Part, judge, synthesize
from course_lib.aggregation.synthesis import Duel, judging_prompt, synthesis_prompt
from course_lib.claude import connect, run_simulated
from course_lib.errors import BadInput, CourseError
from course_lib.parallel import estimate_tokens
from course_lib.sectioning import fan_out, map_reduce, split_by_heading

QUESTION = "What do the reports say?"


def notes(count, words=20):
    return [Part(f"note {number}", f"fact{number} " + "and more " * (words // 2)) for number in range(count)]


class Writer:
    """An `ask` that keeps every fact of its notes and nothing else, and remembers its prompts. A call takes a second."""

    def __init__(self, padding=""):
        self.prompts, self.now, self.most_at_once, self.padding = [], 0, 0, padding

    async def __call__(self, prompt):
        self.prompts.append(prompt)
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        await asyncio.sleep(1)
        self.now -= 1
        return " ".join(re.findall(r"fact\d+", prompt)) + self.padding


# --- one call ------------------------------------------------------------------------------------


def test_what_fits_is_one_call_that_sees_every_note_under_its_name():
    ask = Writer()
    synthesis = run_simulated(synthesize(ask, notes(3), QUESTION))
    assert (synthesis.text, synthesis.calls, synthesis.depth) == ("fact0 fact1 fact2", 1, 1)
    assert synthesis.parts == ("note 0", "note 1", "note 2")
    (prompt,) = ask.prompts
    assert prompt == synthesis_prompt(QUESTION, notes(3))
    assert [prompt.index(part.answer) > prompt.index(f"## {part.title}\n") for part in notes(3)] == [True] * 3
    assert "words" not in prompt.split("<notes>")[0]


def test_a_missing_part_is_told_and_not_taken_for_a_note():
    ask = Writer()
    parts = [*notes(2), MissingPart("note 2", "(missing: fact2 Overloaded)")]
    synthesis = run_simulated(synthesize(ask, parts, QUESTION))
    assert (synthesis.text, synthesis.parts, synthesis.missing) == ("fact0 fact1", ("note 0", "note 1"), ("note 2",))


# --- a tree --------------------------------------------------------------------------------------


def test_lost_findings_a_prompt_cut_to_size_and_a_tree():
    parts = notes(12)
    naive = synthesis_prompt(QUESTION, parts)[: 4 * 250]
    assert len(set(re.findall(r"fact\d+", naive))) < 12  # it fits, and the last notes are gone
    ask = Writer()
    synthesis = run_simulated(synthesize(ask, parts, QUESTION, most_tokens=250))
    assert synthesis.text.split() == [f"fact{number}" for number in range(12)]
    assert synthesis.parts == tuple(part.title for part in parts)
    assert synthesis.calls == len(ask.prompts) > 2
    assert synthesis.depth == 2


def test_a_level_runs_at_once():
    async def measured():
        start = asyncio.get_running_loop().time()
        synthesis = await synthesize(ask, notes(12), QUESTION, most_tokens=250)
        return synthesis, asyncio.get_running_loop().time() - start

    ask = Writer()
    synthesis, seconds = run_simulated(measured())
    assert seconds == synthesis.depth == 2
    assert ask.most_at_once == synthesis.calls - 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(200, 600))
def test_every_note_gets_to_the_top_and_no_prompt_is_too_long(sizes, most_tokens):
    ask = Writer()
    parts = [Part(f"{number}", f"fact{number} " + "x" * size) for number, size in enumerate(sizes)]
    synthesis = run_simulated(synthesize(ask, parts, QUESTION, most_tokens=most_tokens))
    assert synthesis.text.split() == [f"fact{number}" for number in range(len(sizes))]
    assert synthesis.calls == len(ask.prompts)
    assert max(map(estimate_tokens, ask.prompts)) <= most_tokens
    assert (synthesis.depth == 1) == (synthesis.calls == 1)


def test_each_step_on_the_way_up_is_asked_to_be_short_and_the_last_is_not():
    ask = Writer()
    run_simulated(synthesize(ask, notes(12), QUESTION, most_tokens=250))
    *below, top = (prompt.split("<notes>")[0] for prompt in ask.prompts)
    assert all(re.search(r"Answer as a list with dashes, in at most \d+ words\.", prompt) for prompt in below)
    assert "Answer as a list" not in top


def test_a_model_that_does_not_keep_itself_short_is_an_error_and_no_endless_climb():
    ask = Writer(padding=" blah" * 100)
    with pytest.raises(CourseError, match=r"No two neighbours of the \d+ notes fit into one prompt, which has room for"):
        run_simulated(synthesize(ask, notes(12), QUESTION, most_tokens=250))
    assert len(ask.prompts) < 12


def test_the_simulated_model_understands_both_prompts():
    claude = connect(seconds_per_call=3.0, sdk=False)
    chapters = [chapter for report in data.documents() for chapter in split_by_heading(report.text)]

    def summary(chapter):
        return f"Summarize in one sentence.\n\n<text>{chapter.text}</text>"

    parts = run_simulated(fan_out(claude.ask, chapters, summary, max_at_once=15))
    with claude.record() as one:
        whole = run_simulated(synthesize(claude.ask, parts, QUESTION))
    with claude.record() as tree:
        by_tree = run_simulated(synthesize(claude.ask, parts, QUESTION, most_tokens=400))
    assert (whole.calls, whole.depth, by_tree.calls, by_tree.depth) == (1, 1, 3, 2)
    assert (one.makespan, tree.makespan) == (3.0, 6.0)
    assert max(call.input_tokens for call in tree) <= 400
    assert tree[-1].label == "synthesis"
    said = " ".join(part.answer for part in parts)
    for text in (whole.text, by_tree.text):
        sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
        assert sum(sentence in said for sentence in sentences) >= len(sentences) - 2  # a number may be misread
    assert len(by_tree.text) < len(whole.text)  # every level shortens: the price of a tree


def test_synthesis_is_a_join():
    ask = Writer()
    sections = split_by_heading("## One\nfact1\n## Two\nfact2")
    joined = run_simulated(map_reduce(ask, sections, lambda section: section.text,
                                      join=lambda parts: synthesize(ask, parts, QUESTION)))
    assert (joined.text, joined.parts) == ("fact1 fact2", ("One", "Two"))


@pytest.mark.parametrize("start", [
    lambda ask: synthesize(ask, [], QUESTION),
    lambda ask: synthesize(ask, [*notes(2), Part("a", None)], QUESTION),
    lambda ask: synthesize(ask, notes(2, words=1000), QUESTION, most_tokens=500),
    lambda ask: synthesize(ask, notes(9, words=2), QUESTION, most_tokens=110),
    lambda ask: judge(ask, "?", ["one", 2]),
    lambda ask: judge(ask, "", ["one", "two"]),
])
def test_what_cannot_be_done_is_said_before_the_first_call(start):
    ask = Writer()
    with pytest.raises(BadInput):
        run_simulated(start(ask))
    assert ask.prompts == []


# --- judge ---------------------------------------------------------------------------------------


def answers_in(prompt):
    return {name: re.search(rf"<answer_{name}>\n(.*)\n</answer_{name}>", prompt, re.S).group(1) for name in "ab"}


async def prefers_longer(prompt):
    answers = answers_in(prompt)
    return "A" if len(answers["a"]) > len(answers["b"]) else "B"


def says(*replies):
    waiting = iter(replies)

    async def ask(prompt):
        return next(waiting)

    return ask


def test_the_same_candidate_wins_from_either_place():
    for candidates in (["Forty-two otters.", "Many."], ["Many.", "Forty-two otters."]):
        judgement = run_simulated(judge(prefers_longer, "How many otters?", candidates))
        assert (judgement.winner, judgement.status, judgement.consistent) == ("Forty-two otters.", "decided", True)


def test_order_bias_the_naive_way_and_ours():
    async def first_place_wins(prompt):
        return "A"

    question, candidates = "How many otters?", ["Many.", "Forty-two otters."]
    naive = {run_simulated(first_place_wins(judging_prompt(question, *pair))) for pair in (candidates, candidates[::-1])}
    assert naive == {"A"}  # each order elects another one, and neither looks wrong
    judgement = run_simulated(judge(first_place_wins, question, candidates))
    assert (judgement.winner, judgement.status, judgement.consistent) == (None, "no preference", False)
    assert judgement.answers == ("A", "A")


def test_the_prompt_holds_question_and_answers_under_their_tags_and_both_orders_are_asked():
    claude = connect(seconds_per_call=3.0, sdk=False)
    run_simulated(judge(claude.ask, "How many?", ["One.", "Two."]))
    prompts = [call.prompt for call in claude.log]
    assert prompts == [judging_prompt("How many?", "One.", "Two."), judging_prompt("How many?", "Two.", "One.")]
    assert prompts[0].startswith("Which answer is better? Answer A or B only.")
    assert re.search(r"<question>\s*How many\?\s*</question>", prompts[0])
    assert answers_in(prompts[1]) == {"a": "Two.", "b": "One."}
    assert claude.log.makespan == 3.0


@pytest.mark.parametrize("reply", ["A", "a", " A.\n", "**A**", "Answer A", "answer: a", "The better answer is A.", "A is better.",
                                   "(A)", "A is the better answer"])
def test_replies_that_name_a_place(reply):
    judgement = run_simulated(judge(says(reply, "B"), "?", ["x", "y"]))
    assert (judgement.winner, judgement.answers) == ("x", (reply, "B"))


@pytest.mark.parametrize("reply", ["", "A or B", "Both", "C", "A good question!", "Neither A nor B", "A is worse", "AB", "a b"])
def test_replies_that_name_no_place_are_nobodys_vote(reply):
    judgement = run_simulated(judge(says(reply, reply), "?", ["x", "y"]))
    assert (judgement.winner, judgement.status, judgement.consistent) == (None, "unreadable", False)
    half = run_simulated(judge(says(reply, "B"), "?", ["x", "y"]))
    assert (half.winner, half.status) == (None, "unreadable")


def test_more_than_two_meet_each_other_twice():
    candidates = {"short": "a", "long": "aaaa", "middle": "aa"}
    judgement = run_simulated(judge(prefers_longer, "?", candidates))
    assert (judgement.name, judgement.winner) == ("long", Part("long", "aaaa"))
    assert judgement.wins == {"long": 2, "middle": 1, "short": 0}
    assert len(judgement.answers) == 6
    assert judgement.duels[0] == Duel("short", "long", "long", True, ("B", "A"))


def test_a_circle_of_wins_is_a_tie_whatever_the_order():
    beats = {("rock", "scissors"), ("scissors", "paper"), ("paper", "rock")}

    async def ask(prompt):
        answers = answers_in(prompt)
        return "A" if (answers["a"], answers["b"]) in beats else "B"

    for candidates in (["rock", "paper", "scissors"], ["scissors", "rock", "paper"]):
        judgement = run_simulated(judge(ask, "?", candidates))
        assert (judgement.winner, judgement.status, judgement.consistent) == (None, "tie", True)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5, unique=True))
def test_a_judge_with_a_taste_finds_the_best_from_any_order(lengths):
    judgement = run_simulated(judge(prefers_longer, "?", ["x" * length for length in lengths]))
    assert judgement.winner == "x" * max(lengths)
    assert len(judgement.answers) == len(lengths) * (len(lengths) - 1)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 5), st.sampled_from("AB"))
def test_a_judge_who_follows_the_place_elects_nobody(count, place):
    async def ask(prompt):
        return place

    judgement = run_simulated(judge(ask, "?", [f"answer {number}" for number in range(count)]))
    assert (judgement.winner, judgement.status) == (None, "no preference")


def test_parts_keep_their_names():
    judgement = run_simulated(judge(prefers_longer, "?", [Part("haiku", "x"), Part("sonnet", "xx")]))
    assert (judgement.winner, judgement.name) == (Part("sonnet", "xx"), "sonnet")

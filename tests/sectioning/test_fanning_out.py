"""Fanning out answers in the order of the sections, and no section is missing without a word."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.aggregation import MissingPart, Part, UnreadablePart, answered, concatenate, missing, union
from course_lib.claude import connect, run_simulated
from course_lib.parallel import QuorumMissed
from course_lib.sectioning import DependentTasks, Section, Task, fan_out, map_reduce, split_by_heading


def title_of(section):
    return section.title


async def fail_on_two(prompt):
    await asyncio.sleep(1)
    if prompt == "Two":
        raise ConnectionError("the line was\ncut")
    return prompt.upper()


SECTIONS = [Section(title, "") for title in ("One", "Two", "Three")]

# --- fan-out -------------------------------------------------------------------------------------


def test_parts_stand_in_the_order_of_the_sections_however_they_finish():
    durations = {"One": 3, "Two": 1, "Three": 2}
    finished = []

    async def ask(prompt):
        await asyncio.sleep(durations[prompt])
        finished.append(prompt)
        return prompt.upper()

    sections = [Section(title, "") for title in durations]
    parts = run_simulated(fan_out(ask, sections, lambda section: section.title))
    assert parts == [Part("One", "ONE"), Part("Two", "TWO"), Part("Three", "THREE")]
    assert finished == ["Two", "Three", "One"]


def test_each_section_is_one_call_with_its_name_and_its_own_prompt():
    claude = connect(seconds_per_call=3.0, sdk=False)
    sections = split_by_heading("\n".join(f"## Chapter {n}\nText {n}." for n in range(6)))
    run_simulated(fan_out(claude.ask, sections, lambda section: f"Summarize: {section.text}", max_at_once=3))
    assert [call.label for call in claude.log] == [f"Chapter {n}" for n in range(6)]
    assert [call.prompt for call in claude.log] == [f"Summarize: Text {n}." for n in range(6)]
    assert (claude.log.makespan, claude.log.peak_in_flight) == (6.0, 3)


def test_no_sections_no_calls():
    claude = connect(sdk=False)
    assert run_simulated(fan_out(claude.ask, [], lambda section: section.text)) == []
    assert len(claude.log) == 0


# --- unequal pieces ------------------------------------------------------------------------------


def run_unequal(**how):
    """Four pieces of 3 s and, at the end, one of 9 s; two at once. Every word takes a second."""
    claude = connect(seconds_per_call=lambda prompt: float(len(prompt.split())), sdk=False)
    texts = {"a": "one " * 3, "b": "two " * 3, "c": "six " * 3, "d": "ten " * 3, "long": "all " * 9}
    sections = [Section(title, text) for title, text in texts.items()]
    parts = run_simulated(fan_out(claude.ask, sections, lambda section: section.text, max_at_once=2, **how))
    assert [part.title for part in parts] == list(texts)
    return claude.log


def test_longest_first_does_not_wait_for_a_straggler():
    as_listed, longest_first = run_unequal(), run_unequal(longest_first=True)
    assert as_listed.makespan == 15.0  # 3 + 3, then the 9 s alone
    assert longest_first.makespan == 12.0  # 9 beside 3 + 3 + 3, then the last 3
    assert [call.label for call in longest_first] == ["long", "a", "b", "c", "d"]
    assert as_listed.busy_seconds == longest_first.busy_seconds == 21.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.text("x", max_size=9)), max_size=8), st.integers(1, 4), st.booleans())
def test_each_part_stands_in_its_sections_place(pieces, max_at_once, longest_first):
    async def ask(prompt):
        await asyncio.sleep(len(prompt))
        return prompt

    sections = [Section(title, f"{number} {text}") for number, (title, text) in enumerate(pieces)]
    how = {"max_at_once": max_at_once, "longest_first": longest_first}
    parts = run_simulated(fan_out(ask, sections, lambda section: section.text, **how))
    assert parts == [Part(section.title, section.text) for section in sections]


# --- sections that fail --------------------------------------------------------------------------


def test_one_failure_ends_all_unless_something_else_was_decided():
    with pytest.raises(ConnectionError) as caught:
        run_simulated(fan_out(fail_on_two, SECTIONS, title_of))
    assert [outcome.item.title for outcome in caught.value.outcomes] == ["One", "Two", "Three"]


def test_lost_findings_the_naive_way_looks_complete_and_ours_does_not():
    async def naive():
        answers = await asyncio.gather(*(fail_on_two(section.title) for section in SECTIONS), return_exceptions=True)
        return concatenate(Part(section.title, answer) for section, answer in zip(SECTIONS, answers, strict=True)
                           if not isinstance(answer, Exception))

    assert run_simulated(naive()) == "## One\nONE\n\n## Three\nTHREE"  # who would look for a second section?
    parts = run_simulated(fan_out(fail_on_two, SECTIONS, title_of, on_error="collect"))
    assert concatenate(parts) == (
        "## One\nONE\n\n## Two\n(missing: ConnectionError: the line was cut)\n\n## Three\nTHREE"
    )
    assert missing(parts) == ["Two"]
    assert [part.title for part in answered(parts)] == ["One", "Three"]
    assert isinstance(parts[1].error, ConnectionError)


def test_a_union_does_not_pass_over_a_missing_part():
    parts = [Part("One", "[1]"), MissingPart("Two", "(missing: Overloaded)"), Part("Three", "[3]")]
    with pytest.raises(UnreadablePart, match=r"'Two' has no answer: .*; join answered\(parts\), and tell .* missing\(parts\)"):
        union(parts, same=str)
    assert [merged.entry for merged in union(answered(parts), same=str)] == [1, 3]


def test_failed_sections_stand_in_their_places_with_longest_first_too():
    sections = [Section("One", "x"), Section("Two", "xxx"), Section("Three", "xx")]
    parts = run_simulated(fan_out(fail_on_two, sections, title_of, on_error="collect", longest_first=True))
    assert [(part.title, isinstance(part, MissingPart)) for part in parts] == [("One", False), ("Two", True), ("Three", False)]


def test_a_prompt_that_cannot_be_written_is_a_missing_part_as_well():
    parts = run_simulated(fan_out(fail_on_two, SECTIONS[:1], lambda section: {}["text"], on_error="collect"))
    assert parts[0].answer == "(missing: KeyError: 'text')"


def test_a_quorum_of_sections_is_reached_or_missed():
    parts = run_simulated(fan_out(fail_on_two, SECTIONS, title_of, on_error="quorum", at_least=2))
    assert missing(parts) == ["Two"]
    with pytest.raises(QuorumMissed, match=r"Only 2 of 3 .* were answered, and at_least=3 .*; missing: 'Two'") as caught:
        run_simulated(fan_out(fail_on_two, SECTIONS, title_of, on_error="quorum", at_least=3))
    assert [outcome.status for outcome in caught.value.outcomes] == ["ok", "failed", "ok"]
    assert caught.value.outcomes[0].value == Part("One", "ONE")


# --- declared inputs and outputs -----------------------------------------------------------------


def test_dependent_tasks_are_refused_before_the_first_call():
    claude = connect(sdk=False)
    tasks = [Task("draft", gives=("text",)), Task("shorten", needs=("text",), gives=("summary",))]
    with pytest.raises(DependentTasks, match="'shorten' needs 'text', which 'draft' gives"):
        run_simulated(fan_out(claude.ask, tasks, title_of))
    assert len(claude.log) == 0


def test_independent_tasks_are_fanned_out_like_sections():
    tasks = [Task("One", needs=("report",), gives=("a",)), Task("Three", needs=("report",), gives=("b",))]
    assert run_simulated(fan_out(fail_on_two, tasks, title_of)) == [Part("One", "ONE"), Part("Three", "THREE")]


# --- map, then reduce ----------------------------------------------------------------------------


def test_map_reduce_is_fan_out_and_join_in_one():
    claude = connect(seconds_per_call=3.0, sdk=False)
    sections = split_by_heading("## One\nThe river is long.\n## Two\nThe hill is high.")

    def prompt(section):
        return f"Summarize in one sentence. <text>{section.text}</text>"

    report = run_simulated(map_reduce(claude.ask, sections, prompt))
    assert report == "## One\nThe river is long.\n\n## Two\nThe hill is high."
    assert (claude.log.makespan, claude.log.peak_in_flight) == (3.0, 2)


def test_the_join_may_be_a_call_of_its_own():
    async def count(parts):
        await asyncio.sleep(1)
        return len(parts)

    assert run_simulated(map_reduce(fail_on_two, SECTIONS, title_of, join=count, on_error="collect")) == 3


def test_the_join_sees_what_is_missing():
    assert run_simulated(map_reduce(fail_on_two, SECTIONS, title_of, join=missing, on_error="collect")) == ["Two"]

"""What depends is found before it runs; what does not runs at once."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.aggregation import Part
from course_lib.claude import connect, run_simulated
from course_lib.sectioning import (
    DependentTasks,
    Task,
    check_independent,
    flows_between,
    generations,
    run_in_generations,
)
from course_lib.sectioning.independence import Flow

DRAFT = Task("draft", needs=("report",), gives=("text",))
SHORTEN = Task("shorten", needs=("text",), gives=("summary",))
TRANSLATE = Task("translate", needs=("text", "glossary"), gives=("translation",))
COVER = Task("cover", needs=("report",), gives=("picture",))


def names(groups):
    return [[task.name for task in group] for group in groups]


@st.composite
def workflows(draw):
    """Tasks that need only what tasks before them give, in any order."""
    count = draw(st.integers(0, 8))
    tasks = [
        Task(f"task {n}", needs=[f"thing {m}" for m in sorted(draw(st.sets(st.integers(0, n - 1)) if n else st.just(())))],
             gives=[f"thing {n}"])
        for n in range(count)
    ]
    return draw(st.permutations(tasks))


# --- are they independent? -----------------------------------------------------------------------


def test_a_need_of_anothers_output_names_the_pair_and_what_flows():
    with pytest.raises(DependentTasks) as caught:
        check_independent([SHORTEN, DRAFT])  # their order in the list does not matter
    assert caught.value.flows == [Flow("text", "draft", "shorten")]
    assert str(caught.value).startswith("'shorten' needs 'text', which 'draft' gives. Run them one after another")


def test_every_pair_is_named_not_only_the_first():
    flows = flows_between([DRAFT, SHORTEN, TRANSLATE, Task("again", gives=("summary",))])
    assert [(flow.giver, flow.taker, flow.thing) for flow in flows] == [
        ("draft", "shorten", "text"), ("draft", "translate", "text"), ("shorten", "again", "summary"),
    ]


def test_readers_of_one_thing_are_independent():
    check_independent([DRAFT, COVER])
    check_independent([])
    check_independent([Task("count", needs=("total",), gives=("total",))])  # its own affair, as long as nobody else looks


@settings(deadline=None)
@given(workflows())
def test_tasks_of_one_generation_are_independent(tasks):
    for group in generations(tasks):
        check_independent(group)


# --- generations ---------------------------------------------------------------------------------


def test_generations_hold_what_can_run_at_once():
    assert names(generations([SHORTEN, TRANSLATE, COVER, DRAFT])) == [["cover", "draft"], ["shorten", "translate"]]
    assert generations([]) == []


@settings(deadline=None)
@given(workflows())
def test_every_task_stands_once_as_early_as_its_needs_allow(tasks):
    groups = generations(tasks)
    level = {task.name: number for number, group in enumerate(groups) for task in group}
    assert sorted(level) == sorted(task.name for task in tasks)
    giver = {thing: task.name for task in tasks for thing in task.gives}
    for task in tasks:
        assert level[task.name] == max((level[giver[thing]] + 1 for thing in task.needs), default=0)


def test_a_circle_is_spelled_out():
    tasks = [Task("egg", needs="hen", gives="egg"), Task("hen", needs="egg", gives="hen"), DRAFT]
    with pytest.raises(DependentTasks) as caught:
        generations(tasks)
    assert str(caught.value) == (
        "'hen' needs 'egg', which 'egg' gives; 'egg' needs 'hen', which 'hen' gives. "
        "That is a circle, egg → hen → egg: none of them can start. Take away a need, or make two tasks of one."
    )
    assert {flow.thing for flow in caught.value.flows} == {"egg", "hen"}


# --- running -------------------------------------------------------------------------------------


def prompt(task, inputs):
    return f"{task.name}({', '.join(inputs[thing] for thing in task.needs)})"


async def echo(prompt):
    await asyncio.sleep(1)
    return prompt


def test_each_task_gets_what_was_made_for_it():
    tasks = [SHORTEN, TRANSLATE, COVER, DRAFT]
    parts = run_simulated(run_in_generations(echo, tasks, prompt, given={"report": "R", "glossary": "G"}))
    assert parts == [
        Part("shorten", "shorten(draft(R))"), Part("translate", "translate(draft(R), G)"),
        Part("cover", "cover(R)"), Part("draft", "draft(R)"),
    ]


def test_stale_data_the_naive_way_and_ours():
    """All at once, the second step is asked about a draft that does not exist yet; nothing is raised."""

    async def naive():
        have = {"report": "R", "text": ""}

        async def do(task):
            have[task.gives[0]] = await echo(prompt(task, have))

        await asyncio.gather(do(DRAFT), do(SHORTEN))
        return have["summary"]

    assert run_simulated(naive()) == "shorten()"
    parts = run_simulated(run_in_generations(echo, [DRAFT, SHORTEN], prompt, given={"report": "R"}))
    assert parts[1].answer == "shorten(draft(R))"


def test_generations_take_as_long_as_the_chain_and_no_longer():
    claude = connect(seconds_per_call=3.0, sdk=False)
    given = {"report": "R", "glossary": "G"}
    run_simulated(run_in_generations(claude.ask, [DRAFT, COVER, SHORTEN, TRANSLATE], prompt, given=given))
    assert (claude.log.makespan, claude.log.peak_in_flight, len(claude.log)) == (6.0, 2, 4)
    assert [call.label for call in claude.log] == ["draft", "cover", "shorten", "translate"]


@settings(deadline=None, max_examples=40)
@given(workflows(), st.integers(1, 3))
def test_nothing_starts_before_what_it_needs(tasks, max_at_once):
    ended = []

    async def ask(prompt):
        task = next(task for task in tasks if task.name == prompt)
        assert all(thing in ended for thing in task.needs)
        await asyncio.sleep(len(prompt) % 3)
        ended.extend(task.gives)
        return prompt

    parts = run_simulated(run_in_generations(ask, tasks, lambda task, inputs: task.name, max_at_once=max_at_once))
    assert [part.title for part in parts] == [task.name for task in tasks]


# --- bad input -----------------------------------------------------------------------------------


def test_one_name_needs_no_tuple():
    assert Task("shorten", needs="text", gives=["summary"]) == SHORTEN

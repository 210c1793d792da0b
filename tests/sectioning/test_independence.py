"""What depends is found before it runs; what does not runs at once."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.aggregation import Part
from course_lib.claude import connect, run_simulated
from course_lib.errors import BadInput
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


def test_two_writers_of_one_thing_are_no_less_dependent():
    with pytest.raises(DependentTasks, match="'style' and 'security' both give 'report', so whichever ends last would overwrite"):
        check_independent([Task("style", gives="report"), Task("security", gives="report")])


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


def test_a_task_that_waits_for_itself_never_starts():
    with pytest.raises(DependentTasks, match=r"'revise' needs 'draft', which it gives itself\. That .* circle, revise → revise"):
        generations([Task("revise", needs="draft", gives="draft")])


def test_two_givers_of_one_thing_make_no_order():
    with pytest.raises(DependentTasks, match=r"both give 'text'.*Give each output a name of its own"):
        generations([DRAFT, Task("other draft", gives="text"), SHORTEN])


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


@pytest.mark.parametrize(("given", "hint"), [({}, r"write given=\{'report': …\}"), ({"repotr": "R"}, "did you mean 'repotr'")])
def test_what_is_not_there_is_missed_before_the_first_call(given, hint):
    claude = connect(sdk=False)
    with pytest.raises(BadInput, match=f"'draft' needs 'report', which no task gives and which was not given; {hint}"):
        run_simulated(run_in_generations(claude.ask, [DRAFT], prompt, given=given))
    assert len(claude.log) == 0


def test_an_input_that_was_not_declared_is_not_there():
    sneaky = Task("sneaky", needs="report", gives="a")
    with pytest.raises(BadInput, match=r"'sneaky' uses 'text' without saying so; write Task\('sneaky', needs=\('text', …\)\)"):
        run_simulated(run_in_generations(echo, [sneaky], lambda task, inputs: inputs["text"], given={"report": "R", "text": "T"}))


# --- bad input -----------------------------------------------------------------------------------


def test_one_name_needs_no_tuple():
    assert Task("shorten", needs="text", gives=["summary"]) == SHORTEN


@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_a_task_has_a_name(name):
    with pytest.raises(BadInput, match=r"A task is called .*; write a name"):
        Task(name)


@pytest.mark.parametrize("things", [5, [None], [""], {"text": 1}])
def test_inputs_are_names(things):
    with pytest.raises(BadInput, match=r"Task 'a' has needs=.*; write names, such as needs=\('draft',\)"):
        Task("a", needs=things)


def test_two_tasks_of_one_name():
    with pytest.raises(BadInput, match="Two tasks are called 'draft'"):
        generations([DRAFT, DRAFT])


@pytest.mark.parametrize("check", [check_independent, generations, flows_between])
def test_what_declares_nothing_cannot_be_checked(check):
    with pytest.raises(BadInput, match="'draft' declares no inputs and outputs; write Task"):
        check(["draft"])

"""Plans: independent parts, as many as asked for, about the thing that is asked about."""

import json

import pytest

from tests.simulation.model.asking import ask, usual

RIVER = "Was the restoration of the river Arrel a success?"


@pytest.mark.parametrize(
    "prompt, count",
    [
        ("Break this question into 3 independent sub-questions. <question>{}</question>", 3),
        ("Break this question into five independent research questions, one per line.\n\n{}", 5),
        ("You are a planner. Plan the research in two sub-questions.\nQuestion: {}", 2),
        ("Split the following question into independent subtasks.\n\n<task>{}</task>", 4),
        ("Which sub-questions should 3 researchers work on? <question>{}</question>", 3),
        ("Decompose the task into at most 6 independent parts: {}", 6),
        ('I need a plan: break "{}" into independent tasks.', 4),
    ],
)
def test_as_many_parts_as_asked_for_each_about_the_subject(prompt, count):
    lines = usual(prompt.format(RIVER)).splitlines()
    assert len(set(lines)) == count
    assert all("restoration of the river Arrel" in line and line.endswith("?") for line in lines)


@pytest.mark.parametrize(
    "question, subject",
    [
        ("How did the new tram line change life in Zurich?", "the new tram line"),
        ("What were the effects of the wolf's return on farmers?", "the wolf's return"),
        ("Write a report on bicycle lanes in Arnhem", "bicycle lanes in Arnhem"),
    ],
)
def test_the_subject_is_cut_out_of_the_question(question, subject):
    assert (
        usual(f"Break this into 3 independent sub-questions. <question>{question}</question>").splitlines()[0]
        == f"- What did {subject} cost, and who paid for it?"
    )


def test_named_aspects_become_the_parts():
    parts = json.loads(
        usual(
            "Split the task into independent subtasks. Answer as a JSON list of strings.\n\n"
            "Task: Write a report on bicycle lanes in Arnhem, covering cost, safety and public opinion."
        )
    )
    assert len(parts) == 3
    assert [any(word in part for part in parts) for word in ("cost", "safety", "public")] == [True] * 3


def test_a_plan_fits_the_learners_own_class():
    schema = {
        "type": "object",
        "properties": {
            "subtasks": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "integer"},
                        "title": {"type": "string"},
                        "question": {"type": "string"},
                        "depends_on": {"type": "array", "items": {"type": "integer"}},
                    },
                },
            }
        },
    }
    plan = json.loads(
        usual(f"Break this question into 3 independent subtasks. <question>{RIVER}</question>", schema=schema)
    )["subtasks"]
    assert [part["id"] for part in plan] == [1, 2, 3]
    assert all(
        part["question"].endswith("?") and part["depends_on"] == [] and 0 < len(part["title"]) < len(part["question"])
        for part in plan
    )


def test_now_and_then_a_part_depends_on_the_others():
    said = [
        ask(
            f"Break this question into independent sub-questions. <question>{RIVER}</question>",
            seed=seed,
            model="claude-haiku-5-5",
        )
        for seed in range(300)
    ]
    assert 0.02 < sum("answers to all of the other" in plan for plan in said) / 300 < 0.11


def test_its_questions_can_be_researched():
    source = (
        "<source>The restoration cost 8.4 million. The county paid. In a survey 81 percent of residents "
        "were in favour.</source>"
    )
    parts = usual(
        "Break this question into 2 independent sub-questions. <question>Was the restoration a success?</question>"
    ).splitlines()
    answers = [
        usual(f"What does this source say about this question: {part.removeprefix('- ')}\n\n{source}") for part in parts
    ]
    assert "8.4 million" in answers[0]
    assert "81 percent" in answers[1]


def test_without_a_question_there_is_no_plan():
    assert ask("You are a planner. Plan the research.").startswith("What shall I plan?")


@pytest.mark.parametrize("prompt, subject", [
    ("Plan three research questions about the bridge, as a JSON list only.", "What did bridge cost"),
    ("List 3 independent sub-questions about the bridge as a JSON array.", "What did bridge cost"),
    ("Break the task into independent subtasks: compare the three towns on cost and safety", "What did the three towns cost"),
])
def test_how_the_plan_shall_look_is_not_its_subject(prompt, subject):
    assert subject in usual(prompt)

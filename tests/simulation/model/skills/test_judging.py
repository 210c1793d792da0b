"""A judge with an order bias of the documented size."""

from statistics import mean

import pytest

from course_lib.simulation.model.skills.judging import AT_LEAST, TAKES_THE_FIRST, value_of
from tests.simulation.model.asking import ask, usual

ASK = (
    "Which answer is better? Answer A or B only.\n"
    "<question>{}</question>\n<answer_a>{}</answer_a>\n<answer_b>{}</answer_b>"
)
QUESTION = "When was the bridge built, and what did it cost?"
GOOD, POOR = "It was built in 1901 and cost 40,000 crowns.", "I like bridges."
CLOSE = [
    (
        f"The bridge was built in 19{year} and cost {cost} crowns.",
        f"It was built in 19{year}; the cost was {cost} crowns.",
    )
    for year, cost in zip(range(10, 60), range(1000, 51000, 1000), strict=True)
]


@pytest.mark.parametrize(
    "good, poor",
    [
        (GOOD, POOR),
        (GOOD, "The source does not say."),
        (GOOD, ""),
        ("It cost 40,000 crowns in 1901, when it was built.", "No idea, sorry."),
    ],
)
@pytest.mark.parametrize("model", ["claude-opus-5-5"])
def test_the_better_answer_wins_wherever_it_stands(good, poor, model):
    poor = poor or "Nothing."
    assert usual(ASK.format(QUESTION, good, poor), model=model) == "A"
    assert usual(ASK.format(QUESTION, poor, good), model=model) == "B"


@pytest.mark.parametrize(
    "prompt, first, second",
    [
        (
            "Which is better, 1 or 2? <question>{q}</question><response_1>{a}</response_1><response_2>{b}</response_2> "
            "Reply 1 or 2 only.",
            "1",
            "2",
        ),
        (
            "You are a judge. Which answer is better, the first or the second? One word "
            "only.\n<question>{q}</question><answer_1>{a}</answer_1><answer_2>{b}</answer_2>",
            "first",
            "second",
        ),
        (
            "You are a judge.\nQuestion: {q}\nAnswer A: {a}\nAnswer B: {b}\nWhich is better, A or B? One letter only.",
            "A",
            "B",
        ),
        (
            "Compare the two answers and choose the better one. Put your verdict in <verdict> tags: A or "
            "B.\n<question>{q}</question><answer_a>{a}</answer_a><answer_b>{b}</answer_b>",
            "<verdict>A</verdict>",
            "<verdict>B</verdict>",
        ),
    ],
)
def test_the_verdict_is_said_as_asked(prompt, first, second):
    assert usual(prompt.format(q=QUESTION, a=GOOD, b=POOR)) == first
    assert usual(prompt.format(q=QUESTION, a=POOR, b=GOOD)) == second


def test_which_is_worse_is_the_other():
    assert usual(ASK.format(QUESTION, GOOD, POOR).replace("better", "worse")) == "B"


def consistency(pairs, seeds=12):
    """How often the judge stands by its verdict when the two answers change places."""
    return mean(
        (ask(ASK.format(QUESTION, one, other), seed=seed, model="claude-haiku-5-5") == "A")
        == (ask(ASK.format(QUESTION, other, one), seed=seed, model="claude-haiku-5-5") == "B")
        for one, other in pairs
        for seed in range(seeds)
    )


def test_on_close_pairs_it_is_consistent_as_often_as_documented():
    assert consistency(CLOSE) == pytest.approx(1 - TAKES_THE_FIRST, abs=0.06)


def test_on_clear_pairs_it_nearly_always_is():
    clear = [(f"{good} (no. {number})", POOR) for number, (good, _) in enumerate(CLOSE)]
    assert consistency(clear) > 1 - AT_LEAST - 0.06


def test_on_close_pairs_it_leans_to_the_first():
    firsts = mean(
        ask(ASK.format(QUESTION, *pair), seed=seed, model="claude-haiku-5-5") == "A"
        for one, other in CLOSE[:25]
        for pair in ((one, other), (other, one))
        for seed in range(6)
    )
    assert firsts == pytest.approx(0.5 + TAKES_THE_FIRST / 2, abs=0.07)


def test_a_tie_is_said_where_the_prompt_offers_one():
    prompt = ASK.replace("A or B only", "A, B or tie only")
    assert usual(prompt.format(QUESTION, GOOD, GOOD)) == "tie"


def test_figures_that_the_source_does_not_hold_cost_an_answer():
    source = "The bridge was built in 1901 for 40,000 crowns."
    assert (
        value_of(GOOD, QUESTION, source)
        > value_of("It was built in 1931 and cost 90,000 crowns.", QUESTION, source) + 0.2
    )
    assert value_of("42", "What is 6 times 7?", reference="42") > value_of("41", "What is 6 times 7?", reference="42")


@pytest.mark.parametrize(
    "scale, low, high", [("from 1 to 10", 1, 10), ("from 0 to 1", 0, 1), ("0-100", 0, 100), ("out of 5", 1, 5)]
)
def test_scores_keep_to_their_scale_and_to_the_worth(scale, low, high):
    ask_for = f"Rate this answer {scale}. Number only. <question>{QUESTION}</question><answer>{{}}</answer>"
    good, poor = float(usual(ask_for.format(GOOD))), float(usual(ask_for.format(POOR)))
    assert low <= poor < good <= high


def test_faithfulness_is_a_yes_or_a_no():
    ask_for = (
        "Does the summary contain only facts from the source? <source>The river is 40 km "
        "long.</source><summary>The river is {} km long.</summary>"
    )
    assert usual(ask_for.format(40)).lower().startswith("yes") or "yes" in usual(ask_for.format(40)).lower()
    assert "no" in usual(ask_for.format(50)).lower()


def test_an_answer_without_its_question_cannot_be_judged():
    assert "by its question" in ask("Rate this answer from 1 to 10. <answer>Forty.</answer>")

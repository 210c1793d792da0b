"""Names and prices: one table, and an error that finds the model you meant."""


import pytest

from course_lib.data.models import DEFAULT_MODEL, MODELS, cost_of, find_model
from course_lib.errors import BadInput, CourseError


@pytest.mark.parametrize("model_id", MODELS)
def test_every_model_is_found_under_its_own_id(model_id):
    assert find_model(model_id).id == model_id
    assert f"{find_model(model_id).name} ".startswith("Claude ")


def test_the_default_is_in_the_table_and_only_the_older_model_has_a_temperature():
    assert DEFAULT_MODEL in MODELS
    assert [model.id for model in MODELS.values() if model.accepts_temperature] == ["claude-haiku-4-5"]


@pytest.mark.parametrize(("wrong", "meant"), [
    ("claude-haiku-55", "claude-haiku-5-5"), ("claude-sonnet-5.5", "claude-sonnet-5-5"),
    ("opus", "claude-opus-5-5"), ("claude-haiku-4.5", "claude-haiku-4-5"),
])
def test_a_slip_is_answered_with_the_nearest_model(wrong, meant):
    with pytest.raises(BadInput, match=f"no model '{wrong}' in this course; did you mean '{meant}'"):
        find_model(wrong)


@pytest.mark.parametrize("wrong", ["zzz", "", None, 7, [], True])
def test_anything_else_is_answered_with_the_list(wrong):
    with pytest.raises(CourseError) as caught:
        find_model(wrong)
    assert repr(wrong) in str(caught.value)
    assert "choose one of" in str(caught.value) or "did you mean" in str(caught.value)


@pytest.mark.parametrize(("model_id", "dollars"), [
    ("claude-haiku-5-5", 5 * (0.10 + 0.50)), ("claude-sonnet-5-5", 12.0), ("claude-opus-5-5", 24.0), ("claude-haiku-4-5", 6.0),
])
def test_a_million_tokens_each_way(model_id, dollars):
    assert cost_of(model_id, 1_000_000, 1_000_000) == pytest.approx(dollars)


@pytest.mark.parametrize(("tokens", "times"), [(100_000, 1), (100_001, 5)])
def test_a_long_prompt_costs_more_and_so_does_its_answer(tokens, times):
    assert cost_of("claude-haiku-5-5", tokens, 1000) == pytest.approx(times * (tokens * 0.10 + 1000 * 0.50) / 1e6)
    assert cost_of("claude-sonnet-5-5", tokens, 1000) == pytest.approx((tokens * 2 + 1000 * 10) / 1e6)


@pytest.mark.parametrize("model_id", MODELS)
def test_in_a_batch_everything_costs_half(model_id):
    assert cost_of(model_id, 1000, 100, batch=True) == cost_of(model_id, 1000, 100) / 2 > 0


def test_a_model_outside_the_table_costs_nothing_we_know_of():
    assert cost_of("somebody-elses-model", 10**9, 10**9) == 0.0

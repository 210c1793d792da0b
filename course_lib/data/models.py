"""The models of the course: their names and prices, in one table with its date."""

import difflib
from dataclasses import dataclass

from course_lib.errors import BadInput

PRICES_AS_OF = "2026-11"
PRICES_SOURCE = "https://platform.claude.com/docs/en/models/haiku-5-5/overview"


BATCH_SHARE = 0.5
"""What a call costs when it is sent in a batch: this share of its price. Source: the same pages."""


@dataclass(frozen=True)
class Model:
    """One model: prices are US dollars per million tokens, sizes are tokens.

    A prompt of more than `long_prompt` tokens costs `long_prompt_factor` times as much, and so does its answer.
    """

    id: str
    name: str
    input_price: float
    output_price: float
    max_output: int
    context: int
    accepts_temperature: bool = False
    long_prompt: int | None = None
    long_prompt_factor: int = 1


MODELS = {
    model.id: model
    for model in (
        Model("claude-haiku-5-5", "Claude Haiku 5.5", 0.10, 0.50, 128_000, 1_000_000,
              long_prompt=100_000, long_prompt_factor=5),
        Model("claude-sonnet-5-5", "Claude Sonnet 5.5", 2.00, 10.00, 128_000, 1_000_000),
        Model("claude-opus-5-5", "Claude Opus 5.5", 4.00, 20.00, 128_000, 1_000_000),
        # The older model stays for the lesson on temperature: it is the last Haiku that has one.
        Model("claude-haiku-4-5", "Claude Haiku 4.5", 1.00, 5.00, 64_000, 200_000, accepts_temperature=True),
    )
}
DEFAULT_MODEL = "claude-haiku-5-5"


def find_model(model_id: str) -> Model:
    """The model with this id.

    Raises: BadInput for an id that is not in the table; it names the nearest one.

    >>> find_model("claude-haiku-5-5").output_price
    0.5
    >>> find_model("claude-haiku-55")
    Traceback (most recent call last):
    course_lib.errors.BadInput: There is no model 'claude-haiku-55' in this course; did you mean 'claude-haiku-5-5'?
    """
    try:
        return MODELS[model_id]
    except (KeyError, TypeError):
        near = difflib.get_close_matches(str(model_id), MODELS, n=1, cutoff=0.3)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(MODELS)}."
        raise BadInput(f"There is no model {model_id!r} in this course; {hint}") from None


def cost_of(model_id: str, input_tokens: int, output_tokens: int, *, batch: bool = False) -> float:
    """US dollars for one call; a model outside the table costs nothing we know of. `batch`: it was sent in a batch.

    >>> f"{cost_of('claude-sonnet-5-5', 1_000_000, 100_000):.2f}"
    '3.00'
    >>> f"{cost_of('claude-sonnet-5-5', 1_000_000, 100_000, batch=True):.2f}"
    '1.50'
    """
    model = MODELS.get(model_id)
    if model is None:
        return 0.0
    times = model.long_prompt_factor if model.long_prompt and input_tokens > model.long_prompt else 1
    share = BATCH_SHARE if batch else 1.0
    return (input_tokens * model.input_price + output_tokens * model.output_price) * times * share / 1_000_000

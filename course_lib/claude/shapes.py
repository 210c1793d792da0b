"""Answers of a shape: a pydantic model as the schema that goes out, and as the instance that comes back."""

from typing import NamedTuple, TypeVar

from course_lib.errors import BadInput, CourseError

Shape = TypeVar("Shape")


class DoesNotFit(CourseError):
    """An answer that is not of the shape that `ask_for` was to get. `answer` is its text."""

    def __init__(self, message: str, answer: str = ""):
        super().__init__(message)
        self.answer = answer


class Answer(NamedTuple):
    """An answer's text, and why it ends there."""

    text: str
    stop_reason: str


def schema_of(shape: type) -> dict:
    """The JSON schema of a pydantic model, as the API wants it: closed objects, and bounds said in words."""
    from anthropic import transform_schema
    from pydantic import BaseModel
    from pydantic.errors import PydanticUserError

    if not (isinstance(shape, type) and issubclass(shape, BaseModel)):
        raise BadInput(
            f"{getattr(shape, '__name__', repr(shape))} is no shape for an answer; write a pydantic model, such as "
            "class Review(BaseModel): stars: int, and ask_for(Review, prompt)."
        )
    try:
        return transform_schema(shape)
    except (PydanticUserError, ValueError) as error:
        raise BadInput(
            f"{shape.__name__} can't be said as JSON ({str(error).splitlines()[0]}); use text, numbers, bool, lists, "
            "Literal and other models as its fields."
        ) from error


def read_as(shape: type[Shape], answer: Answer, max_tokens: int) -> Shape:
    """The instance that an answer holds. Raises: DoesNotFit, with what came and what to do."""
    from pydantic import ValidationError

    try:
        return shape.model_validate_json(answer.text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
    came = answer.text if len(answer.text) <= 200 else answer.text[:199] + "…"
    advice = {
        "max_tokens": f"It was cut at max_tokens={max_tokens}; allow more.",
        "refusal": "The model refused to answer; ask differently.",
    }.get(answer.stop_reason, "Say in the prompt what each field means, or ask for fewer fields.")
    raise DoesNotFit(
        f"The answer is no {shape.__name__}: {where + ': ' if where else ''}{first['msg']}. What came: {came!r}. {advice}",
        answer.text,
    )

"""What today's API refuses, and in which words.

Source: https://platform.claude.com/docs/en/api/messages and /api/errors; sampling parameters are
refused on anthropic-version 2026-10-21, and on 2023-06-01 for current models.
"""

from course_lib.models import MODELS, Model
from course_lib.simulation.tokens import count_tokens

CURRENT_VERSION = "2026-10-21"
OLD_VERSION = "2023-06-01"
SAMPLING = ("temperature", "top_p", "top_k")
KNOWN_FIELDS = {
    "model", "messages", "max_tokens", "system", "stop_sequences", "stream", "metadata", "output_config",
    "thinking", "service_tier", "cache_control", "inference_geo", *SAMPLING,
}
NOT_SIMULATED = ("tools", "tool_choice", "container", "mcp_servers")


class Refusal(Exception):
    """An error reply: HTTP status, the API's error type, and its message."""

    def __init__(self, status: int, kind: str, message: str):
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_request_error", message)


def check_headers(headers: dict[str, str]) -> None:
    """Raises: Refusal 401 without a key, 400 without a version that the API knows."""
    if not (headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer").strip()):
        raise Refusal(401, "authentication_error", "x-api-key header is required")
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in (CURRENT_VERSION, OLD_VERSION):
        raise invalid(f"anthropic-version: \"{version}\" is not a valid version")


def check_message_request(body: object, version: str) -> Model:
    """The model that a well-formed request asks for. Raises: Refusal, as the API would."""
    if not isinstance(body, dict):
        raise invalid("The request body is not valid JSON: an object is expected")
    _check_fields(body)
    model = _check_model(body)
    _check_sampling(body, model, version)
    _check_max_tokens(body, model)
    _check_kinds(body)
    _check_messages(body, model)
    return model


def _check_fields(body):
    for name in ("model", "messages"):
        if name not in body:
            raise invalid(f"{name}: Field required")
    for name in NOT_SIMULATED:
        if body.get(name):
            raise invalid(f"{name}: not part of the simulated API; connect live for it")
    for name in body:
        if name not in KNOWN_FIELDS and name not in NOT_SIMULATED:
            raise invalid(f"{name}: Extra inputs are not permitted")


def _check_model(body) -> Model:
    if not isinstance(body["model"], str):
        raise invalid("model: Input should be a valid string")
    model = MODELS.get(body["model"])
    if model is None:
        raise Refusal(404, "not_found_error", f"model: {body['model']}")
    return model


def _check_sampling(body, model, version):
    for name in SAMPLING:
        if name not in body:
            continue
        if version == CURRENT_VERSION:
            raise invalid(f"{name}: Extra inputs are not permitted")
        if not model.accepts_temperature:
            raise invalid(f"`{name}` is deprecated for this model.")
        if name == "temperature" and not (_is_number(body[name]) and 0 <= body[name] <= 1):
            raise invalid("temperature: range: 0..1")


def _check_max_tokens(body, model):
    if "max_tokens" not in body:
        raise invalid("max_tokens: Field required")
    most = body["max_tokens"]
    if isinstance(most, bool) or not isinstance(most, int):
        raise invalid("max_tokens: Input should be a valid integer")
    if most < 1:
        raise invalid("max_tokens: Input should be greater than or equal to 1")
    if most > model.max_output:
        raise invalid(
            f"max_tokens: {most} > {model.max_output}, which is the maximum allowed number of output tokens for {model.id}"
        )


def _check_kinds(body):
    for name, kinds, wanted in (("system", (str, list), "string"), ("stop_sequences", list, "list"),
                                ("output_config", dict, "dictionary")):
        if body.get(name) is not None and not isinstance(body[name], kinds):
            raise invalid(f"{name}: Input should be a valid {wanted}")
    if not all(isinstance(stop, str) for stop in body.get("stop_sequences") or ()):
        raise invalid("stop_sequences: Input should be a valid list of strings")
    wanted = (body.get("output_config") or {}).get("format")
    if wanted is not None and not (isinstance(wanted, dict) and isinstance(wanted.get("schema"), dict)):
        raise invalid("output_config.format: Input should hold a type and a schema")


def _check_messages(body, model):
    messages = body["messages"]
    if not isinstance(messages, list):
        raise invalid("messages: Input should be a valid list")
    if not messages:
        raise invalid("messages: at least one message is required")
    for index, message in enumerate(messages):
        _check_message(index, message)
    if messages[-1]["role"] == "assistant":
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    if (tokens := count_input_tokens(body)) > model.context:
        raise invalid(f"prompt is too long: {tokens} tokens > {model.context} maximum")


def _check_message(index, message):
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
        raise invalid(f"messages.{index}.role: Input should be 'user' or 'assistant'")
    if not isinstance(message.get("content"), (str, list)):
        raise invalid(f"messages.{index}.content: Field required")
    if isinstance(message["content"], list):
        for block in message["content"]:
            if not isinstance(block, dict) or block.get("type") != "text" or not isinstance(block.get("text"), str):
                raise invalid(f"messages.{index}.content: the simulated API reads text blocks only")
    if not text_of(message["content"]).strip():
        raise invalid(f"messages.{index}: user messages must have non-empty content")


def text_of(content: object) -> str:
    """The text of a message's or system prompt's content, whichever of its two forms it has."""
    if isinstance(content, list):
        return "\n".join(str(block.get("text") or "") for block in content if isinstance(block, dict))
    return content if isinstance(content, str) else ""


def count_input_tokens(body: dict) -> int:
    """Tokens of everything that is sent: system prompt, all messages, and a few per message for its frame."""
    texts = [text_of(message["content"]) for message in body["messages"]]
    if body.get("system"):
        texts.append(text_of(body["system"]))
    return sum(count_tokens(text) + 4 for text in texts)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

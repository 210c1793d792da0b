"""What today's API refuses, and in which words.

Source: https://platform.claude.com/docs/en/api/messages and /api/errors; sampling parameters are
refused on anthropic-version 2026-10-21, and on 2023-06-01 for current models.
"""

import json
import re

from course_lib.data.models import MODELS, Model
from course_lib.errors import is_number
from course_lib.simulation.api.refusals import Refusal, invalid
from course_lib.simulation.api.schema_rules import check_schema
from course_lib.simulation.content import count_tokens, text_of

CURRENT_VERSION = "2026-10-21"
OLD_VERSION = "2023-06-01"
REQUIRED = ("model", "max_tokens", "messages")
SAMPLING = frozenset(("temperature", "top_p", "top_k"))
NOT_SIMULATED = frozenset(("container", "mcp_servers"))
KNOWN_FIELDS = SAMPLING | NOT_SIMULATED | {
    "model", "messages", "max_tokens", "system", "stop_sequences", "stream", "metadata", "output_config", "tools",
    "tool_choice", "thinking", "service_tier", "cache_control", "inference_geo", "diagnostics", "speed",
}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
MOST_BYTES = 32 * 1024 * 1024
MOST_BYTES_OF_A_BATCH = 256 * 1024 * 1024

_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def check_headers(headers: dict[str, str], most_bytes: int = MOST_BYTES) -> None:
    """Raises: Refusal 413 for too long a body, 401 without a key, 400 without a version that the API knows."""
    if int(headers.get("content-length") or 0) > most_bytes:
        raise Refusal(413, "Request exceeds the maximum size")
    if not (headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer").strip()):
        raise Refusal(401, "x-api-key header is required")
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in (CURRENT_VERSION, OLD_VERSION):
        raise invalid(f"anthropic-version: \"{version}\" is not a valid version")


def check_message_request(body: object, version: str) -> tuple[Model, int]:
    """The model that a well-formed request asks for, and its input tokens. Raises: Refusal, as the API would."""
    if not isinstance(body, dict):
        raise invalid("The request body is not valid JSON: an object is expected")
    _check_fields(body)
    model = _check_model(body)
    if not SAMPLING.isdisjoint(body):
        _check_sampling(body, model, version)
    _check_max_tokens(body, model)
    if len(body) > len(REQUIRED):
        _check_kinds(body)
        _check_output(body.get("output_config") or {})
        _check_tools(body.get("tools"), body.get("tool_choice"))
    _check_messages(body["messages"])
    tokens = count_input_tokens(body)
    if tokens > model.context:
        raise invalid(f"prompt is too long: {tokens} tokens > {model.context} maximum")
    return model, tokens


def _check_fields(body):
    for name in ("model", "messages"):
        if name not in body:
            raise invalid(f"{name}: Field required")
    for name in NOT_SIMULATED & body.keys():
        if body[name]:
            raise invalid(f"{name}: not part of the simulated API; connect live for it")
    if not body.keys() <= KNOWN_FIELDS:
        unknown = next(name for name in body if name not in KNOWN_FIELDS)
        raise invalid(f"{unknown}: Extra inputs are not permitted")


def _check_model(body) -> Model:
    if not isinstance(body["model"], str):
        raise invalid("model: Input should be a valid string")
    model = MODELS.get(body["model"])
    if model is None:
        raise Refusal(404, f"model: {body['model']}")
    return model


def _check_sampling(body, model, version):
    for name in ("temperature", "top_p", "top_k"):
        if name not in body:
            continue
        if version == CURRENT_VERSION:
            raise invalid(f"{name}: Extra inputs are not permitted")
        if not model.accepts_temperature:
            raise invalid(f"`{name}` is deprecated for this model.")
        if name == "temperature" and not is_number(body[name], 0, 1):
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
    for name, kinds, wanted in (("system", (str, list), "string"), ("stop_sequences", list, "list"), ("stream", bool, "boolean"),
                                ("output_config", dict, "dictionary"), ("tools", list, "list"),
                                ("tool_choice", dict, "dictionary")):
        if body.get(name) is not None and not isinstance(body[name], kinds):
            raise invalid(f"{name}: Input should be a valid {wanted}")
    for stop in body.get("stop_sequences") or ():
        if not isinstance(stop, str):
            raise invalid("stop_sequences: Input should be a valid list of strings")
        if not stop.strip():
            raise invalid("stop_sequences: each stop sequence must contain non-whitespace")


def _check_output(config):
    if config.get("effort") is not None and config["effort"] not in EFFORTS:
        raise invalid(f"output_config.effort: Input should be one of {', '.join(EFFORTS)}")
    wanted = config.get("format")
    if wanted is None:
        return
    if not (isinstance(wanted, dict) and isinstance(wanted.get("schema"), dict)):
        raise invalid("output_config.format: Input should hold a type and a schema")
    if wanted.get("type") != "json_schema":
        raise invalid("output_config.format.type: Input should be 'json_schema'")
    check_schema(wanted["schema"])


def _check_tools(tools, choice):
    """Tools may be offered; the simulated model answers in words, as a model may that needs none."""
    for index, tool in enumerate(tools or ()):
        if not isinstance(tool, dict) or not _TOOL_NAME.fullmatch(str(tool.get("name") or "")):
            raise invalid(f"tools.{index}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool.get("type") in (None, "custom") and not isinstance(tool.get("input_schema"), dict):
            raise invalid(f"tools.{index}.input_schema: Field required")
    names = [tool["name"] for tool in tools or ()]
    if len(set(names)) < len(names):
        raise invalid("tools: Tool names must be unique")
    if choice is None:
        return
    if not tools:
        raise invalid("tool_choice: may only be given together with tools")
    if choice.get("type") in ("any", "tool"):
        raise invalid(
            'tool_choice: the simulated model answers in words and uses no tool; write {"type": "auto"}, or connect live'
        )
    if choice.get("type") not in ("auto", "none"):
        raise invalid("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")


def _check_messages(messages):
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


def _check_message(index, message):
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
        raise invalid(f"messages.{index}.role: Input should be 'user' or 'assistant'")
    content = message.get("content")
    if not isinstance(content, (str, list)):
        raise invalid(f"messages.{index}.content: Field required")
    if isinstance(content, list):
        for block in content:
            if not isinstance(block, dict) or block.get("type") != "text" or not isinstance(block.get("text"), str):
                raise invalid(f"messages.{index}.content: the simulated API reads text blocks only")
    text = text_of(content)
    if not text or text.isspace():
        raise invalid(f"messages.{index}: user messages must have non-empty content")


def count_input_tokens(body: dict) -> int:
    """Tokens of everything that is sent: system prompt, tools, all messages, and a few per message for its frame."""
    texts = [text_of(message["content"]) for message in body["messages"]]
    if body.get("system"):
        texts.append(text_of(body["system"]))
    if body.get("tools"):
        texts.append(json.dumps(body["tools"]))
    return sum(count_tokens(text) + 4 for text in texts)

"""What `connect()` is given, checked before anything else happens: each refusal says what to write instead."""

from urllib.parse import urlsplit

from course_lib.claude.budget import Budget
from course_lib.data.models import DEFAULT_MODEL
from course_lib.errors import BadInput, CourseError, check_number, check_share, check_text, check_whole, shown
from course_lib.simulation.api.faults import Faults
from course_lib.simulation.api.rate_limits import Limits

BACKENDS = ("simulated", "live", "replay")


def check_backend(backend, max_retries, timeout):
    """A backend that there is, and the SDK's own settings."""
    if backend not in BACKENDS:
        raise BadInput(f"There is no backend {backend!r}; write connect() for the simulated one, connect('live') or "
                       "connect('replay', replies='replies.jsonl').")
    check_whole(max_retries, "max_retries", "is no count", 2, least=0)
    check_number(timeout, "timeout", "is no time-out", 20, above=True, kind="seconds", none="for the SDK's")


def check_seconds(seconds_per_call):
    """Seconds, a function of the prompt, or None."""
    if not callable(seconds_per_call):
        example = "3.0, or a function of the prompt"
        check_number(seconds_per_call, "seconds_per_call", "is no duration", example, kind="seconds", none="")


def check_belongings(backend, **given):
    """Which setting belongs where: a value that could have no effect is a misunderstanding."""
    only = {
        "live": ("seed", "seconds_per_call", "limits", "faults", "sdk", "replies"),
        "simulated": ("replies", "api_key", "base_url"),
        "replay": ("seed", "limits", "faults", "record", "api_key", "base_url"),
    }[backend]
    strangers = [name for name in only if given[name] or given[name] == 0.0 and name == "seconds_per_call"]
    if not strangers:
        return
    if backend == "live":
        raise BadInput(
            "seed, seconds_per_call, limits, faults and sdk=False belong to the simulation; write connect('live') without them."
            if strangers != ["replies"] else "replies belongs to connect('replay'); write connect('live', record=…) to make some."
        )
    if backend == "simulated":
        home = "connect('replay')" if strangers == ["replies"] else "connect('live')"
        raise BadInput(f"{' and '.join(strangers)} would do nothing here and belongs to {home}; write it there, or leave it out.")
    raise BadInput(
        f"{' and '.join(strangers)} would do nothing in a replay, which gives back what was recorded; "
        "write connect('replay', replies='replies.jsonl') without it."
    )


def check_model(model):
    """A model's name; live, any that the server knows."""
    check_text(model, "model", "is no model's name", repr(DEFAULT_MODEL))


def check_budget(budget):
    """A Budget or None."""
    if budget is not None and not isinstance(budget, Budget):
        raise BadInput(f"budget={shown(budget)} is no budget; write budget=Budget(dollars=0.50), for example.")


def check_account(limits, faults):
    """Limits and faults of the simulated account, or None."""
    if limits is not None and not isinstance(limits, Limits):
        raise BadInput(f"limits={shown(limits)} are no limits; write limits=Limits(requests_per_minute=50), for example.")
    if faults is not None and not isinstance(faults, Faults):
        raise BadInput(f"faults={shown(faults)} are no faults; write faults=Faults(overloaded=0.05), for example.")


def check_temperature(temperature):
    """A temperature or None."""
    if temperature is not None:
        check_share(temperature, "temperature", 0.7, "is no temperature")


def check_base_url(base_url):
    """The address of a server that speaks Anthropic's API, or None."""
    if base_url is None:
        return
    parts = urlsplit(base_url) if isinstance(base_url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"base_url={base_url!r} is no address; write one such as 'http://127.0.0.1:8000'.")
    if parts.username or parts.password:
        raise BadInput(f"base_url holds a password for {parts.hostname}; leave it out and write api_key=… instead.")
    if parts.path.rstrip("/").endswith("/v1"):
        raise BadInput(f"base_url={base_url!r} ends in /v1, which the SDK adds by itself; leave it out.")


def checked_key(key, base_url) -> str:
    """The key, which no message may show. A server of one's own may do without."""
    if key is not None and not isinstance(key, str):
        raise BadInput(f"api_key is of type {type(key).__name__}; write the key as a text, or set ANTHROPIC_API_KEY.")
    key = (key or "").strip()
    if not key and base_url:
        return "none"
    if not key:
        raise CourseError(
            "The live backend needs a key and the environment variable ANTHROPIC_API_KEY is empty; "
            "set it before you start JupyterLab, or write connect() for the simulated backend."
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput("The API key holds a space, a line break or an unusual letter; copy it again (it is not shown here).")
    return key

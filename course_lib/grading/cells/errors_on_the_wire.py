"""The SDK's exceptions as JSON and back, for a simulation that answers from another process."""

from functools import cache


def error_on_the_wire(error: BaseException | None) -> dict:
    """What it takes to raise the same exception elsewhere; None stands for a call that was cancelled."""
    response = getattr(error, "response", None)
    return {
        "error": "CancelledError" if error is None else type(error).__name__,
        "message": "" if error is None else str(error),
        "status": getattr(error, "status_code", None),
        "headers": dict(response.headers) if response is not None else {},
        "body": getattr(error, "body", None),
    }


def error_from_the_wire(said: dict) -> Exception:
    """The exception that `error_on_the_wire` described: of the SDK's class, with status, headers and body."""
    import anthropic
    import httpx2

    request = httpx2.Request("POST", "https://api.anthropic.com/v1/messages")
    if said["status"] is not None:
        response = httpx2.Response(said["status"], headers=said["headers"], json=said["body"], request=request)
        return _client()._make_status_error(said["message"], body=said["body"], response=response)
    if said["error"] == "APITimeoutError":
        return anthropic.APITimeoutError(request=request)
    if said["error"] == "APIConnectionError":
        return anthropic.APIConnectionError(message=said["message"], request=request)
    return RuntimeError(f"{said['error']}: {said['message']}")


@cache
def _client():
    """A client that sends nothing: it knows which exception goes with which status, and is slow to make."""
    import anthropic

    return anthropic.Anthropic(api_key="simulated")

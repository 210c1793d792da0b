"""The API's errors: which HTTP status goes with which type, and in which words.

Source: https://platform.claude.com/docs/en/api/errors
"""

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Refusal(Exception):
    """An error reply: HTTP status, the API's error type, and its message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.kind, self.message = status, KINDS[status], message


def invalid(message: str) -> Refusal:
    """400: something in the request is not as the API wants it."""
    return Refusal(400, message)


def error_body(kind: str, message: str, request_id: str) -> dict:
    """The JSON of every error, whether it comes as a reply or in the middle of a stream.

    >>> error_body("overloaded_error", "Overloaded", "req_1")["error"]
    {'type': 'overloaded_error', 'message': 'Overloaded'}
    """
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}

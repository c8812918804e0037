"""What went wrong with a call to the model, in words for the user or the operator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import anthropic
import httpx2
from django.conf import settings

DEFAULT_RETRY_AFTER: Final = 30
MAX_RETRY_AFTER: Final = 7 * 24 * 3600
_MOST_WORDS: Final = 300
_MOST_REQUEST_ID: Final = 80


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call.

    Args:
        code: a stable name for programs.
        detail: what happened and what to do.
        retry_after: seconds that the service asks to wait; None when it asks for nothing.
        is_passing: whether the same call may succeed a moment later.
        request_id: what the service calls the request, where it said.
    """

    code: str
    detail: str
    retry_after: int | None = None
    is_passing: bool = False
    request_id: str = ""

    @property
    def advised_pause(self) -> int | None:
        """Seconds after which the user may try again; None when only the operator can help."""
        return self.retry_after or (DEFAULT_RETRY_AFTER if self.code in _TEMPORARY else None)


_BY_TYPE: Final = {
    "authentication_error": "model_unauthorized",
    "billing_error": "model_billing",
    "permission_error": "model_forbidden",
    "not_found_error": "model_not_found",
    "request_too_large": "model_request_too_large",
    "rate_limit_error": "model_rate_limited",
    "overloaded_error": "model_overloaded",
    "timeout_error": "model_timeout",
    "api_error": "model_failed",
    "conflict_error": "model_failed",
    "invalid_request_error": "model_refused_request",
}
_BY_STATUS: Final = {
    400: "model_refused_request", 401: "model_unauthorized", 402: "model_billing", 403: "model_forbidden",
    404: "model_not_found", 408: "model_timeout", 409: "model_failed", 413: "model_request_too_large",
    422: "model_refused_request", 429: "model_rate_limited", 504: "model_timeout", 529: "model_overloaded",
}  # fmt: skip
_PASSING: Final = frozenset(
    {"model_rate_limited", "model_overloaded", "model_failed", "model_unreachable", "model_broken_reply"}
)
_TEMPORARY: Final = _PASSING | {"model_timeout"}
_DETAILS: Final = {
    "model_unauthorized": "The AI service refuses the API key. The operator has to set a valid ANTHROPIC_API_KEY.",
    "model_billing": "The AI service's account has no credit. The operator has to see to its billing.",
    "model_forbidden": "The AI service's account may not use this model. The operator has to change ANTHROPIC_MODEL.",
    "model_not_found": "The AI service knows no model {model}. The operator has to change ANTHROPIC_MODEL.",
    "model_request_too_large": "Your request and your tables are too much for the model. Ask for less at once.",
    "model_rate_limited": "The AI service is asked too often. Try again later.",
    "model_overloaded": "The AI service is overloaded. Try again in a minute.",
    "model_timeout": "The AI service did not answer in time. Try again, or ask for less at once.",
    "model_failed": "The AI service had an error of its own. Try again in a minute.",
    "model_refused_request": "The AI service did not accept the request: {words}. The operator has to look into it.",
    "model_unreachable": "The AI service cannot be reached. Try again in a minute.",
    "model_broken_reply": "The AI service's reply broke off or could not be read. Try again.",
}


def failure_of(error: BaseException, model: str) -> Failure:
    """The failure behind whatever the SDK, its transport or its parser raised.

    Args:
        error: what was raised.
        model: the model that was asked, for the message.
    """
    code = _code(error)
    words = _without_key(str(getattr(error, "api_message", None) or "no reason given"))[:_MOST_WORDS].rstrip(".")
    passing = code in _PASSING and not _says_not_to_retry(error)
    request_id = str(getattr(error, "request_id", None) or "")[:_MOST_REQUEST_ID]
    return Failure(code, _DETAILS[code].format(model=model, words=words), _retry_after(error), passing, request_id)


def _without_key(words: str) -> str:
    """What the service says, should it repeat our key."""
    key = settings.ANTHROPIC_API_KEY
    return words.replace(key, "***") if key else words


def _code(error: BaseException) -> str:
    if isinstance(error, anthropic.APIStatusError):
        # An error in the middle of a stream comes with status 200: its type is what counts.
        by_type = _BY_TYPE.get(str(error.type or ""))
        return by_type or _BY_STATUS.get(error.status_code) or "model_failed"
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return "model_timeout"
    if isinstance(
        error, anthropic.APIConnectionError | httpx2.InvalidURL | httpx2.UnsupportedProtocol | httpx2.ConnectError
    ):
        return "model_unreachable"
    return "model_broken_reply"


def _says_not_to_retry(error: BaseException) -> bool:
    response = getattr(error, "response", None)
    return response is not None and response.headers.get("x-should-retry") == "false"


def _retry_after(error: BaseException) -> int | None:
    """The header in whole seconds, upwards; None where it is missing, a date, or nonsense."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(math.ceil(seconds), MAX_RETRY_AFTER) if 0 < seconds < math.inf else None

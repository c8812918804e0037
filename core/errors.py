"""Errors that people and programs can act on, as RFC 9457 problems (`application/problem+json`).

Views raise a `Problem`; `core.error_views` tells programs and people of it. Whatever else goes wrong is logged under a
reference, and only the reference is shown.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.exceptions import BadRequest as DjangoBadRequest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from redis.exceptions import RedisError
from rest_framework import exceptions as drf

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
_STANDARD_MEMBERS = {"type", "title", "status", "detail", "code", "errors", "retry_after"}


class Problem(Exception):
    """Something the caller can understand and mend.

    Args:
        detail: what is wrong, where, and how to fix it.
        errors: single faults, each a dict of code, path, detail and fix.
        code: a stable name for programs, when the class's own is too general.
        retry_after: seconds after which trying again makes sense.
        members: JSON that only this problem has to tell; RFC 9457 calls them extension members.
    """

    status: ClassVar[int] = 400
    code: str = "bad_request"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        code: str | None = None,
        retry_after: int | None = None,
        members: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = [dict(error) for error in errors]
        self.code = code or type(self).code
        self.retry_after = retry_after
        self.members = dict(members)

    def to_json(self) -> dict[str, Any]:
        """The problem as RFC 9457 has it, with our `code` and `errors`."""
        data: dict[str, Any] = {
            **self.members,
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            data["errors"] = self.errors
        if self.retry_after is not None:
            data["retry_after"] = self.retry_after
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Problem:
        """The problem that `to_json` wrote, such as a failed job's."""
        kinds = {kind.status: kind for kind in (cls, *cls.__subclasses__())}
        kind = kinds.get(data.get("status", 500), InternalError)
        return kind(
            str(data.get("detail", "")),
            errors=data.get("errors", ()),
            code=data.get("code"),
            retry_after=data.get("retry_after"),
            members={name: value for name, value in data.items() if name not in _STANDARD_MEMBERS},
        )


class BadRequest(Problem):
    """The request has the wrong form."""


def fault(code: str, path: str, detail: str, fix: str) -> dict[str, str]:
    """One of the entries of a problem's `errors`.

    Args:
        code: a stable name for programs.
        path: where it is wrong, such as `$.price` or `query.page`.
        detail: what is wrong, in a sentence.
        fix: what to do about it; may be empty.
    """
    return {"code": code, "path": path, "detail": detail, "fix": fix}


def refusal(code: str, path: str, detail: str, fix: str) -> BadRequest:
    """The problem of a request of which one thing is wrong; the arguments are those of `fault`."""
    return BadRequest(detail, code=code, errors=[fault(code, path, detail, fix)])


class NotAuthenticated(Problem):
    """Nobody is signed in."""

    status = 401
    code = "not_authenticated"


class Forbidden(Problem):
    """The user may see this but not do that."""

    status = 403
    code = "forbidden"


class NotFound(Problem):
    """It does not exist, or belongs to someone else: which of both is not told."""

    status = 404
    code = "not_found"

    def __init__(self, detail: str = "There is nothing here that you can open.", **options: Any) -> None:
        super().__init__(detail, **options)


class MethodNotAllowed(Problem):
    """This address does not answer that method."""

    status = 405
    code = "method_not_allowed"


class NotAcceptable(Problem):
    """None of the formats that the caller accepts can be served."""

    status = 406
    code = "not_acceptable"


class Conflict(Problem):
    """Someone or something else came first."""

    status = 409
    code = "conflict"


class PreconditionFailed(Problem):
    """It is not in the state that the caller expects: somebody else has changed it."""

    status = 412
    code = "precondition_failed"


class TooLarge(Problem):
    """The request is larger than is accepted."""

    status = 413
    code = "too_large"


class UnsupportedMediaType(Problem):
    """The body is not of a type that is read here."""

    status = 415
    code = "unsupported_media_type"


class InvalidSchema(Problem):
    """The schema document says something that cannot be."""

    status = 422
    code = "invalid_schema"


class QuotaExceeded(Problem):
    """Too much for now."""

    status = 429
    code = "quota_exceeded"


class InternalError(Problem):
    """A mistake of ours. The detail holds a reference to the log and nothing else."""

    status = 500
    code = "internal_error"


class Unavailable(Problem):
    """The database, the broker or the model is away."""

    status = 503
    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int | None = RETRY_AFTER_SECONDS, **options: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **options)


_LOST: Final = {None, "57P01", "57P02", "57P03"}
"""What PostgreSQL says when it shuts down, has crashed or is starting; None when nothing answered at all."""


def is_connection_lost(error: BaseException) -> bool:
    """Whether the database went away meanwhile: what was asked of it last may have been done or not."""
    is_ours = isinstance(error, OperationalError | InterfaceError)
    return is_ours and getattr(error.__cause__, "sqlstate", None) in _LOST


_PASSING: Final = {"40P01", "40001"}
"""SQLSTATEs of a deadlock and of a serialization failure: nothing was stored, and another attempt may meet neither."""


def is_passing(error: BaseException) -> bool:
    """Whether PostgreSQL ended a transaction because of another one, so that trying again makes sense."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in _PASSING


def problem_from(error: BaseException) -> Problem:
    """The problem that says what happened, whatever was raised. Unknown errors are logged here."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, drf.APIException):
        return _from_drf(error)
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, RequestDataTooBig):
        return TooLarge(f"The request is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        fields, files = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return BadRequest(f"The request has more than {fields:,} fields or parameters, or more than {files:,} files.")
    if isinstance(error, SuspiciousOperation | DjangoBadRequest | MultiPartParserError | UnreadablePostError):
        return BadRequest("The request could not be read.")
    if isinstance(error, PermissionDenied):
        return Forbidden("You may not do this.")
    if isinstance(error, OperationalError | InterfaceError):
        return _from_database(error)
    if isinstance(error, RedisError):
        logger.warning("Redis is away: %s", error)
        return Unavailable("A part of the service does not answer. Try again in a few seconds.")
    reference = secrets.token_hex(4)
    logger.error("Internal error %s", reference, exc_info=error)
    return InternalError(f"Something went wrong on our side. Nothing was changed. Reference: {reference}.")


def _from_database(error: BaseException) -> Problem:
    if is_passing(error):
        detail = "Others are changing the same records. Nothing was changed. Try again in a moment."
        return Conflict(detail, code="busy", retry_after=1)
    logger.warning("The database is away: %s", error)
    return Unavailable("The database does not answer. Try again in a few seconds.")


_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        BadRequest, NotAuthenticated, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, TooLarge,
        UnsupportedMediaType, QuotaExceeded,
    )
}  # fmt: skip


def _from_drf(error: drf.APIException) -> Problem:
    if isinstance(error, drf.ValidationError):
        return BadRequest(
            "The request has values that cannot be accepted; `errors` says which.",
            code="invalid_values",
            errors=list(_flatten(error.get_full_details())),
        )
    kind = _BY_STATUS.get(error.status_code, InternalError)
    if isinstance(error, drf.Throttled):
        wait = int(getattr(error, "wait", None) or 60) + 1
        return QuotaExceeded(f"Too many requests. Try again in {wait} seconds.", code="throttled", retry_after=wait)
    if kind is NotFound:
        return NotFound()
    detail: Any = error.detail
    # Those of tokens are dicts, with the sentence under the key that DRF gives a single one.
    return kind(str(detail.get("detail", "") if isinstance(detail, Mapping) else detail))


def _flatten(details: Any, path: str = "$") -> list[dict[str, str]]:
    """DRF's nested error details as a flat list, each with its JSON path."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"} and isinstance(details["message"], str):
        return [{"code": str(details["code"]), "path": path, "detail": details["message"], "fix": ""}]
    flat: list[dict[str, str]] = []
    if isinstance(details, Mapping):
        for key, value in details.items():
            step = f"[{key}]" if isinstance(key, int) else f".{key}"  # a row of a list, or a field
            flat += _flatten(value, path if key == "non_field_errors" else path + step)
    elif isinstance(details, Sequence) and not isinstance(details, str):
        for index, value in enumerate(details):
            is_message = isinstance(value, Mapping) and "message" in value
            flat += _flatten(value, path if is_message else f"{path}[{index}]")
    return flat

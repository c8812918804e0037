"""Entity tags of records: who read a record can ask whether it is still the same, and change it only while it is.

A tag has two parts: the record's state, which is new with every change of it, and a digest of the bytes that were
answered. `If-None-Match` compares both (RFC 9110, 13.1.2), because related records and the asked fields are part of an
answer. `If-Match` compares the state alone: any answer about the same state of the record allows to change it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from rest_framework.request import Request

from core.errors import BadRequest, PreconditionFailed
from dynamic_crud.factory import DynamicRow

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS: Final = re.compile(rf"\s*{_TAG}\s*(?:,\s*{_TAG}\s*)*\Z")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Tags = tuple[str, ...] | Literal["*"] | None
"""What a header names: some tags, whatever there is, or nothing at all."""


class Stale(Exception):
    """The record is in another state than the caller expects.

    Args:
        row: the record as it is.
        written: the same as the API answers it, in JSON.
    """

    def __init__(self, row: DynamicRow, written: str) -> None:
        super().__init__(row.pk)
        self.row = row
        self.written = written


@dataclass(frozen=True, slots=True)
class Preconditions:
    """In which state a record has to be for a change to be made."""

    match: Tags = None
    none_match: Tags = None

    @classmethod
    def read(cls, request: Request | HttpRequest) -> Preconditions:
        """Those of a request; raises `BadRequest` that names the header."""
        return cls(_read(request, "If-Match"), _read(request, "If-None-Match"))

    def allow(self, row: DynamicRow) -> bool:
        """Whether the record may be changed."""
        return self._is_meant(row, self.match, default=True) and not self._is_meant(row, self.none_match, default=False)

    @staticmethod
    def _is_meant(row: DynamicRow, tags: Tags, *, default: bool) -> bool:
        if tags is None:
            return default
        return tags == "*" or any(tag.startswith(f'"{state_of(row)}-') for tag in tags)


ANYWAY: Final = Preconditions()
"""No precondition."""


def state_of(row: DynamicRow) -> str:
    """The state of a record: when it was changed last, in microseconds. A trigger of PostgreSQL sets that."""
    return state_at((row.updated_at - _EPOCH) // timedelta(microseconds=1))


def state_at(changed: int) -> str:
    """The state of a record that was changed last so many microseconds after 1970 began, in UTC."""
    return f"{changed:x}"


def tag_of(row: DynamicRow, body: bytes) -> str:
    """The tag of an answer about a record."""
    return _tag(state_of(row), body)


def conditional(request: Request | HttpRequest, response: HttpResponse, state: str) -> HttpResponse:
    """A rendered answer about one record with its tag, or 304 for a reader who has it already.

    Args:
        request: the request.
        response: the answer.
        state: of the record, as `state_of` has it.
    """
    tag = _tag(state, response.content)
    if request.method in ("GET", "HEAD") and _has(Preconditions.read(request).none_match, tag):
        response = HttpResponseNotModified()
    response.headers["ETag"] = tag
    return response


def stale_problem(stale: Stale, sent: Mapping[str, Any], label: str) -> PreconditionFailed:
    """What to tell of a change that came too late: how the record is now, and where that differs from what was sent.

    Args:
        stale: the refused change.
        sent: the values of the change as they were sent.
        label: what people call such a record.
    """
    current, tag = json.loads(stale.written), tag_of(stale.row, stale.written.encode())
    faults = [
        {
            "code": "changed",
            "path": f"$.{name}",
            "detail": f"The record has another value here than you sent: see current.{name}.",
            "fix": "Keep one of the two.",
        }
        for name, value in sent.items()
        if name in current and current[name] != value
    ]
    detail = (
        f"This {label.lower()} was changed after you read it, last at {current['updated_at']}, so nothing was done. "
        f"`current` is what it is now: compare, then send your change again with If-Match: {tag}."
    )
    return PreconditionFailed(detail, errors=faults, members={"current": current, "etag": tag})


def _tag(state: str, body: bytes) -> str:
    return f'"{state}-{blake2b(body, digest_size=8).hexdigest()}"'


def _has(tags: Tags, tag: str) -> bool:
    return tags == "*" or tag in {each.removeprefix("W/") for each in tags or ()}


def _read(request: Request | HttpRequest, name: str) -> Tags:
    text = request.META.get(f"HTTP_{name.upper().replace('-', '_')}")
    if text is None:
        return None
    if text.strip() == "*":
        return "*"
    if not _TAGS.match(text):
        detail = f'{name} has to be * or entity tags in double quotes with commas between them, such as "5f-0a".'
        fault = {
            "code": "invalid_header",
            "path": f"header.{name}",
            "detail": detail,
            "fix": "Send the ETag as it was.",
        }
        raise BadRequest(detail, code="invalid_header", errors=[fault])
    return tuple(re.findall(_TAG, text))

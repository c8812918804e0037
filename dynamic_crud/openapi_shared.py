"""What the OpenAPI documents of all projects have in common: problems, files, what points to a record, headers."""

from __future__ import annotations

from typing import Any, Final

from core.problem_schema import PROBLEM

_UUID: Final = {"type": "string", "format": "uuid"}

SCHEMAS: Final[dict[str, Any]] = {
    "Api_Problem": PROBLEM,
    "Api_File": {
        "title": "File",
        "type": "object",
        "required": ["id", "name", "size", "type"],
        "properties": {
            "id": _UUID,
            "name": {"type": "string"},
            "size": {"type": "integer", "description": "Bytes."},
            "type": {"type": "string", "description": "The media type, found by what is in the file."},
        },
    },
    "Api_Labelled": {
        "title": "What a column points to",
        "type": "object",
        "required": ["id", "label"],
        "properties": {
            "id": _UUID,
            "label": {"type": ["string", "null"], "description": "Its name; null where the caller may not see it."},
        },
    },
    "Api_Groups": {
        "title": "Aggregates",
        "type": "object",
        "required": ["results", "has_more"],
        "properties": {
            "results": {"type": "array", "items": {"type": "object"}},
            "has_more": {"type": "boolean", "description": "Whether there are more groups."},
        },
    },
}

_PROBLEMS: Final = {
    "400": "The request has something that cannot be read or stored; `errors` says where.",
    "401": "Nobody is signed in.",
    "403": "The caller may see this, but not do that.",
    "404": "It does not exist, or the caller may not see it.",
    "409": "Other records are in the way, or others came first.",
    "412": "The record was changed after it was read; `current` is what it is now.",
    "413": "The request is too large.",
    "415": "The body is not of a type that is read here.",
    "4XX": "Something else that the caller can mend.",
    "503": "A part of the service is away; `Retry-After` says when to try again.",
}

RESPONSES: Final[dict[str, Any]] = {
    f"Problem_{code}": {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Api_Problem"}}},
    }
    for code, text in _PROBLEMS.items()
}

HEADERS: Final[dict[str, Any]] = {
    "Location": {"schema": {"type": "string"}, "description": "Where the new record is, when one was created."},
    "ETag": {"schema": {"type": "string"}, "description": "For `If-Match` and `If-None-Match`, of one record."},
}

"""What a problem (core/errors.py) looks like in JSON, for the OpenAPI documents."""

from __future__ import annotations

from typing import Any, Final

_FAULT: Final = {
    "type": "object",
    "required": ["code", "path", "detail", "fix"],
    "properties": {
        "code": {"type": "string", "description": "A stable name for programs."},
        "path": {"type": "string", "examples": ["$.price", "$[3].email", "query.page", "header.If-Match"]},
        "detail": {"type": "string", "description": "What is wrong."},
        "fix": {"type": "string", "description": "What to do about it; may be empty."},
    },
}

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem (RFC 9457)",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, where, and how to fix it."},
        "code": {"type": "string", "description": "A stable name for programs."},
        "errors": {"type": "array", "items": _FAULT},
        "retry_after": {"type": "integer", "description": "Seconds."},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "The request has values that cannot be accepted; `errors` says which.",
            "code": "invalid_values",
            "errors": [{"code": "required", "path": "$.name", "detail": "This field is required.", "fix": ""}],
        }
    ],
}
"""RFC 9457, with our `code` and `errors`. Single problems have members of their own beside these."""

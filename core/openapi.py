"""How the OpenAPI document describes the ways to sign in, and problems. Loaded when all apps are ready, as DRF is then."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class TokenScheme(OpenApiAuthenticationExtension):
    """Bearer tokens."""

    target_class = "core.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A security scheme object."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie."""

    target_class = "core.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A security scheme object."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


_PROBLEM: Final[dict[str, Any]] = {
    "description": "What is wrong, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, where, and how to fix it."},
        "code": {"type": "string", "description": "A stable name for programs."},
        "retry_after": {"type": "integer", "description": "Seconds."},
        "errors": {
            "type": "array",
            "description": "Single faults, each with its place.",
            "items": {
                "type": "object",
                "required": ["code", "path", "detail"],
                "properties": {name: {"type": "string"} for name in ("code", "path", "detail", "fix")},
            },
        },
    },
}


def add_problems(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Has every call of the document say how it tells of what is wrong.

    A hook of drf-spectacular: calls name their successes, and problems are the same everywhere.

    Args:
        result: the document, which is changed.
        **_options: what else hooks are given.
    """
    result["components"]["schemas"]["ApiProblem"] = _PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ApiProblem"}}}
    for calls in result["paths"].values():
        for call in calls.values():
            call["responses"] |= {
                "4XX": {"description": "Something that the caller can mend.", "content": content},
                "503": {"description": "A part of the service is away. Try again later.", "content": content},
            }
    return result

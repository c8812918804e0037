"""How the OpenAPI document describes problems and the ways to sign in. Loaded when all apps are ready, as DRF is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from core.problem_schema import PROBLEM


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


def add_problems(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Has every call of the document say how it tells of what is wrong.

    A hook of drf-spectacular: calls name their successes, and problems are the same everywhere.

    Args:
        result: the document, which is changed.
        **_options: what else hooks are given.
    """
    result["components"]["schemas"]["ApiProblem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ApiProblem"}}}
    for calls in result["paths"].values():
        for call in calls.values():
            call["responses"] |= {
                "4XX": {"description": "Something that the caller can mend.", "content": content},
                "503": {"description": "A part of the service is away. Try again later.", "content": content},
            }
    return result

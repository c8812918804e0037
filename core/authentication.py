"""How API callers prove who they are: a bearer token, or the session cookie with CSRF."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`. First in the list, so that a 401 names it."""


class SessionAuthentication(DRFSessionAuthentication):
    """The browser's session, whose unsafe requests need the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        """Names the scheme, so that a missing sign-in is 401 and not 403."""
        return "Session"

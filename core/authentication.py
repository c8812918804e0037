"""How API callers prove who they are: a bearer token, or the session cookie with CSRF."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken


class TokenAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`. First in the list, so that a 401 names it."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a valid access token says that its bearer is, before their account was looked at.

    For views that have PostgreSQL look at the account in the same round trip as at what is asked for. All whom it does
    not let in they leave to `TokenAuthentication`, which tells them what is wrong.

    Args:
        user_id: whose token it is.
        account: what the account has to be (`core.tenancy.Expected`).
        expires: when it is no longer valid, in seconds since 1970 began.
    """

    user_id: UUID
    account: str | None
    expires: float

    @classmethod
    def of(cls, request: HttpRequest) -> Bearer | None:
        """The bearer of a request's token; None where it has no valid one."""
        kind, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        found = _read(raw) if kind == "Bearer" and raw else None
        return found if found and time.time() < found.expires else None


@lru_cache(maxsize=1024)
def _read(raw: str) -> Bearer | None:
    """What a token says. Its signature stays what it is, so it is checked once; when it expires, each time."""
    try:
        token = AccessToken(raw)  # type: ignore[arg-type]  # the stubs know decoded ones alone
        user_id, account = token[api_settings.USER_ID_CLAIM], token.get(api_settings.REVOKE_TOKEN_CLAIM)
        return Bearer(UUID(str(user_id)), account, float(token["exp"]))
    except (TokenError, KeyError, ValueError):
        return None


class SessionAuthentication(DRFSessionAuthentication):
    """The browser's session, whose unsafe requests need the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        """Names the scheme, so that a missing sign-in is 401 and not 403."""
        return "Session"

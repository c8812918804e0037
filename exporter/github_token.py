"""A GitHub token on its way from the request to the worker: in Redis, encrypted, for minutes, and read once.

Rows of jobs are kept, so such a row holds a claim and nothing else. Where the token lies and what it is encrypted with
both follow from the claim and from `SECRET_KEY`: who can read PostgreSQL, or Redis, or both, has no token.
"""

from __future__ import annotations

import base64
import secrets
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from core.errors import Conflict

SECONDS: Final = 900
"""How long a token waits for its worker: longer than any queue that somebody would sit through."""
_SALT: Final = "exporter.github_token"


def leave(token: str, request: str = "") -> str:
    """Leaves the token for a worker and returns the claim to it.

    A claim that gets lost before it reaches a worker needs no cleaning up: without it, what is stored cannot be read.

    Args:
        token: as GitHub issued it.
        request: all that makes the request what it is, if it may come again. The same request has the same claim then,
            so that the repetition is recognised; the claim is a keyed hash, which tells nothing of the token.
    """
    repeated = salted_hmac(_SALT, f"claim {token} {request}", algorithm="sha256").hexdigest()
    claim = repeated if request else secrets.token_hex(32)
    cache.set(_place(claim), _cipher(claim).encrypt(token.encode()), SECONDS)
    return claim


def take(claim: str) -> str:
    """The token; nobody can take it a second time. Raises `Conflict` when it is not there any more."""
    gone = Conflict(
        "The token was used up by an attempt that did not finish, or the export waited too long for a worker. Export "
        "again and enter the token anew. What has reached GitHub already is not pushed twice.",
        code="github_token_gone",
    )
    sealed = cache.get(_place(claim))
    if sealed is None or not cache.delete(_place(claim)):
        raise gone
    try:
        return _cipher(claim).decrypt(sealed, ttl=SECONDS).decode()
    except InvalidToken:
        raise gone from None


def forget(claim: str) -> None:
    """Deletes the token, if it is still there."""
    cache.delete(_place(claim))


def _place(claim: str) -> str:
    return f"github-token:{salted_hmac(_SALT, f'place {claim}', algorithm='sha256').hexdigest()}"


def _cipher(claim: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac(_SALT, f"key {claim}", algorithm="sha256").digest()))

"""The session store: Django's own, which asks for no key that it cannot have made."""

from __future__ import annotations

from django.contrib.sessions.backends.cached_db import SessionStore as CachedSessionStore

SHORTEST_KEY = 8
"""Django's own bound, in characters; the keys that it makes have 32."""


class SessionStore(CachedSessionStore):
    """Sessions in the database, read through the cache."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Whether the cookie's value may be a key: a NUL character in it would break the query."""
        return key is not None and len(key) >= SHORTEST_KEY and key.isascii() and key.isalnum()

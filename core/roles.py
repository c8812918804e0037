"""PostgreSQL roles: made once, whoever comes first, and granted so that nobody has their rights by accident."""

from __future__ import annotations

from typing import LiteralString

from django.db.backends.utils import CursorWrapper

from core import sql

SHARED_OBJECTS_LOCK = 7_240_001
"""The advisory lock for what belongs to the whole server: two sessions that grant or create at once fail otherwise."""

_STATE = """
select wanted.name, found.oid is not null, coalesce(pg_has_role(session_user, found.oid, 'set'), false)
from unnest(%s::text[]) wanted (name) left join pg_roles found on found.rolname = wanted.name
"""
_CREATE: LiteralString = "create role {role} nologin"
_GRANT: LiteralString = "grant {role} to session_user with inherit false, set true"


def ensure_roles(cursor: CursorWrapper, *roles: str) -> None:
    """Makes the roles that are missing, none of which can log in, and lets the login role become them.

    Without INHERIT, a session has no right of theirs until it enters one (`core.tenancy`). Whoever creates a role may
    grant it, also to itself (PostgreSQL 16). Call it inside a transaction, which holds the lock until its end.
    """
    cursor.execute("select pg_advisory_xact_lock(%s)", [SHARED_OBJECTS_LOCK])
    cursor.execute(_STATE, [list(roles)])
    missing = []
    for role, is_there, is_granted in cursor.fetchall():
        templates = ([] if is_there else [_CREATE]) + ([] if is_granted else [_GRANT])
        missing += [sql.text(sql.format(template, role=sql.identifier(role))) for template in templates]
    if missing:
        cursor.execute("; ".join(missing))

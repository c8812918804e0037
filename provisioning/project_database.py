"""A project's place in PostgreSQL: its schema, its three roles, its ledger and its trash.

The roles cannot log in. They are granted to the login role of the platform without INHERIT, so that a forgotten door
has no rights in the project instead of all of them.
"""

from __future__ import annotations

from typing import LiteralString, cast
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresConnection
from django.db.backends.utils import CursorWrapper

from core import sql
from core.models import Project
from core.roles import SHARED_OBJECTS_LOCK, ensure_roles
from core.tenancy import open_project
from provisioning.target import LEDGER, TRASH, Target
from provisioning.trash import table_query

SCHEMA_GRANTS: LiteralString = "grant usage on schema {schema} to {member}, {admin}"
"""What lets members and admins into the schema. Which tables they reach there, is granted table by table."""

_LEDGER: LiteralString = """
create table if not exists {ledger} (
    number integer primary key,
    version text not null,
    plan_sha256 text not null,
    from_hash text not null,
    to_hash text not null,
    catalog_sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
)
"""
"""One row an applied plan, written in the transaction of its statements. No member has a right to it."""


def target_of(project: Project) -> Target:
    """Where the project's plans run."""
    server = cast(PostgresConnection, connections[project.placement.database])
    return Target(project.schema_name, server.pg_version // 10_000)


def ensure(project: Project, user_id: UUID) -> None:
    """Makes what the project lacks of its schema, roles and ledger. May run any number of times, also at once.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: for whom it is done.
    """
    alias, target = project.placement.database, target_of(project)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        if _is_complete(cursor, target):
            return
        ensure_roles(cursor, target.owner, target.admin, target.member)
        cursor.execute(_query("create schema if not exists {schema} authorization {owner}", target))
    with open_project(project, user_id, "owner") as door, door.connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SHARED_OBJECTS_LOCK])
        if not _is_complete(cursor, target):
            cursor.execute(place_query(target))


def place_query(target: Target) -> str:
    """The statements that open a project's schema and make the tables that every project has in it."""
    return "; ".join((_query(SCHEMA_GRANTS, target), _query(_LEDGER, target), table_query(target)))


def _is_complete(cursor: CursorWrapper, target: Target) -> bool:
    """Whether the last of what `ensure` makes is there."""
    cursor.execute(
        "select exists (select from pg_class where relname = %s and relnamespace = to_regnamespace(%s))",
        [TRASH, target.schema],
    )
    return bool(cursor.fetchone()[0])


def _query(template: LiteralString, target: Target) -> str:
    names = {
        "schema": sql.identifier(target.schema),
        "ledger": sql.identifier(target.schema, LEDGER),
        "owner": sql.identifier(target.owner),
        "admin": sql.identifier(target.admin),
        "member": sql.identifier(target.member),
    }
    return sql.text(sql.format(template, **names))

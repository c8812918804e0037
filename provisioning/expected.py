"""What PostgreSQL's catalog has to say about a version: the version is built beside the project, described, and undone.

The server that is asked describes both sides, so an upgrade of it makes no difference, and neither does a release of
the product that describes more than the one that built the tables.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from core import sql
from core.models import Project
from core.tenancy import Door, Rehearsal
from provisioning import planner
from provisioning.introspect import Json, catalog
from provisioning.project_database import SCHEMA_GRANTS, target_of
from provisioning.target import Target
from schemas.document import Schema

_CREATE: LiteralString = "create schema {schema} authorization {owner}"
_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Rehearsed(Target):
    """A schema beside that of a project, with the project's own roles.

    Args:
        roles: what the names of those begin with.
    """

    roles: str = ""

    @property
    def owner(self) -> str:
        """The project's owner role."""
        return f"{self.roles}_owner"

    @property
    def admin(self) -> str:
        """The project's role of admins."""
        return f"{self.roles}_admin"

    @property
    def member(self) -> str:
        """The project's role of members."""
        return f"{self.roles}_user"


def expected_catalog(door: Door, project: Project, user_id: UUID, schema: Schema | None) -> Json:
    """The catalog of a project that was just provisioned with a version.

    Args:
        door: the project, standing open. Nothing of what happens here stays.
        project: that project.
        user_id: for whom the door was opened.
        schema: the version's document; None for a project without tables.
    """
    real = target_of(project)
    target = Rehearsed(f"{real.schema}_{secrets.token_hex(4)}", real.postgres, roles=real.schema)
    plan = planner.plan(None, schema, target) if schema else None
    names = {
        "schema": sql.identifier(target.schema),
        "owner": sql.identifier(target.owner),
        "admin": sql.identifier(target.admin),
        "member": sql.identifier(target.member),
    }
    rehearsal = Rehearsal(door, project, _TIMEOUT_MS)
    with rehearsal.turn(user_id, None), door.connection.cursor() as cursor:
        cursor.execute(sql.text(sql.format(_CREATE, **names)))
        rehearsal.try_role(target.owner)
        cursor.execute("select set_config('search_path', %s, true)", [f"{target.schema}, pg_temp"])
        cursor.execute(sql.text(sql.format(SCHEMA_GRANTS, **names)))
        if plan:
            cursor.execute(";\n".join(statement.sql for statement in plan.statements))
        return catalog(door, target, real.schema)

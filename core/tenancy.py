"""The doors: the only way to platform rows and to a project's tables.

A door opens the outermost transaction and gives it, in one statement, a PostgreSQL role, the caller's claims, a search
path and a time limit. All of it ends with the transaction. Outside a door the login role reaches nothing: the
platform's tables raise (core/policies.py), and a project's tables are *permission denied*, because the project's roles
are granted to the login role without INHERIT.

Doors do not nest. A role set in an inner block would be undone when that block rolls back, and the rest of the outer
block would then run with other rights than it seems to; so entering a door inside any transaction is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.models import Project

ProjectRole = Literal["member", "admin", "owner"]

_ROLE_SUFFIX: dict[str, str] = {"member": "user", "admin": "admin", "owner": "owner"}
_PLATFORM_SEARCH_PATH = "public, pg_temp"
_DEFAULT_TIMEOUT_MS = 15_000

_ENTER = """
select set_config('request.jwt.claims', %s, true), set_config('search_path', %s, true),
       set_config('statement_timeout', %s, true), set_config('role', %s, true)
"""


class TenancyError(RuntimeError):
    """A door was used wrongly: a mistake of ours, never of a user."""


@dataclass(frozen=True, slots=True)
class Door:
    """An open door to a project's tables. Pass `alias` to `.using()`; nothing else is in reach."""

    alias: str

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """The Django connection whose transaction carries the role."""
        return connections[self.alias]


def platform_role(kind: Literal["user", "service"]) -> str:
    """The NOLOGIN role under which platform rows are reached: named after the login role of DATABASE_URL."""
    login = settings.DATABASES["default"]["USER"]
    return re.sub(r"[^a-z0-9_]", "_", login.lower()) + f"_{kind}"


def project_role(project: Project, role: ProjectRole) -> str:
    """The NOLOGIN PostgreSQL role of a project for that right."""
    return f"{project.schema_name}_{_ROLE_SUFFIX[role]}"


@contextmanager
def acting_as(user_id: UUID) -> Iterator[None]:
    """Platform tables as that user: own projects and what hangs on them."""
    with _door("default", platform_role("user"), _claims(user_id), _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS):
        yield


@contextmanager
def as_platform() -> Iterator[None]:
    """Platform tables, all rows: for workers, commands of the operator, and staff pages."""
    with _door("default", platform_role("service"), {}, _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS):
        yield


@contextmanager
def open_project(
    project: Project, user_id: UUID, role: ProjectRole = "member", timeout_ms: int = _DEFAULT_TIMEOUT_MS
) -> Iterator[Door]:
    """A project's tables, and nothing else, for one user in one role.

    Args:
        project: found by `core.permissions.access_project`, which decides whether the user may enter at all.
        user_id: who `auth.uid()` is inside.
        role: `member` sees what the policies give the user, `admin` all rows, `owner` may also change tables.
        timeout_ms: how long one statement may take, in milliseconds.

    Raises:
        TenancyError: when a transaction is open already.
    """
    alias = project.placement.database
    search_path = f"{project.schema_name}, pg_temp"
    with _door(alias, project_role(project, role), _claims(user_id), search_path, timeout_ms):
        yield Door(alias)


def become_platform(door: Door) -> None:
    """Turns the rest of an open door's transaction to the platform's tables.

    For the one case where a project's DDL and the platform's pointer to it must commit together. Only where both are
    in the same database; there is no way back inside the transaction.
    """
    if door.alias != "default":
        raise TenancyError("The platform's tables are in another database than this project's.")
    _set_context(door.connection, platform_role("service"), {}, _PLATFORM_SEARCH_PATH, _DEFAULT_TIMEOUT_MS)


def _claims(user_id: UUID) -> dict[str, str]:
    return {"sub": str(user_id), "role": "authenticated"}


@contextmanager
def _door(alias: str, role: str, claims: dict[str, str], search_path: str, timeout_ms: int) -> Iterator[None]:
    connection = connections[alias]
    if connection.in_atomic_block:
        raise TenancyError("A door opens the outermost transaction: leave the open one first.")
    with transaction.atomic(using=alias):
        _set_context(connection, role, claims, search_path, timeout_ms)
        yield


def _set_context(
    connection: BaseDatabaseWrapper, role: str, claims: dict[str, str], search_path: str, timeout_ms: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, [json.dumps(claims), search_path, str(timeout_ms), role])

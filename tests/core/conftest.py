"""A project that two people may open."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from core import sql
from core.models import Project, User
from core.tenancy import platform_role
from tests.factories import ProjectFactory, UserFactory

_SHARED = ("core_project", "core_user")
_SHARE = "create policy shared_with_all on {table} for select to {role} using (true)"
_KEEP = "drop policy shared_with_all on {table}"


@pytest.fixture
def project(user: User) -> Project:
    """An empty project of `user`."""
    return ProjectFactory(owner=user)


@pytest.fixture
def colleague(database: None, superuser: psycopg.Connection) -> Iterator[User]:
    """Somebody else who may open the projects of `user`: PostgreSQL lets everybody see every project meanwhile."""
    role = sql.identifier(platform_role("user"))
    for table in _SHARED:
        superuser.execute(sql.format(_SHARE, table=sql.identifier(table), role=role))
    yield UserFactory()
    for table in _SHARED:
        superuser.execute(sql.format(_KEEP, table=sql.identifier(table)))

"""What the tests of exports share: empty databases, and empty folders for Django projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from core import sql
from tests.exporter.copies import Database
from tests.exporter.django_projects import DjangoProject, New
from vibecrm import embedded

OWNER, PASSWORD = "exported", "secret"


@pytest.fixture
def new_database(servers: embedded.Servers) -> Iterator[Database]:
    """Makes databases in which the given statements ran; returns their addresses. The roles of the script go too."""
    made: list[str] = []

    def make(prepared: str = "") -> str:
        name = f"export_{uuid4().hex[:12]}"
        admin.execute(sql.format("create database {name}", name=sql.identifier(name)))
        made.append(name)
        url = servers.home.superuser_url(name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(prepared)
        return url

    with psycopg.connect(servers.home.superuser_url("postgres"), autocommit=True) as admin:
        yield make
        for name in made:
            admin.execute(sql.format("drop database {name} with (force)", name=sql.identifier(name)))
        for role in ("anon", "authenticated", "loader"):
            admin.execute(sql.format("drop role if exists {role}", role=sql.identifier(role)))


@pytest.fixture
def new_project(servers: embedded.Servers, tmp_path: Path) -> Iterator[New]:
    """Makes empty folders, each with a database whose owner is no superuser. Their roles go with them."""
    made: list[str] = []

    def make() -> DjangoProject:
        name = f"export_{uuid4().hex[:12]}"
        made.append(name)
        admin.execute(sql.format("create database {name} owner exported", name=sql.identifier(name)))
        url = servers.home.superuser_url(name).replace(
            servers.home.superuser_url("").partition("@")[0], f"postgresql://{OWNER}:{PASSWORD}"
        )
        return DjangoProject(tmp_path / name, url)

    with psycopg.connect(servers.home.superuser_url("postgres"), autocommit=True) as admin:
        admin.execute(
            sql.format("create role exported login createrole createdb password {p}", p=sql.literal(PASSWORD))
        )
        # Where Django goes to make and drop the database of its tests.
        admin.execute("grant connect on database postgres to exported")
        yield make
        for name in (*made, *(f"test_{name}" for name in made)):
            admin.execute(sql.format("drop database if exists {name} with (force)", name=sql.identifier(name)))
        admin.execute("drop owned by exported")
        granted = "select granted.rolname from pg_auth_members join pg_roles granted on granted.oid = roleid"
        for (role,) in admin.execute(f"{granted} where member = 'exported'::regrole").fetchall():
            admin.execute(sql.format("drop role if exists {role}", role=sql.identifier(role)))
        admin.execute("drop role exported")

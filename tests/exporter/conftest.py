"""What the tests of exports share: empty databases."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from core import sql
from tests.exporter.copies import Database
from vibecrm import embedded


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

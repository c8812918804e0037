"""PostgreSQL agrees with the model fields about what fits into a column."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from core import sql
from schemas.column_types import ColumnType, column_types
from schemas.document import Column, Json


@pytest.fixture
def scratch(superuser: psycopg.Connection) -> psycopg.Connection:
    """A connection for temporary tables, with the standard settings of a project's transactions."""
    superuser.execute("set time zone 'UTC'")
    return superuser


def create(connection: psycopg.Connection, kind: ColumnType, column: Column) -> None:
    """A table of one column, as provisioning would make it."""
    checks = list(kind.checks(column)) or [sql.SQL("true")]
    default = kind.default_sql(column)
    connection.execute("drop table if exists sample")
    connection.execute(
        sql.format(
            "create temporary table sample ({name} {type} {default} check ({checks}))",
            name=sql.identifier(column.name),
            type=sql.SQL(kind.sql_type(column)),
            default=sql.format("default {value}", value=default) if default is not None else sql.SQL(""),
            checks=sql.join(" and ", checks),
        )
    )


def fits(connection: psycopg.Connection, value: Any) -> bool:
    try:
        connection.execute("insert into sample values (%s)", [value])
    except (psycopg.errors.CheckViolation, psycopg.errors.DataError):
        return False
    return True


def adapted(kind: ColumnType, value: Any) -> Any:
    return Jsonb(value) if dict in kind.json_types else value


@pytest.mark.parametrize("kind", list(column_types), ids=lambda kind: kind.key)
def test_the_examples_of_a_type_are_stored_and_read_back(scratch: psycopg.Connection, kind: ColumnType) -> None:
    for data in kind.examples:
        column = Column("c_x", "x", kind.key, config=kind.example, default=data)
        create(scratch, kind, column)

        assert fits(scratch, adapted(kind, kind.value(column, data)))
        scratch.execute("insert into sample default values")

        rows = scratch.execute("select x from sample").fetchall()
        assert rows == [(kind.value(column, data),)] * 2


@pytest.mark.parametrize("kind", list(column_types), ids=lambda kind: kind.key)
def test_the_default_words_of_a_type_are_computed(scratch: psycopg.Connection, kind: ColumnType) -> None:
    for word in kind.default_words:
        column = Column("c_x", "x", kind.key, config=kind.example, default=word)
        create(scratch, kind, column)
        scratch.execute("insert into sample default values")

        ((value,),) = scratch.execute("select x from sample").fetchall()
        assert type(value) is type(kind.initial(column))


@pytest.mark.parametrize(
    ("type_key", "config", "values"),
    [
        ("text", {"max_length": 2}, ["ab", "abc", "\U0001f600\U0001f600", "\U0001f600" * 3]),
        ("email", {}, ["a@b.co", "a@b", "a b@c.de", "user@localhost", "a@b.co\n", "@b.co", "a@@b.co"]),
        (
            "url",
            {},
            ["https://a.de", "HTTP://a.de/x", "javascript:alert(1)", "ftp://a.de", "http://a b.de", "http://a.de\n"],
        ),
        ("phone", {}, ["+49 30 1234567", "(030) 12-34", "call me", "12", "030\n1234"]),
        ("integer", {"min": 1, "max": 3}, [0, 1, 3, 4]),
        ("percent", {}, [-1, 0, 100, 101]),
        ("rating", {"max": 3}, [0, 1, 3, 4]),
        ("select", {"options": [{"value": "it's"}, {"value": "b"}]}, ["it's", "b", "B", "a"]),
    ],
)
def test_postgresql_refuses_what_the_model_field_refuses(
    scratch: psycopg.Connection, type_key: str, config: Json, values: list[Json]
) -> None:
    kind = column_types.get(type_key)
    column = Column("c_x", "x", type_key, config=config)
    create(scratch, kind, column)
    for value in values:
        try:
            kind.value(column, value)
            expected = True
        except ValueError:
            expected = False

        assert fits(scratch, value) == expected, value


@pytest.mark.parametrize(
    ("type_key", "value"),
    [
        ("date", "infinity"),
        ("date", "0001-01-01 BC"),
        ("date", "10000-01-01"),
        ("datetime", "-infinity"),
        ("datetime", "0001-01-01 00:00:00+14"),
        ("time", "24:00"),
    ],
)
def test_what_python_cannot_read_never_gets_in(scratch: psycopg.Connection, type_key: str, value: str) -> None:
    kind = column_types.get(type_key)
    create(scratch, kind, Column("c_x", "x", type_key))

    assert not fits(scratch, value)

"""The database of an exported Django project refuses the values that the original's refuses, and stores the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connections

from core import sql
from core.models import User
from exporter.targets import targets
from schemas.column_types import column_types
from schemas.column_types.settings import defaults
from schemas.document import SYSTEM_COLUMNS, Column, Schema
from tests.exporter.django_projects import New, write
from tests.exporter.projects import provisioned
from tests.exporter.schemas import blueprint, every_type
from tests.schemas.every_type import every_type_schema
from tests.schemas.values import TEXTS, hard
from vibecrm import embedded

STORED = """
create function pg_temp.stored(name text, value text) returns text language plpgsql as $$
declare
  found text;
  kind text = (select format_type(atttypid, null) from pg_attribute
    where attrelid = 'pg_temp.probe'::regclass and attname = name);
begin
  execute format('insert into pg_temp.probe (%1$I) values ($1::%2$s) returning %1$I::text', name, kind)
    into found using value;
  return found;
exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
  return null;
end $$
"""
"""What a table has stored of a value for one of its columns; null where it refuses the value."""


class Probe:
    """The limits of a database's tables, tried out on copies without any required column."""

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self.connection, self.schema = connection, schema
        connection.execute("set timezone to 'UTC'")
        connection.execute(STORED)

    def outcomes(self, table: str, values: dict[str, list[str]]) -> dict[str, list[str | None]]:
        """What is stored of the values of each column."""
        name = sql.identifier(self.schema, table)
        self.connection.execute("drop table if exists pg_temp.probe")
        self.connection.execute(sql.format("create temp table probe (like {name} including constraints)", name=name))
        for column in values:
            required = sql.format("alter table probe alter {column} drop not null", column=sql.identifier(column))
            self.connection.execute(required)
        for column in SYSTEM_COLUMNS:
            self.connection.execute(sql.format("alter table probe drop {column}", column=sql.identifier(column)))
        query = (
            "select pg_temp.stored(%s, value) from unnest(%s::text[]) with ordinality _ (value, place) order by place"
        )
        return {
            column: [one for (one,) in self.connection.execute(query, [column, found]).fetchall()]
            for column, found in values.items()
        }


def candidates(column: Column) -> list[str]:
    """Values for a column as PostgreSQL reads them: what is hard for its type, and what is just about its limits."""
    kind = column_types.get(column.type)
    found = hard(kind)
    values = [*found.accepted, *found.refused, *found.refused_by_postgresql, *TEXTS, *at_the_limits(column)]
    is_json = kind.sql_type(column) == "jsonb"
    texts = (value if isinstance(value, str) else written(value, is_json=is_json) for value in values)
    return [text for text in dict.fromkeys(texts) if is_comparable(text)]


def written(value: Any, *, is_json: bool) -> str:
    if isinstance(value, list) and not is_json:
        return "{" + ",".join(json.dumps(item, default=str) for item in value) + "}"
    return json.dumps(value) if is_json else str(value)


def is_comparable(text: str) -> bool:
    """Whether PostgreSQL has characters for it, and reads the same whenever it is asked."""
    return text not in ("now", "today") and not any("\ud800" <= one <= "\udfff" or one == "\0" for one in text)


def at_the_limits(column: Column) -> Iterator[Any]:
    """Values that a column just about takes, and such that it just about does not."""
    settings = defaults(column_types.get(column.type).settings) | dict(column.config)
    if length := settings.get("max_length"):
        yield from ("a" * length, "a" * (length + 1), "\U0001f600" * length, "\U0001f600" * (length + 1))
    for option in settings.get("options") or ():
        yield from (option["value"], f"{option['value']}x", f"{{{option['value']}}}", f"{{{{{option['value']}}}}}")
    for bound in (settings.get("min"), settings.get("max")):
        if bound is not None:
            yield from (str(Decimal(str(bound)) + step) for step in (-1, Decimal("-0.01"), 0, Decimal("0.01"), 1))
    if settings.get("country"):
        yield from ("+15550109999", "+01234567", f"+{'1' * 15}", f"+{'1' * 16}")
    if most := settings.get("max_files"):
        yield from ([1] * most, [1] * (most + 1))


@pytest.mark.parametrize(
    "make",
    [
        every_type_schema,
        pytest.param(every_type, marks=pytest.mark.exports),
        pytest.param(lambda: blueprint("gym"), marks=pytest.mark.exports),
        pytest.param(lambda: blueprint("real_estate"), marks=pytest.mark.exports),
    ],
)
def test_every_value_is_refused_or_stored_as_in_the_original(
    user: User, new_project: New, servers: embedded.Servers, make: Callable[[], Schema]
) -> None:
    schema, made = make(), new_project()
    project = provisioned(user, schema)
    write(targets.get("django").export(schema), made.folder)
    made.manage("migrate", "--verbosity", "0")

    database = connections[project.placement.database].settings_dict["NAME"]
    with psycopg.connect(servers.home.superuser_url(database), autocommit=True) as here, made.connect() as there:
        before, after = Probe(here, project.schema_name), Probe(there, "public")
        for table in schema:
            values = {column.name: candidates(column) for column in table.stored_columns}
            first, second = before.outcomes(table.name, values), after.outcomes(table.name, values)
            for name, tried in values.items():
                for value, one, other in zip(tried, first[name], second[name], strict=True):
                    assert one == other, (table.name, name, value[:80])
                assert any(one is not None for one in first[name]), name
                if list(column_types.get(table.column(name).type).checks(table.column(name))):
                    assert None in first[name], name

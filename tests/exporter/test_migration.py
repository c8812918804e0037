"""The exported SQL on an empty PostgreSQL with Supabase's roles and auth schema: it loads, and RLS holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql

from exporter.targets import targets
from schemas.document import Schema
from tests.exporter.schemas import blueprint, every_type, hostile, real_estate, schema_of
from vibecrm import embedded

SUPABASE = """
create schema auth;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as
  $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
grant usage on schema auth, public to anon, authenticated;
alter default privileges in schema public grant all on tables to anon, authenticated;
"""
"""What a new Supabase project has, as far as the migration can tell."""

Load = Callable[[Schema], psycopg.Connection]


@pytest.fixture
def load(servers: embedded.Servers) -> Iterator[Load]:
    """Loads an exported migration into a database of its own; returns a superuser's connection to it."""
    name = f"export_{uuid4().hex[:12]}"
    opened: list[psycopg.Connection] = []

    def load_migration(schema: Schema) -> psycopg.Connection:
        connection = psycopg.connect(servers.home.superuser_url(name), autocommit=True)
        opened.append(connection)
        connection.execute(SUPABASE)
        connection.execute(targets.get("nextjs").export(schema).files["supabase/migrations/0001_init.sql"])
        return connection

    with psycopg.connect(servers.home.superuser_url("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        admin.execute("create role anon nologin")
        admin.execute("create role authenticated nologin")
        yield load_migration
        for connection in opened:
            connection.close()
        admin.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
        admin.execute("drop role anon")
        admin.execute("drop role authenticated")


def new_user(connection: psycopg.Connection) -> UUID:
    user_id = uuid4()
    connection.execute("insert into auth.users (id) values (%s)", [user_id])
    return user_id


def run_as(connection: psycopg.Connection, user_id: UUID | None, query: str, *values: object) -> list[tuple]:
    """The rows of a query that a signed-in user, or nobody, sends."""
    role = "authenticated" if user_id else "anon"
    claims = json.dumps({"sub": str(user_id), "role": role}) if user_id else ""
    with connection.transaction():
        connection.execute("select set_config('role', %s, true)", [role])
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


@pytest.mark.parametrize("schema", [real_estate, every_type, hostile])
def test_the_migration_loads_with_every_table_closed(load: Load, schema) -> None:
    connection = load(schema())
    tables = connection.execute(
        "select relname, relrowsecurity, relforcerowsecurity, (select count(*) from pg_policy where polrelid = c.oid)"
        " from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'"
    ).fetchall()
    assert {name for name, *_ in tables} == {table.name for table in schema()}
    assert {(enabled, forced, policies) for _, enabled, forced, policies in tables} == {(True, True, 4)}


def test_a_user_sees_and_changes_only_their_own_rows(load: Load) -> None:
    connection = load(real_estate())
    ada, bob = new_user(connection), new_user(connection)
    ((agent,),) = run_as(
        connection, ada, "insert into agents (full_name, email) values ('Ada', 'ada@example.com') returning id"
    )
    assert run_as(connection, ada, "select user_id from agents") == [(ada,)]
    assert run_as(connection, bob, "select * from agents") == []
    assert run_as(connection, bob, "update agents set full_name = 'Bob' where id = %s", agent) == [(0,)]
    assert run_as(connection, bob, "delete from agents where id = %s", agent) == [(0,)]
    with pytest.raises(errors.InsufficientPrivilege):
        run_as(connection, bob, "insert into agents (full_name, email, user_id) values ('x', 'x@y.zz', %s)", ada)
    with pytest.raises(errors.InsufficientPrivilege):
        run_as(connection, None, "select * from agents")


def test_a_link_to_a_row_that_the_user_does_not_see_is_refused(load: Load) -> None:
    connection = load(real_estate())
    ada, bob = new_user(connection), new_user(connection)
    ((agent,),) = run_as(
        connection, ada, "insert into agents (full_name, email) values ('Ada', 'ada@example.com') returning id"
    )
    insert = (
        "insert into properties (address, city, price, agent_id) values ('1 Main St', 'York', 1.5, %s) returning id"
    )
    assert len(run_as(connection, ada, insert, agent)) == 1
    with pytest.raises(errors.ForeignKeyViolation) as hidden:
        run_as(connection, bob, insert, agent)
    with pytest.raises(errors.ForeignKeyViolation) as missing:
        run_as(connection, bob, insert, uuid4())
    assert str(hidden.value).splitlines()[0] == str(missing.value).splitlines()[0]


def test_a_table_of_the_project_is_shared_by_its_users(load: Load) -> None:
    document = {
        "name": "n",
        "tables": [{"name": "notes", "access": "project", "columns": [{"name": "a", "type": "text"}]}],
    }
    connection = load(schema_of(document))
    ada, bob = new_user(connection), new_user(connection)
    run_as(connection, ada, "insert into notes (a) values ('hello')")
    assert run_as(connection, bob, "select a, user_id from notes") == [("hello", ada)]
    assert run_as(connection, bob, "update notes set a = 'changed'") == [(1,)]


def test_a_change_moves_updated_at_and_checks_hold(load: Load) -> None:
    connection = load(real_estate())
    ada = new_user(connection)
    run_as(connection, ada, "insert into agents (full_name, email) values ('Ada', 'ada@example.com')")
    run_as(connection, ada, "update agents set full_name = 'Ada L.'")
    assert run_as(connection, ada, "select updated_at > created_at from agents") == [(True,)]
    with pytest.raises(errors.CheckViolation):
        run_as(connection, ada, "update agents set specialty = 'none of them'")


def test_names_that_would_be_too_long_or_double_are_told_apart(load: Load) -> None:
    long_name = "a" * 60
    tables = [
        {"name": "deals", "columns": [{"name": "item_key", "type": "text", "unique": True}]},
        {"name": "deals_item", "columns": [{"name": "key", "type": "text", "unique": True}]},
        {"name": long_name, "columns": [{"name": "b" * 63, "type": "text", "unique": True}]},
    ]
    connection = load(schema_of({"name": "n", "tables": tables}))
    rows = connection.execute(
        "select conname from pg_constraint where contype = 'u' and connamespace = 'public'::regnamespace"
    ).fetchall()
    assert len({name for (name,) in rows}) == 3


def test_a_bundled_document_loads(load: Load) -> None:
    connection = load(blueprint("sales_crm"))
    (count,) = connection.execute("select count(*) from pg_constraint where contype = 'f'").fetchone() or (0,)
    assert count > 3

"""The exported SQL on an empty PostgreSQL with Supabase's roles and auth schema: it loads, and RLS holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from exporter.targets import targets
from schemas.document import Schema
from schemas.junctions import JUNCTION_ACCESS, as_stored
from tests.exporter.copies import SUPABASE, Database, new_user, run_as
from tests.exporter.schemas import blueprint, every_type, hostile, real_estate, schema_of

Load = Callable[[Schema], psycopg.Connection]


@pytest.fixture
def load(new_database: Database) -> Iterator[Load]:
    """Loads an exported migration into a database of its own; returns a superuser's connection to it."""
    with ExitStack() as opened:

        def load_migration(schema: Schema) -> psycopg.Connection:
            connection = opened.enter_context(psycopg.connect(new_database(SUPABASE), autocommit=True))
            connection.execute(targets.get("nextjs").export(schema).files["supabase/migrations/0001_init.sql"])
            return connection

        yield load_migration


@pytest.mark.parametrize("schema", [real_estate, every_type, hostile])
def test_the_migration_loads_with_every_table_closed(load: Load, schema) -> None:
    connection = load(schema())
    tables = connection.execute(
        "select relname, relrowsecurity, relforcerowsecurity, (select count(*) from pg_policy where polrelid = c.oid)"
        " from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'"
    ).fetchall()
    stored = {table.name: table.access for table in as_stored(schema())}
    assert {name for name, *_ in tables} == set(stored)
    for name, enabled, forced, policies in tables:
        # Links come and go, but do not change.
        assert (enabled, forced, policies) == (True, True, 3 if stored[name] == JUNCTION_ACCESS else 4), name


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


LINKED = {
    "name": "n",
    "tables": [
        {"name": "deals", "columns": [{"name": "title", "type": "text"}, {"name": "files", "type": "attachment"}]},
        {"name": "tags", "columns": [{"name": "title", "type": "text"}]},
    ],
    "relationships": [
        {"from_table": "deals", "from_column": "tags", "to_table": "tags", "type": "many_to_many"},
    ],
}


def test_links_to_many_rows_belong_to_whoever_sees_their_source(load: Load) -> None:
    connection = load(schema_of(LINKED))
    ada, bob = new_user(connection), new_user(connection)
    link = "insert into deals_tags (source_id, target_id) values (%s, %s)"
    ((deal,),) = run_as(connection, ada, "insert into deals default values returning id")
    ((tag,),) = run_as(connection, ada, "insert into tags default values returning id")
    ((foreign,),) = run_as(connection, bob, "insert into tags default values returning id")

    assert run_as(connection, ada, link, deal, tag) == [(1,)]
    assert run_as(connection, ada, "select target_id from deals_tags") == [(tag,)]
    assert run_as(connection, bob, "select * from deals_tags") == []
    assert run_as(connection, bob, "delete from deals_tags") == [(0,)]
    for user, source, target in ((ada, deal, foreign), (bob, deal, foreign)):
        with pytest.raises(errors.ForeignKeyViolation):
            run_as(connection, user, link, source, target)
    connection.execute("delete from tags where id = %s", [tag])
    assert run_as(connection, ada, "select * from deals_tags") == []


def test_files_are_read_by_whoever_sees_a_record_with_them(load: Load) -> None:
    connection = load(schema_of(LINKED))
    ada, bob = new_user(connection), new_user(connection)
    run_as(connection, ada, "insert into storage.objects (bucket_id, name) values ('attachments', 'one')")
    run_as(connection, ada, "insert into storage.objects (bucket_id, name) values ('attachments', 'two')")
    file = json.dumps([{"id": "one", "name": "a.pdf", "size": 1, "type": "application/pdf"}])
    run_as(connection, bob, "insert into deals (files) values (%s)", file)

    assert run_as(connection, bob, "select name from storage.objects") == [("one",)]
    assert run_as(connection, bob, "delete from storage.objects") == [(0,)]
    assert len(run_as(connection, ada, "select name from storage.objects")) == 2

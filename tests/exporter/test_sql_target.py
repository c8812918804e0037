"""The target `sql`: psql loads the script into an empty database, and what is in it then is what the project had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from core import sql
from core.models import Project, User
from core.tenancy import open_project
from exporter.targets import targets
from exporter.targets.sql import SCRIPT
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.exporter.copies import SUPABASE, Database, copy_with_rows, exported, loaded, new_user, psql, run_as
from tests.exporter.projects import CYCLE, act, fill_every_type, insert, provisioned
from tests.exporter.schemas import blueprint, every_type, hostile, real_estate, schema_of
from tests.provisioning.acts import named

READ_AS_TEXT = "set timezone = 'UTC'; set intervalstyle = 'iso_8601'"

ACCOUNTS_OF_SUPABASE = """
alter table auth.users add instance_id uuid, add aud text, add role text, add confirmation_token text,
  add recovery_token text, add email_change text, add email_change_token_new text
"""


def in_text(table: Any, names: tuple[str, ...]) -> str:
    values = sql.join(", ", [sql.format("{name}::text", name=sql.identifier(name)) for name in names])
    template = "select {values} from {table} order by id"
    return sql.text(sql.format(template, values=values, table=sql.identifier(table.name)))


def contents(schema: Schema, run: Callable[[str], list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """All values of all tables as text."""
    system = ("id", "user_id", "created_at", "updated_at")
    return {
        table.name: run(in_text(table, (*system, *(column.name for column in table.columns))))
        for table in as_stored(schema)
    }


def original(project: Project) -> Callable[[str], list[tuple[Any, ...]]]:
    """Runs a query inside the product, with values whose text depends on no setting."""

    def run(query: str) -> list[tuple[Any, ...]]:
        with open_project(project, project.owner_id, "admin") as door, door.connection.cursor() as cursor:
            cursor.execute("set local timezone = 'UTC'; set local intervalstyle = 'iso_8601'")
            cursor.execute(query)
            return cursor.fetchall()

    return run


@pytest.mark.parametrize("target", ["sql", "nextjs"])
def test_every_value_of_every_type_is_loaded_as_it_was(
    user: User, new_database: Database, tmp_path: Path, target: str
) -> None:
    schema, people = every_type(), [user.pk, uuid4(), uuid4()]
    project = provisioned(user, schema)
    fill_every_type(project, schema, people)

    with copy_with_rows(new_database, project, tmp_path, target) as copy:
        copy.execute(READ_AS_TEXT)
        before, after = (
            contents(schema, run) for run in (original(project), lambda query: copy.execute(query).fetchall())
        )
        assert {name: len(rows) for name, rows in before.items()} == {name: len(rows) for name, rows in after.items()}
        assert before == after
        assert len(before["samples"]) > 30

        required = [column for column in schema.table("samples").stored_columns if column.required]
        names = sql.identifiers(column.name for column in required)
        again = sql.format(
            "insert into samples ({names}) select {names} from samples order by id limit 1 returning {number}",
            names=names,
            number=sql.identifier("auto_number_required"),
        )
        ((number,),) = act(project, user.pk, "member", sql.text(again))
        assert number > len(before["samples"]) + 1, "The last number was given before, to a row that is gone."
        assert run_as(copy, user.pk, sql.text(again)) == [(number,)]


@pytest.mark.parametrize("target", ["sql", "nextjs"])
def test_tables_that_point_to_each_other_are_loaded_and_everyone_reaches_what_they_did(
    user: User, new_database: Database, tmp_path: Path, target: str
) -> None:
    schema = schema_of(CYCLE)
    project, other = provisioned(user, schema), uuid4()
    rows: dict[UUID, dict[str, UUID]] = {}
    for who in (user.pk, other):
        team = insert(project, who, "teams", title="it's a \\team\\ :name :'x' \r\n \u202e")
        people = [insert(project, who, "people", title=f"{n}", team_id=team) for n in range(3)]
        act(project, who, "member", "update people set boss_id = %s where id <> %s", (people[0], people[0]))
        act(project, who, "member", "update teams set leader_id = %s", (people[2],))
        note = insert(project, who, "notes", title="shared")
        links = [insert(project, who, "people_friends", source_id=people[0], target_id=people[1])]
        links.append(insert(project, who, "notes_tags", source_id=note, target_id=team))
        rows[who] = {"team": team, "person": people[0], "note": note}
    stored = [table.name for table in as_stored(schema)]

    with copy_with_rows(new_database, project, tmp_path, target) as copy:
        for who in (user.pk, other, uuid4()):
            for table in stored:
                query = named("select id, user_id, updated_at from {table} order by id", table=table)
                assert act(project, who, "member", query) == run_as(copy, who, query), table
        mine, theirs = rows[user.pk], rows[other]
        attempts = [
            ("update people set title = 'x' where id = %s", (theirs["person"],)),
            ("update people set title = 'x' where id = %s", (mine["person"],)),
            ("update notes set title = 'x' where id = %s", (theirs["note"],)),
            ("delete from teams where id = %s", (theirs["team"],)),
            ("insert into people (team_id) values (%s)", (theirs["team"],)),
            ("insert into people (team_id) values (%s)", (mine["team"],)),
            ("insert into people (team_id, user_id) values (%s, %s)", (mine["team"], other)),
            ("update people set user_id = %s", (other,)),
            ("update notes set user_id = %s", (other,)),
            ("insert into notes_tags (source_id, target_id) values (%s, %s)", (mine["note"], theirs["team"])),
            ("insert into notes_tags (source_id, target_id) values (%s, %s)", (theirs["note"], mine["team"])),
            ("delete from notes_tags", ()),
            ("delete from teams where id = %s", (mine["team"],)),
        ]
        for query, values in attempts:
            assert outcome(act, project, user.pk, "member", query, values) == outcome(
                run_as, copy, user.pk, query, *values
            ), query
        with pytest.raises(errors.InsufficientPrivilege):
            run_as(copy, None, "select * from notes")

        heir = new_user(copy)
        for statement in hand_over(tmp_path / "README.md", user.pk, heir):
            copy.execute(statement)
        for table in stored:
            query = named("select id from {table} order by id", table=table)
            assert act(project, user.pk, "member", query) == run_as(copy, heir, query), table


def hand_over(readme: Path, old: UUID, account: UUID) -> list[str]:
    """What the README says to run for an account to get somebody's rows."""
    block = readme.read_text("utf-8").partition("## Whose rows these are")[2].split("```")[1].removeprefix("sql\n")
    return block.replace("'the account'", f"'{account}'").replace("'the old id'", f"'{old}'").splitlines()


def outcome(do: Callable[..., list[tuple[Any, ...]]], *arguments: Any) -> Any:
    """How many rows a statement changes, or how it is refused."""
    try:
        return do(*arguments)
    except Exception as error:  # noqa: BLE001 (Django's errors and the driver's are compared)
        return getattr(error.__cause__ or error, "sqlstate", error)


@pytest.mark.parametrize("make", [real_estate, every_type, hostile, lambda: blueprint("sales_crm")])
def test_a_script_without_rows_is_loaded_by_somebody_who_is_no_superuser(
    new_database: Database, tmp_path: Path, make: Callable[[], Schema]
) -> None:
    files = targets.get("sql").export(make()).files
    (tmp_path / SCRIPT).write_text(files[SCRIPT], "utf-8", newline="")
    url = new_database("create role loader createrole; grant all on schema public to loader")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.format("alter database {name} owner to loader", name=sql.identifier(connection.info.dbname))
        )
        done = psql(url, tmp_path / SCRIPT, PGOPTIONS="-c role=loader")
        assert (done.returncode, done.stderr) == (0, "")
        count = connection.execute("select count(*) from pg_tables where schemaname = 'public' and rowsecurity")
        assert count.fetchone() == (len(as_stored(make()).tables),)


def test_the_rows_are_loaded_by_somebody_who_is_no_superuser(
    user: User, new_database: Database, tmp_path: Path
) -> None:
    project = provisioned(user, schema_of(CYCLE))
    insert(project, user.pk, "teams", title="a")
    script = exported(project, tmp_path, "--data")
    url = new_database("create role loader createrole")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.format("alter database {name} owner to loader", name=sql.identifier(connection.info.dbname))
        )
        assert psql(url, script, PGOPTIONS="-c role=loader").returncode == 0
        assert connection.execute("select title from teams").fetchall() == [("a",)]


def test_supabase_gets_accounts_that_it_can_read_and_keeps_its_own(
    user: User, new_database: Database, tmp_path: Path
) -> None:
    schema = every_type()
    project = provisioned(user, schema)
    insert(project, user.pk, "owners", born_on="2026-01-01")
    url = new_database(SUPABASE + ACCOUNTS_OF_SUPABASE)
    with psycopg.connect(url, autocommit=True) as connection:
        stranger = new_user(connection)
        connection.execute("update auth.users set aud = 'own'")
    with loaded(url, exported(project, tmp_path, "--data")) as copy:
        accounts = copy.execute("select id, aud, confirmation_token from auth.users order by aud").fetchall()
        assert accounts == [(user.pk, "authenticated", ""), (stranger, "own", None)]
        assert copy.execute("select id from storage.buckets").fetchall() == [("attachments",)]
        with pytest.raises(errors.InsufficientPrivilege):
            run_as(copy, None, "select * from owners")


def test_a_script_that_fails_leaves_nothing(user: User, new_database: Database, tmp_path: Path) -> None:
    url = new_database("create table teams (id int)")
    (tmp_path / SCRIPT).write_text(targets.get("sql").export(schema_of(CYCLE)).files[SCRIPT], "utf-8")
    assert "already exists" in psql(url, tmp_path / SCRIPT).stderr
    with psycopg.connect(url) as connection:
        assert connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall() == [
            ("teams",)
        ]
        assert connection.execute("select to_regnamespace('auth')").fetchone() == (None,)

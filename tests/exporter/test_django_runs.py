"""The exported Django project runs: its checks and tests pass, it serves, and its records are the project's."""

from __future__ import annotations

import subprocess
import time
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command

from core.models import Project, User
from core.tenancy import ProjectRole
from exporter.targets import targets
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.exporter.django_projects import BIN, PRODUCTION, DjangoProject, New, run_as, write
from tests.exporter.projects import CYCLE, act, fill_every_type, insert, provisioned
from tests.exporter.schemas import every_type, schema_of
from tests.exporter.test_django import EVERY
from tests.exporter.test_sql_target import READ_AS_TEXT, contents, original, outcome
from tests.programs import free_port
from tests.provisioning.acts import named
from vibecrm.demo import make_demo


def test_every_type_passes_its_checks_and_tests_and_serves(new_project: New) -> None:
    project = new_project()
    write(targets.get("django").export(every_type()), project.folder)
    check_deployment(project)
    project.manage("migrate", "--verbosity", "0")
    assert "No changes" in project.manage("makemigrations", "--check", "--dry-run")
    project.manage("check", "--database", "default")
    assert " OK" in " ".join(project.manage("test", "--no-input", LOG_LEVEL="CRITICAL").split())
    serve(project)


@pytest.mark.exports
@pytest.mark.parametrize("name", EVERY)
def test_every_export_is_clean_and_passes_its_tests(new_project: New, name: str) -> None:
    project = new_project()
    write(targets.get("django").export(EVERY[name]()), project.folder)
    check_deployment(project)
    assert "No changes" in project.manage("makemigrations", "--check", "--dry-run")
    assert "no issues found" in project.run(BIN / "mypy", ".")
    project.manage("test", "--no-input", LOG_LEVEL="CRITICAL")
    project.manage("migrate", "--verbosity", "0")
    serve(project)


@pytest.mark.exports
def test_it_runs_on_a_postgresql_of_its_own(tmp_path: Path) -> None:
    """As `make test` does, in a shell that names no database."""
    project = DjangoProject(write(targets.get("django").export(every_type()), tmp_path / "app"), "")
    project.run("python", "with_postgres.py", "python", "manage.py", "migrate", PATH=f"{BIN}:/usr/bin:/bin")
    assert "superuser" not in project.run(
        *("python", "with_postgres.py", "python", "manage.py", "check", "--database", "default"),
        PATH=f"{BIN}:/usr/bin:/bin",
    )


def check_deployment(project: DjangoProject) -> None:
    """Fails for any warning that the README does not explain."""
    output = project.manage("check", "--deploy", "--fail-level", "WARNING", DEBUG="0", **PRODUCTION)
    assert "no issues (2 silenced)" in output
    readme = (project.folder / "README.md").read_text("utf-8")
    assert "security.W005" in readme
    assert "security.W021" in readme


def serve(project: DjangoProject) -> None:
    """Starts it as its Dockerfile does, by the settings of a server, and asks for its first pages."""
    port = free_port()
    project.manage("collectstatic", "--no-input", "--verbosity", "0")
    command = [BIN / "granian", "--interface", "wsgi", "--port", str(port), "config.wsgi:application"]
    server = subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.variables(DEBUG="0", SECURE_SSL_REDIRECT="0", **PRODUCTION),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _fetched(f"http://localhost:{port}/healthz", server) == "ok"
        page = _fetched(f"http://localhost:{port}/", server)
        assert "<h1>Sign in</h1>" in page
        assert ":root" in _fetched(f"http://localhost:{port}/static/crud/app.css", server)
    finally:
        server.terminate()
        server.wait(20)


def _fetched(address: str, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=20) as response:
                return response.read().decode()
        except (URLError, OSError):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


def with_records(new_project: New, project: Project) -> DjangoProject:
    """The export of a project with its records, in a database that has loaded them."""
    made = new_project()
    call_command(
        "export", str(project.pk), "--target", "django", "--out", str(made.folder), "--data", stdout=StringIO()
    )
    made.manage("migrate", "--verbosity", "0")
    made.manage("loadrecords")
    return made


def test_the_demo_shows_everybody_what_the_original_does(database: None, new_project: New) -> None:
    demo = make_demo()
    project, stranger = demo.project, uuid4()
    colleague = insert_people(project)
    made = with_records(new_project, project)
    stored = [table.name for table in as_stored(Schema.from_json(project.active_config.document))]
    seen: dict[tuple[UUID, str], int] = {}
    with made.connect() as copy:
        for who, role in ((demo.user.pk, "member"), (colleague, "member"), (stranger, "member"), (stranger, "admin")):
            for table in stored:
                query = named("select id, user_id, created_at, updated_at from {table} order by id", table=table)
                before, after = act(project, who, role, query), run_as(copy, who, f"harbor_homes_{role}", query)
                assert before == after, (role, table)
                seen[who, role] = seen.get((who, role), 0) + len(after)
        for table in stored:
            count = copy.execute(named("select count(*) from {table}", table=table))
            assert count.fetchone() == (0,), "Without a role nobody sees a row, the owner of the table neither."
    assert seen[demo.user.pk, "member"] == demo.records
    assert seen[colleague, "member"] == 2
    assert seen[stranger, "member"] == 0
    assert seen[stranger, "admin"] > demo.records


def insert_people(project: Project) -> UUID:
    """Somebody else, with two records."""
    colleague = uuid4()
    agent = insert(project, colleague, "agents", full_name="Grace", email="grace@example.com")
    insert(project, colleague, "clients", full_name="Alan", client_type="buyer", agent_id=agent)
    return colleague


def test_what_is_refused_in_the_original_is_refused_in_the_export(user: User, new_project: New) -> None:
    project, other = provisioned(user, schema_of(CYCLE)), uuid4()
    rows: dict[UUID, dict[str, UUID]] = {}
    for who in (user.pk, other):
        team = insert(project, who, "teams", title="it's a \\team\\ \r\n \u202e")
        people = [insert(project, who, "people", title=str(n), team_id=team) for n in range(3)]
        act(project, who, "member", "update people set boss_id = %s where id <> %s", (people[0], people[0]))
        act(project, who, "member", "update teams set leader_id = %s", (people[2],))
        note = insert(project, who, "notes", title="shared")
        insert(project, who, "people_friends", source_id=people[0], target_id=people[1])
        insert(project, who, "notes_tags", source_id=note, target_id=team)
        rows[who] = {"team": team, "person": people[0], "note": note}
    mine, theirs = rows[user.pk], rows[other]
    attempts: list[tuple[str, tuple[Any, ...]]] = [
        ("update people set title = 'x' where id = %s", (theirs["person"],)),
        ("update people set title = 'x' where id = %s", (mine["person"],)),
        ("update notes set title = 'x' where id = %s", (theirs["note"],)),
        ("delete from teams where id = %s", (theirs["team"],)),
        ("insert into notes_tags (source_id, target_id) values (%s, %s)", (mine["note"], theirs["team"])),
        ("insert into notes_tags (source_id, target_id) values (%s, %s)", (theirs["note"], mine["team"])),
        ("update notes_tags set target_id = %s", (mine["team"],)),
        ("update people set user_id = %s", (other,)),
        ("update notes set user_id = %s", (other,)),
        ("update people set team_id = %s", (theirs["team"],)),
        ("update people set boss_id = %s", (uuid4(),)),
        ("delete from notes_tags", ()),
        ("delete from teams where id = %s", (mine["team"],)),
        ("select count(*) from people", ()),
    ]
    made = with_records(new_project, project)
    roles: tuple[tuple[UUID, ProjectRole], ...] = ((user.pk, "member"), (other, "admin"))
    with made.connect() as copy:
        for who, role in roles:
            for query, values in attempts:
                if role == "admin" and query.startswith("update notes_tags"):
                    continue  # Django's fixtures are loaded with updates, so there administrators have that right
                expected = outcome(act, project, who, role, query, values)
                assert outcome(run_as, copy, who, f"harbour_homes_{role}", query, *values) == expected, (role, query)


def test_every_value_of_every_type_is_loaded_as_it_was(user: User, new_project: New) -> None:
    schema, people = every_type(), [user.pk, uuid4(), uuid4()]
    project = provisioned(user, schema)
    fill_every_type(project, schema, people)

    made = with_records(new_project, project)
    with made.connect() as copy:
        copy.execute(READ_AS_TEXT)
        copy.execute("set role harbour_homes_admin")
        before, after = (
            contents(schema, run) for run in (original(project), lambda query: copy.execute(query).fetchall())
        )
        assert len(before["samples"]) > 30
        for table, rows in before.items():
            assert len(rows) == len(after[table])
            for one, other in zip(rows, after[table], strict=True):
                assert one == other, table
        given = copy.execute("select last_value from samples_auto_number_required_seq").fetchone()
        assert given == (len(before["samples"]) + 1,), "The last number was given before, to a row that is gone."

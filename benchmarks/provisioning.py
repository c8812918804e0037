"""Provisioning against its bare statements, planning, large documents, many projects, and what they leave in memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from django.conf import settings
from django.db import connection, transaction
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks.measure import Result, milliseconds
from core import jobs, sql
from core.models import Project, User
from core.permissions import access_project
from core.projects import create_project
from core.roles import ensure_roles
from core.tenancy import open_project
from dynamic_crud.runtime import get_runtime
from provisioning import planner, project_database, service
from provisioning.target import Target
from schemas.document import Json
from schemas.validation import validate
from tests.sessions import begin_new_session
from vibecrm import embedded

PROJECTS: Final = int(os.environ.get("BENCH_PROJECTS", "300"))
"""How many projects are made for the lines about many of them: `BENCH_PROJECTS=1000 make bench` makes more."""
SOME: Final = 50
ROUNDS: Final = 10

PLANNING_LIMIT_MS: Final = 20.0
LARGE_LIMIT_MS: Final = 5_000.0


def results(user: User) -> Iterator[Result]:
    """What a document of six tables takes, one of a hundred, and one project after the other."""
    api = APIClient(SERVER_NAME="127.0.0.1", HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
    six, hundred = document(6, 8, 5), document(100, 20, 0)
    with worker():
        pairs = [(bare(user, six), called(user, api, six)) for _ in range(ROUNDS + 1)][1:]
    floors, ours = ([pair[i] for pair in pairs] for i in (0, 1))
    yield Result("provision 6 x 8, call to first record", statistics.median(floors), statistics.median(ours))
    schema = validate(six).schema
    assert schema is not None
    planning = [milliseconds(lambda: planner.plan(None, schema, Target("p_abcdefghijkl"))) for _ in range(ROUNDS)]
    yield Result("plan 6 x 8, against the most it may take", PLANNING_LIMIT_MS, statistics.median(planning))
    large = milliseconds(lambda: provisioned(user, hundred))
    yield Result("provision 100 x 20, against the most", LARGE_LIMIT_MS, large)
    yield from many(user, six)


def many(user: User, schema_json: Json) -> Iterator[Result]:
    """One project after the other, and then each of them served once by this process."""
    projects: list[Project] = []
    times = []
    for number in range(PROJECTS):
        if number % SOME == 0:
            begin_new_session()  # as pooled ones end after ten minutes
        times.append(milliseconds(lambda: projects.append(provisioned(user, schema_json))))
    first, last = (statistics.median(part) for part in (times[:SOME], times[-SOME:]))
    yield Result(f"projects {PROJECTS - SOME} to {PROJECTS}, against the first {SOME}", first, last)
    backend = 0
    start = time.perf_counter()
    for project in projects:
        model = get_runtime(project).resource("table_0").model
        with open_project(project, user.pk) as door, door.connection.cursor() as cursor:
            list(model.objects.using(door.alias)[:50])
            cursor.execute("select pg_backend_pid()")
            backend = cursor.fetchone()[0]
    each = (time.perf_counter() - start) * 1000 / len(projects)
    yield Result(f"serve {len(projects)} projects, each of them, this process", each, each, resident("self"))
    yield Result(f"serve {len(projects)} projects, the last backend", each, each, resident(str(backend)))


def document(tables: int, columns: int, relations: int) -> Json:
    """So many tables of so many columns, and relations from a table to the next."""
    kinds = ("text", "integer", "date", "boolean", "decimal", "email", "datetime", "url")
    return {
        "name": "Bench",
        "tables": [
            {
                "name": f"table_{i}",
                "columns": [{"name": f"column_{j}", "type": kinds[j % len(kinds)]} for j in range(columns)],
            }
            for i in range(tables)
        ],
        "relationships": [
            {"from_table": f"table_{i}", "from_column": "next_id", "to_table": f"table_{i + 1}", "type": "many_to_one"}
            for i in range(relations)
        ],
    }


def bare(user: User, schema_json: Json) -> float:
    """The milliseconds of the same statements as one script in one transaction, then of a record, as a superuser.

    They are all that the schema has in the end: also the tables that every project has.
    """
    project = create_project(user, "Bench")
    target = project_database.target_of(project)
    with connection.cursor() as cursor, transaction.atomic():
        ensure_roles(cursor, target.owner, target.admin, target.member)
    script = script_of(project, target, schema_json)
    names = {"table": target.table("table_0"), "user": sql.literal(user.pk)}
    record = sql.format("insert into {table} (user_id, column_0) values ({user}, 'A')", **names)
    with psycopg.connect(embedded.Home.open(settings.HOME).superuser_url()) as session:
        start = time.perf_counter()
        session.execute(script.encode())
        session.commit()
        session.execute(record)
        session.commit()
        return (time.perf_counter() - start) * 1000


def script_of(project: Project, target: Target, schema_json: Json) -> str:
    names = {"schema": sql.identifier(target.schema), "owner": sql.identifier(target.owner)}
    before: LiteralString = "create schema {schema} authorization {owner}; set local role {owner}"
    plan = service.plan_for(project, schema_json).plan
    place = project_database.place_query(target)
    return ";\n".join([sql.text(sql.format(before, **names)), place, *(each.sql for each in plan.statements)])


def called(user: User, api: APIClient, schema_json: Json) -> float:
    """The milliseconds from the call of the API to a record, with a real worker."""
    project = create_project(user, "Bench")
    body = {"project_id": str(project.pk), "schema_json": schema_json}
    start = time.perf_counter()
    response = api.post("/api/v1/provision", body, format="json")
    assert response.status_code == 200, response.content
    response = api.post(f"/api/v1/projects/{project.pk}/tables/table_0/records", {"column_0": "A"}, format="json")
    assert response.status_code == 201, response.content
    return (time.perf_counter() - start) * 1000


def provisioned(user: User, schema_json: Json) -> Project:
    """A new project with the document's tables, made by this process."""
    project = create_project(user, "Bench")
    job = service.provision(user, project, schema_json)
    assert job is not None
    jobs.run(job.pk)
    assert jobs.find(user, job.pk).status == "succeeded", jobs.find(user, job.pk).error
    return access_project(user, project.pk)


@contextmanager
def worker() -> Iterator[None]:
    """A Celery worker as the product starts it."""
    command = [
        sys.executable, "-m", "celery", "-A", "vibecrm.celery", "worker", "--pool", "threads", "--concurrency", "4",
        "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def resident(pid: str) -> float:
    """The megabytes of memory that are a process's own."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024

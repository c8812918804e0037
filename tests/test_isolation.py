"""A stranger against a filled project, at every address that the product has.

The addresses are read from the URL configuration, so a new page or API call is attacked as soon as it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from core import jobs, sql
from core.jobs import job_kinds
from core.models import Job, User
from core.tenancy import as_platform, open_project
from dynamic_crud.runtime import get_runtime
from dynamic_crud.trash.entries import last_batch
from tests.conftest import client_of
from tests.factories import share, unshare
from vibecrm.demo import Demo, make_demo

METHODS = ("get", "post", "put", "patch", "delete")
HARMLESS = ("/export/", "schema-lock/release/", "/api/v1/schema-lock/<uuid:project_id>", "/jobs/", "/columns/")
"""Where a viewer may send something: the code can be exported, what one holds oneself be given back, and the columns of
a list be chosen, for oneself."""

PLATFORM = (
    "project", "projectmember", "placement", "vibeconfig", "decisiontrace", "schemalock", "schemafreeze", "storedfile",
)  # fmt: skip


def addresses() -> Iterator[str]:
    """Every address with a place for something that belongs to someone."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route

    return (route for route in walk(get_resolver().url_patterns, "/") if "project_id>" in route or "job_id>" in route)


def filled(route: str, values: dict[str, Any]) -> str:
    """The address with its places filled."""
    parts = []
    for part in route.split("/"):
        name = part.strip("<>").split(":")[-1]
        parts.append(str(values[name]) if part.startswith("<") else part)
    return "/".join(parts)


@pytest.fixture
def demo(database: None) -> Demo:
    return make_demo()


@pytest.fixture
def belongings(demo: Demo) -> dict[str, Any]:
    """Ids of what the demo's user has, by the names that addresses use."""
    runtime = get_runtime(demo.project)
    with open_project(demo.project, demo.user.pk, "admin") as door:
        record = runtime.resource("properties").model.objects.using(door.alias).first()
        showings = runtime.resource("showings")
        deleted = showings.model.objects.using(door.alias).values_list("pk", flat=True)[0]
        showings.model.objects.using(door.alias).filter(pk=deleted).delete()
        batch = last_batch(door, showings.table.id, deleted)
    with as_platform():
        job = Job.objects.get(project=demo.project)
        config = demo.project.active_config
    return {
        "project_id": demo.project.pk,
        "job_id": job.pk,
        "user_id": demo.user.pk,
        "member_id": demo.user.pk,
        "trace_id": config.trace_id,
        "table": "properties",
        "record_id": record.pk,
        "batch": batch,
        "import_id": uuid4(),  # tests/dynamic_crud/test_csv_import.py attacks real ones
        "file_id": uuid4(),  # tests/dynamic_crud/test_files.py attacks real ones
        "column": "agent_id",
        "version": config.version,
        "before": config.version,
        "after": config.version,
        "a": config.version,
        "b": config.version,
    }


def test_the_demo_is_full(demo: Demo) -> None:
    assert demo.created
    assert demo.records >= 60
    again = make_demo()
    assert (again.created, again.records, again.project.pk) == (False, demo.records, demo.project.pk)


def test_there_are_addresses_to_attack() -> None:
    routes = list(addresses())
    assert len(routes) >= 20
    assert any(route.startswith("/api/v1/") for route in routes)
    assert any("data/" in route for route in routes)


def test_a_stranger_finds_nothing_anywhere_not_even_after_having_been_an_admin(
    demo: Demo, belongings: dict[str, Any], other_user: User
) -> None:
    pages, api = Client(raise_request_exception=False), client_of(other_user)
    pages.force_login(other_user)
    share(demo.project, other_user, "admin")
    assert pages.get(f"/projects/{demo.project.pk}/").status_code == 200
    unshare(demo.project, other_user)
    wrong = []
    for route in addresses():
        client: Any = api if route.startswith("/api/") else pages
        address = filled(route, belongings)
        invented = filled(route, belongings | {"project_id": uuid4(), "job_id": uuid4()})
        for method in METHODS:
            theirs, nobodys = send(client, method, address), send(client, method, invented)
            if theirs[0] not in {404, 405} or theirs != nobodys:
                wrong.append((method, address, theirs[0], nobodys[0]))
    assert not wrong, "A stranger gets another answer than for what does not exist (404)."


def test_a_viewer_changes_nothing_anywhere(
    demo: Demo, belongings: dict[str, Any], other_user: User, superuser: psycopg.Connection
) -> None:
    """Whatever is sent wherever. What viewers may send leaves the project as it is: exporting its code, for one."""
    pages, api = Client(raise_request_exception=False), client_of(other_user)
    pages.force_login(other_user)
    share(demo.project, other_user, "viewer")
    before, wrong = contents(demo, superuser), []
    for route in addresses():
        client: Any = api if route.startswith("/api/") else pages
        for method in METHODS:
            status, _ = send(client, method, filled(route, belongings))
            allowed = method == "get" or any(word in route for word in HARMLESS)
            if status >= 500 or (not allowed and status < 400):
                wrong.append((method, route, status))
    assert not wrong
    assert contents(demo, superuser) == before


def contents(demo: Demo, superuser: psycopg.Connection) -> dict[str, str]:
    """A digest of every table of the project, and of every row of the platform's that says something of it."""
    of_project = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r'"
    names = [(demo.project.schema_name, name) for (name,) in superuser.execute(of_project, [demo.project.schema_name])]
    names += [("public", f"core_{name}") for name in PLATFORM]
    digest = "select coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from {table} t"
    return {
        name: superuser.execute(sql.format(digest, table=sql.identifier(schema, name))).fetchone()[0]
        for schema, name in names
    }


def test_nobody_gets_in_without_signing_in(belongings: dict[str, Any]) -> None:
    for route in addresses():
        address = filled(route, belongings)
        response = APIClient().get(address)
        if route.startswith("/api/"):
            assert response.status_code in {401, 405}, address
        else:
            assert response.status_code in {302, 405}, address
            assert response.status_code == 405 or "/accounts/login/" in response["Location"], address


@pytest.mark.parametrize("kind", job_kinds.names())
def test_a_job_that_names_someone_elses_project_fails(demo: Demo, other_user: User, kind: str) -> None:
    """Even a job row that was slipped in does its work with the rights of its user, and those end at the project."""
    with as_platform():
        migration = Job.objects.get(project=demo.project, kind="provision").payload
    payload = {"prompt": "Add fax to agents", "export_type": "files", "target": "nextjs", **migration}
    with as_platform():
        job = Job.objects.create(user=other_user, project=demo.project, kind=kind, payload=payload)
    jobs.run(job.pk)
    with as_platform():
        outcome = Job.objects.get(pk=job.pk)
    assert (outcome.status, outcome.error["status"]) == ("failed", 404)
    assert "Harbor" not in str(outcome.error)


def send(client: Any, method: str, address: str) -> tuple[int, bytes]:
    response = getattr(client, method)(address, {}, **({"format": "json"} if isinstance(client, APIClient) else {}))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body if response.get("Content-Type", "").startswith("application/") else b""

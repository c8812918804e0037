"""Provisioned projects, and the API and pages of their records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.response import Response
from rest_framework.test import APIClient

from core import jobs
from core.models import Job, Project, User
from core.permissions import access_project
from core.tenancy import open_project
from dynamic_crud.edits import update_one
from dynamic_crud.etags import ANYWAY
from dynamic_crud.factory import DynamicRow
from dynamic_crud.listing import WHOLE, ListQuery
from dynamic_crud.querysets import RecordPage, fetch_page
from dynamic_crud.records import Records
from dynamic_crud.resources import Runtime
from dynamic_crud.runtime import get_runtime, runtimes
from dynamic_crud.written import Wanted
from provisioning.service import provision
from schemas.validation import validate
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.factories import ProjectFactory, share

PDF = b"%PDF-1.7 " + b"x" * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def sent(name: str, content: bytes, content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file as a client sends it."""
    return SimpleUploadedFile(name, content, content_type)


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    """The storage of attachments, a folder of this test's own."""
    attachments = settings.STORAGES["attachments"]
    options = {**attachments["OPTIONS"], "location": str(tmp_path / "attachments")}
    settings.STORAGES = {**settings.STORAGES, "attachments": {**attachments, "OPTIONS": options}}
    return tmp_path / "attachments"


@pytest.fixture(autouse=True)
def _no_runtime_outlives_its_test() -> Iterator[None]:
    yield
    runtimes.clear()


def runtime_of(document: dict[str, Any]) -> Runtime:
    """What the product makes of a document, without a database."""
    validation = validate(document)
    assert validation.schema is not None, validation.problems
    return Runtime(validation.schema)


def provisioned(user: User, document: dict[str, Any]) -> Project:
    """A project of the user's with the document's tables."""
    project = ProjectFactory(owner=user)
    job = provision(user, project, document)
    assert job is not None
    jobs.run(job.pk)
    job = jobs.find(user, job.pk)
    assert job.status == Job.Status.SUCCEEDED, job.error
    return access_project(user, project.pk)


@dataclass
class RecordsClient:
    """The records API of one project."""

    client: APIClient
    project: Project

    def url(self, table: str, record_id: str = "") -> str:
        base = f"/api/v1/projects/{self.project.pk}/tables/{table}/records"
        return f"{base}/{record_id}" if record_id else base

    def list(self, table: str, **parameters: Any) -> Response:
        return self.client.get(self.url(table), parameters)

    def get(self, table: str, record_id: str, **parameters: Any) -> Response:
        return self.client.get(self.url(table, record_id), parameters)

    def create(self, table: str, data: Any, query: str = "") -> Response:
        return self._send("post", self.url(table) + query, data)

    def made(self, table: str, **values: Any) -> dict[str, Any]:
        response = self.create(table, values)
        assert response.status_code == 201, response.data
        return response.json()

    def replace(self, table: str, record_id: str, data: Any) -> Response:
        return self._send("put", self.url(table, record_id), data)

    def change(self, table: str, record_id: str, data: Any) -> Response:
        return self._send("patch", self.url(table, record_id), data)

    def delete(self, table: str, record_id: str) -> Response:
        return self.client.delete(self.url(table, record_id))

    def trash(self, **parameters: Any) -> list[dict[str, Any]]:
        response = self.client.get(f"/api/v1/projects/{self.project.pk}/trash", parameters)
        assert response.status_code == 200, response.data
        return response.json()["results"]

    def restore(self, batch: str, **data: Any) -> Response:
        return self._send("post", f"/api/v1/projects/{self.project.pk}/trash/{batch}/restore", data)

    def throw_away(self, batch: str, **data: Any) -> Response:
        return self._send("delete", f"/api/v1/projects/{self.project.pk}/trash/{batch}", data)

    def upload(
        self, content: bytes = PDF, name: str = "Lease.pdf", column: str = "papers", table: str = "leases"
    ) -> Response:
        url = f"/api/v1/projects/{self.project.pk}/tables/{table}/files"
        return self.client.post(url, {"column": column, "file": sent(name, content)}, format="multipart")

    def uploaded(
        self, content: bytes = PDF, name: str = "Lease.pdf", column: str = "papers", table: str = "leases"
    ) -> dict[str, Any]:
        response = self.upload(content, name, column, table)
        assert response.status_code == 201, response.content
        return response.json()

    def read_file(self, record: dict[str, Any], file_id: str, table: str = "leases") -> Response:
        return self.client.get(f"{self.url(table, record['id'])}/files/{file_id}")

    def _send(self, method: str, url: str, data: Any) -> Response:
        return getattr(self.client, method)(url, json.dumps(data), content_type="application/json")


@pytest.fixture
def estate(user: User) -> RecordsClient:
    """The real-estate project of `user`, by API."""
    return RecordsClient(client_of(user), provisioned(user, documents.estate()))


@pytest.fixture
def things(user: User) -> RecordsClient:
    """The project with a column of every type, by API."""
    return RecordsClient(client_of(user), provisioned(user, documents.every_type()))


@pytest.fixture
def leases(user: User) -> RecordsClient:
    """The project whose records have files, by API."""
    return RecordsClient(client_of(user), provisioned(user, documents.leases()))


def page(client: RecordsClient, name: str, *args: Any, table: str = "leases") -> str:
    """The address of a page of the client's project."""
    return reverse(name, args=[client.project.pk, table, *args])


def after_work(pages: Client, response: Any) -> Any:
    """The page that a form leads to; where that is a job's work, it is done first."""
    address = response["Location"]
    if "/jobs/" in address:
        jobs.run(UUID(address.split("/jobs/")[1][:36]))
    return pages.get(address, follow=True)


def content(response: Any) -> bytes:
    """What a response streams."""
    return b"".join(response.streaming_content)


@pytest.fixture
def browser(user: User) -> Client:
    """The pages as `user`."""
    client = Client()
    client.force_login(user)
    return client


def links_of(client: RecordsClient, contact: str) -> dict[str, Any]:
    """The rows of the junction table of a contact's tags, by the id of the tag."""
    resource = get_runtime(client.project).resource("contacts")
    junction: Any = resource.model._meta.get_field("tags").remote_field.through
    with open_project(client.project, client.project.owner_id, "admin") as door:
        rows = junction.objects.using(door.alias).filter(source_id=contact)
        return {str(row.target_id): (row.pk, row.created_at, row.user_id) for row in rows}


def dump(superuser: Any, project: Project, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of every table of a project as PostgreSQL writes it, those of links too, without some columns."""
    place = "relnamespace = %s::regnamespace and relkind = 'r' and relname !~ '^_'"
    tables = superuser.execute(f"select relname from pg_class where {place}", [project.schema_name])  # noqa: S608
    read = 'select (to_jsonb(t) - %s::text[])::text from "{}"."{}" t'
    return {
        name: sorted(row for (row,) in superuser.execute(read.format(project.schema_name, name), [list(but)]))
        for (name,) in tables.fetchall()
    }


def page_of(records: Records, query: ListQuery | None = None) -> RecordPage:
    """A page of the list, as pages fetch it."""
    with records.reading() as door:
        return fetch_page(records.resource, door.alias, query or ListQuery())


def change_row(records: Records, record_id: UUID, values: dict[str, Any]) -> DynamicRow:
    """Changes values of a record, as the API does, and returns it anew."""
    update_one(records, record_id, values, ANYWAY, Wanted(records.resource, WHOLE))
    return records.get(record_id)


def as_member(user: User, project: Project, table: str) -> Records:
    """The records as their owner or an editor reaches them."""
    if user.pk != project.owner_id:
        share(project, user)
    return Records.access(user, project.pk, table)


@pytest.fixture
def tagged(user: User) -> Project:
    """A project whose records link to many others."""
    return provisioned(user, documents.tagged())


@pytest.fixture
def book(user: User, tagged: Project) -> RecordsClient:
    """The address book of `user`, by API."""
    return RecordsClient(client_of(user), tagged)


@pytest.fixture
def tags(book: RecordsClient) -> list[str]:
    """The ids of the tags A to E."""
    return [row["id"] for row in book.create("tags", [{"name": name} for name in "ABCDE"]).json()]


@pytest.fixture
def hidden(tagged: Project, user: User, other_user: User) -> tuple[Any, Any, Any]:
    """A notice of `user` for all members with a tag of each, of which each sees but their own (`user` sees all)."""
    (hers,) = as_member(user, tagged, "tags").create([{"name": "Hers"}], paths=["$"])
    (his,) = as_member(other_user, tagged, "tags").create([{"name": "His"}], paths=["$"])
    (notice,) = as_member(user, tagged, "notices").create([{"text": "Hello", "tags": [hers.pk, his.pk]}], paths=["$"])
    return notice, hers, his

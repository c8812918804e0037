"""Provisioned projects, and the API and pages of their records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIClient

from core import jobs
from core.models import Job, Project, User
from core.permissions import access_project
from dynamic_crud.resources import Runtime
from dynamic_crud.runtime import runtimes
from provisioning.service import provision
from schemas.validation import validate
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.factories import ProjectFactory


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
def browser(user: User) -> Client:
    """The pages as `user`."""
    client = Client()
    client.force_login(user)
    return client

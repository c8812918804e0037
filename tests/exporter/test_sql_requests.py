"""Requests for a script with records: from the command, the API and the page, by who may see them all."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from rest_framework.test import APIClient

from core import jobs
from core.errors import Forbidden, NotFound
from core.models import User
from exporter import service
from exporter.targets import targets
from exporter.targets.sql import SCRIPT
from tests.exporter.projects import CYCLE, insert, provisioned
from tests.exporter.schemas import schema_of
from tests.factories import share


@pytest.mark.parametrize("target", ["typescript", "json-schema"])
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
    refused = api.post("/api/v1/export-code", {**body, "target": "typescript", "with_data": True}, format="json")
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
    with pytest.raises(NotFound):
        service.render(other_user, project, "sql", with_data=True)
    shared = share(project, other_user, "editor")
    with pytest.raises(Forbidden, match="all of them"):
        service.render(other_user, shared, "sql", with_data=True)

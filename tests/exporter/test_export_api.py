"""Export through the API and the pages, with a real worker."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from rest_framework.test import APIClient

from core import jobs
from core.models import Job, Project, User, VibeConfig
from core.permissions import access_project
from core.tenancy import acting_as, as_platform
from schemas.document import Schema
from tests.conftest import client_of
from tests.exporter.schemas import real_estate
from tests.factories import ProjectFactory


def activate(project: Project, schema: Schema) -> Project:
    """Makes the schema the project's active version; exports read nothing but that."""
    with as_platform():
        config = VibeConfig.objects.create(
            project=project,
            version="1.0.0",
            number=1,
            document=schema.to_json(),
            content_hash=schema.content_hash,
            created_by_id=project.owner_id,
        )
        Project.objects.filter(pk=project.pk).update(active_config=config)
    return access_project(project.owner, project.pk)


@pytest.fixture
def project(user: User) -> Project:
    return activate(ProjectFactory(owner=user, name="Harbour Homes"), real_estate())


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(project: Project, **values: Any) -> dict[str, Any]:
    return {"project_id": str(project.pk), **values}


def finished(user: User, job_id: str) -> Job:
    """The job, done by this process unless a worker of another test has taken it."""
    jobs.run(UUID(job_id))
    return jobs.wait(user, UUID(job_id), 30)


@pytest.mark.usefixtures("worker")
def test_an_export_answers_the_zip(api: APIClient, project: Project) -> None:
    response = api.post("/api/v1/export-code", body_of(project), format="json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="harbour-homes.zip"'
    content = response.getvalue()
    assert response["Content-Length"] == str(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "harbour-homes/package.json" in archive.namelist()


@pytest.mark.usefixtures("worker")
def test_an_export_answers_the_list_of_files(api: APIClient, project: Project) -> None:
    body = body_of(project, export_type="files", project_name="Our homes")
    response = api.post("/api/v1/export-code", body, format="json")
    assert response.status_code == 200
    files = {file["path"]: file["content"] for file in response.json()["files"]}
    assert json.loads(files["package.json"])["name"] == "our-homes"


@pytest.mark.usefixtures("worker")
def test_a_caller_that_accepts_only_zip_gets_it(api: APIClient, project: Project) -> None:
    response = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_ACCEPT="application/zip")
    assert response.status_code == 200
    assert response.getvalue()[:2] == b"PK"


def test_an_export_in_the_background_is_downloaded_from_its_job(user: User, api: APIClient, project: Project) -> None:
    response = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_PREFER="respond-async")
    assert response.status_code == 202
    job_id = response.json()["id"]
    assert response["Location"].endswith(f"/api/v1/jobs/{job_id}")
    job = finished(user, job_id)
    assert job.result is not None
    assert (job.status, job.result["filename"], job.result["file_count"]) == ("succeeded", "harbour-homes.zip", 50)
    assert "path" not in json.dumps(job.result)
    download = api.get(f"/api/v1/jobs/{job_id}/download")
    assert download.status_code == 200
    assert len(download.getvalue()) == job.result["size"]


def test_an_export_that_is_not_finished_has_no_download(user: User, api: APIClient, project: Project) -> None:
    with acting_as(user.pk):
        job = Job.objects.create(user=user, project=project, kind="export", status="running", heartbeat_at=now())
    answer = api.get(f"/api/v1/jobs/{job.pk}/download")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")


def test_an_old_file_makes_room(user: User, api: APIClient, project: Project) -> None:
    default_storage.save("exports/old.zip", ContentFile(b"x"))
    long_ago = time.time() - timedelta(days=30).total_seconds()
    os.utime(default_storage.path("exports/old.zip"), (long_ago, long_ago))
    response = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_PREFER="respond-async")
    job = finished(user, response.json()["id"])
    assert default_storage.exists(f"exports/{job.pk}.zip")
    assert not default_storage.exists("exports/old.zip")


def test_a_job_that_is_delivered_twice_makes_the_same_file(user: User, api: APIClient, project: Project) -> None:
    contents = []
    for _ in range(2):
        response = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_PREFER="respond-async")
        finished(user, response.json()["id"])
        contents.append(api.get(f"/api/v1/jobs/{response.json()['id']}/download").getvalue())
    assert contents[0] == contents[1]


def test_a_file_that_is_no_longer_kept_is_said_so(user: User, api: APIClient, project: Project) -> None:
    response = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_PREFER="respond-async")
    job = finished(user, response.json()["id"])
    default_storage.delete(f"exports/{job.pk}.zip")
    answer = api.get(f"/api/v1/jobs/{job.pk}/download")
    assert answer.status_code == 404
    assert "Export the project again" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"export_type": "github", "github_token": "secret", "repo_name": "a/b/c"}, 400, "invalid_repo_name"),
        ({"export_type": "tar"}, 400, "invalid"),
        ({"target": "cobol"}, 400, "bad_request"),
        ({"project_name": "x" * 121}, 400, "invalid"),
        ({"project_name": "a\u202eb"}, 400, "invalid_name"),
        ({"project_id": "nonsense"}, 400, "invalid"),
    ],
)
def test_a_wrong_request_is_a_problem(
    api: APIClient, project: Project, values: dict[str, Any], status: int, code: str
) -> None:
    response = api.post("/api/v1/export-code", body_of(project) | values, format="json")
    assert response.status_code == status
    assert response["Content-Type"].startswith("application/problem+json")
    assert code in json.dumps(response.json())
    assert "secret" not in json.dumps(response.json())


def test_a_project_without_a_version_is_a_conflict(user: User, api: APIClient) -> None:
    response = api.post("/api/v1/export-code", body_of(ProjectFactory(owner=user)), format="json")
    assert (response.status_code, response.json()["code"]) == (409, "nothing_provisioned")


def test_nobody_exports_or_downloads_what_is_someone_elses(
    user: User, other_user: User, api: APIClient, project: Project
) -> None:
    stranger = client_of(other_user)
    assert stranger.post("/api/v1/export-code", body_of(project), format="json").status_code == 404
    job_id = api.post("/api/v1/export-code", body_of(project), format="json", HTTP_PREFER="respond-async").json()["id"]
    finished(user, job_id)
    assert stranger.get(f"/api/v1/jobs/{job_id}/download").status_code == 404
    assert APIClient().get(f"/api/v1/jobs/{job_id}/download").status_code == 401


def test_the_pages_lead_from_the_form_to_the_download(user: User, browser: Client, project: Project) -> None:
    page = browser.get(reverse("export", args=[project.pk]))
    assert b'value="Harbour Homes"' in page.content
    submitted = browser.post(page.request["PATH_INFO"], {"target": "nextjs", "project_name": "Harbour"})
    assert submitted.status_code == 302
    job_id = submitted["Location"].split("/jobs/")[1].split("/")[0]
    finished(user, job_id)
    done = browser.get(submitted["Location"], follow=True)
    assert done.redirect_chain[-1][0] == reverse("exported", args=[project.pk, job_id])
    assert b"0001_init.sql" in done.content
    file = browser.get(done.request["PATH_INFO"], {"file": "package.json"})
    assert b"&quot;name&quot;: &quot;harbour&quot;" in file.content
    assert browser.get(done.request["PATH_INFO"], {"file": "../../etc/passwd"}).status_code == 404
    download = browser.get(reverse("export-download", args=[project.pk, job_id]))
    assert download["Content-Disposition"] == 'attachment; filename="harbour.zip"'


def test_the_page_says_what_is_wrong_with_the_form(browser: Client, project: Project) -> None:
    page = browser.post(reverse("export", args=[project.pk]), {"target": "cobol", "project_name": ""})
    assert page.status_code == 422
    assert b"This field is required" in page.content


def test_an_export_is_not_shown_under_another_project(user: User, browser: Client, project: Project) -> None:
    job = jobs.submit(user, "export", {"export_type": "zip", "target": "nextjs", "project_name": "x"}, project=project)
    jobs.run(job.pk)
    other = ProjectFactory(owner=user)
    assert browser.get(reverse("exported", args=[other.pk, job.pk])).status_code == 404
    assert browser.get(reverse("export-download", args=[other.pk, job.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "filename"),
    [
        ("x" * 120, "x" * 60 + ".zip"),
        ("\u202eedoc", "edoc.zip"),
        ("../../etc/passwd", "etc-passwd.zip"),
        ('"; filename=x.exe', "filename-x-exe.zip"),
        ("x\r\nSet-Cookie: a=b", "x-set-cookie-a-b.zip"),
        ("💥", "app.zip"),
    ],
)
def test_whatever_a_project_is_called_it_can_be_exported(user: User, name: str, filename: str) -> None:
    project = activate(ProjectFactory(owner=user, name=name), real_estate())
    headers = {"Prefer": "respond-async"}
    job = client_of(user).post("/api/v1/export-code", body_of(project), format="json", headers=headers).json()
    jobs.run(UUID(job["id"]))
    response = client_of(user).get(f"/api/v1/jobs/{job['id']}/download")
    assert response["Content-Disposition"] == f'attachment; filename="{filename}"'
    paths = zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()
    assert not [path for path in paths if path.startswith("/") or ".." in path.split("/") or "\\" in path]

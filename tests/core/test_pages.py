"""The frame of the pages, the pages of projects, and the page that follows a job."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Job, Project, User, VibeConfig
from core.permissions import access_project, list_projects
from core.projects import create_project
from core.tenancy import as_platform
from core.workspace import tables_of
from tests.factories import PASSWORD, UserFactory

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def client(user: User) -> Client:
    return browser_of(user)


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def with_tables(user: User, document: dict) -> Project:
    project = create_project(user, "Shop")
    with as_platform():
        config = VibeConfig.objects.create(
            project=project, number=1, version="1.0.0", document=document, content_hash="x", created_by=user
        )
        Project.objects.filter(pk=project.pk).update(active_config=config)
    return access_project(user, project.pk)


def a_job(user: User, **fields) -> Job:
    with as_platform():
        return Job.objects.create(user=user, kind="provision", **fields)


def test_a_project_is_made_renamed_and_deleted(client, user):
    response = client.post(reverse("project-create"), {"name": "  Book   shop ", "description": "For us."})
    (project,) = list_projects(user)
    assert response.url == reverse("builder", args=[project.pk])
    assert project.name == "Book shop"

    client.post(reverse("project-settings", args=[project.pk]), {"name": "Books", "description": ""})
    assert list_projects(user)[0].name == "Books"

    response = client.post(reverse("project-delete", args=[project.pk]), {"confirm": "books"})
    assert response.status_code == 400
    assert b"Type the project&#x27;s name exactly" in response.content
    assert list_projects(user)

    client.post(reverse("project-delete", args=[project.pk]), {"confirm": "Books"})
    assert list_projects(user) == []


def test_a_name_that_cannot_be_used_is_told_beside_the_field(client, user):
    response = client.post(reverse("project-create"), {"name": "x" * 121})

    assert response.status_code == 422
    assert b"at most 120 characters" in response.content
    assert list_projects(user) == []


@pytest.mark.parametrize("name", ["project-detail", "project-settings", "builder", "history"])
def test_a_page_of_somebody_elses_project_is_not_there(client, other_user, name):
    project = create_project(other_user, "Secret plans")

    response = client.get(reverse(name, args=[project.pk]))

    assert response.status_code == 404
    assert b"Secret plans" not in response.content


def test_who_is_not_signed_in_is_asked_to(database):
    response = Client().get(reverse("project-list"))

    assert response.url == f"{reverse('account_login')}?next={reverse('project-list')}"


def test_the_sidebar_shows_the_tables_of_the_active_version_and_escapes_them(client, user):
    document = {
        "tables": [{"name": "books", "ui_hints": {"label": EVIL, "label_plural": f"Books {EVIL}", "icon": EVIL}}]
    }
    project = with_tables(user, document)

    html = client.get(reverse("project-detail", args=[project.pk])).content.decode()

    assert reverse("record-list", args=[project.pk, "books"]) in html
    assert "Books &lt;script&gt;" in html
    assert EVIL not in html


def test_a_table_without_hints_gets_words_and_an_icon():
    (table,) = tables_of({"tables": [{"name": "order_lines", "columns": [{}, {}]}]})

    assert (table["label"], table["label_plural"], table["icon"]) == ("Order lines", "Order lines", "table_rows")
    assert table["column_count"] == 2


def test_a_finished_job_leads_on(client, user):
    job = a_job(user, status=Job.Status.SUCCEEDED, result={})
    url = reverse("job", args=[job.pk])

    assert client.get(url, {"next": "/projects/"}).url == "/projects/"
    part = client.get(url, {"next": "/projects/"}, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == "/projects/"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_job_leads_nowhere_else(client, user, place):
    job = a_job(user, status=Job.Status.SUCCEEDED, result={})

    response = client.get(reverse("job", args=[job.pk]), {"next": place, "back": place})

    assert response.status_code == 200
    assert b"evil" not in response.content.replace(reverse("job", args=[job.pk]).encode(), b"")
    assert b"javascript:" not in response.content


def test_a_running_job_asks_for_itself_again_and_a_failed_one_says_why(client, user):
    running = a_job(user, status=Job.Status.RUNNING, steps=[{"label": "Creating tables", "status": "running"}])
    failed = a_job(user, status=Job.Status.FAILED, error={"detail": "Somebody else is changing it.", "status": 409})

    html = client.get(reverse("job", args=[running.pk])).content.decode()
    assert 'hx-trigger="every' in html
    assert "Creating tables" in html

    html = client.get(reverse("job", args=[failed.pk]), {"back": "/projects/"}).content.decode()
    assert "hx-trigger" not in html
    assert "Somebody else is changing it." in html
    assert 'href="/projects/"' in html


def test_a_job_of_somebody_else_is_not_there(client):
    job = a_job(UserFactory(), status=Job.Status.RUNNING)

    assert client.get(reverse("job", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("door", ["account_login", "account_signup"])
def test_a_description_typed_before_signing_in_is_kept(database, door):
    prompt = "A CRM for <b>boat</b> rentals"
    client = Client()
    response = client.post(reverse("home"), {"prompt": prompt})
    assert response.url == f"{reverse('account_signup')}?next=%2F"

    if door == "account_login":
        form = {"login": UserFactory().email, "password": PASSWORD, "next": "/"}
    else:
        form = {"email": "new@example.com", "password1": PASSWORD, "next": "/"}
    response = client.post(reverse(door), form)

    assert response.url == "/"
    html = client.get("/").content.decode()
    assert "A CRM for &lt;b&gt;boat&lt;/b&gt; rentals</textarea>" in html
    assert "Your description is still here" in html


def test_an_empty_description_is_answered_with_what_to_say(database):
    response = Client().post(reverse("home"), {"prompt": "   "})

    assert response.status_code == 422
    assert b"Say what you want to keep track of" in response.content


def test_an_address_that_does_not_exist_gets_a_page_of_ours(database):
    response = Client().get("/nothing/here/")

    assert response.status_code == 404
    assert b"This page is not here" in response.content

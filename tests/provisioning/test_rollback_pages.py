"""The pages of earlier versions: the history's button, the preview, its approval, and two versions compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from core import jobs
from core.models import Job, Project, User
from core.permissions import list_configs
from core.tenancy import acting_as
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import column, document, table


@pytest.fixture
def versions(user: User, project: Project) -> Project:
    provision(user, project, document(table("notes", column("a", required=True))))
    provision(user, project, document(table("tags", column("c"))), confirm_destructive=True)
    return reload(user, project)


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, project: Project, path: str) -> str:
    response = client.get(f"/projects/{project.pk}/{path}")
    assert response.status_code == 200
    return response.content.decode()


def approve(client: Client, project: Project, **values: Any) -> Any:
    return client.post(f"/projects/{project.pk}/versions/1.0.0/rollback/", values)


def plan_of(text: str) -> str:
    found = re.search(r'name="plan" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def test_the_history_leads_back_to_every_version_but_the_active_one(browser: Client, versions: Project) -> None:
    text = page(browser, versions, "history/")
    assert f"/projects/{versions.pk}/versions/1.0.0/rollback/" in text
    assert f"/projects/{versions.pk}/versions/2.0.0/rollback/" not in text
    assert f"/projects/{versions.pk}/versions/1.0.0/2.0.0/" in text


def test_the_preview_says_what_happens_before_the_sql(browser: Client, user: User, versions: Project) -> None:
    query(versions, user.pk, "admin", "insert into tags (c) values ('x'), ('y')")
    text = page(browser, versions, "versions/1.0.0/rollback/")
    for sentence in ("Remove the table tags.", "Add the table notes with 1 column.", "This is about 2 rows."):
        assert sentence in text
    assert text.index("Remove the table tags.") < text.index("This is about 2 rows.") < text.index("alter table")
    assert "vc-alert-danger" in text
    assert 'name="confirm"' in text


def test_approved_it_runs_and_leads_to_the_application(browser: Client, user: User, versions: Project) -> None:
    plan = plan_of(page(browser, versions, "versions/1.0.0/rollback/"))
    response = approve(browser, versions, plan=plan, confirm="yes")
    with acting_as(user.pk):
        job = Job.objects.latest("created_at")
    assert response.status_code == 302
    assert str(job.pk) in response["Location"]
    jobs.run(job.pk)
    assert reload(user, versions).active_config.version == "3.0.0"
    assert browser.get(response["Location"])["Location"].startswith(f"/projects/{versions.pk}/provisioned/")
    assert "There is nothing to do." in page(browser, versions, "versions/1.0.0/rollback/")


def test_a_plan_that_is_another_one_by_now_is_shown_first(browser: Client, user: User, versions: Project) -> None:
    plan = plan_of(page(browser, versions, "versions/1.0.0/rollback/"))
    provision(user, versions, document(table("tags", column("c"), column("d"))))
    response = approve(browser, versions, plan=plan, confirm="yes")
    assert response["Location"].endswith("/versions/1.0.0/rollback/")
    assert "changed while you were reading" in page(browser, versions, "versions/1.0.0/rollback/")
    assert len(list_configs(user, versions)) == 3


def test_without_the_word_nothing_runs(browser: Client, user: User, versions: Project) -> None:
    plan = plan_of(page(browser, versions, "versions/1.0.0/rollback/"))
    assert approve(browser, versions, plan=plan).status_code == 409
    assert len(list_configs(user, versions)) == 2


def test_what_cannot_come_back_as_it_was_is_noted(browser: Client, user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("b", required=True))))
    provision(user, project, document(table("notes", column("a"))), confirm_destructive=True)
    query(project, user.pk, "admin", "insert into notes (a) values ('new')")
    text = page(browser, project, "versions/1.0.0/rollback/")
    assert "b of notes comes back optional: 1 row has no value that fits." in text
    assert "vc-alert-info" in text


def test_two_versions_are_compared_in_either_direction(browser: Client, versions: Project) -> None:
    text = page(browser, versions, "versions/1.0.0/2.0.0/")
    assert "From version 1.0.0 to 2.0.0" in text
    assert "Remove the table notes." in text
    assert "Add the table notes with 1 column." in page(browser, versions, "versions/2.0.0/1.0.0/")
    assert "Nothing: both versions say the same." in page(browser, versions, "versions/2.0.0/2.0.0/")


def test_pages_of_others_do_not_exist(versions: Project, other_user: User) -> None:
    client = Client()
    client.force_login(other_user)
    for path in ("versions/1.0.0/rollback/", "versions/1.0.0/2.0.0/"):
        assert client.get(f"/projects/{versions.pk}/{path}").status_code == 404
    assert approve(client, versions, plan="x").status_code == 404


@pytest.mark.parametrize("path", ["versions/9.9.9/rollback/", "versions/1.0.0/9.9.9/", "versions/9/1.0.0/"])
def test_versions_that_are_not_there_do_not_exist(browser: Client, versions: Project, path: str) -> None:
    assert browser.get(f"/projects/{versions.pk}/{path}").status_code == 404

"""The leak test as people meet it: a page with a button, a job, a command."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core import jobs, sql
from core.errors import Forbidden
from core.models import Job, Project, User
from core.tenancy import as_platform
from provisioning.leaktest import service
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, work
from tests.provisioning.documents import column, document, estate, table


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def page(estate_project: Project) -> str:
    return reverse("isolation", args=[estate_project.pk])


def make_a_hole(project: Project, superuser: psycopg.Connection) -> None:
    agents = sql.identifier(project.schema_name, "agents")
    superuser.execute(sql.format("alter policy member_select on {agents} using (true)", agents=agents))


def mend_the_hole(project: Project, superuser: psycopg.Connection) -> None:
    agents = sql.identifier(project.schema_name, "agents")
    mended = "alter policy member_select on {agents} using (user_id = (select auth.uid()))"
    superuser.execute(sql.format(mended, agents=agents))


def run(*arguments: Any) -> str:
    output = StringIO()
    call_command("leaktest", *map(str, arguments), stdout=output)
    return output.getvalue()


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_button_leads_to_a_job_and_the_job_to_the_report(
    user: User, estate_project: Project, browser: Client, page: str
) -> None:
    assert page in text_of(browser.get(reverse("project-settings", args=[estate_project.pk])))
    assert "Do members reach each other" in text_of(browser.get(page))
    response = browser.post(page)
    with as_platform():
        job = Job.objects.get(project=estate_project, kind="leaktest")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("job", args=[job.pk]))
    again = browser.post(page)["Location"]
    assert str(job.pk) in again, "A test that waits is not asked for twice."
    result = work(user, job)
    assert result["passed"] is True
    assert [step["status"] for step in jobs.find(user, job.pk).steps] == ["done"] * 4
    assert browser.get(response["Location"])["Location"] == page
    text = text_of(browser.get(page))
    assert "No leak:" in text
    assert all(name in text for name in ("agents", "properties", "showings", "The platform", "shared"))
    assert "What was found" not in text


def test_a_leak_is_told_in_a_sentence(
    user: User, estate_project: Project, browser: Client, page: str, superuser: psycopg.Connection
) -> None:
    make_a_hole(estate_project, superuser)
    work(user, service.submit(user, estate_project))
    text = text_of(browser.get(page))
    assert "A member reads a row of agents that belongs to somebody else, by its id." in text
    assert "LEAK" in text
    mend_the_hole(estate_project, superuser)
    provision(user, estate_project, document(table("notes", column("body"))), confirm_destructive=True)
    assert "Version 2.0.0 is active now" in text_of(browser.get(page))


def test_a_project_without_tables_has_nothing_to_test(project: Project, browser: Client) -> None:
    page = reverse("isolation", args=[project.pk])
    assert "There are no tables to test yet" in text_of(browser.get(page))
    assert browser.post(page)["Location"] == page
    with as_platform():
        assert not Job.objects.filter(kind="leaktest").exists()


def test_only_the_owner_may(other_user: User, estate_project: Project, page: str) -> None:
    stranger = Client()
    stranger.force_login(other_user)
    assert stranger.get(page).status_code == 404
    assert stranger.post(page).status_code == 404
    with pytest.raises(Forbidden, match="Only the owner"):
        service.check_owner(other_user, estate_project)
    with as_platform():
        job = Job.objects.create(user=other_user, project=estate_project, kind="leaktest")
    jobs.run(job.pk)
    with as_platform():
        outcome = Job.objects.get(pk=job.pk)
    assert (outcome.status, outcome.error["status"]) == ("failed", 404)


def test_the_worker_does_it(user: User, estate_project: Project, worker: object) -> None:
    job = jobs.wait(user, service.submit(user, estate_project).pk, 60)
    assert job.status == Job.Status.SUCCEEDED
    assert service.report_of(job).passed


def test_the_command_prints_the_table_and_fails_on_a_leak(
    estate_project: Project, superuser: psycopg.Connection
) -> None:
    assert "No leak:" in run(estate_project.pk)
    assert json.loads(run(estate_project.pk, "--json"))["passed"] is True
    make_a_hole(estate_project, superuser)
    output = StringIO()
    with pytest.raises(CommandError, match="not proven") as caught:
        call_command("leaktest", str(estate_project.pk), stdout=output)
    assert caught.value.returncode == 1
    agents = next(line for line in output.getvalue().splitlines() if line.startswith("agents"))
    assert agents.split()[1] == "LEAK"
    assert "! agents: A member reads a row of agents" in output.getvalue()


def test_without_a_project_the_command_tests_all_of_them(
    user: User, other_user: User, estate_project: Project, superuser: psycopg.Connection
) -> None:
    elsewhere = ProjectFactory(owner=other_user, name="Elsewhere")
    provision(other_user, elsewhere, estate())
    ProjectFactory(owner=user, name="Empty")
    lines = run().splitlines()
    assert [line.split(":")[0].split("  ")[1] for line in lines] == sorted([estate_project.name, "Elsewhere"])
    assert all("No leak" in line for line in lines)
    make_a_hole(elsewhere, superuser)
    with pytest.raises(CommandError, match="not proven: Elsewhere"):
        run("--json")


def test_a_project_that_cannot_be_tested_does_not_hide_the_others(
    user: User, estate_project: Project, superuser: psycopg.Connection
) -> None:
    lost = ProjectFactory(owner=user, name="Lost")
    provision(user, lost, estate())
    superuser.execute(sql.format("drop schema {schema} cascade", schema=sql.identifier(lost.schema_name)))
    superuser.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [f"project:{estate_project.pk}"])
    output = StringIO()
    with pytest.raises(CommandError, match="not proven"):
        call_command("leaktest", stdout=output)
    assert f"{estate_project.name}: not tested. The project's tables are being changed." in output.getvalue()
    assert f"Lost: not tested. The schema {lost.schema_name} is missing." in output.getvalue()

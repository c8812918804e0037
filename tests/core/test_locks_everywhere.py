"""No way to other tables leads past the schema lock, and none to a draft or to other tables past a freeze."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import jobs, locks
from core.errors import Conflict, Problem
from core.models import DecisionTrace, Job, Project, User
from core.tenancy import as_platform
from provisioning import executor
from provisioning.models import Migration
from schemas.jobs import decide
from tests.conftest import client_of
from tests.core.test_pages import browser_of
from tests.provisioning.acts import provision, query, reload, submit, work
from tests.provisioning.documents import estate

PROMPT = "A CRM for real estate agents with properties, agents and showings"


@pytest.fixture
def draft(user: User, project: Project) -> DecisionTrace:
    """A decision that drafted tables for the project."""
    decide(user, project, PROMPT, trace_id=uuid4())
    with as_platform():
        return DecisionTrace.objects.get()


@pytest.fixture
def client(user: User) -> Client:
    return browser_of(user)


def by_api(user: User, project: Project) -> Any:
    body = {"project_id": str(project.pk), "schema_json": estate()}
    return client_of(user).post("/api/v1/provision", body, format="json")


def plan_page(project: Project, draft: DecisionTrace) -> str:
    return reverse("plan", args=[project.pk, draft.pk])


def approve(client: Client, project: Project, draft: DecisionTrace) -> Any:
    """Sends the form of the plan page as it is shown, whether its button is disabled or not."""
    shown = re.search(r'name="plan" value="(\w+)"', client.get(plan_page(project, draft)).content.decode())
    return client.post(reverse("provision", args=[project.pk, draft.pk]), {"plan": shown[1], "confirm": "yes"})


def nothing_was_made(user: User, project: Project) -> bool:
    with as_platform():
        stored = Migration.objects.exists()
    return not stored and reload(user, project).active_config is None


def test_provisioning_by_the_api_is_refused_at_once(user: User, colleague: User, project: Project) -> None:
    locks.acquire(project, colleague.pk)
    refused = by_api(user, project)
    assert (refused.status_code, refused.json()["code"]) == (409, "schema_locked")
    locks.release(project, colleague.pk)
    locks.freeze(project, user.pk, "The yearly audit")
    refused = by_api(user, project)
    assert (refused.status_code, refused.json()["code"]) == (409, "schema_frozen")
    assert nothing_was_made(user, project)


def test_provisioning_by_the_page_is_refused(
    client: Client, user: User, colleague: User, project: Project, draft: DecisionTrace
) -> None:
    locks.acquire(project, colleague.pk)
    assert approve(client, project, draft).status_code == 409
    locks.release(project, colleague.pk)
    locks.freeze(project, user.pk, "The yearly audit")
    refused = approve(client, project, draft)
    assert refused.status_code == 409
    assert "The tables are frozen: The yearly audit" in refused.content.decode()
    assert nothing_was_made(user, project)


def test_provisioning_by_the_command_is_refused(user: User, colleague: User, project: Project, tmp_path: Path) -> None:
    file = tmp_path / "estate.json"
    file.write_text(json.dumps(estate()))
    locks.acquire(project, colleague.pk)
    with pytest.raises(CommandError, match="is changing the tables"):
        call_command("provision", str(project.pk), str(file))
    locks.release(project, colleague.pk)
    locks.freeze(project, user.pk)
    with pytest.raises(CommandError, match="frozen"):
        call_command("provision", str(project.pk), str(file))
    assert nothing_was_made(user, project)


def test_what_was_submitted_before_is_refused_when_its_turn_comes(
    user: User, colleague: User, project: Project
) -> None:
    for refuse, code in (
        (lambda: locks.acquire(project, colleague.pk), "schema_locked"),
        (lambda: locks.freeze(project, user.pk), "schema_frozen"),
    ):
        job = submit(user, project, estate())
        refuse()
        with pytest.raises(Problem) as caught:
            work(user, job)
        assert caught.value.code == code
        locks.release(project, colleague.pk)
    assert reload(user, project).active_config is None


def test_the_problem_of_a_job_tells_who_it_was(user: User, colleague: User, project: Project) -> None:
    job = submit(user, project, estate())
    locks.freeze(project, user.pk, "The yearly audit")
    with pytest.raises(Problem):
        work(user, job)
    error = Problem.from_json(jobs.find(user, job.pk).error)
    assert (error.members["reason"], error.members["frozen_by"]) == ("The yearly audit", user.get_full_name())


def test_the_holder_provisions_and_keeps_the_lock(user: User, project: Project) -> None:
    locks.acquire(project, user.pk)
    assert provision(user, project, estate())["version"] == "1.0.0"
    found = locks.status(project, user.pk)
    assert (found.is_mine, found.is_work, found.purpose) == (True, False, "editing")


def test_provisioning_gives_the_lock_back(user: User, project: Project) -> None:
    provision(user, project, estate())
    assert not locks.status(project, user.pk).locked


def test_a_migration_that_lost_its_lock_leaves_nothing(
    user: User, colleague: User, project: Project, superuser: psycopg.Connection
) -> None:
    class Stalled(jobs.JobContext):
        """Stands still before the end, until the lock has run out and somebody else has it."""

        def progress(self, percent: int, label: str, *_: object) -> None:
            if label == "Publish the new version":
                superuser.execute("update core_schemalock set expires_at = now() - interval '1 second'")
                taking = threading.Thread(target=self.let_somebody_else)
                taking.start()
                taking.join()

        def let_somebody_else(self) -> None:
            locks.acquire(project, colleague.pk)
            connection.close()

    job = submit(user, project, estate())
    with as_platform():
        migration = Migration.objects.get()
    with pytest.raises(Conflict) as lost:
        executor.execute(migration.pk, Stalled(job))
    assert lost.value.code == "schema_lock_lost"
    left = query(project, user.pk, "owner", "select to_regclass('agents'), (select count(*) from _ledger)")
    assert left == [(None, 0)]
    assert reload(user, project).active_config is None
    assert locks.status(project, user.pk).holder_id == colleague.pk


def test_a_frozen_project_is_provisioned_once_it_is_released(user: User, project: Project) -> None:
    locks.freeze(project, user.pk)
    with pytest.raises(Conflict, match="frozen"):
        submit(user, project, estate())
    locks.unfreeze(project, user.pk)
    assert provision(user, project, estate())["version"] == "1.0.0"


def test_no_decision_is_made_for_a_frozen_project(user: User, project: Project) -> None:
    locks.freeze(project, user.pk, "The yearly audit")
    with pytest.raises(Conflict) as refused:
        decide(user, project, PROMPT, trace_id=uuid4())
    assert refused.value.code == "schema_frozen"
    with pytest.raises(CommandError, match="frozen"):
        call_command("generate", PROMPT, "--project", str(project.pk), "--engine", "offline")
    with as_platform():
        assert not DecisionTrace.objects.exists(), "A trace is written before the model is asked."


def test_the_generate_api_does_not_pass_a_freeze(api: APIClient, user: User, project: Project, worker: object) -> None:
    locks.freeze(project, user.pk, "The yearly audit")
    refused = api.post("/api/v1/generate", {"prompt": PROMPT, "project_id": str(project.pk)}, format="json")
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["reason"]) == (409, "schema_frozen", "The yearly audit")


def test_the_builder_does_not_pass_a_freeze(client: Client, user: User, project: Project) -> None:
    locks.freeze(project, user.pk, "The yearly audit")
    address = reverse("builder", args=[project.pk])
    client.post(address, {"prompt": PROMPT})
    with as_platform():
        job = Job.objects.get()
    jobs.run(job.pk)
    page = client.get(f"{address}?job={job.pk}").content.decode()
    assert "The tables are frozen: The yearly audit" in page
    with as_platform():
        assert not DecisionTrace.objects.exists()


def test_a_lock_does_not_stop_drafting(user: User, colleague: User, project: Project) -> None:
    locks.acquire(project, colleague.pk)
    assert decide(user, project, PROMPT, trace_id=uuid4())["outcome"] == "schema"


def test_the_plan_waits_while_somebody_else_changes_the_tables(
    client: Client, user: User, colleague: User, project: Project, draft: DecisionTrace
) -> None:
    guard = "data-schema-guard disabled"
    address = plan_page(project, draft)
    assert guard not in client.get(address).content.decode()
    locks.acquire(project, user.pk)
    mine = client.get(address).content.decode()
    assert guard not in mine
    assert "You are changing the tables" in mine
    theirs = browser_of(colleague).get(address).content.decode()
    assert guard in theirs
    locks.freeze(project, user.pk)
    assert guard in client.get(address).content.decode()


@pytest.mark.parametrize("name", ["builder", "project-settings", "schema-lock"])
def test_a_page_says_who_changes_the_tables(user: User, colleague: User, project: Project, name: str) -> None:
    address = reverse(name, args=[project.pk])
    other = browser_of(colleague)
    assert "is changing the tables" not in other.get(address).content.decode()
    locks.acquire(project, user.pk, "<b>moving</b>")
    page = other.get(address).content.decode()
    assert "is changing the tables (&lt;b&gt;moving&lt;/b&gt;)" in page
    assert "<b>moving" not in page
    assert 'data-blocks="true"' in page
    assert "schema-lock/release/" not in page


def test_the_holder_gives_the_lock_back_on_the_page(client: Client, user: User, project: Project) -> None:
    locks.acquire(project, user.pk)
    address = reverse("schema-release", args=[project.pk])
    assert address in client.get(reverse("builder", args=[project.pk])).content.decode()
    strip = client.post(address, headers={"HX-Request": "true"}).content.decode()
    assert "changing the tables" not in strip
    assert not locks.status(project, user.pk).locked


def test_the_owner_alone_freezes_on_the_settings_page(
    client: Client, user: User, colleague: User, project: Project
) -> None:
    settings = reverse("project-settings", args=[project.pk])
    freeze, unfreeze = (reverse(name, args=[project.pk]) for name in ("schema-freeze", "schema-unfreeze"))
    other = browser_of(colleague)
    assert freeze in client.get(settings).content.decode()
    assert freeze not in other.get(settings).content.decode()
    assert other.post(freeze).status_code == 403

    client.post(freeze, {"reason": "The <i>audit</i>"})
    page = client.get(settings).content.decode()
    assert "The tables are frozen: The &lt;i&gt;audit&lt;/i&gt;" in page
    assert unfreeze in page
    assert f"Only {user.get_full_name()} can unfreeze them" in other.get(settings).content.decode()
    assert other.post(unfreeze).status_code == 403
    assert locks.status(project, user.pk).frozen

    client.post(unfreeze)
    assert not locks.status(project, user.pk).frozen


@pytest.mark.parametrize("name", ["schema-lock", "schema-release", "schema-freeze", "schema-unfreeze"])
def test_to_a_stranger_there_are_no_pages_of_the_lock(other_user: User, project: Project, name: str) -> None:
    client, address = browser_of(other_user), reverse(name, args=[project.pk])
    assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}
    assert not locks.status(project, project.owner_id).frozen

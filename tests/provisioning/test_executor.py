"""Running plans: all or nothing, once, in turn."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from core import jobs, locks
from core.errors import Conflict, Problem
from core.models import Job, Project, User
from core.permissions import list_configs
from core.tenancy import acting_as, as_platform
from provisioning import attempts, executor, project_database, service
from provisioning.models import Migration
from provisioning.statements import Plan
from tests.at_once import at_once
from tests.provisioning.acts import migrations, provision, query, reload, submit, tables, work
from tests.provisioning.documents import column, document, estate, table


def notes(*names: str) -> dict[str, Any]:
    return document(table("notes", *(column(name) for name in names)))


def test_a_first_version_makes_the_tables_and_becomes_active(user: User, project: Project) -> None:
    result = provision(user, project, estate())
    active = reload(user, project).active_config
    assert active is not None
    assert result == {
        "success": True,
        "migration_applied": True,
        "tables_created": ["agents", "properties", "showings"],
        "tables_changed": [],
        "tables_dropped": [],
        "rls_policies_created": 18,
        "vibe_config_id": str(active.pk),
        "version": "1.0.0",
        "migration_id": str(migrations(project)[0].pk),
    }
    assert (active.version, active.number, active.parent) == ("1.0.0", 1, None)
    assert active.document["version"] == "1.0.0"


def test_progress_names_the_changes(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    work(user, job)
    steps = jobs.find(user, job.pk).steps
    assert [step["status"] for step in steps] == ["done"] * len(steps)
    assert any("agents" in step["label"] for step in steps)


def test_the_ledger_and_the_migration_agree(user: User, project: Project) -> None:
    provision(user, project, notes("a"))
    provision(user, project, notes("a", "b"))
    ledger = query(
        project, user.pk, "owner", "select number, version, plan_sha256, catalog_sha256 from _ledger order by number"
    )
    recorded = [(row.number, row.version, row.sha256, row.catalog_sha256) for row in migrations(project)]
    assert ledger == recorded
    assert [row.status for row in migrations(project)] == ["applied", "applied"]
    assert [config.version for config in list_configs(user, project)] == ["1.1.0", "1.0.0"]


def test_a_step_that_fails_leaves_nothing(user: User, project: Project) -> None:
    provision(user, project, notes("body"))
    before = tables(project, user)
    changed = document(table("extra", column("name")), table("notes", column("body", unique=True), column("subject")))
    job = submit(user, project, changed)
    # Since the rows were counted, somebody has added two that do not fit.
    query(project, user.pk, "admin", "insert into notes (body) values ('same'), ('same')")
    with pytest.raises(Problem) as caught:
        work(user, job)
    assert caught.value.status == 409
    assert caught.value.code == "migration_failed"
    assert "Step " in caught.value.detail
    assert "Nothing was changed" in caught.value.detail
    assert caught.value.errors[0]["path"].startswith("$.statements[")
    assert tables(project, user) == before
    assert reload(user, project).active_config.version == "1.0.0"
    failed = migrations(project)[-1]
    assert (failed.status, failed.error["code"]) == ("failed", "migration_failed")
    query(project, user.pk, "admin", "update notes set body = id::text")
    assert provision(user, project, changed)["version"] == "2.0.0"


@pytest.mark.parametrize("fails_at", [0, 7, 20, -1])
def test_whichever_step_fails_nothing_is_left(user: User, project: Project, fails_at: int) -> None:
    job = submit(user, project, estate())
    break_statement(project, fails_at)
    with pytest.raises(Problem, match="Nothing was changed"):
        work(user, job)
    assert tables(project, user) == {}
    assert reload(user, project).active_config is None
    assert provision(user, project, estate())["version"] == "1.0.0"


def break_statement(project: Project, index: int) -> None:
    """Makes one statement of the pending plan fail when it runs."""
    (migration,) = migrations(project)
    plan = Plan.from_json(migration.plan)
    statements = list(plan.statements)
    statements[index] = replace(statements[index], sql="select 1 / 0")
    plan = replace(plan, statements=tuple(statements))
    with as_platform():
        Migration.objects.filter(pk=migration.pk).update(plan=plan.to_json(), sha256=plan.sha256)


def test_a_plan_that_was_tampered_with_does_not_run(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    (migration,) = migrations(project)
    migration.plan["statements"][0]["sql"] = "select 1"
    with as_platform():
        migration.save()
    with pytest.raises(Problem, match="on our side"):
        work(user, job)
    assert reload(user, project).active_config is None


def test_a_second_delivery_changes_nothing(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    first = work(user, job)
    again = executor.execute(migrations(project)[0].pk, jobs.JobContext(job))
    assert again == first
    assert len(list_configs(user, project)) == 1
    assert query(project, user.pk, "owner", "select count(*) from _ledger") == [(1,)]


def test_a_worker_that_died_after_the_commit_is_made_good(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    first = work(user, job)
    with as_platform():
        Job.objects.filter(pk=job.pk).update(status=Job.Status.QUEUED, result=None)
    assert work(user, job) == first
    assert len(list_configs(user, project)) == 1


def test_a_plan_made_before_another_version_is_stale(user: User, project: Project) -> None:
    early, late = submit(user, project, notes("a")), submit(user, project, notes("b"))
    work(user, early)
    with pytest.raises(Problem) as caught:
        work(user, late)
    assert (caught.value.status, caught.value.code) == (409, "stale_version")
    assert [row.status for row in migrations(project)] == ["applied", "failed"]


def test_of_plans_that_run_at_once_one_is_applied(user: User, project: Project) -> None:
    jobs_at_once = [submit(user, project, notes(f"c{i}")) for i in range(4)]
    outcomes = at_once([lambda job=job: work(user, job) for job in jobs_at_once])
    applied = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, Problem)]
    assert len(applied) == 1
    assert refused == ["stale_version"] * 3
    assert query(project, user.pk, "owner", "select count(*) from _ledger") == [(1,)]


def test_the_same_plan_run_at_once_is_applied_once(user: User, project: Project) -> None:
    job = submit(user, project, estate())
    (migration,) = migrations(project)
    outcomes = at_once([lambda: executor.execute(migration.pk, jobs.JobContext(job))] * 4)
    assert len(list_configs(user, project)) == 1
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_the_same_change_asked_for_twice_at_once_is_one_version(user: User, project: Project) -> None:
    twins = [submit(user, project, estate()) for _ in range(3)]
    outcomes = at_once([lambda job=job: work(user, job) for job in twins])
    (config,) = list_configs(user, project)
    assert [outcome["vibe_config_id"] for outcome in outcomes] == [str(config.pk)] * 3
    assert reload(user, project).active_config_id == config.pk
    assert [row.status for row in migrations(project)] == ["applied"] * 3


def test_a_key_that_is_used_for_two_requests_never_runs_the_plan_of_the_other(user: User, project: Project) -> None:
    """The first request was stored, and its process died before it submitted the job."""
    submit(user, project, notes("a"), idempotency_key="k")
    with as_platform():
        Job.objects.all().delete()
    assert provision(user, project, notes("b"), idempotency_key="k")["success"]
    assert [column["name"] for column in list_configs(user, project)[0].document["tables"][0]["columns"]] == ["b"]


def test_projects_are_prepared_at_once_without_harm(user: User, project: Project) -> None:
    assert at_once([lambda: project_database.ensure(project, user.pk)] * 4) == [None] * 4


def test_somebody_elses_schema_lock_refuses(
    user: User, other_user: User, project: Project, superuser: psycopg.Connection
) -> None:
    job = submit(user, project, estate())
    locks.acquire(project, user.pk)
    superuser.execute("update core_schemalock set holder_id = %s", [other_user.pk])
    with pytest.raises(Problem) as caught:
        work(user, job)
    assert (caught.value.status, caught.value.code) == (409, "schema_locked")


def test_a_table_in_use_is_waited_for_and_then_given_up(
    user: User, project: Project, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(user, project, notes("a"))
    monkeypatch.setattr(attempts, "MAX_ATTEMPTS", 2)
    with superuser.transaction():
        superuser.execute(f"lock table {project.schema_name}.notes in access share mode")
        with pytest.raises(Problem) as caught:
            provision(user, project, notes("a", "b"))
    assert (caught.value.status, caught.value.code) == (409, "tables_busy")
    assert provision(user, project, notes("a", "b"))["version"] == "1.1.0"


def test_a_short_use_of_a_table_only_delays(user: User, project: Project, superuser: psycopg.Connection) -> None:
    provision(user, project, notes("a"))
    superuser.autocommit = False
    superuser.execute(f"lock table {project.schema_name}.notes in access share mode")
    release = threading.Timer(1.0, superuser.commit)
    release.start()
    assert provision(user, project, notes("a", "b"))["version"] == "1.1.0"
    release.join()


def test_provisioning_through_a_real_worker(user: User, project: Project, worker: object) -> None:
    job = submit(user, project, estate())
    done = jobs.wait(user, job.pk, 30)
    assert done.status == Job.Status.SUCCEEDED, done.error
    assert query(project, uuid4(), "member", "select count(*) from agents") == [(0,)]


def test_what_is_active_already_needs_no_job(user: User, project: Project) -> None:
    provision(user, project, estate())
    assert service.provision(user, reload(user, project), estate()) is None
    assert len(migrations(project)) == 1


def test_what_disappears_must_be_confirmed(user: User, project: Project) -> None:
    provision(user, project, notes("a", "b"))
    with pytest.raises(Conflict) as caught:
        submit(user, project, notes("a"))
    assert caught.value.code == "confirmation_needed"
    assert [error["code"] for error in caught.value.errors] == ["drops_column"]
    assert len(migrations(project)) == 1
    assert provision(user, project, notes("a"), confirm_destructive=True)["version"] == "2.0.0"


def test_another_users_migrations_are_invisible(user: User, other_user: User, project: Project) -> None:
    provision(user, project, notes("a"))
    with acting_as(other_user.pk):
        assert not Migration.objects.exists()
    with acting_as(user.pk):
        assert Migration.objects.count() == 1

"""Runs a stored plan: all of it or nothing, once, whoever asks how often.

The statements, the row of the ledger and the move of the platform's pointer to the new version commit together. What
decides is read inside that transaction, behind a lock that only one plan of a project holds at a time.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from core import locks
from core.errors import Conflict, Problem, is_connection_lost, problem_from
from core.jobs import JobContext
from core.models import Project, VibeConfig
from core.tenancy import Door, as_platform, become_platform, open_project
from provisioning import project_database
from provisioning.attempts import STATEMENT_TIMEOUT_MS, until_free
from provisioning.checkup import refuse_drift
from provisioning.introspect import Json, catalog, digest
from provisioning.models import Migration
from provisioning.outcome import verify
from provisioning.running import run_statements, take_turn
from provisioning.statements import Plan
from provisioning.steps import remove_leftovers, run_ahead, undo_ahead
from provisioning.upgrading import bring_up
from schemas.document import Schema

_LEDGER_HEAD: Final = "select number, plan_sha256, to_hash, catalog_sha256 from _ledger order by number desc limit 1"
_LEDGER_ROW: Final = """
insert into _ledger (number, version, plan_sha256, from_hash, to_hash, catalog_sha256) values (%s, %s, %s, %s, %s, %s)
"""


def execute(migration_id: UUID, context: JobContext) -> dict[str, Any]:
    """Applies a stored plan and returns what the API answers.

    A plan that is applied already is a success, however often it is delivered.

    Raises:
        Problem: when the plan cannot be applied; then nothing was, and the migration says why.
    """
    with as_platform():
        migration = Migration.objects.select_related(
            "project__placement", "project__active_config", "from_config", "created_by"
        ).get(pk=migration_id)
        Migration.objects.filter(pk=migration_id, started_at=None).update(job=context.job, started_at=timezone.now())
    plan = Plan.from_json(migration.plan)
    if migration.status == Migration.Status.FAILED:
        raise Problem.from_json(migration.error or {})
    if migration.status == Migration.Status.PENDING:
        try:
            context.progress(2, "Wait for the project's tables")
            purpose = f"provisioning version {plan.version}"
            with locks.held(migration.project, migration.created_by_id, purpose, work=migration.pk):
                project_database.ensure(migration.project, migration.created_by_id)
                bring_up(migration.created_by, migration.project, migration.pk)
                _run_ahead(migration, plan, context)
                until_free(lambda: _apply(migration, plan, context), migration.project)
        except Exception as error:
            if is_connection_lost(error):
                raise  # who does the job again finds out what was done
            problem = problem_from(error)
            if _mark_failed(migration_id, problem):
                undo_ahead(migration.project, plan)
                raise problem from error
    return answer(migration_id, plan)


def take_back(migration_id: UUID) -> None:
    """Keeps a plan that has not begun from ever running. Call it inside the platform's door."""
    problem = Conflict("The work was cancelled before it began. Nothing was changed.", code="cancelled")
    _fail(migration_id, problem)


def answer(migration_id: UUID, plan: Plan) -> dict[str, Any]:
    """What the API says about an applied migration."""
    with as_platform():
        migration = Migration.objects.get(pk=migration_id)
    return {
        "success": True,
        "migration_applied": True,
        "tables_created": list(plan.tables_created),
        "tables_changed": list(plan.tables_changed),
        "tables_dropped": list(plan.tables_dropped),
        "rls_policies_created": plan.policies_created,
        "vibe_config_id": str(migration.to_config_id),
        "version": plan.version,
        "migration_id": str(migration_id),
    }


def _run_ahead(migration: Migration, plan: Plan, context: JobContext) -> None:
    """Does what takes long before the transaction, if the plan is still to run."""
    if all(statement.transactional for statement in plan.statements):
        return
    project = migration.project
    with open_project(project, migration.created_by_id, "owner", STATEMENT_TIMEOUT_MS) as door:
        if _applied_catalog(door, plan) is not None:
            return
        _refuse_drift(door, migration)
    run_ahead(project, plan, lambda percent, comment: context.progress(2 + percent // 2, comment))


def _apply(migration: Migration, plan: Plan, context: JobContext) -> None:
    project = migration.project
    with open_project(project, migration.created_by_id, "owner", STATEMENT_TIMEOUT_MS) as door:
        take_turn(door, project)
        applied = _applied_catalog(door, plan)
        is_new = applied is None
        if applied is None:
            applied = _run(door, migration, plan, context)
            _write_ledger(door, plan, applied)
        if door.alias == "default":
            become_platform(door)
            if is_new:
                locks.confirm(project, work=migration.pk)
            _publish(migration, plan, applied)
    if door.alias != "default":
        with as_platform():
            _publish(migration, plan, applied)


def _run(door: Door, migration: Migration, plan: Plan, context: JobContext) -> str:
    """Runs a plan that is the next one, over tables that are as its parent says; returns the hash of what results."""
    project, target = migration.project, project_database.target_of(migration.project)
    live = _refuse_drift(door, migration)
    if migration.from_config:
        remove_leftovers(door, project, plan)
    done = 5 if all(statement.transactional for statement in plan.statements) else 52

    def tell(percent: int, causes: list[str]) -> None:
        told = {step["label"] for step in context.steps}
        *quick, last = [cause for cause in causes if cause not in told] or [context.steps[-1]["label"]]
        for cause in quick:
            context.note(cause)
        context.progress(done + percent * (95 - done) // 100, last)

    run_statements(door, plan, target, live, tell)
    context.progress(95, "Publish the new version")
    found = catalog(door, target)
    verify(found, Schema.from_json(migration.document))
    return digest(found)


def _refuse_drift(door: Door, migration: Migration) -> Json:
    """The catalog before the plan, which is as its parent says; raises `Conflict`."""
    parent = migration.from_config
    with door.connection.cursor() as cursor:
        cursor.execute(_LEDGER_HEAD)
        *_, recorded = cursor.fetchone() or ("",)
    schema = Schema.from_json(parent.document) if parent else None
    return refuse_drift(door, migration.project, migration.created_by_id, schema, recorded)


def _applied_catalog(door: Door, plan: Plan) -> str | None:
    """The catalog hash that the ledger has for this plan, or None when the plan is the next one to run.

    Raises:
        Conflict: when another version was published since the plan was made.
    """
    with door.connection.cursor() as cursor:
        cursor.execute(_LEDGER_HEAD)
        number, sha256, to_hash, catalog = cursor.fetchone() or (0, "", "", "")
    if (number, sha256) == (plan.number, plan.sha256):
        return str(catalog)
    if (number, to_hash) != (plan.number - 1, plan.from_hash):
        detail = "Another version was published since this plan was made. Nothing was changed. Plan again."
        raise Conflict(detail, code="stale_version")
    return None


def _write_ledger(door: Door, plan: Plan, catalog: str) -> None:
    row = (plan.number, plan.version, plan.sha256, plan.from_hash, plan.to_hash, catalog)
    with door.connection.cursor() as cursor:
        cursor.execute(_LEDGER_ROW, row)


def _publish(migration: Migration, plan: Plan, catalog: str) -> None:
    """Makes the new version the active one; runs with the platform's rights, inside somebody's transaction.

    Two people may have asked for the same change at once, each with a plan of their own: both get the one version.
    """
    if not Migration.objects.select_for_update().filter(pk=migration.pk, status=Migration.Status.PENDING).exists():
        return
    now = timezone.now()
    config, _created = VibeConfig.objects.get_or_create(
        project=migration.project,
        number=plan.number,
        content_hash=plan.to_hash,
        defaults={
            "version": plan.version,
            "document": migration.document,
            "parent_id": migration.from_config_id,
            "trace_id": migration.trace_id,
            "created_by_id": migration.created_by_id,
        },
    )
    Project.objects.filter(pk=migration.project_id).update(active_config=config, updated_at=now)
    Migration.objects.filter(pk=migration.pk).update(
        status=Migration.Status.APPLIED, to_config=config, catalog_sha256=catalog, finished_at=now
    )


def _mark_failed(migration_id: UUID, problem: Problem) -> bool:
    """Whether it is so: where the connection was lost while it told that all is done, the migration is applied."""
    with as_platform():
        _fail(migration_id, problem)
        return Migration.objects.filter(pk=migration_id, status=Migration.Status.FAILED).exists()


def _fail(migration_id: UUID, problem: Problem) -> None:
    Migration.objects.filter(pk=migration_id, status=Migration.Status.PENDING).update(
        status=Migration.Status.FAILED, error=problem.to_json(), finished_at=timezone.now()
    )

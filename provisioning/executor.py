"""Runs a stored plan: all of it or nothing, once, whoever asks how often.

The statements, the row of the ledger and the move of the platform's pointer to the new version commit together. What
decides is read inside that transaction, behind a lock that only one plan of a project holds at a time.
"""

from __future__ import annotations

import logging
import random
import time
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, OperationalError
from django.utils import timezone

from core import locks
from core.errors import Conflict, Problem, problem_from
from core.jobs import JobContext
from core.models import Project, VibeConfig
from core.tenancy import Door, as_platform, become_platform, open_project
from provisioning import project_database
from provisioning.introspect import catalog_sha256
from provisioning.models import Migration
from provisioning.statements import Plan, Statement

logger = logging.getLogger(__name__)

STATEMENT_TIMEOUT_MS: Final = 60_000
LOCK_TIMEOUT: Final = "500ms"
"""How long a statement may wait for a table: readers queue up behind it for as long."""
MAX_ATTEMPTS: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0

_RETRYABLE: Final = {None, "55P03", "40P01", "40001", "57P01"}
"""SQLSTATEs that another attempt may not meet: lock not available, deadlock, serialization, server shutting down; None
is a lost connection, after which the ledger tells whether the commit arrived."""
_TIMED_OUT: Final = "57014"

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
        migration = Migration.objects.select_related("project__placement", "created_by").get(pk=migration_id)
        Migration.objects.filter(pk=migration_id, started_at=None).update(job=context.job, started_at=timezone.now())
    plan = Plan.from_json(migration.plan)
    if migration.status == Migration.Status.FAILED:
        raise Problem.from_json(migration.error or {})
    if migration.status == Migration.Status.PENDING:
        try:
            context.progress(2, "Wait for the project's tables")
            with locks.held(migration.project, migration.created_by_id):
                project_database.ensure(migration.project, migration.created_by_id)
                _apply(migration, plan, context)
        except Exception as error:
            problem = problem_from(error)
            _mark_failed(migration_id, problem)
            raise problem from error
    return answer(migration_id, plan)


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


def _apply(migration: Migration, plan: Plan, context: JobContext) -> None:
    """Attempts the whole transaction until it went through, failed for good, or was tried often enough."""
    for attempt in range(MAX_ATTEMPTS):
        try:
            _attempt(migration, plan, context)
            return
        except OperationalError as error:
            state = _sqlstate(error)
            if state == _TIMED_OUT:
                detail = f"A step took longer than {STATEMENT_TIMEOUT_MS // 1000} seconds. Nothing was changed."
                raise Conflict(detail, code="migration_too_slow") from error
            if state not in _RETRYABLE:
                raise
            logger.info("Attempt %d of migration %s met %s", attempt + 1, migration.pk, state or "a lost connection")
        time.sleep(min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0))  # noqa: S311
    detail = "Other work kept the project's tables busy. Nothing was changed. Try again when it is done."
    raise Conflict(detail, code="tables_busy", retry_after=int(_LONGEST_PAUSE_SECONDS))


def _attempt(migration: Migration, plan: Plan, context: JobContext) -> None:
    project = migration.project
    with open_project(project, migration.created_by_id, "owner", STATEMENT_TIMEOUT_MS) as door:
        _take_turn(door, project)
        applied = _applied_catalog(door, plan)
        if applied is None:
            _run_statements(door, plan, context)
            context.progress(95, "Publish the new version")
            applied = catalog_sha256(door, project_database.target_of(project))
            _write_ledger(door, plan, applied)
        if door.alias == "default":
            become_platform(door)
            _publish(migration, plan, applied)
    if door.alias != "default":
        with as_platform():
            _publish(migration, plan, applied)


def _take_turn(door: Door, project: Project) -> None:
    """Waits until no other plan of the project runs; the limit on waiting for tables counts from then on."""
    with door.connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"project:{project.pk}"])
        cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])


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


def _run_statements(door: Door, plan: Plan, context: JobContext) -> None:
    cause, total = "", len(plan.statements)
    for i, statement in enumerate(plan.statements):
        if statement.caused_by != cause:
            cause = statement.caused_by
            context.progress(5 + 90 * i // total, cause)
        try:
            with door.connection.cursor() as cursor:
                cursor.execute(statement.sql)
        except OperationalError:
            raise
        except DatabaseError as error:
            raise _failure(statement, i, total, error) from error


def _failure(statement: Statement, index: int, total: int, error: DatabaseError) -> Conflict:
    """What PostgreSQL refused, as a sentence that names the step."""
    diagnosis = getattr(error.__cause__, "diag", None)
    reason = (getattr(diagnosis, "message_primary", None) or "PostgreSQL refused it").rstrip(".")
    detail = f"Step {index + 1} of {total} failed ({statement.comment}): {reason}. Nothing was changed."
    fix = statement.risk.fix if statement.risk else "Change the document and plan again."
    fault = {"code": "step_failed", "path": f"$.statements[{index}]", "detail": f"{reason}.", "fix": fix}
    return Conflict(detail, errors=[fault], code="migration_failed")


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


def _mark_failed(migration_id: UUID, problem: Problem) -> None:
    with as_platform():
        Migration.objects.filter(pk=migration_id, status=Migration.Status.PENDING).update(
            status=Migration.Status.FAILED, error=problem.to_json(), finished_at=timezone.now()
        )


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)

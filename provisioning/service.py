"""What the API, the pages and the commands ask of provisioning: a plan to look at, and the job that carries it out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from core import jobs
from core.errors import Conflict, InvalidSchema
from core.models import DecisionTrace, Job, Project, User
from core.tenancy import acting_as
from provisioning import planner
from provisioning.models import Migration
from provisioning.project_database import target_of
from provisioning.statements import Plan
from schemas.document import Schema
from schemas.validation import validate

JOB_KIND: Final = "provision"
CONFIRMATION_NEEDED: Final = "confirmation_needed"
"""The code of the problem that asks for the user's word."""


def plan_for(project: Project, schema_json: object) -> Plan:
    """The plan that takes a project from its active version to a document; nothing is stored or run.

    Args:
        project: as `core.permissions.access_project` returns it.
        schema_json: the document, as JSON data.

    Raises:
        InvalidSchema: when the document is not valid, or a change is not supported.
    """
    return _plan(project, _valid(project, schema_json))


def provision(
    user: User,
    project: Project,
    schema_json: object,
    *,
    confirm_destructive: bool = False,
    trace: DecisionTrace | None = None,
    idempotency_key: str | None = None,
) -> Job | None:
    """Stores the plan for a document and submits the job that runs it.

    Args:
        user: who provisions.
        project: as `core.permissions.access_project` returns it.
        schema_json: the document, as JSON data.
        confirm_destructive: whether the user agrees that tables or columns disappear.
        trace: the decision that the document comes from.
        idempotency_key: the caller's own name of this request.

    Returns:
        The job; None when the document is the active version already, so that there is nothing to do.

    Raises:
        InvalidSchema: when the document is not valid, or a change is not supported.
        Conflict: when something would disappear and the user has not agreed; `errors` lists what.
    """
    request = _digest([str(project.pk), schema_json, confirm_destructive])
    if first := _first_job(user, idempotency_key, request):
        return first
    schema = _valid(project, schema_json)
    plan = _plan(project, schema)
    if plan.changes_nothing:
        return None
    if plan.destructive and not confirm_destructive:
        raise _needs_confirmation(plan)
    # Not from the key alone: a request that reuses the key must not find another one's plan.
    migration_id = uuid5(user.pk, f"{idempotency_key} {request} {plan.sha256}") if idempotency_key else uuid4()
    _store(migration_id, user, project, schema, plan, trace)
    payload = {"migration_id": str(migration_id), "request": request}
    return jobs.submit(user, JOB_KIND, payload, project, idempotency_key)


def nothing_to_do(project: Project) -> dict[str, Any]:
    """The API's answer for a document that is the active version already."""
    config = project.active_config
    return {
        "success": True,
        "migration_applied": False,
        "tables_created": [],
        "tables_changed": [],
        "tables_dropped": [],
        "rls_policies_created": 0,
        "vibe_config_id": str(config.pk) if config else None,
        "version": config.version if config else None,
        "migration_id": None,
    }


def _valid(project: Project, schema_json: object) -> Schema:
    validation = validate(schema_json, active_schema(project))
    if validation.schema is None:
        problems = [problem.to_json() for problem in validation.errors]
        detail = f"The schema document has {len(problems)} problem{'s' * (len(problems) != 1)}; `errors` says where."
        raise InvalidSchema(detail, errors=problems)
    return validation.schema


def active_schema(project: Project) -> Schema | None:
    """The document of the project's active version, if it has one."""
    return Schema.from_json(project.active_config.document) if project.active_config else None


def _plan(project: Project, schema: Schema) -> Plan:
    parent, target = project.active_config, target_of(project)
    if parent is None:
        return planner.plan(None, schema, target)
    plan = planner.plan(active_schema(project), schema, target, parent.number + 1)
    # The hash that the ledger has, which a later release might compute otherwise.
    return replace(plan, from_hash=parent.content_hash)


def _needs_confirmation(plan: Plan) -> Conflict:
    destructive = [risk for risk in plan.risks if risk.destructive]
    detail = "Tables or columns would disappear from the application. Confirm it, or leave them in the document."
    errors = [{"code": risk.code, "path": "$", "detail": risk.detail, "fix": risk.fix} for risk in destructive]
    return Conflict(detail, errors=errors, code=CONFIRMATION_NEEDED)


def _store(
    migration_id: UUID, user: User, project: Project, schema: Schema, plan: Plan, trace: DecisionTrace | None
) -> None:
    """Writes the plan down. A request with an idempotency key that comes twice finds its row there."""
    row = Migration(
        pk=migration_id,
        project=project,
        from_config=project.active_config,
        trace=trace,
        document=replace(schema, version=plan.version).to_json(),
        number=plan.number,
        version=plan.version,
        plan=plan.to_json(),
        sha256=plan.sha256,
        created_by=user,
    )
    with acting_as(user.pk):
        Migration.objects.bulk_create([row], ignore_conflicts=True)


def _first_job(user: User, idempotency_key: str | None, request: str) -> Job | None:
    """The job that the same request has submitted before."""
    if not idempotency_key:
        return None
    with acting_as(user.pk):
        job = Job.objects.filter(user=user, idempotency_key=idempotency_key).first()
    if job and (job.kind, job.payload.get("request")) != (JOB_KIND, request):
        detail = "This Idempotency-Key was used for another request. Use a new key for a new request."
        raise Conflict(detail, code="idempotency_key_reused")
    return job


def _digest(request: object) -> str:
    """The hash by which a repeated request is recognised."""
    try:
        text = json.dumps(request, sort_keys=True)
    except RecursionError:
        raise InvalidSchema("The schema document is nested too deeply.", code="too_deep") from None
    return hashlib.sha256(text.encode()).hexdigest()

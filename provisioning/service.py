"""What the API, the pages and the commands ask of provisioning: a plan to look at, and the job that carries it out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from core import jobs, locks
from core.errors import Conflict, InvalidSchema
from core.models import DecisionTrace, Job, Project, User, VibeConfig
from core.tenancy import acting_as
from provisioning.models import Migration
from provisioning.planning import Prepared, active_schema, prepare, prepare_rollback
from provisioning.preflight import Finding
from schemas.document import Schema
from schemas.validation import validate

JOB_KIND: Final = "provision"
CONFIRMATION_NEEDED: Final = "confirmation_needed"
"""The code of the problem that asks for the user's word."""
ROWS_DO_NOT_FIT: Final = "rows_do_not_fit"
"""The code of the problem that says which rows keep a plan from running."""


def plan_for(project: Project, schema_json: object) -> Prepared:
    """The plan that takes a project from its active version to a document; nothing is stored or run.

    Args:
        project: as `core.permissions.access_project` returns it.
        schema_json: the document, as JSON data.

    Raises:
        InvalidSchema: when the document is not valid, or a change is not supported.
    """
    return prepare(project, _valid(project, schema_json))


def provision(
    user: User,
    project: Project,
    schema_json: object,
    *,
    confirm_destructive: bool = False,
    trace: DecisionTrace | None = None,
    idempotency_key: str | None = None,
    prepared: Prepared | None = None,
) -> Job | None:
    """Stores the plan for a document and submits the job that runs it.

    Args:
        user: who provisions.
        project: as `core.permissions.access_project` returns it.
        schema_json: the document, as JSON data.
        confirm_destructive: whether the user agrees that tables or columns disappear.
        trace: the decision that the document comes from.
        idempotency_key: the caller's own name of this request.
        prepared: the document's plan, where it was made already.

    Returns:
        The job; None when the document is the active version already, so that there is nothing to do.

    Raises:
        InvalidSchema: when the document is not valid, or a change is not supported.
        Conflict: when something would disappear and the user has not agreed, or rows do not fit; `errors` lists what.
            And while somebody else holds the schema lock, or the tables are frozen.
    """
    request = Asked(user, project, idempotency_key, _digest([str(project.pk), schema_json, confirm_destructive]))
    return request.first_job() or _submit(
        request,
        lambda: prepared or plan_for(project, schema_json),
        confirm_destructive=confirm_destructive,
        trace=trace,
    )


def rollback(
    user: User,
    project: Project,
    config: VibeConfig,
    *,
    confirm_destructive: bool = False,
    idempotency_key: str | None = None,
    prepared: Prepared | None = None,
) -> Job | None:
    """Stores the plan back to an earlier version and submits its job. History goes on: the result is a new version.

    Args:
        user: who rolls back.
        project: as `core.permissions.access_project` returns it.
        config: the version to return to.
        confirm_destructive: whether the user agrees that what is newer disappears into the archive.
        idempotency_key: the caller's own name of this request.
        prepared: the plan back, where it was made already.

    Returns:
        The job; None when the document is the active version's already.

    Raises:
        InvalidSchema: when a change is not supported.
        Conflict: as `provision`.
    """
    request = Asked(user, project, idempotency_key, _digest(["rollback", str(config.pk), confirm_destructive]))
    return request.first_job() or _submit(
        request,
        lambda: prepared or prepare_rollback(project, config),
        confirm_destructive=confirm_destructive,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for, told apart from everything else.

    Args:
        user: who asks.
        project: whose tables are to change.
        key: the caller's own name of the request, if any.
        digest: the hash of what is asked.
    """

    user: User
    project: Project
    key: str | None
    digest: str

    def first_job(self) -> Job | None:
        """The job that the same request has submitted before."""
        if not self.key:
            return None
        with acting_as(self.user.pk):
            job = Job.objects.filter(user=self.user, idempotency_key=self.key).first()
        if job and (job.kind, job.payload.get("request")) != (JOB_KIND, self.digest):
            detail = "This Idempotency-Key was used for another request. Use a new key for a new request."
            raise Conflict(detail, code="idempotency_key_reused")
        return job


def _submit(
    asked: Asked,
    prepared: Callable[[], Prepared],
    *,
    confirm_destructive: bool,
    trace: DecisionTrace | None = None,
) -> Job | None:
    locks.require_free(asked.project, asked.user.pk)
    found = prepared()
    if found.plan.changes_nothing:
        return None
    if found.failing:
        raise _does_not_fit(found)
    if found.destructive and not confirm_destructive:
        raise _needs_confirmation(found)
    # Not from the key alone: a request that reuses the key must not find another one's plan.
    name = f"{asked.key} {asked.digest} {found.plan.sha256}"
    migration_id = uuid5(asked.user.pk, name) if asked.key else uuid4()
    _store(migration_id, asked, found, trace)
    payload = {"migration_id": str(migration_id), "request": asked.digest}
    return jobs.submit(asked.user, JOB_KIND, payload, asked.project, asked.key)


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


def _needs_confirmation(found: Prepared) -> Conflict:
    destructive = [finding for finding in found.findings if finding.risk.destructive]
    detail = "Something would disappear from the application. Confirm it, or leave it in the document."
    return Conflict(detail, errors=[_fault(finding) for finding in destructive], code=CONFIRMATION_NEEDED)


def _does_not_fit(found: Prepared) -> Conflict:
    detail = "Rows that are there do not fit the new version. Nothing was changed. `errors` says which."
    return Conflict(detail, errors=[_fault(finding) for finding in found.failing], code=ROWS_DO_NOT_FIT)


def _fault(finding: Finding) -> dict[str, Any]:
    return {"path": "$", **finding.to_json(), "detail": finding.sentence}


def _store(migration_id: UUID, asked: Asked, found: Prepared, trace: DecisionTrace | None) -> None:
    """Writes the plan down. A request with an idempotency key that comes twice finds its row there."""
    plan = found.plan
    row = Migration(
        pk=migration_id,
        project=asked.project,
        from_config=asked.project.active_config,
        trace=trace,
        document=replace(found.schema, version=plan.version).to_json(),
        number=plan.number,
        version=plan.version,
        plan=plan.to_json(),
        sha256=plan.sha256,
        created_by=asked.user,
    )
    with acting_as(asked.user.pk):
        Migration.objects.bulk_create([row], ignore_conflicts=True)


def _digest(request: object) -> str:
    """The hash by which a repeated request is recognised."""
    try:
        text = json.dumps(request, sort_keys=True)
    except RecursionError:
        raise InvalidSchema("The schema document is nested too deeply.", code="too_deep") from None
    return hashlib.sha256(text.encode()).hexdigest()

"""The work of jobs about a project's tables: provisioning a version, and testing its isolation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.errors import NotFound
from core.jobs import JobContext, job_cancellation, job_kind
from core.models import Job
from core.permissions import access_project
from core.rights import Right
from core.upkeep import daily
from provisioning import executor, retention
from provisioning.leaktest import service as leaktest
from provisioning.service import JOB_KIND


@job_kind(JOB_KIND)
def provision(context: JobContext) -> dict[str, Any]:
    """Applies the stored plan that the payload names; raises `NotFound` or `Forbidden` when the user may not."""
    if context.project_id is None:
        raise NotFound
    access_project(context.user, context.project_id, Right.CHANGE_SCHEMA)
    return executor.execute(UUID(context.payload["migration_id"]), context)


@job_cancellation(JOB_KIND)
def take_back(job: Job) -> None:
    """A plan whose job was cancelled never runs."""
    executor.take_back(UUID(job.payload["migration_id"]))


@job_kind(leaktest.JOB_KIND)
def isolation(context: JobContext) -> dict[str, Any]:
    """Runs the leak test; raises `NotFound` or `Forbidden` when the project is not the user's."""
    if context.project_id is None:
        raise NotFound
    project = access_project(context.user, context.project_id)
    leaktest.check_owner(context.user, project)
    return dict(leaktest.run(project, context.progress).to_json())


@daily("purge_archives")
def purge_archives() -> None:
    """Drops what the archives have kept long enough."""
    retention.purge_all()

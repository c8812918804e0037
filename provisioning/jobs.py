"""The work of a provisioning job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.errors import NotFound
from core.jobs import JobContext, job_kind
from core.permissions import access_project
from provisioning import executor
from provisioning.service import JOB_KIND


@job_kind(JOB_KIND)
def provision(context: JobContext) -> dict[str, Any]:
    """Applies the stored plan that the payload names; raises `NotFound` when the project is not the user's."""
    if context.project_id is None:
        raise NotFound
    access_project(context.user, context.project_id)
    return executor.execute(UUID(context.payload["migration_id"]), context)

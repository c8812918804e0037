"""The work of jobs about records: changing, importing and restoring many, and what has to be done once a day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import QueryDict

from core.errors import NotFound
from core.jobs import JobContext, job_kind
from core.permissions import access_project
from core.rights import Right
from core.upkeep import daily
from dynamic_crud.bulk_work import JOB_KIND, BulkWork
from dynamic_crud.chosen import Chosen
from dynamic_crud.csv_import import drafts, work
from dynamic_crud.records import Records
from dynamic_crud.trash import emptying
from dynamic_crud.trash.restoring import restore
from dynamic_crud.trash.service import RESTORE_KIND


@job_kind(RESTORE_KIND)
def restore_batch(context: JobContext) -> dict[str, Any]:
    """Restores what the payload names; raises `NotFound` or `Conflict` when that cannot be."""
    if context.project_id is None:
        raise NotFound
    project = access_project(context.user, context.project_id)
    payload = context.payload
    context.progress(10, "Put the records back")
    records = None if payload["records"] is None else {UUID(each) for each in payload["records"]}
    restored = restore(context.user, project, UUID(payload["batch"]), records, accept_losses=payload["accept_losses"])
    return restored.to_json()


@job_kind(JOB_KIND)
def change_many(context: JobContext) -> dict[str, Any]:
    """Deletes or edits the chosen rows of a table; the job's own id is the batch, so it is done once."""
    if context.project_id is None:
        raise NotFound
    project, payload = access_project(context.user, context.project_id, Right.WRITE_RECORDS), context.payload
    records = Records.access(context.user, project.pk, payload["table"])
    data = QueryDict(mutable=True)
    for name, texts in payload["data"].items():
        data.setlist(name, texts)
    work = BulkWork(records, Chosen.from_json(records.resource, payload["chosen"]), payload["action"], data)
    return {"action": work.action, "count": work.run(context.job.pk, context.progress)}


@job_kind(work.JOB_KIND)
def import_csv(context: JobContext) -> dict[str, Any]:
    """Checks, carries out or takes back the import that the payload names."""
    if context.project_id is None:
        raise NotFound
    project, payload = access_project(context.user, context.project_id, Right.WRITE_RECORDS), context.payload
    records = Records.access(context.user, project.pk, payload["table"], Right.WRITE_RECORDS)
    draft = drafts.find(records, UUID(payload["import"]))
    return work.ImportWork(records, draft).run(payload["action"], context.progress)


@daily("forget_imports")
def forget_imports() -> None:
    """Deletes imports that nobody went on with."""
    drafts.forget_old()


@daily("empty_trash")
def empty_trash() -> None:
    """Takes out of the trash what it has kept long enough."""
    emptying.empty_old()

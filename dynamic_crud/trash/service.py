"""What the pages and the API ask of the trash: restoring at once, or as a job where there is much to restore."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from core import jobs
from core.errors import NotFound
from core.models import Job, Project, User
from core.permissions import project_role_of, require
from core.rights import Right
from core.tenancy import open_project
from dynamic_crud.trash import entries as trash
from dynamic_crud.trash.restoring import Restored, restore

RESTORE_KIND: Final = "restore"
AT_ONCE: Final = 1000
"""How many rows are restored while whoever asks waits."""


def request_restore(
    user: User, project: Project, batch: UUID, records: Collection[UUID] | None, *, accept_losses: bool
) -> Restored | Job:
    """Restores, or submits the job that does so; arguments and errors are those of `restoring.restore`."""
    require(user, project, Right.WRITE_RECORDS)
    with open_project(project, user.pk, project_role_of(user, project)) as door:
        count = trash.size_of(door, batch)
    if not count:
        raise NotFound(trash.GONE)
    if count <= AT_ONCE:
        return restore(user, project, batch, records, accept_losses=accept_losses)
    payload = {
        "batch": str(batch),
        "records": None if records is None else sorted(map(str, records)),
        "accept_losses": accept_losses,
    }
    return jobs.submit(user, RESTORE_KIND, payload, project)

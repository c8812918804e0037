"""The end of what is in the trash: after some weeks, or when somebody deletes it for good."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from django.conf import settings
from django.db import Error
from django.utils import timezone

from core.errors import NotFound
from core.models import Project, User
from core.permissions import project_role_of, require
from core.rights import Right
from core.tenancy import LONG_TIMEOUT_MS, as_platform, become_owner, open_project
from dynamic_crud.trash import entries as trash

logger = logging.getLogger(__name__)

_HAS_TRASH: Final[LiteralString] = "select to_regclass('_trash') is not null"
_OLD: Final[LiteralString] = "delete from _trash where done_at < %s"
_CHOSEN: Final[LiteralString] = "delete from _trash where id = any(%s)"


def retention() -> timedelta:
    """How long the trash keeps what was deleted."""
    return timedelta(days=settings.TRASH_RETENTION_DAYS)


def delete_for_good(user: User, project: Project, batch: UUID, records: Collection[UUID] | None = None) -> int:
    """Takes entries out of the trash, which nothing brings back; returns how many.

    Args:
        user: who asks: of the batch what they see is deleted, and what went along with it if they did it.
        project: as `core.permissions.access_project` returns it.
        batch: the batch.
        records: the ids of rows; None for all.

    Raises:
        Forbidden: when the user may not write records.
        NotFound: when they see no such entries.
    """
    require(user, project, Right.WRITE_RECORDS)
    role = project_role_of(user, project)
    with open_project(project, user.pk, role, LONG_TIMEOUT_MS) as door:
        seen = [entry for entry in trash.of_batch(door, batch) if records is None or entry.record_id in records]
        if not seen:
            raise NotFound(trash.GONE)
        become_owner(door, project)
        ids = {entry.id for entry in seen}
        if records is None:
            doers = {entry.done_by for entry in seen if role == "admin" or entry.done_by == user.pk}
            ids |= {entry.id for doer in doers for entry in trash.rest_of_batch(door, batch, doer)}
        with door.connection.cursor() as cursor:
            cursor.execute(_CHOSEN, [list(ids)])
            return int(cursor.rowcount)


def empty_old(older_than: timedelta | None = None) -> int:
    """Takes out of the trash of every project, deleted ones too, what is too old; returns how many entries.

    Args:
        older_than: the age; that of the setting when not given.
    """
    before = timezone.now() - (older_than if older_than is not None else retention())
    with as_platform():
        projects = list(Project.objects.filter(active_config__isnull=False).select_related("placement"))
    emptied = 0
    for project in projects:
        try:
            emptied += _empty(project, before)
        except Error as error:
            logger.warning("The trash of project %s was not emptied: %s", project.pk, error)
    return emptied


def _empty(project: Project, before: datetime) -> int:
    with open_project(project, project.owner_id, "owner", LONG_TIMEOUT_MS) as door, door.connection.cursor() as cursor:
        cursor.execute(_HAS_TRASH)
        if not cursor.fetchone()[0]:
            return 0  # nothing was ever provisioned by a release that has a trash
        cursor.execute(_OLD, [before])
        return int(cursor.rowcount)

"""The end of the archive: the only place of the product where tables and columns of a project are dropped.

What was hidden longer ago than the archive is kept goes for good, in one transaction a project, while no plan of it
runs. Which versions can no longer be restored in full is noted there too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from django.conf import settings
from django.db import Error
from django.utils import timezone

from core import sql
from core.errors import Problem
from core.models import Project, VibeConfig
from core.tenancy import Door, acting_as, as_platform, become_platform, open_project
from provisioning.archive_entries import Entry, documents_of, entries_behind
from provisioning.attempts import STATEMENT_TIMEOUT_MS, until_free
from provisioning.models import PurgedValues
from provisioning.running import take_turn
from schemas.document import Schema

logger = logging.getLogger(__name__)

_DROP_TABLES: Final[LiteralString] = "drop table {tables}"
_DROP_COLUMNS: Final[LiteralString] = "alter table {table} {drops}"
_DROP_COLUMN: Final[LiteralString] = "drop column {column}"

_FILLED: Final = r"""
select t.relname::text, array_agg(a.attname::text)
from pg_class t join pg_attribute a on a.attrelid = t.oid and not a.attisdropped and a.attname ~ '^_f_\d+_'
where t.relnamespace = to_regnamespace(%s) and t.relkind = 'r'
    and split_part(a.attname, '_', 3)::integer in (select number from _ledger where applied_at < %s)
group by t.relname
"""
"""What is known of defaults that filled empty values (operations/filling.py), by versions before a time."""


def retention() -> timedelta:
    """How long the archive keeps what was hidden."""
    return timedelta(days=settings.ARCHIVE_RETENTION_DAYS)


def purge(project: Project, user_id: UUID, before: datetime) -> tuple[Entry, ...]:
    """Drops what was hidden before a time, and returns what that was.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: for whom it is done.
        before: what was hidden later stays.

    Raises:
        Conflict: while other work keeps the tables busy; then nothing was dropped.
    """
    if project.active_config_id is None:
        return ()
    documents = documents_of(project)
    return until_free(lambda: _purge(project, user_id, before, documents), project)


def purge_all(older_than: timedelta | None = None) -> int:
    """Drops what is too old in the archives of all projects, deleted ones too; returns how many things that were.

    A project whose tables are busy is left for the next day.

    Args:
        older_than: the age; that of the setting when not given.
    """
    before = timezone.now() - (older_than if older_than is not None else retention())
    with as_platform():
        projects = list(Project.objects.filter(active_config__isnull=False).select_related("placement"))
    purged = 0
    for project in projects:
        try:
            purged += len(purge(project, project.owner_id, before))
        except (Problem, Error) as error:
            logger.warning("The archive of project %s was not purged: %s", project.pk, error)
    return purged


def missing(project: Project, config: VibeConfig) -> tuple[str, ...]:
    """What a version had that was purged since, a sentence each: the version cannot be restored in full.

    Args:
        project: as `core.permissions.access_project` returns it.
        config: the version.
    """
    schema = Schema.from_json(config.document)
    known = {(table.id, "") for table in schema}
    known |= {(table.id, column.id) for table in schema for column in table.columns}
    with acting_as(project.owner_id):
        rows = list(
            PurgedValues.objects.filter(project=project, number__gt=config.number).order_by("purged_at", "name")
        )
    return tuple(
        f"{row.name} held {row.counted} until version {row.version}. They were purged from the archive on "
        f"{row.purged_at:%B %-d, %Y} and do not come back."
        for row in rows
        if (row.table_id, row.column_id) in known
    )


def _purge(project: Project, user_id: UUID, before: datetime, documents: dict[int, Schema]) -> tuple[Entry, ...]:
    with open_project(project, user_id, "owner", STATEMENT_TIMEOUT_MS) as door:
        take_turn(door, project)
        due = tuple(entry for entry in entries_behind(door, project, documents) if entry.since < before)
        _drop(door, due)
        _drop_filled(door, project, before)
        notes = [_note(project, entry) for entry in due if entry.count]
        if door.alias == "default":
            become_platform(door)
            PurgedValues.objects.bulk_create(notes)
    if door.alias != "default":
        with as_platform():
            PurgedValues.objects.bulk_create(notes)
    for entry in due:
        logger.info("Purged from the archive of project %s: %s (%s)", project.pk, entry.name, entry.counted)
    return due


def _drop(door: Door, due: Sequence[Entry]) -> None:
    """All tables in one statement, since the policies of links look into the tables that they come from."""
    tables = [entry.table for entry in due if not entry.column]
    columns: dict[str, list[str]] = {}
    for entry in due:
        if entry.column and entry.table not in tables:
            columns.setdefault(entry.table, []).append(entry.column)
    with door.connection.cursor() as cursor:
        if tables:
            cursor.execute(sql.text(sql.format(_DROP_TABLES, tables=sql.identifiers(tables))))
        for table, names in columns.items():
            cursor.execute(_columns_query(table, names))


def _drop_filled(door: Door, project: Project, before: datetime) -> None:
    with door.connection.cursor() as cursor:
        cursor.execute(_FILLED, [project.schema_name, before])
        for table, names in cursor.fetchall():
            cursor.execute(_columns_query(table, names))


def _columns_query(table: str, names: Iterable[str]) -> str:
    drops = sql.join(", ", [sql.format(_DROP_COLUMN, column=sql.identifier(name)) for name in names])
    return sql.text(sql.format(_DROP_COLUMNS, table=sql.identifier(table), drops=drops))


def _note(project: Project, entry: Entry) -> PurgedValues:
    return PurgedValues(
        project=project,
        table_id=entry.table_id,
        column_id=entry.column_id,
        name=entry.name,
        counted=entry.counted,
        number=entry.number,
        version=entry.version,
        purged_at=timezone.now(),
    )

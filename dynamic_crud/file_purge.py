"""Which stored files nobody can miss any more, and deleting them.

A file that is taken off a record stays, and so does one whose record is deleted: rolling back a version brings columns
and tables back, and they must find their files. So every row of a project's schema counts, those of archived columns
and tables too, and whatever looks like a file in a text that a column of files was turned into. What has been uploaded
or attached of late counts as used: its form may still be open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core import files, sql
from core.models import Project, StoredFile
from core.tenancy import Door, as_platform, open_project

_SCAN_MS: Final = 30 * 60 * 1000
"""How long one table may take, in milliseconds: it is read whole."""

_COLUMNS = """
select c.relname, a.attname
  from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace = to_regnamespace(%(schema)s) and c.relkind = 'r'
   and a.attnum > 0 and not a.attisdropped and a.atttypid in ('jsonb'::regtype, 'text'::regtype)
 order by 1, 2
"""

_HIDDEN = """
select exists (
    select from pg_class c
     where c.relnamespace = to_regnamespace(%(schema)s) and c.relforcerowsecurity
       and not exists (
           select from pg_policy p
            where p.polrelid = c.oid and pg_get_expr(p.polqual, p.polrelid) = 'true'
              and current_user::regrole::oid = any (p.polroles)))
"""
"""Whether a table has rows that its owner may not see: then nothing can be known of them."""

_NAMED = """
select distinct found[1]
  from {table}, regexp_matches({column}::text, '"id": ?"([0-9a-f]{{8}}-[0-9a-f-]{{27}})"', 'g') found
"""


@dataclass(frozen=True, slots=True)
class UnusedFile:
    """A stored file that no row refers to.

    Args:
        id: its id.
        project_id: the project it was uploaded to.
        name: what it was called; empty for bytes whose upload was never completed.
        size: its length in bytes.
        since: when it was last uploaded or attached.
    """

    id: UUID
    project_id: UUID
    name: str
    size: int
    since: datetime


def find_unused(before: datetime) -> list[UnusedFile]:
    """The files of all projects that no row refers to, and that were not uploaded or attached since `before`."""
    with as_platform():
        old: dict[Project, list[StoredFile]] = defaultdict(list)
        for file in StoredFile.objects.filter(used_at__lt=before).select_related("project__placement"):
            old[file.project].append(file)
    found: list[UnusedFile] = []
    for project, candidates in old.items():
        used = _used(project)
        found += [
            UnusedFile(file.pk, project.pk, file.name, file.size, file.used_at)
            for file in candidates
            if used is not None and str(file.pk) not in used
        ]
    return [*found, *_without_rows(before)]


def delete(unused: Iterable[UnusedFile], before: datetime) -> list[UnusedFile]:
    """Deletes files that `find_unused` found, save those that were attached since; returns the deleted ones."""
    deleted = []
    for file in unused:
        with as_platform():
            rows = StoredFile.objects.filter(pk=file.id)
            rows.filter(used_at__lt=before).delete()
            is_gone = not rows.exists()
        if is_gone:
            files.storage().delete(files.storage_name(file.project_id, file.id))
            deleted.append(file)
    return deleted


def _used(project: Project) -> set[str] | None:
    """The ids of all files that rows of the project refer to; None where that cannot be known."""
    with open_project(project, project.owner_id, "owner", timeout_ms=_SCAN_MS) as door:
        with door.connection.cursor() as cursor:
            cursor.execute(_HIDDEN, {"schema": project.schema_name})
            if cursor.fetchone()[0]:
                return None
        return set(_named(door, project))


def _named(door: Door, project: Project) -> Iterator[str]:
    with door.connection.cursor() as cursor:
        cursor.execute(_COLUMNS, {"schema": project.schema_name})
        for table, column in cursor.fetchall():
            place = {"table": sql.identifier(project.schema_name, table), "column": sql.identifier(column)}
            cursor.execute(sql.text(sql.format(_NAMED, **place)))
            yield from (file_id for (file_id,) in cursor.fetchall())


def _without_rows(before: datetime) -> Iterator[UnusedFile]:
    """Bytes whose row was never written, because the upload broke off, or is gone with its project."""
    for project_id, stored in _stored():
        with as_platform():
            known = set(StoredFile.objects.filter(pk__in=stored).values_list("pk", flat=True))
        for file_id in stored:
            if file_id in known:
                continue
            name = files.storage_name(project_id, file_id)
            since = files.storage().get_modified_time(name)
            if since < before:
                yield UnusedFile(file_id, project_id, "", files.storage().size(name), since)


def _stored() -> Iterator[tuple[UUID, list[UUID]]]:
    """What the storage holds, project by project."""
    try:
        projects, _ = files.storage().listdir("")
    except FileNotFoundError:
        return  # nothing was ever stored
    for project_id in _uuids(projects):
        yield project_id, list(_uuids(files.storage().listdir(str(project_id))[1]))


def _uuids(names: Iterable[str]) -> Iterator[UUID]:
    for name in names:
        try:
            found = UUID(name)
        except ValueError:
            continue  # not ours
        if str(found) == name:  # ours are written in this one way
            yield found

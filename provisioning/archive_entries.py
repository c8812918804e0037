"""What is in a project's archive, as people are told: its name, the version that hid it, since when, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from core import sql
from core.models import Project, VibeConfig
from core.tenancy import Door, acting_as, open_project
from provisioning.archive import ARCHIVED_NAME
from provisioning.project_database import target_of
from schemas.document import Schema
from schemas.junctions import as_stored, junctions

Kind = Literal["table", "column", "links"]

_TIMEOUT_MS: Final = 60_000

_TABLES: Final = r"""
select t.relname::text, pg_total_relation_size(t.oid),
    array(select a.attname::text from pg_attribute a
          where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attname like '\_x\_%%' order by 1)
from pg_class t where t.relnamespace = to_regnamespace(%s) and t.relkind = 'r' order by t.relname
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the archive.

    Args:
        kind: a table, a column, or the links of a many-to-many relation.
        name: what people called it: `orders`, `orders.total`.
        table_id: the id of the table that it is, or belongs to.
        column_id: the id of the column; empty for a table.
        number: the number of the version that hid it.
        version: the name of that version.
        since: when that version was applied.
        count: how many rows, values or links.
        size: bytes on disk; of a column, those of its values.
        table: the name of its table in PostgreSQL.
        column: its own name there; empty for what is a whole table.
    """

    kind: Kind
    name: str
    table_id: str
    column_id: str
    number: int
    version: str
    since: datetime
    count: int
    size: int
    table: str
    column: str = ""

    @property
    def counted(self) -> str:
        """How much it is, in words."""
        noun = {"table": "row", "column": "value", "links": "link"}[self.kind]
        return f"{self.count:,} {noun}{'' if self.count == 1 else 's'}"

    def to_json(self) -> dict[str, Any]:
        """The entry for programs."""
        facts = {key: getattr(self, key) for key in ("kind", "name", "version", "count", "size")}
        return facts | {"since": self.since.isoformat()}


def entries(project: Project, user_id: UUID) -> tuple[Entry, ...]:
    """Everything in the archive of a project, what was hidden first before all else.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: for whom it is looked up.
    """
    if project.active_config is None:
        return ()
    documents = documents_of(project)
    with open_project(project, user_id, "owner", _TIMEOUT_MS) as door:
        return entries_behind(door, project, documents)


def documents_of(project: Project) -> dict[int, Schema]:
    """The documents of all versions of a project, by their numbers."""
    with acting_as(project.owner_id):
        rows = list(VibeConfig.objects.filter(project=project).values_list("number", "document"))
    return {number: Schema.from_json(document) for number, document in rows}


def entries_behind(door: Door, project: Project, documents: Mapping[int, Schema]) -> tuple[Entry, ...]:
    """The same, where the project stands open for its owner already.

    Args:
        door: the open door.
        project: the project.
        documents: its versions, as `documents_of` returns them.
    """
    with door.connection.cursor() as cursor:
        cursor.execute("select number, version, applied_at from _ledger")
        ledger = {number: (version, at) for number, version, at in cursor.fetchall()}
        cursor.execute(_TABLES, [target_of(project).schema])
        tables = cursor.fetchall()
        reader = _Reader(cursor, documents, ledger)
        found = [entry for table in tables for entry in reader.entries(*table)]
    return tuple(sorted(found, key=lambda entry: (entry.since, entry.name)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Looks up what the names of the archive mean, and counts."""

    cursor: CursorWrapper
    documents: Mapping[int, Schema]
    ledger: Mapping[int, tuple[str, datetime]]

    def entries(self, name: str, size: int, columns: list[str]) -> Iterator[Entry]:
        """What a table in PostgreSQL is or has of the archive."""
        hidden = ARCHIVED_NAME.match(name)
        latest = self.documents.get(max(self.documents, default=0))
        table_id = hidden[2] if hidden else _by_name(latest, name)
        if hidden and int(hidden[1]) in self.ledger:
            yield self._table(name, table_id, int(hidden[1]), size)
        for column in columns:
            match = ARCHIVED_NAME.match(column)
            if match and int(match[1]) in self.ledger:
                yield self._column(name, column, table_id, match[2], int(match[1]))

    def _table(self, stored: str, table_id: str, number: int, size: int) -> Entry:
        self.cursor.execute(sql.text(sql.format("select count(*) from {table}", table=sql.identifier(stored))))
        (count,) = self.cursor.fetchone()
        version, since = self.ledger[number]
        before = self.documents.get(number - 1, Schema(name=""))
        link = next((link for link in junctions(before) if link.table.id == table_id), None)
        if link is not None:
            name, ids = f"{link.source.name}.{link.column.name}", (link.source.id, link.column.id)
            return Entry("links", name, *ids, number, version, since, count, size, stored)
        name = next((table.name for table in before if table.id == table_id), stored)
        return Entry("table", name, table_id, "", number, version, since, count, size, stored)

    def _column(self, table: str, stored: str, table_id: str, column_id: str, number: int) -> Entry:
        query: LiteralString = "select count({column}), coalesce(sum(pg_column_size({column})), 0) from {table}"
        names = {"column": sql.identifier(stored), "table": sql.identifier(table)}
        self.cursor.execute(sql.text(sql.format(query, **names)))
        count, size = self.cursor.fetchone()
        version, since = self.ledger[number]
        owner = next((each for each in self.documents.get(number - 1, ()) if each.id == table_id), None)
        own = (column.name for column in (owner.columns if owner else ()) if column.id == column_id)
        name = f"{owner.name if owner else table}.{next(own, stored)}"
        return Entry("column", name, table_id, column_id, number, version, since, count, int(size), table, stored)


def _by_name(schema: Schema | None, name: str) -> str:
    """The id of the table of a version that is stored under a name; empty for no table of it."""
    return next((table.id for table in (as_stored(schema) if schema else ()) if table.name == name), "")

"""What the pages and the API show of a project's trash: its batches, newest first, and the rows of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from core import sql
from core.errors import BadRequest, NotFound
from core.members import Member, member_name
from core.models import Project, User
from core.permissions import project_role_of
from core.tenancy import Door, open_project
from dynamic_crud.querysets import fetch_labels
from dynamic_crud.resources import Runtime
from dynamic_crud.runtime import get_runtime
from dynamic_crud.trash import entries as trash
from dynamic_crud.trash.columns import source
from dynamic_crud.trash.entries import Entry, Group
from schemas.document import Schema

PAGE_SIZE: Final = 25
"""How many batches a page shows."""
MOST_ROWS: Final = 200
"""How many rows of a batch its page shows."""
_IN_SHORT: Final = 5
"""How many rows of a batch the list names."""

_BATCHES: Final[LiteralString] = """
select batch, done_by, max(done_at) from _trash
where {condition} group by batch, done_by order by 3 desc, 1 limit %s offset %s
"""
_OF_TABLE: LiteralString = "table_id = %s"
_HAS_WORD: LiteralString = "exists (select from jsonb_each_text(record) found where found.value ilike %s)"
_COUNTS: Final[LiteralString] = """
select batch, done_by, kind, is_direct, table_id, count(*) from _trash
where batch = any(%s) and kind <> 'added' group by 1, 2, 3, 4, 5 order by is_direct desc, kind, count(*) desc, table_id
"""
_SOME: Final[LiteralString] = """
select batch, {columns} from (
    select *, row_number() over (partition by batch, done_by order by is_direct desc, table_id, id) as place
    from _trash where batch = any(%s) and kind <> 'added' and table_id = any(%s)
) ranked where place <= %s order by place
"""
_COLUMNS: LiteralString = "id, kind, table_id, record_id, user_id, done_by, done_at, is_direct, version"
_TITLES: Final[LiteralString] = """
select e.record_id as id, n.{title} from _trash e, lateral {source} n where e.id = any(%s)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch, as people read it.

    Args:
        entry: what the trash has of it.
        table: the name of its table; empty where the application has none any more.
        label: what people call a row of it.
        title: the row's own name.
    """

    entry: Entry
    table: str
    label: str
    title: str

    def to_json(self) -> dict[str, Any]:
        """The row as the API tells it."""
        return {
            "id": str(self.entry.record_id),
            "table": self.table or None,
            "title": self.title,
            "kind": self.entry.kind,
            "is_direct": self.entry.is_direct,
        }


@dataclass(frozen=True, slots=True)
class Batch:
    """What somebody did at once.

    Args:
        id: the batch.
        done_by: who did it.
        who: their name.
        done_at: when.
        deleted: how many rows of which tables were chosen and deleted, in words.
        edited: likewise edited.
        along: what was deleted with them.
        unlinked: what lost a link to them.
        total: how many rows these are, links apart.
        rows: the first of them.
    """

    id: UUID
    done_by: UUID
    who: str
    done_at: datetime
    deleted: tuple[str, ...]
    edited: tuple[str, ...]
    along: tuple[str, ...]
    unlinked: tuple[str, ...]
    total: int
    rows: tuple[Row, ...] = ()

    @property
    def more(self) -> int:
        """How many rows are not among the first."""
        return self.total - len(self.rows)

    def to_json(self) -> dict[str, Any]:
        """The batch as the API tells it."""
        return {
            "batch": str(self.id),
            "done_by": {"id": str(self.done_by), "label": self.who},
            "done_at": self.done_at.isoformat().replace("+00:00", "Z"),
            "deleted": list(self.deleted),
            "edited": list(self.edited),
            "deleted_along": list(self.along),
            "unlinked": list(self.unlinked),
            "count": self.total,
            "records": [row.to_json() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Trash:
    """The trash of a project, for one user.

    Args:
        user: who looks.
        project: as `core.permissions.access_project` returns it.
        members: who the project's members are.
    """

    user: User
    project: Project
    members: Mapping[UUID, Member]

    def page(self, table: str = "", search: str = "", page: int = 1) -> tuple[list[Batch], bool]:
        """The batches of a page, and whether another one follows.

        Args:
            table: only batches with rows of that table; raises `NotFound` where there is none.
            search: words that must each be found in a value of the same row.
            page: counted from 1.
        """
        runtime = get_runtime(self.project)
        conditions: list[sql.Composable] = [sql.SQL("true")]
        values: list[Any] = []
        if table:
            conditions.append(sql.SQL(_OF_TABLE))
            values.append(runtime.resource(table).table.id)
        for word in search.split():
            conditions.append(sql.SQL(_HAS_WORD))
            values.append(f"%{_escaped(word)}%")
        query = sql.text(sql.format(_BATCHES, condition=sql.join(" and ", conditions)))
        with self._door() as door:
            with door.connection.cursor() as cursor:
                cursor.execute(query, [*values, PAGE_SIZE + 1, (page - 1) * PAGE_SIZE])
                found = cursor.fetchall()
            heads = [(batch, done_by, done_at) for batch, done_by, done_at in found[:PAGE_SIZE]]
            counts = _counts(door, [batch for batch, _, _ in heads])
            some = _some(door, runtime, [batch for batch, _, _ in heads], _IN_SHORT)
        return self._batches(heads, counts, some, runtime), len(found) > PAGE_SIZE

    def batch(self, batch: UUID) -> list[Batch]:
        """A batch with its first rows: one for everybody who took part in it. Raises `NotFound`."""
        runtime = get_runtime(self.project)
        with self._door() as door:
            entries = trash.of_batch(door, batch)
            counts = _counts(door, [batch])
            some = _some(door, runtime, [batch], MOST_ROWS)
        if not entries:
            raise NotFound(trash.GONE)
        heads = {entry.done_by: (batch, entry.done_by, entry.done_at) for entry in entries}
        return self._batches(list(heads.values()), counts, some, runtime)

    def _door(self) -> AbstractContextManager[Door]:
        return open_project(self.project, self.user.pk, project_role_of(self.user, self.project))

    def _batches(
        self,
        heads: Sequence[tuple[UUID, UUID, datetime]],
        counts: Mapping[tuple[UUID, UUID], Sequence[tuple[str, bool, str, int]]],
        some: Sequence[tuple[UUID, Entry]],
        runtime: Runtime,
    ) -> list[Batch]:
        """The batches with the titles of their first rows, whose names the documents of their versions tell."""
        then = trash.documents(self.project, {entry.version for _, entry in some})
        config = self.project.active_config
        now = then[config.number] if config else Schema(name="")
        with self._door() as door:
            titles = _titles(door, runtime, [entry for _, entry in some], now, then)
        names, tables = trash.people_names(now), {table.id: table for table in runtime.schema}
        rows: dict[tuple[UUID, UUID], list[Row]] = defaultdict(list)
        for batch, entry in some:
            table = tables[entry.table_id]
            title = titles.get(entry.record_id) or f"{table.label} {str(entry.record_id)[:8]}"
            rows[batch, entry.done_by].append(Row(entry, table.name, table.label, title))
        return [self._batch(head, counts, names, rows) for head in heads]

    def _batch(
        self,
        head: tuple[UUID, UUID, datetime],
        counts: Mapping[tuple[UUID, UUID], Sequence[tuple[str, bool, str, int]]],
        names: Mapping[str, tuple[str, str]],
        some: Mapping[tuple[UUID, UUID], Sequence[Row]],
    ) -> Batch:
        batch, done_by, done_at = head
        records = [each for each in counts[batch, done_by] if names.get(each[2], ("",))[0] != "link"]

        def told(kind: str, *, direct: bool) -> tuple[str, ...]:
            found = ((table_id, count) for k, is_direct, table_id, count in records if (k, is_direct) == (kind, direct))
            return tuple(trash.in_words(names, table_id, count) for table_id, count in found)

        return Batch(
            id=batch,
            done_by=done_by,
            who="You" if done_by == self.user.pk else member_name(self.members, done_by),
            done_at=done_at,
            deleted=told("deleted", direct=True),
            edited=told("edited", direct=True),
            along=told("deleted", direct=False),
            unlinked=told("edited", direct=False),
            total=sum(count for *_, count in records),
            rows=tuple(some.get((batch, done_by), ())),
        )


def read_page(text: str) -> int:
    """The number of a page; raises `BadRequest`."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 7 and int(text)):
        raise BadRequest("The page is a whole number from 1.", code="invalid_parameters")
    return int(text)


def _counts(door: Door, batches: Sequence[UUID]) -> dict[tuple[UUID, UUID], list[tuple[str, bool, str, int]]]:
    counts: dict[tuple[UUID, UUID], list[tuple[str, bool, str, int]]] = defaultdict(list)
    for batch, done_by, kind, is_direct, table_id, count in trash.rows(door, _COUNTS, list(batches)):
        counts[batch, done_by].append((kind, is_direct, table_id, count))
    return counts


def _some(door: Door, runtime: Runtime, batches: Sequence[UUID], most: int) -> list[tuple[UUID, Entry]]:
    """The first rows of batches, of tables that the application has."""
    query = sql.text(sql.format(_SOME, columns=sql.SQL(_COLUMNS)))
    with door.connection.cursor() as cursor:
        cursor.execute(query, [list(batches), [table.id for table in runtime.schema], most])
        return [(batch, Entry(*row)) for batch, *row in cursor.fetchall()]


def _titles(
    door: Door, runtime: Runtime, entries: Sequence[Entry], now: Schema, then: Mapping[int, Schema]
) -> dict[UUID, str]:
    """What rows are called: the deleted ones were, the edited ones are."""
    titles: dict[UUID, str] = {}
    groups, _ = trash.groups(door, [entry for entry in entries if entry.kind == "deleted"], now, then)
    for group in groups:
        titles |= _deleted_titles(door, runtime, group)
    edited: dict[str, list[UUID]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "edited":
            edited[entry.table_id].append(entry.record_id)
    for table in runtime.schema:
        if table.id in edited:
            titles |= fetch_labels(runtime.resource(table.name), door.alias, edited[table.id])
    return titles


def _deleted_titles(door: Door, runtime: Runtime, group: Group) -> dict[UUID, str]:
    resource = runtime.resource(group.table.name)
    way = group.way_to(resource.title_field.column.name) if resource.title_field else None
    if way is None:
        return {}
    title = sql.identifier(way.now)
    query = sql.text(sql.format(_TITLES, title=title, source=source([way], "record")))
    found: Iterable[Any] = resource.model.objects.using(door.alias).raw(query, [list(group.ids)])
    return {row.pk: str(row) for row in found}


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

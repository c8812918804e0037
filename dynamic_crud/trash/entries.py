"""The entries of a project's trash, as whoever opens the door sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, LiteralString
from uuid import UUID

from core import sql
from core.models import Project, VibeConfig
from core.tenancy import Door, as_platform
from dynamic_crud.trash.columns import Way, ways
from schemas.document import Schema, Table
from schemas.junctions import JUNCTION_ACCESS, as_stored

GONE: Final = "There is nothing of this in the trash: it was restored already, or deleted for good."
"""What is said of a batch that is not there, or not for whoever asks."""

_ENTRIES: Final[LiteralString] = (
    "select id, kind, table_id, record_id, user_id, done_by, done_at, is_direct, version from _trash where {condition}"
)
_OF_BATCH: LiteralString = "batch = %s order by id"
_LOCKED: LiteralString = "id = any(%s) order by id for update"
_REST: LiteralString = "batch = %s and done_by = %s"
_VERSIONS: Final[LiteralString] = "select distinct version from _trash where batch = %s"
_SIZE: Final[LiteralString] = "select count(*) from _trash where batch = %s"
_BEGIN: Final[LiteralString] = """
select set_config('vibecrm.batch', %s, true), set_config('statement_timeout', %s, true)
"""
_WATCH_EDITS: Final[LiteralString] = "select set_config('vibecrm.edits', 'on', true)"
_LAST: Final[LiteralString] = """
select batch from _trash where table_id = %s and record_id = %s and done_by = auth.uid() order by done_at desc limit 1
"""
_LAST_DELETED: Final[LiteralString] = """
select batch from _trash where table_id = %s and record_id = %s and kind = 'deleted' order by done_at desc limit 1
"""
_KEYS: Final[LiteralString] = "select distinct jsonb_object_keys(record) from _trash where id = any(%s)"
_PHYSICAL: Final[LiteralString] = """
select attname::text, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the trash has of one row, without its values.

    Args:
        id: the entry's.
        kind: what was done: `deleted`, `edited`, or a link was `added`.
        table_id: the id of the row's table.
        record_id: the id of the row.
        user_id: whose row it was.
        done_by: who did it.
        done_at: when.
        is_direct: whether the row was chosen, and did not go along with another one.
        version: the number of the version whose column names its values have.
    """

    id: UUID
    kind: str
    table_id: str
    record_id: UUID
    user_id: UUID
    done_by: UUID
    done_at: datetime
    is_direct: bool
    version: int


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind, whose rows belong to one table.

    Args:
        kind: what was done to the rows.
        table: their table in stored form, as it is now.
        ways: how their values come back.
        ids: the entries.
    """

    kind: str
    table: Table
    ways: Sequence[Way]
    ids: Sequence[UUID]

    @property
    def is_links(self) -> bool:
        """Whether the rows are links of a many-to-many relation."""
        return self.table.access == JUNCTION_ACCESS

    def way_to(self, column: str) -> Way | None:
        """How a column gets its value; None where the entries have none for it."""
        return next((way for way in self.ways if way.now == column), None)


def rows(door: Door, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
    """What a query of ours finds."""
    with door.connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def of_batch(door: Door, batch: UUID) -> list[Entry]:
    """The entries of a batch that the door shows, without locking them."""
    return _entries(door, _OF_BATCH, batch)


def rest_of_batch(door: Door, batch: UUID, done_by: UUID) -> list[Entry]:
    """All entries of somebody's batch, in the owner's role: those too that went along unseen."""
    return _entries(door, _REST, batch, done_by)


def locked(door: Door, ids: Collection[UUID]) -> list[Entry]:
    """Those of the entries that are still there, for nobody else until the door closes. In the owner's role."""
    return _entries(door, _LOCKED, list(ids))


def size_of(door: Door, batch: UUID) -> int:
    """How many entries of a batch the door shows."""
    ((count,),) = rows(door, _SIZE, batch)
    return int(count)


def versions_of(door: Door, batch: UUID) -> set[int]:
    """The versions whose column names the entries of a batch have."""
    return {number for (number,) in rows(door, _VERSIONS, batch)}


def _entries(door: Door, condition: LiteralString, *values: Any) -> list[Entry]:
    query = sql.text(sql.format(_ENTRIES, condition=sql.SQL(condition)))
    with door.connection.cursor() as cursor:
        cursor.execute(query, values)
        return [Entry(*row) for row in cursor.fetchall()]


def last_batch(door: Door, table_id: str, record_id: UUID) -> UUID | None:
    """The batch in which whoever has opened the door last did something to a row."""
    found = rows(door, _LAST, table_id, record_id)
    return found[0][0] if found else None


def last_batch_of(door: Door, table_id: str, record_id: UUID) -> UUID | None:
    """The batch in which a row was deleted last, if the door shows that."""
    found = rows(door, _LAST_DELETED, table_id, record_id)
    return found[0][0] if found else None


def begin(door: Door, batch: UUID, timeout_ms: int) -> None:
    """Gives what the open door deletes and edits a batch of its own, and its statements so many milliseconds."""
    rows(door, _BEGIN, str(batch), str(timeout_ms))


def watch_edits(door: Door) -> None:
    """Keeps what rows were before each edit of the open door, so that it can be undone as one."""
    rows(door, _WATCH_EDITS)


def documents(project: Project, numbers: Iterable[int]) -> dict[int, Schema]:
    """The versions of a project by their numbers, with their tables in stored form. Call it outside of any door."""
    active = project.active_config
    known = {active.number: active.document} if active else {}
    if missing := set(numbers) - known.keys():
        with as_platform():
            found = VibeConfig.objects.filter(project=project, number__in=missing)
            known |= dict(found.values_list("number", "document"))
    return {number: as_stored(Schema.from_json(document)) for number, document in known.items()}


def groups(
    door: Door, entries: Sequence[Entry], now: Schema, then: Mapping[int, Schema]
) -> tuple[list[Group], list[tuple[str, list[Entry]]]]:
    """The entries by what has to be done with them.

    Args:
        door: the open door.
        entries: what is to come back.
        now: the active version, in stored form.
        then: the versions of the entries by their numbers, likewise.

    Returns:
        The groups, and the entries that have no table to go to, by what it was called.
    """

    def place(entry: Entry) -> tuple[str, int, str]:
        return entry.table_id, entry.version, entry.kind

    tables = {table.id: table for table in now}
    found: list[Group] = []
    homeless: list[tuple[str, list[Entry]]] = []
    for (table_id, version, kind), each in groupby(sorted(entries, key=place), key=place):
        members = list(each)
        before = next((table for table in then.get(version, now) if table.id == table_id), None)
        table = tables.get(table_id)
        if before is None or table is None:
            homeless.append((before.label_plural if before else table_id, members))
            continue
        ids = [entry.id for entry in members]
        keys = [key for (key,) in rows(door, _KEYS, ids)]
        quoted = sql.text(sql.identifier(table.name))
        physical = dict(rows(door, _PHYSICAL, quoted))
        found.append(Group(kind, table, ways(before, table, keys, physical), ids))
    return found, homeless


def people_names(stored: Schema) -> dict[str, tuple[str, str]]:
    """What people call one row and several rows of each table, by table id; those of links as links."""
    return {
        table.id: ("link", "links")
        if table.access == JUNCTION_ACCESS
        else (table.label.lower(), table.label_plural.lower())
        for table in stored
    }


def counted(entries: Iterable[Entry], names: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """How many rows of which tables, such as `3 contacts`, the tables in the order in which they come."""
    totals: dict[str, int] = {}
    for entry in entries:
        totals[entry.table_id] = totals.get(entry.table_id, 0) + 1
    for table_id, total in totals.items():
        yield in_words(names, table_id, total)


def in_words(names: Mapping[str, tuple[str, str]], table_id: str, total: int) -> str:
    """A number of rows of a table, such as `3 contacts`."""
    one, many = names.get(table_id, ("record", "records"))
    return f"{total:,} {one if total == 1 else many}"

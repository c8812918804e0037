"""What a plan brings back from the archive, in sentences with numbers: people want to know before they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import LiteralString

from core import sql
from core.tenancy import Door
from provisioning.archive import NOTHING, Archive
from provisioning.restoring import restored
from provisioning.target import archived
from schemas.document import Schema
from schemas.junctions import as_stored, junctions

_ROWS: LiteralString = "select count(*) from {table}"
_VALUES: LiteralString = "select count({column}) from {table}"


def sentences(door: Door, active: Schema, schema: Schema, archive: Archive) -> tuple[str, ...]:
    """A sentence for each table, column and relation that comes back with something in it.

    Args:
        door: the project, open for its owner, before the plan has run.
        active: the active version.
        schema: the version that results.
        archive: what the archive holds.
    """
    return tuple(_sentences(door, active, schema, archive)) if archive != NOTHING else ()


def _sentences(door: Door, active: Schema, schema: Schema, archive: Archive) -> Iterator[str]:
    live, after = as_stored(active), as_stored(schema)
    back = restored(live, after, archive)
    names = {table.id: table.name for table in live}
    later = {table.id: table for table in after}
    links = {link.table.id: f"{link.column.name} of {link.source.name}" for link in junctions(schema)}
    for table_id in back.tables:
        stored = archived(back.archive.tables[table_id].number, table_id)
        noun, name = ("link", links[table_id]) if table_id in links else ("row", later[table_id].name)
        yield from _sentence(name, noun, _count(door, _ROWS, table=stored))
    for table_id, column_id in back.columns:
        if table_id in back.tables:
            continue
        stored = archived(back.archive.columns[table_id, column_id].number, column_id)
        column = next(column for column in later[table_id].columns if column.id == column_id)
        count = _count(door, _VALUES, table=names[table_id], column=stored)
        yield from _sentence(f"{column.name} of {later[table_id].name}", "value", count)


def _sentence(name: str, noun: str, count: int) -> Iterator[str]:
    if count:
        yield f"{name} comes back from the archive with {count:,} {noun}{'' if count == 1 else 's'}."


def _count(door: Door, query: LiteralString, **names: str) -> int:
    parts: Mapping[str, sql.Composable] = {place: sql.identifier(name) for place, name in names.items()}
    with door.connection.cursor() as cursor:
        cursor.execute(sql.text(sql.format(query, **parts)))
        (count,) = cursor.fetchone()
    return int(count)

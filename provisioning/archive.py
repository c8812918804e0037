"""What the archive of a project holds: tables and columns that left the application, with all their values.

PostgreSQL's catalog says what is there: a name in the archive ends with the id of what was hidden and tells the version
that hid it. What it was is in the document of the version before that one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from core.tenancy import Door
from provisioning.target import Target
from schemas.document import Column, Schema, Table
from schemas.junctions import as_stored

ARCHIVED_NAME: Final = re.compile(r"_x_(\d+)_(.+)\Z")
"""What `provisioning.target.archived` makes: the number of the version that hid it, and its id."""
_FILLED_NAME: Final = re.compile(r"_f_(\d+)_(.+)\Z")

_CATALOG: Final = r"""
select t.relname, array_agg(a.attname::text) filter (where a.attname like '\_x\_%%' or a.attname like '\_f\_%%')
from pg_class t left join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
where t.relnamespace = to_regnamespace(%s) and t.relkind = 'r' group by t.relname
"""


@dataclass(frozen=True, slots=True)
class ArchivedTable:
    """A table in the archive.

    Args:
        number: the version that hid it.
        table: the table as it was before, in stored form.
        names: what its tables were called then, by their ids: its relations speak of them.
    """

    number: int
    table: Table
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ArchivedColumn:
    """A column in the archive, inside a table that may be in it too.

    Args:
        number: the version that hid it.
        column: the column as it was before.
        names: what the tables were called then, by their ids.
    """

    number: int
    column: Column
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Archive:
    """What can come back: of several things with the same id, the one that was hidden last.

    Args:
        tables: archived tables by id.
        columns: archived columns by the ids of their table and of themselves.
        generations: all columns with those ids, last hidden first: each conversion has left one.
        filled: the versions that filled empty values of a column with a default, by the same ids.
    """

    tables: Mapping[str, ArchivedTable] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], ArchivedColumn] = field(default_factory=dict)
    generations: Mapping[tuple[str, str], tuple[ArchivedColumn, ...]] = field(default_factory=dict)
    filled: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)


NOTHING: Final = Archive()


@dataclass(frozen=True, slots=True)
class ArchivedNames:
    """The names of the archive, before anybody has looked up what they mean.

    Args:
        tables: by id, the version that hid it.
        columns: by the name of the table in PostgreSQL and the id of the column, the versions that hid one.
        filled: likewise, the versions that filled its empty values.
    """

    tables: Mapping[str, int]
    columns: Mapping[tuple[str, str], Sequence[int]]
    filled: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        """The versions whose documents tell what the names mean."""
        return {number - 1 for number in (*self.tables.values(), *chain.from_iterable(self.columns.values()))}


def archived_names(door: Door, target: Target) -> ArchivedNames:
    """What the catalog says about the archive of the project that stands open."""
    tables: dict[str, int] = {}
    columns: dict[tuple[str, str], list[int]] = {}
    filled: dict[tuple[str, str], list[int]] = {}
    with door.connection.cursor() as cursor:
        cursor.execute(_CATALOG, [target.schema])
        found = cursor.fetchall()
    for table, hidden in found:
        if match := ARCHIVED_NAME.match(table):
            tables[match[2]] = max(tables.get(match[2], 0), int(match[1]))
        for name in hidden or ():
            if match := ARCHIVED_NAME.match(name):
                columns.setdefault((table, match[2]), []).append(int(match[1]))
            elif match := _FILLED_NAME.match(name):
                filled.setdefault((table, match[2]), []).append(int(match[1]))
    return ArchivedNames(tables, columns, filled)


def archive_of(names: ArchivedNames, active: Schema, document: Callable[[int], Schema | None]) -> Archive:
    """The archive, each name with what it stands for.

    Args:
        names: as `archived_names` returns them.
        active: the document of the active version.
        document: the document of a version by its number; None for one that is no longer known.
    """
    stored: dict[int, Schema] = {}
    for number in names.numbers:
        schema = document(number)
        if schema is not None:
            stored[number] = as_stored(schema)
    tables = {}
    for table_id, number in names.tables.items():
        schema = stored.get(number - 1)
        found = next((table for table in schema or () if table.id == table_id), None)
        if schema is not None and found is not None:
            tables[table_id] = ArchivedTable(number, found, _names(schema))
    ids = {table.name: table.id for table in as_stored(active)}
    ids |= {f"_x_{entry.number}_{table_id}": table_id for table_id, entry in tables.items()}
    generations = {}
    for (name, column_id), numbers in names.columns.items():
        table_id = ids.get(name, "")
        hidden = (_column(stored.get(number - 1), table_id, column_id, number) for number in sorted(numbers)[::-1])
        if known := tuple(filter(None, hidden)):
            generations[table_id, column_id] = known
    by_place = names.filled.items()
    filled = {(ids[name], key): tuple(sorted(numbers)) for (name, key), numbers in by_place if name in ids}
    return Archive(tables, {key: known[0] for key, known in generations.items()}, generations, filled)


def _column(schema: Schema | None, table_id: str, column_id: str, number: int) -> ArchivedColumn | None:
    """What a version hid, looked up in the document of the one before."""
    columns = (column for table in schema or () if table.id == table_id for column in table.columns)
    column = next((column for column in columns if column.id == column_id), None)
    return ArchivedColumn(number, column, _names(schema)) if schema and column else None


def _names(schema: Schema) -> dict[str, str]:
    return {table.id: table.name for table in schema}

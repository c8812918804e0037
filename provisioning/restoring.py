"""What comes back from the archive: a version that has a table or column again gets it with its values.

First everything that the new version wants is taken out of the archive as it was, under a name that no document has.
What then leads from there to the new version is an ordinary difference: a rename, and whatever else changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from core import sql
from provisioning import risks
from provisioning.affected import comes_back, orphans
from provisioning.archive import NOTHING, Archive, ArchivedColumn, ArchivedTable
from provisioning.links import Links
from provisioning.operations.archive_column import archive_queries
from provisioning.operations.archive_table import renames
from provisioning.operations.quiet import quiet_steps
from provisioning.parts.base import Part
from provisioning.phases import Phase, Step
from provisioning.rls import drop_visibility_function, visibility_function
from provisioning.scene import Scene
from provisioning.statements import Statement
from provisioning.target import Target
from schemas.column_types import column_types, conversion
from schemas.document import Column, Schema, Table
from schemas.junctions import JUNCTION_ACCESS

_GONE: Final = "Let go of links to records that are gone"


@dataclass(frozen=True, slots=True)
class Restored:
    """The active version with what comes back from the archive.

    Args:
        schema: in stored form, what comes back under names that no document has.
        tables: the tables that come back, as they are in the schema, by their ids.
        columns: the columns that come back into tables, by the ids of table and column, as they are in the schema.
        archive: where they come from; of several columns with the same ids, it names the one that does.
    """

    schema: Schema
    tables: Mapping[str, Table] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], Column] = field(default_factory=dict)
    archive: Archive = NOTHING

    @property
    def ids(self) -> frozenset[tuple[str, str]]:
        """The ids of table and column of each column that comes back; for a table, the second is empty."""
        return frozenset([*((table_id, "") for table_id in self.tables), *self.columns])

    def steps(self, target: Target, links: Links) -> Iterator[Step]:
        """The statements that take all of it out of the archive.

        Args:
            target: where they run.
            links: which changes they belong to.
        """
        for table_id, table in self.tables.items():
            hidden_with_it = tuple(column for column in table.columns if (table_id, column.id) not in self.columns)
            whole = replace(table, columns=hidden_with_it)
            cause = links.cause_of(table_id)
            yield from _table_steps(whole, self.archive.tables[table_id].number, target, cause)
        by_id = {table.id: table for table in self.schema}
        for (table_id, column_id), column in self.columns.items():
            number = self.archive.columns[table_id, column_id].number
            yield from _column_steps(by_id[table_id], column, number, target, links.cause_of(table_id, column_id))


def restored(live: Schema, after: Schema, archive: Archive) -> Restored:
    """The active version with everything of the archive that the new version has.

    Args:
        live: the active version, in stored form.
        after: the new version, in stored form.
        archive: what the project's archive holds.
    """
    known = {table.id: table for table in live}
    tables: dict[str, Table] = {}
    columns: dict[tuple[str, str], Column] = {}
    chosen: dict[tuple[str, str], ArchivedColumn] = {}
    by_id: dict[str, Table] = dict(known)
    names = {table.id: table.name for table in live}
    for table in after:
        if table.id not in known and table.id in archive.tables:
            names[table.id] = f"_r_{table.id}"
    for table in after:
        found = archive.tables.get(table.id)
        if table.id in known:
            start = known[table.id]
        elif found is not None:
            start = tables[table.id] = _renamed(found, names)
        else:
            continue
        chosen |= (back := dict(_returning(start, table, archive)))
        here = {key: _retargeted(_bare(entry), entry.names, names) for key, entry in back.items()}
        columns |= here
        by_id[table.id] = replace(start, columns=(*start.columns, *here.values()))
        if table.id in tables:
            tables[table.id] = by_id[table.id]
    archive = replace(archive, columns={**archive.columns, **chosen})
    return Restored(replace(live, tables=tuple(by_id.values())), tables, columns, archive)


def _renamed(found: ArchivedTable, names: Mapping[str, str]) -> Table:
    """A table as it comes out of the archive. Its indexes and unique sets did not go into it."""
    columns = tuple(_retargeted(column, found.names, names) for column in found.table.columns)
    # A single column's uniqueness is a constraint that was dropped too.
    columns = tuple(replace(column, unique=False) for column in columns)
    return replace(found.table, name=names[found.table.id], columns=columns, indexes=(), unique=())


def _returning(start: Table, table: Table, archive: Archive) -> Iterator[tuple[tuple[str, str], ArchivedColumn]]:
    present = {column.id for column in start.columns}
    for column in table.columns:
        known = archive.generations.get((table.id, column.id), ())
        found = next((each for each in known if _can_become(each.column, column)), None)
        if found is not None and column.id not in present:
            yield (table.id, column.id), found


def _can_become(before: Column, after: Column) -> bool:
    if column_types.get(after.type).numbered or column_types.get(before.type).numbered:
        return before.type == after.type
    return before.type == after.type or conversion(before, after) is not None


def _bare(found: ArchivedColumn) -> Column:
    """A column as the archive has it: without its default, and allowed to be empty."""
    column = replace(found.column, name=f"_r_{found.column.id}", unique=False)
    if column_types.get(column.type).numbered:
        return column
    return replace(column, required=False, default=None)


def _retargeted(column: Column, old: Mapping[str, str], names: Mapping[str, str]) -> Column:
    """A relation that points to its table by the name that this has now.

    Where its table is not there, any name will do: the foreign key did not go into the archive.
    """
    if not column.is_relation:
        return column
    ids = {name: table_id for table_id, name in old.items()}
    table_id = ids.get(column.config["to_table"], "")
    target = names.get(table_id) or next(iter(names.values()))
    return replace(column, config={**column.config, "to_table": target})


def _table_steps(table: Table, number: int, target: Target, cause: str) -> Iterator[Step]:
    for query, undo, _ in reversed(list(renames(table, target, number))):
        yield Step(Phase.RESTORE, Statement(undo, "Bring back a table from the archive", query, cause))
    query, undo = visibility_function(table, target), drop_visibility_function(table, target)
    yield Step(Phase.RESTORE, Statement(query, "Tell whether a row of it is visible", undo, cause))


def _column_steps(table: Table, column: Column, number: int, target: Target, cause: str) -> Iterator[Step]:
    for query, undo, _ in reversed(list(archive_queries(table, column, target, number))):
        yield Step(Phase.RESTORE, Statement(undo, "Bring back a column from the archive", query, cause))


def unlink_steps(part: Part, table: Table, scene: Scene, cause: str) -> list[Step]:
    """What makes room for a foreign key of something that comes back: links whose record was deleted meanwhile go.

    Args:
        part: a part of a table.
        table: the table as it will be.
        scene: the versions.
        cause: the sentence of the change that it belongs to.

    Returns:
        No steps for a part that is no foreign key, and for links that are required: of those the plan tells instead.
    """
    if not part.name.startswith("fk_"):
        return []
    column = next(column for column in table.columns if column.id in part.column_ids)
    if not comes_back(scene, table, column):
        return []
    other, target = scene.after.table(column.config["to_table"]), scene.target
    names = {
        "table": target.table(table.name),
        "column": sql.identifier(column.name),
        "other": target.table(other.name),
    }
    rows = orphans(scene, table, column, other)
    risk = risks.unlinks_rows(table.name, column.name, rows) if rows else None
    if table.access == JUNCTION_ACCESS:
        lone = "delete from {table} where {column} not in (select id from {other})"
        return [Step(Phase.FILL, Statement(sql.text(sql.format(lone, **names)), _GONE, "", cause, risk=risk))]
    if column.required:
        return []
    empty = "update {table} set {column} = null where {column} not in (select id from {other})"
    return list(quiet_steps(table, target, cause, _GONE, sql.text(sql.format(empty, **names)), risk=risk))

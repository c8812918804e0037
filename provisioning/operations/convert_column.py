"""A column that gets another type: the old one goes to the archive, and the new one is filled from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core import sql
from provisioning import affected, risks
from provisioning.archive import ArchivedColumn
from provisioning.conversions import counterpart, earlier, unchanged_since
from provisioning.operations.archive_column import archive_queries
from provisioning.operations.base import column_definition, step
from provisioning.operations.numbers import is_numbered, restart_query, start_of, start_query
from provisioning.operations.quiet import quiet_steps
from provisioning.operations.rename_column import rename_column_query
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import archived
from schemas.changes import ChangeColumn


def convert_column(change: ChangeColumn, scene: Scene) -> Iterator[Step]:
    """The steps up to a column that has the new type and all values, but no default and no NOT NULL yet."""
    before, after, target = change.before, change.after, scene.target
    number = scene.hiding(change.table_id, before.id)
    for table in filter(None, [scene.table_before(change.table_id)]):
        *preparing, (hide, show, hidden) = archive_queries(table, before, target, number)
        for query, undo, comment in preparing:
            yield step(Phase.ARCHIVE_COLUMNS, change, query, comment, undo)
        rows = affected.unconvertible(scene, change.table, before, after)
        risk = risks.loses_values(change.table.name, after.name, rows) if rows else None
        yield step(Phase.ARCHIVE_COLUMNS, change, hide, hidden, show, risk)
    found = earlier(scene, change.table_id, before, after)
    yield from _make(change, scene) if found is None else _bring_back(change, found, scene)
    if fill := _fill_query(change, scene):
        comment = f"Fill {change.table.name}.{after.name} from the values before"
        yield from quiet_steps(change.table, target, change.describe(), comment, fill)


def _make(change: ChangeColumn, scene: Scene) -> Iterator[Step]:
    """The new column, without values; PostgreSQL fills one that counts."""
    table, after, target = change.table, change.after, scene.target
    bare = replace(after, required=False, default=None)
    parts = {"table": target.table(table.name), "column": column_definition(table, bare, target)}
    query = sql.text(sql.format("alter table {table} add column {column}", **parts))
    # The archive has a column of its id already, which this one replaces: both come out of the way by other names.
    undo = rename_column_query(target, table.name, after.name, archived(scene.number, f"{after.id}_undone"))
    yield step(Phase.ADD_COLUMNS, change, query, f"Add {after.name} to {table.name} with its new type", undo)


def _bring_back(change: ChangeColumn, found: ArchivedColumn, scene: Scene) -> Iterator[Step]:
    """The column that had the type before. One that counts goes on from its last number."""
    table, after, target = change.table, change.after, scene.target
    bare = replace(found.column, name=after.name, required=False, default=None)
    for hide, show, _ in reversed(list(archive_queries(table, bare, target, found.number))):
        comment = f"Bring back {after.name} of {table.name} from the archive"
        yield step(Phase.ADD_COLUMNS, change, show, comment, hide)
    if is_numbered(after) and start_of(found.column) != start_of(after):
        query, undo = (start_query(table, after, target, start_of(column)) for column in (after, found.column))
        yield step(Phase.CHANGE_COLUMNS, change, query, f"Let {table.name}.{after.name} start elsewhere", undo)
        yield step(Phase.CHANGE_COLUMNS, change, restart_query(table, after, target), "Count on from there")


def _fill_query(change: ChangeColumn, scene: Scene) -> str:
    """The statement that writes the values; empty where the column has them already, or there are none for it."""
    table, before, after = change.table, change.before, change.after
    name = archived(scene.hiding(table.id, before.id), before.id)
    there, found = counterpart(scene, table.id, before, after, name), earlier(scene, table.id, before, after)
    if is_numbered(after) or (there is None and found is None):
        return ""
    names = {
        "table": scene.target.table(table.name),
        "column": sql.identifier(after.name),
        "value": there or sql.SQL("null"),
    }
    if found is None:
        return sql.text(sql.format("update {table} set {column} = {value}", **names))
    unchanged = unchanged_since(scene, table.id, before, after, name, after.name)
    if sql.text(unchanged) == "true":
        return ""
    query = "update {table} set {column} = {value} where not ({unchanged})"
    return sql.text(sql.format(query, unchanged=unchanged, **names))

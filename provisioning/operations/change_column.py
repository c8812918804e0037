"""A column that stays but differs: its type, its default, whether it is required.

Labels, help texts and the like reach no database; limits and options are a CHECK and so a part. A type that holds every
value of the old one is changed in place; for any other the values are converted (provisioning/conversions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core import sql
from core.errors import InvalidSchema
from provisioning import affected, risks
from provisioning.conversions import is_replaced, supports
from provisioning.operations.base import default_of, step, steps_of
from provisioning.operations.column_queries import default_query, optional_query, required_query
from provisioning.operations.convert_column import convert_column
from provisioning.operations.filling import fill_steps
from provisioning.operations.numbers import is_numbered, restart_query, start_of, start_query
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import Target
from provisioning.widening import is_rewrite
from schemas.changes import ChangeColumn
from schemas.column_types import column_types
from schemas.document import Column, Schema, Table


@steps_of.register
def change_column(change: ChangeColumn, scene: Scene) -> Iterator[Step]:
    """The steps for each of the column's facts that differs.

    Raises:
        InvalidSchema: when no value of the old type has a counterpart.
    """
    table, target = change.table, scene.target
    before, after = change.before, change.after
    if is_replaced(scene, table.id, before, after):
        if not supports(scene, table.id, before, after):
            raise _not_supported(change, table, scene.after)
        yield from convert_column(change, scene)
        before = after if is_numbered(after) else replace(after, required=False, default=None)
    else:
        yield from _widen(change, table, scene)
        yield from _change_start(change, table, scene)
    old_default, new_default = default_of(before), default_of(after)
    if _text(old_default) != _text(new_default):
        query, undo = (default_query(table, after, target, value) for value in (new_default, old_default))
        comment = f"Change the default of {table.name}.{after.name}"
        yield step(Phase.CHANGE_COLUMNS, change, query, comment, undo)
    if after.required and not before.required:
        yield from _require(change, table, scene)
    if before.required and not after.required:
        query, undo = optional_query(table, after, target), required_query(table, after, target)
        yield step(Phase.CHANGE_COLUMNS, change, query, f"Allow empty {table.name}.{after.name}", undo)


def _require(change: ChangeColumn, table: Table, scene: Scene) -> Iterator[Step]:
    """NOT NULL; a default fills the rows that have no value."""
    column, target = change.after, scene.target
    default = default_of(column)
    if default is not None:
        yield from fill_steps(change, scene, default)
    query, undo = required_query(table, column, target), optional_query(table, column, target)
    rows = affected.without_value(scene, table, column)
    risk = risks.required_may_fail(table.name, column.name, rows) if default is None else None
    yield step(Phase.CONSTRAIN, change, query, f"Require {table.name}.{column.name}", undo, risk)


def _change_start(change: ChangeColumn, table: Table, scene: Scene) -> Iterator[Step]:
    """Another number for the first row: for the record, and for the next row where no larger number was given yet."""
    before, after = change.before, change.after
    if not is_numbered(after) or start_of(before) == start_of(after):
        return
    query, undo = (start_query(table, after, scene.target, start_of(column)) for column in (after, before))
    comment = f"Let {table.name}.{after.name} start with {start_of(after)}"
    yield step(Phase.CHANGE_COLUMNS, change, query, comment, undo)
    comment = "Count on from there, or from the largest number that was given"
    yield step(Phase.CHANGE_COLUMNS, change, restart_query(table, after, scene.target), comment)


def _widen(change: ChangeColumn, table: Table, scene: Scene) -> Iterator[Step]:
    before, after = (column_types.get(column.type).sql_type(column) for column in (change.before, change.after))
    if before == after:
        return
    risk = risks.rewrites_table(table.name, change.after.name) if is_rewrite(before, after) else None
    query, undo = (_type_query(table, change.after, scene.target, kind) for kind in (after, before))
    comment = f"Widen {table.name}.{change.after.name} to {after}"
    yield step(Phase.CHANGE_COLUMNS, change, query, comment, undo, risk)


def _type_query(table: Table, column: Column, target: Target, kind: str) -> str:
    return sql.text(
        sql.format(
            "alter table {table} alter column {column} type {kind}",
            table=target.table(table.name),
            column=sql.identifier(column.name),
            kind=sql.type_name(kind),
        )
    )


def _not_supported(change: ChangeColumn, table: Table, schema: Schema) -> InvalidSchema:
    before, after = change.before, change.after
    old, new = (column_types.get(column.type).label.lower() for column in (before, after))
    detail = f"The column {after.name!r} of {table.name!r} cannot change from {old} to {new}: no value would fit."
    fix = "Add a column of the new type beside it, move the values, then remove the old one."
    path = f"$.tables[{schema.tables.index(table)}].columns[{table.columns.index(after)}].type"
    error = {"code": "change_not_supported", "path": path, "detail": detail, "fix": fix}
    return InvalidSchema(f"{detail} {fix}", errors=[error], code="change_not_supported")


def _text(value: sql.Composable | None) -> str:
    return "" if value is None else sql.text(value)

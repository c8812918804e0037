"""A column that stays but differs: its type, its default, whether it is required.

Labels, help texts and the like reach no database; limits and options are a CHECK and so a part. A type changes only to
one that holds every value of the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from core.errors import InvalidSchema
from provisioning import risks
from provisioning.operations.base import Scene, default_of, step, steps_of
from provisioning.operations.numbers import is_numbered, restart_query, start_of, start_query
from provisioning.operations.types import is_rewrite, is_widening
from provisioning.phases import Phase, Step
from provisioning.target import Target, not_null
from schemas.changes import ChangeColumn
from schemas.column_types import column_types
from schemas.document import Column, Schema, Table


@steps_of.register
def change_column(change: ChangeColumn, scene: Scene) -> Iterator[Step]:
    """The steps for each of the column's facts that differs.

    Raises:
        InvalidSchema: when values of the old type could be lost.
    """
    table, target = change.table, scene.target
    before, after = change.before, change.after
    yield from _change_type(change, table, scene)
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


def default_query(table: Table, column: Column, target: Target, default: sql.Composable | None) -> str:
    """The statement that sets a column's default, or takes it away."""
    names = {"table": target.table(table.name), "column": sql.identifier(column.name)}
    if default is None:
        return sql.text(sql.format("alter table {table} alter column {column} drop default", **names))
    return sql.text(sql.format("alter table {table} alter column {column} set default {value}", value=default, **names))


def required_query(table: Table, column: Column, target: Target) -> str:
    """The statement that makes a column NOT NULL, under our own name where the server keeps one."""
    names = {
        "table": target.table(table.name),
        "column": sql.identifier(column.name),
        "name": sql.identifier(not_null(table.id, column.id)),
    }
    if target.names_not_null:
        return sql.text(sql.format("alter table {table} add constraint {name} not null {column}", **names))
    return sql.text(sql.format("alter table {table} alter column {column} set not null", **names))


def optional_query(table: Table, column: Column, target: Target) -> str:
    """The statement that lets a column be empty."""
    names = {"table": target.table(table.name), "column": sql.identifier(column.name)}
    return sql.text(sql.format("alter table {table} alter column {column} drop not null", **names))


def _require(change: ChangeColumn, table: Table, scene: Scene) -> Iterator[Step]:
    """NOT NULL; a default fills the rows that have no value."""
    column, target = change.after, scene.target
    default = default_of(column)
    if default is not None:
        fill = sql.format(
            "update {table} set {column} = {value} where {column} is null",
            table=target.table(table.name),
            column=sql.identifier(column.name),
            value=default,
        )
        yield step(Phase.FILL, change, sql.text(fill), f"Fill empty {table.name}.{column.name} with its default")
    query, undo = required_query(table, column, target), optional_query(table, column, target)
    risk = risks.required_may_fail(table.name, column.name) if default is None else None
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


def _change_type(change: ChangeColumn, table: Table, scene: Scene) -> Iterator[Step]:
    before, after = (column_types.get(column.type).sql_type(column) for column in (change.before, change.after))
    unlike = _nature(change.before) != _nature(change.after)
    if before == after and not unlike:
        return
    if unlike or not is_widening(before, after):
        raise _not_supported(change, table, scene.after)
    risk = risks.rewrites_table(table.name, change.after.name) if is_rewrite(before, after) else None
    query, undo = (_type_query(table, change.after, scene.target, kind) for kind in (after, before))
    comment = f"Widen {table.name}.{change.after.name} to {after}"
    yield step(Phase.CHANGE_COLUMNS, change, query, comment, undo, risk)


def _nature(column: Column) -> tuple[bool, bool]:
    """What must not differ even between columns of the same PostgreSQL type."""
    return column.is_relation, is_numbered(column)


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
    detail = f"The column {after.name!r} of {table.name!r} cannot change from {old} to {new}: values could be lost."
    if before.type == after.type:
        detail = f"The column {after.name!r} of {table.name!r} cannot become narrower: values could be lost."
    fix = "Add a column of the new type beside it, move the values, then remove the old one."
    path = f"$.tables[{schema.tables.index(table)}].columns[{table.columns.index(after)}].type"
    error = {"code": "change_not_supported", "path": path, "detail": detail, "fix": fix}
    return InvalidSchema(f"{detail} {fix}", errors=[error], code="change_not_supported")


def _text(value: sql.Composable | None) -> str:
    return "" if value is None else sql.text(value)

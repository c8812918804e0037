"""Empty values that a default fills when a column becomes required, and that a rollback empties again.

Beside the column another one keeps which rows were filled, and with what: nobody can tell a value that was typed from
one that was filled, and going back has to leave the first and take the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning.conversions import is_replaced
from provisioning.fills import is_filled, may_be_emptied, undone
from provisioning.operations.base import step
from provisioning.operations.quiet import quiet_steps
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import filled
from schemas.changes import ChangeColumn
from schemas.column_types import column_types
from schemas.document import Column, Table

_KEEP: LiteralString = "alter table {table} add column {kept} {type}"
_NOTE: LiteralString = "update {table} set {kept} = {value} where {column} is null"
_FILL: LiteralString = "update {table} set {column} = {kept} where {column} is null"
_EMPTY: LiteralString = "update {table} set {column} = null where {filled}"
_FORGET: LiteralString = "update {table} set {forgotten} where {known}"


def fill_steps(change: ChangeColumn, scene: Scene, default: sql.Composable) -> Iterator[Step]:
    """The steps that give every row a value, and keep which rows had none."""
    table, column = change.table, change.after
    names = {
        "table": scene.target.table(table.name),
        "column": sql.identifier(column.name),
        "kept": sql.identifier(filled(scene.number, column.id)),
        "value": default,
        "type": sql.type_name(column_types.get(column.type).sql_type(column)),
    }
    keep = sql.text(sql.format(_KEEP, **names))
    yield step(Phase.FILL, change, keep, f"Keep which rows of {table.name} had no {column.name}")
    comment = f"Fill empty {table.name}.{column.name} with its default"
    queries = (sql.text(sql.format(query, **names)) for query in (_NOTE, _FILL))
    yield from quiet_steps(table, scene.target, change.describe(), comment, *queries)


def empty_steps(table: Table, column: Column, scene: Scene, cause: str) -> Iterator[Step]:
    """The steps by which a rollback empties what defaults have filled, and nobody has changed since.

    Args:
        table: the table as it will be.
        column: the column as it will be.
        scene: the versions.
        cause: the sentence of the change that the steps belong to.
    """
    numbers, before = undone(scene, table.id, column.id), scene.column_before(table.id, column.id)
    is_new = before is not None and is_replaced(scene, table.id, before, column)
    if before is None or not numbers or not (is_new or may_be_emptied(column)):
        return
    kept = [sql.identifier(filled(number, column.id)) for number in numbers]
    names = {
        "table": scene.target.table(table.name),
        "column": sql.identifier(column.name),
        "filled": is_filled(column.id, numbers, sql.identifier(column.name)),
        "forgotten": sql.join(", ", [sql.format("{kept} = null", kept=each) for each in kept]),
        "known": sql.join(" or ", [sql.format("{kept} is not null", kept=each) for each in kept]),
    }
    templates = [_EMPTY, _FORGET] if may_be_emptied(column) else [_FORGET]
    queries = [sql.text(sql.format(template, **names)) for template in templates]
    comment = f"Empty {table.name}.{column.name} where its default had filled it"
    yield from quiet_steps(table, scene.target, cause or comment, comment, *queries)

"""Empty values that a default fills when a column becomes required, and that a rollback empties again.

Beside the column another one keeps which rows were filled, and with what: nobody can tell a value that was typed from
one that was filled, and going back has to leave the first and take the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from core import sql
from provisioning.operations.base import step
from provisioning.operations.quiet import quiet_steps
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import filled
from schemas.changes import ChangeColumn
from schemas.column_types import column_types

_KEEP: LiteralString = "alter table {table} add column {kept} {type}"
_NOTE: LiteralString = "update {table} set {kept} = {value} where {column} is null"
_FILL: LiteralString = "update {table} set {column} = {kept} where {column} is null"
_EMPTY: LiteralString = (
    "update {table} set {column} = null where {kept} is not null and to_jsonb({column}) = to_jsonb({kept})"
)
_FORGET: LiteralString = "update {table} set {kept} = null where {kept} is not null"


def fill_steps(change: ChangeColumn, scene: Scene, default: sql.Composable) -> Iterator[Step]:
    """The steps that give every row a value, and keep which rows had none."""
    table, column = change.table, change.after
    names = _names(change, scene, scene.number) | {
        "value": default,
        "type": sql.type_name(column_types.get(column.type).sql_type(column)),
    }
    keep = sql.text(sql.format(_KEEP, **names))
    yield step(Phase.FILL, change, keep, f"Keep which rows of {table.name} had no {column.name}")
    comment = f"Fill empty {table.name}.{column.name} with its default"
    queries = (sql.text(sql.format(query, **names)) for query in (_NOTE, _FILL))
    yield from quiet_steps(table, scene.target, change.describe(), comment, *queries)


def empty_steps(change: ChangeColumn, scene: Scene) -> Iterator[Step]:
    """The steps by which a rollback empties what a default has filled and nobody has changed since."""
    table, column = change.table, change.after
    number = scene.archive.filled.get((table.id, column.id))
    since = (found.number for found in scene.archive.generations.get((table.id, column.id), ()))
    if not scene.is_rollback or number is None or any(other > number for other in since):
        return
    names = _names(change, scene, number)
    queries = (sql.text(sql.format(query, **names)) for query in (_EMPTY, _FORGET))
    comment = f"Empty {table.name}.{column.name} where its default had filled it"
    yield from quiet_steps(table, scene.target, change.describe(), comment, *queries)


def _names(change: ChangeColumn, scene: Scene, number: int) -> dict[str, sql.Composable]:
    return {
        "table": scene.target.table(change.table.name),
        "column": sql.identifier(change.after.name),
        "kept": sql.identifier(filled(number, change.after.id)),
    }

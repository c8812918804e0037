"""A column that the document no longer has: hidden with its values, never dropped.

It loses its NOT NULL and default first: a hidden required column would refuse every new row. A numbered one keeps both,
since PostgreSQL goes on to give the numbers, and frees their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioning import affected, risks
from provisioning.operations.base import default_of, step, steps_of
from provisioning.operations.column_queries import default_query, optional_query, required_query
from provisioning.operations.numbers import archive_not_null_queries, archive_sequence_queries, is_numbered
from provisioning.operations.rename_column import rename_column_query
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from provisioning.target import Target, archived
from schemas.changes import DropColumn
from schemas.document import Column, Table


@steps_of.register
def archive_column(change: DropColumn, scene: Scene) -> Iterator[Step]:
    """The column gets its archive name while its table still has its old one."""
    table, column = change.table, change.column
    number = scene.hiding(table.id, column.id)
    *preparing, (rename, undo_rename, hidden) = archive_queries(table, column, scene.target, number)
    for query, undo, comment in preparing:
        yield step(Phase.ARCHIVE_COLUMNS, change, query, comment, undo)
    hidden_before = scene.is_returning(table.id) or scene.is_returning(table.id, column.id)
    risk = None if hidden_before else risks.drops_column(table.name, column.name, affected.filled(scene, table, column))
    yield step(Phase.ARCHIVE_COLUMNS, change, rename, hidden, undo_rename, risk)


def archive_queries(table: Table, column: Column, target: Target, number: int) -> Iterator[tuple[str, str, str]]:
    """The statements that hide a column, each with the one that undoes it and what it does."""
    name = archived(number, column.id)
    if is_numbered(column):
        yield from _name_queries(table, column, target, number)
    else:
        yield from _relaxing_queries(table, column, target)
    yield (
        rename_column_query(target, table.name, column.name, name),
        rename_column_query(target, table.name, name, column.name),
        f"Hide the column {column.name} of {table.name} in the archive",
    )


def _relaxing_queries(table: Table, column: Column, target: Target) -> Iterator[tuple[str, str, str]]:
    comment = f"Let rows do without {table.name}.{column.name}"
    if column.required:
        yield optional_query(table, column, target), required_query(table, column, target), comment
    default = default_of(column)
    if default is not None:
        yield default_query(table, column, target, None), default_query(table, column, target, default), comment


def _name_queries(table: Table, column: Column, target: Target, number: int) -> Iterator[tuple[str, str, str]]:
    comment = f"Free the names of the numbering of {table.name}.{column.name}"
    yield *archive_sequence_queries(table, column, target, number), comment
    for query, undo in archive_not_null_queries(table, column, target, number):
        yield query, undo, comment

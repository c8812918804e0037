"""A new column. A constant default fills the rows that exist without rewriting the table.

A numbered column numbers the rows that exist as they lie in the table, so they are brought into the order of their age
first.
"""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning import affected, risks
from provisioning.operations.archive_column import archive_queries
from provisioning.operations.base import column_definition, script, step, steps_of
from provisioning.operations.numbers import is_numbered, sorting_queries
from provisioning.phases import Phase, Step
from provisioning.scene import Scene
from schemas.changes import AddColumn


@steps_of.register
def add_column(change: AddColumn, scene: Scene) -> Iterator[Step]:
    """The column with its default, NOT NULL and numbering; what else belongs to it is compared as parts."""
    table, column, target = change.table, change.column, scene.target
    risk = None
    if is_numbered(column):
        for sort, comment in sorting_queries(table, target):
            yield step(Phase.ADD_COLUMNS, change, sort, comment)
        risk = risks.numbers_rows(table.name, column.name)
    elif column.required and column.default is None:
        risk = risks.required_may_fail(table.name, column.name, affected.without_value(scene, table, column))
    query = sql.format(
        "alter table {table} add column {column}",
        table=target.table(table.name),
        column=column_definition(table, column, target),
    )
    undo = script(*(hide for hide, _, _ in archive_queries(table, column, target, scene.number)))
    comment = f"Add the column {column.name} to {table.name}"
    yield step(Phase.ADD_COLUMNS, change, sql.text(query), comment, undo, risk)

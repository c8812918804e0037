"""A new column. A constant default fills the rows that exist without rewriting the table."""

from __future__ import annotations

from collections.abc import Iterator

from core import sql
from provisioning import risks
from provisioning.operations.archive_column import archive_queries
from provisioning.operations.base import Scene, column_definition, script, step, steps_of
from provisioning.phases import Phase, Step
from schemas.changes import AddColumn


@steps_of.register
def add_column(change: AddColumn, scene: Scene) -> Iterator[Step]:
    """The column with its default and NOT NULL; what else belongs to it is compared as parts."""
    table, column = change.table, change.column
    definition = column_definition(table, column)
    query = sql.format(
        "alter table {table} add column {column}", table=scene.target.table(table.name), column=definition
    )
    undo = script(*(query for query, _ in archive_queries(table, column, scene.target, scene.number)))
    lacks_values = column.required and column.default is None
    yield step(
        Phase.ADD_COLUMNS,
        change,
        sql.text(query),
        f"Add the column {column.name} to {table.name}",
        undo,
        risks.required_may_fail(table.name, column.name) if lacks_values else None,
    )

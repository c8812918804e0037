"""Junction tables: what a many-to-many relation is in PostgreSQL.

A relation `tags` of `contacts` has no column of its own. Its links are the rows of a table `contacts_tags`, each with
the id of a contact in `source_id` and that of a tag in `target_id`; both go with the row that they name, and no link is
there twice. Documents do not list that table: it follows from the relation, so that the two cannot disagree.

Its id follows from the ids of the table, the relation and the target. So it is renamed and archived with them, and a
relation that is pointed elsewhere starts with a new table: links to one table mean nothing in another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from schemas.document import Column, Schema, Table

SOURCE: Final = "source_id"
"""The column with the row that has the relation."""

TARGET: Final = "target_id"
"""The column with the row that is linked."""

JUNCTION_ACCESS: Final = "junction"
"""The access of junction tables: a link is visible to whom its source is."""


@dataclass(frozen=True, slots=True)
class Junction:
    """A many-to-many relation and where its links are.

    Args:
        source: the table that has the relation.
        column: the relation.
        table: the junction table.
    """

    source: Table
    column: Column
    table: Table


def junction_name(table: str, column: str) -> str:
    """The name of the junction table of a relation, such as `contacts_tags`."""
    return f"{table}_{column}"


def junction_id(table_id: str, column_id: str, target_id: str) -> str:
    """The id of the junction table of a relation, by the ids of its table, of itself and of its target."""
    return f"j_{hashlib.sha256(f'{table_id}.{column_id}.{target_id}'.encode()).hexdigest()[:20]}"


def junctions(schema: Schema) -> tuple[Junction, ...]:
    """The junction tables of a schema, in the order of their relations."""
    ids = {table.name: table.id for table in schema}
    return tuple(
        Junction(table, column, _junction_table(table, column, ids))
        for table in schema
        for column in table.columns
        if not column.is_stored
    )


def junction(schema: Schema, table: Table, column: Column) -> Table:
    """The junction table of a many-to-many relation.

    Args:
        schema: the schema.
        table: its table that has the relation.
        column: the relation.

    Raises:
        KeyError: when the table has no such relation.
    """
    for found in junctions(schema):
        if (found.source.id, found.column.id) == (table.id, column.id):
            return found.table
    raise KeyError(column.name)


def as_stored(schema: Schema) -> Schema:
    """The schema as PostgreSQL has it: many-to-many relations are tables of their own, after all others."""
    tables = (replace(table, columns=table.stored_columns) for table in schema)
    return replace(schema, tables=(*tables, *(found.table for found in junctions(schema))))


def _junction_table(source: Table, column: Column, ids: Mapping[str, str]) -> Table:
    target: str = column.config["to_table"]
    return Table(
        id=junction_id(source.id, column.id, ids.get(target, target)),
        name=junction_name(source.name, column.name),
        columns=(_link("c_source", SOURCE, source.name), _link("c_target", TARGET, target)),
        access=JUNCTION_ACCESS,
        unique=((SOURCE, TARGET),),
    )


def _link(column_id: str, name: str, target: str) -> Column:
    config = {"to_table": target, "relation": "many_to_one", "on_delete": "cascade"}
    return Column(id=column_id, name=name, type="relation", required=True, config=config)

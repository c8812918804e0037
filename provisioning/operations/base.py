"""What every operation gets, and how the one for a change is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from core import sql
from provisioning.operations.numbers import identity
from provisioning.phases import Phase, Step
from provisioning.risks import Risk
from provisioning.scene import Scene
from provisioning.statements import Statement
from provisioning.target import Target, not_null
from schemas.changes import Change
from schemas.column_types import column_types
from schemas.document import Column, Table


@singledispatch
def steps_of(change: Change, scene: Scene) -> Iterator[Step]:
    """The steps of one change to tables and columns.

    Args:
        change: a value of `schemas.changes`.
        scene: the two versions and the target.

    Raises:
        InvalidSchema: when the change cannot be carried out.
    """
    raise NotImplementedError(f"No operation is registered for {type(change).__name__}.")


def step(phase: Phase, change: Change, query: str, comment: str, reverse: str = "", risk: Risk | None = None) -> Step:
    """A step that belongs to a change."""
    return Step(phase, Statement(query, comment, reverse, change.describe(), risk=risk))


def script(*queries: str) -> str:
    """Several statements as one text, for a reverse that takes more than one."""
    return ";\n".join(query for query in queries if query)


def default_of(column: Column) -> sql.Composable | None:
    """A column's SQL default, if it has one."""
    return column_types.get(column.type).default_sql(column)


def column_definition(table: Table, column: Column, target: Target) -> sql.Composable:
    """A column as it stands in CREATE TABLE and ADD COLUMN, with its default, NOT NULL and numbering."""
    kind = column_types.get(column.type)
    default = default_of(column)
    return sql.join(
        " ",
        [
            sql.identifier(column.name),
            sql.type_name(kind.sql_type(column)),
            *([sql.format("default {value}", value=default)] if default is not None else []),
            *([not_null_clause(table.id, column.id)] if column.required or kind.numbered else []),
            *([identity(table, column, target)] if kind.numbered else []),
        ],
    )


def not_null_clause(table_id: str, column_id: str) -> sql.Composable:
    """A NOT NULL inside a column's definition. PostgreSQL before 18 reads the name and forgets it."""
    return sql.format("constraint {name} not null", name=sql.identifier(not_null(table_id, column_id)))

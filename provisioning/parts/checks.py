"""The limits of a column's values, as one CHECK a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core import sql
from provisioning import risks
from provisioning.parts.base import Part
from provisioning.target import Target, check
from schemas.column_types import column_types
from schemas.document import Column, Table


def checks(table: Table, target: Target) -> Iterator[Part]:
    """The CHECK of every column whose type has conditions."""
    for column in table.columns:
        condition = _condition(column)
        if condition is None:
            continue
        name = check(table.id, column.id)
        parts = {"table": target.table(table.name), "name": sql.identifier(name), "condition": condition}
        clause = sql.format("constraint {name} check ({condition})", **parts)
        yield Part(
            name=name,
            key=_meaning(column),
            create=sql.text(sql.format("alter table {table} add {clause}", table=parts["table"], clause=clause)),
            drop=sql.text(sql.format("alter table {table} drop constraint {name}", **parts)),
            noun=f"limits of {table.name}.{column.name}",
            column_ids=(column.id,),
            clause=clause,
            risk=risks.check_may_fail(table.name, column.name),
        )


def _condition(column: Column) -> sql.Composable | None:
    conditions = [sql.format("({condition})", condition=condition) for condition in _conditions(column)]
    return sql.join(" and ", conditions) if conditions else None


def _conditions(column: Column) -> Iterator[sql.Composable]:
    return column_types.get(column.type).checks(column)


def _meaning(column: Column) -> tuple[str, ...]:
    """The conditions apart from the column's name, which PostgreSQL follows by itself."""
    return tuple(sql.text(condition) for condition in _conditions(replace(column, name="value")))

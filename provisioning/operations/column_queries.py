"""The statements about a column's default and whether it may be empty."""

from __future__ import annotations

from core import sql
from provisioning.target import Target, not_null
from schemas.document import Column, Table


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

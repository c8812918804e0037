"""A table of one column in PostgreSQL, made as provisioning makes it: with the column's type, checks and default."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from core import sql
from schemas.column_types import column_types
from schemas.document import Column


class Scratch:
    """A temporary table `sample` with one column.

    Args:
        connection: a connection that may make temporary tables, to a database with the platform's functions.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.execute("set time zone 'UTC'")
        self.execute("select set_config('request.jwt.claims', %s, false)", [json.dumps({"sub": str(uuid4())})])

    def execute(self, query: Any, values: Iterable[Any] | None = None) -> psycopg.Cursor[Any]:
        """Runs a statement."""
        return self.connection.execute(query, values)

    def create(self, *columns: Column) -> None:
        """The table anew, with these columns."""
        self.execute("drop table if exists sample")
        entries = sql.join(", ", [self._entry(column) for column in columns])
        self.execute(sql.format("create temporary table sample ({entries})", entries=entries))

    def takes(self, value: Any) -> bool:
        """Whether PostgreSQL lets a value into the column."""
        try:
            self.execute("insert into sample values (%s)", [value])
        except (psycopg.errors.CheckViolation, psycopg.errors.DataError):
            return False
        return True

    def stored(self, column: Column, value: Any) -> Any:
        """What is read after a value was written as the only one."""
        self.fill(column, "x", value)
        return self.value(column)

    def value(self, column: Column) -> Any:
        """The value of the only row."""
        return self.read(column, "x")

    def text(self, column: Column) -> str:
        """The text form of the only row's value, as PostgreSQL writes it."""
        return self._select(column_types.get(column.type).text_sql(column, sql.identifier("x")))

    def read_back(self, column: Column) -> Any:
        """The only row's value, written as text and read again by PostgreSQL."""
        kind = column_types.get(column.type)
        text = sql.format("({text})", text=kind.text_sql(column, sql.identifier("x")))
        return self._read(column, self._select(kind.read_sql(column, text)))

    def fill(self, column: Column, name: str, value: Any) -> None:
        """One row, with a value in one of several columns."""
        self.execute("truncate sample")
        system = sql.SQL("overriding system value" if column_types.get(column.type).numbered else "")
        statement = sql.format(
            "insert into sample ({name}) {system} values (%s)", name=sql.identifier(name), system=system
        )
        self.execute(statement, [self._adapted(column, value)])

    def read(self, column: Column, name: str) -> Any:
        """The value of one of several columns in the only row, as the column's model field reads it."""
        return self._read(column, self._select(sql.identifier(name)))

    def holds(self, condition: sql.Composable | None) -> bool:
        """Whether a condition is true for the only row; None is true for all."""
        return condition is None or bool(self._select(condition))

    def _select(self, expression: sql.Composable) -> Any:
        return self.execute(sql.format("select {it} from sample", it=expression)).fetchall()[0][0]

    def _read(self, column: Column, stored: Any) -> Any:
        """As the model field reads it."""
        kind = column_types.get(column.type)
        return kind.model_field(column).from_db_value(stored, None, None) if kind.numbered else stored

    def _adapted(self, column: Column, value: Any) -> Any:
        """As the model field writes it."""
        kind = column_types.get(column.type)
        if kind.sql_type(column) == "jsonb":
            return Jsonb(value)
        return kind.model_field(column).get_prep_value(value) if kind.numbered else value

    def _entry(self, column: Column) -> sql.Composable:
        kind = column_types.get(column.type)
        checks, default = list(kind.checks(column)), kind.default_sql(column)
        clauses = [sql.identifier(column.name), sql.type_name(kind.sql_type(column))]
        if kind.numbered:
            clauses.append(sql.SQL("generated always as identity"))
        if default is not None:
            clauses.append(sql.format("default {value}", value=default))
        if checks:
            clauses.append(sql.format("check ({checks})", checks=sql.join(" and ", checks)))
        return sql.join(" ", clauses)

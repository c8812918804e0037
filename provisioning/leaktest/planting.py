"""Invented rows of two people in every table, and for each table one row more that nobody stored yet.

The project's owner role stores them, and gives the numbers of numbered columns itself: a sequence that counted for an
invented row would leave a gap for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import DatabaseError, transaction

from core import sql
from core.tenancy import Door
from provisioning.leaktest.attacker import Query
from provisioning.leaktest.values import NoValue, invented_number, invented_value
from provisioning.target import Target
from schemas.column_types import column_types
from schemas.document import Column, Schema, Table

_ATTEMPTS: Final = 6
"""How often a row is invented anew after PostgreSQL refused it; from the third time on with as little as it takes."""
_FULL_ATTEMPTS: Final = 2

Values = Mapping[str, Any]


class CannotPlant(ValueError):
    """A table takes no invented row; the text says why."""


def insert_query(table: Table, target: Target, values: Values) -> Query:
    """The statement that stores a row with just these values, numbers included."""
    places = sql.join(", ", [sql.SQL("%s")] * len(values))
    names = {"table": target.table(table.name), "columns": sql.identifiers(values), "places": places}
    template = sql.format("insert into {table} ({columns}) overriding system value values ({places})", **names)
    return template, list(values.values())


@dataclass(frozen=True, slots=True)
class Planter:
    """Stores invented rows in an open transaction.

    Args:
        door: the project, in its owner role.
        schema: its tables as PostgreSQL has them.
        target: where they are.
        rows: the stored row of each person in each table, by (person, table).
        spares: a row that the person could still store, by (person, table).
        failures: why a table has no invented rows, by its name.
    """

    door: Door
    schema: Schema
    target: Target
    rows: dict[tuple[UUID, str], Values] = field(default_factory=dict)
    spares: dict[tuple[UUID, str], Values] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def plant(self, *people: UUID) -> None:
        """Stores a row of each person in every table that takes one; the others are in `failures`."""
        for table in _in_order(self.schema):
            try:
                for person in people:
                    self.rows[person, table.name] = self._first(person, table)
            except CannotPlant as error:
                self.failures[table.name] = str(error)

    def spare(self, person: UUID, table: Table) -> Values:
        """A row of the person's that the table would take beside those that are there.

        Raises:
            CannotPlant: when none can be invented.
        """
        if (person, table.name) not in self.spares:
            self.spares[person, table.name] = self._further(person, table, stored=False)
        return self.spares[person, table.name]

    def _first(self, person: UUID, table: Table) -> Values:
        """The stored row of a person, as full as PostgreSQL takes it."""
        refusal = ""
        for attempt in range(_ATTEMPTS):
            row = self._row(person, table, {}, lean=attempt >= _FULL_ATTEMPTS)
            refusal = self._refusal(table, row, keep=True)
            if not refusal:
                return row
        raise CannotPlant(f"No row of {table.name} could be invented: {refusal}.")

    def _further(self, person: UUID, table: Table, *, stored: bool) -> Values:
        """One row more of a person, stored or only proven to fit."""
        refusal = ""
        for _ in range(_ATTEMPTS):
            links = {
                column.name: self._further(person, self.schema.table(column.config["to_table"]), stored=True)["id"]
                for column in table.columns
                if column.is_reference and _needs_another(column, table)
            }
            row = self._row(person, table, links, lean=True)
            refusal = self._refusal(table, row, keep=stored)
            if not refusal:
                return row
        raise CannotPlant(f"No second row of {table.name} could be invented: {refusal}.")

    def _row(self, person: UUID, table: Table, links: Values, *, lean: bool) -> Values:
        """An invented row with these links; the others lead to the stored rows of the same person."""
        row: dict[str, Any] = {"id": uuid4(), "user_id": person}
        for column in table.columns:
            value = links.get(column.name) or self._value(person, column, lean=lean)
            if value is not None:
                row[column.name] = value
            elif column.required:
                raise CannotPlant(f"{table.name} needs a {column.name}, and none could be invented.")
        return row

    def _value(self, person: UUID, column: Column, *, lean: bool) -> Any:
        kind = column_types.get(column.type)
        if kind.numbered:
            return invented_number()
        if lean and not column.required:
            return None
        if column.is_reference:
            return self.rows.get((person, column.config["to_table"]), {}).get("id")
        try:
            value = invented_value(column)
        except NoValue:
            return None
        return kind.model_field(column).get_db_prep_save(value, connection=self.door.connection)

    def _refusal(self, table: Table, row: Values, *, keep: bool) -> str:
        """Why PostgreSQL does not take the row; empty where it does."""
        query, values = insert_query(table, self.target, row)
        try:
            with transaction.atomic(using=self.door.alias), self.door.connection.cursor() as cursor:
                cursor.execute(sql.text(query), values)
                transaction.set_rollback(not keep, using=self.door.alias)
        except DatabaseError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            return str(getattr(diagnosis, "message_primary", None) or error)
        return ""


def _in_order(schema: Schema) -> Iterator[Table]:
    """The tables, each after those that its rows cannot be without; no valid document has a circle of such."""
    waiting = {table.name: table for table in schema}
    while waiting:
        ready = [table for table in waiting.values() if not _needs(table) & set(waiting)]
        yield from ready or waiting.values()
        waiting = {name: table for name, table in waiting.items() if ready and table not in ready}


def _needs(table: Table) -> set[str]:
    return {column.config["to_table"] for column in table.columns if column.is_reference and column.required}


def _needs_another(column: Column, table: Table) -> bool:
    """Whether a second row of the same person cannot link where the first one does."""
    is_unique = column.unique or any(column.name in names for names in table.unique)
    return column.required and is_unique

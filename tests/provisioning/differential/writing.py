"""Rows that are written at random, in a project and in the model of its rows alike."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any, Final
from uuid import UUID

from core import sql
from schemas.column_types import column_types
from schemas.document import Column, Table
from schemas.junctions import JUNCTION_ACCESS
from tests.provisioning.differential import documents
from tests.provisioning.differential.model import Model
from tests.provisioning.differential.rows import Row, Rows
from tests.provisioning.differential.session import Session, literal, read

MEMBERS: Final = (UUID(int=1), UUID(int=2))
"""Two invented members, to whom the rows belong."""
_LONG_AGO: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


class Writer:
    """Writes rows.

    Args:
        session: where.
        model: the model of the rows that are there.
        random: where chance comes from.
    """

    def __init__(self, session: Session, model: Model, random: Random) -> None:
        self.session = session
        self.model = model
        self.random = random
        self.ages = 0
        (self.now,) = session.query("select now()")[0]

    def write(self, most: int, share_empty: float) -> None:
        """Inserts, changes and deletes rows at random.

        Args:
            most: how many rows a table gets at most.
            share_empty: how many of the values that may be empty are.
        """
        for rows in self.model.tables.values():
            if rows.rows and self.random.random() < 0.4:
                self._delete(rows)
        for rows in self.model.tables.values():
            self._update(rows, share_empty)
        stored = sorted(self.model.tables.values(), key=lambda rows: rows.table.access == JUNCTION_ACCESS)
        for rows in stored:
            self._insert(rows, self.random.randint(0, most), share_empty)

    def _insert(self, rows: Rows, times: int, share_empty: float) -> None:
        lines = []
        for _ in range(times):
            line = self._line(rows.table, share_empty)
            if line is not None:
                lines.append(line)
        if not lines:
            return
        columns = rows.table.columns
        entered = [column for column in columns if not column_types.get(column.type).numbered]
        statement = sql.format(
            "insert into {table} (id, user_id, created_at, updated_at{names}) values {lines} on conflict do nothing "
            "returning id, user_id, created_at, updated_at{read}",
            table=self.session.target.table(rows.table.name),
            names=sql.join("", [sql.format(", {name}", name=sql.identifier(each.name)) for each in entered]),
            lines=sql.join(", ", lines),
            read=sql.join("", [sql.format(", {it}", it=read(each, sql.identifier(each.name))) for each in columns]),
        )
        for row, user_id, created_at, updated_at, *values in self.session.query(sql.text(statement)):
            rows.rows[row] = Row(user_id, created_at, updated_at)
            for column, value in zip(columns, values, strict=True):
                rows.slots[column.id].values[row] = value

    def _line(self, table: Table, share_empty: float) -> sql.Composable | None:
        """A row to insert, None where a value that it needs does not exist."""
        self.ages += 1
        age = _LONG_AGO + dt.timedelta(hours=self.random.randrange(10**4), microseconds=self.ages)
        values = [
            literal(UUID(int=self.random.getrandbits(128)), "uuid"),
            literal(self.random.choice(MEMBERS), "uuid"),
            literal(age, "timestamptz"),
            literal(age, "timestamptz"),
        ]
        for column in table.columns:
            if column_types.get(column.type).numbered:
                continue
            given = column.default is not None and self.random.random() < 0.3
            value = sql.SQL("default") if given else self._any_value(column)
            if column.required and value is None:
                return None
            if value is None or (not given and not column.required and self.random.random() < share_empty):
                value = sql.SQL("null")
            values.append(value)
        return sql.format("({values})", values=sql.join(", ", values))

    def _update(self, rows: Rows, share_empty: float) -> None:
        columns = [slot.column for slot in rows.slots.values() if not column_types.get(slot.column.type).numbered]
        if not rows.rows or not columns or rows.table.access == JUNCTION_ACCESS:
            return
        for row in self.random.sample(list(rows.rows), self.random.randint(0, min(2, len(rows.rows)))):
            column = self.random.choice(columns)
            value = self._any_value(column)
            if value is None or (not column.required and self.random.random() < share_empty):
                if column.required:
                    continue
                value = sql.SQL("null")
            ((typed,),) = self.session.query(sql.text(sql.format("select {value}", value=read(column, value))))
            if self.model.repeats(rows, row, {column.name: typed}):
                continue
            statement = sql.format(
                "update {table} set {column} = {value} where id = {row} returning {read}",
                table=self.session.target.table(rows.table.name),
                column=sql.identifier(column.name),
                value=value,
                row=literal(row, "uuid"),
                read=read(column, sql.identifier(column.name)),
            )
            ((rows.slots[column.id].values[row],),) = self.session.query(sql.text(statement))
            rows.rows[row].updated_at = self.now

    def _delete(self, rows: Rows) -> None:
        table_id, row = rows.table.id, self.random.choice(list(rows.rows))
        found = self.model.deleted_with(table_id, row)
        if found is None:
            return
        delete = sql.format(
            "delete from {table} where id = {row}",
            table=self.session.target.table(rows.table.name),
            row=literal(row, "uuid"),
        )
        self.session.query(sql.text(delete))
        gone, emptied = found
        for key, linking, column_id in emptied:
            self.model.tables[key].slots[column_id].values[linking] = None
            self.model.tables[key].rows[linking].updated_at = self.now
        for key, each in gone:
            self.model.tables[key].remove(each)

    def _any_value(self, column: Column) -> Any:
        """SQL of a value that fits a column; None where there is none."""
        kind = column_types.get(column.type)
        if column.is_reference:
            target = next(rows for rows in self.model.tables.values() if rows.table.name == column.config["to_table"])
            return literal(self.random.choice(list(target.rows)), "uuid") if target.rows else None
        found = documents.values(column)
        if not found:
            return None
        value = kind.value(column, self.random.choice(found))
        if kind.sql_type(column) == "jsonb":
            value = kind.text(column, value)
        return literal(value, kind.sql_type(column))

"""All sample records of a blueprint: how many there are, and the values that no two of them may share."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import prod
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.duration import duration_string

from schemas.blueprints.samples.cells import Cell, Row, SampleError
from schemas.blueprints.samples.chance import chance
from schemas.blueprints.samples.recipes import cook, rows_where
from schemas.blueprints.samples.usual import usual
from schemas.column_types import ColumnType, column_types
from schemas.document import Column, Json, Schema, Table, thaw

_USUAL_COUNT: Final = 20
_ATTEMPTS: Final = 300
"""How often a value that another record has already is made anew."""


class SampleRows:
    """Records that are made when they are looked at. Implements `cells.Rows`.

    Args:
        document: the tables.
        samples: what the blueprint says of their samples, by table.
        seed: what chance is drawn from.
        today: the day that all dates are counted from.
        per_table: how many records a table has; None for as many as the blueprint says.
        owner: the member that records are assigned to.
        namespace: what the ids of the records are derived from, with their tables and numbers.
    """

    def __init__(
        self,
        document: Schema,
        samples: Mapping[str, Any],
        *,
        seed: int | str,
        today: date,
        per_table: int | None = None,
        owner: UUID | None = None,
        namespace: UUID | None = None,
    ) -> None:
        self.document = document
        self.seed = f"{document.name}/{seed}"
        self.today = today
        self.owner = owner
        self._samples = samples
        self._per_table = per_table
        self._namespace = namespace or uuid5(NAMESPACE_URL, f"vibecrm:samples:{document.name}:{seed}")
        self._rows: dict[str, list[Row]] = {}
        self._open: set[tuple[UUID, str]] = set()
        self._unique = {table.name: _combinations(table) for table in document}
        self._seen: dict[tuple[str, ...], set[tuple[Any, ...]]] = {}

    def rows(self, table: str) -> Sequence[Row]:
        """The records of a table; none yet while they are being counted."""
        if table not in self._rows:
            self._rows[table] = []
            self._rows[table] = self._begun(self.document.table(table))
        return self._rows[table]

    def keyed(self, table: str, key: str) -> Row | None:
        """The written record of that key; None where fewer records were asked for than are written."""
        keys = [entry.get("key") for entry in self._said(table).get("rows", ())]
        if key not in keys:
            raise SampleError(f"Samples of {table}: no record has the key {key!r}.")
        number = keys.index(key)
        rows = self.rows(table)
        return rows[number] if number < len(rows) else None

    def domain(self, table: str) -> str:
        """The domain of the e-mail addresses of a table's people; empty where each has their own."""
        return str(self._said(table).get("domain", ""))

    def value(self, row: Row, column: str) -> Any:
        """A value of a record, as Python has it; a link is a row."""
        if column not in row.cells:
            place = (row.id, column)
            if place in self._open:
                raise SampleError(f"Samples of {row.table.name}.{column}: the value depends on itself.")
            self._open.add(place)
            row.cells[column] = self._unlike_others(row, row.table.column(column))
            self._open.discard(place)
        return row.cells[column]

    def _said(self, table: str) -> Mapping[str, Any]:
        said: Mapping[str, Any] = self._samples.get(table, {})
        return said

    def _begun(self, table: Table) -> list[Row]:
        """The records with what is said of each, and no value yet."""
        said = self._said(table.name)
        written = said.get("rows", ())
        if "each" in said:
            told, alone = self._of_each(table, said["each"]), said.get("count", 0)
        else:
            told, alone = [], self._per_table or said.get("count") or len(written) or _USUAL_COUNT
        told += [{}] * min(alone, self._room(table))
        rows = []
        for number, links in enumerate(told):
            is_written = number < len(written)
            own = written[number] if is_written else self._kind(table, number)
            identity = uuid5(self._namespace, f"{table.name}/{number}")
            rows.append(Row(table, number, identity, {**own, **links}, is_written and bool(said.get("complete"))))
        return rows

    def _of_each(self, table: Table, each: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What is told of the records that belong to each record of another table: its link, and what `with` adds."""
        column = table.column(each["link"])
        cell = Cell(self, Row(table, 0, self._namespace, {}, is_complete=False), column)
        low, high = each.get("times", (1, 1))
        return [
            {**more, column.name: target}
            for target in rows_where(cell, column.config["to_table"], each.get("where", {}))
            for _ in range(chance(self.seed, table.name, "times", target.number).randint(low, high))
            for more in each.get("with", ({},))
        ]

    def _kind(self, table: Table, number: int) -> Mapping[str, Any]:
        """Values that go together, such as the name and the price of a service."""
        kinds: Sequence[Mapping[str, Any]] = self._said(table.name).get("kinds", ())
        if not kinds:
            return {}
        row = Row(table, number, self._namespace, {}, is_complete=False)
        return Cell(self, row, table.columns[0]).dealt(kinds, "kind")

    def _room(self, table: Table) -> int:
        """How many records differ in what has to be unique, as far as links and options decide it."""
        groups = self._unique[table.name]
        sizes = [[self._choices(table.column(name)) for name in group] for group in groups]
        return min((prod(group) for group in sizes if all(group)), default=sys.maxsize)

    def _choices(self, column: Column) -> int:
        """How many values there are to choose from; 0 for no end of them."""
        if column.is_reference:
            return len(self.rows(column.config["to_table"]))
        return len(column.config.get("options", ()))

    def _unlike_others(self, row: Row, column: Column) -> Any:
        """The value, made until no other record has it where that matters."""
        groups = [group for group in self._unique[row.table.name] if group[-1] == column.name]
        for attempt in range(_ATTEMPTS):
            cell = Cell(self, row, column, attempt)
            value = self._checked(cell, self._made(cell))
            keys = {(row.table.name, *group): self._key(row, group, value) for group in groups}
            if all(None in key or key not in self._seen.get(place, set()) for place, key in keys.items()):
                for place, key in keys.items():
                    self._seen.setdefault(place, set()).add(key)
                return value
        raise SampleError(f"Samples of {row.table.name}.{column.name}: there are not enough different values.")

    def _key(self, row: Row, group: tuple[str, ...], last: Any) -> tuple[Any, ...]:
        return (*(self.value(row, name) for name in group[:-1]), last)

    def _made(self, cell: Cell) -> Any:
        """What is told of the record, or of the column, or else likely."""
        told, name = cell.row.told, cell.column.name
        if name in told:
            value = told[name]
            if isinstance(value, Row) or (isinstance(value, list | tuple) and not cell.column.is_relation):
                return value
            return [cook(cell, key) for key in value] if isinstance(value, list | tuple) else cook(cell, value)
        if cell.row.is_complete and not cell.column.required:
            return None
        columns = self._said(cell.row.table.name).get("columns", {})
        return cook(cell, columns[name]) if name in columns else usual(cell)

    def _checked(self, cell: Cell, raw: Any) -> Any:
        """The value as Python has it, if it is one of the column's."""
        column = cell.column
        if raw is None:
            if column.required:
                raise cell.error("the column is required")
            return None
        if column.is_relation:
            return raw
        kind = column_types.get(column.type)
        try:
            return kind.value(column, _written(kind, column, raw))
        except ValueError as error:
            raise cell.error(f"{raw!r} does not fit: {error}") from error


def _combinations(table: Table) -> list[tuple[str, ...]]:
    """The columns, alone or together, of which no two records may have the same values; in the table's order."""
    order = [column.name for column in table.columns]
    alone = [(column.name,) for column in table.columns if column.unique]
    return alone + [tuple(sorted(group, key=order.index)) for group in table.unique]


def _written(kind: ColumnType, column: Column, raw: Any) -> Json:
    """What a recipe made, in the form that the API takes."""
    if isinstance(raw, Decimal):
        if str not in kind.json_types:
            return int(raw.to_integral_value())
        if "scale" in kind.settings:
            return str(raw.quantize(Decimal(1).scaleb(-int(kind.setting(column, "scale")))))
    return as_json(raw)


def as_json(value: Any) -> Json:
    """A value as the API has it."""
    match value:
        case Row():
            return str(value.id)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return duration_string(value)
        case Decimal() | UUID():
            return str(value)
        case list() | tuple():
            return [as_json(item) for item in value]
    return thaw(value)

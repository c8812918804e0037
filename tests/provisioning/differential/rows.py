"""The rows of a table as values: those in sight, and those that the archive keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schemas.document import Column, Table

Values = dict[UUID, Any]
"""Values of a column by row."""

UNKNOWN: Final = object()
"""A value that PostgreSQL chooses: it has to be there, and to stay from then on."""


@dataclass
class Row:
    """What every row has."""

    user_id: UUID
    created_at: datetime
    updated_at: datetime


@dataclass
class Slot:
    """A column and its values by row; a row without one has none."""

    column: Column
    values: Values = field(default_factory=dict)


@dataclass
class Fill:
    """What a version filled where a column that it requires was empty."""

    number: int
    column: Column
    values: Values


@dataclass
class Rows:
    """A table with its rows, its columns, those that went out of sight, and what was filled, the latest last."""

    table: Table
    rows: dict[UUID, Row] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    hidden: dict[str, list[Slot]] = field(default_factory=dict)
    fills: dict[str, list[Fill]] = field(default_factory=dict)

    def values(self, row: UUID) -> dict[str, Any]:
        """A row by the names of its columns."""
        return {slot.column.name: slot.values.get(row) for slot in self.slots.values()}

    def learn(self, column_id: str, row: UUID, value: Any) -> None:
        """Takes note of a value that PostgreSQL has chosen."""
        self.slots[column_id].values[row] = value
        for fill in self.fills.get(column_id, []):
            if fill.values.get(row) is UNKNOWN:
                fill.values[row] = value

    def remove(self, row: UUID) -> None:
        del self.rows[row]
        for slots in ([*self.slots.values()], *self.hidden.values()):
            for slot in slots:
                slot.values.pop(row, None)

    def hide(self, column_id: str) -> None:
        self.hidden.setdefault(column_id, []).append(self.slots.pop(column_id))

"""A sample record in the making, and the place of one of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Protocol, TypeVar
from uuid import UUID

from schemas.blueprints.samples.chance import chance, dealt
from schemas.document import Column, Json, Schema, Table

T = TypeVar("T")


class SampleError(ValueError):
    """A blueprint's samples ask for what cannot be."""


@dataclass(eq=False, slots=True)
class Row:
    """One record. Its values are made when somebody first looks at them, so it does not matter which comes first.

    Args:
        number: its place in its table, from 0.
        told: values or recipes of its own, by column.
        is_complete: whether what is not told of it stays empty, unless it has to be there.
        cells: the values that are made, as Python has them; a link is a row.
    """

    table: Table
    number: int
    id: UUID
    told: Mapping[str, Any]
    is_complete: bool
    cells: dict[str, Any] = field(default_factory=dict)


class Rows(Protocol):
    """All records, as a value in the making sees them."""

    document: Schema
    seed: str
    today: date
    owner: UUID | None

    def rows(self, table: str) -> Sequence[Row]:
        """The records of a table."""

    def value(self, row: Row, column: str) -> Any:
        """A value of a record."""

    def keyed(self, table: str, key: str) -> Row | None:
        """The written record of that key; None where fewer records were asked for than are written."""

    def domain(self, table: str) -> str:
        """The domain of the e-mail addresses of a table's people; empty where each has their own."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one value.

    Args:
        attempt: how many values were made for this place that another record has already.
    """

    data: Rows
    row: Row
    column: Column
    attempt: int = 0

    def chance(self, *more: object) -> Random:
        """Random numbers for this value alone."""
        return chance(self.data.seed, self.row.table.name, self.column.name, self.row.number, self.attempt, *more)

    def dealt(self, values: Sequence[T], *more: object) -> T:
        """One of the values. Those of the column's records come up in turn, shuffled."""
        if self.attempt:
            return self.chance(*more).choice(values)
        return dealt(values, self.row.number, self.data.seed, self.row.table.name, self.column.name, *more)

    def look(self, path: str) -> Any:
        """The value at the end of a path such as `invoice_id.due_date`; None where a link on the way is empty.

        A table that links to the record so far stands for the first record of it that does: `unit_id.leases.rent`.
        """
        here: Any = self.row
        for step in path.split("."):
            if here is None:
                return None
            if isinstance(here, Row) and any(column.name == step for column in here.table.columns):
                here = self.data.value(here, step)
            elif isinstance(here, Row) and self.data.document.has_table(step):
                here = next(iter(self.children(step, here)), None)
            else:
                raise self.error(f"there is no {path!r} to look at")
        return here

    def children(self, table: str, parent: Row | None = None) -> list[Row]:
        """The records of that table that link to this one, or to `parent`, by the first column that can."""
        parent = parent or self.row
        links = (column for other, column in self.data.document.referencing(parent.table.name) if other.name == table)
        link = next((column.name for column in links if column.is_reference), None)
        if link is None:
            raise self.error(f"{table} does not link to {parent.table.name}")
        return [row for row in self.data.rows(table) if self.data.value(row, link) is parent]

    def error(self, sentence: str) -> SampleError:
        """What is wrong here."""
        return SampleError(f"Samples of {self.row.table.name}.{self.column.name}: {sentence}.")


def is_among(value: Any, wanted: Json) -> bool:
    """Whether a value is the wanted one, or one of those wanted."""
    return value in wanted if isinstance(wanted, list | tuple) else value == wanted

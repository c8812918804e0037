"""Operations on relations: add, drop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from schemas.document import Column, Json, Schema
from schemas.generation import edits
from schemas.generation.edits import OperationError
from schemas.generation.operations.base import Operation, name_in
from schemas.generation.operations.columns import AddColumn, DropColumn


@dataclass(frozen=True, slots=True)
class AddRelation(Operation):
    """Adds a relation, given as it stands in a document's `relationships`."""

    key: ClassVar[str] = "add_relation"
    table: str
    column: Column

    def apply(self, schema: Schema) -> Schema:
        """Adds the column that points to the other table."""
        edits.table(schema, self.column.config["to_table"])
        return AddColumn(self.table, self.column).apply(schema)

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> AddRelation:
        """Reads `relationship`, an object."""
        return cls(*Column.from_relationship(data.get("relationship"), "$.relationship"))


@dataclass(frozen=True, slots=True)
class DropRelation(Operation):
    """Removes a relation."""

    key: ClassVar[str] = "drop_relation"
    table: str
    column: str

    def apply(self, schema: Schema) -> Schema:
        """Takes the column out, if it is one that points to another table."""
        if not edits.column(edits.table(schema, self.table), self.column).is_relation:
            raise OperationError(f"The column {self.column!r} of {self.table!r} is no relation.")
        return DropColumn(self.table, self.column).apply(schema)

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> DropRelation:
        """Reads `table` and `column`."""
        return cls(name_in(data, "table"), name_in(data, "column"))

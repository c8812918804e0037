"""Operations on tables: add, drop, rename."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from schemas.document import Json, Schema, Table
from schemas.generation import edits
from schemas.generation.edits import OperationError
from schemas.generation.operations.base import Operation, name_in
from schemas.generation.operations.columns import DropColumn
from schemas.names import humanise, plural, singular


@dataclass(frozen=True, slots=True)
class AddTable(Operation):
    """Adds a table, given as it stands in a document's `tables`."""

    key: ClassVar[str] = "add_table"
    table: Table

    def apply(self, schema: Schema) -> Schema:
        """Appends the table under an id that no other table has."""
        if schema.has_table(self.table.name):
            raise OperationError(f"There is a table named {self.table.name!r} already.")
        taken = {table.id for table in schema}
        table = replace(self.table, id=edits.free_id(self.table.id, taken))
        return replace(schema, tables=(*schema.tables, table))

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> AddTable:
        """Reads `table`, an object."""
        return cls(Table.from_json(data.get("table"), "$.table"))


@dataclass(frozen=True, slots=True)
class DropTable(Operation):
    """Removes a table, and the relations that pointed to it."""

    key: ClassVar[str] = "drop_table"
    table: str

    def apply(self, schema: Schema) -> Schema:
        """Takes the table out."""
        edits.table(schema, self.table)
        if len(schema.tables) == 1:
            raise OperationError(f"{self.table!r} is the only table: an application needs at least one.")
        for table, column in list(schema.referencing(self.table)):
            schema = DropColumn(table.name, column.name).apply(schema)
        return replace(schema, tables=tuple(table for table in schema if table.name != self.table))

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> DropTable:
        """Reads `table`."""
        return cls(name_in(data, "table"))


@dataclass(frozen=True, slots=True)
class RenameTable(Operation):
    """Gives a table another name, and the labels that follow from it."""

    key: ClassVar[str] = "rename_table"
    table: str
    new_name: str

    def apply(self, schema: Schema) -> Schema:
        """Renames the table, also where relations point to it."""
        before = edits.table(schema, self.table)
        if schema.has_table(self.new_name):
            raise OperationError(f"There is a table named {self.new_name!r} already.")
        hints = replace(
            before.ui_hints,
            label=humanise(singular(self.new_name)),
            label_plural=humanise(plural(singular(self.new_name))),
        )
        schema = edits.with_table(schema, self.table, replace(before, name=self.new_name, ui_hints=hints))
        for table, column in list(schema.referencing(self.table)):
            moved = replace(column, config={**column.config, "to_table": self.new_name})
            schema = edits.with_columns(schema, table.name, edits.swapped(table.columns, column.name, moved))
        return schema

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> RenameTable:
        """Reads `table` and `new_name`."""
        return cls(name_in(data, "table"), name_in(data, "new_name"))

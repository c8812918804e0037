"""Operations on columns: add, drop, rename, change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from schemas.column_types import column_types
from schemas.document import Column, Json, Schema
from schemas.generation import edits
from schemas.generation.edits import OperationError
from schemas.generation.operations.base import Operation, name_in


@dataclass(frozen=True, slots=True)
class AddColumn(Operation):
    """Adds a column, given as it stands in a table's `columns`."""

    key: ClassVar[str] = "add_column"
    table: str
    column: Column

    def apply(self, schema: Schema) -> Schema:
        """Puts the column behind the others, relations last as in documents."""
        table = edits.table(schema, self.table)
        if any(column.name == self.column.name for column in table.columns):
            raise OperationError(f"The table {self.table!r} has a column {self.column.name!r} already.")
        column = replace(self.column, id=edits.free_id(self.column.id, {column.id for column in table.columns}))
        columns = [*table.columns, column]
        return edits.with_columns(schema, self.table, sorted(columns, key=lambda item: item.is_relation))

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> AddColumn:
        """Reads `table` and `column`, an object."""
        return cls(name_in(data, "table"), Column.from_json(data.get("column"), "$.column"))


@dataclass(frozen=True, slots=True)
class DropColumn(Operation):
    """Removes a column from a table and from its hints, indexes and unique combinations."""

    key: ClassVar[str] = "drop_column"
    table: str
    column: str

    def apply(self, schema: Schema) -> Schema:
        """Takes the column out."""
        table = edits.table(schema, self.table)
        edits.column(table, self.column)
        kept = tuple(column for column in table.columns if column.name != self.column)
        if not kept:
            raise OperationError(f"{self.column!r} is the only column of {self.table!r}: remove the table instead.")
        without = replace(
            table,
            columns=kept,
            ui_hints=edits.renamed_hints(table.ui_hints, self.column, ""),
            indexes=tuple(names for names in table.indexes if self.column not in names),
            unique=tuple(names for names in table.unique if self.column not in names),
        )
        return edits.with_table(schema, self.table, without)

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> DropColumn:
        """Reads `table` and `column`."""
        return cls(name_in(data, "table"), name_in(data, "column"))


@dataclass(frozen=True, slots=True)
class RenameColumn(Operation):
    """Gives a column another name; its data stay."""

    key: ClassVar[str] = "rename_column"
    table: str
    column: str
    new_name: str

    def apply(self, schema: Schema) -> Schema:
        """Renames the column, also in hints, indexes and unique combinations."""
        table = edits.table(schema, self.table)
        before = edits.column(table, self.column)
        if any(column.name == self.new_name for column in table.columns):
            raise OperationError(f"The table {self.table!r} has a column {self.new_name!r} already.")
        renamed = replace(
            table,
            columns=edits.swapped(table.columns, self.column, replace(before, name=self.new_name, label="")),
            ui_hints=edits.renamed_hints(table.ui_hints, self.column, self.new_name),
            indexes=edits.renamed_groups(table.indexes, self.column, self.new_name),
            unique=edits.renamed_groups(table.unique, self.column, self.new_name),
        )
        return edits.with_table(schema, self.table, renamed)

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> RenameColumn:
        """Reads `table`, `column` and `new_name`."""
        return cls(name_in(data, "table"), name_in(data, "column"), name_in(data, "new_name"))


@dataclass(frozen=True, slots=True)
class ChangeColumn(Operation):
    """Changes facts of a column: `set` holds them under the keys that a document uses."""

    key: ClassVar[str] = "change_column"
    table: str
    column: str
    set: Mapping[str, Json]

    def apply(self, schema: Schema) -> Schema:
        """Sets the facts. A new type keeps those of the old one's settings that it has too, but not its default."""
        table = edits.table(schema, self.table)
        before = edits.column(table, self.column)
        data = before.to_relationship(table.name) if before.is_relation else before.to_json()
        kind = self.set.get("type", before.type)
        if not before.is_relation and kind != before.type:
            known = column_types.get(kind).settings if isinstance(kind, str) and kind in column_types else {}
            foreign = set(before.config) - set(known)
            data = {key: value for key, value in data.items() if key not in foreign | {"default"}}
        data |= dict(self.set)
        after = Column.from_relationship(data, "$.set")[1] if before.is_relation else Column.from_json(data, "$.set")
        return edits.with_columns(schema, self.table, edits.swapped(table.columns, self.column, after))

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> ChangeColumn:
        """Reads `table`, `column` and `set`, an object; a name or an id is not among what can be set."""
        facts = data.get("set")
        if not isinstance(facts, Mapping) or not facts or {"id", "name", "from_column", "from_table"} & set(facts):
            raise OperationError("`set` must hold the facts of the column that change; rename_column changes its name.")
        return cls(name_in(data, "table"), name_in(data, "column"), facts)

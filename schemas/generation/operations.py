"""The closed vocabulary in which an engine changes a schema that exists.

Whatever an engine was talked into, it can do no more than what is listed here, and every operation touches only what
it names: the rest of the schema stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from core.registry import Registry
from schemas.column_types import column_types
from schemas.document import Column, DocumentError, Json, Schema, Table
from schemas.generation import edits
from schemas.generation.edits import OperationError
from schemas.names import humanise, plural, singular


class Operation:
    """One change of a schema."""

    key: ClassVar[str]

    def apply(self, schema: Schema) -> Schema:
        """The schema after the change; raises `OperationError`."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Operation:
        """Reads the operation; raises `OperationError` or `DocumentError`."""
        raise NotImplementedError


operations: Registry[type[Operation]] = Registry("operation")


def _vocabulary(cls: type[Operation]) -> type[Operation]:
    return operations.register(cls.key, cls)


def operations_from_json(data: Iterable[Json]) -> tuple[Operation, ...]:
    """Reads a list of operations, each an object with `op` and what that operation needs.

    Raises:
        OperationError: at the first that is unknown or lacks something.
    """
    return tuple(_read(item) for item in data)


def apply_all(schema: Schema, steps: Iterable[Operation]) -> Schema:
    """The schema after every step, in order; raises `OperationError` at the first that cannot be done."""
    for step in steps:
        try:
            schema = step.apply(schema)
        except DocumentError as error:
            raise OperationError(f"{step.key}: {error}") from error
    return schema


@_vocabulary
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


@_vocabulary
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
        return cls(_name(data, "table"))


@_vocabulary
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
        return cls(_name(data, "table"), _name(data, "new_name"))


@_vocabulary
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
        return cls(_name(data, "table"), Column.from_json(data.get("column"), "$.column"))


@_vocabulary
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
        return cls(_name(data, "table"), _name(data, "column"))


@_vocabulary
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
        return cls(_name(data, "table"), _name(data, "column"), _name(data, "new_name"))


@_vocabulary
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
        return cls(_name(data, "table"), _name(data, "column"), facts)


@_vocabulary
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


@_vocabulary
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
        return cls(_name(data, "table"), _name(data, "column"))


def _read(item: Json) -> Operation:
    if not isinstance(item, Mapping):
        raise OperationError("Every operation is an object with `op`.")
    key = item.get("op")
    if not isinstance(key, str) or key not in operations:
        raise OperationError(f"There is no operation {key!r}. Known: {', '.join(operations.names())}.")
    try:
        return operations.get(key).from_json(item)
    except DocumentError as error:
        raise OperationError(f"{key}: {error}") from error


def _name(data: Mapping[str, Json], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise OperationError(f"The operation {data.get('op')!r} needs `{key}`, a name.")
    return value

"""The schema document as values: what a project's tables are, independent of any database.

A `Schema` is immutable. `Schema.from_json` reads the document of the API and of stored versions, `to_json` writes it
back in canonical form, so that equal schemas have equal bytes and equal hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.column import MANY_TO_MANY, SYSTEM_COLUMNS, TIMESTAMPS, Column, stable_id
from schemas.json_values import (
    DocumentError,
    Json,
    read_list,
    read_names,
    read_object,
    read_text,
    thaw,
)
from schemas.names import humanise, plural, singular

__all__ = [
    "MANY_TO_MANY",
    "SYSTEM_COLUMNS",
    "TIMESTAMPS",
    "Column",
    "DocumentError",
    "Json",
    "Schema",
    "Table",
    "UIHints",
    "stable_id",
    "thaw",
]


@dataclass(frozen=True, slots=True)
class UIHints:
    """How people see a table. Nothing here reaches PostgreSQL."""

    label: str = ""
    label_plural: str = ""
    icon: str = ""
    title_column: str = ""
    list_columns: tuple[str, ...] = ()
    default_sort: str = ""

    def to_json(self) -> dict[str, Json]:
        """The hints that are set."""
        data = {key: getattr(self, key) for key in self.__slots__ if getattr(self, key)}
        if self.list_columns:
            data["list_columns"] = list(self.list_columns)
        return data

    @classmethod
    def from_json(cls, data: Json, path: str) -> UIHints:
        """Reads `ui_hints`; raises `DocumentError`. Unknown hints are left out."""
        entry = read_object(data, path)
        texts = {key: read_text(entry, key, path, "") for key in cls.__slots__ if key != "list_columns"}
        return cls(list_columns=read_names(entry.get("list_columns", []), f"{path}.list_columns"), **texts)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in display order, relations among them."""

    id: str
    name: str
    columns: tuple[Column, ...] = ()
    access: str = "private"
    ui_hints: UIHints = UIHints()
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    description: str = ""

    def __post_init__(self) -> None:
        # One order for what has none of its own, so that equal tables are equal: JSON keeps relations apart.
        object.__setattr__(self, "columns", tuple(sorted(self.columns, key=lambda column: column.is_relation)))
        object.__setattr__(self, "indexes", tuple(sorted(set(self.indexes))))
        object.__setattr__(self, "unique", tuple(sorted(set(self.unique))))

    @property
    def label(self) -> str:
        """What one row is called, such as `Property`."""
        return self.ui_hints.label or humanise(singular(self.name))

    @property
    def label_plural(self) -> str:
        """What the rows are called, such as `Properties`."""
        return self.ui_hints.label_plural or plural(self.label)

    @property
    def title_column(self) -> Column | None:
        """The column that names a row to people: the hinted one, else the first required one, else the first."""
        plain = [column for column in self.columns if column.can_be_title]
        hinted = next((column for column in plain if column.name == self.ui_hints.title_column), None)
        return hinted or next((column for column in plain if column.required), plain[0] if plain else None)

    @property
    def list_columns(self) -> tuple[Column, ...]:
        """The columns a list shows: the hinted ones (`created_at` and `updated_at` too), else the first six."""
        by_name = {column.name: column for column in (*TIMESTAMPS, *self.columns)}
        hinted = tuple(by_name[name] for name in self.ui_hints.list_columns if name in by_name)
        return hinted or self.columns[:6]

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns that the table has in PostgreSQL, beside those that every table has."""
        return tuple(column for column in self.columns if column.is_stored)

    def column(self, name: str) -> Column:
        """The column of that name; raises `KeyError`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def to_json(self) -> dict[str, Json]:
        """The table as it stands in `tables`, without its relations."""
        data: dict[str, Json] = {
            "id": self.id,
            "name": self.name,
            "access": self.access,
            "ui_hints": self.ui_hints.to_json(),
            "columns": [column.to_json() for column in self.columns if not column.is_relation],
            "indexes": [{"columns": list(names)} for names in self.indexes],
            "unique": [list(names) for names in self.unique],
        }
        return data | ({"description": self.description} if self.description else {})

    @classmethod
    def from_json(cls, data: Json, path: str) -> Table:
        """Reads one entry of `tables`; raises `DocumentError`."""
        entry = read_object(data, path)
        name = read_text(entry, "name", path)
        columns = read_list(entry.get("columns", []), f"{path}.columns")
        indexes = read_list(entry.get("indexes", []), f"{path}.indexes")
        unique = read_list(entry.get("unique", []), f"{path}.unique")
        return cls(
            id=read_text(entry, "id", path, stable_id("t", name)),
            name=name,
            columns=tuple(Column.from_json(item, f"{path}.columns[{i}]") for i, item in enumerate(columns)),
            access=read_text(entry, "access", path, "private"),
            ui_hints=UIHints.from_json(entry.get("ui_hints", {}), f"{path}.ui_hints"),
            indexes=tuple(_index(item, f"{path}.indexes[{i}]") for i, item in enumerate(indexes)),
            unique=tuple(read_names(item, f"{path}.unique[{i}]") for i, item in enumerate(unique)),
            description=read_text(entry, "description", path, ""),
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole schema document."""

    name: str
    tables: tuple[Table, ...] = ()
    version: str = "1.0.0"

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def table(self, name: str) -> Table:
        """The table of that name; raises `KeyError`."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def has_table(self, name: str) -> bool:
        """Whether a table of that name exists."""
        return any(table.name == name for table in self.tables)

    def referencing(self, name: str) -> Iterator[tuple[Table, Column]]:
        """Every (table, column) that points to the table of that name."""
        for table in self.tables:
            for column in table.columns:
                if column.config.get("to_table") == name:
                    yield table, column

    def to_json(self) -> dict[str, Json]:
        """The document in canonical form: what `from_json` reads back as an equal schema."""
        return {
            "version": self.version,
            "name": self.name,
            "tables": [table.to_json() for table in self.tables],
            "relationships": [
                column.to_relationship(table.name)
                for table in self.tables
                for column in table.columns
                if column.is_relation
            ],
        }

    def canonical_bytes(self) -> bytes:
        """The document as bytes that depend on nothing but its meaning."""
        return json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical bytes without the version number: equal for equal content."""
        return hashlib.sha256(replace(self, version="").canonical_bytes()).hexdigest()

    @classmethod
    def from_json(cls, data: Json) -> Schema:
        """Reads a document whose form is right.

        It does not judge what the document says: `schemas.validation` does, and reports every problem at once.

        Raises:
            DocumentError: at the first place where the form is wrong.
        """
        entry = read_object(data, "$")
        tables = [
            Table.from_json(item, f"$.tables[{i}]")
            for i, item in enumerate(read_list(entry.get("tables", []), "$.tables"))
        ]
        relations: dict[str, list[Column]] = {}
        for i, item in enumerate(read_list(entry.get("relationships", []), "$.relationships")):
            table_name, column = Column.from_relationship(item, f"$.relationships[{i}]")
            if not any(table.name == table_name for table in tables):
                raise DocumentError(f"$.relationships[{i}].from_table", f"There is no table named {table_name!r}.")
            relations.setdefault(table_name, []).append(column)
        return cls(
            name=read_text(entry, "name", "$"),
            version=read_text(entry, "version", "$", "1.0.0"),
            tables=tuple(replace(table, columns=(*table.columns, *relations.get(table.name, ()))) for table in tables),
        )


def _index(value: Json, path: str) -> tuple[str, ...]:
    return read_names(read_object(value, path).get("columns", []), f"{path}.columns")
